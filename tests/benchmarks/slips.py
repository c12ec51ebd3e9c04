"""Hand in thousands of seeded slips, and count how many are accepted, diagnosed rightly, diagnosed wrongly, or left unexplained.

    python tests/benchmarks/slips.py [--count N] [--seed S] [--doubles N] [--every]

The slips are made by the engine of ``tests/mistakes``, which shares nothing with gradcli. A diagnosis is right if it names the
slip that was made, or one that is the same function: that gives the same here and at two other points beside it. Prints a line with a
command for every answer that is accepted or diagnosed wrongly; --every does so for those without a diagnosis too.
"""

import argparse
import re
import shlex
import statistics
import sys
import time
from collections import Counter, defaultdict
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from mistakes.answers import Case, close
from mistakes.functions import as_given
from mistakes.kinds import LABELS
from mistakes.samples import doubles, made, right_answers

import gradcli
from gradcli.errors import GradError, Source
from gradcli.judge.check import Rules, judge
from gradcli.judge.truth import Truth
from gradcli.limits import Limits
from gradcli.operands.answers import read_answers

OUTCOMES = ("right", "same function", "wrong", "silent", "accepted", "undecided", "invalid")

# kind of a diagnosis → the slips it names, in the words of the issue
NAMES = {
    "sign": {"sign of one gate", "sign of the whole"},
    "upstream-forgotten": {"upstream forgotten"},
    "local-forgotten": {"local forgotten"},
    "one-path": {"only one path at a fork", "last one written over the others"},
    "inputs-not-swapped": {"multiply's inputs not swapped"},
    "product-rule": {"product rule as f'g'"},
    "quotient-sign": {"quotient's sign", "1/x without sign"},
    "quotient-order": {"quotient's order"},
    "quotient-square": {"quotient's square", "1/x without square"},
    "power-exponent": {"power's exponent not reduced"},
    "power-coefficient": {"power's coefficient missing"},
    "inner-derivative": {"inner derivative missing"},
    "sigmoid-derivative": {"σ′ as σ", "σ′ as 1−σ", "σ′ as σ(1+σ)"},
    "tanh-derivative": {"tanh′ as 1−t"},
    "log-base": {"ln against log10"},
    "degrees": {"degrees against radians"},
    "gate-open": {"relu open when closed"},
    "gate-closed": {"gate closed"},
    "max-loser": {"max to the loser"},
    "max-both": {"max to both"},
    "not-transposed": {"W for Wᵀ"},
    "outer-transposed": {"outer product transposed"},
    "transposed": {"outer product transposed", "W for Wᵀ"},
    "sum-forgotten": {"sum over the batch or index forgotten"},
    "mean-for-sum": {"mean against sum"},
    "sum-for-mean": {"mean against sum"},
    "factor": {"factor 2"},
    "variables-swapped": {"variables swapped"},
    "entries-swapped": {"entries swapped"},
    "forward-value": {"forward value for the gradient"},
    "integrated": {"integrated instead"},
    "rounded-early": {"rounded too early"},
    "other-point": {"right for another point"},
    "power-of-ten": {"off by a power of ten"},
}


# ---- judging ------------------------------------------------------------------------------------------------


class Asked:
    """A question as gradcli knows it: the truth at the point, and at the other point of the sheet."""

    def __init__(self, question) -> None:
        self.truth = self._truth(question, question.point)
        self.elsewhere = self._truth(question, question.other)

    @staticmethod
    def _truth(question, point) -> Truth:
        values = [f"{name}={as_given(value)}" for name, value in point.items()]
        task = read_answers([question.function.text, *values], ["f=0"], Limits())[0]
        return Truth(task.program, task.bindings, Limits())

    def verdict(self, target, answer):
        truth = self.truth
        return judge(truth, f"d{truth.output}/d{target}", Source(answer), 0, len(answer), Rules(), Limits(), elsewhere=(self.elsewhere,))


def judged(cases):
    """Yield each case with its verdict and the seconds it took; the first of a question pays for what all of it share."""
    known, asked = None, None
    for case in cases:
        start = time.process_time()
        if case.question is not known:
            known, asked = case.question, Asked(case.question)
        verdict = asked.verdict(case.target, case.answer)
        yield case, verdict, time.process_time() - start


def outcome(case, verdict) -> str:
    """Return what a verdict on a slip counts as."""
    if verdict.verdict != "incorrect":
        return "accepted" if verdict.verdict == "correct" else verdict.verdict
    if verdict.diagnosis is None:
        return "silent"
    if NAMES.get(verdict.diagnosis.kind, set()) & set(case.labels):
        return "right"
    return "same function" if any(namesakes(case, verdict)) else "wrong"


def namesakes(case, verdict):
    """Yield the slips that the diagnosis may mean, and that are one function with what was done."""
    named, question = NAMES.get(verdict.diagnosis.kind, set()), case.question
    here = question.handed_in(case.target, case.slips)
    for slip, wrong in question.names(case.target):
        if slip.label in named and close(here, wrong, 1e-15) and question.same_function(case.target, case.slips, (slip,)):
            yield slip


def step(case, verdict) -> str:
    """Return how the step of a right diagnosis compares with where the slip was made: by the value there."""
    text = verdict.diagnosis.step.rpartition(" = ")[2].replace("^∘", "^")
    if not text:
        return "no step named"
    here = value_of(text, case.question)
    if here is None:
        return f"UNREADABLE STEP {text}"
    for slip in chain(case.slips, namesakes(case, verdict)):
        if slip.place is None or close(here, as_floats(case.question.values[slip.place]), 1e-9):
            return "the right step" if slip.place else "made on the whole"
    return "ANOTHER STEP"


@lru_cache(maxsize=256)
def value_of(text, question):
    """Return the value of a step, read as it was printed; None for one that cannot be read."""
    known, graph = question.values, question.graph
    names = {name: as_floats(known[node]).tolist() for name, node in {**graph.variables, **graph.stages}.items()}
    meant = {name: value for name, value in names.items() if re.search(rf"(?<![A-Za-z0-9_]){name}(?![A-Za-z0-9_])", text)}
    try:
        return as_floats(gradcli.grad(text, meant, wrt=[]).value)
    except (GradError, TypeError):
        return None


def as_floats(value):
    return np.vectorize(float, otypes=[object])(np.array(value, dtype=object))


# ---- the report ---------------------------------------------------------------------------------------------


def command(case) -> str:
    """Return a command that repeats a verdict, and what was done."""
    values = [f"{name}={as_given(value)}" for name, value in case.question.point.items()]
    output = case.question.graph.root.name or "f"
    words = [case.question.function.text, *values, f"d{output}/d{case.target}={case.answer}"]
    made_ = " + ".join(f"{slip!r} at {place(slip)}" if slip.place else repr(slip) for slip in case.slips)
    return f"gradcli check {' '.join(map(shlex.quote, words))}    # {made_}"


def place(slip) -> str:
    """Return the gate of a slip in words."""
    node = slip.place
    return node.name or formula(node)


def formula(node, depth=0) -> str:
    if node.op in ("variable", "number") or (depth and node.name):
        return node.name or str(node.value)
    parts = [formula(arg, depth + 1) for arg in node.args]
    if node.op == "pow":
        return f"({parts[0]})^{node.value}"
    return f"({parts[0]} {node.op} {parts[1]})" if len(parts) == 2 else f"{node.op}({parts[0]})"


class Figures(NamedTuple):
    """What came of the slips: by label, by class, by the step named, and those worth a look."""

    labels: dict[str, Counter]
    classes: dict[str, Counter]
    steps: Counter[str]
    seconds: list[float]
    looked_at: list[tuple[str, Case, object]]


def figures(cases) -> Figures:
    """Judge all and count."""
    found = Figures(defaultdict(Counter), defaultdict(Counter), Counter(), [], [])
    for case, verdict, took in judged(cases):
        kind = outcome(case, verdict)
        found.labels[" + ".join(case.labels)][kind] += 1
        found.classes[case.question.function.kind][kind] += 1
        found.seconds.append(took)
        if kind in ("right", "same function"):
            where = step(case, verdict)
            found.steps[where] += 1
        if kind not in ("right", "same function") or where == "ANOTHER STEP":
            found.looked_at.append((kind if kind in OUTCOMES[2:] else where, case, verdict))
    return found


def table(rows, order) -> str:
    """Return a row for each name: how many, and the share of each outcome."""
    lines = [f"{'':40}{'slips':>7}" + "".join(f"{outcome:>15}" for outcome in OUTCOMES)]
    for name in order:
        if counts := rows.get(name):
            lines.append(f"{name:40}{counts.total():7}" + "".join(f"{counts[outcome] or '·':>15}" for outcome in OUTCOMES))
    both = sum(rows.values(), Counter())
    lines.append(f"{'all':40}{both.total():7}" + "".join(f"{both[outcome]:15}" for outcome in OUTCOMES))
    lines.append(f"{'':47}" + "".join(f"{100 * both[outcome] / max(1, both.total()):13.2f} %" for outcome in OUTCOMES))
    return "\n".join(lines)


def main(words=None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--doubles", type=int, default=1000)
    parser.add_argument("--every", action="store_true")
    options = parser.parse_args(words)

    dropped: Counter = Counter()
    cases = made(options.count, options.seed, dropped)
    found = figures(cases)
    for kind, case, verdict in found.looked_at:
        if kind != "silent" or options.every:
            print(f"{kind.upper()}: {command(case)}{said(verdict)}")
    functions = {(case.question.function.text, str(case.question.function.domains)) for case in cases}
    print(f"{len(cases)} slips of {len(found.labels)} kinds on {len(functions)} functions; left out: {counts(dropped)}\n")
    print(table(found.labels, LABELS), "\n")
    print(table(found.classes, ("scalar", "vector", "layer")), "\n")
    print(f"of those diagnosed rightly: {counts(found.steps)}")
    times = sorted(found.seconds)
    print(f"seconds an answer: median {statistics.median(times):.4f}, 99 % {times[int(len(times) * 0.99)]:.3f}, worst {times[-1]:.3f}")

    blamed, refused, number = 0, 0, 0
    for case, verdict, _ in judged(right_answers(options.seed)):
        number += 1
        blamed += verdict.diagnosis is not None
        refused += verdict.verdict != "correct"
        if verdict.diagnosis is not None or verdict.verdict != "correct":
            print(f"RIGHT, BUT {verdict.verdict}: {command(case)}{said(verdict)}")
    print(f"{number} right answers: {blamed} diagnosed, {refused} not accepted")

    if options.doubles:
        both = figures(doubles(options.doubles, options.seed))
        for kind, case, verdict in both.looked_at:
            if kind in ("wrong", "accepted"):
                print(f"TWO SLIPS, {kind.upper()}: {command(case)}{said(verdict)}")
        total = sum(both.classes.values(), Counter())
        print(f"{total.total()} answers with two slips: {counts(total)}")
    return 0


def said(verdict) -> str:
    return f"    → {verdict.diagnosis.kind} at {verdict.diagnosis.step}" if verdict.diagnosis else ""


def counts(counter) -> str:
    return ", ".join(f"{count} {name}" for name, count in counter.items()) or "none"


if __name__ == "__main__":
    sys.exit(main())
