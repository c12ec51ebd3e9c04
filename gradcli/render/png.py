"""Report → the circuit as PNG: the SVG picture, drawn with the typeface that gradcli brings along."""

from __future__ import annotations

from collections.abc import Sequence

from gradcli.render.forms import Look, Part
from gradcli.render.svg import file, style
from gradcli.render.typeface import FAMILY, FILES

_SCALE = 2.0


def render(parts: Sequence[Part], look: Look) -> bytes:
    """Return the circuit of a report on white paper, two pixels to the unit."""
    from resvg_py import svg_to_bytes

    picture = file(parts[0].report, look, style(color=0))
    return bytes(svg_to_bytes(svg_string=picture, font_files=list(FILES), skip_system_fonts=True, font_family=FAMILY, zoom=_SCALE, dpi=96))
