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


_leaps: dict[str, dict[tuple[int, str, str], int]] = {"plain": {}, "latex": {}, "worksheet": {}}


def parse(grammar: str, tokens: list[Token], source: Source, depth: int = 1_000) -> Tree:
    """Return the concrete tree of tokens, or raise a GradError that points at what is wrong."""
    table, leaps, made = tables(grammar), _leaps[grammar], tuple.__new__
    states, rules, final, state = table["states"], table["rules"], table["end"], table["start"]
    below: list[int] = []  # the states under this one
    values: list[Tree | Token] = []
    pending = 0
    for token in tokens:
        kind = token[0]
        while True:
            action = states[state].get(kind)
            if action is None:
                from gradcli.syntax.mistakes import unexpected

                raise unexpected(token, states[state], tokens, source)
            if action >= 0:
                break
            origin, length, name, keep = rules[-action - 1]
            if length == 1:  # a name, a number, or what stands for itself
                if name is not None:
                    first = values[-1]
                    plain = keep and name[0] != "_" != first[0][0]
                    values[-1] = made(Tree, (name, [first], first[2], first[3])) if plain else _node(name, keep, [first], token)
            else:
                if not length:
                    below.append(state)
                at = len(values) - length
                popped = values[at:]
                for part in popped:
                    if part[0] in _OPENERS:
                        pending -= 1
                del values[at:], below[at + 1 :]
                values.append(_node(name, keep, popped, token))
            under = below[-1]
            leap = under, origin, kind
            if leap in leaps:
                state = leaps[leap]
            else:
                state = leaps[leap] = _leap(states, rules, leap)
            if state == final and kind == "$END":
                tree = values[0]
                assert isinstance(tree, Tree)
                return tree
        below.append(state)
        state = action
        values.append(token)
        if kind in _OPENERS:
            pending += 1
            if pending > depth:
                raise GradError(
                    "too-deep", said("more than {0} brackets, powers and signs inside one another", depth),
                    (token.start, token.end), source=source, code=LIMIT, hint=said("raise it: --limit depth={0}", 10 * max(depth, 10)),
                )  # fmt: skip
    raise AssertionError("the end of the text is always either accepted or unexpected")


def _leap(states: list[dict[str, int]], rules: list[tuple[str, int, str | None, tuple[int, ...]]], at: tuple[int, str, str]) -> int:
    """Return the state behind a rule: past all the rules of one child that stands for itself (atom, power, … sum) that must follow.

    They do nothing to the tree, and are most of the steps of a grammar with ranks; so each row of them is gone through once.
    """
    under, origin, kind = at
    while True:
        state = states[under][origin]
        action = states[state].get(kind)
        if action is None or action >= 0:
            return state
        origin, length, name, _ = rules[-action - 1]
        if name is not None or length != 1:
            return state


def _node(name: str | None, keep: tuple[int, ...], popped: list[Tree | Token], following: Token) -> Tree | Token:
    """Build what a rule leaves: a tree; for ``?rule`` with one child, that child; for ``_rule``, a list to splice."""
    start, end = (popped[0][2], popped[-1][3]) if popped else (following.start, following.start)
    if keep:
        first = popped[keep[0]]
        if name is None:  # ?rule: the child stands for itself, wearing its brackets in its span
            return first
        if name[0] == "_" == first[0][0] and isinstance(first, Tree):
            children = first.children  # a list rule grows in place: copying it at each item would be quadratic
            keep = keep[1:]
        else:
            children = []
        for index in keep:
            part = popped[index]
            if part[0][0] == "_" and isinstance(part, Tree):
                children += part.children
            else:
                children.append(part)
    else:
        children = []
    return tuple.__new__(Tree, (name or "", children, start, end))
