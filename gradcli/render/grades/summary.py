"""A graded class → the summary of a step of GitHub Actions, in Markdown: what a teacher wants to see first.

A step's summary has room for 1 MiB, and GitHub shows nothing of a longer one. So students are told of whole, with their row in
the table and what is not right, as long as there is room, and one line says how many more there are.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from gradcli.classroom.marks import Graded, Sheet, decimal
from gradcli.classroom.tally import mean, questions, scores, slips
from gradcli.judge.verdict import CORRECT
from gradcli.render.forms import Look
from gradcli.render.grades.logs import harmless
from gradcli.render.grades.markdown import of, parts_of, plain, table
from gradcli.render.grades.told import made, problems, spot, students, tell, total
from gradcli.render.heading import titled
from gradcli.render.markup import code
from gradcli.wording import Language

MOST_BYTES = 1024 * 1024
_MISTAKES = 10  # that are shown


def render(graded: Graded, look: Look, reveal: str) -> str:
    """Return a summary that GitHub shows, however large the class."""
    words = look.words
    marks = [mark for sheet in graded.sheets for mark in sheet.marks]
    score = of(total(mark.points for mark in marks), total(mark.worth for mark in marks))
    title = f"## {plain(graded.key, words)}"
    line = words("{0}, {1} of {2} answers right, {3} points", students(len(graded.sheets)), graded.count(CORRECT), len(marks), score)
    names = questions(graded.sheets)
    header = [words("student"), *(plain(name, words) for name in names), words("points")]
    room = MOST_BYTES - 1024 - 3 * _size([title, line, *header])  # 1024: headings and the like
    mistakes, room = _mistakes(graded, reveal, words, room)
    unread, room = _unread(graded, words, room)
    rows, sections = [], []
    for sheet in graded.sheets:
        row, section = _row(sheet, names, words), _section(sheet, words, reveal)
        room -= _size([*row, *section])
        if room < 0:
            break
        rows.append(row)
        sections += section
    left = len(graded.sheets) - len(rows)
    rows += [[words("mean"), *_means(graded, names)]] if len(graded.sheets) > 1 else []
    found = [table(header, rows, right=range(1, len(header)))] if rows else []
    more = [words("{0} more students, for whom there is no room here", left)] if left else []
    return "\n\n".join([title, line, *found, *mistakes, *unread, *sections, *more]) + "\n"


def _row(sheet: Sheet, names: list[str], words: Language) -> list[str]:
    earned = scores(sheet)
    return [plain(sheet.student, words), *(of(*earned[name]) if name in earned else "" for name in names), of(sheet.points, sheet.worth)]


def _means(graded: Graded, names: list[str]) -> list[str]:
    earned = list(map(scores, graded.sheets))
    columns: Iterable[list[Fraction]] = ([one[name].points for one in earned if name in one] for name in names)
    return [*(decimal(mean(column)) for column in columns), decimal(mean([sheet.points for sheet in graded.sheets]))]


def _section(sheet: Sheet, words: Language, reveal: str) -> list[str]:
    """Return what is not right of a student; nothing where all is."""
    wrong = [one for one in tell(sheet, reveal) if one.mark.verdict.verdict != CORRECT]
    title = f"{sheet.student}: {of(sheet.points, sheet.worth)}"
    return [f"### {plain(title, words)}", *parts_of(wrong, words, named=True)] if wrong else []


def _mistakes(graded: Graded, reveal: str, words: Language, room: int) -> tuple[list[str], int]:
    found = slips(made(graded, reveal))
    lines = []
    for slip in found[:_MISTAKES]:
        line = f"{slip.times} × {words.told(slip.says)}: {titled(slip.question, slip.where, words)}, "
        lines.append(f"- {plain(line, words)}{code(harmless(slip.target))}")
    return _listed(words("Most frequent mistakes"), lines, len(found) - len(lines), words, room)


def _unread(graded: Graded, words: Language, room: int) -> tuple[list[str], int]:
    lines = [f"- {code(harmless(spot(problem)))}: {plain(problem.message, words)}" for _, problem in problems(graded)]
    return _listed(words("Could not be read"), lines, 0, words, room)


def _listed(title: str, lines: list[str], more: int, words: Language, room: int) -> tuple[list[str], int]:
    """Return lines under a heading, as many as a quarter of the room takes, and the room that is left."""
    spare, kept = room // 4, []
    for line in lines:
        spare -= _size([line])
        if spare < 0:
            break
        kept.append(line)
    more += len(lines) - len(kept)
    kept += [f"- {words('and {0} more', more)}"] if more else []
    return ([f"### {title}", "\n".join(kept)] if kept else []), room - _size(kept)


def _size(blocks: Iterable[str]) -> int:
    return sum(len(block.encode()) + 6 for block in blocks)  # 6: an empty line between, or the bars of a row
