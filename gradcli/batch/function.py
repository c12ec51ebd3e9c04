"""A program made ready for many points: its kernel for blocks of rows, and the engine of single points for the rows in doubt."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.batch.kernel import Kernel
from gradcli.batch.lower import lower
from gradcli.batch.records import Block, Output, Settled
from gradcli.batch.tape import Tape
from gradcli.circuit import Circuit
from gradcli.errors import NO_VERDICT, GradError, suggest
from gradcli.limits import Limits
from gradcli.nested import Given, leaves, shape_of, units
from gradcli.point import Point
from gradcli.report import FOLDED
from gradcli.shapes import Shape
from gradcli.solve import OURS, conventional_partial
from gradcli.statuses import judged
from gradcli.syntax import Program
from gradcli.wording import said


class Function:
    """Value and partials of a program, as a function of many points.

    ``varying`` are the variables that have a value in each row, with their shapes; ``constants`` have the same everywhere. With ``certify``
    every row is done by balls.
    """

    def __init__(
        self, program: Program, varying: dict[str, Shape], constants: dict[str, Given], wrt: list[str] | None = None,
        convention: str = OURS, limits: Limits | None = None, certify: bool = False, jit: bool = False,
    ) -> None:
        sizes = {**varying, **{name: shape_of(given.value) for name, given in constants.items()}}
        self.circuit = Circuit(program, sizes, FOLDED, limits or Limits())
        self.varying, self.constants, self.convention = varying, constants, convention
        known = {str(variable.leaf): variable for variable in self.circuit.variables}
        names = [name for name in known if name in varying] if wrt is None else wrt
        for name in names:
            if name not in known:
                hint = suggest(name, list(known)) or said("the variables are {0}", ", ".join(known))
                raise GradError("unknown-name", said("--wrt {0}: there is no such variable", name), hint=hint)
        self.targets = [known[name] for name in names]
        shape, out = self.circuit.shape, self.circuit.output
        self.outputs = [Output(out, "", shape)]
        self.outputs += [Output(f"d{out}/d{name}", name, (*shape, *sizes[name])) for name in names]
        self._seeds = units(shape)
        self._kernel = None if certify else _kernel(Tape(lower(self.circuit, self.targets, constants)), jit)

    def block(self, columns: dict[str, Any], results: list[Any] | None = None) -> Block:
        """Return the value and the partials of every row, each as (*shape, rows), and the rows that the kernel is not sure about.

        They are written into ``results`` if these are given.
        """
        rows = int(next(iter(columns.values())).shape[-1])
        found = [np.empty((*output.shape, rows)) for output in self.outputs] if results is None else results
        if self._kernel is None:
            return Block(found, np.arange(rows))
        return Block(found, self._kernel.run(columns, found))

    def settle(self, point: dict[str, Any]) -> Settled:
        """Return one row by the engine of single points, every digit certain, with the status of each partial."""
        given = {name: Given(float(value) if np.ndim(value) == 0 else np.asarray(value, float)) for name, value in point.items()}
        circuit = self.circuit
        for name, number in given.items():
            if not np.isfinite(number.value).all():
                lost = np.isnan(number.value).any()
                why = said("{0} is not a number", name) if lost else said("{0} is larger than can be computed with{1}", name, "")
                return self._without("undefined" if lost else "overflow", why)
        try:
            at = Point(circuit, {**self.constants, **given}, self.targets, self._seeds)
        except GradError as broken:
            if broken.code != NO_VERDICT:
                raise
            kind = broken.kind if broken.kind in ("overflow", "undecided") else "undefined"
            return self._without(kind, broken.message)
        found = [judged(at, target, at.adjoint(target, circuit.shape != ()), None) for target in self.targets]
        results = [np.asarray(at.values[circuit.root], float)]
        for target, status, output in zip(self.targets, found, self.outputs[1:]):
            value = status.value
            if self.convention != OURS and status.cause:
                value = conventional_partial(circuit, at, target, self.convention, jacobian=circuit.shape != ())
            flat = [math.nan if number is None else float(number) for number in leaves(value)]
            full = flat if value is not None else [_missing(status.status, status.left, status.right)] * math.prod(output.shape)
            results.append(np.array(full).reshape(output.shape))
        return Settled(results, [status.status for status in found])

    def _without(self, kind: str, why: str) -> Settled:
        """Return a row that has no value."""
        return Settled([np.full(output.shape, math.nan) for output in self.outputs], [kind] * len(self.targets), why)


def _kernel(tape: Tape, jit: bool) -> Any:
    """Return what runs a tape: machine code if it is asked for and can be had, else NumPy."""
    if jit:
        from gradcli.batch.native.kernel import native

        return native(tape) or Kernel(tape)
    return Kernel(tape)


def _missing(status: str, left: Any, right: Any) -> float:
    """Return what stands for a partial that does not exist: the infinite slope of a vertical tangent, else nan."""
    slopes = {slope for slope in (left, right) if isinstance(slope, float)}
    return slopes.pop() if status == "vertical" and len(slopes) == 1 else math.nan
