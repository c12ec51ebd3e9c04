"""What a person wrote as an answer: a number with its digits, an array of them, a formula, or that there is none."""

from __future__ import annotations

import re
from typing import NamedTuple

from gradcli.errors import GradError, Source
from gradcli.expr import Expr, make, symbols
from gradcli.limits import Limits
from gradcli.syntax.brackets import grouping
from gradcli.syntax.declared import Declared
from gradcli.syntax.parsing import is_latex
from gradcli.syntax.program import Program
from gradcli.syntax.reader import Reader

_NOWHERE = re.compile(
    r"dne|undefined|undef|does not exist|not differentiable|не существует|не определен[аоы]?", re.IGNORECASE
)
_INFINITE = re.compile(r"([+\-−]?)\s*(?:inf|infinity|oo|∞|\\infty)", re.IGNORECASE)
_TIMES = r"(?:\*|·|×|\\cdot|\\times)"
_POWER = rf"[eE][+\-−]?[0-9]+|\s*{_TIMES}\s*10\s*\^\s*[{{(]?[+\-−]?[0-9]+[)}}]?"
_LITERAL = rf"[+\-−]?\s*(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:{_POWER})?"
_WHOLE = re.compile(rf"\s*({_LITERAL})\s*", re.ASCII)
_FRAME = re.compile(r"[,;&\[\](){}<>⟨⟩]|\\\\|\\(?:begin|end)\{[a-z]*matrix\}|\\[lr]angle|\\(?:left|right)")


class Decimal(NamedTuple):
    """A decimal as it was written: mantissa · 10^exponent, and how many of its digits are significant."""

    mantissa: int
    exponent: int
    digits: int


class Written:
    """An answer that could be read.

    ``nowhere``: the answer is that there is no derivative; ``infinite``: ±1 for an infinite one. Else ``root`` is the
    expression, ``decimals`` its numbers where it is made of plain decimals (one for a number), and ``names`` what is in it.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.nowhere = False
        self.infinite = 0
        self.root: Expr | None = None
        self.decimals: list[Decimal] | None = None
        self.names: list[str] = []
        self.inexact = False
        self.program: Program | None = None


def read_answer(
    source: Source, start: int, end: int, names: frozenset[str], arrays: frozenset[str], limits: Limits, latex: bool = False
) -> Written:
    """Read an answer that stands in a part of a text; names are those it may mention.

    Raises:
        GradError: where it cannot be read; the answer is then invalid, not wrong.

    """
    text = source.text[start:end]
    written = Written(text.strip())
    if not text.strip():
        raise GradError("not-an-answer", "there is no answer here", (start, max(end, start + 1)), source=source)
    if _NOWHERE.fullmatch(text.strip()):
        written.nowhere = True
        return written
    if found := _INFINITE.fullmatch(text.strip()):
        written.infinite = -1 if found[1] in ("-", "−") else 1
        return written
    reader = Reader(source, Declared(names, arrays), limits)
    tree = reader.read(start, end, latex=latex or is_latex(text))
    program = reader.finish()
    if program.statements != 1 or program.output_name is not None:
        raise GradError("not-an-answer", "an answer is one number or one formula", (start, end), source=source)
    root = program.output
    written.root = make("array", (root,)) if grouping(tree.children[0]) and not symbols(root) else root
    written.program = program
    written.names = [str(symbol.leaf) for symbol in symbols(root)]
    written.decimals = decimals_of(text)
    written.inexact = "." in text
    return written


def decimals_of(text: str) -> list[Decimal] | None:
    """Return the decimals of a text that holds nothing else but brackets and commas."""
    if whole := _WHOLE.fullmatch(text):
        return [_decimal(whole[1])]
    parts = [part for part in _FRAME.split(text) if part.strip()]
    found = [_WHOLE.fullmatch(part) for part in parts]
    return [_decimal(one[1]) for one in found if one] if parts and all(found) else None


def shape_of_lists(text: str) -> tuple[int, ...]:
    """Return the shape of nested lists of numbers; raise a GradError where they are none."""
    levels: list[list[tuple[int, ...]]] = [[]]
    before = ","
    for token in re.findall(r"[\[\],]|[^\[\],\s]+(?:\s+[^\[\],\s]+)*", text):
        if (token in ("]", ",")) is (before in ("[", ",")) or (token in ("]", ",") and len(levels) == 1):
            break
        if token == "[":
            levels.append([])
        elif token == "]":
            entries = levels.pop()
            if len(set(entries)) > 1:
                raise GradError("shape-mismatch", "the lists in the answer are not equally long")
            levels[-1].append((len(entries), *entries[0]))
        elif token != ",":
            levels[-1].append(())
        before = token
    else:
        if len(levels) == 1 and len(levels[0]) == 1:
            return levels[0][0]
    raise GradError("not-an-answer", "the brackets do not match")


def _decimal(literal: str) -> Decimal:
    text = re.sub(r"\s", "", literal).replace("−", "-")
    text = re.sub(rf"{_TIMES}10\^[{{(]?([+-]?\d+)[)}}]?", r"e\1", text)
    number, _, exponent = text.lower().partition("e")
    whole, _, fraction = number.lstrip("+-").partition(".")
    mantissa = int(whole + fraction or "0") * (-1 if number.startswith("-") else 1)
    return Decimal(mantissa, int(exponent or 0) - len(fraction), len((whole + fraction).lstrip("0")))
