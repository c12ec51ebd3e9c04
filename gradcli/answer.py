"""One answer: operands in, text out, in the format asked for. The options are those of `cli`."""

from __future__ import annotations

import sys

from gradcli import output
from gradcli.errors import GradError, Source, safe
from gradcli.gates import MODES
from gradcli.limits import Limits
from gradcli.notation.text import NOTATIONS
from gradcli.operands import Task, read_operands, read_value
from gradcli.report import Report
from gradcli.solve import CONVENTION_NAMES, OURS, Question, solve


def answer(
    words: list[str],
    *,
    wrt: str = "",
    seed: str = "",
    gates: str = "folded",
    hessian: bool = False,
    order: int = 1,
    json: bool = False,
    plain: bool = False,
    csv: bool = False,
    quiet: bool = False,
    digits: int = 6,
    full: bool = False,
    color: str = "auto",
    limit: list[str] | None = None,
    strict: bool = False,
    latex: bool = False,
    notation: str = "unicode",
    at: str = "",
    question: str = "",
    certify: bool = False,
    precision: int = 0,
    verify: bool = False,
    convention: str = OURS,
) -> int:
    """Read the operands, solve, print in the format asked for, and return the exit code.

    Raises:
        GradError: for whatever is wrong with the words, and for a point with no answer.

    """
    formats = [name for name, wanted in (("json", json), ("plain", plain), ("csv", csv), ("quiet", quiet)) if wanted]
    if len(formats) > 1:
        raise GradError("bad-usage", f"--{formats[0]} and --{formats[1]} exclude each other")
    if csv and (hessian or order > 1):
        raise GradError("bad-usage", "--csv holds the steps alone: take --json for higher derivatives")
    for option, value, allowed in (
        ("gates", gates, MODES),
        ("color", color, ("auto", "always", "never")),
        ("notation", notation, NOTATIONS),
        ("convention", convention, CONVENTION_NAMES),
    ):
        if value not in allowed:
            raise GradError("bad-usage", f"--{option} {value}: there are {', '.join(allowed)}")
    limits = Limits.asked(limit or [])
    found = read_operands(words, limits, latex, at)
    tasks = [task for task in found if task.question == question or not question]
    if not tasks:
        known = ", ".join(dict.fromkeys(task.question for task in found if task.question))
        raise GradError("unknown-name", f"--question {question}: there is no such question", hint=f"there are {known}" if known else "")
    if csv and len(tasks) > 1:
        raise GradError("bad-usage", "--csv holds the steps of one question at one point", hint="choose it with --question")
    form, code, several = formats[0] if formats else "table", 0, len(tasks) > 1
    reports: list[tuple[Task, Report]] = []
    names = [name.strip() for name in wrt.split(",")] if wrt else None
    upstream = read_value(Source(seed, "--seed"), 0, limits) if seed else None
    for task in tasks:
        asked = Question(
            task.bindings, wrt=names, seed=upstream,
            gates=gates, hessian=hessian, order=order, limits=limits, strict=strict, notation=notation,
            digits=digits if form == "table" and not full else None, precision=precision or (20 if certify else None), verify=verify,
            convention=convention,
        )  # fmt: skip
        report = solve(task.program, asked)
        differs = any(second.agrees is False for found in report.opinions.values() for second in found)
        code = max(code, 3 if report.undefined or differs else 0)
        if form == "json":
            reports.append((task, report))
            continue
        if several:
            output.write(_heading(task, form))
        _print(report, form, None if full else digits, color)
    if form == "json":
        from gradcli.render import json as documents

        sheet = [(task.question, task.points, report) for task, report in reports]
        output.write(documents.render_sheet(sheet) if several else documents.render(reports[0][1]))
    return code


def _heading(task: Task, form: str) -> str:
    """Return the lines above one report of a worksheet: its question, its points, and where it is computed."""
    worth = "" if task.points is None else f" [{task.points:g} point{'' if task.points == 1 else 's'}]"
    if form in ("plain", "quiet"):
        return f"question\t{safe(task.question)}\n" + (f"at\t{safe(task.where)}\n" if task.where else "")
    title = f"Question {task.question}{worth}" if task.question else "Worksheet"
    return "\n" + safe(title + (f", at {task.where}" if task.where else "")) + "\n\n"


def _print(report: Report, form: str, digits: int | None, color: str) -> None:
    """Write the report to standard output in one of the formats."""
    if form == "csv":
        from gradcli.render import csv

        output.write(csv.render(report))
    elif form in ("plain", "quiet"):
        from gradcli.render import lines

        output.write(lines.render(report, partials_only=form == "quiet"))
        for note in report.notes if sys.stderr is not None else ():
            print(f"note: {safe(note)}", file=sys.stderr)
    else:
        from gradcli.render import table
        from gradcli.render.numbers import Format

        columns, paint = output.width(), output.wants_color(color)
        text = table.render(report, Format(digits), width=columns, color=paint)
        if not output.can_write(text):
            text = table.render(report, Format(digits), width=columns, color=paint, ascii_only=True)
        output.write(text)
