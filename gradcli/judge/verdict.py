"""What is said of an answer, and of all of them together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from gradcli.errors import GradError
from gradcli.wording import said

CORRECT, INCORRECT, UNDECIDED, INVALID = said("correct"), said("incorrect"), said("undecided"), said("invalid")
UNANSWERED = said("unanswered")  # of a key's parts: nothing was handed in
EXIT: dict[str, int] = {CORRECT: 0, INCORRECT: 1, INVALID: 2, UNDECIDED: 3}
_GRAVEST = (INVALID, INCORRECT, UNDECIDED, CORRECT)


class Diagnosis(NamedTuple):
    """The one slip that explains a wrong answer: its kind (stable, for programs), the step it was made at, and the sentence for people."""

    kind: str
    step: str
    says: str


class Verdict:
    """The verdict on one answer.

    ``expected`` is the truth as it is shown, ``error`` what is wrong in a word or two, ``where`` the entry of an array
    that is wrong, ``rule`` the tolerance applied, in words, ``witness`` a point at which two formulas differ, with both
    values, ``method`` how it was decided, ``diagnosis`` the one slip that explains it, ``problem`` the error of an answer
    that cannot be read.
    """

    __slots__ = (
        "diagnosis", "error", "expected", "given", "hint", "method", "notes", "problem", "rule", "target", "verdict", "where", "witness",
    )  # fmt: skip

    def __init__(
        self,
        verdict: str,
        *,
        error: str = "",
        hint: str = "",
        where: str = "",
        rule: str = "",
        method: str = "",
        expected: str = "",
        witness: dict[str, object] | None = None,
        notes: Iterable[str] = (),
        problem: GradError | None = None,
        diagnosis: Diagnosis | None = None,
    ) -> None:
        self.verdict, self.error, self.hint, self.where = verdict, error, hint, where
        self.rule, self.method, self.expected, self.witness = rule, method, expected, witness
        self.notes, self.problem, self.diagnosis = list(notes), problem, diagnosis
        self.target = self.given = ""

    def __repr__(self) -> str:
        return f"<Verdict {self.target} = {self.given}: {self.verdict}>"


def overall(verdicts: Iterable[Verdict]) -> str:
    """Return the verdict on all: invalid before incorrect before undecided before correct."""
    found = {verdict.verdict for verdict in verdicts}
    return next((kind for kind in _GRAVEST if kind in found), CORRECT)
