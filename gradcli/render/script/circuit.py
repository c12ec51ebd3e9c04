"""What the scripts of every library hold: the heading, one statement for each gate, and our numbers to agree with."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gradcli.errors import GradError, safe
from gradcli.nested import Far, Nested, leaves
from gradcli.notation.code import definitions
from gradcli.ops import COMPARISONS
from gradcli.render.forms import Part
from gradcli.render.script.names import Names
from gradcli.report import Forward, Partial, Report
from gradcli.wording import said

_READABLE = 300  # characters of an expression in a comment; a longer one stands in the statements
AGREE = '''\
agreed = 0


def flat(value):
    value = value.tolist() if hasattr(value, "tolist") else value
    return [number for item in value for number in flat(item)] if isinstance(value, list) else [value]


def agree(name, theirs, ours, scale=1.0):
    """Assert that numbers agree in nine digits; what cancels, to the rounding of numbers of its scale."""
    global agreed
    theirs, ours = flat(theirs), flat(ours)
    assert len(theirs) == len(ours), f"{name}: {len(theirs)} numbers here, {len(ours)} by gradcli"
    for a, b in zip(theirs, ours):
        assert math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-15 * scale), f"{name}: {a!r} here, {b!r} by gradcli"
        agreed += 1
'''
LAST = 'print(f"all {agreed} numbers agree")'


class Circuit:
    """The report of a script, its names as identifiers, and its gates as statements."""

    def __init__(self, parts: Sequence[Part], library: str, needs: str) -> None:
        self.report, self.library, self.needs = _only(parts, library), library, needs
        self.name = Names()
        self.inputs = [(self.name(row.name), row) for row in self.report.forward if row.kind == "input"]
        self.gates = [row for row in self.report.forward if row.kind == "gate"]
        for row in self.gates:
            self.name(row.name)
        self.output = self.name(self.report.output)
        inputs = {row.name for _, row in self.inputs}
        self.nudges = {p.name: self.name.new(f"{self.name(p.name)}_nudge") for p in self.partials if p.name not in inputs}

    @property
    def partials(self) -> list[Partial]:
        """Return the partials of the report, in order."""
        return list(self.report.partials.values())

    @property
    def jacobian(self) -> bool:
        """Tell whether the partials are Jacobians: an array was differentiated, without a seed."""
        return self.report.shape != () and self.report.seed is None

    def given(self, row: Forward) -> Nested:
        """Return the value of an input; also of one that the output does not use."""
        return self.report.bindings[row.name] if row.value is None else row.value

    def slope(self, name: str) -> str:
        """Return the identifier of the partial in a name."""
        return self.name(f"∂{self.report.output}/∂{name}")

    def slopes(self) -> str:
        """Return the identifiers of the partials as the target of an assignment."""
        names = [self.slope(partial.name) for partial in self.partials]
        return f"({names[0]},)" if len(names) == 1 else ", ".join(names)

    def statements(self, nudged: bool = False) -> list[str]:
        """Return one statement for each gate, in the names of what is wired into it.

        With ``nudged`` what the partials are asked for is an argument, added to the value of a stage.
        """
        out = []
        for row in self.gates:
            code = self.name.filled(row.pretty.written(self.library))
            if row is self.gates[-1] and row.gate in COMPARISONS:
                code = f"1.0 * ({code})"
            if nudged and row.name in self.nudges:
                code = f"{code} + {self.nudges[row.name]}"
            out.append(f"{self.name(row.name)} = {code}")
        return out

    def written(self, title: str, imports: list[str], body: list[str]) -> str:
        """Return the whole script: the heading, what the library lacks, and the body."""
        report = self.report
        about = [f"{report.output} = {report.expression}"] if 0 < len(report.expression) <= _READABLE else []
        at = ", ".join(f"{name} = {value}" for name, value in report.bindings.items())
        about += [f"at {at}"] if 0 < len(at) <= _READABLE else []
        heading = [f"# {safe(line)}" for line in [*about, title, f"needs: pip install {self.needs}", *(f"note: {n}" for n in report.notes)]]
        defined = [line for code in definitions(self.library, body) for line in ("", "", code)]
        return "\n".join([*heading, *imports, "", AGREE.rstrip(), *defined, "", "", *body, LAST]) + "\n"

    # ---- our numbers ----------------------------------------------------------------------------------------

    def checks(self) -> list[str]:
        """Return the assertions: of the value, and of every partial that another library must have, too."""
        out = []
        if _fits(self.report.value):
            out.append(self._agree(self.output, self.report.value, self._value_scale()))
        else:
            out.append(f"# {self.output}: not compared, as no float64 holds its digits")
        for partial in self.partials:
            why = left_out(partial)
            name = self.slope(partial.name)
            out.append(f"# {name}: not compared, {safe(why)}" if why else self._agree(name, partial.value, self._scale(partial)))
        return out

    def _agree(self, name: str, ours: Nested, scale: float) -> str:
        matters = f"{scale:.0e}" != "1e+00" and max(scale, 1.0) > 1e5 * min(map(abs, leaves(ours)))  # beyond what nine digits allow
        wide = f", scale={scale:.0e}" if matters else ""
        return f'agree("{name}", {name}, {ours!r}{wide})'

    def _least(self) -> float:
        """Return the size of the numbers that were given, but 1 at most."""
        return min(1.0, max((size(self.given(row)) for _, row in self.inputs), default=1.0)) or 1.0

    def _scale(self, partial: Partial) -> float:
        """Return the size of what may cancel in a partial: the contributions of its paths."""
        return max([self._least(), *(size(step.contribution) for step in self.report.backward if step.of == partial.name)])

    def _value_scale(self) -> float:
        """Return the size of what may cancel in the value: for each input of the last gate, its value times its local gradient."""
        last, value = self.gates[-1].name, {row.name: size(row.value) for row in self.report.forward}
        return max([self._least(), *(size(s.local) * value.get(s.of, 0.0) for s in self.report.backward if s.through == last)])


def left_out(partial: Partial) -> str:
    """Say why a partial is not compared; nothing where it is."""
    if partial.status in ("smooth", "kink") and partial.cause:
        return f"at a kink, {partial.cause}, where every library has its own convention"
    if partial.status in ("overflow", "underflow"):
        return "as no float64 holds its digits"
    if partial.status != "smooth" or not _fits(partial.value):
        return f"as there is none here: {partial.status}" + (f", at {partial.cause}" if partial.cause else "")
    return ""


def size(value: Nested) -> float:
    """Return the largest absolute value of the finite entries, 0 if there are none."""
    return max((abs(v) for v in leaves(value) if v is not None and math.isfinite(v)), default=0.0)


def _fits(value: Nested) -> bool:
    return all(v is not None and math.isfinite(v) and not isinstance(v, Far) for v in leaves(value))


def _only(parts: Sequence[Part], library: str) -> Report:
    """Return the one report of a script."""
    report = parts[0].report
    if report.hessian or report.orders:
        raise GradError("bad-usage", said("--format {0} holds first derivatives only", library), hint=said("take --json for higher ones"))
    if report.value is None and library != "sympy":
        raise GradError("bad-usage", said("--format {0} needs a point", library),
                        hint=said("give every variable a value; --format sympy compares formulas"))  # fmt: skip
    return report
