"""Plain data → JSON, two blanks deeper at each level: what json.dumps writes, without the time that module takes to load.

JSON has no number for what is not finite, and UTF-8 no bytes for half a surrogate pair: both are spelt out.
"""

from __future__ import annotations

from math import isfinite, isnan

from gradcli.light import Any
from gradcli.nested import Far

_MARKS = {**{code: f"\\u{code:04x}" for code in range(32)}, **str.maketrans({
    '"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\f": "\\f", "\b": "\\b",
})}  # fmt: skip
_WORDS = {None: "null", True: "true", False: "false"}


def written(value: Any, line: str = "\n") -> str:
    """Return a document as JSON; ``line`` begins each of its further lines."""
    if isinstance(value, str):
        return '"' + value.encode("utf-8", "backslashreplace").decode("utf-8").translate(_MARKS) + '"'
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, float):
        return float.__repr__(value) if isfinite(value) else written(_spelt(value))
    deeper = line + "  "
    if isinstance(value, dict):
        items = [f"{written(name)}: {written(item, deeper)}" for name, item in value.items()]
        return "{" + deeper + f",{deeper}".join(items) + line + "}" if items else "{}"
    items = [written(item, deeper) for item in value]
    return "[" + deeper + f",{deeper}".join(items) + line + "]" if items else "[]"


def _spelt(value: float) -> str:
    if isinstance(value, Far):
        return value.decimal
    return "nan" if isnan(value) else "inf" if value > 0 else "-inf"
