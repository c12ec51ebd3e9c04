"""Report → tables, with Rich: what a person reads. The only room that imports Rich."""

from __future__ import annotations

from io import StringIO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gradcli.errors import safe
from gradcli.notation.indices import subscript
from gradcli.render.glyphs import to_ascii
from gradcli.render.numbers import Format, aligned
from gradcli.report import Partial, Report, Step
from gradcli.shapes import Shape

_OUT, _IN = ("k", "l"), ("i", "j")
_NATURAL = 100_000  # columns: no terminal, so nothing needs to wrap
_VALUE, _GRADIENT, _NAME = "green", "magenta", "bold"


class _Tables:
    def __init__(self, report: Report, numbers: Format, ascii_only: bool) -> None:
        self.report, self.numbers, self.ascii_only = report, numbers, ascii_only
        self.arrays = any(row.shape for row in report.forward)
        self.numeric = report.value is not None

    def say(self, text: str, style: str = "") -> Text:
        """Return lines as they are: never as markup, never with a control character, in ASCII where need be."""
        clean = to_ascii if self.ascii_only else safe
        return Text("\n".join(map(clean, text.split("\n"))), style=style, overflow="fold")

    def formula(self, plain: str, pretty: str) -> str:
        return plain if self.ascii_only and plain else pretty or plain

    def table(self, title: str, headers: list[tuple[str, str]]) -> Table:
        table = Table(box=box.ASCII if self.ascii_only else box.SIMPLE_HEAD, title=self.say(title, _NAME), title_justify="left",
                      show_edge=False, padding=(0, 1, 0, 0), safe_box=False, highlight=False)  # fmt: skip
        for header, justify in headers:
            table.add_column(self.say(header, ""), justify=justify, overflow="fold")  # type: ignore[arg-type]
        return table

    def column(self, values: list[object]) -> list[str]:
        """Return a column of values as cells, numbers aligned on the point."""
        return aligned(["" if v is None else "\n".join(self.numbers.lines(v)) for v in values])

    # ---- forward --------------------------------------------------------------------------------------------

    def forward(self) -> Table:
        rows = self.report.forward
        headers = [("name", "left"), ("gate", "left"), ("formula", "left")]
        headers += [("shape", "left")] if self.arrays else []
        headers += [("value", "left")] if self.numeric else []
        table = self.table("Forward pass", headers)
        values = self.column([row.value for row in rows])
        for row, value in zip(rows, values):
            formula = "input" if row.kind == "input" else "constant" if row.kind == "constant" else self.formula(row.formula, row.pretty)
            cells = [self.say(row.name, _NAME), self.say(row.gate), self.say(formula, "dim" if row.kind != "gate" else "")]
            cells += [self.say(_shape(row.shape))] if self.arrays else []
            cells += [self.say(value, _VALUE)] if self.numeric else []
            table.add_row(*cells)
        return table

    # ---- backward -------------------------------------------------------------------------------------------

    def backward(self) -> Table:
        steps = self.report.backward
        title = "Backward pass: local gradient × upstream gradient = contribution"
        headers = [("gradient", "left"), ("through", "left"), ("local gradient", "left")]
        headers += [("", "left")] if self.numeric else []
        table = self.table(title, [*headers, ("× upstream", "left"), ("= contribution", "left")])
        locals_ = self.column([step.local for step in steps])
        upstream = self.column([step.upstream for step in steps]) if self.numeric else [s.upstream_formula for s in steps]
        result = self.column([s.contribution for s in steps]) if self.numeric else [s.contribution_formula for s in steps]
        for step, local, above, total in zip(steps, locals_, upstream, result):
            cells = [self.say(self.ratio(step.of), _GRADIENT), self.say(_through(step)), self.say(self.local(step))]
            cells += [self.say(local)] if self.numeric else []
            table.add_row(*cells, self.say(above), self.say(total, _GRADIENT))
        return table

    def ratio(self, below: str) -> str:
        return f"∂{self.report.output}/∂{below}"

    def local(self, step: Step) -> str:
        if step.kind == "seed":
            return "the seed"
        if step.kind == "sum":
            return f"sum of the {step.count} above"
        if step.pullback:
            return self.rule(step)[0] or f"{self.ratio(step.of)} = {step.pullback}"
        local = f"∂{step.through}/∂{step.of} = {self.formula(step.local_formula, step.local_pretty)}"
        return f"{local}, summed over all entries" if step.summed else local

    def rule(self, step: Step) -> tuple[str, str, str]:
        """Return a matrix rule as a lecture writes it: local and contribution in index form, and as a matrix product."""
        shapes = {row.name: row.shape for row in self.report.forward}
        out, into = subscript(_OUT[: len(shapes[step.through])]), subscript(_IN[: len(shapes.get(step.of, ()))])
        local = f"∂{step.through}{out}/∂{step.of}{into} = {step.local_pretty}" if step.local_pretty else ""
        entry = f"{self.ratio(step.of)}{into} = {step.contribution_formula}" if step.contribution_formula and self.numeric else ""
        return local, entry, f"{self.ratio(step.of)} = {step.pullback}"

    def rules(self) -> Table:
        table = self.table("Upstream × local, in index form and as a product", [("", "left")] * 2)
        table.show_header = False
        for step in self.report.backward:
            if step.pullback:
                _, entry, product = self.rule(step)
                table.add_row(self.say(entry), self.say(product))
        return table

    # ---- results --------------------------------------------------------------------------------------------

    def partials(self) -> Table:
        report = self.report
        jacobian = report.shape != () and report.seed is None
        rows = []
        for partial in report.partials.values():
            name = f"∂{report.output}/∂{partial.name}"
            if jacobian:
                name = _indexed(report.output, report.shape, partial)
                rows.append((name, self.formula(partial.formula, partial.pretty) or partial.index_form, partial))
                continue
            rows.append((name, self.formula(partial.formula, partial.pretty), partial))
            if partial.index_form:
                below = f"{partial.name}{subscript(_IN[: len(partial.shape)])}"
                rows.append((f"∂{report.output}/∂{below}", partial.index_form, None))
        return self.results("Partials", rows)

    def hessian(self) -> Table:
        output = self.report.output
        rows = [
            (f"∂²{output}/∂{a}²" if a == b else f"∂²{output}/∂{a}∂{b}", self.formula(p.formula, p.pretty), p)
            for a, row in self.report.hessian.items() for b, p in row.items()
        ]  # fmt: skip
        return self.results("Second derivatives", rows)

    def orders(self) -> Table:
        name = next(iter(self.report.partials))
        rows = [
            (f"d^{p.name} {self.report.output}/d{name}^{p.name}", self.formula(p.formula, p.pretty), p) for p in self.report.orders
        ]  # fmt: skip
        return self.results("Higher derivatives", rows)

    def results(self, title: str, rows: list[tuple[str, str, Partial | None]]) -> Table:
        table = self.table(title, [("", "left")] * 3)
        table.show_header = False
        values = self.column([p.value if p is not None else None for _, _, p in rows])
        for (name, formula, partial), value in zip(rows, values):
            shown = "undefined" if partial is not None and partial.status in ("jump", "undefined") else value
            equals = f"= {formula}" if formula else ""
            cells = [self.say(name, _GRADIENT), self.say(equals)]
            table.add_row(*cells, _after("= ", self.say(shown, _VALUE)) if shown else self.say(""))
        return table


def _after(mark: str, text: Text) -> Text:
    """Return text behind a mark, its further lines indented as far."""
    lines = text.plain.split("\n")
    return Text("\n".join([mark + lines[0], *(" " * len(mark) + line for line in lines[1:])]), style=text.style, overflow="fold")


def _through(step: Step) -> str:
    return f"{step.through}  {step.gate}" if step.through else ""


def _shape(shape: Shape) -> str:
    return "×".join(map(str, shape)) if shape else ""


def _indexed(output: str, shape: Shape, partial: Partial) -> str:
    return f"∂{output}{subscript(_OUT[: len(shape)])}/∂{partial.name}{subscript(_IN[: len(partial.shape)])}"


def render(
    report: Report, numbers: Format, *, width: int | None = None, color: bool = False, ascii_only: bool = False
) -> str:
    """Return the report as tables; width None is their natural width, which no line is wrapped to."""
    tables = _Tables(report, numbers, ascii_only)
    parts: list[Text | Table] = []
    reading = tables.formula(report.expression, report.reading)
    parts.append(tables.say(f"{report.output} = {reading}" if reading else f"{report.output}: too long to print", _NAME))
    parts.append(tables.forward())
    if report.backward:
        parts.append(tables.backward())
        parts += [tables.rules()] if any(step.pullback for step in report.backward) else []
    parts += [tables.partials()] if report.partials else []
    parts += [tables.hessian()] if report.hessian else []
    parts += [tables.orders()] if report.orders else []
    parts += [tables.say("\n".join(f"note: {note}" for note in report.notes), "dim")] if report.notes else []
    file = StringIO()
    console = Console(
        file=file, width=width or _NATURAL, height=100, color_system="standard" if color else None, force_terminal=color,
        no_color=not color, markup=False, emoji=False, highlight=False, legacy_windows=False, soft_wrap=False, _environ={},
    )  # fmt: skip
    for index, part in enumerate(parts):
        if index:
            console.print()
        console.print(part)
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines()) + "\n"


