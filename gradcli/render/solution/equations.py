r"""LaTeX pieces of a worked solution: numbers, arrays, ratios, and chains of equalities broken into lines that fit."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import NamedTuple

from gradcli.nested import Nested, sizes
from gradcli.notation.latex import CLOSE, OPEN, name
from gradcli.ops import ATOM
from gradcli.render.numbers import Format
from gradcli.render.solution.widths import LONGEST, width
from gradcli.shapes import Shape

WIDTH = 64.0  # of a line, in digits: what a narrow page of LaTeX holds
_COLUMN, _ENTRIES, _SLICES = 4, 10, 10  # a longer vector lies down; what has more entries a side is given by its shape
_PRODUCT, _SIGN, _POSTFIX = 2, 3, 5  # ranks of what is put in for a name

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

    def __init__(self, form: Format) -> None:
        self.form = form
        self.shortened = False  # whether an array was too large to be written

    def relation(self, *values: Nested) -> str:
        r"""Return = between values written as they are, \approx where one of them is rounded."""
        return EQUAL if all(map(self.form.exact, values)) else NEARLY

    def number(self, value: float | None) -> str:
        r"""Return a number: 1.5e-7 as 1.5 \cdot 10^{-7}."""
        text = self.form.number(value)
        if value is None or math.isnan(value):
            return rf"\text{{{text}}}"
        mantissa, mark, exponent = text.replace("∞", r"\infty").partition("e")
        if mark and mantissa in ("1", "-1"):
            return rf"{mantissa[:-1]}10^{{{exponent}}}"
        return rf"{mantissa} \cdot 10^{{{exponent}}}" if mark else mantissa

    def value(self, value: Nested) -> str:
        """Return a value as LaTeX; nothing for an array too large, or of too many axes, to be written."""
        if not isinstance(value, list):
            return self.number(value)
        shape = sizes(value)
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
        return tex, _PRODUCT if r"\cdot" in tex else _SIGN if tex[0] == "-" else _POSTFIX if "^" in tex else ATOM

    def result(self, value: Nested) -> Step:
        """Return the last member of a chain: a value, or the space that a large array is in."""
        tex = self.value(value)
        self.shortened |= not tex
        return Step(self.relation(value), tex) if tex else Step(IN, space(sizes(value)))

    def slices(self, value: Nested, axes: int) -> list[tuple[list[str], Nested]]:
        """Return an array of more than two axes as its parts along the first ones, with their indices from 1."""
        parts: list[tuple[list[str], Nested]] = [([], value)]
        for _ in range(axes):
            parts = [([*index, str(k)], part) for index, whole in parts for k, part in enumerate(whole, 1)]
        return parts if len(parts) <= _SLICES and all(self.value(part) for _, part in parts) else []


def space(shape: Shape) -> str:
    r"""Return \mathbb{R}^{2 \times 3}."""
    sizes = r" \times ".join(map(str, shape))
    return rf"\mathbb{{R}}^{{{sizes}}}"


def _block(rows: list[list[str]]) -> str:
    return r"\begin{pmatrix} " + r" \\ ".join(" & ".join(row) for row in rows) + r" \end{pmatrix}"


# ---- lines --------------------------------------------------------------------------------------------------


def fitting(equation: Equation, most: float = WIDTH) -> Equation:
    """Return an equation without the members that fit no line, however they are broken."""
    room = most - width(equation.left) - 3
    return Equation(equation.left, [step for step in equation.steps if all(width(part) <= room for part in _parts(step.tex, room))])


def fits(tex: str, most: float = WIDTH) -> bool:
    """Tell whether a formula can be set behind a short left side, broken at its signs where need be."""
    return len(tex) <= LONGEST and all(width(part) < most - 14 for part in _parts(tex, most - 14))


def lines(equation: Equation, most: float = WIDTH) -> list[str]:
    r"""Return an equation as lines of an aligned block, each with its &.

    A chain goes on where there is room and on a new line else; a long sum is broken before a sign that stands in no bracket.
    """
    out, room = list[str](), most - width(equation.left)
    current, used = f"{equation.left} &", 0.0
    for number, (relation, tex) in enumerate(equation.steps):
        size = width(tex) + 3
        if number and used + size > room:
            out.append(current)
            current, used = "&", 0.0
        if size <= room:
            current, used = f"{current}{relation} {tex} ", used + size
            continue
        for index, part in enumerate(_parts(tex, room - 3)):
            piece = width(part) + 3
            if index and used + piece > room:
                out.append(current)
                current, used = r"&\quad {}", 2.0
            current, used = f"{current}{part if index else f'{relation} {part}'} ", used + piece
    return [line.rstrip() for line in [*out, current]]


def _parts(tex: str, room: float) -> list[str]:
    """Return a formula in parts that a line may end between: its summands, and the factors of one that is too wide."""
    if len(tex) > LONGEST:
        return [tex]
    return [part for summand in broken(tex) for part in ([summand] if width(summand) <= room else broken(summand, _FACTORS))]


_GROUPS = r"[{}]|\\left\b|\\right\b|\\begin\b|\\end\b"
_SUMMANDS, _FACTORS = re.compile(rf"{_GROUPS}| [+-] "), re.compile(rf"{_GROUPS}| \\(?:cdot|odot) ")


def broken(tex: str, breaks: re.Pattern[str] = _SUMMANDS) -> list[str]:
    """Return a formula in parts, each but the first with the sign before it: a sum in its summands."""
    parts, depth, start = list[str](), 0, 0
    for found in breaks.finditer(tex):
        sign = found[0]
        if sign[0] == " ":
            if not depth:
                parts.append(tex[start : found.start()])
                start = found.start() + 1
        else:
            depth += 1 if sign in ("{", r"\left", r"\begin") else -1
    return [*parts, tex[start:]]


# ---- putting together ---------------------------------------------------------------------------------------


def equation(left: str, steps: list[Step]) -> Equation:
    r"""Return an equation without the members that say what stands before them already; behind a rounded one, \approx."""
    kept: list[Step] = []
    for step in steps:
        if step.tex and (not kept or kept[-1].tex != step.tex) and step.tex != left:
            rounded = bool(kept) and kept[-1].relation == NEARLY and step.relation == EQUAL
            kept.append(Step(NEARLY, step.tex) if rounded else step)
    return Equation(left, kept)


def addend(tex: str, place: int) -> str:
    """Return a summand; behind a sign, one that begins with a minus has brackets."""
    return f"{OPEN}{tex}{CLOSE}" if place and tex[:1] == "-" else tex


def bracketed_sum(tex: str) -> str:
    """Return a formula in brackets if it is a sum."""
    return f"{OPEN}{tex}{CLOSE}" if len(broken(tex)) > 1 else tex


def factor(tex: str, first: bool = False) -> str:
    """Return a factor: a sum has brackets, and so has what begins with a minus, unless it comes first."""
    return f"{OPEN}{tex}{CLOSE}" if tex[:1] == "-" and not first else bracketed_sum(tex)


def side_by_side(equations: list[Equation]) -> list[Equation]:
    """Return the equations of one gate on one line, if they fit."""
    shown = [one for one in equations if one.steps]
    if len(shown) < 2:
        return shown
    rest = [f"{one.left} {' '.join(f'{r} {t}' for r, t in one.steps)}" for one in shown[1:]]
    last = shown[0].steps[-1]
    joined = Equation(shown[0].left, [*shown[0].steps[:-1], Step(last.relation, r",\qquad ".join([last.tex, *rest]))])
    return [joined] if len(lines(joined)) == 1 else shown
