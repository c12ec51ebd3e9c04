"""Follow-through: the first wrong step costs its points; what follows from it is found out, and may earn its own."""

import random
import re

import pytest

from gradcli import grad
from gradcli.classroom.grading.follow import follow
from gradcli.errors import Source
from gradcli.judge.check import Rules, judge
from gradcli.judge.numbers import Tolerance
from gradcli.judge.truth import Truth
from gradcli.limits import Limits
from gradcli.syntax.reader import read
from gradcli.values import parse_value

CIRCUIT = ("q = x + y; f = q z", {"x": "-2", "y": "5", "z": "-4"})
NEURON = ("s = w x + b; p = 1/(1 + e^-s); f = (p - 1)^2", {"w": "2", "x": "-1", "b": "1.5"})
LAYER = ("s = W x + b; h = relu(s); f = sum(h^2)", {"W": "[[1,2],[3,4]]", "x": "[5,6]", "b": "[1,1]"})
VECTOR = ("s = W x; h = tanh(s)", {"W": "[[1,2],[3,4]]", "x": "[0.1,0.1]"})
SYMBOLS = ("q = x + y; f = q z", {})


def truth_of(text, at):
    given = {name: parse_value(Source(value), Limits()) for name, value in at.items()}
    arrays = frozenset(name for name, value in at.items() if value.startswith("["))
    return Truth(read(Source(text), frozenset(at), Limits(), arrays=arrays), given or None, Limits())


def sources(problem, *answers, rules=Rules()):  # noqa: B008
    """Return for each answer, given as ``q = 4``, from which of the others it follows."""
    return [origin.shown for origin in origins(problem, *answers, rules=rules)]


def origins(problem, *answers, rules=Rules()):  # noqa: B008
    """Return for each answer from which of the others it follows, and whether that may earn points."""
    truth = truth_of(*problem)
    pairs = [tuple(answer.split(" = ")) for answer in answers]
    for target, text in pairs:
        assert judge(truth, target, Source(text), 0, len(text), rules, Limits()).verdict == "incorrect", target
    return follow(truth, pairs, rules, Limits())


# ---- numbers ------------------------------------------------------------------------------------------------


def test_the_first_wrong_step_follows_from_nothing():
    assert sources(CIRCUIT, "q = 4", "f = -16", "df/dz = 4") == ["", "q = 4", "q = 4"]


def test_a_wrong_upstream_gradient_is_passed_on():
    assert sources(CIRCUIT, "df/dq = 5", "df/dx = 5", "df/dy = 5") == ["", "df/dq = 5", "df/dq = 5"]


def test_the_order_of_the_answers_is_no_matter():
    assert sources(CIRCUIT, "df/dz = 4", "f = -16", "q = 4") == ["q = 4", "q = 4", ""]


def test_a_second_mistake_follows_from_nothing():
    assert sources(CIRCUIT, "q = 4", "f = -15", "df/dz = 4") == ["", "", "q = 4"]


def test_what_follows_leads_on_and_the_root_is_named():
    chain = ("a = x^2; b = 3a; c = b + 1; f = c x", {"x": "2"})
    assert sources(chain, "a = 5", "b = 15", "c = 16", "f = 32") == ["", "a = 5", "a = 5", "a = 5"]
    assert sources(chain, "a = 5", "b = 16", "c = 17", "f = 34") == ["", "", "b = 16", "b = 16"]


def test_two_own_answers_may_be_needed():
    assert sources(CIRCUIT, "q = 4", "df/dq = 5", "df/dx = 5", "df/dz = 4") == ["", "", "df/dq = 5", "q = 4"]
    sheet = ("a = x y; b = a + x; f = a b", {"x": "2", "y": "3"})
    assert sources(sheet, "a = 5", "b = 9", "f = 45") == ["", "", "a = 5, b = 9"]


def test_local_gradients_are_taken_at_ones_own_value():
    square = ("q = x + y; f = q^2", {"x": "1", "y": "2"})
    assert sources(square, "q = 4", "df/dq = 8", "df/dx = 8") == ["", "q = 4", "q = 4"]


def test_a_local_gradient_by_its_result():
    """A student who has p wrong takes p(1 − p) for σ′, as everybody does: −1.2 · 0.4 · 0.6."""
    assert sources(NEURON, "p = 0.400", "df/dp = -1.2", "df/ds = -0.288", "df/dw = 0.288") == ["", "p = 0.400", "p = 0.400", "p = 0.400"]


def test_the_table_of_other_local_gradients_is_true():
    """Each is the local gradient of its operator, written in another way."""
    from gradcli.classroom.grading.replay import BY_INPUT, BY_OUTPUT
    from gradcli.expr import substitute, symbol
    from gradcli.judge.formulas import Question
    from gradcli.rules import OUT, formula, rule
    from gradcli.syntax.names import canonical

    for form, texts in [*BY_INPUT.items(), *BY_OUTPUT.items()]:
        function = read(Source(form), frozenset("xy"), Limits()).output
        names = tuple(canonical(name) for name in "xy" if name in form.replace("exp", ""))
        row = truth_of(form, dict.fromkeys(names, "2")).circuit.shapes.row_of(function)
        for position, text in enumerate(texts):
            ours = substitute(rule(row, position).root, {OUT: function})
            other = substitute(formula(text, row.formals).root, {OUT: function})
            question = Question(function, ours, ours, {str(symbol(name).leaf): () for name in names}, {}, form)
            assert question.compare(other).verdict == "correct", (form, text)


def test_arrays():
    found = sources(LAYER, "s = [18,41]", "h = [18,41]", "f = 2005", "df/dh = [36,82]", "df/dx = [282,400]", "df/db = [36,82]")
    assert found == [""] + 5 * ["s = [18,41]"]


def test_a_jacobian():
    found = sources(VECTOR, "h = [0.3, 0.5]", "dh/ds = [[0.91,0],[0,0.75]]", "dh/dx = [[0.91,1.82],[2.25,3]]")
    assert found == ["", "h = [0.3, 0.5]", "h = [0.3, 0.5]"]


# ---- rounded numbers ----------------------------------------------------------------------------------------


def test_it_may_follow_from_what_was_rounded_when_it_was_written():
    """1.234567² = 1.524155…: from 1.235 it would be 1.525, but 1.524 follows from a number that rounds to 1.235."""
    square = ("q = x + 1; f = q^2", {"x": "5"})
    assert sources(square, "q = 1.235", "f = 1.525") == ["", "q = 1.235"]
    assert sources(square, "q = 1.235", "f = 1.5242") == ["", "q = 1.235"]
    assert sources(square, "q = 1.235", "f = 1.528") == ["", ""]


def test_what_is_right_but_rounded_is_gone_on_with_as_it_was_written():
    """a = 2.89 is right to its digits; 2.89·0.5 is 1.445, where what is not rounded gives 1.447."""
    problem = ("a = x y; b = sin(x); f = a b", {"x": "1.234", "y": "2.345"})
    truth, wrong = truth_of(*problem), [("b", "0.5"), ("f", "1.445")]
    assert judge(truth, "a", Source("2.89"), 0, 4, Rules(), Limits()).verdict == "correct"
    assert [origin.shown for origin in follow(truth, wrong, Rules(), Limits())] == ["", ""]
    assert [origin.shown for origin in follow(truth, wrong, Rules(), Limits(), right=[("a", "2.89")])] == ["", "b = 0.5"]
    # what has nothing to do with the wrong one is rounding alone, and follows from no mistake
    forked = truth_of("a = x y; b = sin(x); c = a^2; f = c b", problem[1])
    found = follow(forked, [("b", "0.5"), ("c", "8.352")], Rules(), Limits(), right=[("a", "2.89")])
    assert [origin.shown for origin in found] == ["", ""]


def test_a_whole_number_is_not_taken_for_a_rounded_one():
    """−14 would follow from q = 3.5, which rounds to 4."""
    assert sources(CIRCUIT, "q = 4", "f = -14") == ["", ""]
    assert sources(CIRCUIT, "q = 4.0", "f = -16.1") == ["", ""]


def test_the_digits_asked_for_decide_what_is_rounded():
    square = ("q = x + 1; f = q^2", {"x": "5"})
    assert sources(square, "q = 1.2", "f = 1.5") == ["", ""]
    assert sources(square, "q = 1.2", "f = 1.5", rules=Rules(Tolerance(2))) == ["", "q = 1.2"]


# ---- formulas -----------------------------------------------------------------------------------------------


def test_a_wrong_formula_for_a_stage_is_put_in_the_rest():
    found = sources(SYMBOLS, "q = x - y", "f = (x - y) z", "df/dz = x - y", "df/dy = -z", "df/dx = 2z")
    assert found == [""] + 3 * ["q = x - y"] + [""]


def test_a_wrong_formula_for_an_upstream_gradient():
    assert sources(("q = x^2 + y; f = q z", {}), "df/dq = x", "df/dy = x", "df/dx = 2x^2") == ["", "df/dq = x", "df/dq = x"]


def test_numbers_follow_from_a_formula_at_the_point():
    assert sources(CIRCUIT, "q = x - y", "f = 28", "df/dz = -7", "df/dy = 4") == [""] + 3 * ["q = x - y"]


# ---- what nothing follows from ------------------------------------------------------------------------------


def test_nothing_follows_from_a_wrong_zero():
    assert sources(CIRCUIT, "q = 0", "f = 0", "df/dz = 0") == ["", "", ""]
    assert sources(SYMBOLS, "q = 0", "f = 0", "df/dz = 0") == ["", "", ""]


def test_a_wrong_0_that_follows_earns_nothing():
    """A gate that a wrong answer has closed makes the rest trivial, whoever closed it by mistake or for that."""
    gate = ("q = w x + b; h = relu(q); f = h^2", {"w": "2", "x": "3", "b": "-1"})
    found = origins(gate, "q = -5", "h = 0", "f = 0.00", "df/dq = 0", "df/dw = w - w")
    assert [origin.shown for origin in found] == ["", *["q = -5"] * 3, ""]
    assert not any(origin.earns for origin in found)
    assert [origin.earns for origin in origins(gate, "q = 4", "h = 4", "df/dq = 8")] == [False, True, True]
    far = ("s = w x + b; p = sigmoid(s); f = (p - 1)^2", {"w": "2", "x": "1.5", "b": "-1.25"})
    assert [origin.earns for origin in origins(far, "s = 1e9", "p = 1.00", "df/dp = 0", "df/ds = 0.00")] == [False, True, False, False]
    layer = ("s = W x; h = relu(s); f = sum(h)", {"W": "[[1,2],[3,4]]", "x": "[5,6]"})
    assert [origin.earns for origin in origins(layer, "s = [-17,40]", "h = [0,40]", "df/ds = [0,1]")] == [False, True, True]


@pytest.mark.parametrize("nothing", ["1/0", "DNE", "ln(-1)", "inf"])
def test_nothing_follows_from_what_has_no_value(nothing):
    assert sources(CIRCUIT, f"q = {nothing}", "f = -16", "df/dz = 4") == ["", "", ""]


def test_nothing_follows_at_a_kink():
    """At one's own value there is no gradient: whatever is answered follows from nothing."""
    relu = ("q = x + y; f = relu(q) z", {"x": "-2", "y": "5", "z": "-4"})
    assert sources(relu, "q = 1e-9", "df/dq = 1") == ["", ""]
    kink = ("q = x + y; r = q - 1; f = |r|", {"x": "1", "y": "1"})
    assert sources(kink, "q = 1", "df/dq = 0") == ["", ""]
    assert sources(kink, "q = 0.5", "df/dq = -1") == ["", "q = 0.5"]


def test_a_pair_of_leaves_leads_nowhere():
    assert sources(CIRCUIT, "df/dx = 7", "df/dy = 7") == ["", ""]


# ---- in general ---------------------------------------------------------------------------------------------

# A stage, and the rest as a function of it: what follows from a wrong value of the stage is what the rest alone gives there.
STAGED = [
    ("x + y", "q z"), ("x y", "sin(q) + z^2"), ("x^2 + y", "q^3 z"), ("x - y z", "1/(1 + e^-q)"), ("x y", "tanh(q z)"), ("e^x y", "ln(1 + q^2) z"),
    ("x/y", "sqrt(1 + q^2) + q z"), ("x + y + z", "q/(1 + q^2)"), ("x cos(y)", "e^(q z)"), ("x^2 y", "max(q, z) q"), ("x y + z", "q^2 + z q"),
]  # fmt: skip


@pytest.mark.parametrize(("stage", "rest"), STAGED)
def test_what_follows_is_what_the_rest_alone_gives(stage, rest):
    rng = random.Random(stage + rest)
    for _ in range(3):
        at = {name: f"{rng.choice((1, -1)) * rng.randrange(20, 90) / 32}" for name in "xyz"}
        own = f"{grad(stage, {n: float(v) for n, v in at.items() if n in names(stage)}).value + rng.choice((0.37, -0.81)):.5f}"
        alone = grad(rest, {n: float(v) for n, v in {**at, "q": own}.items() if n in names(rest)})
        upstream = alone.partials["q"].value
        into = grad(stage, {n: float(v) for n, v in at.items() if n in names(stage)}).partials
        follow_on = {"f": alone.value, "df/dq": upstream}
        follow_on |= {f"df/d{n}": into[n].value * upstream for n in into if n not in names(rest)}
        follow_on |= {f"df/d{n}": alone.partials[n].value + (into[n].value * upstream if n in into else 0) for n in alone.partials if n != "q"}
        problem = (f"q = {stage}; f = {rest}", at)
        right = truth_of(*problem)
        answers = [(target, f"{value:.9g}") for target, value in follow_on.items()]
        wrong = [(t, text) for t, text in answers if verdict(right, t, text) == "incorrect"]
        assert ("f", answers[0][1]) in wrong
        found = follow(right, [("q", own), *wrong], Rules(), Limits())
        assert [origin.shown for origin in found] == ["", *[f"q = {own}"] * len(wrong)]
        astray = [(t, f"{follow_on[t] * 1.001 or 0.371:.9g}") for t, _ in wrong]
        assert not any(follow(right, [("q", own), one], Rules(), Limits())[1].shown for one in astray)


def names(text):
    return set(re.findall(r"(?<![a-z])[xyzq](?![a-z])", text))


def verdict(truth, target, text):
    return judge(truth, target, Source(text), 0, len(text), Rules(), Limits()).verdict
