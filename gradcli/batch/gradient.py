"""What ``gradcli.compile`` returns: an expression as a function of NumPy arrays, the same kernel as in a batch."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from gradcli.batch.function import Function
from gradcli.batch.memory import Memory
from gradcli.errors import GradError, Source
from gradcli.limits import Limits
from gradcli.nested import Given
from gradcli.point import match_names
from gradcli.solve import OURS
from gradcli.syntax.names import canonical
from gradcli.syntax.reader import read
from gradcli.values import arrays_in
from gradcli.wording import said
from gradcli.workers import Here, Threads, Workers, cores

_WORTH_A_THREAD = 1 << 16  # rows


class Answers:
    """Value and partials at many points, with the rows on the first axis.

    ``value`` has shape (rows, *output), ``partials[x]`` (rows, *output, *x). ``settled`` counts the rows that were done by certified
    numbers because floats could not tell nine digits, or because they lie at a kink; ``problems`` says of each row without a
    value why it has none, and its numbers are nan.
    """

    __slots__ = ("partials", "problems", "settled", "value")

    def __init__(self, value: Any, partials: dict[str, Any], settled: int, problems: dict[int, str]) -> None:
        self.value, self.partials, self.settled, self.problems = value, partials, settled, problems

    def __repr__(self) -> str:
        return f"<Answers at {len(self.value)} points: d{', d'.join(self.partials)}>"


class Gradient:
    """An expression and its gradient as a function of NumPy arrays.

        f(x=X, y=Y).value[i],  f(x=X, y=Y).partials["x"][i]     the value and ∂f/∂x at the i-th point

    An array holds a row for each point: of shape (rows,) for a number, (rows, n) for a vector, (rows, m, n) for a matrix; a single
    number is the same at all points.
    """

    def __init__(
        self, expression: str, constants: Mapping[str, Given], wrt: list[str] | None = None, latex: bool = False, convention: str = OURS,
        threads: int = 0, jit: bool = False,
    ) -> None:
        self.expression, self.wrt = expression, wrt
        self._constants, self._latex, self._convention = dict(constants), latex, convention
        self._threads, self._jit = threads or cores(), jit
        self._memory = Memory()
        self._functions: dict[tuple[tuple[str, tuple[int, ...]], ...], Function] = {}
        self._read(frozenset())  # what is wrong with the text is said at once

    def __repr__(self) -> str:
        return f"<Gradient of {self.expression}>"

    def _read(self, arrays: frozenset[str], names: frozenset[str] = frozenset()) -> Any:
        given = frozenset(map(canonical, self._constants))
        return read(Source(self.expression), names | given, Limits(), arrays=arrays | arrays_in(self._constants), latex=self._latex)

    def __call__(self, at: Mapping[str, object] | None = None, /, *, out: Answers | None = None, **columns: object) -> Answers:
        """Return value and partials at every point; written into ``out``, an earlier answer of the same shape, if it is given.

        Raises:
            GradError: for a name with no column or no place in the expression, for columns of different lengths, shapes that do not fit.

        """
        given = {name: np.asarray(column, dtype=np.float64) for name, column in {**(at or {}), **columns}.items()}
        lengths = {name: len(column) for name, column in given.items() if column.ndim}
        if len(set(lengths.values())) > 1:
            told = ", ".join(f"{name}: {length}" for name, length in lengths.items())
            raise GradError("shape-mismatch", said("the columns have different numbers of rows ({0})", told))
        rows = next(iter(lengths.values()), 1)
        function, names = self._function({name: column.shape[1:] for name, column in given.items()})
        moved = {
            names[name]: np.moveaxis(column, 0, -1) if column.ndim else np.broadcast_to(column, (rows,)) for name, column in given.items()
        }  # fmt: skip
        shapes = [(*output.shape, rows) for output in function.outputs]
        results = self._memory.arrays(shapes) if out is None else _buffers(out, function, rows)
        if out is not None:  # what is still to be read is not written over
            shared = [name for name, column in moved.items() if any(np.may_share_memory(column, result) for result in results)]
            moved.update({name: moved[name].copy() for name in shared})
        doubtful = self._run(function, moved, results, rows)
        problems: dict[int, str] = {}
        for row in doubtful:
            settled = function.settle({name: column[..., row] for name, column in moved.items()})
            for result, number in zip(results, settled.results):
                result[..., row] = number
            if settled.problem:
                problems[int(row)] = settled.problem
        value, *partials = (np.moveaxis(result, -1, 0) for result in results)
        if out is None:
            self._memory.keep(results)
        return Answers(value, {output.of: partial for output, partial in zip(function.outputs[1:], partials)}, len(doubtful), problems)

    def _function(self, shapes: dict[str, tuple[int, ...]]) -> tuple[Function, dict[str, str]]:
        """Return the function for points of these shapes, and what the expression calls them."""
        key = tuple(sorted(shapes.items()))
        if key not in self._functions:
            arrays = frozenset(canonical(name) for name, shape in shapes.items() if shape)
            program = self._read(arrays, frozenset(map(canonical, shapes)))
            given = {name: Given(np.zeros(shape) if shape else 0.0) for name, shape in shapes.items()}
            found = match_names(program, {**self._constants, **given})
            varying = {name: np.shape(value.value) for name, value in found.items() if any(value is own for own in given.values())}
            constants = {name: value for name, value in found.items() if name not in varying}
            self._functions[key] = Function(program, varying, constants, self.wrt, self._convention, jit=self._jit)
        function = self._functions[key]
        spelt = {canonical(name): name for name in function.varying}
        return function, {name: spelt.get(canonical(name), name) for name in shapes}

    def _run(self, function: Function, columns: dict[str, Any], results: list[Any], rows: int) -> Any:
        """Run the kernel on all rows, in as many threads as are worth while; return the rows in doubt."""
        many = max(1, min(self._threads, rows // _WORTH_A_THREAD))
        step = -(-rows // many) if rows else 1

        def some(start: int) -> Any:
            end = min(start + step, rows)
            part = {name: column[..., start:end] for name, column in columns.items()}
            return function.block(part, [result[..., start:end] for result in results]).doubtful + start

        starts = range(0, rows, step)
        found = list(_pool(many).results(some, starts, many))
        return np.concatenate(found) if found else np.empty(0, dtype=np.intp)


def _buffers(out: Answers, function: Function, rows: int) -> list[Any]:
    """Return the arrays of an earlier answer, to be written again."""
    found = [np.moveaxis(array, 0, -1) for array in (out.value, *(out.partials[output.of] for output in function.outputs[1:]))]
    if any(array.shape != (*output.shape, rows) for array, output in zip(found, function.outputs)):
        raise GradError("shape-mismatch", said("the answer to be written again is of another shape"))
    return found


@cache
def _pool(threads: int) -> Workers:
    return Threads(threads) if threads > 1 else Here()
