"""Text that does nothing in a build's log, where a line may be a command to the machine that runs the build.

GitHub's runner obeys lines that begin with ``::name::``, behind blanks too, and ``##[name]`` anywhere in a line; Azure's
``##vso[name]``. An answer such as ``##[stop-commands]x`` in a table that a workflow prints would be obeyed. Where the format can,
the signs are written as escapes, so that a program reads the same text; else they are spelt out, as control characters are.
"""

from __future__ import annotations

import re
from json import dumps
from typing import Any

from gradcli.errors import escaped, safe

_COMMANDS = re.compile(r":(?=:)|(?<=##)\w*\[")
_LONE = re.compile("[\ud800-\udfff]")


def harmless(text: str) -> str:
    """Return text with control and invisible characters, and the signs that begin a command, spelt out."""
    return commands_as(safe(text), "\\x3a", "\\x5b")


def commands_as(text: str, colon: str, bracket: str) -> str:
    """Return text with the signs that begin a command written so."""
    if "::" not in text and "##" not in text:
        return text
    return _COMMANDS.sub(lambda found: colon if found[0] == ":" else found[0][:-1] + bracket, text)


def document(content: dict[str, Any]) -> str:
    """Return a JSON document that does nothing in a terminal or a log. Half a pair of UTF-16, which no text has, is spelt out."""
    text = dumps(_whole(content), ensure_ascii=False, indent=2, allow_nan=False)
    return commands_as(escaped(text), "\\u003a", "\\u005b") + "\n"


def _whole(content: Any) -> Any:
    if isinstance(content, dict):
        return {_whole(key): _whole(value) for key, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [_whole(item) for item in content]
    return _LONE.sub(lambda found: f"\\u{ord(found[0]):04x}", str(content)) if isinstance(content, str) else content
