"""The options of ``gradcli batch`` and their help; what they do is in `batching`."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from gradcli.cli.command import SETTINGS, MathCommand, chosen
from gradcli.cli.options import Engine, Lang, Latex, Limit, Scheduler
from gradcli.solve import CONVENTION_NAMES, OURS

_BATCH = """Examples:

\b
  gradcli batch "(x+y)*z" points.csv -o gradients.csv     columns x, y and z
  gradcli batch "sigmoid(w*x+b)" data.parquet -o out.parquet w=0.5 b=-1
  gradcli batch "sum((W@x)^2)" x.jsonl W=@w.npy -o out.jsonl --wrt x
  gradcli batch "x*log(x)" points.csv -o out.csv --keep id --status
  gradcli batch "x*log(x)" points.csv -o out.csv --on-error nan
  gradcli batch "x^2" points.csv -o out.csv --resume  go on where it stopped
  gradcli batch "x^2" points/ -o out.csv --engine dask --scheduler s.json
  zcat points.csv.gz | gradcli batch "x^2" - | head

A gradient for each row: the value of the expression, and a partial for each variable that is a column of the table.

Tables: .csv .tsv .jsonl .parquet .arrow. Columns x_1, x_2, ... or lists are a vector x. NAME=VALUE is the same in all rows.
Rows that cannot be read or have no value go to OUT.rejects.csv with line, byte and reason: rows in = rows out + rejects.
The file takes its name when it is whole. What is done by then is kept, and --resume goes on to the same bytes.

Exit codes: 0 each row has its result; 2 bad usage or input; 3 some rows have none; 4 a limit was hit; 130 or 143 stopped.
"""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command(cls=MathCommand, help=_BATCH, context_settings=SETTINGS)
def batch(
    words: Annotated[
        Optional[list[str]],  # noqa: UP045 (Typer reads it at run time)
        typer.Argument(metavar="EXPR POINTS [NAME=VALUE]...", show_default=False),
    ] = None,
    to: Annotated[
        str,
        typer.Option("-o", "--output", help="The file for the results; its ending names the format (-: standard output).", metavar="FILE"),
    ] = "",
    wrt: Annotated[str, typer.Option(help="Differentiate by these names only, as in x,y.", metavar="NAMES")] = "",
    keep: Annotated[str, typer.Option(help="Copy these columns of the table, in front.", metavar="NAMES")] = "",
    status: Annotated[bool, typer.Option("--status", help="A last column: smooth, kink, vertical, jump, undefined, ...")] = False,
    on_error: Annotated[
        str,
        typer.Option(help="A row without a result: reject, nan or stop.", metavar="HOW", autocompletion=lambda: ["reject", "nan", "stop"]),
    ] = "reject",
    rejects: Annotated[str, typer.Option(help="The file for the rows without a result.", metavar="FILE")] = "",
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was stopped.")] = False,
    jobs: Annotated[int, typer.Option(help="So many at work at once (0: one for each core).", min=0, max=256)] = 0,
    read_as: Annotated[
        str, typer.Option("--from", help="The format of the table outright: csv, tsv, jsonl, parquet, arrow.", metavar="NAME")
    ] = "",
    write_as: Annotated[str, typer.Option("--to", help="The format of the results outright.", metavar="NAME")] = "",
    certify: Annotated[bool, typer.Option("--certify", help="Every row by ball arithmetic: slow, and every digit proved.")] = False,
    jit: Annotated[bool, typer.Option("--jit", help="Compiled to machine code (needs the extra jit).")] = False,
    convention: Annotated[
        str,
        typer.Option(
            help="Whose number at a kink: min-norm, torch, jax, tensorflow, autograd, casadi.", metavar="NAME",
            autocompletion=lambda: [*CONVENTION_NAMES],
        ),
    ] = OURS,
    limit: Limit = None,
    latex: Latex = False,
    engine: Engine = "local",
    scheduler: Scheduler = "",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No summary.")] = False,
    lang: Lang = "",
) -> None:
    """Keep the options for `run_command`."""
    chosen.update(
        words=words or [], to=to, wrt=wrt, keep=keep, status=status, on_error=on_error, rejects=rejects, resume=resume, jobs=jobs,
        read_as=read_as, write_as=write_as, certify=certify, jit=jit, convention=convention, limit=limit, latex=latex, engine=engine,
        scheduler=scheduler, quiet=quiet, lang=lang,
    )  # fmt: skip
