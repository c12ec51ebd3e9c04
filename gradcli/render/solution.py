r"""Report → a worked solution as a textbook sets it out: given, find, solution, answer. What .md and .tex both write down.

The chain rule from the output backwards, each line ∂f/∂x = ∂f/∂q · ∂q/∂x = z · 1 = -4 · 1 = -4, a sum where a value forks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from gradcli.nested import Nested
from gradcli.notation.formula import Formula
from gradcli.notation.latex import CLOSE, OPEN, name
from gradcli.notation.text import LATEX
from gradcli.render.equations import EQUAL, Equation, Numbers, Step, broken, fits, lines, ratio
from gradcli.render.forms import Look, Part
from gradcli.render.numbers import digits_of
from gradcli.report import WITHOUT_NUMBER, Forward, Partial, Report
from gradcli.report import Step as Edge

_OUT, _IN, _BETWEEN = ("k", "l"), ("i", "j"), ("m", "n")
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
        title = look.words("Question {0}", part.question) if part.question else look.words("Worksheet")
        if part.points is not None:
            title += f" [{look.words('1 point') if part.points == 1 else look.words('{0} points', f'{part.points:g}')}]"
        title = look.words("{0}, at {1}", title, part.where) if part.where else title
        blocks += _Solution(part.report, look, 2, title).blocks()
    return blocks


def partials(report: Report, look: Look) -> list[Equation]:
    """Return the answer alone: an equation for each partial derivative."""
    return [equation for partial in report.partials.values() for equation in _Solution(report, look, 1).partial(partial)]


class _Solution:
    def __init__(self, report: Report, look: Look, level: int, title: str = "") -> None:
        self.report, self.look, self.level, self.title = report, look, level, title
        self.numbers = Numbers(look.numbers, look.words("undefined"))
        self.output, self.numeric = report.output, report.value is not None
        self.jacobian = report.shape != () and report.seed is None
        self.direct = not report.shape and report.seed is None  # the gradient of a gate that ends in f is its local one
        self.shape = {row.name: row.shape for row in report.forward}
        self.inputs = {row.name: row.inputs for row in report.forward}
        ranked = {row.name: self.numbers.ranked(row.value) for row in report.forward} if self.numeric else {}
        self.values = {row: found for row, found in ranked.items() if found}
        self.value = {row.name: row.value for row in report.forward}
        self.edges: dict[str, list[Edge]] = {}
        for step in report.backward:
            if step.kind == "edge":
                self.edges.setdefault(step.of, []).append(step)
        self.total = {step.of: step for step in report.backward}  # the last step of a node has its whole gradient
        self.known: dict[str, str] = {}  # upstream gradients that are a local one
        self.too_wide = False

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
            found = lines(equation)
            if found is None:
                self.too_wide = True
                continue
            if rows and len(rows) + len(found) > _ROWS:
                blocks.append(Display(rows))
                rows = []
            rows += found
        return [*blocks, Display(rows)] if rows else blocks

    def blocks(self) -> list[Block]:
        """Return the whole solution."""
        report = self.report
        out: list[Block] = [self.heading_of_all(), *self.given(), *self.find(), self.heading(1, "Solution")]
        steps = [self.variables(), self.local_gradients(), self.chain()]
        names = ("Intermediate variables", "Local gradients", "The chain rule, from the output backwards")
        number = 0
        for title, blocks in zip(names, steps):
            if blocks:
                number += 1
                out += [Heading(self.level + 2, [f"{number}. ", *self.say(title)]), *blocks]
        out += self.answer() if report.partials else []
        out += self.higher()
        out += self.proved()
        out += self.opinions()
        notes: list[Sentence] = [[self.look.words(note)] for note in report.notes]
        if self.numeric and report.partials and not any(p.formula or p.index_form for p in report.partials.values()):
            pattern = "the partials have no formulas here: with {0} values nobody would read them"
            notes.append(self.say(pattern, str(len(report.forward))))
        if self.too_wide:
            notes.append(self.say("formulas wider than a line are left out; they follow from the steps"))
        if any(isinstance(block, Display) and any(r"\in \mathbb{R}" in row for row in block.rows) for block in out):
            notes.append(self.say("of large arrays only the shape is given; the JSON format has every entry"))
        return [*out, self.heading(1, "Notes"), Items(notes)] if notes else out

    # ---- given and find -------------------------------------------------------------------------------------

    def head(self) -> str:
        """Return f(x, y), with all its variables."""
        names = [name(row.name) for row in self.report.forward if row.kind == "input"]
        return f"{name(self.output)}({', '.join(names)})" if names else name(self.output)

    def heading_of_all(self) -> Heading:
        head, reading = self.head(), self.report.reading.written(LATEX)
        if self.title:
            return Heading(self.level, [self.title])
        whole = lines(Equation(head, [Step(EQUAL, reading)])) if reading else None
        return Heading(self.level, [Math(f"{head} = {reading}" if whole and len(whole) == 1 else f"{name(self.output)}")])

    def given(self) -> list[Block]:
        report = self.report
        out: list[Block] = [self.heading(1, "Given")]
        reading = report.reading.written(LATEX)
        defined = [Equation(self.head(), [Step(EQUAL, reading)])] if reading else []
        if defined and lines(defined[0]):
            out += self.display(defined)
        else:
            out.append(Paragraph(self.say("The function {0} that the gates below compute.", Math(name(self.output)))))
        values = [(name(row.name), row.value) for row in report.forward if row.kind == "input" and row.value is not None]
        if report.seed is not None:
            values.append((_inline(ratio(self.output, self.output)), report.seed))
        shown = [Math(f"{left} {relation} {tex}") for left, (relation, tex) in ((n, self.numbers.result(v)) for n, v in values)]
        return [*out, Paragraph(self.say("at {0}", shown))] if shown else out

    def find(self) -> list[Block]:
        asked = [Math(_inline(self.left(partial))) for partial in self.report.partials.values()]
        pattern = "the partial derivative {0}" if len(asked) == 1 else "the partial derivatives {0}"
        return [self.heading(1, "Find"), Paragraph(self.say(pattern, asked))] if asked else []

    def left(self, partial: Partial) -> str:
        """Return the partial derivative as it is asked for: with indices, where it is a Jacobian."""
        if not self.jacobian:
            return ratio(self.output, partial.name)
        return ratio(self.output, partial.name, _OUT[: len(self.report.shape)], _IN[: len(partial.shape)])

    # ---- the forward pass -----------------------------------------------------------------------------------

    def variables(self) -> list[Block]:
        """Return q = x + y = -2 + 5 = 3 for every gate."""
        return self.display(self.gate(row) for row in self.report.forward if row.kind == "gate")

    def gate(self, row: Forward) -> Equation:
        steps = [Step(EQUAL, row.pretty.written(LATEX))]
        if row.value is not None:
            steps += [*self.substituted(row.pretty, row.inputs), self.numbers.result(row.value)]
        return _equation(name(row.name), steps)

    def substituted(self, formula: Formula, names: Iterable[str], own: dict[str, Nested] | None = None) -> list[Step]:
        """Return a formula with its numbers put in; nothing where one of its arrays is too large to be written."""
        used = {n: v for n, v in self.value.items() if n in names} | (own or {})
        ranked = {n: self.values[n] if n in self.values and not (own and n in own) else self.numbers.ranked(v) for n, v in used.items()}
        if not all(ranked.values()):
            return []
        tex = formula.put(LATEX, {n: found for n, found in ranked.items() if found})
        return [Step(self.numbers.relation(*used.values()), tex)] if tex and fits(tex) else []

    # ---- local gradients ------------------------------------------------------------------------------------

    def local_gradients(self) -> list[Block]:
        """Return the local gradients of every gate, those of one gate side by side; indices where its rule is a matrix rule."""
        by_gate: dict[str, dict[str, list[Edge]]] = {}
        for of, steps in self.edges.items():
            for step in steps:
                by_gate.setdefault(step.through, {}).setdefault(of, []).append(step)
        rows: list[Equation] = []
        for row in self.report.forward:
            found = sorted(by_gate.get(row.name, {}).items(), key=lambda item: row.inputs.index(item[0]))
            rows += _side_by_side([self.local(row.name, of, steps) for of, steps in found])
        entrywise = any(self.shape.get(s.through) and not s.pullback for steps in self.edges.values() for s in steps)
        shown = self.display(rows)
        if shown and entrywise:
            words = self.say("Gates that act entry by entry have their local gradients entry by entry.")
            return [Paragraph(words), *shown]
        return shown

    def local(self, through: str, of: str, steps: list[Edge]) -> Equation:
        """Return ∂q/∂x = its rule = its number; used twice by one gate, x has the sum of two rules."""
        if steps[0].pullback:
            left = ratio(through, of, _OUT[: len(self.shape[through])], _IN[: len(self.shape.get(of, ()))])
            rule = steps[0].local_pretty.written(LATEX)
            return _equation(left, [Step(EQUAL, rule)] if rule else [])
        out = [Step(EQUAL, " + ".join(_addend(step.local_pretty.written(LATEX), index) for index, step in enumerate(steps)))]
        if self.jacobian and self.shape[through]:  # a slope for each entry; the whole array of them would be a matrix
            at = _IN[: len(self.shape[through])]
            rule = out[0].tex if steps[0].local_formula.isdigit() else f"{OPEN}{out[0].tex}{CLOSE}_{{{','.join(at)}}}"
            return _equation(ratio(through, of, at, at[: len(self.shape.get(of, ()))]), [Step(EQUAL, rule)])
        if self.numeric and len(steps) == 1:
            names = [through, of, *self.inputs.get(through, [])]
            out += [*self.substituted(steps[0].local_pretty, names), self.numbers.result(steps[0].local)]
        return _equation(self.local_ratio(through, of), out)

    def local_ratio(self, through: str, of: str) -> str:
        """Return ∂q/∂x; of the output itself, where x goes elsewhere too, with what is held fixed."""
        fraction = ratio(through, of)
        if through != self.output or all(step.through == through for step in self.edges[of]):
            return fraction
        fixed = ", ".join(name(n) for n in dict.fromkeys(self.inputs[through]) if n != of and n in self.shape)
        return rf"\left.{fraction}\right|_{{{fixed}}}" if fixed else fraction

    # ---- the chain rule -------------------------------------------------------------------------------------

    def chain(self) -> list[Block]:
        """Return the gradient of every node, in the order of the backward pass."""
        if not self.edges:
            return []
        left = {of: len(steps) for of, steps in self.edges.items()}
        seed = next((step for step in self.report.backward if step.kind == "seed"), None)
        equations: list[Equation] = []
        if seed is not None and self.numeric:
            equations.append(_equation(ratio(self.output, self.output), [self.numbers.result(seed.contribution)]))
        elif seed is not None:
            equations.append(_equation(ratio(self.output, self.output), [Step(EQUAL, seed.contribution_pretty.written(LATEX))]))
        for step in self.report.backward:
            if step.kind == "edge":
                left[step.of] -= 1
                if not left[step.of]:
                    equations += self.gradient(step.of, self.edges[step.of])
        shown = self.display(equations)
        if any(step.kind == "sum" for step in self.report.backward):
            return [Paragraph(self.say("Where a value is used several times, the contributions of its uses add up.")), *shown]
        return shown

    def gradient(self, of: str, steps: list[Edge]) -> list[Equation]:
        """Return the chain rule of one node: ∂f/∂x as a sum over the gates that x goes to."""
        if self.jacobian and self.shape.get(of, ()) + self.shape.get(steps[0].through, ()) != ():
            return self.entries(of, steps)
        total = self.total[of]
        out = [Step(EQUAL, self.product(steps, 0))]
        if self.direct and all(step.through == self.output and not step.pullback for step in steps):
            self.known[of] = _bracketed_sum(out[0].tex) if len(steps) == 1 else ""
        elif self.product(steps, 1):
            out.append(Step(EQUAL, self.product(steps, 1)))
        if self.numeric:
            with_numbers = self.with_numbers(steps)
            out += [with_numbers] if with_numbers else []
            out.append(self.numbers.result(total.contribution))
        else:
            out.append(Step(EQUAL, total.contribution_pretty.written(LATEX)))
        index_form = []
        if len(steps) == 1 and steps[0].contribution_pretty and steps[0].pullback and self.numeric and steps[0].through != self.output:
            into, below = _IN[: len(self.shape.get(of, ()))], _BETWEEN[: len(self.shape[steps[0].through])]
            through, sums = steps[0].through, "".join(rf"\sum_{{{m}}} " for m in below)
            members = [Step(EQUAL, steps[0].contribution_pretty.written(LATEX))]
            if below:
                members.insert(0, Step(EQUAL, f"{sums}{ratio(self.output, through, (), below)} {ratio(through, of, below, into)}"))
            index_form = [_equation(ratio(self.output, of, (), into), members)]
        return [*index_form, _equation(ratio(self.output, of), out)]

    def product(self, steps: list[Edge], depth: int) -> str:
        """Return Σ ∂f/∂q · ∂q/∂x; deeper, with the formulas of both where they are short. Nothing where there is none."""
        words: list[str] = []
        for through in dict.fromkeys(step.through for step in steps):
            uses = [step for step in steps if step.through == through]
            for step in uses if uses[0].pullback else uses[:1]:
                formulas = [s.local_pretty.written(LATEX) for s in uses]
                local = " + ".join(_addend(formula, index) for index, formula in enumerate(formulas))
                if step.pullback:
                    if depth:
                        return ""
                    words.append(_addend(step.pullback.written(LATEX), len(words)))
                    continue
                if through == self.output and self.direct:
                    words.append(_addend(local, len(words)))
                    continue
                upstream = ratio(self.output, through)
                if depth:
                    upstream = step.upstream_pretty.written(LATEX) if not self.numeric else self.known.get(through, "")
                    if not upstream:
                        return ""
                right = _factor(local) if depth or (through == self.output) else self.local_ratio(through, of=step.of)
                both = self.shape.get(through) and self.shape.get(step.of)
                sign = r"\odot" if both else r"\cdot"
                term = f"{_factor(upstream, first=not words)} {sign} {right}"
                words.append(rf"\sum {term}" if step.summed else term)
        return " + ".join(words)

    def with_numbers(self, steps: list[Edge]) -> Step | None:
        """Return the same sum in numbers: upstream · local of each edge."""
        words: list[str] = []
        used: list[Nested] = []
        for step in steps:
            if step.pullback:
                own = {f"∂{self.output}/∂{step.through}": step.upstream}
                found = [] if self.jacobian else self.substituted(step.pullback, [step.through, *self.inputs[step.through]], own)
                if not found:
                    return None
                words.append(_addend(found[0].tex, len(words)))
                used += [step.upstream, *(self.value[n] for n in self.inputs[step.through] if n in self.value)]
                continue
            local, upstream = self.numbers.ranked(step.local), self.numbers.ranked(step.upstream)
            if local is None or upstream is None or step.summed or (self.jacobian and isinstance(step.local, list)):
                return None
            used.append(step.local)
            if step.through == self.output and self.direct:
                words.append(_addend(local[0], len(words)))
                continue
            used.append(step.upstream)
            sign = r"\odot" if isinstance(step.local, list) and isinstance(step.upstream, list) else r"\cdot"
            words.append(f"{_factor(upstream[0], first=not words)} {sign} {_factor(local[0])}")
        return Step(self.numbers.relation(*used), " + ".join(words)) if fits(" + ".join(words)) else None

    def entries(self, of: str, steps: list[Edge]) -> list[Equation]:
        """Return the chain rule of an array in a Jacobian: entry by entry, then in numbers."""
        out, into = _OUT[: len(self.report.shape)], _IN[: len(self.shape.get(of, ()))]
        words = []
        for step in steps:
            between = _BETWEEN[: len(self.shape[step.through])] if step.pullback else into[: len(self.shape[step.through])]
            sums = "".join(rf"\sum_{{{m}}} " for m in between) if step.pullback or step.summed else ""
            words.append(f"{sums}{ratio(self.output, step.through, out, between)} {ratio(step.through, of, between, into)}")
        members = [Step(EQUAL, " + ".join(words))]
        partial = self.report.partials.get(of)
        if partial is not None and partial.index_form:
            members.append(Step(EQUAL, partial.index_form.written(LATEX)))
        found = [_equation(ratio(self.output, of, out, into), members)]
        return [*found, *self.tensor(of, self.total[of].contribution, len(into))]

    def tensor(self, of: str, value: Nested, axes: int, steps: list[Step] | None = None) -> list[Equation]:
        """Return an array of derivatives as a matrix, or as one matrix for each entry of the output."""
        depth = len(self.report.shape) if self.jacobian else 0
        if depth + axes > 2 and self.numbers.slices(value, depth):
            return [_equation(ratio(self.output, of, index), [*(steps or []), self.numbers.result(part)])
                    for index, part in self.numbers.slices(value, depth)]  # fmt: skip
        return [_equation(ratio(self.output, of), [*(steps or []), self.numbers.result(value)])]

    # ---- results --------------------------------------------------------------------------------------------

    def answer(self) -> list[Block]:
        equations = [equation for partial in self.report.partials.values() for equation in self.partial(partial)]
        return [self.heading(1, "Answer"), *self.display(equations)]

    def partial(self, partial: Partial) -> list[Equation]:
        """Return ∂f/∂x = its formula = its number, and the index form of an array."""
        indexed, formula = partial.index_form.written(LATEX), partial.pretty.written(LATEX)
        steps = [Step(EQUAL, formula)] if formula and fits(formula) else []
        self.too_wide |= bool(formula) and not steps
        if partial.value is None and self.numeric:
            words = partial.status if partial.status not in WITHOUT_NUMBER else self.without_number(partial)
            return [_equation(ratio(self.output, partial.name), [Step(EQUAL, words)])]
        out = []
        if indexed:
            into = _IN[: len(partial.shape)]
            shown = self.left(partial) if self.jacobian else ratio(self.output, partial.name, (), into)
            out.append(_equation(shown, [Step(EQUAL, indexed)]))
        if self.numeric:
            out += self.tensor(partial.name, self.number_of(partial), len(partial.shape), steps)
        elif steps:
            out.append(_equation(ratio(self.output, partial.name), steps))
        return out

    def number_of(self, partial: Partial) -> Nested:
        return partial.value

    def without_number(self, partial: Partial) -> str:
        r"""Return what stands in place of a number: \infty at a vertical tangent, else a word."""
        slopes = {slope for slope in (partial.left, partial.right) if slope is not None}
        if partial.status == "vertical" and len(slopes) == 1:
            return rf"{self.numbers.value(next(iter(slopes)))}\text{{{self.look.words('{0}, a vertical tangent', '')}}}"
        words = {"jump": "undefined: a jump", "vertical": "undefined: a cusp"}.get(partial.status, partial.status)
        return rf"\text{{{self.look.words(words)}}}"

    def higher(self) -> list[Block]:
        out: list[Block] = []
        f = name(self.output)
        seconds = []
        for a, row in self.report.hessian.items():
            for b, partial in row.items():
                below = rf"\partial {name(a)}^{{2}}" if a == b else rf"\partial {name(a)}\, \partial {name(b)}"
                seconds.append(self.derivative(rf"\frac{{\partial^{{2}} {f}}}{{{below}}}", partial))
        out += [self.heading(1, "Second derivatives"), *self.display(seconds)] if seconds else []
        if self.report.orders:
            x = name(next(iter(self.report.partials)))
            orders = []
            for order, partial in enumerate(self.report.orders, 1):
                power = f"^{{{order}}}" if order > 1 else ""
                orders.append(self.derivative(rf"\frac{{d{power} {f}}}{{d {x}{power}}}", partial))
            out += [self.heading(1, "Higher derivatives"), *self.display(orders)]
        return out

    def derivative(self, left: str, partial: Partial) -> Equation:
        formula = partial.pretty.written(LATEX)
        steps = [Step(EQUAL, formula)] if formula and fits(formula) else []
        if not self.numeric:
            return _equation(left, steps)
        if partial.value is None:
            return _equation(left, [Step(EQUAL, self.without_number(partial))])
        return _equation(left, [*steps, self.numbers.result(partial.value)])

    def proved(self) -> list[Block]:
        found = self.report.certificate
        if found is None:
            return []
        rows = _digits(name(self.output), digits_of(found.value))
        for of, value in found.partials.items():
            rows += _digits(ratio(self.output, of), digits_of(value))
        words = self.say("{0} digits, each proved: {1}", str(found.digits), self.look.words(found.method))
        return [self.heading(1, "Proved digits"), *_chunks(rows), Paragraph(words)]

    def opinions(self) -> list[Block]:
        items: list[Sentence] = [
            [Math(ratio(self.output, of)), (str(second.place) if second.place else "") + f": {second}"]
            for of, found in self.report.opinions.items() for second in found
        ]  # fmt: skip
        return [self.heading(1, "Second opinion, from values alone"), Items(items)] if items else []


def _equation(left: str, steps: list[Step]) -> Equation:
    """Return an equation without the members that say what stands before them already."""
    kept: list[Step] = []
    for step in steps:
        if step.tex and (not kept or kept[-1].tex != step.tex) and step.tex != left:
            kept.append(step)
    return Equation(left, kept)


def _inline(fraction: str) -> str:
    """Return a fraction that is as large in a sentence as in a display."""
    return fraction.replace(r"\frac", r"\dfrac", 1)


def _addend(tex: str, place: int) -> str:
    """Return a summand; behind a sign, one that begins with a minus has brackets."""
    return f"{OPEN}{tex}{CLOSE}" if place and tex[:1] == "-" else tex


def _bracketed_sum(tex: str) -> str:
    return f"{OPEN}{tex}{CLOSE}" if any(part[:2] in ("+ ", "- ") for part in broken(tex)[1:]) else tex


def _factor(tex: str, first: bool = False) -> str:
    """Return a factor: a sum has brackets, and so has what begins with a minus, unless it comes first."""
    return f"{OPEN}{tex}{CLOSE}" if tex[:1] == "-" and not first else _bracketed_sum(tex)


def _side_by_side(equations: list[Equation]) -> list[Equation]:
    """Return the equations of one gate on one line, if they fit."""
    shown = [equation for equation in equations if equation.steps]
    found = [lines(equation, 1000.0) for equation in shown]
    if len(shown) < 2 or not all(found):
        return shown
    rest = [f"{equation.left} {' '.join(f'{r} {t}' for r, t in equation.steps)}" for equation in shown[1:]]
    last = shown[0].steps[-1]
    joined = Equation(shown[0].left, [*shown[0].steps[:-1], Step(last.relation, r",\qquad ".join([last.tex, *rest]))])
    return [joined] if len(lines(joined) or "  ") == 1 else shown


def _digits(left: str, digits: str) -> list[str]:
    """Return many digits as lines."""
    rows = [digits[start : start + _DIGITS] for start in range(0, len(digits), _DIGITS)]
    return [f"{left} &= {rows[0]}", *(rf"&\quad {row}" for row in rows[1:])]


def joined(rows: Sequence[str]) -> str:
    """Return the rows of an aligned display, with room between fractions and arrays."""
    out = rows[0]
    for before, row in pairwise(rows):
        tall = any(sign in line for line in (before, row) for sign in (r"\frac", r"\begin"))
        out += (r" \\[4pt]" if tall else r" \\") + f"\n{row}"
    return out


def _chunks(rows: list[str]) -> list[Block]:
    return [Display(rows[start : start + _ROWS]) for start in range(0, len(rows), _ROWS)]
