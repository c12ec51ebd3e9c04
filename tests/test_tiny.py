"""The whole promise on one screen."""

import gradcli


def test_the_first_circuit_of_the_lecture():
    report = gradcli.grad("q = x + y; f = q*z", x=-2, y=5, z=-4)
    assert report.value == -12
    assert {name: p.value for name, p in report.partials.items()} == {"x": -4, "y": -4, "z": 3}
    assert {name: p.formula for name, p in report.partials.items()} == {"x": "z", "y": "z", "z": "x + y"}
    assert [(s.of, s.through, s.local_formula, s.local, s.upstream, s.contribution) for s in report.backward if s.kind == "edge"] == [
        ("q", "f", "z", -4, 1, -4),
        ("z", "f", "q", 3, 1, 3),
        ("x", "q", "1", 1, -4, -4),
        ("y", "q", "1", 1, -4, -4),
    ]  # fmt: skip


def test_a_fork_is_summed():
    report = gradcli.grad("x*x", x=3)
    last = report.backward[-1]
    assert (last.kind, last.of, last.count, last.contribution) == ("sum", "x", 2, 6)


def test_in_symbols():
    assert gradcli.grad("(x+y)*z").partials["z"].formula == "x + y"
