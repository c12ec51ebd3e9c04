"""A block of rows: what to measure of it, and which of its rows the rules leave in doubt."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from gradcli.batch.bounds import UNIT
from gradcli.batch.columns import is_native
from gradcli.batch.doubts import DIGITS, HALF, HIDE_NAN, errors
from gradcli.batch.extent import Extent, Sizes, is_product
from gradcli.batch.lanes import Lanes

Column = Any
_LEVELS = 3  # of products of products: each asks for twice the digits of the one above


class Blocks:
    """What to look at in every block: of which units the size matters, and which columns tell the rows in doubt.

    Where there are conditions, nan is common in branches that are not taken: it stays in its row, and what tells whether it counts is
    looked at instead: the outputs, what must have a value, and what hides nan.
    """

    def __init__(self, lanes: Lanes) -> None:
        self.lanes = lanes
        self.made = {step.out: step for step in lanes.steps}
        self.wanted = list(dict.fromkeys(ref.unit for refs in lanes.outputs for ref in refs))
        self.extent = Extent(lanes)
        errors(lanes, self.extent)
        self._most, self._least = self.extent.asked_hi, self.extent.asked_lo
        telling = {unit for want in self.wanted for unit in self._telling(want)}
        self.kept = telling.union(ref.unit for ref in (*lanes.apart, *lanes.quiet))
        needed = {ref.unit for ref in lanes.needed}
        self.branching = any(unit in self.made and self.made[unit].op == "where" for unit in needed)
        self._past_nan = {step.out for step in lanes.steps if self.branching and is_native(step)}  # of others the processor says nothing
        self.counting = set[int]()
        if self.branching:
            self.counting = needed.union(self.wanted, (ref.unit for step in lanes.steps if step.op in HIDE_NAN for ref in step.args))
            self.kept |= self.counting

    def factors(self, unit: int, level: int) -> list[int]:
        """Return the factors of a unit; none if it is no product, or stands too far below the one that is asked for."""
        step = self.made.get(unit)
        return [ref.unit for ref in step.args] if step is not None and is_product(step) and level < _LEVELS else []

    def _telling(self, unit: int, level: int = 0) -> set[int]:
        """Return the units of which one may tell whether a product is certain."""
        return {unit}.union(*(self._telling(factor, level + 1) for factor in self.factors(unit, level)))

    def measure(self, sizes: Sizes, unit: int, column: Column) -> None:
        """Note the size of a unit, if it matters."""
        greatest, smallest = (np.fmax, np.fmin) if unit in self._past_nan else (np.maximum, np.minimum)
        if unit in self._most:
            most = float(greatest.reduce(column, axis=None))
            sizes.hi[unit] = most if self.lanes.sign[unit] > 0 else max(most, -float(smallest.reduce(column, axis=None)))
        if unit in self._least:
            sizes.lo[unit] = float(smallest.reduce(np.absolute(column), axis=None))


class Doubts:
    """Which rows are in doubt, as long as the sizes hold: some columns, and how near to 0 they may not come."""

    def __init__(self, blocks: Blocks, sizes: Sizes) -> None:
        self.sizes, self._blocks, lanes = sizes, blocks, blocks.lanes
        known = self._known = errors(lanes, blocks.extent.of(sizes))
        self._all = any(not known[ref.unit].rel + known[ref.unit].abs < math.inf for ref in lanes.needed)
        self._near = dict[int, float]()
        self._quiet = dict.fromkeys(ref.unit for ref in lanes.quiet)
        self._all |= any(known[unit].abs or known[unit].rel for unit in self._quiet)
        for ref in lanes.apart:
            self._all |= not known[ref.unit].rel < HALF
            self._keep_from(ref.unit, 2 * known[ref.unit].abs)
        for unit in blocks.wanted:
            self._want(unit, DIGITS)

    def _keep_from(self, unit: int, distance: float) -> None:
        self._all |= not distance < math.inf
        self._near[unit] = max(distance, self._near.get(unit, 0.0))

    def _want(self, unit: int, digits: float, level: int = 0) -> None:
        """Ask for a unit to be relatively as exact as that.

        A product is by its factors, |Δ(ab)| ≤ (|Δa/a| + |Δb/b| + |Δa/a·Δb/b|) |ab|, also where it is near 0 since one of them is.
        """
        error, factors = self._known[unit], [self._known[factor] for factor in self._blocks.factors(unit, level)]
        if not error.rel < digits / 2:
            self._all = True
        elif not error.abs:
            return
        elif factors:
            told, asked = sum(factor.rel for factor in factors if not factor.abs), [factor.ref.unit for factor in factors if factor.abs]
            for factor in dict.fromkeys(asked):
                self._want(factor, 0.99 * (digits - told - 2 * UNIT) / len(asked), level + 1)
        else:
            self._keep_from(unit, error.abs / (digits - error.rel))

    def rows(self, at: Callable[[int], Column], rows: int, invalid: bool) -> Column:
        """Return which rows are in doubt, by the columns of the units; ``invalid`` if there may be nan in them."""
        if self._all:
            return np.arange(rows)
        doubt = np.zeros(rows, dtype=bool)
        for tells in self._telling(at, invalid):
            doubt |= tells.any(axis=0) if tells.ndim > 1 else tells
        return np.flatnonzero(doubt)

    def _telling(self, at: Callable[[int], Column], invalid: bool) -> Iterator[Column]:
        """Yield where a unit, or a lane of it, says that a row is in doubt."""
        for unit, distance in self._near.items():
            yield np.absolute(at(unit)) <= distance
        for unit in self._quiet:
            yield np.not_equal(at(unit), 0)
        for unit in self._blocks.counting if invalid else ():
            yield np.isnan(at(unit))
