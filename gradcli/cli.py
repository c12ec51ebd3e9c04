"""The options and their help, with Typer; what they do is in `answer`."""

from __future__ import annotations

from typing import Annotated, Any, Optional

import typer
from typer.core import TyperCommand

from gradcli import __version__
from gradcli.answer import answer
from gradcli.checking import check as judge
from gradcli.errors import GradError
from gradcli.gates import MODES
from gradcli.notation.text import NOTATIONS
from gradcli.render.forms import FORMS
from gradcli.solve import OURS
from gradcli.wording import ENGLISH, Language, languages, recognised, said

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

Shows backpropagation step by step: values, local gradient × upstream gradient, sums at forks, partials.

Exit codes: 0 done; 2 bad usage or input; 3 undefined at this point; 4 a limit was hit; 70 a bug of ours.
"""

_FORMATS = said("The format outright: {0}.")

app = typer.Typer(add_completion=True, pretty_exceptions_enable=False, rich_markup_mode=None)


_chosen: dict[str, Any] = {}


class MathCommand(TyperCommand):
    """A command whose operands may begin with a minus: only its own options, spelt exactly, are options.

    Click would take -x^2 for a bundle of short options, and told to ignore unknown ones would silently drop letters
    from the expression. So everything that is not exactly an option goes behind ``--``.
    """

    def get_help(self, ctx: Any) -> str:
        """Return the help in the language asked for: ours line by line, and the words that Click puts around it."""
        words: Language = ctx.obj or Language()
        if words.name == ENGLISH:
            return super().get_help(ctx)
        self.help = "\n".join(_translated(line, words) for line in (self.help or "").split("\n"))
        parameters: list[Any] = self.get_params(ctx)
        for parameter in parameters:
            if parameter.help:
                parameter.help = words(recognised(parameter.help, (_FORMATS,)))
        text = super().get_help(ctx)
        for word in (said("Usage:"), said("Arguments:"), said("Options:"), said("[default:"), said("[env var:")):
            text = text.replace(word, words(word))
        return text

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
                if takes[word] > len(rest):
                    raise GradError("bad-usage", said("{0} needs a value", word))
                options += [word, *rest[: takes[word]]]
                del rest[: takes[word]]
            elif name in takes and name.startswith("--"):
                options.append(word)
            elif word.startswith("--") and len(name) > 3 and name[2].isalpha() and name[2:].replace("-", "").isalpha():
                options.append(word)  # a mistyped option: Click says so, and what it may have meant
            else:
                operands.append(word)
        return super().parse_args(ctx, [*options, "--", *operands])


def _translated(line: str, words: Language) -> str:
    """Return a line of help in a language; of an example, what stands behind it."""
    example, gap, remark = line.rpartition("  ")
    if example.startswith("  gradcli "):
        return f"{example}{gap}{words(remark)}"
    return line if line.startswith("  ") else words(line)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"gradcli {__version__}")
        raise typer.Exit()


@app.command(cls=MathCommand, help=_EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
def grad(
    words: Annotated[Optional[list[str]], typer.Argument(metavar="EXPR [NAME=VALUE]...", show_default=False)] = None,  # noqa: UP045 (Typer reads it at run time)
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
    color: Annotated[str, typer.Option(help="auto, always or never.", autocompletion=lambda: ["auto", "always", "never"])] = "auto",
    limit: Annotated[Optional[list[str]], typer.Option(help="Raise a limit, as in nodes=200000.", metavar="NAME=N")] = None,  # noqa: UP045
    at: Annotated[str, typer.Option(help="Values by name, in a .json or .toml file.", metavar="FILE")] = "",
    question: Annotated[str, typer.Option(help="One question of a worksheet.", metavar="NAME")] = "",
    strict: Annotated[bool, typer.Option("--strict", help="Refuse what could be read in two ways.")] = False,
    latex: Annotated[bool, typer.Option("--latex", help="Read LaTeX (a backslash command is recognised by itself).")] = False,
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
            help=_FORMATS.replace("{0}", ", ".join(row.name for row in FORMS)), metavar="NAME",
            autocompletion=lambda: [row.name for row in FORMS],
        ),
    ] = "",
    graph: Annotated[bool, typer.Option("--graph", help="The circuit, drawn in the terminal; with --plain, told in words.")] = False,
    fragment: Annotated[bool, typer.Option("--fragment", help="LaTeX for \\input, without its document.")] = False,
    lang: Annotated[
        str, typer.Option(help="en or ru: the language of what people read.", envvar="GRADCLI_LANG", autocompletion=languages)
    ] = "",
    version: Annotated[bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)] = False,
) -> None:
    """Keep the options for `run_command`."""
    _chosen.update(
        words=words or [], wrt=wrt, seed=seed, gates=gates, hessian=hessian, order=order, json=json, plain=plain, csv=csv, quiet=quiet,
        digits=digits, full=full, color=color, limit=limit, strict=strict, latex=latex, notation=notation,
        at=at, question=question, certify=certify, precision=precision, verify=verify, convention=convention,
        to=to, format=format, graph=graph, fragment=fragment, lang=lang,
    )  # fmt: skip


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

check_app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@check_app.command(cls=MathCommand, help=_CHECK, context_settings={"help_option_names": ["-h", "--help"]})
def check(
    words: Annotated[Optional[list[str]], typer.Argument(metavar="EXPR [NAME=VALUE]... [df/dx=ANSWER]...", show_default=False)] = None,  # noqa: UP045
    answer: Annotated[Optional[list[str]], typer.Option(help="An answer, as in df/dx=-4.", metavar="TARGET=ANSWER")] = None,  # noqa: UP045
    rtol: Annotated[str, typer.Option(help="Also right within this relative difference, as in 1e-6.", metavar="R")] = "",
    digits: Annotated[int, typer.Option(help="Fewest right digits of a number that is not exact.", min=1, max=50)] = 3,
    kink: Annotated[str, typer.Option(help="At a kink: any subgradient is right, or strict: only the one gradcli prints.")] = "any",
    domain: Annotated[str, typer.Option(help="A formula with a smaller domain: note it, or strict: it is wrong.")] = "note",
    rounded: Annotated[
        int, typer.Option(help="Right too: what rounding to so many decimals gives (-1: no).", min=-1, max=12, show_default=False)
    ] = -1,
    reveal: Annotated[str, typer.Option(help="verdict, where, hint or all: how much is told.")] = "all",
    json: Annotated[bool, typer.Option("--json", help="One JSON document (schema gradcli/check/1).")] = False,
    plain: Annotated[bool, typer.Option("--plain", help="One target<TAB>verdict<TAB>remark a line.")] = False,
    color: Annotated[str, typer.Option(help="auto, always or never.", autocompletion=lambda: ["auto", "always", "never"])] = "auto",
    limit: Annotated[Optional[list[str]], typer.Option(help="Raise a limit, as in nodes=200000.", metavar="NAME=N")] = None,  # noqa: UP045
    latex: Annotated[bool, typer.Option("--latex", help="Read LaTeX (a backslash command is recognised by itself).")] = False,
    at: Annotated[str, typer.Option(help="Values by name, in a .json or .toml file.", metavar="FILE")] = "",
    question: Annotated[str, typer.Option(help="One question of a worksheet.", metavar="NAME")] = "",
    lang: Annotated[
        str, typer.Option(help="en or ru: the language of what people read.", envvar="GRADCLI_LANG", autocompletion=languages)
    ] = "",
) -> None:
    """Keep the options for `run_command`."""
    _chosen.update(
        words=words or [], answer=answer, rtol=rtol, digits=digits, kink=kink, domain=domain, rounded=None if rounded < 0 else rounded,
        reveal=reveal, json=json, plain=plain, color=color, limit=limit, latex=latex, at=at, question=question, lang=lang,
    )  # fmt: skip


def run_command(args: list[str], language: Language) -> int:
    """Read a command line with Typer, answer, and return the exit code; errors of any kind come out as they are.

    The answer is given outside Typer, which would turn a reader that goes away into exit code 1: a wrong answer.
    """
    _chosen.clear()
    if args[:1] == ["check"]:
        code = typer.main.get_command(check_app).main(args[1:], prog_name="gradcli check", standalone_mode=False, obj=language)
        return judge(**_chosen | {"lang": language.name}) if _chosen else int(code or 0)
    code = typer.main.get_command(app).main(args, prog_name="gradcli", standalone_mode=False, obj=language)
    return answer(**_chosen | {"lang": language.name}) if _chosen else int(code or 0)
