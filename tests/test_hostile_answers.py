"""A student's text can only be judged: in bounded time and memory, and whatever happens, the rest of the class is graded."""

import os
import pickle
import resource
import signal
import sys
import time
from pathlib import Path

import pytest
from conftest import run_here
from flint import ctx

from gradcli.classroom.grading.bench import Answer, Bench, Conditions, TimeUp, alarm
from gradcli.classroom.grading.crowd import Crowd, Recipe
from gradcli.classroom.grading.follow import follow
from gradcli.classroom.key.key import read_key
from gradcli.errors import GradError, Source, draw
from gradcli.judge.check import Rules, judge
from gradcli.judge.targets import target_of
from gradcli.judge.verdict import CORRECT, Diagnosis, Verdict
from gradcli.limits import Limits
from gradcli.notation import formula
from gradcli.wording import Language, said

KEY = """question point
q = x + y
f = q z
at x = -2, y = 5, z = -4
ask q, f, df/dx, df/dz

question symbols
f(x, y, z) = x^2 sin(x y) + z
ask df/dx

question layer
s = W x + b
f = sum(relu(s))
at W = [[1, 2], [3, 4]], x = [5, 6], b = [1, 1]
ask s, df/dW, df/dx
"""
PARTS = [(0, 2), (1, 0), (2, 1), (2, 2)]

HOSTILE = {
    "a tower": "9^9^9^9", "a tower of tens": "10^10^10", "a factorial": "1000000!", "of factorials": "((100!)!)!", "of variables": "x!!!!!!!",
    "5000 brackets": "(" * 5000 + "1" + ")" * 5000, "900 brackets": "(" * 900 + "1" + ")" * 900, "500 lists": "[" * 500 + "1" + "]" * 500,
    "9000 ones": "+".join(["1"] * 9000), "30000 ones": "1+" * 30_000 + "1", "4000 factors": "x*" * 4000 + "x", "a sum to 10^9": "sum(k=1..10^9)",
    "a sum in LaTeX": r"\sum_{k=1}^{10^{12}} k", "powers of x": "x^(" * 50 + "x" + ")" * 50, "a million powers": "x^1000000^x",
    "900 sigmoids": "sigmoid(" * 900 + "x" + ")" * 900, "60 exponentials": "exp(" * 60 + "1" + ")" * 60, "of x": "exp(" * 60 + "x" + ")" * 60,
    "a large gamma": "gamma(10^8)", "gammas": "gamma(" * 20 + "3" + ")" * 20, "digammas": "digamma(" * 30 + "x" + ")" * 30, "a large sine": "sin(10^99999)",
    "400 powers of pi": "pi^" * 400 + "pi", "60000 digits": "9" * 60_000, "60000 digits and more": "9" * 60_000 + "+1", "a power of a sum": "(x+y+z)^500",
    "a large power": "(x+1)^100000", "a larger one": "(x+1)^(10^9)", "powers multiplied": "(x+y+z+1)^60*(x-y)^60",
    "300 factors": "*".join(f"(x+{k}y+z)" for k in range(300)), "near 1": "1.000000001^(10^18)", "a root": "(10^4000)^(1/63)", "600 kinks": "+".join(f"abs(x-{k})" for k in range(600)),
    "800 maxima": "max(" + ",".join(["x", "y"] * 400) + ")", "200 branches": "where(x>1," * 200 + "x" + ",1)" * 200, "a million ones": "ones(10^6)",
    "more ones": "zeros(100000,100000)", "900 fractions": "1/(" * 900 + "x" + ")" * 900, "50000 signs": "-" * 50_000 + "1", "20000 entries": ",".join(["1"] * 20_000),
    "60000 blanks": " " * 60_000 + "1", "and no number": " " * 60_000 + "!", "digits in a name": "q" + "9" * 60 + "u", "a long name": "x_" + "1" * 50_000, "900 fractions in LaTeX": r"\frac{" * 900 + "1" + "}{2}" * 900, "1e9999": "1e9999",
    "hidden in 1": "(1+1e-9999)-1", "exponents": "exp(-exp(exp(10)))", "nothing": "1/(1-1)", "nesting of two": "hypot(" * 200 + "x" + ",y)" * 200,
    "no text": "\x00\x1b[31m\u202e\ud800", "code": "__import__('os').system('true')", "a path": "@/etc/passwd", "a format": "{0.__class__}",
}  # fmt: skip


@pytest.fixture(scope="module")
def key():
    return read_key(Source(KEY, "key.grad"), Limits(), Rules())


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_each_is_judged_in_bounded_time_and_memory(key, text):
    """Without the clock that would stop it. The bound is far above what is needed, for slow machines: see the limits."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for item, part in PARTS:
        asked = key.items[item].parts[part]
        started = time.process_time()
        verdict = judge(key.items[item].truths[0], asked.target, Source(text), 0, len(text), Rules(), Limits())
        assert time.process_time() - started < 10
        assert verdict.verdict in ("incorrect", "undecided", "invalid")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000  # in KiB


@pytest.mark.parametrize("text", ["9^9^9^9", "exp(" * 60 + "1" + ")" * 60, "(x+1)^(10^9)", "x^(" * 50 + "x" + ")" * 50, "sigmoid(" * 900 + "x" + ")" * 900])
def test_what_follows_from_them_too(key, text):
    started = time.process_time()
    for item in key.items[:2]:
        wrong = [("f", text), ("df/dz", "1e300"), ("df/dx", f"{text} + 1")] if item.name == "symbols" else [("q", text), ("f", text), ("df/dz", "17"), ("df/dx", text)]
        found = follow(item.truths[0], wrong, Rules(), Limits())
        assert len(found) == len(wrong)
    assert time.process_time() - started < 20


# ---- whoever judges -----------------------------------------------------------------------------------------


class Dangerous(Recipe):
    """Answers that are more than text: as if there were such, and nothing else to stop them."""

    def bench(self):
        bench = super().bench()
        ordinary = bench._verdict

        def verdict(task):
            match task.text:
                case "die":
                    os._exit(1)
                case "die once":
                    with open(os.environ["GRADCLI_TEST_DIED"], "a+") as file:
                        file.seek(0)
                        before = file.read()
                        file.write("died\n")
                        file.flush()
                        if not before:
                            os.kill(os.getpid(), signal.SIGKILL)
                case "abort":
                    os.abort()
                case "sleep":
                    time.sleep(3600)
                case "compute":
                    while True:
                        pass
                case "allocate":
                    return bytearray(1 << 40)
                case "recurse":
                    return verdict(task)
                case "raise":
                    raise ZeroDivisionError
                case "unsendable":
                    return Verdict(CORRECT, hint=lambda: 0)
            return ordinary(task)

        bench._verdict = verdict
        return bench


def judged(*texts, jobs=2, seconds=1.0):
    recipe = Dangerous((Source(KEY[: KEY.index("question symbols")], "key.grad"),), Conditions(Rules(), Limits(), seconds=seconds))
    count = []
    with Crowd(recipe, jobs, lambda: count.append(1)) as crowd:
        found = crowd([Answer(0, 0, 0, "df/dx", text) for text in texts])
    assert len(count) == len(texts)
    return found


def test_one_that_ends_the_process_is_reported_and_the_rest_is_judged():
    found = judged("-4", "die", "4", "abort", "die", "-4", *(str(k) for k in range(40)))
    assert [verdict.verdict for verdict in found[:7]] == ["correct", "undecided", "incorrect", "undecided", "undecided", "correct", "incorrect"]
    assert "ended the process" in found[1].hint
    assert all(verdict.verdict == "incorrect" for verdict in found[6:])


def test_one_whose_process_was_ended_from_outside_is_judged_again(tmp_path, monkeypatch):
    """As when the system is out of memory for another's sake: the answer that was being judged has not done it."""
    monkeypatch.setenv("GRADCLI_TEST_DIED", str(tmp_path / "died"))
    found = judged("1", "die once", "die", "-4", jobs=1)
    assert [verdict.verdict for verdict in found] == ["incorrect", "invalid", "undecided", "correct"]
    assert (tmp_path / "died").read_text() == "died\ndied\n"


def test_one_that_takes_too_long_is_undecided():
    found = judged("sleep", "-4", "compute", "-4")
    assert [verdict.verdict for verdict in found] == ["undecided", "correct", "undecided", "correct"]
    assert found[0].hint == found[2].hint == "it takes longer than 1 seconds to judge"


@pytest.mark.parametrize("text", ["allocate", "recurse"])
def test_one_that_takes_too_much_memory_is_undecided(text):
    found = judged(text, "-4")
    assert [verdict.verdict for verdict in found] == ["undecided", "correct"]
    assert "memory" in found[0].hint


@pytest.mark.parametrize("text", ["raise", "unsendable"])
def test_a_mistake_of_ours_is_reported_as_one(text):
    found = judged(text, "-4")
    assert [verdict.verdict for verdict in found] == ["undecided", "correct"]
    assert "our mistake" in found[0].hint


def test_processes_that_cannot_start_are_an_error():
    with pytest.raises(GradError, match="cannot be started"), Crowd(Recipe((Source("f = ("),), Conditions(Rules(), Limits())), 2) as crowd:
        crowd([Answer(0, 0, 0, "f", "1")])


def test_the_clock_in_this_process(key):
    bench = Bench(lambda _: key, Conditions(Rules(), Limits(), seconds=3))
    bench._verdict = lambda task: time.sleep(60)
    started = time.monotonic()
    verdict = bench(Answer(0, 0, 0, "df/dx", "1"))
    assert (verdict.verdict, verdict.given, time.monotonic() - started < 20) == ("undecided", "1", True)
    del bench._verdict
    assert bench(Answer(0, 0, 0, "df/dx", "-4")).verdict == "correct"


def test_what_is_half_done_is_forgotten(key):
    """What is known of a question is shared by all answers to it: when judging is cut short, it is found out anew."""
    bench = Recipe((Source(KEY, "key.grad"),), Conditions(Rules(), Limits(), seconds=5)).bench([key])
    question, answer = key.items[1].truths[0].question, Answer(0, 1, 0, "df/dx", "2x sin(x y) + x^2 y cos(x y)")
    shared = question(*_asked(key, answer))

    def half_done(task):
        next(shared.points())
        try:
            shared._drawn.throw(TimeUp)  # as if the clock struck while a point is drawn: no further one can be
        finally:
            ctx.prec = 9

    bench._verdict = half_done
    bits = ctx.prec
    assert bench(answer).verdict == "undecided"
    del bench._verdict
    assert ctx.prec == bits
    assert bench.key(0) is not key
    assert bench(answer).verdict == "correct"
    assert bench(answer._replace(text="2x sin(x y)")).diagnosis is not None


def _asked(key, answer):
    asked = target_of(answer.target, key.items[answer.item].truths[answer.place])
    return asked.node, asked.partial


def test_a_stroke_at_the_last_moment_leaves_no_clock_behind(monkeypatch):
    ours, setitimer, strokes = signal.getsignal(signal.SIGALRM), signal.setitimer, [1]

    def late(clock, seconds, *again):
        if not seconds and strokes:
            strokes.pop()
            signal.raise_signal(signal.SIGALRM)
        return setitimer(clock, seconds, *again)

    monkeypatch.setattr(signal, "setitimer", late)
    with pytest.raises(TimeUp), alarm(5):
        pass
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is ours


# ---- from process to process --------------------------------------------------------------------------------


def test_messages_are_the_same_in_another_process():
    shown = formula(lambda notation: "x²", "unicode")
    says = said("at {0} it is {1}", shown, said("number"))
    error = GradError("a-kind", says, (1, 2), labels=(((0, 1), said("number")),), hint=says, source=Source("abc", "file"), code=3)
    verdict = Verdict("incorrect", hint=says, notes=[says], problem=error, diagnosis=Diagnosis("sign", shown, says), witness={"at": {"x": "1"}})
    verdict.target, verdict.given = "q", "4"
    again = pickle.loads(pickle.dumps(verdict))
    russian = Language("ru", {"at {0} it is {1}": "в {0} это {1}", "number": "число"})
    for one in (verdict, again):
        assert russian(one.hint) == "в x² это число"
        assert draw(one.problem, russian) == draw(error, russian)
        assert (one.diagnosis.step, one.problem.code, one.target, one.given, one.witness) == ("x²", 3, "q", "4", {"at": {"x": "1"}})


# ---- through the command ------------------------------------------------------------------------------------


def test_a_class_of_them(tmp_path: Path, monkeypatch):
    """Each is somebody's answer, and the one honest student has the points."""
    monkeypatch.chdir(tmp_path)
    Path("key.grad").write_text(KEY)
    Path("in").mkdir()
    for number, text in enumerate(HOSTILE.values()):
        Path("in", f"s{number}.grad").write_text(f"question point\nanswer df/dx = {text}\n", errors="backslashreplace")
    Path("in", "ann.grad").write_text("question point\nanswer df/dx = -4\n")
    ran = run_here("grade", "key.grad", "in", "--plain")
    assert ran.code == 1
    assert ran.err == ""
    assert [line.split("\t")[0] for line in ran.out.splitlines() if "\tcorrect\t" in line] == ["ann"]
    assert "\x1b" not in ran.out
    assert "\u202e" not in ran.out
    assert sys.get_int_max_str_digits() == 4300  # nothing has raised it
