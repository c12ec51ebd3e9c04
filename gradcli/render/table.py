"""Report → tables, with Rich: what a person reads."""

from __future__ import annotations

from io import StringIO

from rich.table import Table
from rich.text import Text

from gradcli.errors import columns
from gradcli.light import Sequence
from gradcli.notation.entries import derivative
from gradcli.notation.text import SUPERSCRIPT
from gradcli.render.console import NATURAL, console, lines_as_they_are, table, text_of
from gradcli.render.forms import Look, Part
from gradcli.render.heading import headline
from gradcli.render.numbers import aligned, digits_of
from gradcli.render.remarks import remarks
from gradcli.report import MISSING, WITHOUT_NUMBER, Partial, Report, Step
from gradcli.shapes import Shape
from gradcli.wording import said

_ROWS = {"input": said("input"), "constant": said("constant")}
_VALUE, _GRADIENT, _NAME = "green", "magenta", "bold"
_LOCAL = " "
_NARROWEST = 12  # columns that a wrapped local gradient needs


class _Tables:
    def __init__(self, report: Report, look: Look) -> None:
        self.report, self.look, self.numbers, self.ascii_only, self.words = report, look, look.numbers, look.ascii_only, look.words
        self.width = look.width or NATURAL
        self.shapes = {row.name: row.shape for row in report.forward}
        self.arrays = any(self.shapes.values())
        self.numeric = report.value is not None

    def say(self, text: str, style: str = "") -> Text:
        """Return lines as they are: never as markup, never with a control character, in ASCII where need be."""
        return lines_as_they_are(text, self.look, style)

    def formula(self, plain: str, pretty: str) -> str:
        return plain if self.ascii_only and plain and self.report.notation == "unicode" else pretty or plain

    def filled(self, headers: list[str], rows: list[list[str]], styles: list[str], widths: list[int] | None = None) -> Table:
        """Return a table of these cells. Where it fits the terminal its widths are set: Rich then need not measure it."""
        filled = table(self.look, header=any(headers))
        natural = widths or _widths([headers, *rows])
        fits = not self.ascii_only and _total(natural) <= self.width  # signs spelt out in ASCII have other widths
        for header, size in zip(headers, natural):
            filled.add_column(self.say(header), overflow="fold", width=size if fits else None)
        for row in rows:
            filled.add_row(*(self.say(cell, style) for cell, style in zip(row, styles)))
        return filled

    def column(self, values: list[object]) -> list[str]:
        """Return a column of values as cells, numbers aligned on the point."""
        return aligned(["" if v is None else "\n".join(self.numbers.lines(v)) for v in values])

    # ---- forward --------------------------------------------------------------------------------------------

    def forward(self) -> Table:
        rows = self.report.forward
        words = self.words
        shape, value = [words("shape")] if self.arrays else [], [words("value")] if self.numeric else []
        headers = [words("name"), words("gate"), words("formula"), *shape, *value]
        styles = [_NAME, "", "", *([""] if self.arrays else []), *([_VALUE] if self.numeric else [])]
        cells = []
        for row, number in zip(rows, self.column([row.value for row in rows])):
            formula = self.formula(row.formula, row.pretty) if row.kind == "gate" else self.words.told(_ROWS[row.kind])
            cells.append([row.name, row.gate, formula, *([_shape(row.shape)] if self.arrays else []), *([number] if self.numeric else [])])
        return self.filled(headers, cells, styles)

    # ---- backward -------------------------------------------------------------------------------------------

    def backward(self) -> Table:
        """Return the backward pass, one product a row; stacked where a row would have to break a number."""
        words = self.words
        headers = [words("gradient"), words("through"), words("local gradient"), *([_LOCAL] if self.numeric else [])]
        headers += [words("× upstream"), words("= contribution")]
        rows = [
            [self.ratio(step.of), _through(step), self.local(step), *([local] if self.numeric else []), above, total]
            for step, (local, above, total) in zip(self.report.backward, self.products())
        ]
        styles = [_GRADIENT, *[""] * (len(headers) - 2), _GRADIENT]
        structural = [index for index, step in enumerate(self.report.backward) if step.pullback]
        for leave_out in ([], structural):  # the local gradient of a matrix rule is in its index form, too
            for index in leave_out:
                rows[index][3] = ""
            widths = _widths([headers, *rows])
            whole, widths[2] = widths[2], min(widths[2], _NARROWEST)
            spare = self.width - _total(widths)
            if spare >= 0:
                widths[2] += min(spare, whole - widths[2])
                return self.filled(headers, rows, styles, widths)
        return self.stacked()

    def stacked(self) -> Table:
        """Return the backward pass one product below another: for where it would break a number in a narrow column."""
        rows = []
        for step, (local, above, total) in zip(self.report.backward, self.products()):
            product = [_behind(f"{self.local(step)} = ", local.strip()) if local else self.local(step)]
            product += [_behind("× ", above.strip())] if above else []
            product += [_behind("= ", total.strip())]
            rows.append([self.ratio(step.of), _through(step), "\n".join(product)])
        headers = [self.words("gradient"), self.words("through"), self.words("local gradient × upstream = contribution")]
        return self.filled(headers, rows, [_GRADIENT, "", ""])

    def products(self) -> list[tuple[str, str, str]]:
        """Return local gradient, upstream gradient and contribution of each step, as numbers or as formulas."""
        steps = self.report.backward
        if not self.numeric:
            return [
                ("", self.formula(s.upstream_formula, s.upstream_pretty), self.formula(s.contribution_formula, s.contribution_pretty))
                for s in steps
            ]  # fmt: skip
        columns = [self.column([getattr(step, name) for step in steps]) for name in ("local", "upstream", "contribution")]
        return list(zip(*columns))

    def ratio(self, below: str) -> str:
        return f"∂{self.report.output}/∂{below}"

    def local(self, step: Step) -> str:
        if step.kind == "seed":
            return self.words("the seed")
        if step.kind == "sum":
            return self.words("sum of the {0} above", step.count)
        if step.pullback:
            return self.rule(step)[0] or f"{self.ratio(step.of)} = {step.pullback}"
        local = f"∂{step.through}/∂{step.of} = {self.formula(step.local_formula, step.local_pretty)}"
        return self.words("{0}, summed over all entries", local) if step.summed else local

    def rule(self, step: Step) -> tuple[str, str, str]:
        """Return a matrix rule as a lecture writes it: local and contribution in index form, and as a matrix product."""
        output, inner = self.report.output, self.shapes.get(step.of, ())
        local = f"{derivative(step.through, self.shapes[step.through], step.of, inner)} = {step.local_pretty}" if step.local_pretty else ""
        known = step.contribution_pretty and self.numeric
        entry = f"{derivative(output, (), step.of, inner)} = {step.contribution_pretty}" if known else ""
        return local, entry, f"{self.ratio(step.of)} = {step.pullback}"

    def rules(self) -> Table:
        rows = [list(self.rule(step)[1:]) for step in self.report.backward if step.pullback]
        return self.filled(["", ""], rows, ["", ""])

    # ---- results --------------------------------------------------------------------------------------------

    def partials(self) -> Table:
        report = self.report
        jacobian = report.shape != () and report.seed is None
        rows: list[tuple[str, str, Partial | None]] = []
        for partial in report.partials.values():
            name = f"∂{report.output}/∂{partial.name}"
            if jacobian:
                name = derivative(report.output, report.shape, partial.name, partial.shape)
                rows.append((name, self.formula(partial.formula, partial.pretty) or partial.index_form, partial))
                continue
            rows.append((name, self.formula(partial.formula, partial.pretty), partial))
            if partial.index_form:
                rows.append((derivative(report.output, (), partial.name, partial.shape), partial.index_form, None))
        return self.results(rows)

    def certificate(self) -> Table:
        """Return the digits that are proved, and how."""
        found = self.report.certificate
        assert found is not None
        proved = {name: self.words.told(digits_of(value)) for name, value in found.partials.items()}
        rows = [[self.report.output, f"= {self.words.told(digits_of(found.value))}"]]
        rows += [[self.ratio(name), f"= {digits}"] for name, digits in proved.items()]
        rows.append(["", self.words("{0} digits, each proved: {1}", found.digits, found.method)])
        return self.filled(["", ""], rows, [_GRADIENT, _VALUE])

    def opinions(self) -> Table:
        rows = [
            [self.ratio(name) + (str(second.place) if second.place else ""), self.words.told(second.remark)]
            for name, found in self.report.opinions.items() for second in found
        ]  # fmt: skip
        return self.filled(["", ""], rows, [_GRADIENT, ""])

    def hessian(self) -> Table:
        output = self.report.output
        rows: list[tuple[str, str, Partial | None]] = [
            (f"∂²{output}/∂{a}²" if a == b else f"∂²{output}/∂{a}∂{b}", self.formula(p.formula, p.pretty), p)
            for a, row in self.report.hessian.items() for b, p in row.items()
        ]  # fmt: skip
        return self.results(rows)

    def orders(self) -> Table:
        name = next(iter(self.report.partials))
        powers = ["", *(str(n).translate(SUPERSCRIPT) for n in range(2, len(self.report.orders) + 1))]
        rows: list[tuple[str, str, Partial | None]] = [
            (f"d{n}{self.report.output}/d{name}{n}", self.formula(p.formula, p.pretty), p) for n, p in zip(powers, self.report.orders)
        ]  # fmt: skip
        return self.results(rows)

    def results(self, rows: list[tuple[str, str, Partial | None]]) -> Table:
        values = self.column([p.value if p is not None else None for _, _, p in rows])
        cells = []
        for (name, formula, partial), value in zip(rows, values):
            if partial is not None and partial.value is None and partial.status in WITHOUT_NUMBER:
                formula, value = "", self.words.told(_without_number(partial))
            cells.append([name, f"= {formula}" if formula else "", _behind("= ", value) if value else ""])
        return self.filled(["", "", ""], cells, [_GRADIENT, "", _VALUE])


def _without_number(partial: Partial) -> str:
    if partial.tangent is not None:
        return said("{0}, a vertical tangent", "∞" if partial.tangent > 0 else "-∞")
    return MISSING[partial.status]


def _widths(rows: list[list[str]]) -> list[int]:
    """Return the natural width of each column."""
    return [max(columns(line) for cell in column for line in cell.split("\n")) for column in zip(*rows)]


def _total(widths: list[int]) -> int:
    return sum(widths) + 2 * len(widths) - 1


def _behind(mark: str, text: str) -> str:
    """Return lines of text behind a mark, those after the first indented as far."""
    return mark + text.replace("\n", "\n" + " " * len(mark))


def _through(step: Step) -> str:
    return f"{step.through}  {step.gate}" if step.through else ""


def _shape(shape: Shape) -> str:
    return "×".join(map(str, shape)) if shape else ""


def render(parts: Sequence[Part], look: Look) -> str:
    """Return reports as tables; width None is their natural width, which no line is wrapped to."""
    return "".join(headline(part, look.words) + _tables(part.report, look) for part in parts)


def _tables(report: Report, look: Look) -> str:
    tables, words = _Tables(report, look), look.words
    file = StringIO()
    page = console(file, look)
    parts: list[tuple[str, Text | Table]] = []
    reading = tables.formula(report.expression, report.reading)
    parts.append(("", tables.say(f"{report.output} = {reading}" if reading else words("{0}: too long to print", report.output), _NAME)))
    parts.append((words("Forward pass"), tables.forward()))
    if report.backward:
        parts.append((words("Backward pass: local gradient × upstream gradient = contribution"), tables.backward()))
        if any(step.pullback for step in report.backward):
            parts.append((words("Upstream × local, in index form and as a product"), tables.rules()))
    parts += [(words("Partials"), tables.partials())] if report.partials else []
    parts += [(words("Proved digits"), tables.certificate())] if report.certificate else []
    parts += [(words("Second opinion, from values alone"), tables.opinions())] if report.opinions else []
    parts += [(words("Second derivatives"), tables.hessian())] if report.hessian else []
    parts += [(words("Higher derivatives"), tables.orders())] if report.orders else []
    notes = remarks(report, words)
    parts += [("", tables.say("\n".join(f"{words('note')}: {note}" for note in notes), "dim"))] if notes else []
    for index, (title, part) in enumerate(parts):
        if index:
            page.print()
        if title:
            page.print(tables.say(title, _NAME))
        page.print(part)
    return text_of(file)
