"""The reports on a class: each is looked at in tests/golden/grades, and read again by what it is for."""

import csv
import io
import json
import time
from fractions import Fraction
from pathlib import Path

import consumers
import gradebook
import pytest
from conftest import ROOT, run_there
from gradebook import A, B, alone, correct, invalid, mark, unanswered, undecided, wrong

from gradcli.classroom.marks import Graded, Problem, Sheet
from gradcli.errors import GradError
from gradcli.render.forms import Look
from gradcli.render.grades import summary
from gradcli.render.grades.forms import REPORTS, report, report_of
from gradcli.wording import language, said

GOLDEN = Path(__file__).parent / "golden" / "grades"
PLATFORM = {
    "CLASSROOM": "calculus", "ASSIGNMENT": "homework", "ASSIGNMENT_TYPE": "individual", "USERNAME": "boris", "SUBMISSION_TAG": "submit/2026-06-01T14-32-05Z-a1b2c3d",
    "COMMIT_URL": "https://example.org/commit/a1b2c3d", "RELEASE_URL": "https://example.org/releases/1",
}  # fmt: skip
SINGLE = [row.name for row in REPORTS if row.single]


def rendered(name, graded=gradebook.CLASS, reveal="all", lang="en", **look):
    row = report(name)
    look = Look(words=language(lang), **look)
    return "".join(row.pages(graded, look, reveal).values()) if row.folder else row.render(graded, look, reveal, PLATFORM)


def of_every_report(graded, reveal, lang="en", **look):
    """Yield (name, text) of every report; those of one student, student by student."""
    for row in REPORTS:
        for one in [alone(sheet) for sheet in graded.sheets] if row.single else [graded]:
            yield row.name, rendered(row.name, one, reveal, lang, **look)


# ---- looked at ----------------------------------------------------------------------------------------------

BORIS = alone(gradebook.BORIS)
PICTURES = {
    "class.txt": lambda: rendered("table", width=80),
    "class-ru.txt": lambda: rendered("table", lang="ru"),
    "class-narrow.txt": lambda: rendered("table", width=46),
    "class-where.txt": lambda: rendered("table", reveal="where", width=80),
    "student.txt": lambda: rendered("table", BORIS, width=80),
    "student-hint.txt": lambda: rendered("table", BORIS, "hint"),
    "student-colours.txt": lambda: rendered("table", BORIS, color=True).replace("\x1b", "ESC"),
    "class.json": lambda: rendered("json"),
    "class.csv": lambda: rendered("csv"),
    "plain.txt": lambda: rendered("plain"),
    "junit.xml": lambda: rendered("junit"),
    "github.txt": lambda: rendered("github"),
    "summary.md": lambda: rendered("summary"),
    "gradescope.json": lambda: rendered("gradescope", BORIS),
    "prairielearn.json": lambda: rendered("prairielearn", BORIS),
    "classroom50.json": lambda: rendered("classroom50", BORIS),
    "index.md": lambda: report("markdown").pages(gradebook.CLASS, Look(), "hint")["index.md"],
    "feedback.md": lambda: list(report("markdown").pages(BORIS, Look(), "hint").values())[1],
    "feedback-ru.md": lambda: list(report("markdown").pages(BORIS, Look(words=language("ru")), "all").values())[1],
}  # fmt: skip


@pytest.mark.parametrize("file", PICTURES)
def test_golden(file, update_golden):
    made = PICTURES[file]()
    if update_golden:
        GOLDEN.mkdir(exist_ok=True)
        (GOLDEN / file).write_text(made, encoding="utf-8")
    assert made == (GOLDEN / file).read_text(encoding="utf-8")


def test_every_golden_file_is_tested():
    assert {path.name for path in GOLDEN.iterdir()} == set(PICTURES)


def test_nothing_in_the_terminal_is_wider_than_it():
    for width in (40, 60, 80, 120):
        for graded in (gradebook.CLASS, BORIS):
            assert max(map(len, rendered("table", graded, width=width).splitlines())) <= width
            assert "…" not in rendered("table", graded, width=width)


def test_a_terminal_that_has_only_ascii():
    for graded in (gradebook.CLASS, BORIS):
        look = Look(width=80)
        look.be_ascii()
        assert report("table").render(graded, look, "all").isascii()


def test_many_questions_make_several_tables():
    marks = tuple(mark(str(n), "", correct("df/dx", "1"), Fraction(10)) for n in range(1, 31))
    out = rendered("table", Graded("k", (Sheet("ann", "a", marks), Sheet("bob", "b", marks))), width=80)
    assert out.count("student") == 4 + 1  # and the line that counts them
    assert max(map(len, out.splitlines())) <= 80
    assert out.count("300") == 2 + 2  # the total of each, the mean, and what there was to earn


# ---- which report -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "name"),
    [("a.txt", "table"), ("a.JSON", "json"), ("a.b.csv", "csv"), ("x/a.xml", "junit"), ("a.md", "summary"), ("a.markdown", "summary"), ("pages/", "markdown")],
)
def test_endings(file, name):
    assert report_of(file).name == name


@pytest.mark.parametrize("file", ["a.pdf", "a", ".json", "json", "a.html"])
def test_endings_that_name_nothing(file):
    with pytest.raises(GradError) as caught:
        report_of(file)
    assert caught.value.kind == "bad-usage"
    assert ".json, .csv, .xml, .md" in caught.value.hint


def test_names():
    assert [report(row.name) for row in REPORTS] == list(REPORTS)
    assert (report("xml"), report("annotations")) == (report("junit"), report("github"))
    with pytest.raises(GradError) as caught:
        report("gradscope")
    assert caught.value.hint == "did you mean gradescope?"


@pytest.mark.parametrize("name", SINGLE)
def test_a_platform_that_grades_one_student_refuses_a_class(name):
    with pytest.raises(GradError, match="it is of one student, and here are 4"):
        rendered(name)
    assert rendered(name, Graded("k", (), (Problem("a.grad", 3, said("empty")),)))


def test_formats_for_programs_are_english_in_every_language():
    for row in REPORTS:
        if not row.people:
            graded = BORIS if row.single else gradebook.CLASS
            assert rendered(row.name, graded, lang="ru") == rendered(row.name, graded)


def test_formats_for_people_speak():
    words = {"table": "среднее", "summary": "Частые ошибки", "markdown": "Вопрос 1"}
    assert all(word in rendered(name, lang="ru") for name, word in words.items())
    assert {row.name for row in REPORTS if row.people} == set(words)


# ---- never more than shown ----------------------------------------------------------------------------------


def secrets():
    """Return a class in which each thing that is held back is a word that occurs nowhere else."""
    witness = {"at": {"x": "WITNESS"}, "given": "WITNESS", "expected": "WITNESS"}
    slip = gradebook.slip("SLIPKIND", "SLIPSTEP", said("SLIPSAYS"))
    verdicts = [
        wrong("df/dx", "1", "EXPECTED", slip, error=said("ERRORKIND"), hint=said("HINTTEXT"), where=said("ENTRY"), witness=witness, notes=[said("NOTETEXT")]),
        wrong("df/dy", "1", "EXPECTED", error=said("ERRORKIND"), hint=said("HINTTEXT"), where=said("ENTRY"), notes=[said("NOTETEXT")]),
        wrong("df/dz", "1", "EXPECTED", error=said("kink"), hint=said("HINTTEXT")), unanswered("f", "EXPECTED"), undecided("q", "2", "EXPECTED"),
    ]  # fmt: skip
    marks = [mark("1", A, verdict, follows="FOLLOWS") for verdict in verdicts] + [mark("1", B, verdict, line=3) for verdict in verdicts]
    return Graded("key.grad", (Sheet("ann", "ann.grad", tuple(marks)), Sheet("bob", "bob.grad", tuple(marks))))


LEVELS = {
    "verdict": set(),
    "where": {"ENTRY", "SLIPSTEP", "FOLLOWS"},
    "hint": {"ENTRY", "SLIPSTEP", "FOLLOWS", "HINTTEXT", "ERRORKIND", "SLIPSAYS", "SLIPKIND"},
    "all": {"ENTRY", "SLIPSTEP", "FOLLOWS", "HINTTEXT", "ERRORKIND", "SLIPSAYS", "SLIPKIND", "EXPECTED", "WITNESS", "NOTETEXT"},
}


@pytest.mark.parametrize("reveal", LEVELS)
def test_nothing_is_shown_that_is_held_back(reveal):
    for name, text in of_every_report(secrets(), reveal):
        seen = {word for word in LEVELS["all"] if word in text}
        assert seen <= LEVELS[reveal], name
    assert {word for word in LEVELS["all"] if word in rendered("json", secrets(), reveal)} == LEVELS[reveal]


def test_a_student_sees_what_there_is_to_see():
    for name in ("table", "markdown", "gradescope", "prairielearn", "classroom50", "junit", "plain"):
        assert "SLIPSAYS" in rendered(name, alone(secrets().sheets[0]), "hint"), name
        assert "EXPECTED" in rendered(name, alone(secrets().sheets[0]), "all"), name


# ---- for programs -------------------------------------------------------------------------------------------


def test_json_has_the_documented_keys():
    found = json.loads(rendered("json"))
    assert list(found) == ["schema", "key", "verdict", "counts", "students", "problems"]
    assert (found["schema"], found["counts"]) == ("gradcli/grade/1", {"correct": 11, "incorrect": 6, "invalid": 1, "unanswered": 9, "undecided": 1})
    for student in found["students"]:
        assert list(student) == ["student", "file", "verdict", "points", "worth", "questions", "parts", "problems"]
        for part in student["parts"]:
            assert list(part) == [
                "question", "at", "line", "points", "worth", "follows",
                "target", "given", "expected", "verdict", "error", "where", "hint", "rule", "witness", "method", "notes", "diagnosis",
            ]  # fmt: skip


def test_points_are_numbers_and_their_sum_is_exact():
    third = Sheet("ann", "a", tuple(mark("1", "", correct(f"df/dx_{n}", "1"), Fraction(1, 3)) for n in range(3)))
    (student,) = json.loads(rendered("json", alone(third)))["students"]
    assert [part["points"] for part in student["parts"]] == [0.333333] * 3
    assert (student["points"], student["questions"]) == (1, [{"question": "1", "points": 1, "worth": 1}])
    assert json.loads(rendered("gradescope", alone(third)))["score"] == 1


def test_csv_has_a_row_for_each_part_and_each_problem():
    rows = list(csv.DictReader(io.StringIO(rendered("csv"))))
    assert len(rows) == 28 + 3
    assert [row["student"] for row in rows if row["step"]] == ["Chloé | O'Brien", "Chloé | O'Brien", "Борис Ковалёв", "Борис Ковалёв"]
    assert {row["file"] for row in rows if not row["question"]} == {"notes.grad", "dora.toml", "boris.grad"}
    assert round(sum(float(row["points"]) for row in rows if row["points"]), 2) == 8.58


@pytest.mark.parametrize(
    ("answer", "cell"),
    [
        ("-4", "-4"), ("+4", "+4"), ("-1.5e-3", "-1.5e-3"), ("-.5", "-.5"), ("x - 1", "x - 1"), ("-x", "'-x"), ("=1+1", "'=1+1"), ("@SUM(1)", "'@SUM(1)"),
        ("-4+1", "'-4+1"), ("+x", "'+x"), ("-2|cmd", "'-2|cmd"), ("'quoted", "''quoted"), ("\t=1", "\\x09=1"), ("1\n=1", "1\\x0a=1"), ("-inf", "'-inf"),
    ],
)  # fmt: skip
def test_no_spreadsheet_computes_an_answer(answer, cell):
    sheet = Sheet("ann", "a", (mark("1", "", wrong("df/dx", answer, "1")),))
    (row,) = csv.DictReader(io.StringIO(rendered("csv", alone(sheet))))
    assert row["answer"] == cell


def test_plain_lines_have_the_same_cells():
    lines = rendered("plain").splitlines()
    assert {line.count("\t") for line in lines} == {8}
    assert lines[1] == "Ann Lee\t1\tx = -2, y = 5, z = -4\tdf/dx\t-4\tcorrect\t0.75\t0.75\texact"
    assert lines[-1] == "Борис Ковалёв\t\t\t\t\tinvalid\t\t\tboris.grad:14: there is no question 7"


# ---- platforms ----------------------------------------------------------------------------------------------

EVERYBODY = [alone(sheet) for sheet in gradebook.CLASS.sheets] + [alone(gradebook.DORA, *gradebook.CLASS.problems), Graded("k", (), gradebook.CLASS.problems)]


@pytest.mark.parametrize("name", SINGLE)
@pytest.mark.parametrize("graded", EVERYBODY, ids=["ann", "chloe", "dora", "boris", "problems", "nobody"])
def test_platforms_take_their_results(name, graded):
    getattr(consumers, name)(json.loads(rendered(name, graded)))


def test_gradescope_shows_every_part():
    found = json.loads(rendered("gradescope", BORIS))
    assert [test["number"] for test in found["tests"]] == ["1.1", "1.2", "1.3", "1.4", "2.1", "2.2", "2.3"]
    assert [test["status"] for test in found["tests"]] == ["failed", "failed", "passed", "failed", "passed", "failed", "failed"]
    assert found["score"] == round(float(gradebook.BORIS.points), 6)
    assert "there is no question 7" in found["output"]


def test_prairielearn_takes_no_attempt_for_what_cannot_be_read():
    unread = Sheet("ann", "ann.grad", (mark("1", "", invalid("df/dx", "(3")), mark("1", "", unanswered("df/dy"))))
    assert json.loads(rendered("prairielearn", alone(unread))) == {"gradable": False, "format_errors": ["Question 1: df/dx: this ( is never closed"]}
    empty = Sheet("ann", "ann.grad", (mark("1", "", unanswered("df/dy")),))
    assert json.loads(rendered("prairielearn", alone(empty)))["score"] == 0


def test_prairielearn_takes_a_megabyte():
    for verdict in (wrong("df/dx", "x" * 300_000, "1"), invalid("df/dx", "(" * 300_000)):
        found = rendered("prairielearn", alone(Sheet("ann", "a", (mark("1", "", verdict),) * 5 + (mark("1", "", correct("f", "1")),))))
        assert len(found.encode()) <= 1_000_000
        assert json.loads(found)["score"] == 0.166667
    hopeless = Sheet("ann", "a", (mark("1", "", unanswered("f")),), (Problem("a", 1, "x" * 2_000_000),))
    assert json.loads(rendered("prairielearn", alone(hopeless))) == {"gradable": False, "format_errors": ["the answers are too long to be shown here"]}


def test_classroom50_counts_in_whole_points():
    found = json.loads(rendered("classroom50", BORIS))
    assert (found["score"], found["max-score"], found["datetime"]) == (17, 60, "2026-06-01T14:32:05Z")  # twelfths of 1 5/12 and of 5
    whole = Sheet("ann", "a", (mark("1", "", correct("df/dx", "1"), Fraction(3)), mark("1", "", wrong("df/dy", "1", "2"), Fraction(2))))
    assert [json.loads(rendered("classroom50", alone(whole)))[field] for field in ("score", "max-score")] == [3, 5]


@pytest.mark.parametrize("missing", ["CLASSROOM", "ASSIGNMENT", "SUBMISSION_TAG", "COMMIT_URL", "RELEASE_URL"])
def test_classroom50_needs_to_know_which_submission_this_is(missing):
    there = {name: value for name, value in PLATFORM.items() if name != missing}
    with pytest.raises(GradError, match=f"the environment has no {missing}"):
        report("classroom50").render(BORIS, Look(), "all", there)


def test_junit_says_which_kind_of_wrong():
    cases = consumers.junit(rendered("junit"))
    outcomes = {(suite, name): outcome for suite, _, name, outcome in cases}
    assert outcomes["Ann Lee", "dL/ds"] == "passed"
    assert outcomes["Борис Ковалёв", f"df/dx at {A}"] == outcomes["Борис Ковалёв", "dL/ds"] == "failure"
    assert outcomes["Борис Ковалёв", f"df/dx at {B}"] == outcomes["Борис Ковалёв", "boris.grad:14: there is no question 7"] == "error"
    assert outcomes["Chloé | O'Brien", "dL/dw"] == "skipped"
    assert outcomes["notes.grad", "notes.grad: no answer is in this file"] == "error"


def test_junit_by_its_schema():
    xmlschema = pytest.importorskip("xmlschema")
    schema = xmlschema.XMLSchema(str(Path(__file__).parent / "junit.xsd"))
    for graded in (gradebook.CLASS, BORIS, Graded("k", ())):
        schema.validate(rendered("junit", graded))
    assert not schema.is_valid(rendered("junit").replace("<failure", "<oops").replace("</failure", "</oops"))


def test_junit_by_a_reader_of_others():
    junitparser = pytest.importorskip("junitparser")
    suites = junitparser.JUnitXml.fromstring(rendered("junit").encode())
    assert [suite.name for suite in suites] == ["Ann Lee", "Chloé | O'Brien", "dora", "Борис Ковалёв", "notes.grad"]
    assert (suites.tests, suites.failures, suites.errors, suites.skipped) == (31, 15, 4, 1)
    boris = list(suites)[3]
    assert {p.name: p.value for p in boris.properties()} == {"points": "1.416667", "worth": "5"}
    (failure,) = list(boris)[1].result
    assert failure.text.splitlines() == ["df/dx = 4", "incorrect: the sign of ∂f/∂q is turned; it is -4", "0 of 0.75 points"]


def test_two_problems_of_one_kind_are_two_cases():
    same = Problem("a.grad", 0, said("no answer is in this file"))
    assert len(consumers.junit(rendered("junit", Graded("k", (), (same, same))))) == 2


def test_annotations():
    found = consumers.obeyed(rendered("github"))
    assert len(found) == rendered("github").count("\n")
    assert found[0] == ("notice", {"title": "homework.grad"}, "4 students: 11 of 28 right, 8.58 of 20 points")
    assert found[1][2].startswith("13 annotations say what is not right: the first 9 follow")
    assert ("error", {"file": "chloe.csv", "line": "5", "title": f"Chloé | O'Brien: question 1, at {A}"}, "df/dx = 4 is incorrect: the sign of ∂f/∂q is turned; it is -4") in found
    assert [kind for kind, _, _ in found].count("error") == 10
    assert found[-1][0] == "warning"


def test_few_annotations_need_no_line_about_more():
    assert [kind for kind, _, _ in consumers.obeyed(rendered("github", BORIS))] == ["notice"] + ["error"] * 7
    assert [kind for kind, _, _ in consumers.obeyed(rendered("github", alone(gradebook.ANN)))] == ["notice"]


# ---- Markdown -----------------------------------------------------------------------------------------------


def test_a_summary_has_room_for_whole_students_only(monkeypatch):
    full = rendered("summary")
    for most in range(1200, 9000, 400):
        monkeypatch.setattr(summary, "MOST_BYTES", most)
        made = rendered("summary")
        assert len(made.encode()) <= most
        sections = [name for name in ("### Chloé", "### dora", "### Борис") if name in made]
        left = 4 - sum(f"\n| {name}" in made for name in ("Ann Lee", "Chloé", "dora", "Борис"))
        assert (f"{left} more students, for whom there is no room here" in made) == (left > 0)
        assert len(sections) == max(0, 3 - left)
    assert made == full


def test_a_huge_class_fits_into_a_summary():
    sheets = tuple(gradebook.CHLOE._replace(student=f"student {n:05}") for n in range(5000))
    made = rendered("summary", Graded("k", sheets)).encode()
    assert 900_000 < len(made) <= summary.MOST_BYTES
    assert "more students, for whom there is no room here" in made.decode()


def test_the_names_of_pages():
    names = ["Ann Lee", "ann lee", "index", "../../etc/passwd", "CON", "con", "", ".hidden", "a\x00b", "Ирина Петрова", "Αλέξανδρος", "x" * 300, "я" * 300, "a/b\\c:d*e?", "\ud800", "\u202eevil"]
    sheets = tuple(gradebook.ANN._replace(student=name) for name in names)
    pages = report("markdown").pages(Graded("k", sheets), Look(), "all")
    assert len({name.casefold() for name in pages}) == len(names) + 1
    for name in pages:
        assert name == Path(name).name
        assert len(name.encode()) <= 150
        assert not name.startswith(".")
        assert name.endswith(".md")
        assert Path(name).stem.casefold() not in {"con", "nul", "aux", "prn"}
        assert all(char.isalnum() or char in "._@+-" for char in name)
    assert any(name.startswith("Ирина-Петрова") for name in pages)
    assert any(name.startswith("Αλέξανδρος") for name in pages)
    assert pages == report("markdown").pages(Graded("k", sheets), Look(), "all")


def test_twice_the_class_is_twice_the_work():
    sizes, times = (10_000, 40_000), []
    for size in sizes:
        sheets = tuple(gradebook.ANN._replace(student=f"s{number}", marks=()) for number in range(size))
        started = time.process_time()
        assert len(report("markdown").pages(Graded("k", sheets), Look(), "all")) == size + 1
        times.append(time.process_time() - started)
    assert times[1] < 8 * times[0] + 1


# ---- from one run of the real command -----------------------------------------------------------------------

KEY = """
question 1 [3 points]
q = x + y
f = q z
at x = -2, y = 5, z = -4
ask q, df/dx, df/dz
question 2
s = sigmoid(w x)
ask ds/dw
"""
BAD = """
student: <Борис> ::error::x
question 1
answer q = ##[set-output name=grade]100, df/dx = 4
answer df/dz = (3
question 2
answer ds/dw = s(1 - s)
question 7
answer q = 3
"""


def test_every_report_from_one_run(tmp_path):
    (tmp_path / "key.grad").write_text(KEY, encoding="utf-8")
    (tmp_path / "boris.grad").write_text(BAD, encoding="utf-8")
    reports = [word for row in REPORTS for word in ("--report", f"{row.name}={row.name}.out")]
    runs = []
    for seed in "12":
        ran = run_there("grade", "key.grad", "boris.grad", *reports, cwd=tmp_path, env={**PLATFORM, "PYTHONHASHSEED": seed, "LC_ALL": "C", "PYTHONPATH": str(ROOT)})
        assert ran.returncode == 1, ran.stderr
        runs.append({path.relative_to(tmp_path): path.read_bytes() for path in sorted(tmp_path.rglob("*.out*")) if path.is_file()})
    assert runs[0] == runs[1]
    made = {str(path): content.decode() for path, content in runs[0].items()}
    for name in SINGLE:
        getattr(consumers, name)(json.loads(made[f"{name}.out"]))
    cases = consumers.junit(made["junit.out"])
    assert [outcome for _, _, _, outcome in cases] == ["failure", "failure", "error", "failure", "error"]
    assert [data for kind, _, data in consumers.obeyed(made["github.out"]) if kind == "notice"] == ["1 student: 0 of 4 right, 0 of 4 points"]
    assert json.loads(made["json.out"])["students"][0]["student"] == "<Борис> ::error::x"
    assert len(list(csv.reader(io.StringIO(made["csv.out"])))) == 1 + 4 + 1
    assert not [name for name, text in made.items() if name != "github.out" and consumers.obeyed(text)]
    assert consumers.obeyed(run_there("grade", "key.grad", "boris.grad", cwd=tmp_path).stdout.decode()) == []
