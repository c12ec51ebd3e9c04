"""The command line: arguments in, text out. The only room that prints or exits."""

from __future__ import annotations

import gc
import os
import sys
from typing import Annotated, Any, NoReturn, Optional

import typer
from typer.core import TyperCommand

from gradcli import __version__
from gradcli.errors import BUG, LIMIT, GradError, Source, safe

_EXAMPLES = """Examples:

\b
  gradcli "(x+y)*z" x=-2 y=5 z=-4                  every step, in numbers
  gradcli "(x+y)*z"                                the partials, in symbols
  gradcli "q = x + y; f = q*z" x=-2 y=5 z=-4       your names in the tables
  gradcli "W@x + theta" W=[[1,2],[3,4]] x=[5,6] theta=[7,8]
  gradcli "sum((W@x)^2)" W=@w.csv x=[5,6] --json   for a program
  gradcli samples/01-first-circuit.grad            a worksheet

Shows backpropagation step by step: values, local gradient × upstream gradient, sums at forks, partials.

Exit codes: 0 done; 2 bad usage or input; 3 undefined at this point; 4 a limit was hit; 70 a bug of ours.
"""

app = typer.Typer(add_completion=True, pretty_exceptions_enable=False, rich_markup_mode=None)


class MathCommand(TyperCommand):
    """A command whose operands may begin with a minus: only its own options, spelt exactly, are options.

    Click would take -x^2 for a bundle of short options, and told to ignore unknown ones would silently drop letters
    from the expression. So everything that is not exactly an option goes behind ``--``.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Sort the words into options and operands before Click sees them."""
        parameters: list[Any] = self.get_params(ctx)
        takes = {name: 0 if p.is_flag else p.nargs for p in parameters if p.param_type_name == "option"
                 for name in (*p.opts, *p.secondary_opts)}  # fmt: skip
        options: list[str] = []
        operands: list[str] = []
        rest = list(args)
        while rest:
            word = rest.pop(0)
            name = word.partition("=")[0]
            if word == "--":
                operands += rest
                break
            if word in takes:
                options += [word, *rest[: takes[word]]]
                del rest[: takes[word]]
            elif name in takes and name.startswith("--"):
                options.append(word)
            elif word.startswith("--") and len(name) > 3 and name[2].isalpha() and name[2:].replace("-", "").isalpha():
                options.append(word)  # a mistyped option: Click says so, and what it may have meant
            else:
                operands.append(word)
        return super().parse_args(ctx, [*options, "--", *operands])


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"gradcli {__version__}")
        raise typer.Exit()


@app.command(cls=MathCommand, help=_EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
def grad(
    words: Annotated[Optional[list[str]], typer.Argument(metavar="EXPR [NAME=VALUE]...", show_default=False)] = None,  # noqa: UP045 (Typer reads it at run time)
    wrt: Annotated[str, typer.Option(help="Differentiate by these names only, as in x,y.", metavar="NAMES")] = "",
    seed: Annotated[str, typer.Option(help="Upstream gradient of an output that is an array.", metavar="VALUE")] = "",
    gates: Annotated[str, typer.Option(help="folded, primitive or fused: what counts as one gate.")] = "folded",
    hessian: Annotated[bool, typer.Option("--hessian", help="Second derivatives too.")] = False,
    order: Annotated[int, typer.Option(help="Derivatives up to this order, in one variable.", min=1, max=50)] = 1,
    json: Annotated[bool, typer.Option("--json", help="One JSON document (schema gradcli/grad/1).")] = False,
    plain: Annotated[bool, typer.Option("--plain", help="One name<TAB>value a line, full precision.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="The steps as CSV.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="The partials alone, one a line.")] = False,
    digits: Annotated[int, typer.Option(help="Significant digits in the tables.", min=1, max=17)] = 6,
    full: Annotated[bool, typer.Option("--full", help="All digits in the tables.")] = False,
    color: Annotated[str, typer.Option(help="auto, always or never.")] = "auto",
    limit: Annotated[Optional[list[str]], typer.Option(help="Raise a limit, as in nodes=200000.", metavar="NAME=N")] = None,  # noqa: UP045
    version: Annotated[bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)] = False,
) -> None:
    """Read the operands, solve, and print in the format asked for."""
    from gradcli.gates import MODES
    from gradcli.limits import Limits
    from gradcli.operands import read_operands, read_value
    from gradcli.solve import Question, solve

    formats = [name for name, wanted in (("json", json), ("plain", plain), ("csv", csv), ("quiet", quiet)) if wanted]
    if len(formats) > 1:
        raise GradError("bad-usage", f"--{formats[0]} and --{formats[1]} exclude each other")
    for option, value, allowed in (("gates", gates, MODES), ("color", color, ("auto", "always", "never"))):
        if value not in allowed:
            raise GradError("bad-usage", f"--{option} {value}: there are {', '.join(allowed)}")
    limits = Limits()
    for text in (os.environ.get("GRADCLI_LIMITS", ""), *(limit or [])):
        limits = limits.raised(text)
    program, bindings = read_operands(words or [], limits)
    question = Question(
        bindings,
        wrt=[name.strip() for name in wrt.split(",")] if wrt else None,
        seed=read_value(Source(seed, "--seed"), 0, limits) if seed else None,
        gates=gates, hessian=hessian, order=order, limits=limits,
    )  # fmt: skip
    report = solve(program, question)
    _print(report, formats[0] if formats else "table", None if full else digits, color)
    if report.undefined:
        raise typer.Exit(3)


def _print(report: Any, form: str, digits: int | None, color: str) -> None:
    """Write the report to standard output in one of the formats."""
    if form == "json":
        from gradcli.render import json

        _write(json.render(report))
    elif form == "csv":
        from gradcli.render import csv

        _write(csv.render(report))
    elif form in ("plain", "quiet"):
        from gradcli.render import lines

        _write(lines.render(report, partials_only=form == "quiet"))
        for note in report.notes:
            print(f"note: {safe(note)}", file=sys.stderr)
    else:
        from gradcli.render import table
        from gradcli.render.numbers import Format

        width, paint = _width(), _wants_color(color)
        text = table.render(report, Format(digits), width=width, color=paint)
        if not _can_write(text):
            text = table.render(report, Format(digits), width=width, color=paint, ascii_only=True)
        _write(text)


def _write(text: str) -> None:
    """Write text to standard output; formats for programs are UTF-8 wherever the terminal is not."""
    if _can_write(text):
        sys.stdout.write(text)
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode("utf-8"))
    sys.stdout.flush()


def _can_write(text: str) -> bool:
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def _width() -> int | None:
    """Return the columns of the terminal; None where there is no terminal, so that nothing wraps."""
    if not sys.stdout.isatty():
        return None
    return os.get_terminal_size(sys.stdout.fileno()).columns or 80


def _wants_color(choice: str) -> bool:
    """Decide on colour: --color, then NO_COLOR, FORCE_COLOR, TERM=dumb, and whether this is a terminal."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


# ---- the way out --------------------------------------------------------------------------------------------


def main() -> NoReturn:
    """Run the command line and exit with the documented code; a traceback is never shown."""
    gc.disable()  # one answer, then the process is gone: looking for cycles in a large expression would only cost time
    sys.exit(run(sys.argv[1:]))


def run(args: list[str]) -> int:
    """Run the command line and return its exit code."""
    if sys.stdout is None:
        return _fail("error[cannot-write]: there is no standard output", 2)
    try:
        code = typer.main.get_command(app).main(args, prog_name="gradcli", standalone_mode=False)
        sys.stdout.flush()
        return int(code or 0)
    except GradError as error:
        return _fail(str(error), error.code)
    except BrokenPipeError:
        # whoever read us has gone, as in `| head`: no message, and no second attempt when Python flushes at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 141
    except OSError as problem:
        return _fail(f"error[cannot-write]: {safe(problem.strerror or str(problem))}", 2)
    except KeyboardInterrupt:
        return 130
    except (MemoryError, RecursionError):
        return _fail("error[out-of-memory]: this needs more memory than there is", LIMIT)
    except Exception as problem:  # the last line of defence: whatever it is, no traceback
        return _foreign(problem)


def _foreign(problem: Exception) -> int:
    """Report an error that is not ours to word: Click's about options, or else a bug."""
    wording = getattr(problem, "format_message", None)
    if wording is not None:
        return _fail(f"error[bad-usage]: {safe(wording())}\n  hint: gradcli --help", 2)
    if type(problem).__name__ == "Abort":  # what Click makes of Ctrl-C
        return 130
    if os.environ.get("GRADCLI_DEBUG"):
        raise problem
    return _fail(f"error[bug]: {type(problem).__name__}: {safe(str(problem))}\n"
                 "  this is our mistake, please report it with the command line (GRADCLI_DEBUG=1 shows where)", BUG)  # fmt: skip


def _fail(message: str, code: int) -> int:
    encoding = sys.stderr.encoding or "ascii"
    print(message.encode(encoding, "backslashreplace").decode(encoding), file=sys.stderr)
    return code
