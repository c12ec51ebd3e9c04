"""A tape of single numbers as steps on whole arrays again: entries that are computed alike are done by one call.

    v1 = x1·2, v2 = x2·3, …   →   V = X · [2, 3, …]ᵀ        one row of V for each entry

What the entries of a vector have in common is found from the steps, not from the shapes: so it does not matter by which operator
an array came apart. A *unit* is what one step writes: a column of rows, or as many columns as it has lanes.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from gradcli.batch.tape import LINEAR, Step, Tape

WHOLE = -1


class Ref(NamedTuple):
    """An argument: a unit, and which lane of it (WHOLE: all of them, or the only one)."""

    unit: int
    lane: int = WHOLE


class Wide(NamedTuple):
    """One operation on units: out = op(args); of LINEAR with its matrix of weights, and whether they are rounded."""

    op: str
    args: tuple[Ref, ...]
    out: int
    weights: Any = None
    rounded: bool = False


class Lanes:
    """The steps of a tape, those that are alike side by side."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.units: list[list[int]] = []  # the places of each
        self.of: dict[int, Ref] = {}
        self.constants: dict[int, tuple[Any, Any]] = {}  # value and bound: floats, or columns with a number for each lane
        self.inputs: dict[int, str] = {}  # the variable that a unit is, whole or flattened
        self.steps: list[Wide] = []
        self._column: dict[tuple[int, ...], int] = {}
        self._enter()
        made = self._group()
        self.outputs = [[self.of[place] for place in places] for places in tape.outputs]
        self.apart = list(dict.fromkeys(self.of[place] for place in tape.apart))
        self.quiet = list(dict.fromkeys(self.of[place] for place in tape.quiet))
        self.needed = list(dict.fromkeys(self.of[place] for place in tape.needed))
        wanted = [*(ref for refs in self.outputs for ref in refs), *self.apart, *self.quiet, *self.needed]
        self._schedule(made, [ref.unit for ref in wanted])
        self.sign = [self._sign(places) for places in self.units]
        self.whole = [all(tape.whole[place] for place in places) for places in self.units]

    def width(self, unit: int) -> int:
        """Return how many lanes a unit has."""
        return len(self.units[unit])

    def every(self, unit: int) -> list[Ref]:
        """Return the lanes of a unit, in order."""
        return [self.of[place] for place in self.units[unit]]

    def _new(self, places: list[int]) -> int:
        unit = len(self.units)
        self.units.append(places)
        for lane, place in enumerate(places):
            self.of[place] = Ref(unit, lane if len(places) > 1 else WHOLE)
        return unit

    def _enter(self) -> None:
        """Make a unit of every variable, whose entries are all there, and of every constant."""
        entries: dict[str, list[int]] = {}
        for place, (name, *_) in self.tape.inputs.items():
            entries.setdefault(str(name), []).append(place)
        for name, places in entries.items():
            self.inputs[self._new(places)] = name
        for place, constant in self.tape.constants.items():
            self.constants[self._new([place])] = constant

    def _group(self) -> dict[int, Wide]:
        """Put the steps that are alike together, level by level; return the step that makes each unit."""
        level = dict.fromkeys((*self.tape.inputs, *self.tape.constants), 0)
        levels: list[list[Step]] = []
        for step in self.tape.steps:
            n = max([level[place] for place in step.args], default=0)
            level.update(dict.fromkeys(step.outs, n + 1))
            while len(levels) <= n:
                levels.append([])
            levels[n].append(step)
        made: dict[int, Wide] = {}
        for steps in levels:
            for step in [step for step in steps if step.op == LINEAR]:
                unit = self._new(list(step.outs))
                made[unit] = Wide(LINEAR, self._vector(step.args), unit, np.array(step.weights), step.rounded)
            for alike in self._alike([step for step in steps if step.op != LINEAR]):
                unit = self._new([step.outs[0] for step in alike])
                made[unit] = Wide(alike[0].op, tuple(self._argument(alike, k) for k in range(len(alike[0].args))), unit)
        return made

    def _alike(self, steps: list[Step]) -> list[list[Step]]:
        """Return steps in groups: each a step for every lane of the units it reads, or a single one."""
        found: dict[Any, dict[int, Step]] = {}
        out: list[list[Step]] = []
        for step in steps:
            refs = [self.of[place] for place in step.args]
            lanes = {ref.lane for ref in refs if ref.lane != WHOLE}
            widths = {self.width(ref.unit) for ref in refs if ref.lane != WHOLE}
            if len(lanes) != 1 or len(widths) != 1:
                out.append([step])
                continue
            key: Any = (step.op, tuple("constant" if ref.unit in self.constants else (ref.unit, ref.lane == WHOLE) for ref in refs))
            (lane,) = lanes
            while lane in found.setdefault(key, {}):
                key = (key,)  # the same with another constant
            found[key][lane] = step
        for members in found.values():
            several = [members[lane] for lane in sorted(members)]
            first = next(ref for ref in map(self.of.__getitem__, several[0].args) if ref.lane != WHOLE)
            out += [several] if len(several) == self.width(first.unit) else [[step] for step in several]
        return out

    def _argument(self, alike: list[Step], k: int) -> Ref:
        """Return what steps that are alike read as their k-th argument."""
        refs = [self.of[step.args[k]] for step in alike]
        if len(alike) == 1 or len(set(refs)) == 1:
            return refs[0]
        if refs[0].unit not in self.constants:
            return Ref(refs[0].unit)
        places = tuple(step.args[k] for step in alike)
        if places not in self._column:
            self._column[places] = unit = len(self.units)
            self.units.append(list(places))
            value, bound = (np.array([[self.tape.constants[place][side]] for place in places]) for side in (0, 1))
            self.constants[unit] = value, bound
        return Ref(self._column[places])

    def _vector(self, places: tuple[int, ...]) -> tuple[Ref, ...]:
        """Return the argument of a product with a matrix: one unit, if it is its lanes in order."""
        refs = [self.of[place] for place in places]
        whole = self.units[refs[0].unit]
        return (Ref(refs[0].unit),) if tuple(whole) == places else tuple(refs)

    def _schedule(self, made: dict[int, Wide], wanted: list[int]) -> None:
        """Order the steps: each after what it reads, and what is read together near each other."""
        done = {*self.inputs, *self.constants}
        stack = [(unit, False) for unit in reversed(wanted)]
        while stack:
            unit, ready = stack.pop()
            if unit in done:
                continue
            if ready:
                done.add(unit)
                self.steps.append(made[unit])
            else:
                stack.append((unit, True))
                stack += [(ref.unit, False) for ref in reversed(made[unit].args) if ref.unit not in done]

    def _sign(self, places: list[int]) -> int:
        signs = {self.tape.sign[place] for place in places}
        return signs.pop() if len(signs) == 1 else 0
