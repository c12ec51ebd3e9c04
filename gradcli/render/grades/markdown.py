"""A graded class → a page of feedback for each student, in Markdown, and an index of the pages for the teacher.

What a student wrote stands in code spans, or escaped: none of it is Markdown, HTML, a link or a mention.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby
from urllib.parse import quote

from gradcli.classroom.marks import Graded, Problem, Sheet, decimal
from gradcli.classroom.slugs import slug
from gradcli.classroom.tally import scores
from gradcli.render.forms import Look
from gradcli.render.grades.logs import harmless
from gradcli.render.grades.told import Told, spot, tell
from gradcli.render.heading import titled
from gradcli.render.markup import code, code_in_cell, escaped, fenced, in_cell
from gradcli.wording import Language

_INDEX = "index.md"


def pages(graded: Graded, look: Look, reveal: str) -> dict[str, str]:
    """Return the pages by the names of their files, the index first."""
    files = _files([sheet.student for sheet in graded.sheets])
    found = {_INDEX: _index(graded, files, look.words)}
    return found | {file: _page(graded.key, sheet, look.words, reveal) for file, sheet in zip(files, graded.sheets)}


def _files(students: Sequence[str]) -> list[str]:
    """Return a name of a file for each student; a name that is taken, as the index is, ends as no other can."""
    found = {_INDEX: None}  # in order
    for student in students:
        file = f"{slug(student)}.md"
        while file in found:
            file = f"{file[:-3]}-.md"
        found[file] = None
    return list(found)[1:]


def _index(graded: Graded, files: Sequence[str], words: Language) -> str:
    blocks = [f"# {plain(graded.key, words)}"]
    rows = [
        [f"[{plain(sheet.student, words)}](<{quote(file)}>)", of(sheet.points, sheet.worth)] for file, sheet in zip(files, graded.sheets)
    ]
    blocks += [table([words("student"), words("points")], rows, right=(1,))] if rows else []
    blocks += unread(graded.problems, words)
    return "\n\n".join(blocks) + "\n"


def _page(key: str, sheet: Sheet, words: Language, reveal: str) -> str:
    told = tell(sheet, reveal)
    right = sum(one.mark.verdict.verdict == "correct" for one in told)
    blocks = [f"# {plain(sheet.student, words)}"]
    blocks += [words("**{0} points**, {1} of {2} right in {3}", of(sheet.points, sheet.worth), right, len(told), code(harmless(key)))]
    earned = scores(sheet)
    for question, group in groupby(told, key=lambda one: one.mark.question):
        score = earned[question]
        title = words("{0}: {1} of {2} points", titled(question, "", words), decimal(score.points), decimal(score.worth))
        blocks += [f"## {plain(title, words)}"]
        for where, parts in groupby(group, key=lambda one: one.mark.where):
            blocks += [words("At {0}:", code(harmless(where)))] if where else []
            blocks += parts_of(list(parts), words)
    return "\n\n".join([*blocks, *unread(sheet.problems, words)]) + "\n"


def parts_of(parts: Sequence[Told], words: Language, *, named: bool = False) -> list[str]:
    """Return parts as a table, with their questions if ``named``, and below it the drawings of those that cannot be read."""
    headers = [words("answer"), words("verdict"), words("points"), words("why")]
    rows = [
        [code_in_cell(harmless(one.answer)), words.told(one.mark.verdict.verdict), of(*one.score), plain(one.why, words)] for one in parts
    ]
    if named:
        headers = [words("question"), *headers]
        rows = [[_asked(one, words), *row] for one, row in zip(parts, rows)]
    lines = [harmless(line) for one in parts for line in one.drawings(words)]
    return [table(headers, rows, right=(2 + named,)), *([fenced("\n".join(lines))] if lines else [])]


def _asked(one: Told, words: Language) -> str:
    question, where = one.mark.question, one.mark.where
    return plain(words("{0}, at {1}", question, where) if where else question, words)


def unread(problems: Sequence[Problem], words: Language) -> list[str]:
    """Return what could not be read, under a heading, where there is such a thing."""
    rows = [f"- {code(harmless(spot(problem)))}: {plain(problem.message, words)}" for problem in problems]
    return [f"## {words('Could not be read')}", "\n".join(rows)] if rows else []


def plain(text: str, words: Language) -> str:
    """Return a message, or somebody's text, as plain text, for a cell too."""
    return in_cell(escaped(harmless(words.told(text))))


def of(points: Fraction, worth: Fraction) -> str:
    """Return points of points."""
    return f"{decimal(points)} / {decimal(worth)}"


def table(headers: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> str:
    """Return a table of cells that are Markdown; the columns ``right`` are numbers."""
    rule = ["--:" if place in right else "---" for place in range(len(headers))]
    return "\n".join(f"| {' | '.join(row)} |" for row in [headers, rule, *rows])
