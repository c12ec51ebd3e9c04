"""What makes an expression ready for many points, wherever that is: texts and numbers, as nodes do not travel."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import NamedTuple

from gradcli.batch.function import Function
from gradcli.errors import GradError, Source, suggest
from gradcli.limits import Limits
from gradcli.nested import Given, Value
from gradcli.operands import read_value
from gradcli.shapes import Shape
from gradcli.solve import OURS
from gradcli.syntax import Program
from gradcli.syntax.names import canonical
from gradcli.syntax.reader import read
from gradcli.values import arrays_in
from gradcli.wording import said


class Recipe(NamedTuple):
    """An expression with what is known of its names."""

    expression: str
    declared: frozenset[str]  # canonical names of the columns and the constants
    arrays: frozenset[str]  # those that are vectors or matrices
    latex: bool
    limits: Limits
    variables: tuple[str, ...] = ()  # as they are spelt in the expression
    typed: Mapping[str, str] = {}  # constants by variable, as they were written out: exactly that
    loaded: Mapping[str, Value] = {}  # other constants
    varying: Mapping[str, Shape] = {}  # the variables that are columns
    wrt: list[str] | None = None
    convention: str = OURS
    certify: bool = False
    jit: bool = False

    def program(self) -> Program:
        """Return the expression, read.

        Raises:
            GradError: if it cannot be.

        """
        return read(Source(self.expression), self.declared, self.limits, arrays=self.arrays, latex=self.latex)

    def function(self) -> Function:
        """Return the expression, ready for many points.

        Raises:
            GradError: if it cannot be: a shape, a name, a limit.

        """
        constants = {name: Given(value) for name, value in self.loaded.items()}
        constants |= {name: read_value(Source(text), 0, self.limits) for name, text in self.typed.items()}
        varying = dict(self.varying)
        return Function(self.program(), varying, constants, self.wrt, self.convention, self.limits, certify=self.certify, jit=self.jit)

    def constants(self) -> dict[str, str]:
        """Return the constants, or what tells them from others."""
        return {**self.typed} | {name: _digest(value) for name, value in self.loaded.items()}


def written(
    expression: str, constants: Mapping[str, Given], typed: Mapping[str, str], columns: Mapping[str, Shape], wrt: list[str] | None,
    latex: bool, limits: Limits,
) -> Recipe:  # fmt: skip
    """Return the recipe of an expression beside a table that has columns for these variables; which of them vary is not known yet.

    Raises:
        GradError: if the expression cannot be read; for a constant that does not occur in it.

    """
    declared = frozenset(map(canonical, [*columns, *constants]))
    arrays = arrays_in(constants).union(canonical(name) for name, shape in columns.items() if shape)
    recipe = Recipe(expression, declared, arrays, latex, limits)
    variables = {canonical(name): name for name in recipe.program().variables}
    for name in constants:
        if canonical(name) not in variables:
            raise GradError("unknown-name", said("{0} has a value but does not occur in the expression", name),
                            hint=suggest(name, list(variables.values())))  # fmt: skip
    spelt = {name: variables[canonical(name)] for name in constants}
    return recipe._replace(
        variables=tuple(variables.values()),
        wrt=wrt and [variables.get(canonical(name), name) for name in wrt],
        typed={spelt[name]: text for name, text in typed.items()},
        loaded={spelt[name]: given.value for name, given in constants.items() if name not in typed},
    )


def _digest(value: Value) -> str:
    """Return what tells a value from others."""
    data = repr(value).encode() if isinstance(value, float) else repr(value.shape).encode() + value.tobytes()
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
