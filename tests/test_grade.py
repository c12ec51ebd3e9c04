"""`gradcli grade`: points, exit codes, reports, and the same bytes whoever grades in whatever order."""

import json
import os
import pty
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest
from conftest import run_here

from gradcli.classroom.grading.bench import Bench, Conditions
from gradcli.classroom.grading.grader import Keyring, grade, serially
from gradcli.classroom.key.key import read_key
from gradcli.classroom.submissions.files import Entry, Submission
from gradcli.errors import Source
from gradcli.judge.check import Rules
from gradcli.limits import Limits

KEY = """question 1 [4 points]
q = x + y
f = q z
at x = -2, y = 5, z = -4
ask q, f, df/dx, df/dz

question 2 [3 points, all or nothing]
f(x) = x^2 sin(x)
at x = 1
ask f, df/dx
"""
RIGHT = {"1": {"q": "3", "f": "-12", "df/dx": "-4", "df/dz": "3"}, "2": {"f": "sin(1)", "df/dx": "2.22"}}


@pytest.fixture
def classroom(tmp_path, monkeypatch):
    """A folder with a key, to be filled with submissions."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "key.grad").write_text(KEY)
    (tmp_path / "in").mkdir()
    return tmp_path


def hand_in(student, answers=RIGHT, folder="in"):
    """Write what a student hands in, as a worksheet."""
    lines = [f"student {student}"]
    for question, given in answers.items():
        lines += [*([f"question {question}"] if question else []), *(f"answer {target} = {text}" for target, text in given.items())]
    Path(folder, f"{student.replace(' ', '-').lower()}.grad").write_text("\n".join(lines) + "\n")


def changed(question, **given):
    """Return right answers but for some of one question; d_x stands for df/dx."""
    return {**RIGHT, question: RIGHT[question] | {name.replace("d_", "df/d"): text for name, text in given.items()}}


def graded(*words):
    return json.loads(run_here("grade", "key.grad", *words, "--json").out)


def points(*words):
    """Return the points of each student."""
    return {sheet["student"]: sheet["points"] for sheet in graded("in", *words)["students"]}


# ---- points -------------------------------------------------------------------------------------------------


def test_points(classroom):
    hand_in("Ann")
    hand_in("Bob", changed("1", f="12"))
    hand_in("Cid", changed("2", f="0.5"))
    assert points() == {"Ann": 7, "Bob": 6, "Cid": 4}


def test_follow_through_earns_points_only_if_that_is_asked_for(classroom):
    hand_in("Ann", changed("1", q="4", f="-16", d_z="4"))
    assert (points(), points("--follow-through")) == ({"Ann": 4}, {"Ann": 6})
    verdicts = [(part["verdict"], part["follows"]) for part in graded("in")["students"][0]["parts"][:4]]
    assert verdicts == [("incorrect", None), ("incorrect", "q = 4"), ("correct", None), ("incorrect", "q = 4")]
    Path("key.grad").write_text(KEY.replace("[4 points]", "[4 points, follow-through]"))
    assert points() == {"Ann": 6}


def test_steps_that_are_shown_unasked_lead_on_too(classroom):
    """Whoever shows his q, though only f is asked for, has shown where the mistake is; what first follows from it pays for that."""
    Path("key.grad").write_text(KEY.replace("ask q, f, df/dx, df/dz", "ask f, df/dz"))
    hand_in("Ann", changed("1", q="4", f="-16", d_x="7", d_z="4"))
    (sheet,) = graded("in", "--follow-through")["students"]
    assert [(part["target"], part["follows"], part["points"]) for part in sheet["parts"][:2]] == [("f", "q = 4", 0), ("df/dz", "q = 4", 2)]


def test_right_answers_that_are_rounded_are_gone_on_with(classroom):
    Path("key.grad").write_text("question 1\na = x y\nb = sin(x)\nf = a b\nat x = 1.234, y = 2.345\nask a, b, f\n")
    Path("in", "ann.grad").write_text("question 1\nanswer a = 2.89\nanswer b = 0.5\nanswer f = 1.445\n")
    assert [part["follows"] for part in graded("in")["students"][0]["parts"]] == [None, None, "b = 0.5"]


def test_what_is_wrong_throughout_earns_less_than_all(classroom):
    """A step that nobody asked for is no way to make up a question of one's own, nor is one that makes the rest 0."""
    Path("key.grad").write_text("question 1\nq = x + y\nf = relu(q) z\nat x = -2, y = 5, z = -4\nask f, df/dq, df/dz\n")
    Path("in", "ann.grad").write_text("question 1\nanswer q = 100\nanswer f = -400\nanswer df/dq = -4\nanswer df/dz = 100\n")
    Path("in", "bob.grad").write_text("question 1\nanswer q = -1\nanswer f = 0\nanswer df/dq = 0\nanswer df/dz = 0\n")
    Path("in", "cid.grad").write_text("question 1\nanswer q = q\nanswer f = f\nanswer df/dz = relu(q)\n")
    assert points("--follow-through") == {"ann": 2, "bob": 0, "cid": 1}


def test_a_step_shown_twice_leads_nowhere(classroom):
    Path("key.grad").write_text(KEY.replace("ask q, f, df/dx, df/dz", "ask f, df/dz"))
    Path("in", "ann.grad").write_text("question 1\nanswer q = 4\nanswer q = 5\nanswer f = -16\nanswer df/dz = 4\n")
    assert [part["follows"] for part in graded("in")["students"][0]["parts"][:2]] == [None, None]


def test_all_or_nothing_with_follow_through(classroom):
    """The part that is wrong in itself still costs all."""
    Path("key.grad").write_text(KEY.replace("[4 points]", "[4 points, all or nothing, follow-through]"))
    hand_in("Ann", changed("1", q="4", f="-16", d_z="4"))
    assert points() == {"Ann": 3}


def test_unanswered_and_invalid_parts_earn_nothing(classroom):
    hand_in("Ann", {"1": {"q": "3", "f": "(1", "df/dx": ""}})
    (sheet,) = graded("in")["students"]
    assert [part["verdict"] for part in sheet["parts"]] == ["correct", "invalid", "unanswered", "unanswered", "unanswered", "unanswered"]
    assert sheet["points"] == 1


def test_answers_that_cannot_be_read_are_told_with_their_line(classroom):
    Path("in/all.csv").write_text("student,question,target,answer\nAnn,1,q,(1\nBob,1,q,3\nBob,1,f,\"3,0\"\n")
    hand_in("Carla", {"1": {"q": "3 +"}})
    said = run_here("grade", "key.grad", "in").out.partition("Could not be read\n")[2]
    assert said.splitlines() == [
        "in/all.csv:2: Ann: q = (1: this ( is never closed", "in/all.csv:4: Bob: f = 3,0: a decimal comma is not read",
        "in/carla.grad:3: q = 3 +: the expression ends too early",
    ]  # fmt: skip
    alone = run_here("grade", "key.grad", "in/carla.grad").out
    assert "error[syntax]: the expression ends too early\n  --> in/carla.grad:3\n  3 +\n" in alone
    Path("in/twice.grad").write_text("question 1\nanswer q = 3\nanswer q = 4\n")
    assert run_here("grade", "key.grad", "in/twice.grad").out.count("none of it counts") == 2  # why, and in which lines


def test_students_stand_in_the_order_of_the_alphabet(classroom):
    for name in ("bob", "Ann", "Carla", "ann lee", "Ева"):
        hand_in(name)
    assert [sheet["student"] for sheet in graded("in")["students"]] == ["Ann", "ann lee", "bob", "Carla", "Ева"]


def test_thirds_of_a_point_add_up(classroom):
    Path("key.grad").write_text("question 1 [1 point]\nf(x, y, z) = x y z\nat x = 1, y = 2, z = 3\nask df/dx, df/dy, df/dz\n")
    hand_in("Ann", {"1": {"df/dx": "6", "df/dy": "3", "df/dz": "2"}})
    assert points() == {"Ann": 1}


# ---- exit codes ---------------------------------------------------------------------------------------------

UNDECIDED = changed("2", f="sin(1) + exp(exp(exp(9))) - exp(exp(exp(9)))")


@pytest.mark.parametrize(
    ("answers", "code"),
    [(RIGHT, 0), (changed("1", q="4"), 1), (changed("1", q="(4"), 1), (changed("1", q=""), 1), (UNDECIDED, 3)],
    ids=["correct", "incorrect", "invalid", "unanswered", "undecided"],
)  # fmt: skip
def test_exit_codes(classroom, answers, code):
    hand_in("Ann", answers)
    assert run_here("grade", "key.grad", "in").code == code
    assert run_here("grade", "key.grad", "in", "--exit-zero").code == 0


@pytest.mark.parametrize(
    "words",
    [
        [], ["key.grad"], ["no.grad", "in"], ["in/ann.grad", "in"], ["key.grad", "in", "--json", "--plain"], ["key.grad", "in", "--format", "no"],
        ["key.grad", "in", "-o", "a.docx"], ["key.grad", "in", "--report", "junit"], ["key.grad", "in", "--report", "no=a"], ["-", "-"],
        ["key.grad", "in", "-o", "a.json", "--report", "csv=a.json"], ["key.grad", "in", "--format", "markdown"], ["key.grad", "in", "--rtol", "2"],
        ["key.grad", "in", "--reveal", "no"],
    ],
)  # fmt: skip
@pytest.mark.parametrize("zero", [[], ["--exit-zero"]])
def test_usage(classroom, words, zero):
    hand_in("Ann", changed("1", q="4"))
    ran = run_here("grade", *words, *zero)
    assert (ran.code, ran.out) == (2, "")
    assert "error[bug]" not in ran.err


def test_files_of_a_folder_that_are_not_read_are_named(classroom):
    hand_in("Ann")
    assert run_here("grade", "key.grad", "in").err == ""
    Path("in/.hidden").touch()
    Path("in/bob.txt").write_text("answer q = 3")
    ran = run_here("grade", "key.grad", "in")
    assert (ran.code, ran.err) == (0, "note: not read, as none ends in .grad .toml .json .csv: in/bob.txt\n")
    for number in range(9):
        Path(f"in/{number}.pdf").touch()
    assert ": in/0.pdf, in/1.pdf, in/2.pdf, in/3.pdf, in/4.pdf and 5 more\n" in run_here("grade", "key.grad", "in").err


def test_the_summary_of_a_build_is_written_once(classroom, monkeypatch):
    hand_in("Ann")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    run_here("grade", "key.grad", "in", "--format", "github", "--report", "summary=summary.md")
    assert Path("summary.md").read_text().count("## key.grad") == 1


def test_a_dash_is_no_file_for_a_report(classroom):
    hand_in("Ann")
    ran = run_here("grade", "key.grad", "in", "--report", "csv=-")
    assert (ran.code, "--format csv writes it to standard output" in ran.err, Path("-").exists()) == (2, True, False)


def test_help_is_of_the_command(classroom):
    assert "hint: gradcli grade --help" in run_here("grade", "key.grad", "in", "--reprot", "csv=x").err


@pytest.mark.parametrize("line", ["ask df/dw", "ask q, q", "answer q = 4", "at x = 1", "question 1"])
def test_a_wrong_key_grades_nobody(classroom, line):
    hand_in("Ann")
    Path("key.grad").write_text(KEY.replace("ask q, f", f"{line}\nask q, f"))
    ran = run_here("grade", "key.grad", "in", "-o", "out.json")
    assert (ran.code, ran.out, Path("out.json").exists()) == (2, "", False), ran.err


def test_a_point_with_no_value_is_an_error_of_the_key(classroom):
    Path("key.grad").write_text("f(x) = ln(x)\nat x = -1\nask df/dx\n")
    hand_in("Ann", {"": {"df/dx": "1"}})
    assert run_here("grade", "key.grad", "in").code == 2


# ---- the same bytes -----------------------------------------------------------------------------------------


def a_class(size):
    """Hand in the work of a class with all sorts of answers."""
    rng = random.Random(size)
    for number in range(size):
        answers = {
            question: {target: rng.choice([text, text, f"-{text}", f"{text} + {rng.randrange(3)}", "(", "x", ""]) for target, text in given.items()}
            for question, given in RIGHT.items()
        }  # fmt: skip
        hand_in(f"student {number:03}", answers)


REPORTS = ("-o", "a.json", "-o", "a.csv", "-o", "a.xml", "-o", "a.md", "-o", "a.txt", "--report", "markdown=pages", "--report", "github=a.gh")


def written():
    return {str(path): path.read_bytes() for path in [*Path().glob("a.*"), *Path("pages").glob("*")]}


def test_the_same_bytes_whoever_grades_in_whatever_order(classroom):
    a_class(12)
    files = [str(path) for path in sorted(Path("in").iterdir())]
    outs = set()
    for words in (["in"], files, files[::-1], [*files, "--jobs", "2"], ["in", "--jobs", "3"]):
        outs.add((run_here("grade", "key.grad", *words, *REPORTS).out, tuple(sorted(written().items()))))
    assert len(outs) == 1
    assert len(next(iter(outs))[1]) > 12


def test_the_same_bytes_in_every_locale_and_process(classroom):
    a_class(3)
    outs = set()
    for seed, locale in enumerate(["C", "C.UTF-8", "de_DE.UTF-8"]):
        env = {**os.environ, "PYTHONHASHSEED": str(seed), "LC_ALL": locale, "TZ": f"UTC+{seed}"}
        words = [sys.executable, "-m", "gradcli", "grade", "key.grad", "in", "--json", "--jobs", str(1 + seed % 2)]
        outs.add(subprocess.run(words, env=env, capture_output=True, check=False).stdout)
    assert len(outs) == 1
    assert len(next(iter(outs))) > 1000


def paper(student, *answers):
    entries = tuple(Entry(question, target, Source(f"...{text}"), 3, 3 + len(text), 1) for question, target, text in answers)
    return Submission(student, f"{student}.grad", entries)


def test_an_answer_that_recurs_is_judged_once():
    key = read_key(Source(KEY, "key.grad"), Limits(), Rules())
    conditions = Conditions(Rules(), Limits())
    asked = Counter()
    honest = serially(Bench(lambda _: key, conditions))

    def counting(tasks):
        asked.update(tasks)
        return honest(tasks)

    papers = [paper(f"s{k}", ("1", "q", "4"), ("1", "f", "-16"), ("1", "df/dx", f"{k % 3}")) for k in range(30)]
    together = grade(Keyring("key.grad", (key,)), papers, conditions, run=counting)
    assert len(asked) == 5 + 3  # five different answers, three kinds of students
    assert set(asked.values()) == {1}
    for sheet, one in zip(together.sheets, sorted(papers)):
        (alone,) = grade(Keyring("key.grad", (key,)), [one], conditions).sheets
        assert [(m.points, m.follows, m.verdict.verdict, m.verdict.notes) for m in sheet.marks] == [
            (m.points, m.follows, m.verdict.verdict, m.verdict.notes) for m in alone.marks
        ]  # fmt: skip
        assert isinstance(sheet.points, Fraction)


def test_the_order_of_the_papers_is_no_matter():
    key = read_key(Source(KEY, "key.grad"), Limits(), Rules())
    papers = [paper(f"s{k}", ("1", "q", f"{k}")) for k in range(9)]
    for order in (papers, papers[::-1], papers[4:] + papers[:4]):
        found = grade(Keyring("key.grad", (key,)), order, Conditions(Rules(), Limits()))
        assert [sheet.student for sheet in found.sheets] == [f"s{k}" for k in range(9)]


# ---- keys of one's own --------------------------------------------------------------------------------------


def test_a_key_for_each_student(classroom):
    Path("keys").mkdir()
    for student, x in (("ann", 2), ("bob", 3)):
        Path("keys", f"{student}.grad").write_text(f"f(x) = x^2\nat x = {x}\nask df/dx\n")
    for student in ("ann", "bob", "cid"):
        hand_in(student, {"": {"df/dx": "4"}})
    found = json.loads(run_here("grade", "keys", "in", "--json").out)
    assert [(sheet["student"], sheet["points"], len(sheet["problems"])) for sheet in found["students"]] == [("ann", 1, 0), ("bob", 0, 0), ("cid", 0, 1)]


def test_each_own_key_is_right_before_anyone_is_graded(classroom):
    Path("keys").mkdir()
    Path("keys", "ann.grad").write_text("f(x) = x^2\nat x = 2\nask df/dx\n")
    Path("keys", "bob.grad").write_text("f(x) = x^2\nat x = 2\nask df/dy\n")
    for student in ("ann", "bob"):
        hand_in(student, {"": {"df/dx": "4"}})
    assert run_here("grade", "keys", "in", "-o", "a.json").code == 2
    assert not Path("a.json").exists()


# ---- what is written ----------------------------------------------------------------------------------------


def test_reports_are_written_together_or_not_at_all(classroom):
    """Gradescope grades one student a run: where there are two, nothing is written."""
    hand_in("Ann")
    hand_in("Bob")
    ran = run_here("grade", "key.grad", "in", "-o", "a.json", "--report", "gradescope=results.json")
    assert (ran.code, ran.out, list(Path().glob("*.json"))) == (2, "", [])


def test_a_file_that_cannot_be_written_is_an_error(classroom):
    hand_in("Ann")
    assert run_here("grade", "key.grad", "in", "-o", "key.grad/a.json").code == 2


def test_on_github_there_are_annotations_and_a_summary(classroom, monkeypatch):
    hand_in("Ann", changed("1", q="4"))
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(classroom / "summary.md"))
    Path("summary.md").write_text("before\n")
    out = run_here("grade", "key.grad", "in").out
    assert "::error file=in/ann.grad,line=3," in out
    assert Path("summary.md").read_text().startswith("before\n")
    assert "q = 4" in Path("summary.md").read_text()
    assert "::error" not in run_here("grade", "key.grad", "in", "--json").out  # what is for a program stays as it is


def test_nobody_is_told_the_answer_unasked(classroom):
    hand_in("Ann", changed("2", d_x="1.5"))
    assert not any("2.22324" in run_here("grade", "key.grad", "in", "--format", form).out for form in ("table", "plain", "json", "summary"))
    assert "2.22324" in run_here("grade", "key.grad", "in", "--json", "--reveal", "all").out


# ---- while it runs ------------------------------------------------------------------------------------------

SLOW = "sin(sin(x) + x^2)^7 cos(x)^5 / (1 + x^2 + e^x)"


def many(count):
    """Write the answers of a class that takes a few seconds."""
    rows = "\n".join(f"s{k},1,df/dx,{SLOW} + {k}" for k in range(count))
    Path("slow.grad").write_text(f"question 1\nf(x) = {SLOW}\nask df/dx\n")
    Path("slow.csv").write_text(f"student,question,target,answer\n{rows}\n")
    return [sys.executable, "-m", "gradcli", "grade", "slow.grad", "slow.csv", "-o", "out.json", "--jobs", "2"]


def on_a_terminal(words, env, until):
    """Run a command with a terminal for its standard error, until something is read from it; return all that was."""
    ours, theirs = pty.openpty()
    run = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=theirs, env={**os.environ, **env}, start_new_session=True)
    os.close(theirs)
    seen = b""
    try:
        while chunk := os.read(ours, 4096):
            seen += chunk
            if until and until in seen:
                os.killpg(run.pid, signal.SIGINT)
                until = b""
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    return seen, run.wait(60)


def test_ctrl_c(classroom):
    seen, code = on_a_terminal(many(4000), {"TERM": "xterm"}, until=b"judging")
    assert code == 130
    assert b"Traceback" not in seen
    assert not list(Path().glob("out.json*"))


def test_no_bar_for_a_short_run_or_a_dumb_terminal(classroom):
    hand_in("Ann")
    short = [sys.executable, "-m", "gradcli", "grade", "key.grad", "in"]
    assert on_a_terminal(short, {"TERM": "xterm"}, b"") == (b"", 0)
    seen, code = on_a_terminal(many(100), {"TERM": "dumb"}, b"")
    assert (seen, code) == (b"", 1)


def test_no_bar_where_there_is_no_terminal(classroom):
    started = time.monotonic()
    ran = subprocess.run(many(600), capture_output=True, check=False)
    assert time.monotonic() - started > 1  # a bar would have been there
    assert ran.stderr == b""


def test_a_page_is_never_written_through_a_link(classroom):
    hand_in("ann")
    Path("elsewhere").write_text("precious")
    Path("pages").mkdir()
    Path("pages", "index.md").symlink_to(Path("elsewhere").absolute())
    found = run_here("grade", "key.grad", "in", "--report", "markdown=pages")
    assert (found.code, Path("elsewhere").read_text()) == (2, "precious")
    assert sorted(p.name for p in Path("pages").iterdir()) == ["index.md"]


def test_a_link_among_the_submissions_is_named_and_not_followed(classroom):
    hand_in("ann")
    Path("in", "bob.grad").symlink_to(Path("key.grad").absolute())
    found = run_here("grade", "key.grad", "in", "--json")
    assert [sheet["student"] for sheet in json.loads(found.out)["students"]] == ["ann"]
    assert "bob.grad" in found.err
