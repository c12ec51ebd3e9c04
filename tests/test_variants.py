"""`gradcli variants`: for each student the same questions with other numbers, and the key to them."""

import csv
import json
import re
import subprocess
import sys
from fractions import Fraction
from io import StringIO
from pathlib import Path

import pytest
from conftest import run_here
from hypothesis import given
from hypothesis import strategies as st

from gradcli.classroom.points.draws import Draws, Range, range_like, read_range, redrawn, written
from gradcli.classroom.slugs import slug
from gradcli.classroom.variants.roster import read_roster
from gradcli.classroom.variants.variants import Variants
from gradcli.errors import GradError, Source
from gradcli.limits import Limits

KEY = """# the answer to question 1 is -4: nobody should read this
> Backpropagation, by hand.

question 1 [3 points]
Draw the circuit first.
q = x + y   # a sum
f = q z
at x = -2, y = 5, z = -4   # here
ask q, df/dx [2 points]
answer df/dz = 3

question 2
vary w = -1 .. 1 by 0.1, theta = -3 .. 3
s = σ(w x + θ)
at w = 0.5, x = 3, θ = 1/2
ask ds/dw, ds/dx

question 3
f = sum((W x)^2)
at W = [[1, 2], [3, 4]], x = [5, 6]
"""
CLASS = ["ann", "bob", "Ann Lee", "иванов", "s001"]


def made(folder, key=KEY, names=CLASS, *options):
    """Run the command and return what it did; the key and the roster stand beside the folder it writes."""
    folder.mkdir(exist_ok=True)
    (folder / "key.grad").write_text(key, encoding="utf-8")
    (folder / "roster.txt").write_text("\n".join(names), encoding="utf-8")
    return run_here("variants", str(folder / "key.grad"), "--students", str(folder / "roster.txt"), "-o", str(folder / "out"), *options)


def files(folder):
    """Return the text of every file written."""
    return {str(path.relative_to(folder / "out")): path.read_text(encoding="utf-8") for path in sorted((folder / "out").rglob("*")) if path.is_file()}


def points(text):
    return [line for line in text.splitlines() if line.startswith("at ")]


# ---- sheets and keys ----------------------------------------------------------------------------------------


def test_what_is_written(tmp_path):
    ran = made(tmp_path)
    assert ran.code == 0, ran.err
    assert set(files(tmp_path)) == {"manifest.csv", *(f"{kind}/{slug(name)}.grad" for kind in ("sheets", "keys") for name in CLASS)}
    rows = list(csv.DictReader(StringIO(files(tmp_path)["manifest.csv"])))
    assert {row["student"]: (row["sheet"], row["key"]) for row in rows} == {name: (f"sheets/{slug(name)}.grad", f"keys/{slug(name)}.grad") for name in CLASS}
    assert "5 sheets" in ran.out
    assert "question 1: 5 different versions" in ran.out


def test_a_sheet_says_what_is_asked_and_gives_nothing_away(tmp_path):
    made(tmp_path)
    sheet = files(tmp_path)["sheets/ann.grad"]
    lines = sheet.splitlines()
    assert lines[0] == "student ann"
    assert "> Backpropagation, by hand." in lines
    assert "question 1 [3 points]" in lines
    assert "q = x + y" in lines
    assert "ask q, df/dx [2 points], df/dz" in lines
    assert "ask df/dW, df/dx" in lines
    assert "#" not in sheet
    assert "answer" not in sheet
    assert "vary" not in sheet


def test_sheet_and_key_have_the_same_numbers_and_different_students_others(tmp_path):
    made(tmp_path)
    found = files(tmp_path)
    for name in CLASS:
        assert [line.partition("  ")[0] for line in points(found[f"keys/{slug(name)}.grad"])] == points(found[f"sheets/{slug(name)}.grad"])
    assert len({tuple(points(found[f"sheets/{slug(name)}.grad"])) for name in CLASS}) == len(CLASS)


def test_numbers_are_of_their_kind(tmp_path):
    made(tmp_path, names=[f"s{k}" for k in range(30)])
    for name, text in files(tmp_path).items():
        if name.startswith("sheets"):
            first, second, third = points(text)
            assert all(int(part.partition("=")[2]) in range(-5, 6) for part in first[3:].split(","))
            w, x, theta = (Fraction(part.partition("=")[2].strip()) for part in second[3:].split(","))
            assert abs(w) <= 1
            assert (10 * w).denominator == 1
            assert x == 3  # only what a line says varies, where there is one
            assert theta.denominator == 1
            assert abs(theta) <= 3
            assert len(json.loads(third.partition("W = ")[2].partition(", x")[0])) == 2


def answers(key):
    """Return a submission with the right answers to a key, as the first command prints them."""
    lines = []
    for line in run_here(str(key), "--plain").out.splitlines():
        name, value = line.split("\t")
        if name == "question":
            asked = key.read_text(encoding="utf-8").split(f"\nquestion {value}")[1].split("ask ")[1].splitlines()[0]
            lines.append(f"question {value}")
        elif name in re.split(r", | \[", asked):
            lines.append(f"answer {name} = {value}")
    return "\n".join(lines) + "\n"


def test_every_key_grades_the_right_answers_of_its_own_student_and_no_others(tmp_path):
    made(tmp_path, names=["ann", "bob"])
    folder = tmp_path / "handed in"
    folder.mkdir()
    for name in ("ann", "bob"):
        (folder / f"{name}.grad").write_text(answers(tmp_path / "out" / "keys" / f"{name}.grad"), encoding="utf-8")
    graded = json.loads(run_here("grade", str(tmp_path / "out" / "keys"), str(folder), "--json").out)
    for student in graded["students"]:
        first, *others = [part["verdict"] for part in student["parts"]]
        assert first == "unanswered"  # the first command prints no stages
        assert others == ["correct"] * 6
    (folder / "bob.grad").write_text((folder / "ann.grad").read_text(encoding="utf-8"), encoding="utf-8")
    graded = json.loads(run_here("grade", str(tmp_path / "out" / "keys"), str(folder), "--json").out)
    assert {part["verdict"] for part in graded["students"][1]["parts"]} == {"incorrect", "unanswered"}


def test_every_key_passes_its_own_self_test(tmp_path):
    made(tmp_path, names=[f"s{k}" for k in range(8)])
    ran = run_here("grade", "--self-test", str(tmp_path / "out" / "keys"), "--json")
    assert ran.code == 0, [one for key in json.loads(ran.out)["keys"] for one in key["findings"] if one["warning"]]
    assert len(json.loads(ran.out)["keys"]) == 8


# ---- whose numbers ------------------------------------------------------------------------------------------


def test_a_student_has_the_same_numbers_whoever_else_is_there(tmp_path):
    made(tmp_path / "a", names=CLASS)
    made(tmp_path / "b", names=[*reversed(CLASS), "zoe"])
    a, b = files(tmp_path / "a"), files(tmp_path / "b")
    del a["manifest.csv"]
    assert a.items() <= b.items()


def test_in_every_process(tmp_path):
    made(tmp_path)
    for seed in "12":
        command = [str(Path(sys.executable).with_name("gradcli")), "variants", str(tmp_path / "key.grad"), "--students", str(tmp_path / "roster.txt"), "-o", str(tmp_path / "out")]
        done = subprocess.run(command, capture_output=True, check=False, env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[1]), "PATH": ""})
        assert done.returncode == 0, done.stderr  # what differs would not be replaced


def test_words_around_the_function_change_no_numbers_and_a_seed_does(tmp_path):
    made(tmp_path / "a")
    made(tmp_path / "b", KEY.replace("Draw the circuit first.", "> Draw it."))
    made(tmp_path / "c", KEY, CLASS, "--seed", "spring")
    a, b, c = (points(files(tmp_path / name)["sheets/ann.grad"]) for name in "abc")
    assert a == b != c


def test_nothing_is_replaced_unasked(tmp_path):
    made(tmp_path)
    sheet = tmp_path / "out" / "sheets" / "ann.grad"
    sheet.write_text("answer q = 3\n")
    before = files(tmp_path)
    ran = made(tmp_path, KEY, [*CLASS, "zoe"])
    assert ran.code == 2
    assert "ann.grad is there already" in ran.err
    assert files(tmp_path) == before
    assert made(tmp_path, KEY, CLASS, "--force").code == 0
    assert sheet.read_text().startswith("student ann\n")
    assert made(tmp_path, KEY, [*CLASS, "zoe"]).code == 0
    assert "sheets/zoe.grad" in files(tmp_path)


# ---- questions that do not vary -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    [
        "f = x^2\nask df/dx\n", "f = relu(x)\nat x = 0\nanswer df/dx = undefined\n", "f = sin(x)\nat x = pi/4\nask df/dx\n",
        "f = ln(x)\nat x = -1\nanswer df/dx = undefined\n",
    ],
)  # fmt: skip
def test_a_question_that_stays_the_same(tmp_path, question):
    ran = made(tmp_path, f"question 1\n{question}")
    assert ran.code == 0, ran.err
    assert f"question 1: the same for everybody, as it{' has no point' if 'at' not in question else 's own point is special'}" in ran.out
    keys = [text.partition("\n")[2] for name, text in files(tmp_path).items() if name.startswith("keys")]
    assert set(keys) == {f"question 1\n{question}"}
    assert "answer" not in files(tmp_path)["sheets/ann.grad"]
    assert run_here("grade", str(tmp_path / "out" / "keys"), str(tmp_path / "out" / "sheets")).code == 1  # nothing is answered


def test_an_angle_may_vary_if_it_is_said(tmp_path):
    made(tmp_path, "vary x = 0.1 .. 1.5\nf = sin(x)\nat x = pi/4\nask df/dx\n")
    (point,) = points(files(tmp_path)["sheets/ann.grad"])
    assert 0.1 <= float(point.partition("=")[2]) <= 1.5


@pytest.mark.parametrize(("function", "varies", "only"), [("floor(x) + y^2", "1 .. 1.5 by 0.5", "1.5"), ("|x - 2| y", "2 .. 3", "3"), ("relu(x - 2) y", "2 .. 3", "3")])
def test_no_variant_lies_on_a_kink_or_a_jump(tmp_path, function, varies, only):
    """Nor where only the value is asked for."""
    made(tmp_path, f"vary x = {varies}, y = 4 .. 9\nf = {function}\nat x = {only}, y = 5\nask f\n", [f"s{k}" for k in range(12)])
    assert {points(text)[0].partition(",")[0] for name, text in files(tmp_path).items() if name.startswith("sheets")} == {f"at x = {only}"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("f = x\nvary x = 5\nat x = 2\n", "no range of numbers"), ("f = x\nvary x = 5 .. 1\nat x = 2\n", "no two numbers"), ("f = x\nvary z = 1 .. 5\nat x = 2\n", "z has no value"),
        ("f = x y\nvary x = 0 .. 0.5 by 0.5, y = 0 .. 0.5 by 0.5\nat x = 2, y = 3\n", "no other point was found"), ("f = x\nvary x = 1 .. 5, x = 1 .. 3\nat x = 2\n", "x is varied twice"),
        ("f = x^2\nat x = 3\nanswer df/dx = 5\n", "is wrong"), ("f = sum(x)\nvary x = 1 .. 5\nat x = [pi, 1]\n", "formulas"), ("f = x\nvary x = -99999999999 .. 99999999999 by .00000001\nat x = 2\n", "too many numbers"),
    ],
)  # fmt: skip
def test_keys_of_which_there_is_no_variant(tmp_path, text, says):
    ran = made(tmp_path, text)
    assert ran.code == 2
    assert says in ran.err
    assert not (tmp_path / "out").exists()


# ---- rosters ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "ann\nbob\n", "\ufeffann\r\nbob\r\n", "student\nbob\nann", "name,id\nBob,bob\nAnn,ann\n", "Name;ID\r\nB;bob\r\nA;ann\r\n", '"ID"\t"x"\nann\t1\n"bob"\t2\n',
        "id,note\nann,\"two\nlines\"\n\n  ,\nbob,\n", "  ann \n\n\nbob",
    ],
)  # fmt: skip
def test_rosters(text):
    assert read_roster(Source(text.removeprefix("\ufeff"))) == ["ann", "bob"]


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("ann\nbob\nann\n", 3, "ann stands here and in line 1"), ("id\nann\nAnn\nann", 4, "line 2"), ("id,mail\nann,a\n,b\n", 3, "no name"), ("id,mail\nann,a\nx,\"b", 3, "no CSV"),
        ("mail,group\na,b\n", 1, "no column"), ("Lee, Ann\n", 1, "no column"), ("ann\nb#b\n", 2, "#"), ("ann\nb\x1b[31mb\n", 2, "control"), ("ann\n" + "x" * 300, 2, "200"), ("mail;id\na\n", 2, "no name"),
    ],
)  # fmt: skip
def test_rosters_that_are_wrong(text, line, says):
    with pytest.raises(GradError) as found:
        read_roster(Source(text, "roster.csv"))
    assert says in found.value.message
    assert found.value.source.line_at(found.value.span[0])[0] == line


def test_a_spreadsheet_computes_no_name(tmp_path):
    made(tmp_path, "f = x^2\nat x = 3\n", ["id", "=1+1", "ann"])
    assert files(tmp_path)["manifest.csv"].splitlines()[1].startswith("'=1+1,")


def test_standard_input_is_read_once(tmp_path):
    assert run_here("variants", "-", "--students", "-", "-o", str(tmp_path / "out"), stdin=KEY).code == 2
    (tmp_path / "roster.txt").write_text("ann\n")
    assert run_here("variants", "-", "--students", str(tmp_path / "roster.txt"), "-o", str(tmp_path / "out"), stdin=KEY).code == 0


def test_an_empty_roster(tmp_path):
    assert made(tmp_path, KEY, []).code == 2
    assert made(tmp_path, KEY, ["id"]).code == 2


@pytest.mark.parametrize("name", ["../../up", "/etc/passwd", "C:\\x", "con", "-rf", ".hidden", "a/b", "$(x)", "::error::x", "=1+1", "%s{0}", "student x", "question 2", "x" * 200])
def test_hostile_names_are_names(tmp_path, name):
    """A file of theirs stays in the folder, and says whose it is; the key of it is found again."""
    ran = made(tmp_path, "f = x^2\nat x = 3\n", ["id", name, "ann"])
    assert ran.code == 0, ran.err
    assert len(files(tmp_path)) == 5
    sheet = tmp_path / "out" / "sheets" / f"{slug(name)}.grad"
    x = int(points(sheet.read_text(encoding="utf-8"))[0].partition("=")[2])
    sheet.write_text(sheet.read_text(encoding="utf-8") + f"answer df/dx = {2 * x}\n", encoding="utf-8")
    ran = run_here("grade", str(tmp_path / "out" / "keys"), str(sheet), "--json")
    assert ran.code == 0, ran.out + ran.err
    assert json.loads(ran.out)["students"][0]["student"] == name


# ---- numbers by lot -----------------------------------------------------------------------------------------


def test_the_stream_is_the_same_on_every_machine():
    draws = Draws("gradcli", "ann")
    assert [draws.below(100) for _ in range(8)] == [draws_again for draws_again in _stream(8)]


def _stream(count):
    """The definition, written again: the bytes of SHA-256 of the seed's SHA-256 and a counter, eight at a time."""
    from hashlib import sha256

    seed = sha256(b"gradcli\0ann").digest()
    block = b"".join(sha256(seed + k.to_bytes(8, "big")).digest() for k in range(count))
    return [int.from_bytes(block[8 * k : 8 * k + 8], "big") % 100 for k in range(count)]


def test_every_number_is_as_likely():
    draws = Draws("dice")
    counts = [0] * 6
    for _ in range(6000):
        counts[draws.below(6)] += 1
    assert max(abs(count - 1000) for count in counts) < 120


@pytest.mark.parametrize(
    ("text", "like"),
    [
        ("-2", r"-?[1-5]"), ("0.5", r"-?(0\.\d|1)"), ("[1, -2; 3, 4]", r"\[-?[1-5], -?[1-5]; -?[1-5], -?[1-5]\]"), ("1/3", r"-?[1-5](/3)?"), ("<5, 6>", r"<-?[1-5], -?(1[0-2]|\d)>"),
        ("pi/4", "pi/4"), ("1e-3", "1e-3"), ("2 3", "2 3"), ("[1 -2]", r"\[1 -2\]"), ("9" * 40, "9" * 40),
    ],
)  # fmt: skip
def test_numbers_like_those_given(text, like):
    draws = Draws("like")
    drawn = {redrawn(text, None, draws) for _ in range(40)}
    assert all(re.fullmatch(like, one) for one in drawn), drawn
    assert len(drawn) > 1 or like.replace("\\", "") == text


@given(st.integers(-10**6, 10**6), st.integers(0, 6), st.text(max_size=5))
def test_a_number_drawn_is_in_its_range_and_written_as_one(mantissa, places, seed):
    space = range_like(written(Fraction(mantissa, 10**places)))
    number = space.draw(Draws(seed))
    assert number
    assert Fraction(space.written(number)) == number
    assert (number / space.step).denominator == 1


def test_ranges():
    text = "vary x = -1 .. 1 by 0.25"
    assert read_range(Source(text), (9, len(text))) == Range(Fraction(-1), Fraction(1, 4), 9)
    assert read_range(Source("-0.5..0.5"), (0, 9)) == Range(Fraction(-1, 2), Fraction(1, 10), 11)


def test_from_python():
    one = Variants(Source(KEY), Limits()).of("ann")
    assert one.student == "ann"
    assert one.sheet != one.key
