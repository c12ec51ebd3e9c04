"""pytest: a worksheet with answers is a file of tests, one for each answer.

    question 1a                          hw.grad::1a: q
    q = x + y; f = q z             →     hw.grad::1a: df/dx
    at x = -2, y = 5, z = -4
    answer q = 3, df/dx = -4

Every pytest run of an environment imports this module, so nothing of gradcli is imported before there is a worksheet.
"""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

if TYPE_CHECKING:
    from gradcli.judge.truth import Truth
    from gradcli.judge.verdict import Verdict
    from gradcli.limits import Limits
    from gradcli.operands import Task
    from gradcli.operands.sheets import Answered

_OPTIONS = {
    "rtol": "relative tolerance of numbers, as in 1e-6",
    "digits": "least digits of a number that is not exact (3)",
    "rounded": "also right: what follows from rounding to so many decimals on the way",
    "reveal": "what a failure shows: verdict, where, hint or all (all)",
}
_STUDENT = re.compile(r"^[ \t]*(?:student[ \t]+[^\W_]|[Ss]tudent:)", re.MULTILINE)  # as in a submission
_NAMES = {"gradcli", __name__}  # of this plugin: by its entry point, and by -p


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add each option twice: for the command line, and for the configuration as ``gradcli_…``."""
    group = parser.getgroup("gradcli", "worksheets (.grad)")
    for name, about in _OPTIONS.items():
        group.addoption(f"--gradcli-{name}", default=None, metavar=name.upper(), help=about)
        parser.addini(f"gradcli_{name}", about, default="")


def pytest_plugin_registered(plugin: object, manager: pytest.PytestPluginManager) -> None:
    """Be registered once, under whichever name comes first."""
    if plugin is sys.modules[__name__]:
        for name in _NAMES - {manager.get_name(plugin)}:
            manager.set_blocked(name)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect worksheets."""
    return Sheet.from_parent(parent, path=file_path) if file_path.suffix == ".grad" else None


class Sheet(pytest.File):
    """A worksheet: one test for each answer in it; one without answers has none."""

    def collect(self) -> Iterator[pytest.Item]:
        from gradcli.checking import rules_of
        from gradcli.errors import GradError, draw, safe
        from gradcli.limits import Limits
        from gradcli.operands.sheets import read_sheet
        from gradcli.output import spoken
        from gradcli.wording import Language, said

        self.words = Language()
        try:
            self.words = spoken("GRADCLI_LANG", os.environ.get("GRADCLI_LANG", ""))
            self.limits = Limits.asked([])
            self.reveal = self._option("reveal") or "all"
            digits, rounded = self._whole("digits", range(1, 51)) or 3, self._whole("rounded", range(13))
            self.rules = rules_of(self._option("rtol"), digits, "any", "note", rounded, self.reveal)
            tasks = read_sheet(self._shown_path(), self.limits)
        except GradError as problem:
            if problem.kind == "empty-input" and problem.source and _STUDENT.search(problem.source.text):
                pytest.skip(self.words(said("a submission has no function of its own: gradcli grade KEY.grad {0}", self._shown_path())))
            raise self.CollectError(draw(problem, self.words)) from None
        seen: Counter[str] = Counter()
        for question in map(Question, tasks):
            for answered in question.task.answers:
                name = safe(question.name_of(answered))
                seen[name] += 1
                again = f" ({seen[name]})" if seen[name] > 1 else ""
                yield Answer.from_parent(self, name=name + again, question=question, answered=answered)

    def _option(self, name: str) -> str:
        """Return an option: what was typed wins over the configuration."""
        typed = self.config.getoption(f"gradcli_{name}")
        return str(self.config.getini(f"gradcli_{name}") if typed is None else typed)

    def _whole(self, name: str, allowed: range) -> int | None:
        """Return an option that is a whole number; None where it is not given."""
        from gradcli.errors import GradError
        from gradcli.wording import said

        text = self._option(name)
        if text and text not in map(str, allowed):
            what = said("{0} {1}: a whole number from {2} to {3} is needed", f"gradcli_{name}", text, allowed[0], allowed[-1])
            raise GradError("bad-usage", what)
        return int(text) if text else None

    def _shown_path(self) -> str:
        try:
            return os.path.relpath(self.path)
        except ValueError:  # another drive
            return str(self.path)


class Question:
    """A question at one point; its truth is computed for the first of its answers, and kept for the others."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self._truth: Truth | None = None

    def name_of(self, answered: Answered) -> str:
        """Return the name of a test: ``1a: df/dx``, with the point where there are several."""
        task = self.task
        name = f"{task.question}: {answered.target}" if task.question else answered.target
        return f"{name} at {task.where}" if task.where else name

    def truth(self, limits: Limits) -> Truth:
        """Return the truth."""
        from gradcli.judge.truth import Truth

        if self._truth is None:
            self._truth = Truth(self.task.program, self.task.bindings, limits)
        return self._truth


class VerdictError(Exception):
    """An answer that is not known to be right."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.verdict)
        self.verdict = verdict


class Answer(pytest.Item):
    """An answer: a test that passes if the answer is correct, and fails if it is wrong, cannot be read, or cannot be decided."""

    def __init__(self, *, question: Question, answered: Answered, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.question, self.answered = question, answered

    def runtest(self) -> None:
        from gradcli.judge.check import judge
        from gradcli.judge.verdict import CORRECT

        sheet, given = self._sheet, self.answered
        truth = self.question.truth(sheet.limits)
        verdict = judge(truth, given.target, given.source, given.start, given.end, sheet.rules, sheet.limits)
        if verdict.verdict != CORRECT:
            raise VerdictError(verdict)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        from gradcli.errors import GradError, draw

        problem = excinfo.value
        if isinstance(problem, VerdictError):
            text, message = self._drawn(problem.verdict)
        elif isinstance(problem, GradError):
            text, message = draw(problem, self._sheet.words), self._sheet.words.told(problem.message)
        else:
            return super().repr_failure(excinfo, style)
        lines = self.config.getoption("tbstyle") == "line"  # then pytest itself writes the line, and nothing else
        return Failure("" if lines else text, Crash(str(self.path), self._line, message))

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self._line - 1, self.name

    @property
    def _sheet(self) -> Sheet:
        assert isinstance(self.parent, Sheet)
        return self.parent

    @property
    def _line(self) -> int:
        return self.answered.source.line_at(self.answered.start)[0]

    def _drawn(self, verdict: Verdict) -> tuple[str, str]:
        """Return what may be seen of a verdict: the line of the sheet with what is said of it, and a message of one line."""
        from gradcli.errors import GradError, draw, safe
        from gradcli.judge.verdict import UNDECIDED
        from gradcli.render.verdicts import remark, shown
        from gradcli.wording import joined, said

        words, given, problem = self._sheet.words, self.answered, verdict.problem
        seen = shown(verdict, self._sheet.reveal)
        span = given.start, max(given.end, given.start + 1)
        if problem is not None:  # it is drawn where it is, if it is anywhere
            drawing = problem if problem.source else GradError(problem.kind, problem.message, span, source=given.source, hint=problem.hint)
        else:
            why = remark({**seen, "expected": None})
            what = said("{0} = {1}", verdict.target, verdict.given)
            drawing = GradError(verdict.verdict, joined(": ", [part for part in (what, why) if part]), span, source=given.source)
        lines = [draw(drawing, words), f"  {words('given')}: {safe(verdict.given)}"]
        if seen["expected"]:
            lines += [f"  {words('expected')}: {safe(words.told(seen['expected']))}"]
        lines += [f"  {words('note')}: {safe(words.told(note))}" for note in seen["notes"] if problem is None]
        kind = [] if verdict.verdict == UNDECIDED else [said(str(verdict.verdict))]  # its remark says so itself
        message = joined(": ", [part for part in (*kind, remark(seen)) if part])
        return "\n".join(lines), safe(words.told(message))


class Crash(NamedTuple):
    """Where a test failed, and why in one line: what pytest's summaries show."""

    path: str
    lineno: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.lineno}: {self.message}"


class Failure:
    """A failure as pytest shows it."""

    def __init__(self, text: str, crash: Crash) -> None:
        self.text, self.reprcrash = text, crash

    def __str__(self) -> str:
        return self.text

    def toterminal(self, terminal: Any) -> None:
        """Write the drawing, its first line in red."""
        first, _, rest = self.text.partition("\n")
        if first:
            terminal.line(first, red=True, bold=True)
            terminal.line(rest)
