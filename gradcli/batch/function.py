"""An expression made ready for many points."""

from __future__ import annotations

from typing import Any

from gradcli.batch.records import Block, Output, Settled
from gradcli.circuit import Circuit
from gradcli.errors import NO_VERDICT, GradError, suggest
from gradcli.gates import FOLDED
from gradcli.limits import Limits
from gradcli.nested import Given, leaves, shape_of, units
from gradcli.point import Point
from gradcli.shapes import Shape
from gradcli.solve import OURS
from gradcli.statuses import judged
from gradcli.steps import Steps
from gradcli.syntax.program import Program


class Function:
    """A program whose value and partials are wanted at many points."""

    def __init__(
        self, program: Program, varying: dict[str, Shape], constants: dict[str, Given], wrt: list[str] | None = None,
        convention: str = OURS, limits: Limits | None = None,
    ) -> None:
        sizes = {**varying, **{name: shape_of(given.value) for name, given in constants.items()}}
        self.circuit = Circuit(program, sizes, FOLDED, limits or Limits())
        self.varying, self.constants = varying, constants
        known = {str(v.leaf): v for v in self.circuit.variables}
        names = [name for name in known if name in varying] if wrt is None else wrt
        for name in names:
            if name not in known:
                raise GradError("unknown-name", name, hint=suggest(name, list(known)))
        self.targets = [known[name] for name in names]
        shape, out = self.circuit.shape, self.circuit.output
        self.outputs = [Output(out, "", shape)]
        self.outputs += [Output(f"d{out}/d{name}", name, (*shape, *sizes[name])) for name in names]
        self._seeds = units(shape)

    def block(self, columns: dict[str, Any]) -> Block:
        """Return the value and the partials of every row, and which rows the kernel is not sure about."""
        import numpy as np

        rows = next(iter(columns.values())).shape[-1]
        return Block([np.full((*output.shape, rows), np.nan) for output in self.outputs], np.arange(rows))

    def settle(self, point: dict[str, Any]) -> Settled:
        """Return one row by the engine of single points, every digit certain, with the status of each partial."""
        import numpy as np

        given = {name: Given(float(value) if np.ndim(value) == 0 else np.asarray(value, float)) for name, value in point.items()}
        circuit, jacobian = self.circuit, self.circuit.shape != ()
        try:
            at = Point(circuit, {**self.constants, **given}, self.targets, self._seeds)
        except GradError as broken:
            if broken.code != NO_VERDICT:
                raise
            status = broken.kind if broken.kind in ("overflow", "undecided") else "undefined"
            return Settled([np.full(output.shape, np.nan) for output in self.outputs], [status] * len(self.targets), broken.message)
        steps = Steps(circuit, at, at.sweeps, jacobian=jacobian)
        found = [judged(at, target, steps.gather(target), None) for target in self.targets]
        results = [np.asarray(at.values[circuit.root], float)]
        for status, output in zip(found, self.outputs[1:]):
            flat = [np.nan] * max(1, int(np.prod(output.shape))) if status.value is None else [
                np.nan if v is None else float(v) for v in leaves(status.value)]  # fmt: skip
            results.append(np.array(flat).reshape(output.shape))
        return Settled(results, [status.status for status in found])


def ready(
    program: Program, varying: dict[str, Shape], constants: dict[str, Given], wrt: list[str] | None = None,
    convention: str = OURS, limits: Limits | None = None, certify: bool = False, jit: bool = False,
) -> Function:
    """Return a program made ready for many points."""
    return Function(program, varying, constants, wrt, convention, limits)
