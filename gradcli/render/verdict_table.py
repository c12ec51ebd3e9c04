"""Verdicts → a table, with Rich: what a person reads of ``gradcli check``."""

from __future__ import annotations

from io import StringIO
from itertools import groupby

from gradcli.errors import draw, harmless
from gradcli.judge.verdict import Verdict
from gradcli.operands import Task
from gradcli.render.console import VERDICT_STYLES, console, lines_as_they_are, table, text_of
from gradcli.render.forms import Look
from gradcli.render.heading import titled
from gradcli.render.verdicts import remark, shown


def render(judged: list[tuple[Task, Verdict]], overall: str, reveal: str, look: Look) -> str:
    """Return the verdicts as a table, question by question, with a line that sums them up."""
    file, words = StringIO(), look.words
    page = console(file, look)
    notes: list[str] = []
    for heading, group in groupby(judged, key=lambda pair: (pair[0].question, pair[0].where)):
        if any(heading):
            page.print(lines_as_they_are(harmless(titled(*heading, words)), look, "bold"))
        rows = table(look)
        for header in (words("answer"), words("verdict"), words("why")):
            rows.add_column(lines_as_they_are(header, look), overflow="fold")
        for _, verdict in group:
            seen = shown(verdict, reveal)
            decided = lines_as_they_are(words.told(verdict.verdict), look, VERDICT_STYLES[verdict.verdict])
            why = lines_as_they_are(harmless(words.told(remark(seen))), look)
            rows.add_row(lines_as_they_are(harmless(f"{verdict.target} = {verdict.given}"), look), decided, why)
            notes += [draw(verdict.problem, words)] if verdict.problem else [
                f"{words('note')}: {verdict.target}: {words.told(note)}" for note in seen["notes"]
            ]  # fmt: skip
        page.print(rows)
        page.print()
    right = sum(verdict.verdict == "correct" for _, verdict in judged)
    page.print(lines_as_they_are(words("{0}: {1} of {2} right", overall, right, len(judged)), look, VERDICT_STYLES[overall]))
    for note in dict.fromkeys(notes):
        page.print(lines_as_they_are("\n".join(map(harmless, note.split("\n"))), look, "dim"))
    return text_of(file)
