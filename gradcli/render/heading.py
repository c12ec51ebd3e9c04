"""What stands above each report of a worksheet, in whatever is written for the terminal."""

from __future__ import annotations

from gradcli.errors import safe
from gradcli.render.forms import Part


def headline(part: Part) -> str:
    """Return the lines above one report of a worksheet: its question, its points, and where it is computed."""
    if not (part.question or part.where):
        return ""
    worth = "" if part.points is None else f" [{part.points:g} point{'' if part.points == 1 else 's'}]"
    title = f"Question {part.question}{worth}" if part.question else "Worksheet"
    return "\n" + safe(title + (f", at {part.where}" if part.where else "")) + "\n\n"
