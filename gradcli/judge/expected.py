"""The truth as it is shown beside an answer."""

from __future__ import annotations

import math
from typing import Any

from flint import arb, fmpq

from gradcli.arithmetic.certain import UNDEFINED, ball_of
from gradcli.digits.further import Balls
from gradcli.judge.numbers import shown
from gradcli.judge.targets import Target
from gradcli.judge.truth import Truth
from gradcli.nested import leaves
from gradcli.report import WITHOUT_NUMBER
from gradcli.shapes import Shape
from gradcli.wording import joined, said


def settled_number(value: float, swept: Any) -> Any:
    """Return the truth where the sweep alone does not tell it: the number found beside the point, to the digits it has."""
    if math.isinf(value):
        return arb(value)
    if swept is not UNDEFINED and ball_of(swept) is not None:
        nearest = arb(ball_of(swept))
        if nearest.is_finite() and arb(value, math.ulp(value)).overlaps(nearest):
            return swept
    exact = fmpq(*value.as_integer_ratio())
    return exact if exact.q < 2**20 else arb(value, math.ulp(value) / 2)


def expected(truth: Truth, asked: Target, strict: bool = False) -> str:
    """Return the truth as it is shown: digits, the numbers a kink allows (``strict``: ours), or that there is none."""
    status = truth.status(asked.node) if asked.partial else None
    kinds = (status.entries or [status.status]) if status else []

    def entries(engine: Balls) -> list[str]:
        known = truth.partial(engine, asked.node) if asked.partial else truth.value(engine, asked.node)
        out = []
        for k, number in enumerate(known):
            kind = kinds[k] if status else "smooth"
            if kind in WITHOUT_NUMBER:
                slopes = {leaves(side)[k] for side in (status.left, status.right)} - {None} if status else set()
                out.append(said("undefined") if kind != "vertical" or len(slopes) != 1 else "inf" if slopes == {math.inf} else "-inf")
            elif kind == "kink" and status and not strict:
                ends = [leaves(side)[k] for side in (status.left, status.right) if leaves(side)[k] is not None]
                out.append(said("any number from {0} to {1}", f"{min(ends):.6g}", f"{max(ends):.6g}"))
            elif status and status.cause:
                out.append(shown(settled_number(leaves(status.value)[k], number), 15))
            else:
                out.append(shown(number, 17))
        return out

    found = truth.told(entries)
    if found is None:
        return said("undecided")
    return _listed(_nested(found, truth.shape(asked.node, asked.partial)))


def _nested(flat: list[str], shape: Shape) -> Any:
    """Nest a flat list in a shape of any number of axes."""
    if not shape:
        return flat[0]
    if len(shape) == 1:
        return flat
    size = math.prod(shape[1:])
    return [_nested(flat[i : i + size], shape[1:]) for i in range(0, len(flat), size)]


def _listed(value: Any) -> str:
    return value if isinstance(value, str) else said("[{0}]", joined(", ", map(_listed, value)))
