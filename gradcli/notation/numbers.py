"""Exact decimals as text."""

from __future__ import annotations


def plain_number(mantissa: int, exponent: int) -> str:
    """Return an exact decimal as text: positional while that is short, else with an exponent."""
    digits, sign = str(abs(mantissa)), "-" if mantissa < 0 else ""
    if 0 <= exponent <= 15:
        return sign + digits + "0" * exponent
    if exponent < 0 and len(digits) - 20 <= -exponent - 1 and -exponent <= 20:
        digits = digits.rjust(-exponent + 1, "0")
        return f"{sign}{digits[:exponent]}.{digits[exponent:]}"
    return f"{sign}{digits}e{exponent}"
