"""Signs that a terminal may not have, and how they are spelt there."""

from __future__ import annotations

from gradcli.errors import safe
from gradcli.syntax.names import GREEK

_ASCII = {
    "∂": "d", "·": "*", "⊙": ".*", "∘": ".", "×": "x", "÷": "/", "−": "-", "∞": "inf", "Σ": "sum", "√": "sqrt ",
    "∛": "cbrt ", "ᵀ": "'", "⁻¹": "^-1",
    "²": "^2", "³": "^3", "₁": "_1", "₂": "_2", "‖": "||", "≤": "<=", "≥": ">=", "≠": "!=", "𝟏": "ones", "…": "...",
    "⌊": "floor(", "⌋": ")", "⌈": "ceil(", "⌉": ")", "→": "->",
    **{chr(0x2080 + n): f"_{n}" for n in range(3, 10)}, **{chr(0x2070 + n): f"^{n}" for n in range(4, 10)}, "⁰": "^0", "⁻": "^-",
}  # fmt: skip


def to_ascii(text: str) -> str:
    """Return text in ASCII: signs by their spelling, Greek letters by name, anything else as an escape."""
    for sign, word in _ASCII.items():
        text = text.replace(sign, word)
    for letter, name in GREEK.items():
        text = text.replace(letter, name)
    return safe(text).encode("ascii", "backslashreplace").decode("ascii")
