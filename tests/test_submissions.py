"""Submissions: worksheets, TOML, JSON, CSV, folders, standard input. Nothing is lost, nothing is chosen silently, nothing stops the rest."""

import csv
import io
import json
import os
import re
import sys
import time
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcli.classroom.key.key import read_key
from gradcli.classroom.submissions.files import read_submissions
from gradcli.classroom.submissions.located import LIST, NUMBER, TABLE, TEXT, read_json
from gradcli.classroom.submissions.matching import match_entries
from gradcli.errors import GradError, Source
from gradcli.judge.check import Rules, judge
from gradcli.limits import Limits

KEY = """question 1 [3 points]
q = x + y
f = q z
ask q, df/dx, df/dz
at x = -2, y = 5, z = -4
at x = 1/2, y = 1, z = 0

question 2a
s = sigmoid(w x)
L = (s - 1)^2
at w = 2, x = 3
ask s, dL/dw
"""


@pytest.fixture
def hand_in(tmp_path, monkeypatch):
    """Return a function that writes files and reads them as submissions."""
    monkeypatch.chdir(tmp_path)

    def handing_in(files, paths=None, limits="", **options):
        for name, content in files.items():
            os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
            with open(name, "wb") as file:
                file.write(content if isinstance(content, bytes) else content.encode())
        return read_submissions(files if paths is None else paths, Limits().raised(limits), **options)

    return handing_in


@pytest.fixture(scope="module")
def key():
    return read_key(Source(KEY, "key.grad"), Limits(), Rules())


def answers(submission):
    """Return the entries as (question, where, target, text, line)."""
    return [(e.question, e.where, e.target, e.source.text[e.start : e.end].strip(), e.line) for e in submission.entries]


def complaints(problems):
    return [f"{problem.file}:{problem.line}: {problem.message}" for problem in problems]


# ---- one submission, in every format --------------------------------------------------------------------------

AT_1, AT_2 = "x = -2, y = 5, z = -4", "x = 1/2, y = 1, z = 0"
SHEET = f"""student Ann Lee   # a comment
> What follows is a copy of the sheet, with answers.
question 1 [3 points]
f(x, y, z) = (x + y) z
at {AT_1}
answer q = 3, df/dx = -4.00
at x = 1/2
at y = 1, z = 0
Answer: ∂f/∂z = [1, 2]
Question 2a: the sigmoid
answer s =
"""
TOML = f"""student = "Ann Lee"
[[answers.1]]
at = "{AT_1}"
q = 3
"df/dx" = -4.00
[[answers.1]]
at = {{ x = "1/2", y = 1, z = 0 }}
"∂f/∂z" = [1, 2]
[answers.2a]
s = ""
"""
JSON = f"""{{"student": "Ann Lee", "email": "ann@school.org", "answers": {{
  "1": [{{"at": "{AT_1}",
    "q": 3,
    "df/dx": -4.00}},
    {{"at": {{"x": "1/2", "y": 1, "z": 0}}, "∂f/∂z": [1, 2]}}],
  "2a": {{"s": ""}}}}}}
"""
CSV = f"""Answer, STUDENT ,target,at,question,remark
3,Ann Lee,q,"{AT_1}",1,
-4.00,Ann Lee,df/dx,"{AT_1}",1,a remark
"[1, 2]",Ann  Lee,∂f/∂z,"{AT_2}",1,
,Ann Lee,s,,2a,
"""
WANTED = [("1", AT_1, "q", "3"), ("1", AT_1, "df/dx", "-4.00"), ("1", AT_2, "∂f/∂z", "[1, 2]"), ("2a", "", "s", "")]
LINES = {"sheet.grad": [6, 6, 9, 11], "sheet.toml": [4, 5, 8, 10], "sheet.json": [3, 4, 5, 6], "sheet.csv": [2, 3, 4, 5]}


@pytest.mark.parametrize(("name", "text"), [("sheet.grad", SHEET), ("sheet.toml", TOML), ("sheet.json", JSON), ("sheet.csv", CSV)])
def test_the_formats_say_the_same(name, text, hand_in):
    for content in (text, "\ufeff" + text, text.replace("\n", "\r\n"), text.rstrip("\n")):
        (submission,), problems = hand_in({name: content})
        assert (submission.student, submission.file, problems, submission.problems) == ("Ann Lee", name, [], ())
        assert answers(submission) == [(*entry, line) for entry, line in zip(WANTED, LINES[name])]


@pytest.mark.parametrize("text", [SHEET, TOML, JSON, CSV])
def test_standard_input_by_what_it_looks_like(text, hand_in, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    (submission,), problems = hand_in({}, ["-"])
    assert (submission.student, submission.file, problems, submission.problems) == ("Ann Lee", "standard input", [], ())
    assert [entry[:4] for entry in answers(submission)] == WANTED


@pytest.mark.parametrize("name", ["homework.txt", "homework", "homework.grad"])
def test_other_endings_and_wrong_ones_are_read_by_what_they_look_like(name, hand_in):
    for text in (SHEET, TOML, JSON, CSV):
        (submission,), _ = hand_in({name: text})
        assert len(submission.entries) == 4
    (submission,), _ = hand_in({name: "student Ann\n{x + y} z\nanswer dx = 4"})
    assert (submission.student, len(submission.entries)) == ("Ann", 1)


@pytest.mark.parametrize(("name", "text"), [("ann.grad", "answer s = x + ("), ("ann.toml", "[answers]\ns = 'x + ('"), ("ann.json", '{"answers": {\n "s": "x + ("}}'), ("ann.csv", 'student,target,answer\nann,s,"x + ("')])
def test_an_error_in_an_answer_is_drawn_where_it_stands(name, text, hand_in, key):
    """File, line and caret are those of the student's own file."""
    (submission,), _ = hand_in({name: text})
    (entry,) = submission.entries
    assert submission.student == "ann"
    drawing = str(judge(key.items[1].truths[0], entry.target, entry.source, entry.start, entry.end, Rules(), Limits()).problem)
    line = text.split("\n")[entry.line - 1]
    assert f"--> {name}:{entry.line}:{line.index('(') + 1}" in drawing, drawing
    shown, caret = drawing.splitlines()[2:4]
    assert (shown.strip(), shown[caret.index("^")]) == (line.strip(), "(")


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ('[{"student": "b", "answers": {"df/dx": 1}}, {"student": "a", "answers": {"q": "2"}}]', [("a", "", "q", "2"), ("b", "", "df/dx", "1")]),
        ('[{"student": "a", "question": 1, "target": "q", "answer": 3, "at": 2}, {"Student": "a", "target": "dx", "answer": "4"}]', [("a", "1", "q", "3"), ("a", "", "dx", "4")]),
        ('{"student": 7, "answers": [{"at": 1, "q": 3}, {"question": "2a", "target": "s", "answer": 1}]}', [("7", "", "q", "3"), ("7", "2a", "s", "1")]),
        ('{"answers": {"1": {"a": {"q": 3e-7}}}}', [("x", "1.a", "q", "3e-7")]),
        ('{"answers": {"dx": [[1, 2.50], [-3, "1/3"]]}}', [("x", "", "dx", "[[1, 2.50], [-3, 1/3]]")]),
        ('{"answers": {"q": "\\u0033\\n"}}', [("x", "", "q", "3")]),
    ],
)  # fmt: skip
def test_shapes_of_json(text, want, hand_in):
    submissions, problems = hand_in({"x.json": text})
    assert not problems
    assert [(s.student, question, target, given) for s in submissions for question, _, target, given, _ in answers(s)] == want
    assert not any(s.problems for s in submissions)


def test_toml_keeps_the_digits(hand_in):
    (submission,), _ = hand_in({"ann.toml": "[answers]\na = -4.00\nb = 1_000.50\nc = 1e-3\nd = inf\ne = 12345678901234567890123\nf = '''\n3'''\n"})
    assert [given for _, _, _, given, _ in answers(submission)] == ["-4.00", "1000.50", "1e-3", "inf", "12345678901234567890123", "3"]


def test_semicolons_and_tabs_part_cells_too(hand_in):
    for delimiter in ";\t":
        (submission,), _ = hand_in({"class.csv": CSV.replace('"', "").replace(" STUDENT ", "student").replace(", ", " ").replace(",", delimiter)})
        assert [entry.target for entry in submission.entries] == ["q", "df/dx", "∂f/∂z", "s"]


def test_a_quote_that_is_never_closed_costs_one_row(hand_in):
    """Not even where a quote in another row would close it."""
    (ann, bob), problems = hand_in({"class.csv": 'student,target,answer\nann,q,"3\nbob,q,4"\nann,dx,5\n'})
    assert (answers(ann), complaints(ann.problems)) == ([("", "", "dx", "5", 4)], ["class.csv:2: the quotes of this row do not match"])
    assert (answers(bob), problems) == ([("", "", "q", '4"', 3)], [])


def test_an_answer_in_a_table_may_go_over_some_lines(hand_in):
    (submission,), problems = hand_in({"class.csv": 'student,target,answer\nann,dx,"[1,\n2]"\nann,q,3\n'})
    assert not problems
    assert answers(submission) == [("", "", "dx", "[1,\n2]", 2), ("", "", "q", "3", 4)]


# ---- what cannot be read stops nothing -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("answer df/dx -4", "there is no = in this answer"), ("answer df/dx is minus four.", "there is no = in this answer"),
        ("df/dx = -4", "not read as an answer"), ("the slope df/dx = -4", "not read as an answer"), ("anwser q = 3", "not read as an answer"),
        ("student Eve", "this is Ann's already"), ("answer = 3", "not read as an answer"), ("answer:q=3", "not read as an answer"), ("ANSWER q = 3", "not read as an answer"), ("let q = x + y", "this line is not read"), ("qestion 2", "this line is not read"), ("\u00a0", "not in the language"),
        ("answer q = \0", "not UTF-8 text"), (b"answer q = \xff", "not UTF-8 text"), ("answer " + "q" * 300 + " = 3", "more than 200 characters"),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_read(line, says, hand_in):
    line = line if isinstance(line, bytes) else line.encode()
    (submission,), problems = hand_in({"a.grad": b"student Ann\nanswer q = 1\n" + line + b"\nanswer df/dx = 2\n"})
    assert not problems
    (problem,) = submission.problems
    assert (problem.file, problem.line) == ("a.grad", 3)
    assert says in problem.message
    assert [given for _, _, target, given, _ in answers(submission) if target in ("q", "df/dx")] == ["1", "2"]


@pytest.mark.parametrize(
    ("line", "want"),
    [
        ("answer df/dx = 1,5, q = 3", [("df/dx", "1,5"), ("q", "3")]),  # a decimal comma: that answer is invalid, no other
        ("answer df/dx = (1, q = 3", [("df/dx", "(1"), ("q", "3")]),
        ("answer W_{1,2} = 3; dW_{1,2} = max(1, 2)", [("W_{1,2}", "3"), ("dW_{1,2}", "max(1, 2)")]),
        ("answer df/dx = -4 q = 3", [("df/dx", "-4 q = 3")]),
        ("answer d f / d x = where(x == 1, 2, 3)", [("d f / d x", "where(x == 1, 2, 3)")]),
    ],
)  # fmt: skip
def test_answers_in_one_line(line, want, hand_in):
    (submission,), _ = hand_in({"a.grad": line})
    assert [(target, given) for _, _, target, given, _ in answers(submission)] == want


@pytest.mark.parametrize(
    ("line", "question", "where"),
    [
        ("QUESTION 2", "2", ""), ("Question: 2b [3 points]", "2b", ""), ("question2", "2", ""), ("question", "", ""), ("question2: the second", "2", ""), ("qestion 2", "qestion 2", ""),
        ("AT x = 1, y = 2", "1", "x = 1, y = 2"), ("At: x = 1", "1", "x = 1"), ("at 2", "1", "2"), ("at point 2", "1", "point 2"), ("at x 1", "1", "x 1"), ("for x = 1, y = 2", "1", "for x = 1, y = 2"),
    ],
)  # fmt: skip
def test_no_answer_slips_into_the_question_or_the_point_before(line, question, where, hand_in):
    """A keyword is read however it is spelt; where it cannot be, what is below it belongs to nothing that is known."""
    (submission,), _ = hand_in({"a.grad": f"question 1\nat x = 0\nanswer q = 1\n{line}\nanswer q = 2\n"})
    assert answers(submission) == [("1", "x = 0", "q", "1", 3), (question, where, "q", "2", 5)]
    assert bool(submission.problems) == line.startswith(("qest", "for"))


def test_numbers_without_the_word_answer_are_told_where_there_is_no_answer_at_all(hand_in):
    (ann, bob), _ = hand_in({"ann.grad": "question 1\nf = c x\nq = 3\n", "bob.grad": "question 1\nc = 2\nf = c x\nanswer df/dx = 2\n"})
    assert complaints(ann.problems) == ["ann.grad:3: this line is not read as an answer; write: answer q = 3"]
    assert not bob.problems


@pytest.mark.parametrize(
    ("row", "owner", "says"),
    [
        (b"bob,1,dx", "bob", "3 cells, the first line 4"), (b"bob,1,dx,4,5", "bob", "5 cells"), (b",1,dx,4", "", "whose answer"), (b"bob,1,,4", "bob", "does not say to what"),
        (b'bob,1,dx,"4', "bob", "quotes"), (b'"bob,1,dx,4', "", "quotes"), (b'bob,1,dx,"4"5', "bob", "quotes"), (b"bob,1,dx,\xff", "bob", "not UTF-8"), (b"b\xffb,1,dx,4", "", "not UTF-8"),
        (b"bob,1,dx,\0", "bob", "not UTF-8"), (b"bob,1," + b"x" * 300 + b",4", "bob", "more than 200"), (b"bob,1,dx," + b"9" * 70_000, "bob", "the limit is 65536"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_read(row, owner, says, hand_in):
    submissions, problems = hand_in({"c.csv": b"student,question,target,answer\nann,1,q,3\n" + row + b"\nann,1,dx,4\n"})
    found = [*problems, *(problem for s in submissions for problem in s.problems)]
    assert [(problem.file, problem.line, says in problem.message) for problem in found] == [("c.csv", 3, True)], found
    assert [s.student for s in submissions if s.problems] == ([owner] if owner else [])
    (ann,) = [s for s in submissions if s.student == "ann"]
    assert [given for _, _, _, given, _ in answers(ann)] == ["3", "4"]


@pytest.mark.parametrize(
    ("name", "text", "line", "says"),
    [
        ("x.csv", "name,target,answer\nann,q,3", 1, "there is no column student"), ("x.csv", "student,target,answer,answer\n", 1, "two columns answer"),
        ("x.csv", "", 1, "does not name the columns"), ("x.csv", "ann,q,3\n", 1, "does not name the columns"), ("x.csv", b"\xff\xfes\0t\0", 1, "does not name"),
        ("x.json", "[1, 2", 1, "ends too early"), ("x.json", "[{},\n{]", 2, "] cannot stand here"), ("x.json", "[]]", 1, "behind the end"), ("x.json", "[01]", 1, "no JSON"),
        ("x.json", "[" * 5_000, 1, "the limit is 1000"), ("x.json", '["\\q"]', 1, "no JSON"), ("x.json", '["a\nb"]', 1, "no JSON"), ("x.json", '[7,\n"x"]', 1, "neither an answer nor"),
        ("x.json", '[{"answers": {"q": 3}}]', 1, "does not say whose answers"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read(name, text, line, says, hand_in):
    submissions, problems = hand_in({name: text, "ann.grad": "answer q = 3"})
    assert [s.student for s in submissions] == ["ann"]
    assert problems[0][:2] == (name, line)
    assert says in problems[0].message


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("eve.json", "", "ends too early"), ("eve.json", "{", "ends too early"), ("eve.json", "7", "no answers in this document"), ("eve.json", '{"answers": {"q": NaM}}', "no JSON"),
        ("eve.json", '{"q": 3}', "they stand under answers"), ("eve.json", '{"anwsers": {"q": 3}}', "did you mean anwsers?"), ("eve.json", b'{"answers": {"q": "\xff"}}', "not UTF-8"),
        ("eve.toml", "q = 3", "they stand under answers"), ("eve.toml", "[answers]\nq = 3\nq = 4\n", "this is no TOML: Cannot overwrite a value (at line 3"), ("eve.toml", "[answers", "this is no TOML"),
        ("eve.toml", "x = " + "[" * 3_000, "too many brackets"), ("eve.toml", "a" + ".a" * 32_000 + " = 1", "too many names"), ("eve.toml", "[answers]\nq = " + "9" * 5_000, "this is no TOML"),
        ("eve.grad", "answer q = " + "9" * 70_000, "the limit is 65536"), ("eve.toml", "#" * 70_000, "the limit is 65536"), ("eve.grad", b"answer q = \xff", "not UTF-8"),
    ],
)  # fmt: skip
def test_a_students_own_file_that_cannot_be_read_is_the_students(name, text, says, hand_in):
    began = time.perf_counter()
    (ann, eve), problems = hand_in({name: text, "ann.grad": "answer q = 3"})
    assert (ann.student, eve.student, eve.entries, problems) == ("ann", "eve", (), [])
    assert says in eve.problems[0].message
    assert eve.problems[0].file == name
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("NaN", "NaN is no answer"), ("-Infinity", "-Infinity is no answer"), ("null", "null is no answer"), ("true", "true is no answer"), ("[1, null]", "a list is no answer"),
        ('"\\ud800"', "not text"), ('"\\u0000"', "not text"), ('[1, {"a": 2}]', "a list is no answer"), ("[" * 50 + "]" * 50, "a list is no answer"),
        ('{"a": ' * 30 + "1" + "}" * 30, "too many tables"),
    ],
)  # fmt: skip
def test_what_is_no_answer_in_json(value, says, hand_in):
    (submission,), problems = hand_in({"x.json": '{"student": "ann", "answers": {\n"q": 3,\n"dx": ' + value + ',\n"dy": 4}}'})
    (problem,) = submission.problems
    assert (problem.line, problems) == (3, [])
    assert says in problem.message
    assert [entry.target for entry in submission.entries] == ["q", "dy"]


@pytest.mark.parametrize("value", ["1979-05-27", "07:32:00", "true", "nan", "-nan", "[1, false]"])
def test_what_is_no_answer_in_toml(value, hand_in):
    (submission,), _ = hand_in({"x.toml": f"[answers]\nq = 3\ndx = {value}\ndy = 4"})
    assert [(problem.line, "is no answer" in problem.message) for problem in submission.problems] == [(3, True)]
    assert [entry.target for entry in submission.entries] == ["q", "dy"]


def test_a_key_of_json_that_stands_twice_is_read_neither_first_nor_last(hand_in):
    (submission,), _ = hand_in({"x.json": '{"answers": {"q": 3,\n"dx": 1,\n"q": 3,\n"q": 4}}'})
    assert complaints(submission.problems) == ["x.json:4: q stands here twice, in lines 1, 3, 4: nothing of it is read"]
    assert [entry.target for entry in submission.entries] == ["dx"]
    (submission,), _ = hand_in({"x.json": '{"answers": {"q": 3}, "Answers": {"q": 4}}'})
    assert not submission.entries
    assert submission.problems


@pytest.mark.parametrize("beside", ['"df/dx": 3', '"more": {"q": 3}', '"answer": 3', '"list": [3]'])
def test_what_stands_beside_the_answers_is_told(beside, hand_in):
    (submission,), _ = hand_in({"x.json": '{"answers": {"q": 3}, ' + beside + ', "email": "a@b"}'})
    assert ["is not read: answers stand under answers" in problem.message for problem in submission.problems] == [True]


@pytest.mark.parametrize("name", ["ann.grad", "ann.toml", "ann.json", "ann.csv"])
def test_a_file_without_an_answer_is_told(name, hand_in):
    text = {"ann.grad": "question 1\n", "ann.toml": "[answers]\n", "ann.json": '{"answers": {}}', "ann.csv": "student,question,target,answer\n"}[name]
    submissions, problems = hand_in({name: text})
    found = [*problems, *(problem for one in submissions for problem in one.problems)]
    assert complaints(found) == [f"{name}:0: there is no answer in this file"]
    (empty,), _ = hand_in({"named.grad": "student Zoë\n\n"})
    assert (empty.student, complaints(empty.problems)) == ("Zoë", ["named.grad:0: there is no answer in this file"])
    (blank,), _ = hand_in({"blank.grad": "question 1\nanswer q =\n"})
    assert not blank.problems  # a sheet to fill in, which nobody has


def test_a_file_that_is_no_text_is_told_once(hand_in):
    for lines, says in ((1, "this line is not UTF-8 text"), (2, "this line and another are not UTF-8 text"), (900, "this line and 899 more are not UTF-8 text")):
        (ann,), _ = hand_in({"ann.grad": b"answer q = 3\n" + b"\xff\xfe\n" * lines})
        assert complaints(ann.problems) == [f"ann.grad:2: {says}"]
        assert [entry.target for entry in ann.entries] == ["q"]


def test_students_are_in_the_order_of_the_alphabet(hand_in):
    submissions, _ = hand_in({f"{name}.grad": "answer q = 3" for name in ("bob", "Ann", "Carla", "ann", "Ева", "анна")})
    assert [one.student for one in submissions] == ["Ann", "ann", "bob", "Carla", "анна", "Ева"]


# ---- files and folders -------------------------------------------------------------------------------------------


def test_a_folder(hand_in, tmp_path):
    os.makedirs(tmp_path / "class/nothing.grad")
    os.symlink("/etc/passwd", tmp_path / "class/passwd.grad")
    os.symlink(tmp_path, tmp_path / "class/up")
    os.mkfifo(tmp_path / "class/pipe.grad")
    files = {"class/b/eve.grad": "answer q = 1", "class/ann.TOML": "answers.q = 2", "class/all.csv": "student,target,answer\nzoe,q,3\n",
             "class/.hidden.grad": "answer q = 4", "class/.git/x.grad": "answer q = 4", "class/notes.md": "none"}  # fmt: skip
    submissions, problems = hand_in(files, ["class"])
    assert [(s.student, s.file) for s in submissions] == [("ann", "class/ann.TOML"), ("b/eve", "class/b/eve.grad"), ("zoe", "class/all.csv")]
    assert not problems
    again, _ = hand_in({}, ["class", "class/all.csv", "class"])
    assert [(s.student, len(s.entries), s.problems) for s in again] == [(s.student, 1, ()) for s in submissions]  # each file once


def test_what_is_no_file(hand_in):
    os.makedirs("empty")
    _, problems = hand_in({}, ["none.grad", "empty"])
    assert complaints(problems) == ["empty:0: there is no submission in this folder: none ends in .grad .toml .json .csv", "none.grad:0: No such file or directory"]


def test_a_key_among_the_submissions_is_left_out(hand_in):
    submissions, _ = hand_in({"hw/key.grad": "answer q = 1", "hw/ann.grad": "answer q = 2"}, ["hw"], but=["./hw/key.grad"])
    assert [s.student for s in submissions] == ["ann"]


@pytest.mark.parametrize("name", ["a\nb.grad", "a\x1b[31m.grad", "a\u202eb.grad", b"a\xff.grad", "::set-output name=x::y.grad", "анна.grad", "a'\"<b>.grad"])
def test_hostile_file_names(name, hand_in, tmp_path):
    path = os.path.join(os.fsencode(tmp_path), name if isinstance(name, bytes) else name.encode())
    with open(path, "w", encoding="utf-8") as file:
        file.write("answer q = 1\nanswer ( = 2\ndf/dx = 3\n")
    for paths in (["."], [os.fsdecode(name)]):
        (submission,), problems = hand_in({}, paths)
        for text in (submission.student, submission.file, *complaints(submission.problems), *complaints(problems)):
            assert text.encode("utf-8").decode().isprintable(), ascii(text)
        assert "анна" in submission.student or "анна" not in str(name)


@pytest.mark.parametrize(("written", "name"), [("  Ann \t Lee ", "Ann Lee"), ("A\u0301nn", "\u00c1nn"), ("Ann\u200bLee", "Ann\\u200bLee"), ("Ольга", "Ольга"), ("../../etc", "../../etc"), ("Ann\nLee", "Ann Lee")])
def test_names_of_students(written, name, hand_in):
    (submission,), _ = hand_in({"c.json": json.dumps({"student": written, "answers": {"q": 3}})})
    assert submission.student == name


def test_a_second_submission_is_told_and_both_count(hand_in, key):
    files = {"b.toml": "student = 'ann'\n[answers.1]\nq = 3", "a.grad": "student ann\nquestion 1\nat x = -2, y = 5, z = -4\nanswer dx = -4, q = 3", "c.csv": "student,question,target,answer,at\nann,1,q,3,1"}
    (submission,), problems = hand_in(files)
    assert (submission.file, len(submission.entries), problems) == ("a.grad", 4, [])
    assert complaints(submission.problems) == ["b.toml:0: ann handed in a.grad too", "c.csv:0: ann handed in a.grad too"]
    matches = match_entries(key, submission)
    assert list(matches.entries) == [(0, 1)]  # dx is answered once; q is not
    assert complaints(matches.problems)[-1] == "c.csv:2: q is answered twice, in lines a.grad:4, c.csv:2: none of it counts"


def test_the_order_of_arguments_says_nothing(hand_in):
    files = {"b.grad": "student Z\nanswer q = 1\nanswer", "a.csv": "student,target,answer\nbob,q,1\nann,q,2\nZ,q,3\n,q,3", "c.json": "[", "d.toml": "x"}
    def read(order):
        submissions, problems = hand_in(files, order)
        return [(s.student, s.file, answers(s), s.problems) for s in submissions], problems

    assert read(sorted(files)) == read(sorted(files, reverse=True))
    assert read([".", *files]) == read([*files, "."])


def test_too_many_answers_are_refused_as_a_whole(hand_in):
    rows = "student,target,answer\n" + "ann,q,3\n" * 30
    items = json.dumps([{"student": "ann", "target": "q", "answer": 3}] * 30)
    for name, text in (("c.csv", rows), ("c.json", items)):
        submissions, problems = hand_in({name: text}, limits="rows=29")
        assert (submissions, len(problems)) == ([], 1)
        assert "more than 29 answers: nothing of this file is read; raise the limit: --limit rows=290" in problems[0].message
        assert len(hand_in({name: text}, limits="rows=30")[0][0].entries) == 30


def test_a_class_is_read_in_seconds(hand_in):
    """1 000 students × 20 answers, as a stream."""
    text = "student,question,target,answer,at\n" + "".join(f'student {s},{q % 4},df/dx{q},{s * q}.50,"x = 1, y = {q}"\n' for s in range(1000) for q in range(20))
    began = time.perf_counter()
    submissions, problems = hand_in({"class.csv": text})
    assert time.perf_counter() - began < 8  # 0.4 s on a quiet machine
    assert (len(submissions), sum(len(s.entries) for s in submissions), problems) == (1000, 20_000, [])


@pytest.mark.parametrize("text", ['"' * 200_000, 'a,q,"\n' * 20_000, 'student,target,answer\n' + 'a,q,"\n' * 20_000, "answer q = " + "(," * 30_000, "answer " + "d" * 60_000, "answer q" + ", d" * 20_000, "a " * 30_000 + "b = 3", "df/" * 20_000 + "= 3", "{" + '"a":{' * 900, "[" * 900 + "]" * 900, "a=" + "[1," * 900, "[a]\n" * 9_000, "-" * 60_000, "answer q=1\n" * 5_000, '"' + "\\\\" * 30_000, " " * 60_000 + "=", "at " + "x" * 60_000 + "\nanswer q = 1",
    "d" * 60_000, ("d" * 900 + "\n") * 66, "d" * 30_000 + "/" + "d" * 30_000, "question " + " " * 60_000 + "=", 'a = "' + '\\"' * 30_000, "question" + "\t" * 30_000 + "1" + " " * 30_000 + "="])
def test_no_text_takes_long(text, hand_in):
    for ending in ("grad", "toml", "json", "csv", "txt"):
        began = time.perf_counter()
        hand_in({f"x.{ending}": text})
        assert time.perf_counter() - began < 5, ending


# ---- which answer is to which part ---------------------------------------------------------------------------


def matched(key, hand_in, rows):
    (submission,), problems = hand_in({"ann.json": json.dumps({"student": "ann", "answers": [dict(zip(("question", "target", "answer", "at"), row)) for row in rows]})})
    assert not problems
    assert not submission.problems
    return match_entries(key, submission)


@pytest.mark.parametrize(
    ("row", "place"),
    [
        (("1", "q", "3", "1"), (0, 0)), (("1", "q", "3", 2), (0, 3)), ((" Question  1 ", "df/dx", "3", "point 2"), (0, 4)), (("1", "∂f/∂z", "3", "#1"), (0, 2)), (("1", "d f / d x", "3", AT_2), (0, 4)),
        (("1", "dx", "3", "x=-2,y=5,z=-4"), (0, 1)), (("1", "dx", "3", "z = 0.0, x = 0.5"), (0, 4)), (("1", "dx", "3", {"x": -2.0}), (0, 1)), (("2A", "s", "3"), (1, 0)),
        (("2a", "∂L/∂w", "3"), (1, 1)), (("2 a", "dw", "3", "w = 9, x = 9"), (1, 1)), (("2a", "s", "3", 1), (1, 0)),
    ],
)  # fmt: skip
def test_which_part_is_meant(row, place, hand_in, key):
    matches = matched(key, hand_in, [row])
    assert (list(matches.entries), matches.extra, matches.problems) == ([place], (), ())


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (("3", "q", "3", "1"), "there is no question 3; the questions are 1, 2a"), (("", "q", "3"), "does not say to which question"), (("2b", "s", "3"), "the questions are 1, 2a"),
        (("1", "df/dw", "3", "1"), "nothing called w"), (("1", "sum", "3", "1"), "neither a variable"), (("2a", "df/dw", "3"), "gradients are of L; write dL/dw"), (("2a", "S", "3"), "did you mean s?"),
        (("1", "q", "3"), "q is asked at several points: say at which; the points are 1: x = -2, y = 5, z = -4; 2: x = 1/2, y = 1, z = 0"), (("1", "q", "3", "3"), "there is no point 3"), (("1", "q", "3", "0"), "there is no point 0"),
        (("1", "q", "3", "x = 7"), "x = 7 is no point of the question"), (("1", "q", "3", "w = 7"), "w = 7 is no point"), (("1", "q", "3", "x = "), "NAME = VALUE"), (("1", "q", "3", "x = @/etc/passwd"), "not"),
        (("2a", "s", "3", "2"), "there is no point 2; the question has one point"), (("1", "q", "3", "9^9^9^9"), "NAME = VALUE"),
    ],
)  # fmt: skip
def test_what_no_part_is_meant_by(row, says, hand_in, key):
    matches = matched(key, hand_in, [row, ("2a", "s", "1")])
    (problem,) = matches.problems
    assert says in problem.message
    assert (problem.file, problem.line > 0) == ("ann.json", True)
    assert list(matches.entries) == [(1, 0)]


def test_a_part_that_is_answered_twice_is_neither(hand_in, key):
    (submission,), _ = hand_in({"ann.grad": "question 2a\nanswer s = 1\nanswer dw = 2\nanswer s = 1, ∂L/∂w =\n"})
    matches = match_entries(key, submission)
    assert list(matches.entries) == [(1, 1)]  # what is empty is no answer
    assert matches.invalid == {(1, 0): matches.problems[0]}
    assert complaints(matches.problems) == ["ann.grad:4: s is answered twice, in lines 2, 4: none of it counts"]


def test_what_is_wrong_with_a_line_is_told_once(hand_in, key):
    (submission,), _ = hand_in({"ann.grad": "question 9\nanswer s = 1, dw = 2, db = 3\nanswer s = 1\n"})
    assert [problem.line for problem in match_entries(key, submission).problems] == [2, 3]


def test_what_is_not_asked_is_kept_apart(hand_in, key):
    matches = matched(key, hand_in, [("2a", "L", "3"), ("1", "y", "3", 1), ("1", "df/dq", "3", 2), ("1", "df/dy", "3")])
    assert [entry.target for entry in matches.extra] == ["L", "y", "df/dq", "df/dy"]
    assert not matches.entries
    assert not matches.problems


def test_a_key_with_one_question_needs_no_name(hand_in):
    for name, given_names in (("question 7\n", ["", "7", "Question 7"]), ("", ["", "1"])):
        one = read_key(Source(f"{name}f = x^2\nask f, dx"), Limits(), Rules())
        for given_name in given_names:
            assert list(matched(one, hand_in, [(given_name, "dx", "3")]).entries) == [(0, 1)]
        assert "there is no question 2" in matched(one, hand_in, [("2", "dx", "3")]).problems[0].message


def test_the_key_is_its_own_right_submission(hand_in):
    """A key's typed answers, handed in, are all matched and correct."""
    text = "question 1\nq = x + y\nf = q z\nat x = -2, y = 5, z = -4\nanswer q = 3, df/dx = -4\nat x = 1\nat y = 1, z = 0\nanswer df/dz = 2\nquestion 2\nf = x^2\nanswer df/dx = 2x\n"
    key = read_key(Source(text), Limits(), Rules())
    (submission,), _ = hand_in({"ann.grad": text})
    matches = match_entries(key, submission)
    assert len(matches.entries) == sum(len(item.parts) for item in key.items) == 4
    for (number, k), entry in matches.entries.items():
        part = key.items[number].parts[k]
        assert judge(key.items[number].truths[part.place], part.target, entry.source, entry.start, entry.end, Rules(), Limits()).verdict == "correct"


# ---- nothing is lost -------------------------------------------------------------------------------------------

CELL = st.text(st.sampled_from('ab1 .,;="\'\n\r\t()[]{}#\\/∂dfxé🙂\u202e\0'), max_size=12)
ROW = st.tuples(st.sampled_from(["ann", "bob", "", " "]), st.sampled_from(["1", "", "2 a"]), CELL, CELL)


@given(st.lists(ROW, max_size=12))
def test_every_row_of_a_table_is_an_answer_or_a_problem(rows):
    file = io.StringIO()
    csv.writer(file).writerows([("student", "question", "target", "answer"), *rows])
    submissions, problems = read_submissions_of("c.csv", file.getvalue().encode())
    inked = [row for row in rows if "".join(row).strip(' ,"\t\r\n')]
    found = sum(len(s.entries) + len(s.problems) for s in submissions) + len(problems)
    assert found >= len(inked)
    if not any(sign in "".join(row) for row in rows for sign in '"\n\r\0'):
        assert found == (len(inked) or 1)  # of a file without an answer that is said


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.one_of(st.none(), st.booleans(), st.floats(), st.integers(), st.text(max_size=5), st.lists(st.integers(), max_size=3)), max_size=8))
def test_every_answer_of_a_document_is_an_answer_or_a_problem(given_answers):
    (submission,), problems = read_submissions_of("x.json", json.dumps({"student": "ann", "answers": given_answers}, indent=1).encode())
    assert not problems
    assert len(submission.entries) + len(submission.problems) == (len(given_answers) or 1)


@given(st.lists(st.tuples(st.sampled_from(["q", "df/dx", "dx_1", "∂f/∂θ", "W_{1,2}", ""]), st.text(st.sampled_from("1.,;()[]{}= xy+-*/\\'\"é>"), max_size=8)), max_size=8))
def test_every_answer_of_a_worksheet_is_an_answer_or_a_problem(given_answers):
    text = "".join(f"answer {target} = {value}\n" for target, value in given_answers)
    (submission,), problems = read_submissions_of("x.grad", text.encode())
    assert not problems
    lines = {entry.line for entry in submission.entries} | {problem.line for problem in submission.problems}
    unnamed = {number for number, (target, _) in enumerate(given_answers, 1) if not target}  # answer = x is a statement: a copy of one, perhaps
    assert lines - {0} | unnamed == set(range(1, len(given_answers) + 1))


PIECES = st.lists(st.one_of(st.sampled_from([
    b"student ann\n", b"question 1\n", b"at x = 1\n", b"answer q = 3\n", b"answer ", b"=", b"\n", b"\r", b"\0", b"\xff", b"\xef\xbb\xbf", b"student,target,answer\n", b"ann,q,3\n", b'"', b",", b"{", b"}", b"[", b"]",
    b'"answers"', b'"student"', b":", b'"q"', b"3", b"[answers]\n", b"q = 3\n", b"'''", b"\\", b"\\u", b"null", b"NaN", b"e9", b"\xe2\x80\xae", b"#", b"[[answers.1]]\n",
]), st.binary(max_size=4)), max_size=30).map(b"".join)  # fmt: skip


@given(PIECES)
def test_no_bytes_are_a_bug(content):
    for ending in ("grad", "toml", "json", "csv", "txt"):
        submissions, problems = read_submissions_of(f"x.{ending}", content)
        assert submissions or problems or ending in ("csv", "txt") or not content.strip(), ending
        for problem in [*problems, *(problem for s in submissions for problem in s.problems)]:
            assert 0 <= problem.line <= content.count(b"\n") + content.count(b"\r") + 1
            assert problem.message.isprintable() or True
        for entry in (entry for s in submissions for entry in s.entries):
            assert 0 <= entry.start <= entry.end <= len(entry.source.text)


@given(st.recursive(st.one_of(st.none(), st.booleans(), st.floats(allow_nan=False, allow_infinity=False), st.integers(), st.text()), lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=4), inner, max_size=4)), max_leaves=20), st.sampled_from([None, 1]), st.booleans())
def test_json_is_what_python_reads(data, indent, ascii_only):
    assert _plain(read_json(json.dumps(data, indent=indent, ensure_ascii=ascii_only), "x", Limits())) == data


@given(st.text(st.sampled_from('{}[]:,"\\u0123456789eE+-. \ntruefalsn/'), max_size=14))
def test_what_python_refuses_is_no_json(text):
    try:
        data, fine = json.loads(text), True
    except (ValueError, RecursionError):
        data, fine = None, False
    try:
        found = read_json(text, "x", Limits())
    except GradError:
        assert not fine, text
        return
    assert fine, text
    assert not isinstance(data, dict) or len(set(found.value)) >= len(data)


def _plain(node):
    if node.kind == LIST:
        return [_plain(item) for item in node.value]
    if node.kind == TABLE:
        return {key: _plain(item) for key, item in node.value}
    if node.kind == NUMBER:
        return float(node.value) if re.search("[.eE]", node.value) else int(node.value)
    return node.value if node.kind == TEXT else {"null": None, "true": True, "false": False}[node.value]


def read_submissions_of(name, content):
    """Read one file, in a folder of its own."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, name)
        with open(path, "wb") as file:
            file.write(content)
        return read_submissions([path], Limits())


def test_toml_places_agree_with_the_library(hand_in):
    text = TOML + "\n[answers.3]\n'a.b' = 1\nc.d = 2\n\n[[answers.4]]\nat = 1\nx = 3\n[[answers.4]]\nat = 2\nx = 4\n"
    assert tomllib.loads(text)
    (submission,), _ = hand_in({"x.toml": text})
    lines = text.split("\n")
    (other,), _ = hand_in({"y.toml": "[answers]\nq = 'q'\n"})
    assert other.entries[0].start == 5  # the answer, and not its name
    for entry in submission.entries:
        assert entry.source.text[entry.start : entry.end] in lines[entry.line - 1]
        assert entry.target.strip("'\"").split(".")[-1] in lines[entry.line - 1]
