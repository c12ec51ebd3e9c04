"""The comparator judges seeded answers, right and wrong, and is never wrong itself; the whole run is `benchmarks/comparator.py`."""

import json
import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import mpmath
import pytest
from mpmath import mp

from gradcli.render.verdicts import shown

sys.path.insert(0, str(Path(__file__).parent / "benchmarks"))

import comparator
from formulas import NoValue, derivative, names, point, tree, value

FUNCTIONS = [line.strip() for line in comparator.FUNCTIONS if line.strip()]


@pytest.fixture(scope="module")
def formulas():
    """Judge 400 pairs of right and wrong formulas, once."""
    pairs = list(comparator.pairs(400, 7, Counter()))
    return [(pair, verdict) for pair, verdict, _ in comparator.judged(pairs)]


def test_there_is_enough_to_judge():
    slips = sum(map(len, comparator.SLIPS.values())) + len(comparator.WRONG)
    assert len(FUNCTIONS) >= 60
    assert len(comparator.EQUAL) >= 40
    assert slips >= 25


@pytest.mark.parametrize("text", FUNCTIONS)
def test_the_derivatives_of_the_comparator_are_right_by_differences(text):
    function, tested = tree(text), 0
    shapes = {name: () for name in names(function)}
    for k in range(12):
        at = point(shapes, "differences", k)
        variable = sorted(shapes)[k % len(shapes)]
        with mp.workdps(200):
            step = mp.mpf(10) ** -50
            try:
                above, below = (value(function, {**at, variable: at[variable] + h}) for h in (step, -step))
                slope = value(derivative(function, variable), at)
            except (NoValue, ZeroDivisionError):
                continue
            assert mpmath.almosteq((above - below) / (2 * step), slope, 1e-9, 1e-9), (text, variable, at)
            tested += 1
    assert tested


def test_no_formula_is_judged_wrongly(formulas):
    wrong = [comparator.command(pair) for pair, verdict in formulas if (verdict.verdict == "correct") is not pair.right]
    assert not wrong


def test_every_wrong_formula_has_a_witness_that_mpmath_confirms(formulas):
    confirmed = 0
    for pair, verdict in formulas:
        if verdict.verdict != "incorrect" or pair.trees is None:
            continue
        witness = verdict.witness
        given, expected = pair.trees
        with mp.workdps(700):
            at = {name: mp.mpf(number) for name, number in witness["at"].items()} | {"pi": mp.pi, "e": mp.e}
            told = mp.mpf(witness["given"]), mp.mpf(witness["expected"])
            known = value(given, at), value(expected, at)
            assert all(mpmath.almosteq(one, two, 1e-13) for one, two in zip(told, known)), comparator.command(pair)
            assert known[0] != known[1], comparator.command(pair)
        confirmed += 1
    assert confirmed > 100


def test_no_number_is_judged_wrongly():
    for case in comparator.numbers(400, 7):
        verdict = comparator.judged_number(case)
        assert verdict.verdict == ("correct" if case.right else "incorrect"), comparator.numeric_command(case)
        assert not case.where or verdict.where == case.where, comparator.numeric_command(case)


# ---- the same every time ------------------------------------------------------------------------------------

ANSWERS = ["df/dx=y*where(x > 0, 1, 0)", "df/dx=relu(x)", "df/dx=y*(1 + sign(x))/2", "df/dy=(x + |x|)/2", "df/dy=x", "df/dx=y*tanh(50x)", "df/dx=1/0"]


def run(answers, **environment):
    command = [sys.executable, "-m", "gradcli", "check", "--json", "relu(x)*y", *answers]
    done = subprocess.run(command, capture_output=True, env=os.environ | environment, check=False)
    return done.stdout, sorted(json.dumps(answer) for answer in json.loads(done.stdout)["answers"])


def test_six_processes_say_the_same_in_any_environment_and_order():
    first, told = run(ANSWERS)
    for k, locale in enumerate(("C", "C.UTF-8", "de_DE.UTF-8", "tr_TR.UTF-8", "")):
        answers = random.Random(k).sample(ANSWERS, len(ANSWERS)) if k % 2 else ANSWERS
        out, again = run(answers, PYTHONHASHSEED=str(k), LC_ALL=locale, TZ="Asia/Tokyo")
        assert again == told
        assert out == first or k % 2


def test_twenty_orders_say_the_same():
    pairs = [pair for pair in comparator.pairs(200, 11, Counter()) if "relu" in pair.function or "max" in pair.function][:24]

    def told(order):
        return sorted((pair.function, pair.answer, str(shown(verdict, "all"))) for pair, verdict, _ in comparator.judged(order))

    first = told(pairs)
    for k in range(20):
        assert told(random.Random(k).sample(pairs, len(pairs))) == first
