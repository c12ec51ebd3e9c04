"""What a person wrote as an answer: a number with its digits, an array of them, a formula, or that there is none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from gradcli.arithmetic import evaluate
from gradcli.arithmetic.ball import Ball
from gradcli.arithmetic.compiled import has_arrays
from gradcli.digits import with_arrays
from gradcli.errors import GradError, Source
from gradcli.expr import NUMBER, Expr, fold, make, symbols, tape
from gradcli.limits import Limits
from gradcli.syntax import Declared, Program
from gradcli.syntax.brackets import grouping
from gradcli.syntax.reader import Reader, is_latex
from gradcli.wording import said

_NOWHERE = re.compile(
    r"dne|undefined|undef|does not exist|not differentiable|не существует|не определен[аоы]?", re.IGNORECASE
)
_INFINITE = re.compile(r"([+\-−]?)\s*(?:inf|infinity|oo|∞|\\infty)", re.IGNORECASE)
_TIMES = r"(?:\*|·|×|\\cdot|\\times)"
_POWER = rf"[eE][+\-−]?[0-9]+|\s*{_TIMES}\s*10\s*\^\s*[{{(]?[+\-−]?[0-9]+[)}}]?"
_LITERAL = rf"[+\-−]?\s*(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:{_POWER})?"
_WHOLE = re.compile(rf"\s*+({_LITERAL})\s*", re.ASCII)
_MOST_DIGITS, _MOST_EXPONENT = 400, 9_999
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
        self.shape: tuple[int, ...] = ()


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
        raise GradError("not-an-answer", said("there is no answer here"), (start, max(end, start + 1)), source=source)
    if _NOWHERE.fullmatch(text.strip()):
        written.nowhere = True
        return written
    if found := _INFINITE.fullmatch(text.strip()):
        written.infinite = -1 if found[1] in ("-", "−") else 1
        return written
    if whole := _WHOLE.fullmatch(text):
        written.decimals = [_decimal(whole[1])]
        return written
    reader = Reader(source, Declared(names, arrays), limits)
    tree = reader.read(start, end, latex=latex or is_latex(text))
    program = reader.finish()
    if program.statements != 1 or program.output_name is not None:
        raise GradError("not-an-answer", said("an answer is one number or one formula"), (start, end), source=source)
    root = program.output
    written.root = make("array", (root,)) if grouping(tree.children[0]) and not symbols(root) else root
    written.program = program
    written.names = [str(symbol.leaf) for symbol in symbols(root)]
    count = _plain(written.root)
    literals = _literals(text) if count else []
    written.decimals = literals if literals and len(literals) == count else None
    written.inexact = "." in text
    return written


def _plain(root: Expr) -> int:
    """Count the entries of an array of numbers that are written out; 0 for anything else."""

    def count(node: Expr, parts: list[int]) -> int:
        if node.op == "array":
            return sum(parts) if all(parts) else 0
        return int(node.op == NUMBER or (node.op == "-" and len(node.args) == 1 and node.args[0].op == NUMBER))

    return fold(count, root)[root] if root.op == "array" else 0


def _literals(text: str) -> list[Decimal]:
    """Return the decimals of a text that holds nothing else but brackets and commas."""
    found = [_WHOLE.fullmatch(part) for part in _FRAME.split(text) if part.strip()]
    return [_decimal(one[1]) for one in found if one] if all(found) else []


def nested(text: str) -> tuple[list[Decimal], tuple[int, ...]] | None:
    """Return the decimals of nested lists and their shape, as deep as they are; None where this is none, or no regular one."""
    stack: list[list[object]] = [[]]
    decimals: list[Decimal] = []
    expecting = True  # an entry, not a comma
    for token in re.findall(r"[\[\],]|[^\[\],]+", text):
        if not token.strip():
            continue
        if token == "[" and expecting:
            stack.append([])
        elif token == "]" and not expecting and len(stack) > 1:
            shapes = stack.pop()
            if any(shape != shapes[0] for shape in shapes):
                return None
            stack[-1].append((len(shapes), *shapes[0]))  # type: ignore[misc]
        elif token == "," and not expecting and len(stack) > 1:
            expecting = True
            continue
        elif expecting and len(stack) > 1 and (found := _WHOLE.fullmatch(token)):
            decimals.append(_decimal(found[1]))
            stack[-1].append(())
        else:
            return None
        expecting = token == "["
    return (decimals, stack[0][0]) if len(stack) == 1 and len(stack[0]) == 1 and isinstance(stack[0][0], tuple) else None


def numbers_of(written: Written, known: Mapping[Expr, Any]) -> list[Any]:
    """Return the entries of an answer: decimals as they were written, else numbers in balls."""
    if written.decimals is not None:
        return list(written.decimals)
    assert written.root is not None
    order = tape(written.root)
    arrays = has_arrays(order) or any(hasattr(value, "ndim") for value in known.values())
    value = evaluate(order, dict(known), with_arrays(Ball(), arrays))[written.root]
    return list(value.ravel()) if hasattr(value, "ndim") else [value]


def _decimal(literal: str) -> Decimal:
    text = re.sub(r"\s", "", literal).replace("−", "-")
    text = re.sub(rf"{_TIMES}10\^[{{(]?([+-]?\d+)[)}}]?", r"e\1", text)
    number, _, exponent = text.lower().partition("e")
    if len(number) > _MOST_DIGITS or len(exponent) > 6 or abs(int(exponent or 0)) > _MOST_EXPONENT:
        raise GradError("number-too-long", said("a number has at most {0} digits and an exponent up to {1}", _MOST_DIGITS, _MOST_EXPONENT))
    whole, _, fraction = number.lstrip("+-").partition(".")
    mantissa = int(whole + fraction or "0") * (-1 if number.startswith("-") else 1)
    return Decimal(mantissa, int(exponent or 0) - len(fraction), len((whole + fraction).lstrip("0")))
