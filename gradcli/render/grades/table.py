"""A graded class → tables for the terminal: of one student every answer, of several the points, with what went wrong most often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from io import StringIO
from itertools import groupby
from typing import NamedTuple

from rich.table import Table
from rich.text import Text

from gradcli.classroom.marks import EXIT, Graded, Problem, Sheet, decimal
from gradcli.classroom.tally import Score, mean, questions, scores, slips
from gradcli.errors import columns
from gradcli.judge.verdict import CORRECT, INVALID, UNDECIDED
from gradcli.render.console import NATURAL, VERDICT_STYLES, cleaner, console, lines_as_they_are, table, text_of
from gradcli.render.forms import Look
from gradcli.render.grades.logs import harmless
from gradcli.render.grades.told import Told, made, problems, spot, tell
from gradcli.render.heading import titled
from gradcli.render.numbers import aligned
from gradcli.wording import said

_BOLD = "bold"
_WIDEST = 40  # columns of the name of a student, before it is wrapped in favour of the points
_MISTAKES = 10  # that are shown


def render(graded: Graded, look: Look, reveal: str) -> str:
    """Return a class as tables; width None is their natural width, which no line is wrapped to."""
    file = StringIO()
    page = _Page(file, look)
    if len(graded.sheets) == 1:
        page.student(graded.sheets[0], reveal)
    elif graded.sheets:
        page.points(graded)
        page.counts(graded)
        page.mistakes(graded, reveal)
        page.undecided(graded)
    page.unread([problem for _, problem in problems(graded)] if len(graded.sheets) == 1 else unread(graded))
    return text_of(file)


class _Column(NamedTuple):
    """A column of points: the cells of the students and the mean, and the colours of the students' cells."""

    header: str
    cells: list[str]
    styles: list[str]


class _Page:
    def __init__(self, file: StringIO, look: Look) -> None:
        self.look, self.words, self.console = look, look.words, console(file, look)
        self.empty = True

    def say(self, text: str, style: str = "") -> Text:
        """Return a line that neither the terminal nor a build's log obeys."""
        return lines_as_they_are(harmless(self.words.told(text)), self.look, style)

    def lines(self, text: str, style: str = "") -> Text:
        """Return lines of our own making, such as the drawing of an error."""
        return Text("\n").join(self.say(line, style) for line in text.split("\n"))

    def block(self, *parts: Text | Table) -> None:
        """Print parts, an empty line before them if they are not the first."""
        if not self.empty:
            self.console.print()
        self.empty = False
        for part in parts:
            self.console.print(part)

    def headed(self, headers: Sequence[str], right: Sequence[int] = ()) -> Table:
        rows = table(self.look)
        for place, header in enumerate(headers):
            rows.add_column(self.lines(header), overflow="fold", justify="right" if place in right else "left")
        return rows

    # ---- one student ----------------------------------------------------------------------------------------

    def student(self, sheet: Sheet, reveal: str) -> None:
        """Print every answer, question by question and point by point."""
        words, earned, told = self.words, scores(sheet), tell(sheet, reveal)
        self.block(self.say(sheet.student, _BOLD))
        for (question, where), group in groupby(told, key=lambda one: (one.mark.question, one.mark.where)):
            score = earned[question]
            title = words("{0}: {1} of {2} points", titled(question, "", words), decimal(score.points), decimal(score.worth))
            heading = [self.say(title, _BOLD)] if (question, where) == self._first(told, question) else []
            self.block(*heading, *([self.say(words("at {0}", where))] if where else []), self.answers(list(group)))
        right = sum(one.mark.verdict.verdict == CORRECT for one in told)
        line = words("{0} of {1} right, {2} of {3} points", right, len(told), decimal(sheet.points), decimal(sheet.worth))
        self.block(self.say(line, self.colour(Score(sheet.points, sheet.worth))))
        known = {problem.message for problem in sheet.problems}  # said below, with their lines
        for one in told:
            for line in one.drawings(words, sheet.file) if one.mark.verdict.error not in known else []:
                self.console.print(self.say(line, "dim"))

    def _first(self, told: list[Told], question: str) -> tuple[str, str]:
        """Return question and point of the first part of a question: its heading stands above it."""
        return next((one.mark.question, one.mark.where) for one in told if one.mark.question == question)

    def answers(self, parts: list[Told]) -> Table:
        words = self.words
        rows = self.headed([words("answer"), words("verdict"), words("points"), words("why")], right=(2,))
        for one in parts:
            verdict = one.mark.verdict.verdict
            points = self.say(of(one.score), self.colour(one.score))
            rows.add_row(self.say(one.answer), self.say(verdict, VERDICT_STYLES[verdict]), points, self.say(one.why))
        return rows

    # ---- a class --------------------------------------------------------------------------------------------

    def points(self, graded: Graded) -> None:
        """Print points by student and question; in as many tables as it takes, one below the other, for no column to break."""
        words, names = self.words, [sheet.student for sheet in graded.sheets]
        earned = [scores(sheet) for sheet in graded.sheets]
        found = [self.column(question, [score.get(question) for score in earned]) for question in questions(graded.sheets)]
        found.append(self.column(words("points"), [Score(sheet.points, sheet.worth) for sheet in graded.sheets]))
        widest = max(map(self.width, [words("student"), words("mean"), *names]))
        for some in self.fitting(found, min(widest, max(_WIDEST, self.width(words("student"))))):
            rows = self.headed([words("student"), *(column.header for column in some)])
            for place, name in enumerate(names):
                rows.add_row(self.say(name), *(self.say(column.cells[place], column.styles[place]) for column in some))
            rows.add_section()
            rows.add_row(self.say(words("mean"), "dim"), *(self.say(column.cells[-1], "dim") for column in some))
            self.block(rows)

    def column(self, header: str, scores: Sequence[Score | None]) -> _Column:
        """Return the points of a question, the mean last; what there was to earn is in its header, unless that is not the same for all."""
        there = [score for score in scores if score]
        worths = {score.worth for score in there}
        alike = len(worths) == 1
        cells = ["" if score is None else decimal(score.points) if alike else of(score) for score in scores]
        styles = [self.colour(score) if score else "" for score in scores]
        title = "\n".join([harmless(header), self.words("of {0}", decimal(worths.pop()))]) if alike else harmless(header)
        return _Column(title, aligned([*cells, decimal(mean([score.points for score in there]))]), styles)

    def fitting(self, found: list[_Column], first: int) -> list[list[_Column]]:
        """Divide columns so that each table has room for its own; the last has the sum."""
        tables: list[list[_Column]] = [[]]
        spare = width = (self.look.width or NATURAL) - first - 2
        for column in found:
            size = max(map(self.width, [*column.header.split("\n"), *column.cells])) + 2
            if size > spare and tables[-1]:
                tables.append([])
                spare = width
            tables[-1].append(column)
            spare -= size
        return tables

    def width(self, text: str) -> int:
        return columns(cleaner(self.look)(harmless(text)))

    def counts(self, graded: Graded) -> None:
        """Print how many answers have each verdict."""
        found = [(verdict, graded.count(verdict)) for verdict in EXIT]
        line = Text(overflow="fold")
        line.append_text(self.say(self.words("{0} students: ", len(graded.sheets))))
        for place, (verdict, count) in enumerate((verdict, count) for verdict, count in found if count):
            line.append_text(self.say(", " if place else ""))
            line.append_text(self.say(self.words("{0} {1}", count, verdict), VERDICT_STYLES[verdict]))
        self.block(line)

    def mistakes(self, graded: Graded, reveal: str) -> None:
        """Print the slips that were made most often."""
        found = slips(made(graded, reveal))
        if not found:
            return
        rows = self.headed(["", self.words("most frequent mistakes"), self.words("question"), ""], right=(0,))
        for slip in found[:_MISTAKES]:
            asked = said("{0}, at {1}", slip.question, slip.where) if slip.where else slip.question
            rows.add_row(self.say(f"{slip.times} ×"), self.say(slip.says), self.say(asked), self.say(slip.target))
        more = len(found) - _MISTAKES
        self.block(rows, *([self.say(self.words("and {0} more", more), "dim")] if more > 0 else []))

    def undecided(self, graded: Graded) -> None:
        """Print which answers somebody has to look at."""
        words = self.words
        found = [(sheet, mark) for sheet in graded.sheets for mark in sheet.marks if mark.verdict.verdict == UNDECIDED]
        asked = [(f"{sheet.student}: {titled(mark.question, mark.where, words)}", mark) for sheet, mark in found]
        lines = [f"{part}, {mark.target} = {mark.verdict.given}" for part, mark in asked]
        if lines:
            self.block(self.say(words("Could not be decided"), _BOLD), *map(self.say, lines))

    def unread(self, found: list[Problem]) -> None:
        """Print what could not be read, with its line, as compilers do."""
        if found:
            lines = [self.say(said("{0}: {1}", spot(problem), problem.message)) for problem in found]
            self.block(self.say(self.words("Could not be read"), _BOLD), *lines)

    def colour(self, score: Score) -> str:
        """Return the colour of points: all, none, or some of them."""
        return "green" if score.points >= score.worth else "yellow" if score.points else "red"


def unread(graded: Graded) -> list[Problem]:
    """Return what could not be read of a class, answers too: there is no other place for them. First what is nobody's, then by line."""
    files = Counter(sheet.file for sheet in graded.sheets)
    found: list[Problem] = []
    for sheet in graded.sheets:
        found += sheet.problems
        known = {problem.message for problem in sheet.problems}
        for mark in sheet.marks:
            if mark.verdict.verdict == INVALID and mark.verdict.error not in known:
                what = said("{0}: {1}", f"{mark.target} = {mark.verdict.given}", mark.verdict.error)
                found.append(Problem(sheet.file, mark.line, said("{0}: {1}", sheet.student, what) if files[sheet.file] > 1 else what))
    return [*graded.problems, *sorted(found, key=lambda problem: problem[:2])]


def of(score: Score) -> str:
    """Return points of points."""
    return f"{decimal(score.points)}/{decimal(score.worth)}"
