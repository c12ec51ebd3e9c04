r"""LaTeX pieces of a worked solution: numbers, arrays, ratios, and chains of equalities broken into lines that fit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from gradcli.nested import Far, Nested
from gradcli.notation.latex import name
from gradcli.ops import ATOM
from gradcli.render.numbers import Format
from gradcli.shapes import Shape

WIDTH = 64.0  # of a line, in digits: what a narrow page of LaTeX holds
_COLUMN, _ENTRIES, _SLICES = 4, 10, 10  # a longer vector lies down; what has more entries a side is given by its shape
_PRODUCT, _SIGN, _POSTFIX = 2, 3, 5  # ranks of what is put in for a name
_LONGEST = 4_000  # characters of LaTeX that can fit no line

EQUAL, NEARLY, IN = "=", r"\approx", r"\in"


class Step(NamedTuple):
    r"""One more member of a chain: a relation (=, \approx, \in) and what stands behind it."""

    relation: str
    tex: str


class Equation(NamedTuple):
    """What stands on the left, and the chain of what it equals; no chain: a formula alone."""

    left: str
    steps: list[Step]


def ratio(above: str, below: str, out: Sequence[str] = (), into: Sequence[str] = ()) -> str:
    r"""Return \frac{\partial f}{\partial x} of two names, at indices."""
    return rf"\frac{{\partial {name(above, tuple(out))}}}{{\partial {name(below, tuple(into))}}}"


class Numbers:
    """Writes numbers and arrays in LaTeX, with the digits asked for."""

    def __init__(self, form: Format, undefined: str = "undefined") -> None:
        self.form, self.undefined = form, undefined

    def exact(self, value: Nested) -> bool:
        """Tell whether a value is written without rounding it."""
        if isinstance(value, list):
            return all(map(self.exact, value))
        if isinstance(value, Far):
            return False
        text = self.form.number(value)
        return text in ("undefined", "∞", "-∞") or float(text) == value

    def relation(self, *values: Nested) -> str:
        r"""Return = between values written as they are, \approx where one of them is rounded."""
        return EQUAL if all(self.exact(value) for value in values) else NEARLY

    def number(self, value: float | None) -> str:
        r"""Return a number: 1.5e-7 as 1.5 \cdot 10^{-7}."""
        text = self.form.number(value)
        if text == "undefined":
            return rf"\text{{{self.undefined}}}"
        mantissa, mark, exponent = text.replace("∞", r"\infty").partition("e")
        return rf"{mantissa} \cdot 10^{{{exponent}}}" if mark else mantissa

    def value(self, value: Nested) -> str:
        """Return a value as LaTeX; nothing for an array too large, or of too many axes, to be written."""
        if not isinstance(value, list):
            return self.number(value)
        shape = _shape(value)
        if len(shape) > 2 or max(shape) > _ENTRIES:
            return ""
        if len(shape) == 2:
            tex = _block([[self.number(entry) for entry in row] for row in value])
        elif len(value) > _COLUMN:
            tex = _block([list(map(self.number, value))]) + r"^{\top}"
        else:
            tex = _block([[self.number(entry)] for entry in value])
        return tex if width(tex) <= WIDTH - 10 else ""

    def ranked(self, value: Nested) -> tuple[str, int] | None:
        """Return a value and its rank among formulas, to be put in for a name; None for an array too large."""
        tex = self.value(value)
        if not tex:
            return None
        if isinstance(value, list):
            return tex, _POSTFIX if tex[-1] == "}" and tex.endswith(r"^{\top}") else ATOM
        return tex, _PRODUCT if r"\cdot" in tex else _SIGN if tex[0] == "-" else ATOM

    def result(self, value: Nested) -> Step:
        """Return the last member of a chain: a value, or the space that a large array is in."""
        tex = self.value(value)
        return Step(self.relation(value), tex) if tex else Step(IN, space(_shape(value)))

    def slices(self, value: Nested, axes: int) -> list[tuple[list[str], Nested]]:
        """Return an array of more than two axes as its parts along the first ones, with their indices from 1."""
        parts: list[tuple[list[str], Nested]] = [([], value)]
        for _ in range(axes):
            parts = [([*index, str(k)], part) for index, whole in parts for k, part in enumerate(whole, 1)]
        return parts if len(parts) <= _SLICES and all(self.value(part) for _, part in parts) else []


def _shape(value: Nested) -> Shape:
    return (len(value), *_shape(value[0])) if isinstance(value, list) and value else ()


def space(shape: Shape) -> str:
    r"""Return \mathbb{R}^{2 \times 3}."""
    sizes = r" \times ".join(map(str, shape))
    return rf"\mathbb{{R}}^{{{sizes}}}"


def _block(rows: list[list[str]]) -> str:
    return r"\begin{pmatrix} " + r" \\ ".join(" & ".join(row) for row in rows) + r" \end{pmatrix}"


# ---- how wide a formula is ----------------------------------------------------------------------------------

_TOKEN = re.compile(r"\\(?:begin|end)\{\w+\}|\\[A-Za-z]+ ?|\\.|[{}&^_]| [=<>+-] |.", re.DOTALL)
_WIDTHS = {r"\left": 0.3, r"\right": 0.3, r"\mathrm": 0, r"\operatorname": 0.3, r"\text": 0, r"\mathbf": 0, r"\mathbb": 0.4,
           r"\cdot": 1.5, r"\odot": 2.5, r"\approx": 2.6, r"\in": 2.4, r"\times": 2.5, r"\le": 2.6, r"\ge": 2.6, r"\sum": 3.0,
           r"\sqrt": 1.7, r"\infty": 2.0, r"\qquad": 4.0, r"\quad": 2.0, r"\,": 0.3, r"\sin": 2.6, r"\cos": 2.8, r"\tan": 2.8,
           r"\ln": 1.8, r"\max": 3.6, r"\min": 3.4, r"\exp": 3.2, r"\top": 1.3, r"\mathbin": 0.5, r"\mathop": 0.3}  # fmt: skip


def width(tex: str) -> float:
    r"""Estimate how wide a formula is set, in digits: a fraction as its wider half, a matrix as its columns."""
    if len(tex) > _LONGEST:
        return float(len(tex))
    total, script, halves, rows = [0.0], [1.0], list[list[float]](), list[list[list[float]]]()
    opened: list[str] = []  # what each open group is: a script, a half of a fraction, or plain
    waiting: list[list[str]] = [[]]  # halves of fractions still to come, in each open group
    small = False
    for token in _TOKEN.findall(tex):
        word = token.rstrip()
        if word == "{":
            kind = "small" if small else waiting[-1].pop() if waiting[-1] else ""
            opened.append(kind)
            waiting.append([])
            total.append(0.0)
            script.append(script[-1] * (0.7 if small else 1))
        elif word == "}" and opened:
            kind, size = opened.pop(), total.pop()
            script.pop()
            waiting.pop()
            if kind == "top":
                halves.append([size])
            elif kind == "bottom":
                total[-1] += max(halves.pop()[0], size) + 0.5
            else:
                total[-1] += size
        elif word.startswith(r"\begin"):
            rows.append([[]])
            total.append(0.0)
        elif word.startswith(r"\end") and rows:
            found = rows.pop()
            found[-1].append(total.pop())
            columns = max(map(len, found))
            total[-1] += 2 + sum(max((row[c] for row in found if c < len(row)), default=0) + 2 for c in range(columns))
        elif word in ("&", r"\\") and rows:
            rows[-1][-1].append(total[-1])
            total[-1] = 0.0
            if word != "&":
                rows[-1].append([])
        elif word in ("\\frac", "\\tfrac", "\\dfrac"):
            waiting[-1] += ["bottom", "top"]
        elif word in ("^", "_"):
            small = True
            continue
        else:
            total[-1] += script[-1] * _letter(token)
        small = False
    return sum(total)


def _letter(token: str) -> float:
    if token[0] == "\\":
        return _WIDTHS.get(token.rstrip(), 1.2)
    if len(token) == 3:
        return 2.6
    return 0.0 if token == " " else 0.8 if token in "()[]|.,:" else 1.1


# ---- lines --------------------------------------------------------------------------------------------------


def lines(equation: Equation, most: float = WIDTH) -> list[str] | None:
    r"""Return an equation as lines of an aligned block, each with its &; None if a formula in it fits no line.

    A chain goes on where there is room and on a new line else; a long sum is broken before a sign that stands in no bracket.
    """
    left, out, room = equation.left, list[str](), most - width(equation.left)
    if room < most / 3:
        return None
    current, used = f"{left} &", 0.0
    if not equation.steps:
        return [f"& {left}"]
    for number, (relation, tex) in enumerate(equation.steps):
        size = width(tex) + 3
        if number and used + size > room:
            out.append(current)
            current, used = "&", 0.0
        if size <= room:
            current, used = f"{current}{relation} {tex} ", used + size
            continue
        parts = broken(tex)
        for index, part in enumerate(parts):
            piece = width(part) + 3
            if piece > room:
                return None
            if index and used + piece > room:
                out.append(current)
                current, used = r"&\quad {}", 2.0
            current, used = f"{current}{part if index else f'{relation} {part}'} ", used + piece
    return [line.rstrip() for line in [*out, current]]


def fits(tex: str, most: float = WIDTH) -> bool:
    """Tell whether a formula can be set, broken at its signs where need be."""
    return len(tex) <= _LONGEST and all(width(part) < most - 14 for part in broken(tex))


_BREAKS = re.compile(r"[{}]|\\left\b|\\right\b|\\begin\b|\\end\b| (?:[+-]|\\cdot|\\odot) ")


def broken(tex: str) -> list[str]:
    """Return a formula in parts, each but the first with the sign before it."""
    parts, depth, start = list[str](), 0, 0
    for found in _BREAKS.finditer(tex):
        sign = found[0]
        if sign[0] == " ":
            if not depth:
                parts.append(tex[start : found.start()])
                start = found.start() + 1
        else:
            depth += 1 if sign in ("{", r"\left", r"\begin") else -1
    return [*parts, tex[start:]]
