"""A formula as a report holds it: text in the notation asked for, which can also be written in another."""

from __future__ import annotations

from collections.abc import Callable


class Formula(str):
    """The text of a formula; ``written`` gives the same formula in another notation. Empty where nobody could read it."""

    __slots__ = ("_texts", "_write")
    _write: Callable[[str], str]
    _texts: dict[str, str]

    def written(self, notation: str) -> str:
        """Return the formula in a notation of `gradcli.notation.text`."""
        if notation not in self._texts:
            self._texts[notation] = self._write(notation)
        return self._texts[notation]


def formula(write: Callable[[str], str], notation: str) -> Formula:
    """Return the formula that ``write`` writes in any notation, as text in this one."""
    text = write(notation)
    made = Formula(text)
    made._write, made._texts = write, {notation: text}
    return made


NOTHING = formula(lambda notation: "", "unicode")  # too long to be read
