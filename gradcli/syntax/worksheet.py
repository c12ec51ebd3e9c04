"""Worksheets (.grad): stages, the point, and the answers expected there, in one file."""

from __future__ import annotations

from gradcli.errors import GradError, Source, Span
from gradcli.limits import Limits
from gradcli.syntax.declared import Declared
from gradcli.syntax.lalr import Tree, parse
from gradcli.syntax.names import canonical
from gradcli.syntax.program import Program
from gradcli.syntax.lexer import tokens
from gradcli.syntax.reader import Reader


class Worksheet:
    """A program, its point as places of text (name → where its value stands), and its answers (target → where)."""

    __slots__ = ("answers", "at", "program", "source")

    def __init__(self, source: Source, program: Program, at: dict[str, Span], answers: list[tuple[str, Span]]) -> None:
        self.source, self.program, self.at, self.answers = source, program, at, answers


def read_worksheet(source: Source, limits: Limits, declared: frozenset[str] = frozenset()) -> Worksheet:
    """Return what a worksheet says; errors point at file, line and column."""
    limits.check("text", len(source.text), "characters", None, source)
    at: dict[str, Span] = {}
    answers: list[tuple[str, Span]] = []
    statements: list[Span] = []
    bound: set[str] = set()
    for line in parse("worksheet", tokens("worksheet", source), source, limits.depth).children:
        assert isinstance(line, Tree)
        start, end = line.children[0].start, line.children[0].end
        if line.kind == "statement":
            statements.append((start, end))
            continue
        for name, span in _pairs(source, start, end):
            if line.kind == "answer":
                answers.append((name, span))
            elif canonical(name) in bound:
                raise GradError("bound-twice", f"{name} is given two values", span, source=source)
            else:
                at[name] = span
                bound.add(canonical(name))
                limits.check("names", len(bound), "names", span, source)
    if not statements:
        raise GradError("empty-input", "this worksheet has no expression", (0, 1), source=source)
    reader = Reader(source, Declared(declared | bound), limits)
    for start, end in statements:
        reader.read(start, end)
    return Worksheet(source, reader.finish(), at, answers)


def _pairs(source: Source, start: int, end: int) -> list[tuple[str, Span]]:
    """Split ``x = -2, y = [1, 2]`` at the commas outside brackets, and each part at its first =."""
    pairs, depth, begin = [], 0, start
    for position in range(start, end + 1):
        char = source.text[position] if position < end else ","
        depth += (char in "([") - (char in ")]")
        if char in ",;" and (depth <= 0 or position == end):
            equal = source.text.find("=", begin, position)
            if equal < 0:
                raise GradError("syntax", "this needs the form NAME = VALUE", (begin, position), source=source)
            pairs.append((source.text[begin:equal].strip(), (equal + 1, position)))
            begin = position + 1
    return pairs
