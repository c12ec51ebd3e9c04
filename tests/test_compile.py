"""``gradcli.compile``: an expression and its gradient as a function of NumPy arrays."""

import math

import numpy as np
import pytest

import gradcli
from gradcli.errors import GradError

X, Y, Z = np.array([-2.0, 1.0, 0.5]), np.array([5.0, 0.0, 2.0]), np.array([-4.0, 3.0, 1.0])


def test_value_and_partials_of_each_row():
    found = gradcli.compile("(x+y)*z")(x=X, y=Y, z=Z)
    assert np.array_equal(found.value, (X + Y) * Z)
    assert list(found.partials) == ["x", "y", "z"]
    assert np.array_equal(found.partials["x"], Z)
    assert np.array_equal(found.partials["z"], X + Y)
    assert (found.settled, found.problems) == (0, {})


def test_each_row_is_what_grad_says():
    made, generator = gradcli.compile("sin(x)*e^(y/3) + x/y"), np.random.default_rng(0)
    x, y = generator.uniform(1, 3, (2, 50))
    found = made(x=x, y=y)
    for row in range(50):
        single = gradcli.grad("sin(x)*e^(y/3) + x/y", x=float(x[row]), y=float(y[row]))
        assert found.value[row] == pytest.approx(single.value, rel=1e-13)
        for name in "xy":
            assert found.partials[name][row] == pytest.approx(single.partials[name].value, rel=1e-13)


def test_constants_vectors_and_matrices():
    weights, x = np.array([[1.0, 2], [3, 4]]), np.array([[5.0, 6], [0, 1], [1, 1]])
    found = gradcli.compile("W x + b", W=weights, b=[1, 1])(x=x)
    assert np.array_equal(found.value, x @ weights.T + 1)
    assert found.partials["x"].shape == (3, 2, 2)
    assert np.array_equal(found.partials["x"][1], weights)
    by_weights = gradcli.compile("W x", x=[5, 6])(W=np.stack([weights, -weights]))
    assert by_weights.partials["W"].shape == (2, 2, 2, 2)
    assert np.array_equal(by_weights.partials["W"][0], gradcli.grad("W x", W=weights, x=[5, 6]).partials["W"].value)


def test_a_number_is_the_same_in_all_rows():
    found = gradcli.compile("(x+y)*z")(x=X, y=Y, z=2)
    assert np.array_equal(found.partials["x"], [2, 2, 2])


def test_only_what_is_asked_for():
    assert list(gradcli.compile("(x+y)*z", wrt="z")(x=X, y=Y, z=Z).partials) == ["z"]


def test_names_are_spelt_freely():
    found = gradcli.compile(r"\theta x_1", latex=True)(theta=X, x1=Y)
    assert np.array_equal(found.value, X * Y)


def test_rows_in_doubt_are_settled():
    found = gradcli.compile("(1 - cos(x))/x^2 + relu(y)")(x=np.array([1e-8, 1.0, 0.0]), y=np.array([1.0, 0.0, 1.0]))
    assert found.value[0] == 1.5  # floats alone say 1
    assert found.partials["y"].tolist()[1] == 0
    assert found.settled == 3
    assert list(found.problems) == [2]
    assert math.isnan(found.value[2])


def test_an_answer_can_be_written_again():
    made = gradcli.compile("(x+y)*z")
    first = made(x=X, y=Y, z=Z)
    value = first.value
    again = made(x=X, y=Y, z=2 * Z, out=first)
    assert np.shares_memory(again.value, value)
    assert np.array_equal(again.value, (X + Y) * 2 * Z)
    with pytest.raises(GradError, match="another shape"):
        made(x=X[:2], y=Y[:2], z=Z[:2], out=first)


def test_an_answer_is_written_over_what_it_was_made_of():
    """As in x ← f(x): what is still to be read is not written yet."""
    made = gradcli.compile("x*x")
    first = made(x=X)
    again = made(x=first.value, out=first)
    assert again.value.tolist() == (X**4).tolist()
    assert again.partials["x"].tolist() == (2 * X**2).tolist()


def test_memory_is_used_again_when_nobody_holds_it():
    made, x = gradcli.compile("x*x"), np.arange(100_000.0)
    first = made(x=x)
    value = first.value[5:10]
    del first
    second = made(x=x + 1)
    assert value.tolist() == [25, 36, 49, 64, 81]  # a part of an array holds all of it
    view = memoryview(second.value)
    seen = bytes(view)
    del second
    third = made(x=x + 2)
    assert bytes(view) == seen
    place = third.value.ctypes.data
    del third
    assert made(x=x).value.ctypes.data == place


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_any_number_of_threads(threads):
    x = np.random.default_rng(5).uniform(-4, 4, 300_000)
    one = gradcli.compile("tanh(x)*x - |x|", threads=1)(x=x)
    many = gradcli.compile("tanh(x)*x - |x|", threads=threads)(x=x)
    assert np.array_equal(one.value, many.value)
    assert np.array_equal(one.partials["x"], many.partials["x"])


def test_arrays_in_any_order_of_memory():
    x = np.asfortranarray(np.random.default_rng(6).uniform(-1, 1, (1000, 3)))
    made = gradcli.compile("sum(x.*x)")
    assert np.array_equal(made(x=x).value, made(x=np.ascontiguousarray(x)).value)
    assert np.array_equal(gradcli.compile("2*y")(y=x[::2, 1]).value, 2 * x[::2, 1])


def test_no_rows():
    found = gradcli.compile("x*y")(x=np.empty(0), y=np.empty(0))
    assert found.value.shape == (0,)


@pytest.mark.parametrize(
    ("text", "columns", "says"),
    [
        ("(x+y)*z", {"x": X, "y": Y}, "z has no value"),
        ("x", {"x": X, "y": Y}, "y has a value but does not occur"),
        ("x*y", {"x": X, "y": Y[:2]}, "different numbers of rows"),
        ("x + y", {"x": np.ones((2, 2)), "y": np.ones((2, 3))}, "vector of 2"),
    ],
)
def test_what_is_wrong_is_said(text, columns, says):
    with pytest.raises(GradError, match=says):
        gradcli.compile(text)(**columns)


def test_a_wrong_text_is_said_at_once():
    with pytest.raises(GradError, match="never closed"):
        gradcli.compile("(x+y")
