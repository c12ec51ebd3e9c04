"""What stands above each report of a worksheet."""

from __future__ import annotations

from gradcli.errors import safe
from gradcli.render.forms import Part
from gradcli.wording import Language


def headline(part: Part, words: Language) -> str:
    """Return the lines above one report of a worksheet in the terminal."""
    if not (part.question or part.where):
        return ""
    return "\n" + safe(heading(part, words)) + "\n\n"


def heading(part: Part, words: Language) -> str:
    """Return the title of one report of a worksheet: its question with its points, and where it is computed."""
    question = part.question
    if question and part.points is not None:
        question += f" [{words('1 point') if part.points == 1 else words('{0} points', f'{part.points:g}')}]"
    return titled(question, part.where, words)


def titled(question: str, where: str, words: Language) -> str:
    """Return the title of a part of a worksheet: its question, and where it is computed."""
    name = words("Question {0}", question) if question else words("Worksheet")
    return words("{0}, at {1}", name, where) if where else name
