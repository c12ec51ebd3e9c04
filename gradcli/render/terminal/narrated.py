"""Report → sentences, step by step: the circuit for those who listen to it."""

from __future__ import annotations

from collections import Counter, defaultdict

from gradcli.errors import safe
from gradcli.light import Iterable, Sequence
from gradcli.notation import Formula
from gradcli.render.forms import Look, Part
from gradcli.render.heading import headline
from gradcli.render.terminal.speech import Speech
from gradcli.report import WITHOUT_NUMBER, Forward, Number, Partial, Report, Step


def render(parts: Sequence[Part], look: Look) -> str:
    """Return reports as numbered sentences: what goes in, the forward pass, the backward pass, the partials."""
    return "".join(headline(part, look.words) + _Narration(part.report, look).tell() for part in parts)


class _Narration:
    def __init__(self, report: Report, look: Look) -> None:
        self.report, self.look, self.say = report, look, look.words
        self.speech = Speech(look)
        self.numeric = report.value is not None
        self.uses = Counter(name for row in report.forward for name in row.inputs)
        self.sums = {step.of for step in report.backward if step.kind == "sum"}

    def tell(self) -> str:
        report, say = self.report, self.say
        inputs = [row for row in report.forward if row.kind == "input" or (row.kind == "constant" and row.name.isidentifier())]
        gates = [row for row in report.forward if row.kind == "gate"]
        reading = self.speech.formula(report.reading)
        blocks = [[self.sentence("{0} equals {1}", self.speech.name(report.output), reading)] if reading else []]
        blocks.append([say("Inputs: {0}. Gates: {1}.", sum(row.kind == "input" for row in inputs), len(gates)), *map(self.given, inputs)])
        blocks.append([say("Forward pass") + ".", *_numbered(map(self.gate, gates))])
        if report.backward:
            blocks.append([say("Backward pass") + ".", *_numbered(self.steps())])
        blocks += self.results()
        blocks.append([f"{say('note')}: {self.speech.gradients(safe(say.told(note)))}" for note in report.notes])
        return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"

    def sentence(self, pattern: str, *parts: object) -> str:
        return self.say(pattern, *parts) + "."

    def amount(self, value: Number | None, formula: Formula) -> str:
        """Say a number, or, in a report without a point, its formula."""
        return self.speech.value(value) if self.numeric and value is not None else self.speech.formula(formula)

    # ---- forward --------------------------------------------------------------------------------------------

    def given(self, row: Forward) -> str:
        """Say what an input is, and that it is used more than once."""
        name, times = self.speech.name(row.name), self.uses[row.name]
        if row.value is not None:
            first = self.say("{0} is {1}", name, self.speech.value(row.value))
        elif row.shape:
            first = self.say("{0} is a variable of shape {1}", name, self.say(" by ").join(map(str, row.shape)))
        else:
            first = self.say("{0} is a variable", name)
        return self.say("{0}; it is used {1}.", first, self.times(times)) if times > 1 else f"{first}."

    def times(self, count: int) -> str:
        return self.say("twice") if count == 2 else self.say("{0} times", count)

    def gate(self, row: Forward) -> str:
        """Say what a gate computes and what it gives."""
        name, formula = self.speech.name(row.name), self.speech.formula(row.pretty)
        if row.value is None:
            first = self.say("{0} is {1}", name, formula)
        elif formula:
            first = self.say("{0} is {1}, which gives {2}", name, formula, self.speech.value(row.value))
        else:
            first = self.say("{0} is {1}", name, self.speech.value(row.value))
        times = self.uses[row.name]
        return self.say("{0}; it is used {1}.", first, self.times(times)) if times > 1 else f"{first}."

    # ---- backward -------------------------------------------------------------------------------------------

    def gradient(self, of: str) -> str:
        return self.say("the gradient of {0} with respect to {1}", self.speech.name(self.report.output), self.speech.name(of))

    def steps(self) -> list[str]:
        """Say each step; where contributions are summed, each of them by itself and then the sum."""
        told, waiting = [], defaultdict[str, list[str]](list)
        for step in self.report.backward:
            total = self.amount(step.contribution, step.contribution_pretty)
            if step.kind == "seed":
                told.append(_capital(self.sentence("{0} is {1}: it is the seed", self.gradient(step.of), total)))
            elif step.kind == "sum":
                parts = self.say(" plus ").join(waiting.pop(step.of, []))
                summed = self.say("{0} is used {1}: {2}, the sum is {3}", self.speech.name(step.of), self.times(step.count), parts, total)
                told.append(self.sentence("{0}: this is {1}", summed, self.gradient(step.of)))
            else:
                what = self.gradient(step.of)
                if step.of in self.sums:
                    waiting[step.of].append(total)
                    what = self.say("one contribution to {0}, through {1},", what, self.speech.name(step.through))
                told.append(_capital(self.sentence("{0} is {1}: {2}", what, total, self.product(step))))
        return told

    def product(self, step: Step) -> str:
        """Say local gradient times upstream gradient, or the rule of a gate that has no local gradient of its own."""
        upstream = self.amount(step.upstream, step.upstream_pretty)
        if step.pullback:
            return self.say("by the rule {0}, with upstream gradient {1}", self.speech.formula(step.pullback), upstream)
        formula = self.speech.formula(step.local_pretty)
        local = self.speech.value(step.local) if step.local is not None else ""
        both = self.say("{0}, which is {1},", formula, local) if formula and local and formula != local else formula or local
        if step.summed:
            return self.say("local gradient {0} times upstream gradient {1}, summed over all entries", both, upstream)
        return self.say("local gradient {0} times upstream gradient {1}", both, upstream)

    # ---- results --------------------------------------------------------------------------------------------

    def results(self) -> list[list[str]]:
        """Say the partials, and the second and higher derivatives where they are asked for."""
        report, say, name = self.report, self.say, self.speech.name
        of = name(report.output)
        first = [(say("the partial of {0} with respect to {1}", of, name(p.name)), p) for p in report.partials.values()]
        second = [
            (say("the second derivative of {0} with respect to {1} and {2}", of, name(a), name(b)), p)
            for a, row in report.hessian.items() for b, p in row.items()
        ]  # fmt: skip
        orders = [
            (say("the derivative of order {0} of {1} with respect to {2}", order, of, name(next(iter(report.partials)))), p)
            for order, p in enumerate(report.orders, 1)
        ]  # fmt: skip
        found = (("Partials", first), ("Second derivatives", second), ("Higher derivatives", orders))
        return [[say(title) + ".", *(self.partial(what, p) for what, p in told)] for title, told in found if told]

    def partial(self, what: str, partial: Partial) -> str:
        """Say a derivative: its value and its formula, or that there is none."""
        if partial.value is None and partial.status in WITHOUT_NUMBER:
            return _capital(self.sentence("{0} does not exist", what))
        formula = self.speech.formula(partial.pretty or partial.index_form)
        value = self.speech.value(partial.value) if partial.value is not None else ""
        if formula and value and formula != value:
            return _capital(self.sentence("{0} is {1}; in the variables it is {2}", what, value, formula))
        return _capital(self.sentence("{0} is {1}", what, value or formula or self.say("too long to be read")))


def _numbered(sentences: Iterable[str]) -> list[str]:
    return [f"{number}. {text}" for number, text in enumerate(sentences, 1)]


def _capital(text: str) -> str:
    """Return a sentence with a capital first; a name that it begins with stays as it is."""
    return text[:1].upper() + text[1:]
