"""``gradcli batch``: a table of points in, a table of values and partials out. The options are those of `cli`."""

from __future__ import annotations

import os
import re
import signal
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from gradcli import __version__, output
from gradcli.errors import NO_VERDICT, GradError, reason
from gradcli.limits import Limits
from gradcli.solve import CONVENTION_NAMES, OURS
from gradcli.wording import Language, joined, said
from gradcli.workers.engines import LOCAL, scheduler_asked
from gradcli.workers.signals import answered

if TYPE_CHECKING:
    from gradcli.batch.journal import Far
    from gradcli.batch.points import Points
    from gradcli.batch.records import Counts, Part
    from gradcli.batch.sinks import Sink
    from gradcli.batch.work import Work
    from gradcli.progress import Flow
    from gradcli.workers import Workers

_HINT = said('for example: gradcli batch "(x+y)*z" points.csv -o gradients.csv')
_AHEAD = 3  # parts for each worker that are under way or wait to be written


def batch(
    words: list[str],
    *,
    to: str = "",
    wrt: str = "",
    keep: str = "",
    status: bool = False,
    on_error: str = "reject",
    rejects: str = "",
    resume: bool = False,
    jobs: int = 0,
    read_as: str = "",
    write_as: str = "",
    certify: bool = False,
    jit: bool = False,
    convention: str = OURS,
    limit: list[str] | None = None,
    latex: bool = False,
    engine: str = LOCAL,
    scheduler: str = "",
    quiet: bool = False,
    lang: str = "",
) -> int:
    """Read the table, work through it, write what comes of it, and return the exit code.

    Raises:
        GradError: for what is wrong with the words, the table or the files; a row that is wrong is rejected.

    """
    from gradcli.batch.below import prepare

    prepare()
    from gradcli.batch.points import open_points
    from gradcli.batch.work import ON_ERROR, REJECT
    from gradcli.progress import Flow

    language = output.spoken("--lang", lang)
    for option, value, allowed in (
        ("--on-error", on_error, ON_ERROR), ("--convention", convention, CONVENTION_NAMES),
    ):  # fmt: skip
        if value not in allowed:
            raise GradError("bad-usage", said("{0} {1}: there are {2}", option, value, ", ".join(allowed)))
    cluster = scheduler_asked(engine, scheduler, jobs)
    if rejects and on_error != REJECT:
        raise GradError("bad-usage", said("--rejects goes with --on-error reject"))
    table, others = _table(words)
    file = to if to != "-" else ""
    if resume and (not file or table == "-"):
        raise GradError("bad-usage", said("--resume goes on with a file that is made from a file"))
    _apart(table, file, rejects)
    asked = _Asked(_names(wrt) if wrt else None, _names(keep), status, on_error, certify, jit, convention, latex, Limits.asked(limit or []))
    with ExitStack() as running:
        points = open_points(table, asked.limits, read_as or None)
        work, identity = _work(points, others, asked, write_as, file)
        identity |= {"input": [os.path.realpath(table), points.identity()] if table != "-" else [], "--rejects": rejects}
        sink = _sink(file, rejects, work, identity, resume, language, running)
        running.callback(sink.close)
        workers, ahead = _workers(cluster, jobs, work, table, running)
        progress = running.enter_context(Flow(language))
        return _run(points, work, sink, workers, ahead, progress, quiet)


class _Asked(NamedTuple):
    """The options that decide what is written."""

    wrt: list[str] | None
    keep: list[str]
    status: bool
    on_error: str
    certify: bool
    jit: bool
    convention: str
    latex: bool
    limits: Limits


# ---- what is read -------------------------------------------------------------------------------------------


def _table(words: list[str]) -> tuple[str, list[str]]:
    """Return the operand that is the table, and the others: -, or a table by its ending, else a file that is there or a folder."""
    from gradcli.batch.points import endings, is_table

    free = [word for word in words if not re.match(r"\s*\w+\s*=", word)]
    known = [word for word in free if word == "-" or is_table(word)]
    there = [word for word in free if len(free) > 1 and os.path.exists(word)]
    tables = known or [word for word in there if not os.path.isdir(word)] or there
    if len(tables) != 1:
        what = said("there are two tables of points here: {0}", ", ".join(tables)) if tables else said("there is no table of points here")
        named = said("its name ends with one of {0}, or it is a file that is there", endings())
        raise GradError("bad-usage", what, hint=_HINT if tables or len(free) < 2 else named)
    others = list(words)
    others.remove(tables[0])
    return tables[0], others


def _names(text: str) -> list[str]:
    """Return the names in a list such as x,y."""
    return [name.strip() for name in text.split(",") if name.strip()]


def _apart(table: str, file: str, rejects: str) -> None:
    """See that nothing is written to what is read, and no two things to one file."""
    from gradcli.batch.rejects import ENDING

    names = [name for name in (table if table != "-" else "", file, rejects or (file and file + ENDING)) if name]
    for place, name in enumerate(names):
        for other in names[:place]:
            here = os.path.isfile(name) and os.path.isfile(other)
            if os.path.realpath(name) == os.path.realpath(other) or (here and os.path.samefile(name, other)):
                raise GradError("bad-usage", said("{0} and {1} are one file", other, name))


def _work(points: Points, words: list[str], asked: _Asked, write_as: str, file: str) -> tuple[Work, dict[str, object]]:
    """Read the expression; return what is to be done with each part, and what tells this run from others."""
    from gradcli.batch.points import layout, offered
    from gradcli.batch.recipe import written
    from gradcli.batch.results import form_of, open_results
    from gradcli.batch.work import Work
    from gradcli.operands import split
    from gradcli.syntax.names import canonical

    expression, constants, typed = split(words, asked.limits, _HINT)
    recipe = written(expression, constants, typed, offered(points.columns, points.sizes), asked.wrt, asked.latex, asked.limits)
    found = layout(points.columns, points.sizes, recipe.variables, {*recipe.typed, *recipe.loaded}, asked.keep)
    spelt = {canonical(name): name for name in recipe.variables}  # the kernel knows them as the expression has them
    found = found._replace(sources={spelt[name]: source for name, source in found.sources.items()})
    recipe = recipe._replace(varying=found.varying, convention=asked.convention, certify=asked.certify, jit=asked.jit)
    form = form_of(file, write_as, points.form)
    writer = open_results(form, recipe.function().outputs, asked.keep, asked.status)
    work = Work(recipe, points, found, writer, asked.on_error, asked.status)
    identity: dict[str, object] = {
        "version": __version__, "expression": expression, "constants": recipe.constants(), "--from": str(points.form), "--to": str(form),
        "--wrt": asked.wrt, "--keep": asked.keep, "--status": asked.status, "--on-error": asked.on_error, "--certify": asked.certify,
        "--jit": asked.jit, "--convention": asked.convention, "--latex": asked.latex,
    }  # fmt: skip
    return work, identity


# ---- who works, and where it goes ---------------------------------------------------------------------------


def _workers(scheduler: str, jobs: int, work: Work, table: str, running: ExitStack) -> tuple[Workers, int]:
    """Return who does the parts, and how many at once."""
    from gradcli.workers import Here, Threads, cores

    if scheduler:
        from gradcli.workers.cluster import Cluster

        cluster = running.enter_context(Cluster(scheduler))
        if table != "-":
            cluster.sees([os.path.abspath(table)])
        return cluster, _AHEAD * cluster.places
    jobs = jobs or cores()
    if jobs == 1:
        return Here(), 1
    from gradcli.workers.processes import Processes

    threads, work.helpers = Threads(jobs), Processes(jobs)
    running.callback(threads.close)
    running.callback(work.helpers.close)  # first: a thread may wait for them
    return threads, _AHEAD * jobs


def _sink(
    file: str, rejects: str, work: Work, identity: dict[str, object], resume: bool, language: Language, running: ExitStack
) -> Sink:
    """Return where the parts go: to a file that takes its name at the end, or to what has no end to wait for."""
    from gradcli.batch.rejects import ENDING, sentence
    from gradcli.batch.sinks import Files, Stream

    if file and (os.path.isfile(file) or not os.path.exists(file)):
        return Files(file, rejects or file + ENDING, bool(rejects), work.writer, identity, resume)
    if os.path.isdir(file):
        raise GradError("cannot-write", said("{0}: {1}", file, reason(IsADirectoryError(21, os.strerror(21)))))
    if not file and work.writer.binary and sys.stdout.isatty():
        raise GradError("bad-usage", said("a terminal cannot show these bytes"), hint=said("write a file: -o gradients.parquet"))
    stream = running.enter_context(_opened(file)) if file else sys.stdout.buffer
    return Stream(stream, work.writer, rejects, lambda reject: print(sentence(reject, language), file=sys.stderr))


def _opened(file: str) -> BinaryIO:
    try:
        return open(file, "wb")
    except OSError as problem:
        raise GradError("cannot-write", said("{0}: {1}", file, reason(problem))) from None


# ---- the run ------------------------------------------------------------------------------------------------


class _Ended(KeyboardInterrupt):
    """Somebody asked this process to end."""


def _run(points: Points, work: Work, sink: Sink, workers: Workers, ahead: int, progress: Flow, quiet: bool) -> int:
    """Do it, say what came of it, and return the exit code."""
    from gradcli.batch.run import run
    from gradcli.batch.work import NAN

    progress.expect(points.extent or 0)

    def heard(part: Part, counts: Counts) -> None:
        progress.rows += counts.rows
        progress.done(part.end - progress.count)  # what an earlier run has done is done

    try:
        with answered(signal.SIGTERM, _end):
            far = run(points, work, sink, workers, ahead, heard)
    except KeyboardInterrupt as stop:
        if (left := sink.left()) and sys.stderr is not None:
            print(progress.words.told(left), file=sys.stderr)
        return 143 if isinstance(stop, _Ended) else 130
    except GradError as problem:
        problem.hint = problem.hint or sink.left()
        raise
    if not quiet and sys.stderr is not None:
        print(progress.words.told(_summary(far, work.on_error == NAN, progress)), file=sys.stderr)
    return NO_VERDICT if far.counts.rejected else 0


def _summary(far: Far, nan: bool, progress: Flow) -> str:
    """Return what became of the rows, in one line."""
    counts = far.counts
    told = [said("{0} rows in", counts.rows), said("{0} written", counts.written)]
    told += [said("{0} without a value", counts.rejected) if nan else said("{0} rejected", counts.rejected)]
    told += [said("{0} settled by balls", counts.settled), said("{0} at a kink", counts.kinks)]
    if counts.missing:
        told.append(said("{0} with a partial that does not exist", counts.missing))
    return said("{0}; {1} rows a second", joined(", ", told), progress.rate())


def _end(*_: object) -> None:
    raise _Ended
