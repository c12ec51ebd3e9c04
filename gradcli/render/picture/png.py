"""Report → the circuit as PNG: the SVG picture, drawn with the typeface that gradcli brings along."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from gradcli.notation import Formula
from gradcli.render.forms import Look, Part
from gradcli.render.picture.svg import file, style
from gradcli.render.picture.typeface import FAMILY, FILES, OBLIQUE, UPRIGHT, face
from gradcli.render.wiring import Wiring, wiring

_SCALE, _PIXELS, _MOST = 2.0, 8e6, 3e7  # two pixels to the unit; from so many on fewer, but one; beyond this many, fewer still


def render(parts: Sequence[Part], look: Look) -> bytes:
    """Return the circuit of a report on white paper: twice its size, a very large one in its own."""
    from resvg_py import svg_to_bytes

    report = parts[0].report
    picture = file(_drawable(wiring(report)), report, look, style(color=0))
    return bytes(
        svg_to_bytes(svg_string=picture, font_files=list(FILES), skip_system_fonts=True, font_family=FAMILY, zoom=_zoom(picture), dpi=96)
    )


def _drawable(circuit: Wiring) -> Wiring:
    """Return a circuit whose words the typeface has: a character it lacks is spelt out, as it would leave a blank."""
    nodes = [
        node._replace(name=_spelt(node.name), formula=Formula(_spelt(node.formula)),
                      upstream_formula=Formula(_spelt(node.upstream_formula)))
        for node in circuit.nodes
    ]  # fmt: skip
    return circuit._replace(nodes=nodes)


def _spelt(text: str) -> str:
    missing = face(UPRIGHT).lacks(text) | face(OBLIQUE).lacks(text)
    return "".join(f"\\u{ord(c):04x}" if c in missing else c for c in text)


def _zoom(picture: str) -> float:
    """Return how many pixels a unit takes, so that paper and patience suffice."""
    wide, high = (float(picture.split(f' {side}="', 1)[1].split('"', 1)[0]) for side in ("width", "height"))
    return min(max(1.0, min(_SCALE, sqrt(_PIXELS / (wide * high)))), sqrt(_MOST / (wide * high)))
