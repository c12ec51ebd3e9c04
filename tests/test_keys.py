"""Keys: what is asked and what it is worth; a key is checked before anyone is graded."""

import os
from fractions import Fraction

import pytest
from conftest import ROOT

from gradcli.classroom.key.key import read_key, read_keys
from gradcli.errors import GradError, Source
from gradcli.judge.check import STRICT, Rules
from gradcli.judge.numbers import Tolerance
from gradcli.limits import Limits

CIRCUIT = "question 1 [3 points]\nq = x + y\nf = q z\nat x = -2, y = 5, z = -4\n"
USUAL = Rules()
TWO_POINTS = "f = x y\n{above}at x = 1, y = 2\n{first}at x = 3, y = 4\n{second}"


def key(text, rules=USUAL):
    return read_key(Source(text, "key.grad"), Limits(), rules)


def parts(text):
    """Return (target, point, worth) of the parts of a key."""
    return [(part.target, part.place, str(part.worth)) for item in key(text).items for part in item.parts]


def refused(text, rules=USUAL):
    with pytest.raises(GradError) as caught:
        key(text, rules)
    assert caught.value.code in (2, 4)
    return caught.value


# ---- what is asked, and what it is worth ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "want"),
    [
        ("", "df/dx 1, df/dy 1, df/dz 1"),                                        # nothing said: every partial
        ("ask q, df/dx, df/dz", "q 1, df/dx 1, df/dz 1"),
        ("ask df/dx, df/dy [2 points], q", "df/dx 1/2, df/dy 2, q 1/2"),          # its own points, the others share what is left
        ("ask df/dx [0.5 points], df/dy [5/2 points]", "df/dx 1/2, df/dy 5/2"),
        ("ask df/dx [0 points], df/dy", "df/dx 0, df/dy 3"),
        ("answer df/dx = -4, q = 3", "df/dx 3/2, q 3/2"),                         # a typed answer asks too
        ("ask df/dx, q\nanswer df/dx = -4", "df/dx 3/2, q 3/2"),                  # and does not ask twice
        ("ask ∂f/∂x, dy, d f / d z, dq", "df/dx 3/4, df/dy 3/4, df/dz 3/4, df/dq 3/4"),
    ],
)  # fmt: skip
def test_what_a_question_asks_for(lines, want):
    assert ", ".join(f"{target} {worth}" for target, _, worth in parts(CIRCUIT + lines)) == want


@pytest.mark.parametrize(
    ("lines", "want"),
    [
        ({}, "df/dx 0, df/dy 0, df/dx 1, df/dy 1"),
        ({"above": "ask f, dx\n"}, "f 0, df/dx 0, f 1, df/dx 1"),                 # above the points: at each of them
        ({"first": "ask dx\n", "second": "ask dy\n"}, "df/dx 0, df/dy 1"),
        ({"above": "ask f\n", "second": "ask dy\n"}, "f 0, f 1, df/dy 1"),
        ({"first": "answer dx = 2\n", "second": "answer dx = 4\n"}, "df/dx 0, df/dx 1"),
    ],
)  # fmt: skip
def test_at_which_points(lines, want):
    text = TWO_POINTS.replace("{above}", lines.get("above", "")).replace("{first}", lines.get("first", "")).replace("{second}", lines.get("second", ""))
    assert ", ".join(f"{target} {place}" for target, place, _ in parts(text)) == want


def test_a_question_without_a_point_asks_for_formulas():
    (item,) = key("f = sin(x) y\nask dx, dy [2 points]").items
    assert (item.wheres, item.worth) == (("",), 3)  # and without points of its own, a part is worth 1
    assert item.truths[0].point is None


@pytest.mark.parametrize(
    ("bracket", "points", "whole", "follow"),
    [
        ("", 1, False, False), ("[3 points]", 3, False, False), ("[1 point]", 1, False, False), ("[2.5 points]", Fraction(5, 2), False, False),
        ("[4 points, all or nothing]", 4, True, False), ("[all or nothing]", 1, True, False), ("[ Follow-Through ]", 1, False, True),
        ("[follow through, 2 points]", 2, False, True), ("[2 points, per part, follow-through]", 2, False, True),
        ("[1/3 points]", Fraction(1, 3), False, False), ("[0 points]", 0, False, False),
    ],
)  # fmt: skip
def test_how_points_are_given(bracket, points, whole, follow):
    (item,) = key(f"question 1 {bracket}\nf = x\n").items
    assert (item.worth, item.whole, item.follow) == (points, whole, follow)


def test_points_are_exact():
    (item,) = key("question 1 [1 point]\nf = x y z\n").items
    assert [part.worth for part in item.parts] == [Fraction(1, 3)] * 3
    assert item.worth == 1


@pytest.mark.parametrize("path", sorted((ROOT / "samples").glob("*.grad")), ids=lambda path: path.stem)
def test_every_lesson_is_a_key(path):
    assert key(path.read_text(encoding="utf-8")).items


# ---- what is refused -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind", "place", "says"),
    [
        # unknown, twice, nothing
        (CIRCUIT + "ask df/dw", "unknown-name", ":5:5", "nothing called w"),
        (CIRCUIT + "ask dq/dx", "unknown-name", ":5:5", "gradients are of f"),
        ("q = 2 x\nf = x\nat x = 1\nask q", "unknown-name", ":4:5", "q is neither"),  # nothing uses it: it has no value on the way
        (CIRCUIT + "answer p = 3", "unknown-name", ":5:8", "p is neither"),
        (CIRCUIT + "ask df/dx, ∂f/∂x", "asked-twice", ":5:12", "asked twice"),
        (CIRCUIT + "ask q\nask q", "asked-twice", ":6:5", "asked twice"),
        ("f = x\nask f\nat x = 1\nask f", "asked-twice", ":4:5", "asked twice"),
        ("f = x\nat x = 1\nat x = 2\nask f", "nothing-asked", ":2:8", "nothing is asked at this point"),
        ("f = 3", "nothing-asked", ":1:1", "nothing is asked of this constant"),
        ("f = W x\nW = 2", "used-before", ":2:1", "W is used before"),
        ("question 1\nf = x\nquestion  1\nf = x", "defined-twice", ":3:1", "question 1 occurs twice"),
        ("question 1a\nf = x\nQuestion 1 A\nf = x", "defined-twice", ":3:1", "question 1a and question 1 A are one name"),
        ("> only text", "empty-input", "", "no expression"), ("", "empty-input", "", "no expression"),
        # points
        (CIRCUIT + "ask q [4 points]", "contradiction", ":5:5", "the parts are worth 4 points, the question 3"),
        (CIRCUIT + "ask q [1 point], dx [1 point]", "contradiction", ":5:18", "the parts are worth 2 points, the question 3"),
        (CIRCUIT + "ask q [3 points], dx", "contradiction", ":5:5", "nothing is left"),
        (CIRCUIT + "ask q [all or nothing]", "syntax", ":5:8", "no way to give points"),
        ("question 1 [3 pints]\nf = x", "syntax", ":1:13", "no way to give points"),
        ("question 1 [all or nothin]\nf = x", "syntax", ":1:13", "did you mean all or nothing?"),
        ("question 1 [2 points, 3 points]\nf = x", "contradiction", ":1:23", "said twice"),
        ("question 1 [all or nothing, per part]\nf = x", "contradiction", ":1:29", "not both"),
        ("question 1 [1/0 points]\nf = x", "not-a-number", ":1:13", "divided by 0"),
        ("question 1 []\nf = x", "syntax", ":1:13", "no way to give points"),
        ("question 1 (4 points)\nf = x", "syntax", ":1:13", "write [4 points]"),
        ("question 1: circuit (2.5 pts)\nf = x", "syntax", ":1:21", "write [2.5 points]"),
        ("question 1, 4 points\nf = x", "syntax", ":1:13", "square brackets"),
        ("question 1 [4 points\nf = x", "syntax", ":1:12", "this [ is never closed"),
        # keywords that are nearly right
        (CIRCUIT + "askk df/dx", "outside", ":5:6", "did you mean ask?"), (CIRCUIT + "aks df/dx", "outside", ":5:5", "did you mean ask?"),
        ("f = x y\naks f", "not-an-expression", ":2:1", "did you mean ask?"), (CIRCUIT + "anwser f = 6", "equation", ":5:1", "did you mean answer?"),
        ("quesion 1\nf = x", "not-an-expression", ":1:1", "did you mean question?"),
        # values
        ("f = x y\nat x = 1\nask dx", "missing-binding", ":2:8", "y has no value"),
        ("f = x\nat x = 1, w = 2", "unknown-name", ":2:8", "w has a value but does not occur"),
        ("f = x\nat x = @/etc/passwd", "not-a-number", ":2:8", "reads no files"),
        ("f = ln(x)\nat x = -1", "undefined", ":2:8", "no right answer"),
        ("f = 1/x\nat x = 1\nat x = 0", "undefined", ":3:8", "no right answer"),
        ("f = sqrt(x)\nat x = 0", "no-derivative", ":1:1", "df/dx does not exist"),
        ("f = floor(x)\nat x = 1\nask dx", "no-derivative", ":3:5", "answer df/dx = undefined"),
        ("f = sum(sqrt(x))\nat x = [0, 1]\nask dx", "no-derivative", ":3:5", "does not exist"),
        ("f = abs(x^2 - 2)\nat x = sqrt(2)\nask dx", "undecided", ":3:5", "cannot be told"),
        # typed answers
        (CIRCUIT + "answer df/dx = 4", "wrong-key", ":5:16", "df/dx is -4"),
        (CIRCUIT + "answer q = 3\nanswer q = 2", "wrong-key", ":6:12", "q is 3"),
        (CIRCUIT + "answer df/dx = (4", "unmatched-bracket", ":5:16", "never closed"),
        (CIRCUIT + "answer df/dx =", "not-an-answer", ":5:15", "no answer here"),
        (CIRCUIT + "answer df/dx = w", "unknown-name", ":5:16", "w is no name"),
        (CIRCUIT + "answer df/dx = undefined", "wrong-key", ":5:16", "df/dx is -4"),
        ("f = x^2\nanswer df/dx = 3x", "wrong-key", ":2:16", "df/dx is 2*x"),
        ("f = x/3\nat x = 1\nanswer f = 0.3", "wrong-key", ":3:12", "0.333"),
    ],
)  # fmt: skip
def test_a_key_that_is_refused(text, kind, place, says):
    problem = refused(text)
    drawing = str(problem)
    assert problem.kind == kind, drawing
    assert says in drawing
    assert f"--> key.grad{place}" in drawing or not place, drawing
    assert "^" in drawing or not place


def test_a_heading_may_speak_of_points():
    key = read_key(Source("question 1: a parabola through 3 points [2 points]\nf = x^2\n"), Limits(), Rules())
    assert [part.worth for part in key.items[0].parts] == [2]


@pytest.mark.parametrize(
    "text",
    [
        "f = |x|\nat x = 0",                                         # a kink: any subgradient is right
        "f = sqrt(x)\nat x = 0\nanswer df/dx = undefined", "f = sqrt(x)\nat x = 0\nanswer df/dx = inf",
        "f = 1/x\nat x = 0\nanswer df/dx = DNE",
        "f = e^x\nat x = -1000\nask f, dx", "f = x/3\nat x = 1\nask f, dx", "f = 1/(1+e^-x)\nat x = 700\nask f, dx",
        "f = W x\nat W = [[1, 2], [3, 4]], x = [5, 6]\nask f, df/dW, df/dx", "f = sum(max(x, 0))\nat x = [0, 1]",
        "f = sin(x) y\nask f, dx, dy", "f = [x, x^2]\nask f, dx", "f = x^x\nask dx", "f = |x|\nask dx", "f = tan(x)^7\nat x = 1.57\nask dx",
        "θ = x_1 + x_2\nL = θ^2\nat x_1 = 1, x_2 = 1/3\nask θ, dL/dθ, dL/dx_1",
    ],
)  # fmt: skip
@pytest.mark.parametrize("rules", [Rules(), Rules(Tolerance(17)), Rules(kink=STRICT), Rules(Tolerance(50))], ids=["usual", "17", "strict", "50"])
def test_a_key_grades_itself_correct(text, rules):
    assert key(text, rules).items


def test_a_kink_by_our_own_number_alone():
    assert key("f = |x|\nat x = 0\nanswer dx = 0.5").items
    assert refused("f = |x|\nat x = 0\nanswer dx = 0.5", Rules(kink=STRICT)).kind == "wrong-key"


def test_limits_come_first():
    assert refused("f = x\n" + "# " * 40_000).code == 4
    assert refused("question 1 [" + "9" * 30_000 + " points]\nf = x").kind == "syntax"
    assert refused("f = x\nask " + "a " * 30_000 + "[").kind == "syntax"


# ---- where a key comes from ----------------------------------------------------------------------------------


def test_a_key_from_a_file(tmp_path):
    path = tmp_path / "key.grad"
    path.write_text(CIRCUIT, encoding="utf-8")
    assert read_key(str(path), Limits(), Rules()).name == str(path)
    path.write_bytes(b"f = \xff")
    with pytest.raises(GradError, match="UTF-8"):
        read_key(str(path), Limits(), Rules())
    with pytest.raises(GradError, match="No such file"):
        read_key(str(tmp_path / "none.grad"), Limits(), Rules())


def test_a_folder_has_a_key_for_each_student(tmp_path):
    (tmp_path / "ann.grad").write_text("f = 2 x\n", encoding="utf-8")
    (tmp_path / "Bob Lee.grad").write_text("f = 3 x\n", encoding="utf-8")
    (tmp_path / "broken.grad").write_text("f = \n", encoding="utf-8")
    (tmp_path / ".hidden.grad").write_text("f = x\n", encoding="utf-8")
    (tmp_path / "roster.csv").write_text("student\nann\n", encoding="utf-8")
    os.symlink("/etc/passwd", tmp_path / "link.grad")
    keys = read_keys(str(tmp_path), Limits(), Rules())
    assert list(keys) == ["Bob Lee", "ann", "broken"]
    assert keys["ann"].items[0].truths[0].program.source.text == "f = 2 x\n"
    assert keys["Bob Lee"] is keys["Bob Lee"]
    for nobody in ("eve", "../ann", "link", ".hidden", "ann.grad", ""):
        assert nobody not in keys
        with pytest.raises(KeyError):
            keys[nobody]
    with pytest.raises(GradError):  # when it is asked for, and no sooner
        keys["broken"]


def test_a_name_that_is_no_file_name_is_found_by_its_slug(tmp_path):
    from gradcli.classroom.slugs import slug

    name = "Ann/../Lee"
    (tmp_path / f"{slug(name)}.grad").write_text("f = x\n", encoding="utf-8")
    assert read_keys(str(tmp_path), Limits(), Rules())[name].items


def test_an_empty_folder_is_no_key(tmp_path):
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(GradError) as caught:
            read_keys(str(folder), Limits(), Rules())
        assert caught.value.code == 2
