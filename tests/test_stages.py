"""Stages, heads and own functions: the user's names are the names in the tables."""

import pytest

import gradcli


def names(report):
    return [row.name for row in report.forward]


def test_a_stage_names_its_node():
    report = gradcli.grad("q = x + y; f = q*z", x=-2, y=5, z=-4)
    assert names(report) == ["x", "y", "z", "q", "f"]
    assert report.output == "f"


def test_other_nodes_are_numbered_around_the_names_that_are_taken():
    assert names(gradcli.grad("v1*x + y", v1=1, x=2, y=3)) == ["v1", "x", "y", "v2", "f"]


def test_the_output_gets_a_free_name():
    assert gradcli.grad("f*x", f=1, x=2).output == "L"


def test_a_head_gives_the_order_of_the_variables():
    assert list(gradcli.grad("f(z, y, x) = (x+y)*z", x=-2, y=5, z=-4).partials) == ["z", "y", "x"]


def test_own_functions_are_read_in_place():
    report = gradcli.grad("g(u) = u^2; f = g(x) + x", x=3)
    assert (report.value, report.partials["x"].value) == (12, 7)


def test_own_functions_of_own_functions():
    report = gradcli.grad("g(u) = u^2; h(a, b) = g(a)*b; f = h(x, g(y)) + g(h(y, x))", x=3, y=2)
    # f = x^2 y^2 + y^4 x^2
    assert report.value == 9 * 4 + 16 * 9
    assert report.partials["x"].value == 2 * 3 * 4 + 16 * 2 * 3
    assert report.partials["y"].value == 2 * 2 * 9 + 4 * 8 * 9


def test_the_argument_of_a_function_is_its_own():
    report = gradcli.grad("g(u) = u^2; f = g(x) + u", x=3, u=5)
    assert report.partials["u"].value == 1


def test_a_stage_may_be_asked_for():
    report = gradcli.grad("q = x + y; f = q*z", x=-2, y=5, z=-4, wrt="q")
    assert report.partials["q"].value == -4


def test_lines_are_stages_too():
    assert gradcli.grad("# a circuit\nq = x + y  # the sum\n\nf = q*z\n", x=-2, y=5, z=-4).value == -12


@pytest.mark.parametrize("text", ["x", "3", "f = x", "q = x; f = q"])
def test_an_expression_without_gates(text):
    report = gradcli.grad(text, **({} if text == "3" else {"x": 3}))
    assert report.value == 3
    assert [p.value for p in report.partials.values()] == ([] if text == "3" else [1.0])


def test_an_argument_does_not_capture_a_variable_of_its_name():
    report = gradcli.grad("g(u) = u*v; h(v) = g(v + 1); h(2)", v=5)
    assert (report.value, report.partials["v"].value) == (15, 3)


def test_the_head_of_the_output_is_its_variables():
    report = gradcli.grad("f(x, y) = x*y", x=2, y=3)
    assert [row.name for row in report.forward] == ["x", "y", "f"]
