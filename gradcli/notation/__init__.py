"""Expression → text: plain notation that parses back, notation for the eye, and index form.

Here stand the two that all of them share: a formula as a report holds it, and an exact decimal.
"""

from __future__ import annotations

from gradcli.light import Callable, Mapping

Values = Mapping[str, tuple[str, int]]  # what is written in place of a name, and its rank


class Formula(str):
    """The text of a formula; ``written`` gives the same formula in another notation. Empty where nobody could read it."""

    __slots__ = ("_put", "_texts", "_write")
    _write: Callable[[str], str]
    _put: Callable[[str, Values], str] | None
    _texts: dict[str, str]

    def written(self, notation: str) -> str:
        """Return the formula in a notation of `gradcli.notation.text`."""
        if notation not in self._texts:
            self._texts[notation] = self._write(notation)
        return self._texts[notation]

    def put(self, notation: str, values: Values) -> str:
        """Return the formula with values in place of names: 3 · (-4) for q · z; nothing where it has no such form."""
        return self._put(notation, values) if self._put else ""

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, (str(self),)  # to another process goes the text


def formula(write: Callable[[str], str], notation: str, put: Callable[[str, Values], str] | None = None) -> Formula:
    """Return the formula that ``write`` writes in any notation, as text in this one."""
    text = write(notation)
    made = Formula(text)
    made._write, made._texts, made._put = write, {notation: text}, put
    return made


NOTHING = formula(lambda notation: "", "unicode")  # too long to be read


def plain_number(mantissa: int, exponent: int) -> str:
    """Return an exact decimal as text: positional while that is short, else with an exponent."""
    digits, sign = str(abs(mantissa)), "-" if mantissa < 0 else ""
    if 0 <= exponent <= 15:
        return sign + digits + "0" * exponent
    if exponent < 0 and len(digits) - 20 <= -exponent - 1 and -exponent <= 20:
        digits = digits.rjust(-exponent + 1, "0")
        return f"{sign}{digits[:exponent]}.{digits[exponent:]}"
    return f"{sign}{digits}e{exponent}"
