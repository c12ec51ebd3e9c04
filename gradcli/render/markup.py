"""Text in Markdown that comes out as it is: no markup, no HTML, no link, nobody mentioned."""

from __future__ import annotations

import re

from gradcli.errors import safe

_SPECIAL = re.compile(r"[\\`*_\[\]#~$]")
_FIRST = re.compile(r"^(\d*)([-+=.)|:])")  # what begins a list, a heading or a table where it begins a line
_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_MOST_BACKTICKS = 80  # that GitHub's parser takes for the fence of a code span
_APART = "&#8203;"  # of no width: what it divides is no mention, reference or address
_LINKED = re.compile(r"(?<=[@#])(?=\w)|(?<=:)(?=//)|(?<=www)(?=\.)|(?<=GH-)(?=\d)|(?<=:)(?=\w+:)", re.IGNORECASE)


def escaped(text: str) -> str:
    """Return a text that Markdown shows as it is."""
    parts = _LINKED.split(safe(text))
    return _APART.join(_SPECIAL.sub(r"\\\g<0>", part.translate(_HTML)) for part in parts)


def begun(line: str) -> str:
    """Return a line of Markdown that is a line of text, whatever it begins with."""
    return _FIRST.sub(r"\1\\\2", line)


def code(text: str) -> str:
    """Return a text as a code span, in backticks more than it has in a row itself; as plain text if those are more than GitHub reads."""
    clean = safe(text)
    run = _longest_run(clean)
    if run >= _MOST_BACKTICKS:
        return escaped(text) + _APART
    fence = "`" * (run + 1)
    room = " " if clean[:1] == "`" or clean[-1:] == "`" or (clean.strip() and clean[:1] == clean[-1:] == " ") else ""
    return f"{fence}{room}{clean}{room}{fence}" if clean else ""


def code_in_cell(text: str) -> str:
    """Return a text as a code span in a table; as plain text if it has a bar behind a backslash, which readers take in two ways."""
    if "\\|" in text or _longest_run(text) >= _MOST_BACKTICKS:
        return in_cell(escaped(text))
    return code(text).replace("|", "\\|")


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def in_cell(markdown: str) -> str:
    """Return Markdown, without code, for a cell of a table, where a bar would end it."""
    return markdown.replace("|", "&#124;")


def fenced(text: str) -> str:
    """Return lines as a block of code, in a fence longer than any in it."""
    lines = "\n".join(map(safe, text.split("\n")))
    fence = "`" * max(3, _longest_run(lines) + 1)
    return f"{fence}text\n{lines}\n{fence}"
