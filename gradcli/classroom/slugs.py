"""File names for students: a pure function of the name, so that nobody's file depends on who else is in the class."""

from __future__ import annotations

import re
from hashlib import sha256
from unicodedata import normalize

_MOST = 60  # characters of a name that are kept, and twice as many bytes: a folder's names have 255
_TAGGED = re.compile(r".*-[0-9a-f]{6}")
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?")  # files of no folder, on Windows


def slug(name: str) -> str:
    """Return a name as one that is safe in every folder: no separator, no leading dot, nothing invisible, not too long.

    A name such as ``s001``, ``ann.lee@school.org`` or ``иванов`` stays as it is. Any other keeps its letters, and ends in a tag
    made from the whole of it, as ``Ann-Lee-24c01f``: so two names never share a file, not even where Ann and ann are one.
    """
    name = normalize("NFC", name.strip())
    kept = "".join(char if char.isalnum() or char in "._@+-" else "-" for char in name)
    kept = re.sub("-{2,}", "-", kept).lstrip(".-").rstrip(".-")
    if kept == name and _is_plain(name):
        return name
    short = kept[:_MOST]
    while len(short.encode()) > 2 * _MOST:
        short = short[:-1]
    tag = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:6]
    return f"{short.rstrip('.-') or 'student'}-{tag}"


def _is_plain(name: str) -> bool:
    """Tell whether a name can stand for itself: it is in small letters, short, no device, and does not end like one with a tag."""
    return (
        0 < len(name) <= _MOST and len(name.encode("utf-8", "surrogatepass")) <= 2 * _MOST and name == name.casefold()
        and not _TAGGED.fullmatch(name) and not _DEVICES.fullmatch(name)
    )  # fmt: skip
