"""The results of a page: its partials and whatever else was asked for, as tables."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gradcli.notation import Formula
from gradcli.notation.entries import VARIABLE
from gradcli.notation.mathml import name, partial
from gradcli.render.forms import Look
from gradcli.render.numbers import digits_of
from gradcli.render.page.lesson import Lesson, entries
from gradcli.render.page.mathematics import equals, line, math, text, value
from gradcli.report import MISSING, WITHOUT_NUMBER, Partial, Report
from gradcli.wording import said

Row = tuple[str, str, str]  # what; its formula; its number: each HTML


def results(report: Report, lesson: Lesson, look: Look, level: int) -> str:
    """Return the tables of results, each under a heading of this level."""
    tables = _Results(report, lesson, look)
    found = [
        (said("Partials"), tables.partials()), (said("Proved digits"), tables.certificate()),
        (said("Second opinion, from values alone"), tables.opinions()), (said("Second derivatives"), tables.hessian()),
        (said("Higher derivatives"), tables.orders()),
    ]  # fmt: skip
    return "\n".join(_table(text(look.words(title)), rows, level) for title, rows in found if rows)


class _Results:
    def __init__(self, report: Report, lesson: Lesson, look: Look) -> None:
        self.report, self.lesson, self.numbers, self.words = report, lesson, look.numbers, look.words

    def partials(self) -> list[Row]:
        report, rows = self.report, list[Row]()
        for one in report.partials.values():
            of = partial(report.output, one.name)
            inner = VARIABLE[: len(one.shape)]
            if report.shape and report.seed is None:
                of = entries(report.output, report.shape, one.name, one.shape)
                rows.append(self._row(of, one, one.pretty or one.index_form, secret=True))
                continue
            rows.append(self._row(of, one, one.pretty, secret=True))
            if one.index_form:
                rows.append((math(partial(report.output, one.name, inner)), self.lesson.secret(line("", one.index_form), one.name), ""))
        return rows

    def hessian(self) -> list[Row]:
        output = name(self.report.output)
        rows = []
        for a, row in self.report.hessian.items():
            for b, second in row.items():
                under = f"<mo>∂</mo>{_power(name(a), 2)}" if a == b else f"<mo>∂</mo>{name(a)}<mo>∂</mo>{name(b)}"
                of = f"<mfrac><mrow>{_power('<mo>∂</mo>', 2)}{output}</mrow><mrow>{under}</mrow></mfrac>"
                rows.append(self._row(of, second, second.pretty))
        return rows

    def orders(self) -> list[Row]:
        output, rows = name(self.report.output), list[Row]()
        for order, one in enumerate(self.report.orders, 1):
            by = name(next(iter(self.report.partials)))
            of = f"<mfrac><mrow>{_power('<mi>d</mi>', order)}{output}</mrow><mrow><mi>d</mi>{_power(by, order)}</mrow></mfrac>"
            rows.append(self._row(of, one, one.pretty, secret=order == 1))
        return rows

    def certificate(self) -> list[Row]:
        found = self.report.certificate
        if found is None:
            return []
        rows = [(math(name(self.report.output)), "", self._digits(found.value))]
        for by, digits in found.partials.items():
            rows.append((math(partial(self.report.output, by)), "", self.lesson.secret(self._digits(digits), by)))
        return [*rows, ("", text(self.words("{0} digits, each proved: {1}", found.digits, found.method)), "")]

    def _digits(self, proved: str | list[Any]) -> str:
        return f"= {text(self.words.told(digits_of(proved)))}"

    def opinions(self) -> list[Row]:
        rows = []
        for by, found in self.report.opinions.items():
            for second in found:
                of = math(partial(self.report.output, by)) + text(str(second.place) if second.place else "")
                rows.append((of, text(self.words.told(second.remark)), ""))
        return rows

    def _row(self, of: str, one: Partial, written: Formula, secret: bool = False) -> Row:
        """Return the row of a derivative: its formula and its number, or why it has none."""
        made = line("", written) if written else ""
        number = ""
        if one.value is None and one.status in WITHOUT_NUMBER:
            made, number = "", text(self._why(one))
        elif one.value is not None:
            outer = len(self.report.shape) if self.report.seed is None else 0
            shown = f'<mrow class="gradient">{value(one.value, self.numbers, outer)}</mrow>'
            number = math(f"<mo>{equals(self.numbers, one.value)}</mo>{shown}")
        if secret:
            made, number = self.lesson.secret(made, one.name), self.lesson.secret(number, one.name)
        return math(of), made, number

    def _why(self, one: Partial) -> str:
        if one.tangent is not None:
            return self.words("{0}, a vertical tangent", "∞" if one.tangent > 0 else "−∞")
        return self.words.told(MISSING[one.status])


def _power(base: str, order: int) -> str:
    return base if order == 1 else f"<msup><mrow>{base}</mrow><mn>{order}</mn></msup>"


def _table(title: str, rows: Iterable[Row], level: int) -> str:
    lines = "\n".join(
        f'<tr><th scope="row">{what}</th><td>{made}</td><td class="result">{number}</td></tr>'
        if what else f'<tr><td colspan="3">{made}</td></tr>' for what, made, number in rows
    )  # fmt: skip
    return f'<section class="results"><h{level}>{title}</h{level}><div class="scroll"><table>\n{lines}\n</table></div></section>'
