"""Run the LALR tables made from ``grammar/*.lark``: text → concrete tree, without recursion.

The tables are Lark's own (see `tables`), so this reads exactly what Lark reads, at a thirtieth of the start-up:
importing Lark and building its parser takes six times as long as a bare interpreter.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from gradcli import ops
from gradcli.errors import LIMIT, GradError, Source, Span
from gradcli.syntax.tables import Tables, tables

# Brackets, powers and signs that wait for what follows them: their number on the stack is the nesting depth.
_OPENERS = frozenset(("LPAR", "LSQB", "_POWER", "_MINUS"))

_WORDS = {
    "NAME": "a name", "NUMBER": "a number", "LPAR": "(", "RPAR": ")", "LSQB": "[", "RSQB": "]", "COMMA": ",",
    "_SEP": "the end of the line", "$END": "the end", "EQUAL": "=", "COLON": ":", "COMPARE": "a comparison",
    "_PLUS": "+", "_MINUS": "-", "_TIMES": "*", "_OVER": "/", "_AT": "@", "_POWER": "^", "_PRIME": "'", "BANG": "!",
    "_DOT_TIMES": ".*",
}  # fmt: skip


class Token(NamedTuple):
    """A word of the text: its terminal, its characters, where it stands."""

    kind: str
    text: str
    start: int
    end: int


class Tree(NamedTuple):
    """A rule that was recognised: its name, its children (trees and tokens), where it stands."""

    kind: str
    children: list[Tree | Token]
    start: int
    end: int

    @property
    def span(self) -> Span:
        """Return where it stands, as (start, end)."""
        return self.start, self.end


class _Lexer:
    def __init__(self, table: Tables) -> None:
        self.match = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in table["terminals"])).match
        self.ignore = frozenset(table["ignore"])


_lexers: dict[str, _Lexer] = {}


def parse(grammar: str, source: Source, start: int = 0, end: int | None = None, depth: int = 1_000) -> Tree:
    """Return the concrete tree of source.text[start:end], or raise a GradError that points at what is wrong."""
    table = tables(grammar)
    lexer = _lexers.get(grammar) or _lexers.setdefault(grammar, _Lexer(table))
    return _run(table, _tokens(lexer, source, start, len(source.text) if end is None else end), source, depth)


def _tokens(lexer: _Lexer, source: Source, start: int, end: int) -> list[Token]:
    out: list[Token] = []
    text, match, ignore, position = source.text, lexer.match, lexer.ignore, start
    while position < end:
        found = match(text, position, end)
        if found is None:
            raise _strange_character(source, position)
        kind = found.lastgroup
        assert kind is not None
        stop = found.end()
        if kind not in ignore:
            out.append(Token(kind, found.group(), position, stop))
        position = stop
    out.append(Token("$END", "", end, end))
    return out


def _run(table: Tables, tokens: list[Token], source: Source, depth: int) -> Tree:
    states, rules, final = table["states"], table["rules"], table["end"]
    state_stack = [table["start"]]
    value_stack: list[Tree | Token] = []
    pending = 0
    for token in tokens:
        while True:
            action = states[state_stack[-1]].get(token.kind)
            if action is None:
                raise _unexpected(token, states[state_stack[-1]], tokens, source)
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
                    "too-deep", f"more than {depth} brackets, powers and signs inside one another",
                    (token.start, token.end), source=source, code=LIMIT, hint=f"raise it: --limit depth={10 * max(depth, 10)}",
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


# ---- what is wrong ------------------------------------------------------------------------------------------


def _strange_character(source: Source, position: int) -> GradError:
    from unicodedata import name

    char = source.text[position]
    shown = char if char.isprintable() else ""
    message = f"this character is not in the language: {shown} U+{ord(char):04X} {name(char, '')}".rstrip()
    return GradError("unknown-character", message, (position, position + 1), source=source, hint=_INSTEAD.get(char, ""))


_INSTEAD = {
    "|": "write abs(x)", "‖": "write norm(x)", "√": "write sqrt(x)", "²": "write ^2", "³": "write ^3", "\\": "LaTeX is not read here",
    "{": "write round brackets", "σ": "write sigmoid(x)", "∞": "write inf",
}  # fmt: skip


_CLOSES = {"RPAR": "LPAR", "RSQB": "LSQB"}


def _unexpected(token: Token, actions: dict[str, int], tokens: list[Token], source: Source) -> GradError:
    bracket = _bracket(tokens, source)
    if bracket is not None:
        return bracket
    span = (token.start, max(token.end, token.start + 1))
    if len(tokens) == 1:
        return GradError("empty-input", "there is no expression here", span, source=source,
                         hint='for example: gradcli "(x+y)*z" x=-2 y=5 z=-4')  # fmt: skip
    before = next((t for t in reversed(tokens) if t.end <= token.start and t is not token), None)
    operand_before = before is not None and before.kind in ("NAME", "NUMBER", "RPAR", "RSQB", "_PRIME", "BANG")
    if before is not None and before.kind == "NAME" and before.text in ops.CALLS and token.kind not in ("$END", "_SEP"):
        return GradError("missing-argument", f"{before.text} needs its argument in brackets", (before.start, before.end),
                         source=source, hint=f"for example {before.text}(x)")  # fmt: skip
    if operand_before and token.kind in ("NAME", "NUMBER", "LPAR", "LSQB") and "_TIMES" in actions:
        assert before is not None
        left, right = source.text[before.start : before.end], source.text[token.start : token.end]
        rest = {"(": "…)", "[": "…]"}.get(right, "")
        return GradError("missing-operator", f"an operator is missing between {left} and {right}",
                         span, source=source, hint=f"for a product write {left}*{right}{rest}")  # fmt: skip
    if token.kind == "COMPARE" and any(t.kind == "COMPARE" for t in tokens if t.end <= token.start):
        return GradError("comparison", "a comparison has two sides", span, source=source)
    if token.kind == "COMPARE":
        return GradError("comparison", "a comparison is read only inside where(condition, a, b)", span, source=source)
    if token.kind == "EQUAL":
        return GradError("equation", "an = is read only once, after a name or a head such as f(x, y)",
                         span, source=source)  # fmt: skip
    if token.kind == "COMMA":
        return GradError("syntax", "a comma stands only between arguments and entries", span, source=source,
                         hint="a vector is written [x, y]")  # fmt: skip
    what = "the expression ends too early" if token.kind in ("$END", "_SEP") else f"{token.text} cannot stand here"
    if {"NAME", "NUMBER"} <= actions.keys():
        wanted = ["a number", "a name", "or a bracket"]
    else:
        wanted = sorted({_WORDS.get(kind, kind) for kind in actions if kind.isupper() or kind == "$END"})
    return GradError("syntax", what, span, source=source, hint=f"expected {', '.join(wanted)}")


def _bracket(tokens: list[Token], source: Source) -> GradError | None:
    """Name the bracket that has no partner, if there is one."""
    stack: list[Token] = []
    for token in tokens:
        if token.kind in ("LPAR", "LSQB"):
            stack.append(token)
        elif token.kind in _CLOSES:
            if not stack:
                return GradError("unmatched-bracket", f"this {token.text} closes nothing: it has no partner before it",
                                 (token.start, token.end), source=source)  # fmt: skip
            opened = stack.pop()
            if opened.kind != _CLOSES[token.kind]:
                labels = (((opened.start, opened.end), "opened here"), ((token.start, token.end), "closed by this"))
                return GradError("unmatched-bracket", f"{opened.text} is closed by {token.text}",
                                 labels=labels, source=source)  # fmt: skip
    if not stack:
        return None
    opened, count = stack[-1], len(stack)
    partner = ")" if opened.text == "(" else "]"
    more = f" ({count} brackets are open at the end)" if count > 1 else ""
    return GradError("unmatched-bracket", f"this {opened.text} is never closed{more}",
                     (opened.start, opened.end), source=source, hint=f"a {partner} is missing")  # fmt: skip
