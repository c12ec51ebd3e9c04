"""The options of ``gradcli`` itself and their help; what they do is in `answer`."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from gradcli import __version__
from gradcli.cli.command import FORMATS, SETTINGS, MathCommand, chosen
from gradcli.cli.options import At, Color, Lang, Latex, Limit, OneQuestion
from gradcli.notation.text import NOTATIONS
from gradcli.render.forms import FORMS
from gradcli.report import MODES
from gradcli.solve import OURS

_EXAMPLES = """Examples:

\b
  gradcli "(x+y)z" x=-2 y=5 z=-4                   every step, in numbers
  gradcli "(x+y)z"                                 the partials, in symbols
  gradcli "q = x + y; f = q z" x=-2 y=5 z=-4       your names in the tables
  gradcli "(x+y)z" x=-2 y=5 z=-4 --graph           the circuit, in the terminal
  gradcli "(x+y)z" x=-2 y=5 z=-4 -o circuit.svg    a picture of it
  gradcli "(x+y)z" x=-2 y=5 z=-4 -o lesson.html    a page to step through
  gradcli "(x+y)z" x=-2 y=5 z=-4 -o solution.tex --lang ru
  gradcli "\\frac{1}{1+e^{-w x}}" w=2 x=-1          LaTeX, as it is pasted
  gradcli "1/2x" x=3 --strict                      refuse what could mean two things
  gradcli "W@x + theta" W=[[1,2],[3,4]] x=[5,6] theta=[7,8]
  gradcli "sum((W@x)^2)" W=@w.csv x=[5,6] --json   for a program
  gradcli samples/01-first-circuit.grad            a worksheet
  gradcli check "(x+y)z" x=-2 y=5 z=-4 df/dx=-4    judge answers (gradcli check --help)
  gradcli grade key.grad submissions/              grade a class (gradcli grade --help)
  gradcli variants key.grad --students roster.csv -o homework/
  gradcli batch "(x+y)z" points.csv -o out.csv     a gradient for each row

Shows backpropagation step by step: values, local gradient × upstream gradient, sums at forks, partials.

Exit codes: 0 done; 2 bad usage or input; 3 undefined at this point; 4 a limit was hit; 70 a bug of ours.
"""

app = typer.Typer(add_completion=True, pretty_exceptions_enable=False, rich_markup_mode=None)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"gradcli {__version__}")
        raise typer.Exit()


def _commands(incomplete: str) -> list[str]:
    """Complete the name of a command, which stands where an expression may."""
    return [name for name in ("check", "grade", "variants", "batch") if incomplete and name.startswith(incomplete)]


@app.command(cls=MathCommand, help=_EXAMPLES, context_settings=SETTINGS)
def grad(
    words: Annotated[
        Optional[list[str]],  # noqa: UP045 (Typer reads it at run time)
        typer.Argument(metavar="EXPR [NAME=VALUE]...", show_default=False, autocompletion=_commands),
    ] = None,
    wrt: Annotated[str, typer.Option(help="Differentiate by these names only, as in x,y.", metavar="NAMES")] = "",
    seed: Annotated[str, typer.Option(help="Upstream gradient of an output that is an array.", metavar="VALUE")] = "",
    gates: Annotated[
        str, typer.Option(help="folded, primitive or fused: what counts as one gate.", autocompletion=lambda: [*MODES])
    ] = "folded",
    hessian: Annotated[bool, typer.Option("--hessian", help="Second derivatives too.")] = False,
    order: Annotated[int, typer.Option(help="Derivatives up to this order, in one variable.", min=1, max=50)] = 1,
    json: Annotated[bool, typer.Option("--json", help="One JSON document (schema gradcli/grad/1).")] = False,
    plain: Annotated[bool, typer.Option("--plain", help="One name<TAB>value a line, full precision.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="The steps as CSV.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="The partials alone, one a line.")] = False,
    digits: Annotated[int, typer.Option(help="Significant digits in the tables.", min=1, max=17)] = 6,
    full: Annotated[bool, typer.Option("--full", help="All digits in the tables.")] = False,
    color: Color = "auto",
    limit: Limit = None,
    at: At = "",
    question: OneQuestion = "",
    strict: Annotated[bool, typer.Option("--strict", help="Refuse what could be read in two ways.")] = False,
    latex: Latex = False,
    notation: Annotated[
        str, typer.Option(help="unicode, plain or latex: how formulas are written.", autocompletion=lambda: [*NOTATIONS])
    ] = "unicode",
    certify: Annotated[bool, typer.Option("--certify", help="Print 20 proved digits of each result.")] = False,
    convention: Annotated[
        str, typer.Option(help="Whose number at a kink: min-norm, torch, jax, tensorflow, autograd, casadi.", metavar="NAME")
    ] = OURS,
    verify: Annotated[bool, typer.Option("--verify", help="A second opinion on each partial, from values alone.")] = False,
    precision: Annotated[int, typer.Option(help="Print so many proved digits.", min=0, max=1000, show_default=False)] = 0,
    to: Annotated[
        str, typer.Option("-o", "--output", help="Write to a file; its ending names the format: .svg .png .html .md .tex …", metavar="FILE")
    ] = "",
    format: Annotated[
        str,
        typer.Option(
            help=FORMATS.replace("{0}", ", ".join(row.name for row in FORMS)), metavar="NAME",
            autocompletion=lambda: [row.name for row in FORMS],
        ),
    ] = "",
    graph: Annotated[bool, typer.Option("--graph", help="The circuit, drawn in the terminal; with --plain, told in words.")] = False,
    fragment: Annotated[bool, typer.Option("--fragment", help="LaTeX for \\input, without its document.")] = False,
    lang: Lang = "",
    version: Annotated[bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)] = False,
) -> None:
    """Keep the options for `run_command`."""
    chosen.update(
        words=words or [], wrt=wrt, seed=seed, gates=gates, hessian=hessian, order=order, json=json, plain=plain, csv=csv, quiet=quiet,
        digits=digits, full=full, color=color, limit=limit, strict=strict, latex=latex, notation=notation,
        at=at, question=question, certify=certify, precision=precision, verify=verify, convention=convention,
        to=to, format=format, graph=graph, fragment=fragment, lang=lang,
    )  # fmt: skip
