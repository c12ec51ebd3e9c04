"""Report → what a notebook shows of it: the circuit and tables under it in HTML, formulas in LaTeX, tables as text.

Notebooks strip what they do not trust: style sheets and scripts everywhere, drawings inside the page on some hosts. So
there are none: the few styles stand on the elements themselves, in the colours of the page, and the circuit is an image
in a data address, on a card of its own colour. Where images are stripped, too, its words are left.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from html import escape

from gradcli.errors import GradError, safe
from gradcli.nested import Nested
from gradcli.notation import latex
from gradcli.notation.entries import OUTPUT, VARIABLE, derivative
from gradcli.render.forms import Look, Part
from gradcli.render.solution import equations
from gradcli.render.solution.equations import EQUAL, Numbers
from gradcli.report import WITHOUT_NUMBER, Partial, Report, Step

_LARGEST = 150  # values of a circuit that is drawn without being asked for: a layout of more takes seconds
_LEFT, _RIGHT = "text-align:left", "text-align:right;font-variant-numeric:tabular-nums"
_ONE_NUMBER = re.compile(r"(= )?[-+.\de∞]*")
_CARD = "display:block;max-width:100%;height:auto;background:#ffffff;color-scheme:light;border-radius:6px"


def bundle(report: Report, look: Look) -> dict[str, str]:
    """Return every form in which a notebook may show a report, by its media type."""
    return {"text/plain": plain(report, look), "text/html": html(report, look), "text/latex": formulas(report, look)}


def plain(report: Report, look: Look) -> str:
    """Return a report as tables of text."""
    from gradcli.render.table import render  # Rich is imported only where text is shown

    return render([Part(report)], look).rstrip("\n")


# ---- HTML ----------------------------------------------------------------------------------------------------


def html(report: Report, look: Look) -> str:
    """Return the circuit of a report as an image, and its tables in HTML."""
    written = f" = {_text(report.reading)}" if report.reading else ""
    reading = f'<p style="white-space:pre-wrap"><b>{_text(report.output)}</b>{written}</p>'
    return "\n".join(['<div class="mathjax_ignore tex2jax_ignore">', reading, *_picture(report, look), *_tables(report, look), "</div>"])


def _tables(report: Report, look: Look) -> list[str]:
    numeric = report.value is not None
    out: list[str] = []
    rows = [
        [row.name, row.gate, row.pretty if row.kind == "gate" else look.words(row.kind), _value(row.value, look)]
        for row in report.forward
    ]  # fmt: skip
    out += _table(look.words("Forward pass"), [look.words(word) for word in ("name", "gate", "formula", "value")], rows, 3, numeric)
    if report.backward:
        out += _table(
            look.words("Backward pass: local gradient × upstream gradient = contribution"),
            [look.words(word) if word else "" for word in ("gradient", "through", "local gradient", "", "× upstream", "= contribution")],
            [_step(step, report, look) for step in report.backward], 3, True,
        )  # fmt: skip
    out += _table(look.words("Partials"), [], [_partial(partial, report, look) for partial in report.partials.values()], 2, numeric)
    return out + [f"<p>{_text(look.words('note'))}: {_text(look.words.told(note))}</p>" for note in report.notes]


def _step(step: Step, report: Report, look: Look) -> list[str]:
    ratio = f"∂{report.output}/∂{step.of}"
    local = f"∂{step.through}/∂{step.of} = {step.local_pretty}"
    if step.kind != "edge":
        local = look.words("the seed") if step.kind == "seed" else look.words("sum of the {0} above", step.count)
    elif step.pullback:
        local = f"{ratio} = {step.pullback}"
    numbers = [_value(step.local, look) if not step.pullback else "", _value(step.upstream, look), _value(step.contribution, look)]
    if report.value is None:
        numbers = ["", step.upstream_pretty, step.contribution_pretty]
    return [ratio, f"{step.through}  {step.gate}".strip(), local, *numbers]


def _partial(partial: Partial, report: Report, look: Look) -> list[str]:
    formula = partial.pretty or partial.index_form
    value = _value(partial.value, look) if partial.value is not None else partial.status if partial.status in WITHOUT_NUMBER else ""
    ratio = f"∂{report.output}/∂{partial.name}"
    if report.shape and report.seed is None:  # a Jacobian, entry by entry
        ratio = derivative(report.output, report.shape, partial.name, partial.shape)
    return [ratio, f"= {formula}" if formula and partial.status not in WITHOUT_NUMBER else "",
            f"= {value}".replace("\n", "\n  ") if value else ""]  # fmt: skip


def _table(title: str, headers: list[str], rows: list[list[str]], words: int, numeric: bool) -> list[str]:
    """Return a table whose first columns are words and whose others are numbers, left out where there are none."""
    if not rows:
        return []
    used = None if numeric else words
    left = [n < words or not all(_ONE_NUMBER.fullmatch(row[n]) for row in rows) for n in range(len(rows[0]))]
    out = ["<table>", f'<caption style="text-align:left;font-weight:bold">{_text(title)}</caption>']
    if headers:
        out.append(f"<thead><tr>{''.join(_cell('th', *cell) for cell in zip(headers[:used], left))}</tr></thead>")
    out += ["<tbody>", *(f"<tr>{''.join(_cell('td', *cell) for cell in zip(row[:used], left))}</tr>" for row in rows)]
    return [*out, "</tbody></table>"]


def _cell(kind: str, text: str, left: bool) -> str:
    inside = f'<pre style="margin:0;background:transparent">{_text(text)}</pre>' if "\n" in text else _text(text)
    return f'<{kind} style="{_LEFT if left else _RIGHT}">{inside}</{kind}>'


def _value(value: Nested, look: Look) -> str:
    return "" if value is None else "\n".join(look.numbers.lines(value))


def _text(text: str) -> str:
    """Return text for HTML, its lines kept."""
    return "\n".join(escape(safe(line)) for line in text.split("\n"))


def _picture(report: Report, look: Look) -> list[str]:
    """Return the circuit as an image; a note where it cannot be drawn."""
    if len(report.forward) > _LARGEST:
        left_out = look.words("with {0} values the circuit is left out here; -o FILE.svg draws it", len(report.forward))
        return [f"<p>{_text(look.words('note'))}: {_text(left_out)}</p>"]
    from gradcli.render.picture import svg  # a picture is laid out only where it is shown
    from gradcli.render.wiring import wiring

    try:
        drawn = svg.file(wiring(report), report, look, svg.style(0))
    except GradError as missing:
        return [f"<p>{_text(look.words('note'))}: {_text(look.words.told(missing.message))}</p>"]
    address = b64encode(drawn.encode("utf-8")).decode("ascii")
    about = escape(safe(f"{report.output} = {report.reading}"), quote=True)
    return [f'<img style="{_CARD}" alt="{about}" src="data:image/svg+xml;base64,{address}">']


# ---- LaTeX ---------------------------------------------------------------------------------------------------


def formulas(report: Report, look: Look) -> str:
    """Return the function, its value and its partials as equations under one another."""
    numbers, jacobian = Numbers(look.numbers), report.shape != () and report.seed is None
    names = [latex.name(row.name) for row in report.forward if row.kind == "input"]
    lines = []
    if written := report.reading.written("latex"):
        lines.append(_line(latex.name(report.output) + (f"({', '.join(names)})" if names else ""), [equations.Step(EQUAL, written)]))
    if report.value is not None and report.partials:
        lines.append(_line(latex.name(report.output), [numbers.result(report.value)]))
    for partial in report.partials.values():
        exists = partial.status not in WITHOUT_NUMBER
        out, into = (OUTPUT[: len(report.shape)], VARIABLE[: len(partial.shape)]) if jacobian else ((), ())
        formula = partial.index_form if jacobian and partial.index_form else partial.pretty
        steps = [equations.Step(EQUAL, formula.written("latex"))] if formula and exists else []
        if report.value is not None and not jacobian:
            known = exists and partial.value is not None
            steps.append(numbers.result(partial.value) if known else equations.Step(EQUAL, rf"\text{{{partial.status}}}"))
        lines += [_line(equations.ratio(report.output, partial.name, out, into), steps)] if steps else []
    return "$$\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}$$"


def _line(left: str, steps: Sequence[equations.Step]) -> str:
    told = [step for n, step in enumerate(steps) if not n or step.tex != steps[n - 1].tex]
    return f"{left} &" + " ".join(f"{step.relation} {step.tex}" for step in told)
