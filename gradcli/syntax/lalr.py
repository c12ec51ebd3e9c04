"""Run the LALR tables made from ``grammar/*.lark``: tokens → concrete tree, without recursion.

The tables are Lark's own (see `tables`), so this reads exactly what Lark reads, at a thirtieth of the start-up:
importing Lark and building its parser takes six times as long as a bare interpreter.
"""

from __future__ import annotations

from gradcli.errors import LIMIT, GradError, Source, Span
from gradcli.light import Record
from gradcli.syntax.lexer import Token
from gradcli.syntax.tables import tables
from gradcli.wording import said

# Brackets, powers, signs and functions that wait for what follows them: their number on the stack is the nesting depth.
_OPENERS = frozenset(
    ("LPAR", "LSQB", "LBRACE", "_INDEX", "_LBAR", "_LNORM", "_LANGLE", "_POWER", "_MINUS", "FUNCTION", "ROOT", "_BEGIN", "_BIG")
)


class Tree(Record):
    """A rule that was recognised: its name, its children (trees and tokens), where it stands."""

    kind: str
    children: list[Tree | Token]
    start: int
    end: int

    @property
    def span(self) -> Span:
        """Return where it stands, as (start, end)."""
        return self.start, self.end


def parse(grammar: str, tokens: list[Token], source: Source, depth: int = 1_000) -> Tree:
    """Return the concrete tree of tokens, or raise a GradError that points at what is wrong."""
    table = tables(grammar)
    states, rules, final = table["states"], table["rules"], table["end"]
    state_stack = [table["start"]]
    value_stack: list[Tree | Token] = []
    pending = 0
    for token in tokens:
        while True:
            action = states[state_stack[-1]].get(token.kind)
            if action is None:
                from gradcli.syntax.mistakes import unexpected

                raise unexpected(token, states[state_stack[-1]], tokens, source)
            if action >= 0:
                break
            origin, length, name, keep = rules[-action - 1]
            popped = value_stack[len(value_stack) - length :] if length else []
            del state_stack[len(state_stack) - length :], value_stack[len(value_stack) - length :]
            for part in popped:
                pending -= part.kind in _OPENERS
            value_stack.append(_node(name, keep, popped, token))
            state_stack.append(states[state_stack[-1]][origin])
            if state_stack[-1] == final and token.kind == "$END":
                tree = value_stack[0]
                assert isinstance(tree, Tree)
                return tree
        state_stack.append(action)
        value_stack.append(token)
        if token.kind in _OPENERS:
            pending += 1
            if pending > depth:
                raise GradError(
                    "too-deep", said("more than {0} brackets, powers and signs inside one another", depth),
                    (token.start, token.end), source=source, code=LIMIT, hint=said("raise it: --limit depth={0}", 10 * max(depth, 10)),
                )  # fmt: skip
    raise AssertionError("the end of the text is always either accepted or unexpected")


def _node(name: str | None, keep: tuple[int, ...], popped: list[Tree | Token], following: Token) -> Tree | Token:
    """Build what a rule leaves: a tree; for ``?rule`` with one child, that child; for ``_rule``, a list to splice."""
    start, end = (popped[0].start, popped[-1].end) if popped else (following.start, following.start)
    first = popped[keep[0]] if keep else None
    if name is None and first is not None:  # ?rule: the child stands for itself, wearing its brackets in its span
        return first
    splice = name is not None and name[0] == "_"
    if splice and isinstance(first, Tree) and first.kind[0] == "_":
        children = first.children  # a list rule grows in place: copying it at each item would be quadratic
        rest = keep[1:]
    else:
        children, rest = [], keep
    for index in rest:
        part = popped[index]
        if isinstance(part, Tree) and part.kind[0] == "_":
            children += part.children
        else:
            children.append(part)
    return Tree(name or "", children, start, end)
