"""``gradcli grade``: a key and what a class handed in, marks and reports out. The options are those of `cli`."""

from __future__ import annotations

import gc
import os
from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, NamedTuple

from gradcli import output
from gradcli.checking import rules_of
from gradcli.errors import NO_VERDICT, USAGE, GradError, Source, reason, safe
from gradcli.limits import Limits
from gradcli.wording import Language, said
from gradcli.workers import cores
from gradcli.workers.engines import LOCAL, scheduler_asked

if TYPE_CHECKING:
    from gradcli.classroom.grading.bench import Conditions, Result, Task
    from gradcli.classroom.grading.crowd import Recipe
    from gradcli.classroom.grading.grader import Keyring, Run
    from gradcli.classroom.key.key import Key
    from gradcli.classroom.marks import Graded
    from gradcli.classroom.submissions.files import Submission
    from gradcli.progress import Progress
    from gradcli.render.forms import Look
    from gradcli.render.grades.forms import Report

MANY = 500  # different answers from which on it is worth while to start processes, which read the key anew
_HINT = said("for example: gradcli grade key.grad submissions/")


def grade(
    words: list[str],
    *,
    to: list[str] | None = None,
    report: list[str] | None = None,
    format: str = "",
    json: bool = False,
    plain: bool = False,
    follow_through: bool = False,
    exit_zero: bool = False,
    self_test: bool = False,
    jobs: int = 0,
    engine: str = LOCAL,
    scheduler: str = "",
    seconds: float = 0,
    rtol: str = "",
    digits: int = 3,
    kink: str = "any",
    domain: str = "note",
    rounded: int | None = None,
    reveal: str = "hint",
    limit: list[str] | None = None,
    latex: bool = False,
    color: str = "auto",
    lang: str = "",
) -> int:
    """Read the key and what was handed in, grade it, write the reports, and return the exit code.

    Raises:
        GradError: for what is wrong with the key or the options, before anyone is graded; what is wrong with a submission is marked.

    """
    from gradcli.classroom.grading.bench import SECONDS, Conditions
    from gradcli.classroom.grading.grader import grade as graded_by
    from gradcli.classroom.marks import EXIT
    from gradcli.classroom.submissions.files import ENDINGS, passed_over, read_submissions

    rules, language = rules_of(rtol, digits, kink, domain, rounded, reveal), output.spoken("--lang", lang)
    conditions = Conditions(rules, Limits.asked(limit or []), latex, follow_through, seconds or SECONDS)
    if not words:
        raise GradError("bad-usage", said("there is no key here"), hint=_HINT)
    key, *handed_in = words
    if self_test:
        from gradcli.selftesting import self_test as tested

        return tested(words, rules, conditions.limits, language, json=json, color=color, latex=latex)
    cluster = scheduler_asked(engine, scheduler, jobs)
    spoken, files = _form({"--json": json, "--plain": plain}, format), _files(to or [], report or [])
    if not handed_in:
        raise GradError("bad-usage", said("there is nothing to grade"), hint=_HINT)
    if words.count("-") > 1:
        raise GradError("bad-usage", said("standard input is read once"))
    if "-" in words:
        output.announce_reading(language)
    keyring: Keyring | None = None if os.path.isdir(key) else _one_key(key, conditions)
    submissions, problems = read_submissions(handed_in, conditions.limits)
    if others := passed_over(handed_in):
        output.announce_passed_over(others, ENDINGS, language)
    if not submissions and not problems:
        raise GradError("bad-usage", said("there is nothing to grade"), hint=_HINT)
    keyring = keyring or _own_keys(key, submissions, conditions)
    gc.enable()  # unlike one answer, a class is long enough for what nobody holds any more to pile up
    with ExitStack() as running:
        run = _runner(keyring, conditions, jobs, cluster, language, running)
        graded = graded_by(keyring, submissions, conditions, problems=problems, run=run)
    _publish(graded, spoken, files, reveal, language, color)
    code = EXIT[graded.verdict]
    return 0 if exit_zero else code


# ---- what is read -------------------------------------------------------------------------------------------


def _one_key(path: str, conditions: Conditions) -> Keyring:
    """Read the key of a class."""
    from gradcli.classroom.grading.grader import Keyring
    from gradcli.values.files import source_of

    source = source_of(path, conditions.limits)
    key = _checked(source, conditions)
    return Keyring(key.name, (key,), (source,))


def _own_keys(folder: str, submissions: Sequence[Submission], conditions: Conditions) -> Keyring:
    """Read the keys of those who have handed in something, each an own one: all are right before anyone is graded."""
    from gradcli.classroom.grading.grader import Keyring
    from gradcli.classroom.key.key import read_keys
    from gradcli.values.files import source_of

    known = read_keys(folder, conditions.limits, conditions.rules, conditions.latex)
    paths = {submission.student: known.path(submission.student) for submission in submissions}
    sources = {path: source_of(path, conditions.limits) for path in paths.values() if path}
    keys = tuple(_checked(source, conditions) for source in sources.values())
    places = {path: place for place, path in enumerate(sources)}
    return Keyring(safe(folder), keys, tuple(sources.values()), {student: places[path] for student, path in paths.items() if path})


def _checked(source: Source, conditions: Conditions) -> Key:
    """Read a key; whatever is wrong with it is an error of who wrote it, and no verdict on an answer."""
    from gradcli.classroom.key.key import read_key

    try:
        return read_key(source, conditions.limits, conditions.rules, conditions.latex)
    except GradError as problem:
        problem.code = USAGE if problem.code == NO_VERDICT else problem.code
        raise


# ---- how it is judged ---------------------------------------------------------------------------------------


def _runner(keyring: Keyring, conditions: Conditions, jobs: int, cluster: str, language: Language, running: ExitStack) -> Run:
    """Return what judges, on this machine or on a cluster; the bar says how far it is."""
    from gradcli.classroom.grading.crowd import Recipe
    from gradcli.progress import Progress

    progress, recipe = running.enter_context(Progress(language)), Recipe(tuple(keyring.sources), conditions)
    judged = _elsewhere(recipe, cluster, progress, running) if cluster else _here(recipe, keyring, jobs, progress, running)

    def run(tasks: Sequence[Task]) -> Sequence[Result]:
        progress.expect(len(tasks))
        return judged(tasks)

    return run


def _here(recipe: Recipe, keyring: Keyring, jobs: int, progress: Progress, running: ExitStack) -> Run:
    """Return what judges in this process, or in several where there is much to do."""
    from gradcli.classroom.grading.crowd import Crowd
    from gradcli.classroom.grading.grader import serially

    alone = serially(recipe.bench(keyring.keys if keyring.whose is None else ()), progress.done)  # of many keys it keeps a few
    crowd = running.enter_context(Crowd(recipe, jobs or cores(), progress.done))
    several = jobs > 1 or (not jobs and crowd.jobs > 1)
    return lambda tasks: (crowd if several and (jobs or len(tasks) > MANY) else alone)(tasks)


def _elsewhere(recipe: Recipe, scheduler: str, progress: Progress, running: ExitStack) -> Run:
    """Return what judges on a cluster."""
    from gradcli.classroom.grading.elsewhere import Elsewhere
    from gradcli.workers.cluster import Cluster

    cluster = running.enter_context(Cluster(scheduler))
    return Elsewhere(cluster, cluster.places, recipe, progress.done)


# ---- what is written ----------------------------------------------------------------------------------------


class _File(NamedTuple):
    """A report that goes to a file, or to a folder."""

    report: Report
    name: str


def _form(flags: dict[str, bool], format: str) -> Report:
    """Return the report on standard output: the one asked for, or a table."""
    from gradcli.render.grades.forms import report as form

    wanted = {option: option[2:] for option, given in flags.items() if given} | ({f"--format {format}": format} if format else {})
    if len(wanted) > 1:
        raise GradError("bad-usage", said("{0} and {1} exclude each other", *list(wanted)[:2]))
    chosen = form(next(iter(wanted.values()), "table"))
    if chosen.folder:
        raise GradError("bad-usage", said("{0} is a folder: --report {0}=FOLDER", chosen.name))
    return chosen


def _files(to: list[str], reports: list[str]) -> list[_File]:
    """Return which report goes to which file."""
    from gradcli.render.grades.forms import report as form
    from gradcli.render.grades.forms import report_of

    files = [_File(report_of(name), name) for name in to]
    for text in reports:
        name, equal, file = text.partition("=")
        if not equal or not file:
            hint = said("for example --report junit=report.xml")
            raise GradError("bad-usage", said("--report {0}: this needs the form NAME=FILE", text), hint=hint)
        if file == "-":
            hint = said("--format {0} writes it to standard output", name)
            raise GradError("bad-usage", said("--report {0}: - is no file", text), hint=hint)
        files.append(_File(form(name), file))
    seen: set[str] = set()
    for _, place in files:
        if os.path.realpath(place) in seen:
            raise GradError("bad-usage", said("two reports go to {0}", place))
        seen.add(os.path.realpath(place))
    return files


def _publish(graded: Graded, spoken: Report, files: list[_File], reveal: str, language: Language, color: str) -> None:
    """Write all reports; none before all of them are rendered."""
    pages: list[tuple[str, str]] = []
    for report, name in files:
        look = _look(report, language)
        if report.folder:
            pages += [(_no_link(os.path.join(name, page)), text) for page, text in report.pages(graded, look, reveal).items()]
        else:
            pages.append((name, report.render(graded, look, reveal, os.environ)))
    look = _look(spoken, language)
    if spoken.terminal:
        look.width, look.color = output.width(), output.wants_color(color)
    shown = spoken.render(graded, look, reveal, os.environ)
    if spoken.terminal and not output.can_write(shown):
        look.be_ascii()
        shown = spoken.render(graded, look, reveal, os.environ)
    annotations, summary = _for_github(graded, reveal, language) if os.environ.get("GITHUB_ACTIONS") == "true" else ("", "")
    for folder in dict.fromkeys(os.path.dirname(name) for name, _ in pages):
        output.make_folder(folder)
    for name, text in pages:
        output.save(name, [text])
    output.write(shown)
    if annotations and spoken.terminal:  # any other format is for a program, which would not know them
        output.write(annotations)
    if summary and not any(report.name == "summary" for report, _ in files):  # it is written already, and most likely to the same file
        _append(os.environ.get("GITHUB_STEP_SUMMARY", ""), summary)


def _look(report: Report, language: Language) -> Look:
    from gradcli.render.forms import Look

    return Look(words=language if report.people else Language())


def _for_github(graded: Graded, reveal: str, language: Language) -> tuple[str, str]:
    """Return the annotations of a build on GitHub, and its summary."""
    from gradcli.render.grades.forms import report as form

    annotations, summary = form("github"), form("summary")
    return annotations.render(graded, _look(annotations, language), reveal), summary.render(graded, _look(summary, language), reveal)


def _no_link(path: str) -> str:
    """Return the path of a page, if it is no link: whose names are students' may lie where students can put links.

    Raises:
        GradError: for a link, before anything is written.

    """
    if os.path.islink(path):
        raise GradError("cannot-write", said("{0} is a link, and leads elsewhere", safe(path)))
    return path


def _append(path: str, text: str) -> None:
    """Add text to a file that belongs to the machine that runs us, if it has told us of one."""
    if path:
        try:
            with open(path, "ab") as file:
                file.write(text.encode("utf-8"))
        except OSError as problem:
            raise GradError("cannot-write", said("{0}: {1}", path, reason(problem))) from problem
