"""gradcli: backpropagation, step by step, of any expression.

    text → Expr → shapes → backward → values → Report → tables · pictures · page · solutions · scripts · json

The rooms, lowest first; a module imports only from those above it (tests/test_architecture.py):

    light       what the standard library has too, without the time it takes to load
    wording     messages that can be said in another language; languages/ has one file for each
    errors      what can go wrong, in the user's words
    limits      sizes that are refused before anything is allocated
    workers/    who does many tasks: this process, threads, processes, a cluster
    expr        the interned node; tape, fold, substitute
    ops         the table of operators: the formula sheet
    syntax/     text → Expr
    rules       the formulas of the table, read; rows of pattern -> replacement
    products    what a product without a sign means, once the shapes are known
    shapes      every node's shape
    notation/   Expr → text
    ledger      what was read by a rule of ours, in words
    arithmetic/ what flows: floats, floats with a bound, balls, arrays, expressions, germs
    backward    the reverse sweep
    conventions what frameworks answer where there is no derivative
    ratio, simplify   formulas shortened for the eye
    nested      values as floats and nested lists
    report      the plain record of everything an output may show
    gates       which operations count as one gate
    circuit, digits, point, rescue, slopes, statuses,
    steps, higher, quotients, verify, opinions, solve   from a program and a point to its report
    values, operands                         from words of a command line to programs and values
    batch/      many points: the kernel for columns, tables of points in, tables of results out
    judge/      an answer compared with the truth → Verdict; slips and the diagnosis of mistakes
    classroom/  a key, submissions and their marks; variants of a key, and its faults
    render/     Report, Verdict or marks → text: forms is the table of formats; picture/, terminal/, page/, solution/, script/, notebook;
                grades/ for a class
    output      where text goes
    progress    how far a long run has come
    answer, checking, grading, selftesting, variants, batching   one command each: reads, solves or judges, prints
    cli/        the options and their help
    pytest_plugin   worksheets as tests
    __main__    the way in and the way out
"""

from __future__ import annotations

from os import environ

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gradcli.batch.gradient import Gradient
    from gradcli.report import Report
    from gradcli.wording import Language

__version__ = "0.1.0"
__all__ = ["__version__", "compile", "grad"]


def grad(
    expression: str,
    /,
    at: Mapping[str, object] | None = None,
    *,
    wrt: str | Sequence[str] | None = None,
    seed: object = None,
    gates: str = "folded",
    hessian: bool = False,
    order: int = 1,
    strict: bool = False,
    latex: bool = False,
    notation: str = "unicode",
    precision: int | None = None,
    verify: bool = False,
    convention: str = "min-norm",
    lang: str = "",
    **values: object,
) -> Report:
    """Differentiate an expression by reverse accumulation and return every step as a `Report`.

        ∂f/∂x = Σ over the uses v of x:  ∂f/∂v · ∂v/∂x

    Values are numbers, nested lists or NumPy arrays, by name: ``grad("(x+y)*z", x=-2, y=5, z=-4)``; names that
    clash with an option go into ``at``. Without values the partials are formulas alone.

    Args:
        expression: a formula, stages ``q = x + y; f = q*z``, or a head ``f(x, y) = …``.
        at: further values by name.
        wrt: differentiate by these names only (variables or stages).
        seed: the upstream gradient of an output that is no number, in its shape; without it ``partials[x].value``
            is the Jacobian, a nested list of shape output × variable.
        gates: "folded", "primitive" or "fused".
        hessian: also give the second derivatives, in ``hessian[x][y]``.
        strict: refuse what could be read in two ways, instead of a note.
        latex: read LaTeX; a text with a backslash command is recognised by itself.
        notation: how ``pretty`` formulas are written: "unicode", "plain" or "latex".
        precision: so many digits of the results are proved, in ``certificate``.
        verify: also give a second opinion on each partial, from values alone, in ``opinions``.
        convention: whose number a partial has where there is no derivative: "min-norm", "torch", "jax", "tensorflow",
            "autograd" or "casadi".
        order: also give the derivatives up to this order in one variable, in ``orders``.
        lang: the language in which a notebook shows the report; without it GRADCLI_LANG says it, else English.

    Raises:
        gradcli.errors.GradError: for a text, a shape, a name or a point with no answer; ``str()`` draws it.

    """
    from functools import partial

    from gradcli import output
    from gradcli.errors import GradError, Source
    from gradcli.report import MODES
    from gradcli.solve import CONVENTION_NAMES, Question, solve
    from gradcli.syntax.names import canonical
    from gradcli.syntax.reader import read
    from gradcli.values import arrays_in, from_python
    from gradcli.wording import said

    given = {**(at or {}), **values}
    bindings = {name: from_python(name, value) for name, value in given.items()}
    for option, chosen, allowed in (("gates", gates, MODES), ("convention", convention, CONVENTION_NAMES)):
        if chosen not in allowed:
            raise GradError("bad-usage", said("{0}={1}: there are {2}", option, chosen, ", ".join(allowed)))
    question = Question(
        bindings or None,
        wrt=[wrt] if isinstance(wrt, str) else None if wrt is None else list(wrt),
        seed=None if seed is None else from_python("seed", seed),
        gates=gates, hessian=hessian, order=order, strict=strict, notation=notation,
        precision=precision, verify=verify, convention=convention,
    )  # fmt: skip
    names = frozenset(map(canonical, given))
    report = solve(read(Source(expression), names, arrays=arrays_in(bindings), latex=latex), question)
    spoken = output.spoken("lang", lang) if lang else output.spoken("GRADCLI_LANG", environ.get("GRADCLI_LANG", ""))
    report.display = partial(_display, words=spoken)
    return report


def compile(
    expression: str,
    /,
    constants: Mapping[str, object] | None = None,
    *,
    wrt: str | Sequence[str] | None = None,
    latex: bool = False,
    convention: str = "min-norm",
    threads: int = 0,
    jit: bool = False,
    **values: object,
) -> Gradient:
    """Make an expression and its gradient a function of NumPy arrays, with a row for each point.

        f = gradcli.compile("(x+y)*z");   r = f(x=X, y=Y, z=Z);   r.value[i], r.partials["x"][i]

    The kernel is that of ``gradcli batch``: forward and backward pass fused, in blocks that fit the cache, on all cores. At least nine
    digits of every number are right: rows where floats cannot promise that, and rows at a kink, are done by certified numbers.

    Args:
        expression: as for `grad`.
        constants: values by name that are the same at all points; also as keywords.
        wrt: differentiate by these names only.
        latex: read LaTeX; a text with a backslash command is recognised by itself.
        convention: whose number a partial has where there is no derivative, as for `grad`.
        threads: at most so many (0: one for each core).
        jit: compile to machine code (needs the extra ``jit``).

    Raises:
        gradcli.errors.GradError: for a text, a name or a shape with no meaning.

    """
    from gradcli.batch.gradient import Gradient
    from gradcli.values import from_python

    given = {name: from_python(name, value) for name, value in {**(constants or {}), **values}.items()}
    names = [wrt] if isinstance(wrt, str) else None if wrt is None else list(wrt)
    return Gradient(expression, given, names, latex, convention, threads, jit)


def _display(report: Report, words: Language) -> dict[str, str]:
    """Return what a notebook shows of a report; renderers stand above reports, so that reports cannot name them."""
    from gradcli.render.forms import Look
    from gradcli.render.notebook import bundle

    return bundle(report, Look(words=words))
