"""What every table for a terminal is drawn with: a console that writes into a text, and an empty table. Imports Rich."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gradcli.errors import safe
from gradcli.render.forms import Look
from gradcli.render.glyphs import to_ascii

NATURAL = 100_000  # columns: no terminal, so nothing needs to wrap
VERDICT_STYLES = {"correct": "green", "incorrect": "red", "undecided": "yellow", "invalid": "yellow", "unanswered": "yellow"}


def console(file: StringIO, look: Look) -> Console:
    """Return a console that writes into a text, as wide as the terminal, and interprets nothing."""
    return Console(
        file=file, width=look.width or NATURAL, height=100, color_system="standard" if look.color else None, force_terminal=look.color,
        no_color=not look.color, markup=False, emoji=False, highlight=False, legacy_windows=False, soft_wrap=False, _environ={},
        force_jupyter=False,  # else Rich, inside a notebook, would show by itself what is only to be written
    )  # fmt: skip


def cleaner(look: Look) -> Callable[[str], str]:
    """Return what makes a text one that the terminal can show, and that does nothing there."""
    return to_ascii if look.ascii_only else safe


def lines_as_they_are(text: str, look: Look, style: str = "") -> Text:
    """Return lines as they are: never as markup, never with a control character, in ASCII where need be."""
    return Text("\n".join(map(cleaner(look), text.split("\n"))), style=style, overflow="fold")


def table(look: Look, *, header: bool = True) -> Table:
    """Return an empty table."""
    return Table(box=box.ASCII if look.ascii_only else box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), safe_box=False,
                 highlight=False, show_header=header)  # fmt: skip


def text_of(file: StringIO) -> str:
    """Return what a console wrote, without the blanks at the ends of its lines."""
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines()) + "\n"
