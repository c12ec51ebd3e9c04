"""The typeface of the pictures, shipped with gradcli, and how wide its letters are. Read from the font files themselves."""

from __future__ import annotations

from functools import cache
from os.path import dirname, join
from struct import unpack_from
from typing import NamedTuple

from gradcli.errors import columns

_FOLDER = join(dirname(__file__), "fonts")
UPRIGHT, OBLIQUE = FILES = (join(_FOLDER, "DejaVuSans.ttf"), join(_FOLDER, "DejaVuSans-Oblique.ttf"))
FAMILY = "DejaVu Sans"

# What another font may take for a character that this one lacks, in parts of the font size.
_NARROW, _WIDE = 0.9, 1.1


class Face(NamedTuple):
    """One font: the advance of each character, and the height above and below the baseline, in parts of its size."""

    advances: dict[str, float]
    ascent: float
    descent: float

    def width(self, text: str, size: float) -> float:
        """Return the width of a line of text; for a character the font lacks, one that no other font exceeds."""
        return size * sum(self.advances[c] if c in self.advances else _elsewhere(c) for c in text)

    def lacks(self, text: str) -> set[str]:
        """Return the characters of a text that the font cannot draw."""
        return {c for c in text if c not in self.advances}


def _elsewhere(char: str) -> float:
    return (0.0, _NARROW, _WIDE)[columns(char)]


@cache
def face(file: str = UPRIGHT) -> Face:
    """Read a font: its tables head, hhea, hmtx and cmap (format 4) in the order of the OpenType specification."""
    with open(file, "rb") as opened:
        data = opened.read()
    (count,) = unpack_from(">H", data, 4)
    tables = {data[at : at + 4]: unpack_from(">I", data, at + 8)[0] for at in range(12, 12 + 16 * count, 16)}
    (units,) = unpack_from(">H", data, tables[b"head"] + 18)
    ascent, descent = unpack_from(">hh", data, tables[b"hhea"] + 4)
    (metrics,) = unpack_from(">H", data, tables[b"hhea"] + 34)
    advance = [unpack_from(">H", data, tables[b"hmtx"] + 4 * glyph)[0] / units for glyph in range(metrics)]
    advances = {chr(code): advance[min(glyph, metrics - 1)] for code, glyph in _glyphs(data, tables[b"cmap"])}
    return Face(advances, ascent / units, -descent / units)


def _glyphs(data: bytes, cmap: int) -> list[tuple[int, int]]:
    """Return (character, glyph) of the characters of the basic plane."""
    (count,) = unpack_from(">H", data, cmap + 2)
    offsets = [unpack_from(">I", data, cmap + 8 + 8 * index)[0] for index in range(count)]
    start = next(cmap + offset for offset in offsets if unpack_from(">H", data, cmap + offset)[0] == 4)
    (doubled,) = unpack_from(">H", data, start + 6)
    ends, firsts = start + 14, start + 16 + doubled
    found = []
    for at in range(0, doubled, 2):
        (last,), (first,) = unpack_from(">H", data, ends + at), unpack_from(">H", data, firsts + at)
        (delta,) = unpack_from(">H", data, firsts + doubled + at)
        place = firsts + 2 * doubled + at
        (distance,) = unpack_from(">H", data, place)
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = unpack_from(">H", data, place + distance + 2 * (code - first))[0] if distance else code
            if glyph or not distance:
                found.append((code, (glyph + delta) & 0xFFFF))
    return found
