r"""Report → the equations of its worked solution: every gate, every local gradient, the chain rule, the answer.

∂f/∂x = Σ over the gates q that x goes into:  ∂f/∂q · ∂q/∂x, first in symbols, then with the numbers put in.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeGuard

from gradcli.nested import Far, Nested
from gradcli.notation import Formula
from gradcli.notation.entries import OUTPUT, VARIABLE
from gradcli.notation.latex import CLOSE, OPEN, name
from gradcli.notation.text import LATEX
from gradcli.ops import ATOM
from gradcli.render.forms import Look
from gradcli.render.solution.equations import (
    EQUAL,
    NEARLY,
    Equation,
    Numbers,
    Step,
    addend,
    bracketed_sum,
    equation,
    factor,
    fits,
    ratio,
    side_by_side,
)
from gradcli.report import MISSING, Forward, Partial, Report
from gradcli.report import Step as Edge

_BETWEEN = ("m", "n")


class Derivation:
    """The equations of one report. ``left_out`` says after use whether a formula was too wide to be written."""

    def __init__(self, report: Report, look: Look) -> None:
        self.report, self.words = report, look.words
        self.form, self.numbers = look.numbers, Numbers(look.numbers)
        self.left_out = False
        self.output, self.numeric = report.output, report.value is not None
        self.jacobian = report.shape != () and report.seed is None
        self.direct = not report.shape and report.seed is None  # of a gate that ends in f, the local gradient is the gradient
        self.value = {row.name: row.value for row in report.forward}
        self.shape = {row.name: row.shape for row in report.forward}
        self.inputs = {row.name: row.inputs for row in report.forward}
        self.ranked = {row: self.numbers.ranked(value) for row, value in self.value.items()} if self.numeric else {}
        self.edges: dict[str, list[Edge]] = {}
        self.into: dict[str, list[Edge]] = {}
        for step in report.backward:
            if step.kind == "edge":
                self.edges.setdefault(step.of, []).append(step)
                self.into.setdefault(step.through, []).append(step)
        self.total = {step.of: step for step in report.backward}  # the last step of a node has its whole gradient
        self.known: dict[str, str] = {}  # gradients that are one local gradient, as formulas

    # ---- the forward pass -----------------------------------------------------------------------------------

    def variables(self) -> Iterator[Equation]:
        """Return q = x + y = -2 + 5 = 3 for every gate."""
        for row in self.report.forward:
            if row.kind == "gate":
                steps = [Step(EQUAL, row.pretty.written(LATEX))]
                if row.value is not None:
                    inputs = row.inputs if row.gate[:1] != "[" else []  # an entry of an array needs no second look at it
                    steps += self._with_values(row.pretty, inputs) if self._tells(row) else []
                    steps.append(self.numbers.result(row.value))
                yield equation(name(row.name), steps)

    def _tells(self, gate: Forward) -> bool:
        """Tell whether the inputs of a gate, rounded as they are shown, still give its value."""
        moved = sum(abs(s.local) * self.form.lost(self.value[s.of]) for s in self.into.get(gate.name, ()) if _slope(s.local))
        return self.form.tells(gate.value, moved)

    def _with_values(self, formula: Formula, names: Iterable[str], upstream: Mapping[str, Nested] = {}) -> list[Step]:
        """Return a formula with numbers in place of names; nothing where one of the arrays is too large to be written."""
        known = {n: self.value[n] for n in names if n in self.value} | dict(upstream)
        marks = {n: f"<{index}>" for index, n in enumerate(known)}
        marked = formula.put(LATEX, {n: (mark, ATOM) for n, mark in marks.items()})
        values = {n: value for n, value in known.items() if marks[n] in marked}  # what else is wired in does not matter here
        put = {n: found for n, value in values.items() if (found := self.ranked.get(n) or self.numbers.ranked(value))}
        tex = formula.put(LATEX, put) if len(put) == len(values) else ""
        return [Step(self.numbers.relation(*values.values()), tex)] if tex and fits(tex) else []

    # ---- local gradients ------------------------------------------------------------------------------------

    def entrywise(self) -> bool:
        """Tell whether a gate acts on arrays entry by entry."""
        return any(self.shape.get(step.through) and not step.pullback for steps in self.edges.values() for step in steps)

    def local_gradients(self) -> Iterator[Equation]:
        """Return the local gradients gate by gate, those of one gate side by side."""
        by_gate: dict[str, dict[str, list[Edge]]] = {}
        for of, steps in self.edges.items():
            for step in steps:
                by_gate.setdefault(step.through, {}).setdefault(of, []).append(step)
        for row in self.report.forward:
            found = sorted(by_gate.get(row.name, {}).items(), key=lambda item: row.inputs.index(item[0]))
            yield from side_by_side([self._local(row, of, steps) for of, steps in found])

    def _local(self, gate: Forward, of: str, steps: list[Edge]) -> Equation:
        """Return ∂q/∂x = its rule = its number; where q uses x twice, the sum of both rules."""
        out, into = VARIABLE[: len(gate.shape)], VARIABLE[: len(self.shape.get(of, ()))]
        rule = " + ".join(addend(step.local_pretty.written(LATEX), index) for index, step in enumerate(steps))
        if steps[0].pullback:
            return equation(ratio(gate.name, of, OUTPUT[: len(gate.shape)], into), [Step(EQUAL, rule)])
        if self.jacobian and gate.shape:  # a slope for each entry: the array of all of them would be a matrix
            rule = rule if rule.isdigit() else f"{OPEN}{rule}{CLOSE}_{{{','.join(out)}}}"
            return equation(ratio(gate.name, of, out, into), [Step(EQUAL, rule)])
        members = [Step(EQUAL, rule)]
        if self.numeric and len(steps) == 1:
            put = self._with_values(steps[0].local_pretty, [gate.name, *gate.inputs]) if self._tells(gate) else []
            members += [*put, self.numbers.result(steps[0].local)]
        return equation(self._local_ratio(gate.name, of), members)

    def _local_ratio(self, through: str, of: str) -> str:
        """Return ∂q/∂x. Of the output, where x goes elsewhere too, with what is held fixed: it is not the whole ∂f/∂x."""
        fraction = ratio(through, of)
        if through != self.output or all(step.through == through for step in self.edges[of]):
            return fraction
        fixed = ", ".join(name(n) for n in dict.fromkeys(self.inputs[through]) if n != of and n in self.shape)
        return rf"\left.{fraction}\right|_{{{fixed}}}" if fixed else fraction

    # ---- the chain rule -------------------------------------------------------------------------------------

    def forks(self) -> bool:
        """Tell whether contributions add up anywhere."""
        return any(step.kind == "sum" for step in self.report.backward)

    def chain(self) -> Iterator[Equation]:
        """Return the gradient of every node, in the order in which the backward pass completes them."""
        left = {of: len(steps) for of, steps in self.edges.items()}
        for step in self.report.backward if left else ():
            if step.kind == "seed":
                yield self._seed(step)
            elif step.kind == "edge":
                left[step.of] -= 1
                if not left[step.of]:
                    steps, array = self.edges[step.of], self.shape.get(step.of) or self.shape[step.through]
                    yield from self._entries(step.of, steps) if self.jacobian and array else self._gradient(step.of, steps)

    def _seed(self, step: Edge) -> Equation:
        """Return ∂f/∂f: 1, the seed given, or in a Jacobian 1 where both indices are the same."""
        if not self.jacobian:
            return equation(ratio(self.output, self.output), [self._whole(step)])
        axes = len(self.report.shape)
        same = " ".join(rf"\mathbf{{1}}_{{{k}={i}}}" for k, i in zip(OUTPUT[:axes], VARIABLE[:axes]))
        return equation(ratio(self.output, self.output, OUTPUT[:axes], VARIABLE[:axes]), [Step(EQUAL, same)])

    def _whole(self, step: Edge) -> Step:
        """Return a contribution as the end of a chain."""
        return self.numbers.result(step.contribution) if self.numeric else Step(EQUAL, step.contribution_pretty.written(LATEX))

    def _gradient(self, of: str, steps: list[Edge]) -> list[Equation]:
        """Return ∂f/∂x = ∂f/∂q · ∂q/∂x = z · 1 = -4 · 1 = -4, a sum if x goes to several gates."""
        total, final, whole = self.total[of].contribution, self.report.partials.get(of), self._whole(self.total[of])
        if final is not None and final.value is not None and final.value != total:  # kinks that cancel: the rule fails, a note says why
            return [equation(ratio(self.output, of), [self.numbers.result(final.value)])]
        if not all(_exists(step.local) for step in steps) and _exists(total):
            return [equation(ratio(self.output, of), [whole])]  # 0 times what does not exist, and a note that says why
        rule = self._products(steps)
        members = [Step(EQUAL, rule)]
        if self._ends(steps):
            self.known[of] = bracketed_sum(rule) if len(steps) == 1 else ""
        else:
            members.append(Step(EQUAL, self._products(steps, formulas=True)))
        members += [*self._in_numbers(steps), whole]
        found = equation(ratio(self.output, of), members)
        return [*self._index_form(of, steps[0]), found] if len(steps) == 1 else [found]

    def _ends(self, steps: list[Edge]) -> bool:
        """Tell whether these edges all end in the output itself, and their local gradients are all there is."""
        return self.direct and all(step.through == self.output and not step.pullback for step in steps)

    def _products(self, steps: list[Edge], *, formulas: bool = False) -> str:
        """Return Σ ∂f/∂q · ∂q/∂x; with formulas in place of both, where they are known and short, or else nothing."""
        words: list[str] = []
        for through in dict.fromkeys(step.through for step in steps):
            uses = [step for step in steps if step.through == through]
            if uses[0].pullback:
                if formulas:
                    return ""
                words += [addend(step.pullback.written(LATEX), len(words)) for step in uses]
                continue
            local = " + ".join(addend(step.local_pretty.written(LATEX), index) for index, step in enumerate(uses))
            if self._ends(uses):
                words.append(addend(local, len(words)))
                continue
            upstream = ratio(self.output, through)
            if formulas:
                upstream = self.known.get(through, "") if self.numeric else uses[0].upstream_pretty.written(LATEX)
            if not upstream:
                return ""
            right = factor(local) if formulas or through == self.output else self._local_ratio(through, uses[0].of)
            sign = r"\odot" if self.shape[through] and self.shape.get(uses[0].of) else r"\cdot"
            copies = r"\sum " if uses[0].summed else ""  # over the entries that one number was copied to
            words.append(f"{copies}{factor(upstream, first=not words)} {sign} {right}")
        return " + ".join(words)

    def _in_numbers(self, steps: list[Edge]) -> list[Step]:
        """Return the same sum in numbers; nothing without a point, or where an array is too large to be written."""
        words, used, relation, moved = list[str](), list[Nested](), EQUAL, 0.0
        for step in steps if self.numeric else ():
            if step.pullback:
                upstream = {f"∂{self.output}/∂{step.through}": step.upstream}
                found = [] if self.jacobian else self._with_values(step.pullback, [step.through, *self.inputs[step.through]], upstream)
                if not found:
                    return []
                words.append(addend(found[0].tex, len(words)))
                relation = NEARLY if found[0].relation == NEARLY else relation
                continue
            right, left = self.numbers.ranked(step.local), self.numbers.ranked(step.upstream)
            if left is None or right is None or step.summed or not _exists(step.local) or (self.jacobian and isinstance(step.local, list)):
                return []
            used.append(step.local)
            if _slope(step.local) and _slope(step.upstream):
                moved += abs(step.local) * self.form.lost(step.upstream) + abs(step.upstream) * self.form.lost(step.local)
            if self._ends([step]):
                words.append(addend(right[0], len(words)))
                continue
            used.append(step.upstream)
            sign = r"\odot" if isinstance(step.local, list) and isinstance(step.upstream, list) else r"\cdot"
            words.append(f"{factor(left[0], first=not words)} {sign} {factor(right[0])}")
        tex = " + ".join(words)
        relation = NEARLY if relation == NEARLY else self.numbers.relation(*used)
        return [Step(relation, tex)] if tex and fits(tex) and self.form.tells(self.total[steps[0].of].contribution, moved) else []

    def _index_form(self, of: str, step: Edge) -> list[Equation]:
        """Return the chain rule of a matrix rule for one entry: ∂f/∂W_ij = Σ_m ∂f/∂q_m · ∂q_m/∂W_ij."""
        between = _BETWEEN[: len(self.shape[step.through])]
        if not (step.pullback and step.contribution_pretty and between):
            return []
        into = VARIABLE[: len(self.shape.get(of, ()))]
        sums = "".join(rf"\sum_{{{index}}} " for index in between)
        rule = f"{sums}{ratio(self.output, step.through, (), between)} {ratio(step.through, of, between, into)}"
        return [equation(ratio(self.output, of, (), into), [Step(EQUAL, rule), Step(EQUAL, step.contribution_pretty.written(LATEX))])]

    def _entries(self, of: str, steps: list[Edge]) -> list[Equation]:
        """Return the chain rule of an array in a Jacobian: for one entry, then in numbers."""
        out, into = OUTPUT[: len(self.report.shape)], VARIABLE[: len(self.shape.get(of, ()))]
        words = []
        for step in steps:
            axes = len(self.shape[step.through])
            between = _BETWEEN[:axes] if step.pullback or step.summed else into[:axes]
            sums = "".join(rf"\sum_{{{index}}} " for index in between if index not in into)
            words.append(f"{sums}{ratio(self.output, step.through, out, between)} {ratio(step.through, of, between, into)}")
        members = [Step(EQUAL, " + ".join(words))]
        partial = self.report.partials.get(of)
        if partial is not None and partial.index_form:
            members.append(Step(EQUAL, partial.index_form.written(LATEX)))
        return [equation(ratio(self.output, of, out, into), members), *self._tensor(of, self.total[of].contribution, len(into))]

    def _tensor(self, of: str, value: Nested, axes: int, steps: Sequence[Step] = (), remark: str = "") -> list[Equation]:
        """Return an array of derivatives as a matrix; one of more axes as a matrix for each entry of the output."""
        depth = len(self.report.shape) if self.jacobian else 0
        slices = self.numbers.slices(value, depth) if depth + axes > 2 else []
        if slices:
            return [equation(ratio(self.output, of, index), [*steps, self.numbers.result(part)]) for index, part in slices]
        found = self.numbers.result(value)
        return [equation(ratio(self.output, of), [*steps, Step(found.relation, found.tex + remark)])]

    # ---- the answer -----------------------------------------------------------------------------------------

    def asked(self, partial: Partial) -> str:
        """Return the partial derivative that is asked for: with indices, where it is a Jacobian."""
        if not self.jacobian:
            return ratio(self.output, partial.name)
        return ratio(self.output, partial.name, OUTPUT[: len(self.report.shape)], VARIABLE[: len(partial.shape)])

    def answer(self) -> Iterator[Equation]:
        """Return ∂f/∂x = its formula = its number for every partial, and the index forms of arrays."""
        for partial in self.report.partials.values():
            left, indexed = ratio(self.output, partial.name), partial.index_form.written(LATEX)
            if indexed and (partial.value is not None or not self.numeric):
                entry = self.asked(partial) if self.jacobian else ratio(self.output, partial.name, (), VARIABLE[: len(partial.shape)])
                yield equation(entry, [Step(EQUAL, indexed)])
            if partial.value is None:
                yield self._result(left, partial)
            else:
                yield from self._tensor(partial.name, partial.value, len(partial.shape), self._formula(partial), self._remark(partial))

    def seconds(self) -> Iterator[Equation]:
        """Return the second derivatives."""
        f = name(self.output)
        for a, row in self.report.hessian.items():
            for b, partial in row.items():
                below = rf"\partial {name(a)}^{{2}}" if a == b else rf"\partial {name(a)}\, \partial {name(b)}"
                yield self._result(rf"\frac{{\partial^{{2}} {f}}}{{{below}}}", partial)

    def orders(self) -> Iterator[Equation]:
        """Return the derivatives of higher orders in one variable."""
        x = name(next(iter(self.report.partials), ""))
        for order, partial in enumerate(self.report.orders, 1):
            power = f"^{{{order}}}" if order > 1 else ""
            yield self._result(rf"\frac{{d{power} {name(self.output)}}}{{d {x}{power}}}", partial)

    def _formula(self, partial: Partial) -> list[Step]:
        formula = partial.pretty.written(LATEX)
        if formula and not fits(formula):
            self.left_out = True
            return []
        return [Step(EQUAL, formula)]

    def _result(self, left: str, partial: Partial) -> Equation:
        if not self.numeric:
            return equation(left, self._formula(partial))
        if partial.value is None:
            return equation(left, [Step(EQUAL, self._without_number(partial))])
        return equation(left, [*self._formula(partial), self.numbers.result(partial.value)])

    def _remark(self, partial: Partial) -> str:
        """Return what stands behind a number that is one of several possible."""
        return rf"\quad \text{{({self.words(partial.status)})}}" if partial.status == "kink" else ""

    def _without_number(self, partial: Partial) -> str:
        r"""Return what stands in place of a number: \infty at a vertical tangent, else a word."""
        if partial.tangent is not None:
            return rf"{self.numbers.value(partial.tangent)}\text{{{self.words('{0}, a vertical tangent', '')}}}"
        return rf"\text{{{self.words.told(MISSING[partial.status])}}}"


def _slope(value: Nested) -> TypeGuard[float]:
    """Tell whether a value is one ordinary number."""
    return isinstance(value, float) and not isinstance(value, Far) and math.isfinite(value)


def _exists(value: Nested) -> bool:
    """Tell whether every number in a value exists; None is the local gradient of a matrix rule, which has none of its own."""
    return value is None or isinstance(value, Far) or (all(map(_exists, value)) if isinstance(value, list) else math.isfinite(value))
