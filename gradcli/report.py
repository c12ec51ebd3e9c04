"""The plain record of everything an output may show. Computes nothing, prints nothing.

Numbers are floats, arrays nested lists of floats. A ``formula`` is in plain notation and parses back; a ``pretty``
one is in the ``notation`` asked for: unicode for the eye, plain, or latex. In a report without a point, values are
None and formulas say everything.
"""

from __future__ import annotations

from gradcli.light import Any, Callable, cache
from gradcli.notation import NOTHING, Formula
from gradcli.shapes import Shape
from gradcli.wording import said

# Which operations count as one gate (see gates).
FOLDED, PRIMITIVE, FUSED = MODES = ("folded", "primitive", "fused")

# Statuses of a partial, from the best to the worst, as words for people.
KINDS: dict[str, str] = {str(kind): kind for kind in (
    said("smooth"), said("underflow"), said("overflow"), said("kink"), said("vertical"), said("jump"), said("undefined"), said("undecided"),
)}  # fmt: skip
SMOOTH, UNDERFLOW, OVERFLOW, KINK, VERTICAL, JUMP, UNDEFINED, UNDECIDED = RANK = tuple(KINDS)
MISSING = {**KINDS, "jump": said("undefined: a jump"), "vertical": said("undefined: a cusp")}  # said in place of a number
WITHOUT_NUMBER = (VERTICAL, JUMP, UNDEFINED, UNDECIDED)  # statuses of a partial that has no finite value

Number = float | list  # type: ignore[type-arg]  # a nested list of floats


class Forward:
    """One row of the forward pass: an input, a constant, or a gate and what it gives.

    ``inputs`` are the names of what is wired into a gate, in the order of its arguments; a constant that no row names
    stands there as its text. What the sign of the gate says already (+1, x^2, [3]) is not wired.
    """

    __slots__ = ("formula", "gate", "inputs", "kind", "name", "pretty", "shape", "value")

    def __init__(
        self, kind: str, name: str, gate: str, formula: str, pretty: Formula, value: Number | None, shape: Shape,
        inputs: list[str] | None = None,
    ) -> None:
        self.inputs = inputs or []
        self.kind, self.name, self.gate = kind, name, gate
        self.formula, self.pretty, self.value, self.shape = formula, pretty, value, shape


class Step:
    """One row of the backward pass.

    kind "seed": ``contribution`` is the upstream gradient of the output. kind "edge": contribution = local ×
    upstream, to ``of`` through ``through``; ``local`` is None for an array made of arrays. Where the rule is a pullback, ``pullback``
    is it, and ``contribution_pretty`` its index form. kind "sum": ``contribution`` is the sum of ``count`` earlier contributions to ``of``.
    """

    __slots__ = (
        "contribution", "contribution_formula", "contribution_pretty", "count", "gate", "kind", "local", "local_formula",
        "local_pretty", "of", "pullback", "summed", "through", "upstream", "upstream_formula", "upstream_pretty",
    )  # fmt: skip

    def __init__(
        self,
        kind: str,
        of: str,
        *,
        through: str = "",
        gate: str = "",
        local_formula: str = "",
        local_pretty: Formula = NOTHING,
        pullback: Formula = NOTHING,
        local: Number | None = None,
        upstream: Number | None = None,
        upstream_formula: str = "",
        upstream_pretty: Formula = NOTHING,
        contribution: Number | None = None,
        contribution_formula: str = "",
        contribution_pretty: Formula = NOTHING,
        summed: bool = False,
        count: int = 0,
    ) -> None:
        self.kind, self.of, self.through, self.gate = kind, of, through, gate
        self.local_formula, self.local_pretty, self.pullback, self.local = local_formula, local_pretty, pullback, local
        self.upstream, self.upstream_formula, self.upstream_pretty = upstream, upstream_formula, upstream_pretty
        self.contribution, self.contribution_formula = contribution, contribution_formula
        self.contribution_pretty = contribution_pretty
        self.summed, self.count = summed, count


class Lazy:
    """A record with fields that are worked out when they are first read: ``later`` has a function for each."""

    __slots__ = ("later",)

    later: dict[str, Callable[[], Any]]

    def __getattr__(self, name: str) -> Any:
        """Work out a field that has no value yet."""
        later: dict[str, Callable[[], Any]] = object.__getattribute__(self, "later")
        if name not in later:
            raise AttributeError(name)
        setattr(self, name, later[name]())
        del later[name]
        return getattr(self, name)


class Partial(Lazy):
    """A partial derivative: its value, its formula in the variables, and whether it exists at this point.

    ``value`` has the shape of the output followed by that of the variable; with a seed, the variable's alone.
    ``index_form`` is the entry at output index k, l and variable index i, j. ``status`` is the worst of its ``entries``: smooth,
    underflow, overflow, kink, vertical, jump, undefined or undecided; the value is None where there is no number. At
    a kink ``left`` and ``right`` are the one-sided slopes (None: no values on that side) and ``cause`` the gate;
    ``certified`` are the digits of a number that no float64 holds.
    """

    __slots__ = ("cause", "certified", "entries", "formula", "index_form", "left", "name", "pretty", "right", "shape", "status", "value")

    formula: str
    pretty: Formula
    index_form: Formula

    def __init__(
        self, name: str, value: Number | None, shape: Shape, status: str, written: Callable[[], tuple[str, Formula, Formula]]
    ) -> None:
        self.name, self.value, self.shape, self.status = name, value, shape, status
        found = cache(written)
        self.later = {field: lambda k=k: found()[k] for k, field in enumerate(("formula", "pretty", "index_form"))}  # type: ignore[misc]
        self.left: Number | None = None
        self.right: Number | None = None
        self.cause = ""
        self.entries: list[str] | None = None
        self.certified: str | list | None = None  # type: ignore[type-arg]

    @property
    def tangent(self) -> float | None:
        """Return ∞ or -∞ where the tangent is vertical; nothing where it is not, or where the sides differ."""
        slopes = {slope for slope in (self.left, self.right) if isinstance(slope, float)}
        return slopes.pop() if self.status == "vertical" and len(slopes) == 1 else None

    def __repr__(self) -> str:
        return f"<Partial {self.name}: {self.formula or self.index_form} = {self.value}>"


class Second:
    """A second opinion on one entry of a partial: whether it agrees (None: it cannot tell), by which method, and why."""

    __slots__ = ("agrees", "method", "place", "value", "why")

    def __init__(self, place: list[int], agrees: bool | None, method: str, value: float | None, why: str) -> None:
        self.place, self.agrees, self.method, self.value, self.why = place, agrees, method, value, why

    @property
    def remark(self) -> str:
        """Return it in words."""
        if self.agrees and self.method == "complex step":
            return said("agrees ({0} {1})", self.method, self.why)
        if self.agrees:
            return said("agrees ({0}: {1})", self.method, self.why)
        return self.why if self.agrees is None else said("DIFFERS: {0}", self.why)

    def __str__(self) -> str:
        return self.remark


class Certificate:
    """The digits that are proved, as text: of the value, and of the partials by name; an array as nested lists."""

    __slots__ = ("digits", "method", "partials", "value")

    def __init__(self, value: str | list, partials: dict[str, str | list], digits: int, method: str) -> None:  # type: ignore[type-arg]
        self.value, self.partials, self.digits, self.method = value, partials, digits, method


class Report(Lazy):
    """Everything about one expression, at one point or without a point.

    The rows of both passes are written when somebody reads them: who wants the gradient of a million gates wants no million rows.
    """

    __slots__ = (
        "backward", "bindings", "certificate", "display", "expression", "forward", "gates", "hessian", "notation", "notes", "opinions",
        "orders", "output", "partials", "reading", "seed", "shape", "source", "value",
    )  # fmt: skip

    expression: str
    reading: Formula
    forward: list[Forward]
    backward: list[Step]

    def __init__(
        self, source: str, output: str, shape: Shape, gates: str, notation: str = "unicode", **later: Callable[[], Any]
    ) -> None:
        """Take the plain fields, and by name functions for those that are written later: expression, reading, forward, backward."""
        self.source, self.later = source, {"forward": list, "backward": list, **later}
        self.output, self.shape, self.gates, self.notation = output, shape, gates, notation
        self.bindings: dict[str, Number] = {}
        self.value: Number | None = None
        self.seed: Number | None = None
        self.partials: dict[str, Partial] = {}
        self.hessian: dict[str, dict[str, Partial]] = {}
        self.orders: list[Partial] = []
        self.notes: list[str] = []
        self.certificate: Certificate | None = None
        self.opinions: dict[str, list[Second]] = {}
        self.display: Callable[[Report], dict[str, str]] | None = None  # given by who hands the report to a person

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """Return what a notebook shows, by media type. IPython and its kin choose what they can show best."""
        return self.display(self) if self.display else {}

    def _repr_html_(self) -> str | None:
        return self._repr_mimebundle_().get("text/html")

    def _repr_latex_(self) -> str | None:
        return self._repr_mimebundle_().get("text/latex")

    @property
    def undefined(self) -> list[str]:
        """Return the names of the partials that do not exist at this point."""
        found = [*self.partials.values(), *self.orders, *(p for row in self.hessian.values() for p in row.values())]
        return [p.name for p in found if p.status in WITHOUT_NUMBER]

    def __repr__(self) -> str:
        return f"<Report {self.output} = {self.reading}: {self.value}>"
