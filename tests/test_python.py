"""From Python: gradcli.grad."""

import numpy as np
import pytest

import gradcli
from gradcli.errors import GradError


def test_numbers_lists_and_arrays():
    for x in ([5, 6], (5, 6), np.array([5, 6]), np.array([5.0, 6.0])):
        assert gradcli.grad("sum(x^2)", x=x).partials["x"].value == [10, 12]


def test_numpy_numbers():
    assert gradcli.grad("x^2", x=np.float64(3)).partials["x"].value == 6
    assert gradcli.grad("x^2", x=np.int64(3)).partials["x"].value == 6


def test_names_that_clash_with_options_go_into_at():
    assert gradcli.grad("seed*order", {"seed": 2, "order": 3}).partials["seed"].value == 3


def test_errors_draw_themselves():
    with pytest.raises(GradError) as error:
        gradcli.grad("log(x - 2)", x=1)
    assert str(error.value).splitlines()[1:3] == ["  log(x - 2)", "  ^^^^^^^^^^"]


@pytest.mark.parametrize("value", ["1", None, True, [[1], [2, 3]], float("nan"), float("inf"), [], [[[1]]], 1j, {"a": 1}])
def test_what_is_no_number(value):
    with pytest.raises(GradError):
        gradcli.grad("x", x=value)


def test_unknown_gates():
    with pytest.raises(GradError, match="folded, primitive, fused"):
        gradcli.grad("x", x=1, gates="large")


def test_it_is_idempotent():
    first, second = (gradcli.grad("x*x", x=3) for _ in range(2))
    assert first.partials["x"].value == second.partials["x"].value == 6


def test_nothing_stays_behind():
    """Interned nodes are let go with the report that used them."""
    import gc

    from gradcli import expr

    gradcli.grad("x*x", x=3)
    gc.collect()
    before = len(expr._interned)
    for n in range(50):
        gradcli.grad(f"sin(x)*{n + 1000}", x=3)
    gc.collect()
    assert len(expr._interned) < before + 200


def test_representation():
    report = gradcli.grad("(x+y)*z", x=-2, y=5, z=-4)
    assert repr(report) == "<Report f = (x + y)·z: -12.0>"
    assert repr(report.partials["x"]) == "<Partial x: z = -4.0>"
