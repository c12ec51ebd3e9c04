"""What stands at the wires of a circuit in the terminal: values and gradients, and a legend for what is too large."""

from __future__ import annotations

from gradcli.errors import columns, safe
from gradcli.light import Record, re
from gradcli.nested import Nested, sizes
from gradcli.notation import Formula
from gradcli.render.forms import Look
from gradcli.render.glyphs import to_ascii
from gradcli.render.wiring import CONSTANT, INPUT, Node, Wiring
from gradcli.report import WITHOUT_NUMBER, Report

_LONGEST = 24  # columns of an inscription; what is longer goes into the legend, and its shape to the wire
_NUMBERED = re.compile(r"v\d+")  # names that we gave


class Inscription(Record):
    """The texts of a node: its name or sign, a name before its value, the value, the gradient."""

    head: str
    name: str
    value: str
    gradient: str

    @property
    def label(self) -> str:
        """Return what stands in the wire."""
        return f"{self.name} = {self.value}" if self.name and self.value else self.name or self.value


class Inscriptions:
    """The inscriptions of all nodes of a report, and the ``legend`` below: pairs of what it explains and the lines of it."""

    def __init__(self, report: Report, wiring: Wiring, look: Look) -> None:
        self.report, self.look = report, look
        self.numeric = report.value is not None
        self.legend: list[tuple[str, list[str], bool]] = []  # what is explained, the lines of it, whether it is a gradient
        self.nodes = [self._inscription(node) for node in wiring.nodes]

    def clean(self, text: str) -> str:
        """Return text that is safe in the terminal, in ASCII where it has nothing else."""
        return to_ascii(text) if self.look.ascii_only else safe(text)

    def formula(self, formula: Formula) -> str:
        """Return a formula in signs that the terminal has."""
        plain = self.look.ascii_only and self.report.notation == "unicode"
        return self.clean(formula.written("plain") if plain else formula)

    def _inscription(self, node: Node) -> Inscription:
        name = self.clean(node.name)
        of = f"{self.clean('∂')}{self.clean(self.report.output)}/{self.clean('∂')}{name}"
        value, listed = self._value(node, name)
        gradient, also = self._gradient(node, of)
        if node.kind in (INPUT, CONSTANT):
            return Inscription(name, "", value, gradient)
        shown = listed or also or not self.numeric or not _NUMBERED.fullmatch(node.name) or node.name == self.report.output
        return Inscription(f"({self.clean(node.sign or '=')})", name if shown else "", value, gradient)

    def _value(self, node: Node, name: str) -> tuple[str, bool]:
        if node.value is not None:
            known = node.kind == CONSTANT and not isinstance(node.value, list) and _is_number(node.name)
            return ("", False) if known else self._short(node.value, name, False)
        return self._short_formula(node.formula, name, False) if node.kind not in (INPUT, CONSTANT) else ("", False)

    def _gradient(self, node: Node, of: str) -> tuple[str, bool]:
        partial = self.report.partials.get(node.name) if node.kind == INPUT else None
        if partial is not None and partial.value is None and partial.status in WITHOUT_NUMBER and self.numeric:
            return self.look.words("undefined"), False
        if partial is not None and partial.value is not None:
            return self._short(partial.value, of, True)
        if node.upstream is not None:
            return self._short(node.upstream, of, True)
        return ("", False) if self.numeric else self._short_formula(node.upstream_formula, of, True)

    def _short(self, value: Nested, name: str, gradient: bool) -> tuple[str, bool]:
        """Return a number or a small array as it is; a larger one by its shape, with the legend saying it in full."""
        lines = [self.clean(line) for line in self.look.numbers.lines(value)]
        text = re.sub(r"\[ +", "[", re.sub(r" +", " ", " ".join(lines)))
        if columns(text) <= _LONGEST:
            return text, False
        self.legend.append((name, lines, gradient))
        return self.clean(self.look.words("shape {0}", "×".join(map(str, sizes(value))))) if isinstance(value, list) else "", True

    def _short_formula(self, formula: Formula, name: str, gradient: bool) -> tuple[str, bool]:
        text = self.formula(formula)
        if columns(text) <= _LONGEST:
            return text, False
        self.legend.append((name, [text], gradient))
        return "", True


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
