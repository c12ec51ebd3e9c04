"""What is wrong with keys → tables for teachers: by question and point, with a better point below."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from io import StringIO
from itertools import groupby

from rich.table import Table
from rich.text import Text

from gradcli.classroom.lint.selftest import ALIKE, BESIDE, FAILS, PASSES, UNLUCKY, Finding, SelfTest
from gradcli.render.console import console, lines_as_they_are, table, text_of
from gradcli.render.forms import Look
from gradcli.render.grades.logs import harmless
from gradcli.render.heading import titled
from gradcli.report import KINDS
from gradcli.wording import said

_WORDS = {
    UNLUCKY: said("unlucky"), PASSES: said("would pass"), FAILS: said("would fail"), BESIDE: said("beside a kink"),
}  # fmt: skip
_BOLD, _FAULT, _NOTE = "bold", "red", "dim"


def render(tests: Sequence[SelfTest], look: Look) -> str:
    """Return what was found as tables; width None is their natural width, which no line is wrapped to."""
    file = StringIO()
    page = console(file, look)
    for test in tests:
        for (question, where), group in groupby(test.findings, key=lambda one: (one.question, one.where)):
            findings = list(group)
            page.print(_lines(titled(question, where, look.words), look, _BOLD))
            if listed := _listed(findings):
                page.print(_rows(listed, look))
            for advice in test.advice:
                if (advice.question, advice.where) == (question, where):
                    better = look.words("a better point: {0}", advice.line) if advice.line else look.words("no better point was found")
                    page.print(_lines(better, look, _BOLD))
            if alike := Counter(finding.target for finding in findings if finding.kind == ALIKE):
                at = ", ".join(f"{target} ({times})" if times > 1 else target for target, times in alike.items())
                note = look.words("mistakes that cannot be told apart, as they give one number: {0} (--json says which)", at)
                page.print(_lines(note, look, _NOTE))
            page.print()
        page.print(_lines(_total(test, look), look, _FAULT if test.warnings else "green"))
    return text_of(file)


def _listed(findings: Sequence[Finding]) -> list[Finding]:
    """Return what stands in the table: of roundings to few digits the longest, as the shorter ones fail too; what is alike, below it."""
    rounded = [finding for finding in findings if finding.kind == FAILS and finding.option.startswith("--digits")]
    longest = {finding.target: finding for finding in rounded}
    return [finding for finding in findings if finding.kind != ALIKE and (finding not in rounded or finding is longest[finding.target])]


def _rows(findings: Sequence[Finding], look: Look) -> Table:
    rows = table(look)
    for header in (look.words("what"), look.words("answer"), look.words("why"), look.words("option")):
        rows.add_column(_lines(header, look), overflow="fold")
    for finding in findings:
        style = _FAULT if finding.warns else _NOTE
        kind = look.words.told(_WORDS.get(finding.kind, KINDS.get(finding.kind, finding.kind)))
        answer = f"{finding.target} = {finding.answer}" if finding.answer else finding.target
        option = look.words.told(finding.option)
        rows.add_row(_lines(kind, look, style), _lines(answer, look), _lines(_why(finding, look), look), _lines(option, look))
    return rows


def _why(finding: Finding, look: Look) -> str:
    """Return what is said of a finding, and below it the slips."""
    says = look.words.told(finding.says)
    return "\n".join([f"{says}:" if finding.slips else says, *(f"  {look.words.told(slip.says)}" for slip in finding.slips)])


def _total(test: SelfTest, look: Look) -> str:
    tried = look.words("{0} parts, {1} slips, {2} answers tried", test.parts, test.slips, test.answers)
    if not test.warnings:
        return look.words("{0}: no faults ({1})", test.key, tried)
    if test.warnings == 1:
        return look.words("{0}: 1 fault ({1})", test.key, tried)
    return look.words("{0}: {1} faults ({2})", test.key, test.warnings, tried)


def _lines(text: str, look: Look, style: str = "") -> Text:
    return lines_as_they_are("\n".join(map(harmless, text.split("\n"))), look, style)
