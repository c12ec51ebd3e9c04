"""`gradcli grade --self-test`: which wrong answers would pass, which right ones would fail, and at which points mistakes hide."""

import json

import pytest
from conftest import ROOT, run_here

from gradcli.classroom.key.key import read_key
from gradcli.classroom.lint.selftest import self_test
from gradcli.errors import Source
from gradcli.judge.check import Rules
from gradcli.limits import Limits

CIRCUIT = "q = x + y\nf = q z\nat x = {}, y = {}, z = {}\nask df/dx, df/dy, df/dz\n"
NEURON = "f = 1/(1+e^{-(w_0x_0+w_1x_1+w_2)})\nat w_0=2, x_0=-1, w_1=-3, x_1=-2, w_2=-3\nask df/dx_0\n"


def linted(tmp_path, text, *options):
    """Return what the command says of a key, and its exit code."""
    key = tmp_path / "key.grad"
    key.write_text(text, encoding="utf-8")
    ran = run_here("grade", "--self-test", str(key), "--json", *options)
    assert ran.code in (0, 1), ran.err
    (found,) = json.loads(ran.out)["keys"]
    assert ran.code == bool(found["warnings"]) == any(one["warning"] for one in found["findings"])
    return found


def kinds(found, target=None):
    return {one["kind"] for one in found["findings"] if target in (None, one["target"])}


def of_kind(found, kind):
    return [one for one in found["findings"] if one["kind"] == kind]


def circuit(*numbers):
    text = CIRCUIT
    for number in numbers:
        text = text.replace("{}", str(number), 1)
    return text


# ---- unlucky points -----------------------------------------------------------------------------------------


def test_where_everything_is_1_a_forgotten_factor_hides(tmp_path):
    """The circuit of the lecture at x = y = z = 1: whoever forgets the upstream gradient is right."""
    found = linted(tmp_path, circuit(1, 1, 1))
    unlucky = {one["target"]: [slip["kind"] for slip in one["slips"]] for one in of_kind(found, "unlucky")}
    assert "upstream-forgotten" in unlucky["df/dx"]
    assert "upstream-forgotten" in unlucky["df/dy"]
    assert {one["answer"] for one in of_kind(found, "unlucky")} == {"1", "2"}


def test_the_numbers_of_the_lecture_hide_nothing(tmp_path):
    found = linted(tmp_path, circuit(-2, 5, -4))
    assert found["warnings"] == 0
    assert found["slips"] > 30 < found["answers"]


def test_a_zero_hides_every_factor(tmp_path):
    """z = 0: the gradients in x and y are 0 whatever they are multiplied by."""
    (one,) = [one for one in of_kind(linted(tmp_path, circuit(2, 3, 0)), "unlucky") if one["target"] == "df/dx"]
    assert {"sign", "factor", "power-of-ten"} <= {slip["kind"] for slip in one["slips"]}


def test_a_neuron_at_minus_1_and_1_hides_an_exchange(tmp_path):
    """σ′ is even: with x₀ and w₂ exchanged the sum is -1, not 1, and its gradient the same."""
    (one,) = of_kind(linted(tmp_path, NEURON), "unlucky")
    assert "x_0 and w_2 are exchanged" in [slip["says"] for slip in one["slips"]]


def test_what_no_point_could_show_is_no_fault(tmp_path):
    """f = x + y: both gradients are 1 everywhere, and so is the upstream gradient; of 0·y the gradient is 0, and so is twice that."""
    assert linted(tmp_path, "f = x + y\nat x = 3, y = 4\nask df/dx, df/dy\n")["warnings"] == 0
    assert linted(tmp_path, "f = x + y\nat x = 3, y = 4\nask df/dx\nat x = 5, y = 7\nask df/dx\n")["warnings"] == 0
    assert linted(tmp_path, "f = x^2 + 0 y\nat x = 3, y = 4\nask df/dy\n")["warnings"] == 0


def test_two_points_with_one_answer(tmp_path):
    text = "f = x y\nat x = 2, y = 3\nask df/dx\nat x = 5, y = 3\nask df/dx\n"
    found = linted(tmp_path, text)
    assert [[slip["kind"] for slip in one["slips"]] for one in of_kind(found, "unlucky")] == [["other-point"], ["other-point"]]
    assert kinds(linted(tmp_path, text.replace("x = 5, y = 3", "x = 5, y = 7"))) <= {"alike"}


def test_an_open_gate_is_lucky_for_nobody(tmp_path):
    """relu at x > 0: to take the gate for open is right there; where it is closed, every mistake is 0 as the truth is."""
    text = "f = relu(x) y\nat x = {}, y = 3\nask df/dx\n"
    assert linted(tmp_path, text.replace("{}", "5"))["warnings"] == 0
    assert kinds(linted(tmp_path, text.replace("{}", "-5"))) >= {"unlucky"}


# ---- tolerances ---------------------------------------------------------------------------------------------


def test_a_wide_tolerance_lets_wrong_answers_pass(tmp_path):
    """σ′(x)·w with w = 1.01 is within 5 % of σ′(x): so the inner derivative may be missing."""
    text = "f = sigmoid(1.01 x)\nat x = 2\nask df/dx\n"
    assert "passes" not in kinds(linted(tmp_path, text))
    found = linted(tmp_path, text, "--rtol", "0.05")
    (passes,) = [one for one in of_kind(found, "passes") if any("inner" in slip["kind"] for slip in one["slips"])]
    assert passes["option"] == "without --rtol"
    assert run_here("check", "sigmoid(1.01 x)", "x=2", f"dx={passes['answer']}", "--rtol", "0.05").code == 0
    assert run_here("check", "sigmoid(1.01 x)", "x=2", f"dx={passes['answer']}").code == 1


def test_too_few_digits_let_wrong_answers_pass(tmp_path):
    found = linted(tmp_path, "f = sigmoid(1.01 x)\nat x = 2\nask df/dx\n", "--digits", "1")
    assert all(one["option"].startswith("--digits ") for one in of_kind(found, "passes"))
    assert not of_kind(linted(tmp_path, "f = sigmoid(3 x)\nat x = 0.4\nask df/dx\n", "--digits", "3"), "passes")


def test_which_roundings_would_fail_and_what_accepts_them(tmp_path):
    """The neuron of the lecture, whose slides round to two decimals: 0.20 · 2 = 0.40 for 0.3932."""
    fails = {one["answer"]: one["option"] for one in of_kind(linted(tmp_path, NEURON), "fails")}
    assert fails["0.40"] == "--rounded 2"
    assert fails["0.39"] == "--digits 2"
    assert not {"0.393", "0.3932", "0.39322"} & fails.keys()
    for answer, option in fails.items():
        words = ("1/(1+e^{-(w_0x_0+w_1x_1+w_2)})", "w_0=2", "x_0=-1", "w_1=-3", "x_1=-2", "w_2=-3", f"dx_0={answer}")
        assert run_here("check", *words).code == 1
        assert run_here("check", *words, *option.split()).code == 0


def test_the_option_that_accepts_them_leaves_none(tmp_path):
    found = linted(tmp_path, NEURON, "--rounded", "2", "--digits", "2")
    assert "0.40" not in [one["answer"] for one in of_kind(found, "fails")]


def test_nobody_rounds_a_whole_number(tmp_path):
    assert not of_kind(linted(tmp_path, circuit(-2, 5, -4)), "fails")


# ---- kinks, and slips that meet -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("f = relu(x) + y\nat x = 0, y = 2\nask df/dx\n", "kink"), ("f = max(x, y) + x\nat x = 2, y = 2\nask df/dx\n", "kink"),
        ("f = floor(x)\nat x = 2\nanswer df/dx = undefined\n", "jump"), ("f = sqrt(x)\nat x = 0\nanswer df/dx = undefined\n", "vertical"),
        ("f = exp(x)\nat x = 1000\nask df/dx\n", "overflow"), ("f = exp(x)\nat x = -1000\nask df/dx\n", "underflow"),
        ("f = ln(x)\nat x = -1\nanswer df/dx = undefined\n", "undefined"), ("f = relu(3 x)\nat x = 0.001\nask df/dx\n", "beside-a-kink"),
    ],
)  # fmt: skip
def test_points_where_something_is_special(tmp_path, text, kind):
    found = linted(tmp_path, text)
    assert kind in kinds(found)
    assert bool(found["warnings"]) == (kind in ("kink", "overflow", "underflow"))  # the others are what the key says outright


def test_slips_that_meet_cannot_be_named(tmp_path):
    """At x = 2 the slope of x² is as its value: to give the value is to be right; at 4 it is twice the slope."""
    assert "forward-value" in [slip["kind"] for one in of_kind(linted(tmp_path, "f = x^2\nat x = 2\n"), "unlucky") for slip in one["slips"]]
    groups = [{slip["kind"] for slip in one["slips"]} for one in of_kind(linted(tmp_path, "f = x^2\nat x = 4\n"), "alike")]
    assert any({"forward-value", "factor"} <= group for group in groups)


# ---- a better point -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        circuit(1, 1, 1), circuit(2, 3, 0), NEURON, "f = relu(x) + y\nat x = 0, y = 2\nask df/dx\n", "f = x^2\nat x = 2\n",
        "f = sum((W x)^2)\nat W = [[1, 1], [1, 1]], x = [1, 1]\nask df/dx, df/dW\n",
    ],
)  # fmt: skip
def test_the_point_suggested_has_no_fault(tmp_path, text):
    (advice,) = linted(tmp_path, text)["advice"]
    old = next(line for line in text.splitlines() if line.startswith("at "))
    assert linted(tmp_path, text.replace(old, advice["line"]))["warnings"] == 0


def test_where_there_is_none_that_is_said(tmp_path):
    """x·0 + 1: whatever x is, the gradient is 0, and the value 1 is not; but at no x is 0 told from twice 0."""
    (advice,) = linted(tmp_path, "f = relu(x) relu(-x - 1)\nat x = 2\nask df/dx\n")["advice"]
    assert advice["line"] is None


# ---- the command --------------------------------------------------------------------------------------------


def test_the_table(tmp_path):
    key = tmp_path / "key.grad"
    key.write_text(circuit(1, 1, 1))
    ran = run_here("grade", "--self-test", str(key))
    assert ran.code == 1
    assert "you gave the local gradient alone" in ran.out
    assert "a better point: at x = " in ran.out
    assert "faults (3 parts, " in ran.out
    assert run_here("grade", "--self-test", str(key), "--lang", "ru").out.count("неудачно") == 3


def test_the_table_is_short(tmp_path):
    """Of right roundings that fail the longest is listed, and what cannot be told apart is a line: --json has them all."""
    key = tmp_path / "key.grad"
    key.write_text("s = sigmoid(x)\nat x = 1.5\n")
    rows = run_here("grade", "--self-test", str(key)).out.splitlines()
    assert [row.split()[-1] for row in rows if row.startswith("would fail") and "--digits" in row] == ["2"]
    assert {"--digits 1", "--digits 2"} <= {one["option"] for one in of_kind(linted(tmp_path, key.read_text()), "fails")}
    key.write_text("q = x + y\nf = q z\nat x = -2, y = 5, z = -4\nask f, df/dx\n")
    out = run_here("grade", "--self-test", str(key)).out
    assert "mistakes that cannot be told apart, as they give one number: f, df/dx (--json says which)\n" in out
    assert "alike" not in out


def test_a_key_that_is_wrong_is_an_error(tmp_path):
    key = tmp_path / "key.grad"
    key.write_text("f = x^2\nat x = 3\nanswer df/dx = 5\n")
    assert run_here("grade", "--self-test", str(key)).code == 2
    assert run_here("grade", "--self-test", str(tmp_path / "none.grad")).code == 2


def test_formulas_are_judged_everywhere(tmp_path):
    """Without a point none can be unlucky."""
    found = linted(tmp_path, "f = x^2\nask df/dx\n")
    assert (found["parts"], found["findings"]) == (0, [])


def test_the_same_bytes_every_time():
    sample = ROOT / "samples" / "10-a-homework-sheet.grad"
    assert run_here("grade", "--self-test", str(sample), "--json").out == run_here("grade", "--self-test", str(sample), "--json").out


def test_from_python():
    key = read_key(Source(circuit(1, 1, 1)), Limits(), Rules())
    assert self_test(key, Rules()).warnings == 3
