"""What makes a row doubtful, and the errors of all units of a tape, by the rules of `bounds`.

A row is certain if nine digits of everything it gives are, if all it is made of has a value, and if it is clearly no kink, no jump and no
edge of a condition.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.batch.bounds import RULES, Known
from gradcli.batch.lanes import Lanes, Ref
from gradcli.batch.tape import LINEAR

DIGITS = 1e-9  # what a number may be off, relatively: nine digits are right; of most numbers all
TINY, LOST = 1e-290, 1e-322  # below, results may underflow; and what is lost then
HALF = 0.5  # a relative error that leaves the sign certain


class Seen:
    """What rules know of a tape without looking at a row; ``unit`` is the error of one operation."""

    lanes: Lanes
    unit: float

    def sign(self, k: Known) -> int:
        return self.lanes.sign[k.ref.unit]

    def rounding(self, out: Known) -> float:
        return 0.0 if self.lanes.whole[out.ref.unit] else self.unit


def errors(lanes: Lanes, scale: Any) -> dict[int, Known]:
    """Return what is known of every unit."""
    known = {unit: _of_constant(unit, *constant) for unit, constant in lanes.constants.items()}
    known |= {unit: Known(Ref(unit), 0.0, 0.0) for unit in lanes.inputs}
    for step in lanes.steps:
        args = [scale.pick(known[ref.unit], ref) for ref in step.args]
        out = known[step.out] = Known(Ref(step.out), 0.0, 0.0)
        if step.op == LINEAR:
            out.rel, out.abs = 0.0, scale.linear(np.abs(step.weights), args)
        else:
            out.rel, out.abs = RULES[step.op, len(args)](scale, out, *args)
        out.rel = scale.checked(out)
    return known


def _of_constant(unit: int, value: Any, bound: Any) -> Known:
    """Return what is known of a constant, or of a column of them: the worst."""
    if not np.any(bound):
        return Known(Ref(unit), 0.0, 0.0)
    if not (np.isfinite(value).all() and np.isfinite(bound).all()):
        return Known(Ref(unit), math.inf, 0.0)
    far = np.abs(value) > 8 * bound  # of a number near 0 only the error itself says something
    rel = np.where(far, bound, 0) / np.where(far, np.abs(value), 1)
    return Known(Ref(unit), float(np.max(rel)), float(np.max(np.where(far, 0, bound))))
