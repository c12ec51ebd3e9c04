"""Which spellings are one name, and whose word wins."""

import contextlib
import time

import pytest

import gradcli
from gradcli.errors import GradError, Source
from gradcli.limits import Limits
from gradcli.syntax.names import canonical
from gradcli.syntax.reader import read


@pytest.mark.parametrize(
    ("one", "other"), [("θ", "theta"), ("w0", "w_0"), ("w_0", "w_{0}"), ("W_{1,2}", "W_1,2"), ("Γ", "Gamma"), ("ϵ", "epsilon")]
)
def test_one_name(one, other):
    assert canonical(one) == canonical(other)


def test_a_name_appears_as_it_was_first_written():
    report = gradcli.grad("θ*w_0 + theta", theta=2, w0=3)
    assert list(report.partials) == ["θ", "w_0"]
    assert report.partials["θ"].value == 4


def test_e_and_pi_are_constants_unless_they_are_given_a_value():
    assert gradcli.grad("e*x", x=1).value == pytest.approx(2.718281828)
    assert gradcli.grad("e*x", x=1, e=2).partials["e"].value == 1
    assert gradcli.grad("e^x", e=2, x=3).value == 8
    assert gradcli.grad("f(e) = e^2", e=3).value == 9


def test_a_variable_may_have_the_name_of_a_function():
    assert gradcli.grad("gamma*x + beta", gamma=2, x=3, beta=1).partials["gamma"].value == 3


def test_look_alikes_are_refused_by_code_point():
    with pytest.raises(GradError, match="CYRILLIC SMALL LETTER HA"):
        gradcli.grad("х + 1")


def test_two_subscripts_are_not_one():
    assert canonical("x1_2") != canonical("x12")
    assert list(gradcli.grad("x1_2 + x12", {"x1_2": 1, "x12": 2}).partials) == ["x1_2", "x12"]


@pytest.mark.parametrize("text", ["q" + "9" * 40 + "u", "q" + "9_" * 20 + "u1u", "a_" + "b" * 40 + "1!", "ab_1" + "2" * 40 + "cd_", "α" + "₁" * 40 + "β"])
def test_no_name_takes_long(text):
    """How many ways there are to part a name's digits must not matter."""
    started = time.process_time()
    with contextlib.suppress(GradError):
        read(Source(f"{text} + 1"), frozenset(), Limits())
    assert time.process_time() - started < 2
