"""JSON that does nothing in a terminal, nor in a build's log: the signs that would are written as escapes, and read as what they are."""

from __future__ import annotations

import re
from json import dumps
from typing import Any

from gradcli.errors import commands_as, escaped, harmless

__all__ = ["commands_as", "document", "harmless"]

_HALF = re.compile("[\ud800-\udfff]")


def document(content: dict[str, Any]) -> str:
    """Return a JSON document. Half a pair of UTF-16, which no text has, is spelt out: not every reader takes it."""
    text = dumps(content, ensure_ascii=False, indent=2, allow_nan=False)
    whole = _HALF.sub(lambda found: f"\\\\u{ord(found[0]):04x}", text)
    return commands_as(escaped(whole), "\\u003a", "\\u005b") + "\n"
