"""`gradcli check`: answers judged, on the command line and with every rule of the digits."""

import json
from pathlib import Path

import consumers
import pytest
from conftest import ROOT, run_here, run_there

NEURON = "1/(1+e^{-(w_0x_0+w_1x_1+w_2)})"
AT = ("w_0=2", "x_0=-1", "w_1=-3", "x_1=-2", "w_2=-3")


def check(*words):
    """Return the verdicts of a command line, in order."""
    return [answer["verdict"] for answer in document(*words)["answers"]]


def document(*words):
    ran = run_here("check", *words, "--json")
    assert ran.out, ran.err
    return json.loads(ran.out)


def verdict(*words):
    """Return the one verdict."""
    (found,) = check(*words)
    return found


# ---- what is answered ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "want"),
    [
        ("df/dx=-4", "correct"), ("∂f/∂x=-4", "correct"), ("d f / d x = -4", "correct"), ("dx=-4", "correct"), ("dq=-4", "correct"),
        ("q=3", "correct"), ("f=-12", "correct"), ("df/dq=-4", "correct"), ("dz=3", "correct"), ("dx=4", "incorrect"), ("q=-3", "incorrect"),
        ("f=12", "incorrect"), ("df/dw=1", "invalid"), ("dg/dx=1", "invalid"), ("foo=1", "invalid"), ("dx=[1,2]", "invalid"), ("dx=", "invalid"),
        ("dx=(3", "invalid"), ("dx=foo", "invalid"), ("dx=1,5", "invalid"), ("dx=nan", "invalid"), ("df/dz=x+y", "correct"), ("df/dz=q", "correct"),
        ("df/dz=f/z", "correct"), ("df/dz=x-y", "incorrect"), ("q=x+y", "correct"), ("dx=DNE", "incorrect"), ("dx=undefined", "incorrect"),
    ],
)  # fmt: skip
def test_targets_and_forms(answer, want):
    assert verdict("q = x + y; f = q z", "x=-2", "y=5", "z=-4", answer) == want


@pytest.mark.parametrize("answer", ["q=q", "q=q+1-1", "q=f/z", "f=f", "r=r", "f=2*f/2", "r=f/q", "q=r-z"])
def test_what_is_asked_cannot_stand_in_its_own_answer(answer):
    """A value that is answered by its own name, or by what was made of it, is not answered at all."""
    problem = "q = x + y; r = q + z; f = q r"
    assert verdict(problem, "x=-2", "y=5", "z=-4", answer) == "invalid"
    assert verdict(problem, answer) == "invalid"


@pytest.mark.parametrize("answer", ["r=q+z", "f=q r", "df/dq=r+q", "df/dq=f/q+q", "a=q", "q=x+y"])
def test_what_came_before_may_stand_in_an_answer(answer):
    assert verdict("q = x + y; a = q; r = a + z; f = q r", "x=-2", "y=5", "z=-4", answer) == "correct"


def test_a_name_like_dx_that_is_a_variable_is_one():
    assert check("dx^2 + x", "dx=3", "x=1", "df/ddx=6", "df/dx=1") == ["correct", "correct"]


def test_an_answer_by_option():
    assert check("x^2", "x=3", "--answer", "df/dx=6", "--answer", "f = 9") == ["correct", "correct"]


# ---- digits -------------------------------------------------------------------------------------------------

# σ'(1) = 0.196611933241481852…
DIGITS = [
    ("0.197", "correct"), ("0.1966", "correct"), ("0.19661", "correct"), ("0.196612", "correct"), ("0.196611", "incorrect"),
    ("0.1967", "incorrect"), ("0.196", "incorrect"), ("0.20", "incorrect"), ("0.2", "incorrect"), ("0", "incorrect"), ("0.000", "incorrect"),
    ("-0.197", "incorrect"), ("1.97e-1", "correct"), ("1.97*10^-1", "correct"), ("1.97·10^{-1}", "correct"), ("19.7e-2", "correct"),
    (".197", "correct"), ("+0.197", "correct"), ("0.197000", "incorrect"), ("0.19661193324148185", "correct"),
    ("0.19661193324148187", "incorrect"), ("0.196611933241481853", "correct"), ("0.196611933241481851", "incorrect"),
    ("e^-1/(1+e^-1)^2", "correct"), ("e/(1+e)^2", "correct"), ("e/(1+e)^3", "incorrect"), ("1/5", "incorrect"), ("0.73*0.27", "correct"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "want"), DIGITS)
def test_digits(given, want):
    assert verdict("1/(1+e^-x)", "x=1", f"df/dx={given}") == want


@pytest.mark.parametrize(
    ("text", "at", "given", "want"),
    [
        ("x/8", "x=1", "0.125", "correct"), ("x/8", "x=1", "0.13", "incorrect"), ("x/8", "x=1", "1/8", "correct"), ("x/8", "x=1", "0.12500", "correct"),
        ("x/3", "x=1", "0.333", "correct"), ("x/3", "x=1", "0.33", "incorrect"), ("x/3", "x=1", "1/3", "correct"), ("x/3", "x=1", "0.334", "incorrect"),
        ("x^2", "x=0", "0", "correct"), ("x^2", "x=0", "0.0", "correct"), ("x^2", "x=0", "1e-300", "incorrect"), ("x^2", "x=0", "-0", "correct"),
        ("x*1e-9", "x=1", "0", "incorrect"), ("x*1e-9", "x=1", "1e-9", "correct"), ("x*1e-9", "x=1", "-1e-9", "incorrect"),
        ("exp(x)", "x=1000", "1.97e434", "correct"), ("exp(x)", "x=1000", "1.98e434", "incorrect"), ("exp(x)", "x=-1000", "5.08e-435", "correct"),
        ("exp(x)", "x=-1000", "0", "incorrect"), ("sin(x)", "x=pi", "-1", "correct"), ("cos(x)", "x=pi", "0", "correct"),
        ("sqrt(2)*x", "x=1", "sqrt(2)", "correct"), ("sqrt(2)*x", "x=1", "2/sqrt(2)", "correct"), ("sqrt(2)*x", "x=1", "1.414", "correct"),
        ("1000x", "x=1", "1000", "correct"), ("1234.5x", "x=1", "1230", "incorrect"), ("1234.5x", "x=1", "1235", "correct"), ("1234.5x", "x=1", "1234", "correct"),
    ],
)  # fmt: skip
def test_exact_and_rounded(text, at, given, want):
    assert verdict(text, at, f"dx={given}") == want


def test_fewer_digits_and_tolerances():
    assert verdict("1/(1+e^-x)", "x=1", "dx=0.2", "--digits", "1") == "correct"
    assert verdict("1/(1+e^-x)", "x=1", "dx=0.1970", "--rtol", "0.01") == "correct"
    assert verdict("1/(1+e^-x)", "x=1", "dx=0.1970", "--rtol", "0.001") == "incorrect"
    assert verdict("x^2", "x=0", "dx=1e-9", "--rtol", "0.5") == "incorrect"
    assert run_here("check", "x", "x=1", "dx=1", "--rtol", "2").code == 2


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("places", [3, 5, 9, 14])
def test_the_edge_of_the_last_digit(sign, places):
    """Half a unit is right, a hair more is not; the truth is exact, so that the edge is."""
    truth, unit = f"{sign}0.{'1' * places}5", "1"  # halfway between two decimals of so many places
    low, high = f"{sign}0.{'1' * places}", f"{sign}0.{'1' * (places - 1)}2"
    assert unit
    assert [verdict(f"{truth}*x", "x=1", f"dx={given}") for given in (low, high)] == ["correct", "correct"]
    beyond = truth + "0000001"
    assert [verdict(f"{beyond}*x", "x=1", f"dx={given}") for given in (low, high)] == ["incorrect", "correct"]


# ---- arrays -------------------------------------------------------------------------------------------------

LAYER = ("W x + b", "W=[[1,2],[3,4]]", "x=[5,6]", "b=[1,1]")


@pytest.mark.parametrize(
    ("answer", "want"),
    [
        ("f=[18,40]", "correct"), ("f=[18,41]", "incorrect"), ("dx=[[1,2],[3,4]]", "correct"), ("dx=[[1,3],[2,4]]", "incorrect"), ("dx=[1,2]", "invalid"),
        ("dW=[[[5,6],[0,0]],[[0,0],[5,6]]]", "correct"), ("dW=[[[5,6],[0,0]],[[0,0],[6,5]]]", "incorrect"), ("db=[[1,0],[0,1]]", "correct"),
        ("f=[18;40]", "invalid"), ("f=18", "invalid"), (r"f=\begin{pmatrix}18\\40\end{pmatrix}", "correct"), ("f=<18,40>", "correct"),
    ],
)  # fmt: skip
def test_arrays(answer, want):
    assert verdict(*LAYER, answer) == want


def test_the_wrong_entry_is_named():
    (answer,) = document("sum(x^3)", "x=[1,1e-8,1e8]", "dx=[3,1e-16,3e16]")["answers"]
    assert (answer["verdict"], answer["where"], answer["expected"]) == ("incorrect", "entry 2", "[3, 3e-16, 30000000000000000]")


def test_formulas_of_arrays():
    point = ("W=[[1,2],[3,4]]", "x=[5,6]")
    assert check("sum((W x)^2)", *point, "df/dx=2 W' W x", "dW=2 W x x'", "dW=2 x x' W") == ["correct", "correct", "incorrect"]


# ---- kinks --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "at", "given", "want", "strict"),
    [
        ("|x|", "x=0", "0", "correct", "correct"), ("|x|", "x=0", "0.5", "correct", "incorrect"), ("|x|", "x=0", "-1", "correct", "incorrect"),
        ("|x|", "x=0", "1.001", "incorrect", "incorrect"), ("|x|", "x=0", "DNE", "correct", "correct"), ("relu(x)", "x=0", "1", "correct", "incorrect"),
        ("relu(x)-relu(-x)", "x=0", "1", "correct", "correct"), ("relu(x)-relu(-x)", "x=0", "0", "incorrect", "incorrect"),
        ("floor(x)", "x=2", "0", "incorrect", "incorrect"), ("floor(x)", "x=2", "DNE", "correct", "correct"), ("sqrt(x)", "x=0", "inf", "correct", "correct"),
        ("sqrt(x)", "x=0", "-inf", "incorrect", "incorrect"), ("sqrt(x)", "x=0", "undefined", "correct", "correct"), ("sqrt(x)", "x=0", "1e9", "incorrect", "incorrect"),
        ("ln(x)", "x=-1", "-1", "incorrect", "incorrect"), ("ln(x)", "x=-1", "undefined", "correct", "correct"), ("x^2", "x=1", "DNE", "incorrect", "incorrect"),
        ("sqrt(x*x)", "x=0", "does not exist", "correct", "correct"),
    ],
)  # fmt: skip
def test_kinks(text, at, given, want, strict):
    assert verdict(text, at, f"dx={given}") == want
    assert verdict(text, at, f"dx={given}", "--kink", "strict") == strict


def test_a_kink_is_noted():
    (answer,) = document("|x|", "x=0", "dx=0.5")["answers"]
    assert "slope -1 on the left, 1 on the right" in answer["notes"][0]


# ---- formulas -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "answer", "want"),
    [
        ("x^2 y", "2 x y", "correct"), ("x^2 y", "2 x y + 1e-9 x", "incorrect"), ("sin(x)^2", "sin(2x)", "correct"), ("sin(x)^2", "2 sin(x)", "incorrect"),
        ("|x|", "x/|x|", "correct"), ("|x|", "1", "incorrect"), ("|x-100|", "-1", "incorrect"), ("|x-1e7|", "-1", "incorrect"), ("tanh(10x)", "10", "incorrect"),
        ("1/(1+e^-x)", "f(1-f)", "correct"), ("1/(1+e^-x)", "f", "incorrect"), ("1/(1+e^-x)", "1-f", "incorrect"), ("1/(1+e^-x)", "f(1+f)", "incorrect"),
        ("x^x", "x^x(ln x + 1)", "correct"), ("x^x", "x x^(x-1)", "incorrect"), ("ln(x)", "1/|x|", "correct"), ("(x+1)^2/(x+1)", "1", "correct"),
        ("e^(-20x)", "-20e^(-20x)", "correct"), ("x^3/3", "0.333333333333333*3x^2", "correct"), ("x^3/3", "0.333*3x^2", "incorrect"), ("sinh(x)", "1.5*0.99999999999999cosh(x)-0.5*0.99999999999999cosh(x)", "incorrect"),
        (r"\sigma(x)", r"\frac{e^{-x}}{(1+e^{-x})^2}", "correct"), ("asec(x)", "1/(x sqrt(x^2-1))", "incorrect"), ("[x^2, sin(x)]", "[2x, cos(x)]", "correct"),
        ("[x^2, sin(x)]", "[2x, -cos(x)]", "incorrect"), ("max(x, 2)", "where(x>2, 1, 0)", "correct"), ("x!", "x! digamma(x+1)", "correct"),
    ],
)  # fmt: skip
def test_formulas(text, answer, want):
    assert verdict(text, f"df/dx={answer}") == want


def test_a_witness_is_a_point_anyone_can_confirm():
    (answer,) = document("x^2 y", "df/dx=2x+y")["answers"]
    x, y = (float(answer["witness"]["at"][name]) for name in "xy")
    assert float(answer["witness"]["given"]) == 2 * x + y != float(answer["witness"]["expected"]) == 2 * x * y


def test_a_difference_of_domain_is_said():
    (answer,) = document("cbrt(x)", "df/dx=1/3 x^(-2/3)")["answers"]
    assert answer["verdict"] == "correct"
    assert answer["notes"][0].startswith("the domains differ: the answer has no value at x = -")
    assert verdict("cbrt(x)", "df/dx=1/3 x^(-2/3)", "--domain", "strict") == "incorrect"


def test_a_formula_is_judged_as_one_even_at_a_point():
    """Right at x = 2 alone is not right."""
    assert verdict("x^2", "x=2", "df/dx=x+2") == "incorrect"


# ---- rounding on the way ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "want"),
    [
        ("dx_0=0.39", "correct"), ("dx_0=0.40", "correct"), ("dx_0=0.4", "correct"), ("dx_0=0.41", "incorrect"), ("dx_0=0.38", "incorrect"),
        ("dw_0=-0.20", "correct"), ("dw_1=-0.39", "correct"), ("dw_1=-0.4", "correct"), ("dx_1=-0.59", "correct"), ("dx_1=-0.6", "correct"),
        ("dw_2=0.2", "correct"), ("dw_2=0.21", "incorrect"), ("f=0.73", "correct"), ("f=0.74", "incorrect"), ("dw_2=-0.2", "incorrect"),
    ],
)  # fmt: skip
def test_rounded_on_the_way(answer, want):
    """The neuron of the lecture, its slides rounded to two decimals."""
    assert verdict(NEURON, *AT, answer, "--rounded", "2") == want


def test_rounded_on_the_way_through_a_local_gradient_that_is_no_fraction():
    """The local gradient σ(3)·σ(-3) of a rounded 3 is a ball, which has no hash."""
    assert check("s = sigmoid(w x); L = (s - 1)^2", "w=1", "x=3", "dL/dw=-0.0129", "dL/dw=-0.01", "dL/dw=0.01", "--rounded", "2") == ["correct", "correct", "incorrect"]


def test_without_the_option_rounding_on_the_way_is_wrong():
    assert verdict(NEURON, *AT, "dx_0=0.40") == "incorrect"


# ---- what is told -------------------------------------------------------------------------------------------


def test_json_has_the_documented_keys():
    found = document("x^2", "x=3", "dx=5", "dx=6")
    assert (found["schema"], found["verdict"], len(found["answers"])) == ("gradcli/check/1", "incorrect", 2)
    assert set(found["answers"][0]) == {
        "target", "given", "expected", "verdict", "error", "where", "hint", "rule", "witness", "method", "notes", "diagnosis",
    }  # fmt: skip


@pytest.mark.parametrize(("reveal", "seen"), [("verdict", set()), ("where", {"where"}), ("hint", {"where", "hint", "error"}), ("all", {"where", "hint", "error", "expected"})])
def test_reveal(reveal, seen):
    (answer,) = document("sum(x^2)", "x=[1,2]", "dx=[2,5]", "--reveal", reveal)["answers"]
    assert {key for key in ("where", "hint", "error", "expected", "witness") if answer[key]} == seen
    for form in ("--plain", "--color=never"):
        assert ("4" in run_here("check", "sum(x^2)", "x=[1,2]", "dx=[2,5]", "--reveal", reveal, form).out) == (reveal == "all")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("x^2", "x=3", "dx=6"), 0), (("x^2", "x=3", "dx=5"), 1), (("x^2", "x=3", "dx=5", "dx=(6"), 2), (("x^2", "x=3"), 2), (("x^", "x=3", "dx=1"), 2),
        (("abs(x^2-2)", "x=sqrt(2)", "dx=0"), 3), (("x^2", "dx=2x"), 0), (("x^2", "x=3", "dx=6", "--kink", "no"), 2),
    ],
)  # fmt: skip
def test_exit_codes(words, code):
    assert run_here("check", *words).code == code


def test_a_stage_that_nothing_uses_is_nothing_to_answer():
    assert check("q = 2x; f = x", "x=1", "q=2", "dx=1") == ["invalid", "correct"]


def test_invalid_answers_stop_no_other():
    assert check("x^2", "x=3", "dx=(", "dx=6", "dy=1") == ["invalid", "correct", "invalid"]


@pytest.mark.parametrize("hostile", ["[red]6[/]", "6\x1b[31m", "6\u202e", "__import__('os')", "{0.__class__}", "6;6", "9" * 500, "(" * 2000, "1e999999999", "9^9^9^9", ":smile:"])
def test_hostile_answers_are_judged_and_nothing_else(hostile):
    for form in ("--json", "--plain", "--color=never"):
        ran = run_here("check", "x^2", "x=3", f"dx={hostile}", form)
        assert ran.code in (1, 2, 3), ran
        assert "\x1b" not in ran.out + ran.err
        assert "\u202e" not in (ran.out if form != "--json" else "") + ran.err
        assert "error[bug]" not in ran.err


def test_the_same_bytes_in_every_process():
    words = ("check", "sin(x)*e^(-x^2)+|x|", "df/dx=cos(x)*e^(-x^2)-2x sin(x) e^(-x^2)+sign(x)", "df/dx=cos(x)", "--json")
    runs = {run_there(*words, env={"PYTHONHASHSEED": str(seed), "LC_ALL": "C.UTF-8" if seed % 2 else "C"}).stdout for seed in range(4)}
    assert len(runs) == 1


@pytest.mark.parametrize("path", sorted((ROOT / "samples").glob("*.grad")), ids=lambda path: path.stem)
def test_the_lessons_grade_themselves_correct(path):
    ran = run_here("check", str(path), "--plain")
    assert ran.code == 0, ran.out + ran.err


def test_a_worksheet(tmp_path: Path):
    sheet = tmp_path / "sheet.grad"
    sheet.write_text("question 1 [2 points]\nf = (x + y) z\nat x = -2, y = 5, z = -4\nanswer df/dx = -4\nanswer df/dy = 4\nat x = 1, y = 1, z = 1\nanswer f = 2\n")
    found = document(str(sheet))
    assert [(a["question"], a["at"], a["target"], a["verdict"]) for a in found["answers"]] == [
        ("1", "x = -2, y = 5, z = -4", "df/dx", "correct"), ("1", "x = -2, y = 5, z = -4", "df/dy", "incorrect"), ("1", "x = 1, y = 1, z = 1", "f", "correct"),
    ]  # fmt: skip


@pytest.mark.parametrize("command", ["::set-output name=grade::100", "##[set-output name=grade]100", "##[stop-commands]x", "##vso[task.complete]x"])
def test_no_build_obeys_an_answer(command, tmp_path: Path):
    """What is printed into the log of a build is read there for commands: in answers, names of questions, and drawings of errors."""
    sheet = tmp_path / "sheet.grad"
    sheet.write_text(f"question {command.replace('#', '')}\nf = x^2\nat x = 3\nanswer df/dx = 5\n")
    (tmp_path / "broken.grad").write_text(f"f = (x\n{command.replace('#', '')} = (\n")
    for words in (["x^2", "x=3", f"dx={command}"], [str(sheet)], [str(tmp_path / "broken.grad")]):
        for form in ("--json", "--plain", "--color=never"):
            ran = run_here("check", *words, form)
            assert consumers.obeyed(ran.out + ran.err) == []
            assert "##vso[" not in ran.out + ran.err
