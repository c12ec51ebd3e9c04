"""The options of ``gradcli check`` and their help; what they do is in `checking`."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from gradcli.cli.command import SETTINGS, MathCommand, chosen
from gradcli.cli.options import At, Color, Digits, Domain, Kink, Lang, Latex, Limit, OneQuestion, Reveal, Rounded, Rtol

_CHECK = """Examples:

\b
  gradcli check "(x+y)z" x=-2 y=5 z=-4 df/dx=-4       is it -4?
  gradcli check "(x+y)z" x=-2 y=5 z=-4 dx=-4 f=-12    several answers
  gradcli check "(x+y)z" "df/dz=x+y"                  for every x, y and z
  gradcli check "q=x+y; f=q z" x=-2 y=5 z=-4 q=3 dq=-4
  gradcli check "1/(1+e^-x)" x=1 dx=0.197             digits as written
  gradcli check "1/(1+e^-x)" x=1 dx=0.2 --rounded 2   rounded on the way
  gradcli check "|x|" x=0 dx=DNE                      there is none
  gradcli check homework.grad --json --reveal hint    in a CI job

Judges answers: correct, incorrect (with a witness), undecided; or invalid, where one cannot be read.

An answer is written df/dx=VALUE (f is the name of the output, f where it has none), dx=VALUE for short, or q=VALUE for a stage.
VALUE is a number, a fraction, a vector, a matrix, a formula, or DNE, undefined or inf where there is no derivative.

Exit codes: 0 all correct; 1 an answer is wrong; 2 bad usage, or an invalid answer; 3 undecided; 4 a limit was hit.
"""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command(cls=MathCommand, help=_CHECK, context_settings=SETTINGS)
def check(
    words: Annotated[Optional[list[str]], typer.Argument(metavar="EXPR [NAME=VALUE]... [df/dx=ANSWER]...", show_default=False)] = None,  # noqa: UP045
    answer: Annotated[Optional[list[str]], typer.Option(help="An answer, as in df/dx=-4.", metavar="TARGET=ANSWER")] = None,  # noqa: UP045
    rtol: Rtol = "",
    digits: Digits = 3,
    kink: Kink = "any",
    domain: Domain = "note",
    rounded: Rounded = -1,
    reveal: Reveal = "all",
    json: Annotated[bool, typer.Option("--json", help="One JSON document (schema gradcli/check/1).")] = False,
    plain: Annotated[bool, typer.Option("--plain", help="One target<TAB>verdict<TAB>remark a line.")] = False,
    color: Color = "auto",
    limit: Limit = None,
    latex: Latex = False,
    at: At = "",
    question: OneQuestion = "",
    lang: Lang = "",
) -> None:
    """Keep the options for `run_command`."""
    chosen.update(
        words=words or [], answer=answer, rtol=rtol, digits=digits, kink=kink, domain=domain, rounded=None if rounded < 0 else rounded,
        reveal=reveal, json=json, plain=plain, color=color, limit=limit, latex=latex, at=at, question=question, lang=lang,
    )  # fmt: skip
