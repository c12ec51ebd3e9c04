"""Names of students as names of files: safe on every system, whatever somebody calls himself."""

from __future__ import annotations

from collections.abc import Iterable
from unicodedata import category, normalize

MOST_BYTES = 100
_RESERVED = frozenset(["con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in "0123456789¹²³")])


def slug(name: str, room: int = MOST_BYTES) -> str:
    """Return a name of letters of any script, digits, ``_`` and ``-`` in so many bytes of UTF-8; never one that a system reserves."""
    kept = "".join(char if category(char)[0] in "LNM" or char == "_" else "-" for char in normalize("NFC", name))
    text = _short("-".join(filter(None, kept.split("-"))), room).strip("-") or "student"
    return f"{_short(text, room - 1)}_" if _folded(text) in _RESERVED else text


def slugs(names: Iterable[str], ending: str = "", taken: Iterable[str] = ()) -> dict[str, str]:
    """Return a name of a file for each name; those that systems may take for the same, in capitals or not, are numbered."""
    used = set(map(_folded, taken))
    found: dict[str, str] = {}
    for name in names:
        number, suffix = 1, ending
        while _folded(file := slug(name, MOST_BYTES - len(suffix)) + suffix) in used:
            number += 1
            suffix = f"-{number}{ending}"
        used.add(_folded(file))
        found[name] = file
    return found


def _folded(name: str) -> str:
    return normalize("NFKC", name).casefold()


def _short(text: str, room: int) -> str:
    return text.encode("utf-8")[:room].decode("utf-8", "ignore")
