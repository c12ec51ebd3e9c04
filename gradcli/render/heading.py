"""What stands above each report of a worksheet, in whatever is written for the terminal."""

from __future__ import annotations

from gradcli.errors import safe
from gradcli.render.forms import Part
from gradcli.wording import Language


def headline(part: Part, words: Language) -> str:
    """Return the lines above one report of a worksheet: its question, its points, and where it is computed."""
    if not (part.question or part.where):
        return ""
    heading = titled(part.question, part.where, words)
    if part.question and part.points is not None:
        worth = words("1 point") if part.points == 1 else words("{0} points", f"{part.points:g}")
        heading = titled(f"{part.question} [{worth}]", part.where, words)
    return "\n" + safe(heading) + "\n\n"


def titled(question: str, where: str, words: Language) -> str:
    """Return the title of a part of a worksheet: its question, and where it is computed."""
    name = words("Question {0}", question) if question else words("Worksheet")
    return words("{0}, at {1}", name, where) if where else name
