"""Lines of text of a picture, and arrays of them in brackets: how large they are and where their baselines lie."""

from __future__ import annotations

from typing import NamedTuple

from gradcli.errors import safe
from gradcli.nested import Nested
from gradcli.render.forms import Look
from gradcli.render.legends import rows_of, set_of, typeset
from gradcli.render.typeface import OBLIQUE, UPRIGHT, face

# What a text is, how large it is written, and in which face: gradients are oblique, so that colour is not all that tells them.
STYLES = {
    "value": (13.0, UPRIGHT), "gradient": (13.0, OBLIQUE), "contribution": (10.5, OBLIQUE), "name": (14.0, UPRIGHT),
    "label": (11.0, UPRIGHT), "sign": (17.0, UPRIGHT), "word": (13.0, UPRIGHT), "shape": (10.5, UPRIGHT), "number": (12.0, UPRIGHT),
}  # fmt: skip
_ROW, _COLUMN, _BRACKET = 16.0, 10.0, 4.0
_WIDEST, _LONGEST = 270.0, 170.0  # an array that is written out, and a formula


class Text(NamedTuple):
    """A line of text of a style: where it begins, has its middle, or ends, and its baseline."""

    style: str
    x: float
    y: float
    text: str
    anchor: str = "middle"


class Numbers(NamedTuple):
    """A value or a gradient: its lines of text and the brackets around them, over or under the stem."""

    texts: list[Text]
    brackets: list[tuple[float, float, float, int]]  # x, top, bottom, which way its ends point
    width: float
    height: float


def width(text: str, style: str) -> float:
    """Return how wide a text of a style is."""
    size, file = STYLES[style]
    return face(file).width(text, size)


def height(style: str) -> float:
    """Return how high a line of a style is, with its descenders."""
    size, file = STYLES[style]
    return (face(file).ascent + face(file).descent) * size


def under(style: str, top: float) -> float:
    """Return the baseline of a text whose upper edge is at top."""
    size, file = STYLES[style]
    return top + face(file).ascent * size


def top(text: Text) -> float:
    """Return how far a text reaches over the axis."""
    size, file = STYLES[text.style]
    return face(file).ascent * size - text.y


def middle(style: str) -> float:
    """Return the baseline of a text whose capitals stand in the middle of the axis."""
    return round(0.36 * STYLES[style][0], 1)


NONE = Numbers([], [], 0.0, 0.0)


def numbers(style: str, value: Nested | None, formula: str, instead: str, look: Look) -> Numbers:
    """Return a value or, without one, its formula; where that is too long, what stands for it."""
    rows = [[typeset(formula)]] if value is None else rows_of(value, look)
    if not rows[0][0]:
        return NONE
    if len(rows[0]) == 1 and width(rows[0][0], style) > (_LONGEST if value is None else _WIDEST) and not isinstance(value, float):
        rows = [[safe(instead) if value is None else set_of(value)]]
    if len(rows) == 1 and len(rows[0]) == 1:
        return Numbers([Text(style, 0.0, 0.0, rows[0][0])], [], width(rows[0][0], style), height(style))
    widths = [max(width(cell, style) for cell in column) for column in zip(*rows)]
    inside = sum(widths) + _COLUMN * (len(widths) - 1)
    if inside > _WIDEST:
        return numbers(style, None, set_of(value), "", look)
    total, tall = inside + 2 * (_BRACKET + 2), len(rows) * _ROW + 2
    texts, right = list[Text](), -inside / 2 - _COLUMN
    for index, wide in enumerate(widths):
        right += _COLUMN + wide
        texts += [Text(style, right, row * _ROW, cells[index], "end") for row, cells in enumerate(rows)]
    return Numbers(texts, [(-total / 2, 0.0, tall, 1), (total / 2, 0.0, tall, -1)], total, tall)


def put(block: Numbers, style: str, x: float, top: float) -> Numbers:
    """Return a value moved to its place: its middle, and its upper edge."""
    shift = top + (1 if block.brackets else 0) + (_ROW - height(style) if block.brackets else 0) / 2
    texts = [text._replace(x=x + text.x, y=under(style, shift + text.y)) for text in block.texts]
    return block._replace(texts=texts, brackets=[(x + at, top + a, top + b, way) for at, a, b, way in block.brackets])
