"""Where text goes: standard output, how wide it is, which characters and whether colours it has."""

from __future__ import annotations

import os
import sys


def write(text: str) -> None:
    """Write text to standard output; formats for programs are UTF-8 wherever the terminal is not."""
    if can_write(text):
        sys.stdout.write(text)
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode("utf-8"))
    sys.stdout.flush()


def can_write(text: str) -> bool:
    """Tell whether standard output has every character of a text."""
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def width() -> int | None:
    """Return the columns of the terminal; None where there is no terminal, so that nothing wraps."""
    if not sys.stdout.isatty():
        return None
    return os.get_terminal_size(sys.stdout.fileno()).columns or 80


def wants_color(choice: str) -> bool:
    """Decide on colour: --color, then NO_COLOR, FORCE_COLOR, TERM=dumb, and whether this is a terminal."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
