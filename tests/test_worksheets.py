"""Worksheets: questions, text, several points, answers; and values that come from a file."""

import json

import pytest
from conftest import run_here

from gradcli.errors import GradError, Source
from gradcli.limits import Limits
from gradcli.syntax.worksheet import read_worksheet

SHEET = r"""# the circuit from the lecture
> This sheet has two questions; this line is text.
question 1a [3 points]
Compute all partial derivatives at both points.
f(x, y, z) = (x + y) z
at x = -2, y = 5, z = -4
answer q = 3
answer df/dx = -4
answer df/dz = x + y  # as a number or as a formula
at x = 1, y = 1, z = 0
answer df/dx = 0, df/dy = 0

question 1b
q = \frac{x}{y}
f = q^2
at x = 1
at y = 2
answer q = 0.5
answer df/dq = 1
"""
GOOD = SHEET.replace("answer q = 3\n", "")


def read(text):
    return read_worksheet(Source(text, "sheet.grad"), Limits())


def test_what_a_sheet_holds():
    one, two = read(GOOD).exercises
    assert (one.name, one.points, two.name, two.points) == ("1a", 3.0, "1b", None)
    assert one.prose == ["This sheet has two questions; this line is text.", "Compute all partial derivatives at both points."]
    assert [list(point) for point in one.at] == [["x", "y", "z"], ["x", "y", "z"]]
    assert [(a.target, a.point) for a in one.answers] == [("df/dx", 0), ("df/dz", 0), ("df/dx", 1), ("df/dy", 1)]
    assert [list(point) for point in two.at] == [["x", "y"]]  # lines in a row with new names are one point
    assert [(a.target, GOOD[slice(*a.span)].strip()) for a in two.answers] == [("q", "0.5"), ("df/dq", "1")]


def test_each_question_has_names_of_its_own():
    one, two = read("question a\ng = x\nat x = 1\nquestion b\nx = y^2\ng = x + 1\nat y = 2").exercises
    assert one.program.variables == ["x"]
    assert two.program.variables == ["y"]


def test_the_reports(tmp_path):
    sheet = tmp_path / "sheet.grad"
    sheet.write_text(GOOD, encoding="utf-8")
    ran = run_here(str(sheet), "--plain")
    assert ran.out.splitlines()[:6] == ["question\t1a", "at\tx = -2, y = 5, z = -4", "f\t-12.0", "df/dx\t-4.0", "df/dy\t-4.0", "df/dz\t3.0"]
    assert ran.out.count("question\t") == 3
    document = json.loads(run_here(str(sheet), "--json").out)
    assert document["schema"] == "gradcli/sheet/1"
    assert [(r["question"], r["points"], r["value"]) for r in document["reports"]] == [("1a", 3.0, -12.0), ("1a", 3.0, 0.0), ("1b", None, 0.25)]
    table = run_here(str(sheet)).out
    assert "Question 1a [3 points], at x = -2, y = 5, z = -4" in table
    assert json.loads(run_here(str(sheet), "--json", "--question", "1b").out)["schema"] == "gradcli/grad/1"
    assert run_here(str(sheet), "--csv").code == 2
    assert run_here(str(sheet), "--csv", "--question", "1b").code == 0
    assert run_here(str(sheet), "--question", "2").code == 2


def test_values_from_outside_replace_those_in_the_sheet(tmp_path):
    sheet = tmp_path / "sheet.grad"
    sheet.write_text(GOOD, encoding="utf-8")
    ran = run_here(str(sheet), "z=-3", "--plain")
    assert "f\t-9.0" in ran.out
    assert "at\tx = -2, y = 5, z = -3" in ran.out
    assert "no question" in run_here(str(sheet), "w=1").err
    point = tmp_path / "point.toml"
    point.write_text("z = 10\n", encoding="utf-8")
    assert "f\t30.0" in run_here(str(sheet), "--at", str(point), "--plain").out


@pytest.mark.parametrize(
    ("text", "kind", "place"),
    [
        (SHEET, "unknown-name", ":7:8"),                                     # an answer to nothing
        ("f = x\nat x = 1, x = 2", "bound-twice", ":2:15"),
        ("f = x\nat x 1", "syntax", ":2:4"), ("f = x y\nat x = 1 y = 2", "syntax", ":2:4"),
        ("f = x\nat x = 1,5", "syntax", ":2:10"),                            # a decimal comma
        ("f = x\nanswer df/dx =", "syntax", ":2:8"),
        ("question 1\nquestion 2\nf = x", "empty-input", ":1:1"),
        ("question 1\nf = x\nquestion 1\nf = x", "defined-twice", ":3:1"),
        ("f = x +\nat x = 1", "syntax", ":1:8"),
        ("f = x\nat x = 1\nanswer dg/dx = 1", "unknown-name", ":3:8"),
        ("f = x\nat x = 1\nanswer df/dx = (1", "unmatched-bracket", ":3:16"),
        ("f = x\nFind the slope\nat x = 1", "not-an-expression", ":2:1"),
        ("", "empty-input", ""),
        ("# nothing but a comment", "empty-input", ""),
    ],
)  # fmt: skip
def test_errors_point_at_file_line_and_column(text, kind, place):
    with pytest.raises(GradError) as caught:
        read(text)
    assert caught.value.kind == kind, str(caught.value)
    assert f"--> sheet.grad{place}" in str(caught.value) or not place


def test_text_that_looks_like_an_expression_is_told_how_to_be_text():
    with pytest.raises(GradError) as caught:
        read("Find the slope here\nf = x")
    assert "begins with >" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [("p.json", '{"x": 3, "y": [1, 2]}', "[3.0, 6.0]"), ("p.toml", "x = 3\ny = [1, 2]", "[3.0, 6.0]"), ("p.json", '\ufeff{"x": 3, "y": 2.5}', "7.5")],
)
def test_a_point_from_a_file(tmp_path, name, text, value):
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    assert run_here("xy", "--at", str(file), "--plain").out.splitlines()[0] == f"f\t{value}"


def test_what_is_typed_wins_over_the_file(tmp_path):
    file = tmp_path / "p.json"
    file.write_text('{"x": 3, "y": 4}', encoding="utf-8")
    assert run_here("xy", "y=10", "--at", str(file), "--plain").out.startswith("f\t30.0")


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("p.json", '{"x": 1, "x": 2}', "not-a-number"), ("p.json", '{"x": NaN}', "not-a-number"), ("p.json", "[1]", "not-a-number"), ("p.json", '{"x": "1"}', "not-a-number"),
        ("p.json", '{"x": true}', "not-a-number"), ("p.json", '{"x": 1e999}', "not-a-number"), ("p.json", '{"1x": 1}', "not-a-number"), ("p.json", '{"w_0": 1, "w0": 1}', "bound-twice"),
        ("p.json", "{", "not-a-number"), ("p.toml", "x = ", "not-a-number"), ("p.toml", "x = 1979-05-27", "not-a-number"), ("p.txt", "x", "unknown-format"),
        ("p.json", "[" * 100_000, "not-a-number"), ("p.json", '{"x": [[1], [1, 2]]}', "not-a-number"),
    ],
)  # fmt: skip
def test_a_bad_point(tmp_path, name, text, kind):
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    ran = run_here("x", "--at", str(file))
    assert ran.code == 2
    assert f"error[{kind}]" in ran.err, ran.err
    assert "Traceback" not in ran.err


def test_a_point_that_is_not_there():
    assert "error[cannot-read]" in run_here("x", "--at", "nowhere.json").err


# ---- what a class needs: what is asked, how points are given, whose sheet it is --------------------------------


def test_what_is_asked():
    (one,) = read("f = x y W\nask f\nat x = 1, y = 2\nask df/dx [2 points], ∂f/∂y; dW_{1,2}\nat x = 3\nat y = 4\nask x").exercises
    assert [(a.target, a.worth, a.point) for a in one.asked] == [("f", None, None), ("df/dx", 2, 0), ("∂f/∂y", None, 0), ("dW_{1,2}", None, 0), ("x", None, 1)]
    assert [list(point) for point in one.at] == [["x", "y"], ["x", "y"]]


def test_what_is_asked_at_a_point_closes_it():
    (one,) = read("f = x y\nat x = 1\nask f\nat y = 2").exercises
    assert [list(point) for point in one.at] == [["x"], ["y"]]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("student Ann Lee", "Ann Lee"), ("student: Ann   Lee  # group 3", "Ann Lee"), ("Student: Анна Ли", "Анна Ли"), ("student 007", "007"),
        ("student Ann Lee Smith Jr.", "Ann Lee Smith Jr."), ("student O'Brien-Lee [x] = 3", "O'Brien-Lee [x] = 3"),
    ],
)  # fmt: skip
def test_whose_sheet_it_is(line, name):
    sheet = read(f"{line}\nf = x")
    assert (sheet.student, len(sheet.exercises[0].statements)) == (name, 1)


@pytest.mark.parametrize("text", ["ask = x + 1", "student = 3 x", "ask = x\nstudent = ask^2\nf = student + ask", "ask(u) = u^2\nf = ask(x)", "student_1 = x", "asked = x", "vary = x"])
def test_keywords_are_names_too(text):
    (one,) = read(text).exercises
    assert one.program.output
    assert not one.asked


@pytest.mark.parametrize("text", ["Student numbers are never shown.", "Ask your neighbour about it.", "At which point is it zero?"])
def test_sentences_stay_text(text):
    (one,) = read(f"{text}\nf = x").exercises
    assert one.prose == [text]


def test_what_a_class_needs_says_nothing_to_one_person(tmp_path):
    """`gradcli SHEET` and `gradcli check SHEET` read a key as if the new lines were not there."""
    plain, key = tmp_path / "plain.grad", tmp_path / "key.grad"
    plain.write_text("question 1 [3 points]\nf = x y\nat x = 1, y = 2\nanswer df/dx = 2\n", encoding="utf-8")
    key.write_text("student Ann\nquestion 1 [3 points, all or nothing]\nf = x y\nask f\nat x = 1, y = 2\nanswer df/dx = 2\nask dy [2 points]\n", encoding="utf-8")
    for words in ((), ("--plain",)):
        assert run_here(str(key), *words).out == run_here(str(plain), *words).out
        assert run_here("check", str(key), *words).out == run_here("check", str(plain), *words).out


@pytest.mark.parametrize(
    ("text", "kind", "place"),
    [
        ("f = x\nask f,", "syntax", ":2:7"), ("f = x\nask f = 3", "syntax", ":2:5"), ("f = x\nask f [2 points", "syntax", ":2:5"),
        ("f = x\nask f [2]", "syntax", ":2:8"), ("question 1 [3 points] more\nf = x", "syntax", ":1:23"), ("question 1 [3 points\nf = x", "syntax", ":1:12"),
        ("question 1 [3 points, 2 points]\nf = x", "contradiction", ":1:23"),
    ],
)  # fmt: skip
def test_errors_of_what_is_asked(text, kind, place):
    with pytest.raises(GradError) as caught:
        read(text)
    assert (caught.value.kind, f"--> sheet.grad{place}" in str(caught.value)) == (kind, True), str(caught.value)
