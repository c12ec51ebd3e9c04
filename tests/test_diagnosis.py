"""Which mistake was made: each slip of the list by an example of its own, and when nothing is said."""

import pytest

from gradcli.judge.check import Rules, judge
from gradcli.judge.expected import expected
from gradcli.judge.numbers import Tolerance
from gradcli.judge.slips.table import MISREAD, ON_PAPER, WRONG
from gradcli.judge.targets import target_of
from gradcli.judge.truth import Truth
from gradcli.limits import Limits
from gradcli.operands.answers import read_answers
from gradcli.ops import TABLE
from gradcli.rules import formula

FORMS = {row.form: row for row in TABLE}


def verdicts(*words, digits=3):
    """Return the verdict on each answer of a command line."""
    (task,) = read_answers(list(words), [], Limits())
    truth = Truth(task.program, task.bindings, Limits())
    rules = Rules(Tolerance(digits))
    return [judge(truth, a.target, a.source, a.start, a.end, rules, Limits()) for a in task.answers]


def named(*words):
    (verdict,) = verdicts(*words)
    assert verdict.verdict == "incorrect"
    return verdict.diagnosis


CIRCUIT = ("q = x + y; f = q z", "x=-2", "y=5", "z=-4")
FORK = ("q = x + y; f = q*q*z + q", "x=1.3", "y=0.6", "z=-0.7")
NEURON = ("1/(1+e^{-(w0 x0 + w1 x1 + w2)})", "w0=2", "x0=-1", "w1=-3", "x1=-2", "w2=-3")
LOSS = ("s = sigmoid(w x); L = (s - y)^2", "w=0.7", "x=1.9", "y=0.25")
LAYER = ("L = sum((W@x)^2)", "W=[[0.1,0.5],[-0.3,0.8]]", "x=[0.2,0.4]")

# The function and the point, the answer, the kind of slip, and the step that is named (nothing where it is the whole).
SLIPS = [
    (CIRCUIT, "df/dx=4", "sign", ""),
    (FORK, "df/dz=-3.61", "sign", ""),
    (CIRCUIT, "df/dx=1", "upstream-forgotten", "q = x + y"),
    (LOSS, "dL/dw=0.314282", "upstream-forgotten", "s = σ(w·x)"),
    (LOSS, "dL/dw=2.05519", "local-forgotten", "s = σ(w·x)"),
    (FORK, "df/dx=1", "one-path", "q = x + y"),
    (("x*x + sin(x)", "x=0.9"), "df/dx=1.8", "one-path", "x"),
    (("x*x", "x=1.7"), "df/dx=1.7", "one-path", "x"),
    (CIRCUIT, "df/dq=3", "inputs-not-swapped", "f = q·z"),
    (("sin(x)*e^(2x)",), "df/dx=2cos(x)*e^(2x)", "product-rule", "f = sin(x)·e^(2·x)"),
    (("x^2*ln(x)", "x=1.9"), "df/dx=2", "product-rule", "f = x²·ln(x)"),
    (("sin(x)/(1+x^2)",), "df/dx=cos(x)/(2x)", "quotient-rule", "f = sin(x)/(1 + x²)"),
    (("sin(x)/x",), "df/dx=(cos(x)*x + sin(x))/x^2", "quotient-sign", "f = sin(x)/x"),
    (("sin(x)/x",), "df/dx=cos(x)*x - sin(x)", "quotient-denominator", "f = sin(x)/x"),
    (("sin(x)/x",), "df/dx=cos(x) - sin(x)/x", "quotient-square", "f = sin(x)/x"),
    (("x^3", "x=1.5"), "df/dx=10.125", "power-exponent", "f = x³"),
    (("x^3",), "df/dx=x^2", "power-coefficient", "f = x³"),
    (("2^x", "x=1.3"), "df/dx=2.462289", "exponential-base", "f = 2^x"),
    (("2^x",), "df/dx=x*2^(x-1)", "exponential-power", "f = 2^x"),
    (("sin(x^2)", "x=1.2"), "df/dx=0.130424", "inner-derivative", "x²"),
    (("sigmoid(x)", "x=1.1"), "df/dx=0.249740", "sigmoid-derivative", "f = σ(x)"),
    (LOSS, "dL/ds=-1.083", None, None),
    (NEURON, "df/dw2=0.268941", "quotient-square", None),
    (NEURON, "df/dw2=1.26551", "sigmoid-derivative", None),
    (("tanh(x)*y", "x=0.6", "y=1.7"), "df/dx=0.787016", "tanh-derivative", "tanh(x)"),
    (("(x-y)^2/2", "x=3.1", "y=1.3"), "df/dx=3.6", "upstream-forgotten", "(x - y)²"),
    (("(x-y)^2/3", "x=3.1", "y=1.3"), "df/dx=10.8", "quotient-inverted", "f = (x - y)²/3"),
    (("x/y", "x=1.7", "y=2.3"), "df/dx=1", "local-forgotten", "f = x/y"),
    (("1/x", "x=2.5"), "df/dx=0.16", "quotient-sign", "f = 1/x"),
    (("1/x", "x=2.5"), "df/dx=-0.4", "quotient-square", "f = 1/x"),
    (("ln(x)*y", "x=2.3", "y=1.7"), "df/dx=0.321000", "log-base", "ln(x)"),
    (("log10(x)", "x=2.3"), "df/dx=0.434783", "log-base", "f = log10(x)"),
    (("sin(x)*y", "x=1.2", "y=3.1"), "df/dx=3.09932", "degrees", ""),
    (("relu(x)*y", "x=-1.3", "y=2.1"), "df/dx=2.1", "gate-open", "relu(x)"),
    (("max(x, y)*z", "x=1.3", "y=2.1", "z=0.7"), "df/dx=0.7", "max-loser", "max(x, y)"),
    (LAYER, "dL/dx=[-0.22,0.636]", None, None),
    (LAYER, "dL/dW=[[0.088,0.104],[0.176,0.208]]", "outer-transposed", "W x"),
    (("sum(W@x * y)", "W=[[0.1,0.5],[-0.3,0.8]]", "x=[0.2,0.4]", "y=[1.3,-0.7]"), "df/dx=[-0.22,-0.95]", "not-transposed", "W x"),
    (LAYER, "dL/dx=[0.044,0.22]", "sum-forgotten", "W x"),
    (("mean((x - y)^2)", "x=[1.2,-0.4,0.9]", "y=[0.3,0.7,-0.2]"), "df/dx=[1.8,-2.2,2.2]", "sum-for-mean", "f = mean((x - y)²)"),
    (("x*y^2", "x=1.3", "y=0.7"), "df/dy=0.91", "power-coefficient", "y²"),
    (("x*sin(y)", "x=1.3", "y=0.7"), "df/dy=1.98859", "factor", ""),
    (("x*y^2", "x=1.3", "y=0.7"), "df/dy=0.49", "variables-swapped", ""),
    (("x^2*y", "x=1.3", "y=0.7"), "df/dx=0.637", None, None),
    (LAYER, "dL/dx=[0.636,-0.112]", "entries-swapped", ""),
    (CIRCUIT, "df/dx=-12", "forward-value", ""),
    (FORK, "q=-1.66", "gradient-for-value", ""),
    (("x^2 + 3*x",), "df/dx=x^3/3 + 3/2*x^2", "integrated", ""),
    (("x^2 + 3*x",), "df/dx=x^3/3 + 3/2*x^2 + 7", "integrated", ""),
    (("x^2 + 3*x", "x=1.3"), "df/dx=3.26733", "integrated", ""),
    ((*NEURON[:1], "w0=0.71", "x0=1.23", "w1=0.63", "x1=-1.68", "w2=-1.51"), "df/dw0=0.160118", "rounded-early", ""),
    (CIRCUIT, "df/dx=-0.4", "power-of-ten", ""),
    (CIRCUIT, "q=-7", "another-operation", "q = x + y"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "answer", "kind", "step"), SLIPS, ids=lambda value: None)
def test_a_slip_is_named(words, answer, kind, step):
    found = named(*words, answer)
    assert (found and found.kind) == kind
    assert step is None or found.step == step


def test_the_sentence_names_the_step_and_what_was_done():
    assert named(*FORK, "df/dx=1").says == "at q = x + y you used only one of the 3 paths: the one through f = q·q·z + q"
    assert named(*CIRCUIT, "df/dx=1").says == (
        "at q = x + y you gave the local gradient alone: multiply it by the upstream gradient"
    )


@pytest.mark.parametrize(
    ("words", "answer", "says"),
    [
        (("sigmoid(w x)", "w=1.2", "x=0.7"), "f=0.30153478", "at f = σ(w·x) you computed σ(-(w·x))"),
        (("(x+y)*(x-y)", "x=1.2", "y=0.7"), "f=2.4", "at f = (x + y)·(x - y) you computed x + y + (x - y)"),
        (("relu(x*y - 3)/y", "x=1.2", "y=0.7"), "f=-3.0857143", "at relu(x·y - 3) you computed x·y - 3"),
        (CIRCUIT, "f=-1", "at f = q·z you computed q + z"),
    ],
)
def test_a_sentence_is_in_names_that_people_know(words, answer, says):
    assert named(*words, answer).says == says


def test_two_slips_that_meet_at_this_point_are_not_named():
    # at x = 2, y = 2 the value of x, of y and half of df/dx are one number; x·x and x + x, too
    assert named("x^2*y/2", "x=2", "y=2", "df/dx=2") is None


def test_one_function_under_two_names_is_named():
    # the sign of any gate of a chain is the sign of the whole
    assert named("sin(cos(x))", "x=0.7", "df/dx=0.464798").says == "at cos(x) the minus is lost"


def test_an_answer_that_no_slip_explains_is_only_wrong():
    assert named(*CIRCUIT, "df/dx=2.71") is None


def test_a_zero_is_no_rounding_of_what_is_not_zero():
    # nor is 1 for 0.6 what is wrong with an array that has another entry wrong
    assert named("relu(x)/3", "x=1.5", "df/dx=0").kind == "gate-closed"
    assert verdicts("x/10", "x=1.5", "df/dx=0e3")[0].error == "too small"
    assert verdicts("x/1000", "x=1.5", "df/dx=0.00")[0].error == "too few digits"
    (verdict,) = verdicts("norm(x)", "x=[3,4]", "df/dx=[1,4]")
    assert (verdict.where, verdict.error) == ("entry 1; 2", "too large")


@pytest.mark.parametrize("words", [CIRCUIT, FORK, NEURON, LOSS, LAYER], ids=lambda words: words[0])
def test_right_answers_have_no_diagnosis(words):
    (task,) = read_answers([*words, "f=0" if "L" not in words[0] else "L=0"], [], Limits())
    truth = Truth(task.program, task.bindings, Limits())
    for name in task.program.variables:
        (verdict,) = verdicts(*words, f"d{name}={expected(truth, target_of(f'd{name}', truth))}")
        assert (verdict.verdict, verdict.diagnosis) == ("correct", None)


def test_the_other_points_of_a_sheet():
    (one,) = read_answers(["x^2*y", "x=1.3", "y=0.7", "dx=3.04"], [], Limits())
    (two,) = read_answers(["x^2*y", "x=1.9", "y=0.8", "dx=3.04"], [], Limits())
    here, there = (Truth(task.program, task.bindings, Limits()) for task in (one, two))
    (answer,) = one.answers
    verdict = judge(here, answer.target, answer.source, answer.start, answer.end, Rules(), Limits(), elsewhere=(there,))
    assert verdict.diagnosis.kind == "other-point"
    assert verdict.diagnosis.says == "this is right for another point of the sheet: x = 1.9, y = 0.8"


def test_at_a_kink_nothing_is_named():
    assert named("relu(x)*y", "x=0", "y=3", "df/dx=5") is None


def test_a_large_circuit_is_judged_without_delay():
    chain = "x"
    for k in range(400):
        chain = f"tanh(w{k % 5}*{chain})"
    (verdict,) = verdicts(chain, "x=0.3", *(f"w{k}=1.{k}" for k in range(5)), "dx=17")
    assert verdict.verdict == "incorrect"


# ---- the table of wrong rules ---------------------------------------------------------------------------------


WRONG_RULES = [(form, texts) for form, rows in WRONG.items() for _, texts, _ in rows]


@pytest.mark.parametrize(("form", "texts"), [*WRONG_RULES, *ON_PAPER.items()], ids=str)
def test_a_rule_of_the_table_belongs_to_a_row(form, texts):
    row = FORMS[form]
    assert len(texts) == len(row.rules)
    assert all(text is None or formula(text.replace("[i]", "[1]"), row.formals) for text in texts)


@pytest.mark.parametrize(("form", "texts"), WRONG_RULES, ids=str)
def test_a_wrong_rule_is_not_the_right_one(form, texts):
    assert all(text != right for text, right in zip(texts, FORMS[form].rules, strict=True) if text)


@pytest.mark.parametrize("form", MISREAD)
def test_another_operation_is_another(form):
    row = FORMS[form]
    assert all(text != form and formula(text, row.formals) for text in MISREAD[form])
