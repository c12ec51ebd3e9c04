"""The lessons in samples/ carry their own answers."""

import json
import math
import re

import numpy as np
import pytest
from conftest import ROOT, run_here

from gradcli.errors import Source
from gradcli.expr import name_of, symbol, symbols
from gradcli.limits import Limits
from gradcli.nested import leaves, plain
from gradcli.solve import Question, solve
from gradcli.syntax.names import canonical
from gradcli.syntax.reader import read
from gradcli.syntax.worksheet import read_worksheet
from gradcli.values import from_python, parse_value

LESSONS = sorted((ROOT / "samples").glob("*.grad"))


def load(path):
    """Return (sheet, question, point) for each point of each question of a lesson."""
    sheet = read_worksheet(Source(path.read_text(encoding="utf-8"), str(path)), Limits())
    cases = []
    for exercise in sheet.exercises:
        for number, point in enumerate(exercise.at):
            at = {name: parse_value(sheet.source, Limits(), *span) for name, span in point.items()}
            cases.append((sheet, exercise, number, at))
    return cases


def computed(exercise, at, target):
    """Return what the tool says a target is: q, or df/dq."""
    found = re.fullmatch(r"d(\w+?)/d(\w+)", target)
    report = solve(exercise.program, Question(at, wrt=[found[2]] if found else None))
    if found:
        assert found[1] == report.output
        return {canonical(name): partial.value for name, partial in report.partials.items()}[canonical(found[2])]
    return next(row.value for row in report.forward if row.name == target)


def answered(sheet, exercise, at, span):
    """Return an answer as a value, a formula at the point, and the digits it was written to."""
    text = sheet.source.text[slice(*span)]
    if "[[[" in text:  # a Jacobian of a matrix has three axes: more than a value in the language
        return json.loads(text), 9
    values = {canonical(row.name): row.value for row in solve(exercise.program, Question(at)).forward}
    program = read(Source(text), frozenset([*map(canonical, exercise.program.stage_nodes), *values]))
    known = {name_of(s): from_python(name_of(s), values[canonical(name_of(s))]) for s in symbols(program.output)}
    digits = max((len(n.lstrip("-0.").replace(".", "")) for n in re.findall(r"[\d.]+", text)), default=0)
    return solve(program, Question(known)).value, None if known else digits


def test_the_lessons_are_there():
    assert [path.stem[3:] for path in LESSONS] == [
        "first-circuit", "forks", "the-neuron", "the-sigmoid-gate", "max-is-a-router", "a-layer", "a-two-layer-net",
        "softmax-and-cross-entropy", "as-people-write-it", "a-homework-sheet",
    ]  # fmt: skip


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_lesson(path):
    cases = load(path)
    assert sum(len(exercise.answers) for _, exercise, number, _ in cases if number == 0) >= 3
    for sheet, exercise, number, at in cases:
        for target, span, point in exercise.answers:
            if point == number:
                compare(sheet, exercise, at, target, span)


def compare(sheet, exercise, at, target, span):
    """Compare an answer of a lesson with what the tool computes."""
    want, got = answered(sheet, exercise, at, span), computed(exercise, at, target)
    assert np.shape(got) == np.shape(want[0]), target
    for given, true in zip(leaves(plain(want[0])), leaves(got)):
        if want[1] is None:
            assert math.isclose(given, true, rel_tol=1e-12, abs_tol=1e-12), target
        else:  # right in every digit that was written, or exact
            unit = 0.5 * 10.0 ** -_decimals(sheet.source.text[slice(*span)])
            assert abs(given - true) <= unit * (1 + 1e-9), (target, given, true)


def _decimals(text):
    return max((len(found) for found in re.findall(r"\.(\d+)", text)), default=9)


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_lesson_on_the_command_line(path):
    ran = run_here(str(path))
    assert ran.code == 0, ran.err
    assert "Backward pass: local gradient × upstream gradient = contribution" in ran.out


def test_a_wrong_answer_would_be_seen(tmp_path):
    """The test above can fail: change one answer, and it does."""
    text = LESSONS[0].read_text(encoding="utf-8").replace("df/dx = -4", "df/dx = 4")
    path = tmp_path / "wrong.grad"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(AssertionError):
        test_lesson(path)
    assert symbol("x") in symbols(read_worksheet(Source(text), Limits()).exercises[0].program.output)
