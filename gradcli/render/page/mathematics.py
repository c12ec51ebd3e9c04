"""Formulas and numbers of a page as MathML: ∂f/∂x, an array as a matrix, a gate with the values of its inputs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape

from gradcli.errors import safe
from gradcli.nested import Nested, sizes
from gradcli.notation import Formula
from gradcli.notation.mathml import CLOSE, OPEN, name, number
from gradcli.notation.text import MATHML, UNICODE
from gradcli.render.numbers import Format

_DEEPEST = 150  # engines drop elements that stand too deep in a page
_LONGEST = 12_000  # characters of MathML, some ten for a sign
_LONGEST_COLUMN = 8  # entries of a vector that stand below one another
_LEAF = r"<m[ino]>[^<]*</m[ino]>"
_SINGLE = re.compile(rf"<mrow>({_LEAF}|<(msub|msup|mfrac)>(?:{_LEAF}){{2}}</\2>)</mrow>")
_FLAT = re.compile(
    r"<mrow><mo>([(\[|‖⌊⌈])</mo>((?:(?!<m(?:frac|table|sqrt|root|under)\b|<mo>[(\[|‖⌊⌈)\]⌋⌉]</mo>).)*)<mo>([)\]|‖⌋⌉])</mo></mrow>"
)
_TAG = re.compile(r"<(/?)[a-z]+[^>]*?(/?)>")
_ROW_STARTS = ("<mrow>", "<msqrt>", "<mtd>", "<mo>(</mo>", "<mo>|</mo>")
_ROW_ENDS = ("</mrow>", "</msqrt>", "</mtd>", "<mo>)</mo>", "<mo>|</mo>")


def text(words: str) -> str:
    """Return text of anybody as text of a page: inert, its invisible characters spelt out."""
    return escape(safe(words))


def math(inside: str) -> str:
    """Return mathematics within a line."""
    return f"<math>{_lean(inside)}</math>"


def block(*rows: tuple[str, str, str]) -> str:
    """Return an equation on lines of its own: left side, relation, right side; the relations below one another."""
    if not rows:
        return ""
    if len(rows) == 1:
        left, sign, right = rows[0]
        return f'<math display="block">{_lean(f"<mrow>{left}<mo>{sign}</mo>{right}</mrow>" if sign else right)}</math>'
    cells = "".join(f"<mtr><mtd>{left}</mtd><mtd><mo>{sign}</mo></mtd><mtd>{right}</mtd></mtr>" for left, sign, right in rows)
    return f'<math display="block"><mtable class="lines">{_lean(cells)}</mtable></math>'


def formula(written: Formula) -> str:
    """Return a formula of a report; as plain text where it is too deep or too long for a page."""
    return _readable(written) or f"<mtext>{text(written.written(UNICODE))}</mtext>"


def line(left: str, written: Formula) -> str:
    """Return left = formula within a line, or as text that wraps where it is too deep or too long for a page."""
    made = _readable(written)
    if made:
        return math(f"{left}<mo>=</mo>{made}")
    return f'{math(f"{left}<mo>=</mo>")} <span class="long">{text(written.written(UNICODE))}</span>'


def _readable(written: Formula) -> str:
    made = written.written(MATHML)
    return made if len(made) <= _LONGEST and _depth(made) <= _DEEPEST else ""


def value(number_or_array: Nested, numbers: Format, outer: int = 0) -> str:
    """Return a number, a vector as a column, a matrix; a Jacobian as the array of its rows, the first axes outside."""
    if not isinstance(number_or_array, list):
        return number(numbers.number(number_or_array))
    depth = len(sizes(number_or_array))
    if depth > 2 and outer:
        cells = [[row] if outer == 1 else row for row in number_or_array]
    elif depth == 1:
        long = len(number_or_array) > _LONGEST_COLUMN
        cells = [number_or_array] if long else [[entry] for entry in number_or_array]
        table = _table(cells, numbers)
        return f"<msup>{table}<mi>T</mi></msup>" if long else table
    else:
        cells = number_or_array
    return _table(cells, numbers)


def equals(numbers: Format, *values: Nested) -> str:
    """Return = between numbers that are shown as they are, and ≈ where one of them is rounded."""
    return "=" if all(map(numbers.exact, values)) else "≈"


def factor(made: str) -> str:
    """Return a formula as a factor of a product: in brackets, unless it is one sign or one fraction."""
    one = next((tag for tag, depth in _tags(made) if depth == 0), None)
    return made if one and one.end() == len(made) and not made.startswith("<mrow><mo>−") else f"{OPEN}{made}{CLOSE}"


def substituted(made: str, values: Mapping[str, str]) -> str:
    """Return a formula with numbers in place of names, negative ones in brackets unless they stand first or alone."""
    by = {name(word): shown for word, shown in values.items()}
    if not by:
        return made
    pattern = re.compile("|".join(map(re.escape, sorted(by, key=len, reverse=True))))

    def put(found: re.Match[str]) -> str:
        before, after, shown = made[: found.start()], made[found.end() :], by[found[0]]
        alone = before.endswith(_ROW_STARTS) and after.startswith(_ROW_ENDS) and not before.endswith("<msup><mrow>")
        return shown if shown.startswith("<mn>") or alone or not before else f"{OPEN}{shown}{CLOSE}"

    return pattern.sub(put, made)


def _table(rows: list[list[Nested]], numbers: Format) -> str:
    cells = "".join("<mtr>" + "".join(f"<mtd>{value(cell, numbers)}</mtd>" for cell in row) + "</mtr>" for row in rows)
    return f"<mrow><mo>(</mo><mtable>{cells}</mtable><mo>)</mo></mrow>"


def _lean(made: str) -> str:
    """Return MathML without the rows that hold one thing; brackets around one line do not stretch, which some fonts space badly."""
    before = ""
    while before != made:
        before, made = made, _SINGLE.sub(r"\1", made)
    before = ""
    while before != made:
        before, made = made, _FLAT.sub(r'<mrow><mo stretchy="false">\1</mo>\2<mo stretchy="false">\3</mo></mrow>', made)
    return made


def _tags(made: str) -> Iterator[tuple[re.Match[str], int]]:
    """Yield every tag, and how deep it leaves us."""
    depth = 0
    for tag in _TAG.finditer(made):
        depth += -1 if tag[1] else 0 if tag[2] else 1
        yield tag, depth


def _depth(made: str) -> int:
    return max((depth for _, depth in _tags(made)), default=0)
