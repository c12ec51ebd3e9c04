"""Report → one ``name<TAB>value`` a line, in full precision: a stable interface for scripts."""

from __future__ import annotations

from gradcli.errors import safe
from gradcli.light import Any, Sequence
from gradcli.nested import Far, Nested
from gradcli.render.forms import Look, Part
from gradcli.report import WITHOUT_NUMBER, Partial, Report


def render(parts: Sequence[Part], look: Look) -> str:
    """Return the value, the stages' values and the partials, one a line; without a point, the formulas."""
    return "".join(_heading(part) + _lines(part.report) for part in parts)


def render_partials(parts: Sequence[Part], look: Look) -> str:
    """Return the partials alone."""
    return "".join(_heading(part) + _lines(part.report, partials_only=True) for part in parts)


def _heading(part: Part) -> str:
    question = f"question\t{safe(part.question)}\n" if part.question or part.where else ""
    return question + (f"at\t{safe(part.where)}\n" if part.where else "")


def _lines(report: Report, partials_only: bool = False) -> str:
    rows: list[tuple[str, str]] = []
    proved = report.certificate
    if not partials_only and report.value is not None:
        rows.append((report.output, _digits(proved.value) if proved else number(report.value)))
    known = proved.partials if proved else {}
    rows += [
        (f"d{report.output}/d{p.name}", _digits(known[p.name]) if p.name in known else _shown(p, report))
        for p in report.partials.values()
    ]
    rows += [
        (f"d2{report.output}/d{a}d{b}", _shown(p, report)) for a, row in report.hessian.items() for b, p in row.items()
    ]  # fmt: skip
    rows += [
        (f"verify d{report.output}/d{name}" + (str(second.place) if second.place else ""), str(second))
        for name, found in report.opinions.items() for second in found
    ]  # fmt: skip
    if report.orders:
        name = next(iter(report.partials))
        rows += [(f"d{p.name}{report.output}/d{name}{p.name}", _shown(p, report)) for p in report.orders]
    return "".join(f"{safe(name)}\t{safe(value)}\n" for name, value in rows)


def _digits(proved: str | list[Any]) -> str:
    from gradcli.render.numbers import digits_of

    return digits_of(proved)


def _shown(partial: Partial, report: Report) -> str:
    if partial.status in WITHOUT_NUMBER and partial.value is None:
        return partial.status if partial.status == "undecided" else "undefined"
    return number(partial.value) if partial.value is not None else _formula(partial, report)


def _formula(partial: Partial, report: Report) -> str:
    """Return a formula in plain notation, which parses back; in LaTeX where that is asked for."""
    return (partial.pretty if report.notation == "latex" else partial.formula) or partial.index_form


def number(value: Nested) -> str:
    """Return a number as Python and JSON write it, so that it round-trips; an array as a nested list."""
    if value is None:
        return "undefined"
    if isinstance(value, Far):
        return str(value.decimal)
    return repr(value + 0.0) if isinstance(value, float) else "[" + ", ".join(map(number, value)) + "]"
