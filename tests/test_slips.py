"""Wrong answers that one slip explains: none is accepted, almost all are explained by that slip, and no right answer is blamed.

The slips are made by an engine of their own, the package ``mistakes``; ``tests/benchmarks/slips.py`` makes as many as one likes.
"""

import re
import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "benchmarks"))

import slips
from mistakes import samples
from mistakes.answers import Question, close
from mistakes.arithmetics import WORDS
from mistakes.functions import FUNCTIONS
from mistakes.kinds import LABELS

import gradcli

COUNT, SEED = 1500, 2


@pytest.fixture(scope="module")
def found():
    return slips.figures(samples.made(COUNT, SEED, Counter()))


def of(found, *outcomes):
    """Return what came out so, a line each."""
    return "\n".join(f"{slips.command(case)}{slips.said(verdict)}" for kind, case, verdict in found.looked_at if kind in outcomes)


def share(found, *outcomes):
    total = sum(found.labels.values(), Counter())
    return sum(total[outcome] for outcome in outcomes) / total.total()


def test_sixty_functions_and_every_slip_of_the_list(found):
    assert len({function.text for function in FUNCTIONS}) >= 60
    assert set(found.labels) == set(LABELS)


def test_no_slip_is_accepted(found):
    assert not of(found, "accepted", "undecided", "invalid")


def test_the_slip_is_named(found):
    assert share(found, "right", "same function") >= 0.95, slips.table(found.labels, LABELS)


def test_hardly_ever_another_one_is_named(found):
    assert share(found, "wrong") <= 0.005, of(found, "wrong")


def test_no_right_answer_is_blamed():
    for case, verdict, _ in slips.judged(samples.right_answers(SEED, every=3)):
        assert verdict.verdict == "correct", slips.command(case)
        assert verdict.diagnosis is None, slips.command(case) + slips.said(verdict)


@pytest.mark.parametrize(
    ("text", "target", "label", "place", "same"),
    [
        ("(x + y)*z", "x", "sign of one gate", "sign of the whole", True),
        ("(x + y)*z", "x", "upstream forgotten", "sign of the whole", False),
        ("1/x + x", "x", "1/x without sign", "quotient's sign", True),
        ("1/x + x", "x", "1/x without sign", "sign of the whole", False),
        ("sigmoid(x)*y", "x", "σ′ as σ", "σ′ as 1−σ", False),
        ("x*x + sin(x)", "x", "only one path at a fork", "last one written over the others", True),
        ("sum((W@x)^2)", "W", "sign of the whole", "sign of one gate", True),
    ],
)
def test_which_slips_are_one_function(text, target, label, place, same):
    question = Question(next(f for f in FUNCTIONS if f.text == text), 1)
    pool = [slip for slip, _ in question.pool(target)[0]]
    ones, twos = ([slip for slip in pool if slip.label == name] for name in (label, place))
    assert any(question.same_function(target, (one,), (two,)) for one in ones for two in twos) is same


@pytest.mark.parametrize("number", range(1, 50, 8))
def test_a_slip_in_words_is_the_slip_in_numbers(number):
    question = Question(FUNCTIONS[number], 3)
    target = next(iter(question.targets))
    for slip, wrong in question.distinct(target):
        formula = question.handed_in(target, (slip,), WORDS)
        if formula is not None:
            names = set(re.findall(r"[A-Za-z_0-9]+", str(formula)))
            at = {name: float(value) for name, value in question.point.items() if name in names}
            assert not at or close(float(wrong), gradcli.grad(str(formula), at, wrt=[]).value, 1e-9), slip
