"""A key is checked before anyone is graded: it must grade itself fully correct."""

from __future__ import annotations

from gradcli.classroom.key import Item, Wanted
from gradcli.errors import Source, Span
from gradcli.judge.check import Rules
from gradcli.limits import Limits


def check(
    item: Item, wanted: list[Wanted], points: list[Span | None], source: Source, rules: Rules, limits: Limits, latex: bool
) -> None:
    """Refuse what would make a grade wrong.

    Raises:
        GradError: for a point with no value, a partial that does not exist, a typed answer that is wrong.

    """
