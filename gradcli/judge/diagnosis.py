"""Naming the mistake: the one slip whose result a wrong answer equals, certified."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from gradcli.digits import Balls
from gradcli.judge.targets import Target
from gradcli.judge.truth import Truth
from gradcli.judge.verdict import Diagnosis
from gradcli.judge.written import Written


class Slipped(NamedTuple):
    """What an answer would be with one slip: its diagnosis, and the entries of the result."""

    diagnosis: Diagnosis
    entries: list[Any]


def slipped(truth: Truth, asked: Target, engine: Balls, elsewhere: Sequence[Truth] = ()) -> list[Slipped]:
    """Return the results of all slips at the point in balls, those that are one function once; ``elsewhere``: other points of the sheet."""
    return []


def diagnose(truth: Truth, asked: Target, written: Written, elsewhere: Sequence[Truth] = ()) -> Diagnosis | None:
    """Return the diagnosis of a wrong answer: only where exactly one slip gives it."""
    return None
