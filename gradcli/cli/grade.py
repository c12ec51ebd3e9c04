"""The options of ``gradcli grade`` and their help; what they do is in `grading`."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from gradcli.cli.command import REPORT, SETTINGS, SHOWN, MathCommand, chosen
from gradcli.cli.options import Color, Digits, Domain, Engine, Kink, Lang, Latex, Limit, Reveal, Rounded, Rtol, Scheduler
from gradcli.render.grades.forms import REPORTS

_GRADE = """Examples:

\b
  gradcli grade key.grad submissions/               a class, as a table
  gradcli grade key.grad ann.grad bob.toml          two of them
  gradcli grade key.grad answers.csv -o grades.csv  points for the gradebook
  gradcli grade key.grad submissions/ --follow-through
  gradcli grade key.grad submissions/ -o grades.json -o report.xml
  gradcli grade key.grad submissions/ --report markdown=feedback/
  gradcli grade key.grad ann.grad --report gradescope=results.json --exit-zero
  gradcli grade keys/ submissions/                  a key for each student
  gradcli grade key.grad submissions/ --engine dask --scheduler tcp://10.0.0.1:8786
  gradcli grade --self-test key.grad                is the key a good one?

Grades what a class has handed in: a verdict on each answer, the mistake that was made, points, and the reports that platforms want.

A key is a worksheet with points and with what is asked: question 1 [3 points], then ask df/dx, df/dy. Right answers are computed.
What students hand in: worksheets, .toml, .json, .csv (student, question, target, answer), folders of them, or - for standard input.

Exit codes: 0 all correct; 1 an answer is not; 2 bad usage, or a key that is wrong; 3 undecided only; 4 a limit was hit.
"""

_NAMES = [row.name for row in REPORTS]

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command(cls=MathCommand, help=_GRADE, context_settings=SETTINGS)
def grade(
    words: Annotated[Optional[list[str]], typer.Argument(metavar="KEY SUBMISSION...", show_default=False)] = None,  # noqa: UP045
    to: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option("-o", "--output", help="A report in a file; its ending names it: .json .csv .xml .md .txt.", metavar="FILE"),
    ] = None,
    report: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(
            help=REPORT.replace("{0}", ", ".join(_NAMES)), metavar="NAME=FILE", autocompletion=lambda: [f"{name}=" for name in _NAMES]
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON document (schema gradcli/grade/1).")] = False,
    plain: Annotated[bool, typer.Option("--plain", help="One answer a line, its cells parted by tabs.")] = False,
    format: Annotated[
        str, typer.Option(help=SHOWN.replace("{0}", ", ".join(_NAMES)), metavar="NAME", autocompletion=lambda: _NAMES)
    ] = "",
    follow_through: Annotated[
        bool, typer.Option("--follow-through", help="Points also for what follows from the student's own wrong answer.")
    ] = False,
    reveal: Reveal = "hint",
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help="Exit with 0 whatever the verdicts are.")] = False,
    self_test: Annotated[bool, typer.Option("--self-test", help="Look for the mistakes that the key would let pass.")] = False,
    rtol: Rtol = "",
    digits: Digits = 3,
    kink: Kink = "any",
    domain: Domain = "note",
    rounded: Rounded = -1,
    jobs: Annotated[int, typer.Option(help="Judge in so many processes (0: as many as are worth while).", min=0, max=256)] = 0,
    engine: Engine = "local",
    scheduler: Scheduler = "",
    seconds: Annotated[float, typer.Option(help="Most seconds for one answer, which is undecided then.", min=0.1, max=3600)] = 10,
    color: Color = "auto",
    limit: Limit = None,
    latex: Latex = False,
    lang: Lang = "",
) -> None:
    """Keep the options for `run_command`."""
    chosen.update(
        words=words or [], to=to, report=report, json=json, plain=plain, format=format, follow_through=follow_through, reveal=reveal,
        exit_zero=exit_zero, self_test=self_test, rtol=rtol, digits=digits, kink=kink, domain=domain,
        rounded=None if rounded < 0 else rounded, jobs=jobs, engine=engine, scheduler=scheduler,
        seconds=seconds, color=color, limit=limit, latex=latex, lang=lang,
    )  # fmt: skip
