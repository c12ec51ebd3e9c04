"""A report as the steps of a lesson: what each step says, its equation, and what it fills in and lights up in the circuit.

forward: q = x + y = -2 + 5 = 3;  backward: local gradient × upstream gradient = contribution, at a fork their sum.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from math import isfinite

from gradcli.nested import Far, leaves
from gradcli.notation import Formula
from gradcli.notation.entries import OUTPUT, VARIABLE
from gradcli.notation.mathml import name, partial
from gradcli.render.forms import Look
from gradcli.render.numbers import Format
from gradcli.render.page.mathematics import block, equals, factor, formula, math, substituted, text, value
from gradcli.render.wiring import GATE, INPUT, Wiring
from gradcli.report import Forward, Number, Report, Step

FORWARD, BACKWARD = "forward", "backward"
_MOST_ASKED = 9  # entries of an array that practice asks for
_MOST_SUMMED = 6  # contributions that are written as one sum
_IN_FULL = Format(None)


class Stop:
    """A place where the lesson stops: HTML of what it says and of its mathematics, and its part in the circuit.

    ``values`` and ``gradients`` are the nodes that get theirs here, ``nodes`` and ``wires`` those it is about.
    ``answers`` are the numbers that practice asks for, row by row of ``columns``; ``asked`` says in words what for.
    """

    def __init__(self, phase: str, sentence: str, mathematics: str) -> None:
        self.phase, self.sentence, self.mathematics = phase, sentence, mathematics
        self.values, self.gradients = list[int](), list[int]()
        self.nodes, self.wires = list[int](), list[int]()
        self.answers, self.columns, self.asked = list[str](), 1, ""


class Lesson:
    """The steps of one report, counted from 1. ``known[name]`` is the step that completes the gradient of a node."""

    def __init__(self, report: Report, wiring: Wiring, look: Look) -> None:
        self.report, self.wiring, self.numbers, self.words = report, wiring, look.numbers, look.words
        self.numeric = report.value is not None
        self.rows = {row.name: row for row in report.forward}
        self.place = {node.name: index for index, node in enumerate(wiring.nodes)}
        self.into: dict[int, list[int]] = defaultdict(list)  # the wires into a node
        for index, wire in enumerate(wiring.wires):
            self.into[wire.target].append(index)
        self.along = {id(wire.step): index for index, wire in enumerate(wiring.wires) if wire.step is not None}
        self.uses: dict[str, Counter[str]] = defaultdict(Counter)  # how often each gate uses a node
        self.edges: dict[str, list[Step]] = defaultdict(list)
        for step in report.backward:
            if step.kind == "edge":
                self.uses[step.of][step.through] += 1
                self.edges[step.through].append(step)
        self.forks = {step.of for step in report.backward if step.kind == "sum"}
        self.stops: list[Stop] = []
        self.known: dict[str, int] = {}
        self._forward()
        self._backward()

    def secret(self, made: str, name: str) -> str:
        """Return HTML that shows the gradient of a node: practice hides it until it is found."""
        step = self.known.get(name, 0)
        return _hidden(made, step) if step and self.stops[step - 1].answers else made

    # ---- the forward pass -----------------------------------------------------------------------------------

    def _forward(self) -> None:
        held = [index for index, node in enumerate(self.wiring.nodes) if node.kind != GATE]
        given = [row for row in self.report.forward if row.kind == INPUT]
        if held:
            shown = " ".join(math(self._is(name(row.name), row.value)) for row in given)
            spoken = [f"{text(row.name)} = {self._spoken(row.value)}" if self._speaks(row.value) else text(row.name) for row in given]
            sentence = self.words("The inputs") + _aloud(f": {', '.join(spoken)}") if given else self.words("Only constants")
            stop = Stop(FORWARD, sentence, f'<p class="given">{shown}</p>' if given else "")
            stop.values = stop.nodes = held
            self.stops.append(stop)
        for row in self.report.forward:
            if row.kind == GATE:
                self.stops.append(self._gate(row))

    def _gate(self, row: Forward) -> Stop:
        sentence = self.words("Forward through gate {0}", _gate_name(row.name, row.gate))
        if self._speaks(row.value):
            sentence += _aloud(f": {text(row.name)} = {self._spoken(row.value)}")
        lines, left, shown = [], name(row.name), list[Number | None]()
        made = formula(row.pretty) if row.pretty else ""
        if made:
            lines.append((left, "=", made))
        if self.numeric:
            wired = [self.rows[word] for word in row.inputs if word in self.rows]
            total = value(row.value, self.numbers)
            if not any(one.shape for one in (row, *wired)):
                filled = substituted(made, {one.name: value(one.value, self.numbers) for one in wired})
                if filled not in (made, total) and self.numbers.tells(row.value, self._moved(row)):
                    shown = [one.value for one in wired]
                    lines.append(("", equals(self.numbers, *shown), filled))
            lines.append(("" if lines else left, equals(self.numbers, row.value, *shown), _colored("value", total)))
        stop = Stop(FORWARD, sentence, block(*lines))
        target = self.place[row.name]
        stop.values, stop.wires = [target], self.into[target]
        stop.nodes = [target, *(self.wiring.wires[index].source for index in stop.wires)]
        return stop

    def _moved(self, row: Forward) -> float:
        """Return how far the value of a gate moves when its inputs are rounded as they are shown."""
        slopes = [(step.local, self.rows[step.of].value) for step in self.edges[row.name]]
        return sum(abs(local) * self.numbers.lost(at) for local, at in slopes if isinstance(local, float) and isfinite(local))

    # ---- the backward pass ----------------------------------------------------------------------------------

    def _backward(self) -> None:
        first = len(self.stops) + 1
        self.known = {step.of: first + index for index, step in enumerate(self.report.backward)}
        parts: dict[str, list[tuple[int, Step]]] = defaultdict(list)  # what contributes to a node
        for number, step in enumerate(self.report.backward, first):
            if step.kind == "edge":
                parts[step.of].append((number, step))
                stop = self._edge(step, number)
            else:
                stop = self._seed(step) if step.kind == "seed" else self._sum(step, number, parts[step.of])
            if number == self.known[step.of]:
                stop.gradients = [index for index, node in enumerate(self.wiring.nodes) if self._shares(node.name, step.of)]
            self.stops.append(stop)

    def _shares(self, node: str, of: str) -> bool:
        """Tell whether a gradient is that of a node: where the output is a variable, the one is the other's."""
        last = self.report.forward[-1]
        return node == of or (of == self.report.output and not last.gate and node in last.inputs)

    def _seed(self, step: Step) -> Stop:
        output = self.report.output
        sentence = self.words("The backward pass starts at the output {0}: the seed", text(output))
        if self._speaks(step.contribution):
            sentence += _aloud(f" {self._spoken(step.contribution)}")
        stop = Stop(BACKWARD, sentence, block((partial(output, output), equals(self.numbers, step.contribution), self._total(step))))
        stop.nodes = [self.place[output]]
        return stop

    def _edge(self, step: Step, number: int) -> Stop:
        of, several = text(step.of), step.of in self.forks
        stop = Stop(BACKWARD, "", "")
        stop.asked = self._ratio(step.of)
        if several:
            stop.asked = self.words("contribution to {0} through {1}", stop.asked, text(step.through))
        self._ask(stop, step)
        key = number if stop.answers else 0
        stop.sentence = self.words("Back through gate {0} to {1}", _gate_name(step.through, step.gate), of) + self._product_aloud(step, key)
        stop.mathematics = self._chain(step, several, key) + self._product(step, key)
        if several:
            stop.mathematics += _remark(self.words("{0} has several uses: this is one contribution to {1}.", of, self._ratio(step.of)))
        if step.summed:
            stop.mathematics += _remark(self.words("{0} is used in every entry: their contributions are summed.", of))
        wire = self.along.get(id(step))
        stop.wires = [] if wire is None else [wire]
        stop.nodes = [self.place[step.through], self.place[step.of] if wire is None else self.wiring.wires[wire].source]
        return stop

    def _chain(self, step: Step, several: bool, key: int) -> str:
        """Return the chain rule along one wire, in symbols; that of a matrix also for one entry."""
        output = self.report.output
        left = "" if several else partial(output, step.of)
        if not step.pullback:
            jacobian = self.report.shape != () and self.report.seed is None
            sign = "⊙" if isinstance(step.local, list) and isinstance(step.upstream, list) and not jacobian else "·"
            local = partial(step.through, step.of)
            if not self._has_one_meaning(step):
                local = _hidden(factor(formula(step.local_pretty)), key, "hint", mathematical=True)
            return block((left, "=" if left else "", f"{local}<mo>{sign}</mo>{partial(output, step.through)}"))
        lines = [(left, "=" if left else "", formula(step.pullback))]
        if step.contribution_pretty and self.numeric and left:
            lines.append((partial(output, step.of, VARIABLE[: len(self._shape(step.of))]), "=", formula(step.contribution_pretty)))
        return block(*lines)

    def _has_one_meaning(self, step: Step) -> bool:
        """Tell whether ∂q/∂x is the local gradient: not where q uses x twice, nor where x reaches the output q another way, too."""
        through = self.uses[step.of]
        return through.total() == 1 or (step.through != self.report.output and through[step.through] == 1)

    def _product(self, step: Step, key: int) -> str:
        """Return local gradient × upstream gradient = contribution, each under its name."""
        upstream = ""
        if step.upstream is not None or step.upstream_pretty:
            shown = self._shown(step.upstream, step.upstream_pretty)
            sign = equals(self.numbers, step.upstream)
            upstream = math(f"{partial(self.report.output, step.through)}<mo>{sign}</mo>{self.secret(shown, step.through)}")
        if step.pullback:
            ratio = entries(step.through, self._shape(step.through), step.of, self._shape(step.of))
            local = math(f"{ratio}<mo>=</mo>{formula(step.local_pretty)}") if step.local_pretty else ""
        else:
            written, shown = formula(step.local_pretty), "" if step.local is None else value(step.local, self.numbers)
            says_more = shown and shown != written
            at = f"{partial(step.through, step.of)}<mo>=</mo>" if self._has_one_meaning(step) else ""
            local = math(f"{at}{written}" + (f"<mo>{equals(self.numbers, step.local)}</mo>{shown}" if says_more else ""))
        result = math(self._total(step)) if self.numeric or step.contribution_pretty else ""
        return _named(
            ("local", self.words("local gradient"), _hidden(local, key, "hint")),
            ("upstream", self.words("upstream gradient"), upstream),
            ("contribution", self.words("contribution"), _hidden(result, key)),
        )

    def _product_aloud(self, step: Step, key: int) -> str:
        """Return the product in words, for those who do not see it: numbers only, as formulas are read out from the page."""
        if step.pullback or not (self._speaks(step.local) and self._speaks(step.contribution) and step.upstream is not None):
            return ""
        local, upstream = _hidden(self._spoken(step.local), key, "hint"), self.secret(self._spoken(step.upstream), step.through)
        return _aloud(": " + self.words("local gradient {0} × upstream gradient {1} = contribution {2}", local, upstream,
                                        _hidden(self._spoken(step.contribution), key)))  # fmt: skip

    def _sum(self, step: Step, number: int, parts: list[tuple[int, Step]]) -> Stop:
        stop = Stop(BACKWARD, "", "")
        stop.asked = self._ratio(step.of)
        self._ask(stop, step)
        stop.sentence = self.words("{0} has {1} uses: its contributions add up", text(step.of), str(step.count))
        if self._speaks(step.contribution):
            spoken = _hidden(self._spoken(step.contribution), number if stop.answers else 0)
            stop.sentence += _aloud(f": {self._ratio(step.of)} = {spoken}")
        left, lines, summed = partial(self.report.output, step.of), [], list[Number | None]()
        if step.count <= _MOST_SUMMED:
            terms = list[str]()
            for at, part in parts:
                shown = self._total(part)
                bare = not terms or ("<mo>−</mo>" not in shown if self.numeric else factor(shown) == shown)
                term = shown if bare else f"<mrow><mo>(</mo>{shown}<mo>)</mo></mrow>"
                terms.append(_hidden(term, at, mathematical=True) if self.stops[at - 1].answers else term)
            summed = [part.contribution for _, part in parts]
            lines.append((left, equals(self.numbers, *summed), "<mo>+</mo>".join(terms)))
        if self.numeric or step.contribution_pretty:
            total = self._total(step)
            sign = equals(self.numbers, step.contribution, *summed) if self.numeric else "="
            lines.append(("" if lines else left, sign, _hidden(total, number, mathematical=True) if stop.answers else total))
        stop.mathematics = block(*lines)
        source = self.place[step.of]
        stop.nodes = [source]
        stop.wires = [index for index, wire in enumerate(self.wiring.wires) if wire.source == source and wire.step is not None]
        return stop

    # ---- numbers and words ----------------------------------------------------------------------------------

    def _ask(self, stop: Stop, step: Step) -> None:
        """Let practice ask for a contribution: for numbers that a learner can type."""
        given = step.contribution
        if given is None:
            return
        entries = leaves(given)
        flat = not isinstance(given, list) or not isinstance(given[0], list) or not isinstance(given[0][0], list)
        if flat and len(entries) <= _MOST_ASKED and all(isfinite(entry) and not isinstance(entry, Far) for entry in entries):
            stop.answers = [_IN_FULL.number(entry) for entry in entries]
            stop.columns = len(given[0]) if isinstance(given, list) and isinstance(given[0], list) else 1

    def _is(self, left: str, number: Number | None) -> str:
        return left if number is None else f"{left}<mo>{equals(self.numbers, number)}</mo>{_colored('value', value(number, self.numbers))}"

    def _shown(self, number: Number | None, written: Formula) -> str:
        """Return a gradient: its number, or without a point its formula."""
        outer = 0 if self.report.seed is not None else len(self.report.shape)
        return _colored("gradient", value(number, self.numbers, outer) if self.numeric else formula(written))

    def _total(self, step: Step) -> str:
        return self._shown(step.contribution, step.contribution_pretty)

    def _shape(self, name: str) -> tuple[int, ...]:
        return self.rows[name].shape if name in self.rows else ()

    def _speaks(self, number: Number | None) -> bool:
        return number is not None and not isinstance(number, list)

    def _spoken(self, number: Number | None) -> str:
        return "" if number is None or isinstance(number, list) else text(self.numbers.number(number).replace("-", "−"))

    def _ratio(self, of: str) -> str:
        return text(f"∂{self.report.output}/∂{of}")


def entries(above: str, outer: tuple[int, ...], under: str, inner: tuple[int, ...]) -> str:
    """Return ∂above/∂under, both at indices."""
    top, bottom = name(above, OUTPUT[: len(outer)]), name(under, VARIABLE[: len(inner)])
    return f"<mfrac><mrow><mo>∂</mo>{top}</mrow><mrow><mo>∂</mo>{bottom}</mrow></mfrac>"


def _hidden(made: str, step: int, kind: str = "secret", mathematical: bool = False) -> str:
    """Return what practice hides until step is answered; a hint may be asked for before."""
    tag = "mrow" if mathematical or made.startswith("<mrow") else "span"
    return f'<{tag} data-{kind}="{step}">{made}</{tag}>' if step and made else made


def _named(*parts: tuple[str, str, str]) -> str:
    shown = "".join(f'<div class="{kind}"><dt>{word}</dt><dd>{made}</dd></div>' for kind, word, made in parts if made)
    return f'<dl class="product">{shown}</dl>' if shown else ""


def _gate_name(name: str, sign: str) -> str:
    return f"{text(name)} ({text(sign)})" if sign else text(name)


def _colored(kind: str, made: str) -> str:
    return f'<mrow class="{kind}">{made}</mrow>'


def _aloud(words: str) -> str:
    """Return words for those who do not see the mathematics beside them."""
    return f'<span class="aloud">{words}</span>'


def _remark(words: str) -> str:
    return f'<p class="remark">{words}</p>'
