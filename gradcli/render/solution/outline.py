r"""Report → a worked solution as a textbook sets it out: given, find, solution, answer. What .md and .tex both write down.

The chain rule from the output backwards, each line ∂f/∂x = ∂f/∂q · ∂q/∂x = z · 1 = -4 · 1 = -4, a sum where a value forks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from gradcli.notation.latex import name
from gradcli.notation.text import LATEX
from gradcli.render.forms import Look, Part
from gradcli.render.heading import heading
from gradcli.render.numbers import digits_of
from gradcli.render.remarks import remarks
from gradcli.render.solution.derivation import Derivation
from gradcli.render.solution.equations import EQUAL, WIDTH, Equation, Step, fitting, lines, ratio
from gradcli.render.solution.widths import width
from gradcli.report import Report

_ROWS = 24  # lines in one display: a longer one would break no page and scroll no screen
_DIGITS = 50  # proved digits a line


class Math(NamedTuple):
    """A formula inside a sentence."""

    tex: str


Sentence = list[str | Math]


class Heading(NamedTuple):
    """A heading of level 1, 2 or 3."""

    level: int
    words: Sentence


class Paragraph(NamedTuple):
    """A sentence, or a few."""

    words: Sentence


class Items(NamedTuple):
    """A list of sentences."""

    items: list[Sentence]


class Display(NamedTuple):
    """Lines of mathematics, aligned at their &."""

    rows: list[str]


Block = Heading | Paragraph | Items | Display


def outline(parts: Sequence[Part], look: Look) -> list[Block]:
    """Return the worked solutions of reports, one after the other."""
    if len(parts) == 1 and not (parts[0].question or parts[0].where):
        return _Solution(parts[0].report, look, 1).blocks()
    blocks: list[Block] = [Heading(1, [look.words("Worked solutions")])]
    for part in parts:
        blocks += _Solution(part.report, look, 2, heading(part, look.words)).blocks()
    return blocks


class _Solution:
    def __init__(self, report: Report, look: Look, level: int, title: str = "") -> None:
        self.report, self.look, self.level, self.title = report, look, level, title
        self.work, self.output, self.too_wide = Derivation(report, look), report.output, False

    def say(self, pattern: str, *parts: str | Math | list[Math]) -> Sentence:
        """Return a sentence in the language asked for, with formulas, or lists of them, in it."""
        marks = [part if isinstance(part, str) else f"\x00{index}\x00" for index, part in enumerate(parts)]
        sentence: Sentence = []
        for index, piece in enumerate(self.look.words(pattern, *marks).split("\x00")):
            part = parts[int(piece)] if index % 2 else piece
            if isinstance(part, list):
                sentence += [word for formula in part for word in (formula, ", ")][:-1]
            elif part:
                sentence.append(part)
        return sentence

    def heading(self, deeper: int, pattern: str) -> Heading:
        return Heading(self.level + deeper, self.say(pattern))

    def display(self, equations: Iterable[Equation]) -> list[Block]:
        """Return equations as displays that are not too long; what fits no line is left out."""
        blocks: list[Block] = []
        rows: list[str] = []
        for equation in equations:
            shown = fitting(equation)
            self.too_wide |= len(shown.steps) < len(equation.steps)
            if not shown.steps:
                continue
            found = [row.replace(r"\text{otherwise}", rf"\text{{{self.look.words('otherwise')}}}") for row in lines(shown)]
            if rows and len(rows) + len(found) > _ROWS:
                blocks.append(Display(rows))
                rows = []
            rows += found
        return [*blocks, Display(rows)] if rows else blocks

    def blocks(self) -> list[Block]:
        """Return the whole solution."""
        out: list[Block] = [self.title_block(), *self.given(), *self.find(), self.heading(1, "Solution")]
        number = 0
        for title, blocks in self.steps():
            if blocks:
                number += 1
                out += [Heading(self.level + 2, [f"{number}. ", *self.say(title)]), *blocks]
        results = (("Answer", self.work.answer()), ("Second derivatives", self.work.seconds()), ("Higher derivatives", self.work.orders()))
        for title, equations in results:
            shown = self.display(equations)
            out += [self.heading(1, title), *shown] if shown else []
        out += [*self.proved(), *self.opinions()]
        notes = self.notes()
        return [*out, self.heading(1, "Notes"), Items(notes)] if notes else out

    def steps(self) -> list[tuple[str, list[Block]]]:
        """Return the three parts of the solution, each with its title."""
        locals_, chain = self.display(self.work.local_gradients()), self.display(self.work.chain())
        if locals_ and self.work.entrywise():
            locals_.insert(0, Paragraph(self.say("Gates that act entry by entry have their local gradients entry by entry.")))
        if chain and self.work.forks():
            chain.insert(0, Paragraph(self.say("Where a value is used several times, the contributions of its uses add up.")))
        return [
            ("Intermediate variables", self.display(self.work.variables())),
            ("Local gradients", locals_),
            ("The chain rule, from the output backwards", chain),
        ]

    def notes(self) -> list[Sentence]:
        """Return the notes of the report, and what this document leaves out."""
        notes: list[Sentence] = [[note] for note in remarks(self.report, self.look.words)]
        if self.too_wide or self.work.left_out:
            notes.append(self.say("formulas wider than a line are left out; they follow from the steps"))
        if self.work.numbers.shortened:
            notes.append(self.say("of large arrays only the shape is given; the JSON format has every entry"))
        return notes

    # ---- given and find -------------------------------------------------------------------------------------

    def definition(self) -> Equation:
        """Return f(x, y) = its formula; of one too wide to be written, f alone."""
        reading = self.report.reading.written(LATEX)
        return fitting(Equation(self.head(), [Step(EQUAL, reading)] if reading else []))

    def head(self) -> str:
        """Return f(x, y), with all its variables; of many, f alone."""
        names = [name(row.name) for row in self.report.forward if row.kind == "input"]
        head = f"{name(self.output)}({', '.join(names)})" if names else name(self.output)
        return head if width(head) < WIDTH / 2 else name(self.output)

    def title_block(self) -> Heading:
        if self.title:
            return Heading(self.level, [self.title])
        whole = self.definition()
        short = whole.steps and len(lines(whole)) == 1
        return Heading(self.level, [Math(f"{whole.left} = {whole.steps[0].tex}" if short else whole.left)])

    def given(self) -> list[Block]:
        report = self.report
        defined: list[Block] = [*self.display([self.definition()])]
        computed = Paragraph(self.say("The function {0} that the gates below compute.", Math(name(self.output))))
        out: list[Block] = [self.heading(1, "Given"), *(defined or [computed])]
        values = [(name(row.name), row.value) for row in report.forward if row.kind == "input" and row.value is not None]
        if report.seed is not None:
            values.append((_inline(ratio(self.output, self.output)), report.seed))
        shown = [Math(f"{left} {relation} {tex}") for left, (relation, tex) in ((n, self.work.numbers.result(v)) for n, v in values)]
        return [*out, Paragraph(self.say("at {0}", shown))] if shown else out

    def find(self) -> list[Block]:
        asked = [Math(_inline(self.work.asked(partial))) for partial in self.report.partials.values()]
        pattern = "the partial derivative {0}" if len(asked) == 1 else "the partial derivatives {0}"
        return [self.heading(1, "Find"), Paragraph(self.say(pattern, asked))] if asked else []

    # ---- second opinions -------------------------------------------------------------------------------------

    def proved(self) -> list[Block]:
        found = self.report.certificate
        if found is None:
            return []
        rows = _digits(name(self.output), digits_of(found.value))
        for of, value in found.partials.items():
            rows += _digits(ratio(self.output, of), digits_of(value))
        words = self.say("{0} digits, each proved: {1}", str(found.digits), self.look.words.told(found.method))
        return [self.heading(1, "Proved digits"), *_chunks(rows), Paragraph(words)]

    def opinions(self) -> list[Block]:
        items: list[Sentence] = [
            [Math(_inline(ratio(self.output, of))), f"{second.place or ''}: {self.look.words.told(second.remark)}"]
            for of, found in self.report.opinions.items() for second in found
        ]  # fmt: skip
        return [self.heading(1, "Second opinion, from values alone"), Items(items)] if items else []


def _inline(fraction: str) -> str:
    """Return a fraction that is as large in a sentence as in a display."""
    return fraction.replace(r"\frac", r"\dfrac", 1)


def _digits(left: str, digits: str) -> list[str]:
    """Return many digits as lines."""
    rows = [digits[start : start + _DIGITS] for start in range(0, len(digits), _DIGITS)]
    return [f"{left} &= {rows[0]}", *(rf"&\quad {row}" for row in rows[1:])]


def stacked(rows: Sequence[str]) -> str:
    """Return the rows of an aligned display, with room between fractions and arrays."""
    out = rows[0]
    for before, row in pairwise(rows):
        tall = any(sign in line for line in (before, row) for sign in (r"\frac", r"\begin"))
        out += (r" \\[4pt]" if tall else r" \\") + f"\n{row}"
    return out


def _chunks(rows: list[str]) -> list[Block]:
    return [Display(rows[start : start + _ROWS]) for start in range(0, len(rows), _ROWS)]
