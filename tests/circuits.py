"""Circuits of many sizes, for the tests and the figures of pictures."""

from __future__ import annotations

import random
from functools import cache

from gradcli import grad
from gradcli.render.forms import Look, Part, form

NEURON = ("1/(1+e^{-(w0x0+w1x1+w2)})", {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3})


def network(hidden, inputs):
    """A two-layer network, written out in numbers: its text and its point."""
    draw, at, stages = random.Random(1), {}, []
    for j in range(hidden):
        stages.append(f"h{j} = tanh({' + '.join(f'w{j}_{i} * x{i}' for i in range(inputs))} + b{j})")
        at |= {f"w{j}_{i}": round(draw.uniform(-2, 2), 2) for i in range(inputs)} | {f"b{j}": round(draw.uniform(-1, 1), 2)}
    at |= {f"x{i}": round(draw.uniform(-2, 2), 2) for i in range(inputs)} | {f"u{j}": round(draw.uniform(-2, 2), 2) for j in range(hidden)}
    return "; ".join([*stages, f"y = {' + '.join(f'u{j} * h{j}' for j in range(hidden))}", "L = (y - 1)^2"]), at


def recurrent(steps):
    """A recurrent network that shares its six weights over all steps."""
    draw, at = random.Random(2), {"a": 0.5, "b": -0.3, "c": 0.7, "d": 0.2, "u": 1.1, "v": -0.9, "p0": 0.1, "q0": -0.2}
    stages = []
    for t in range(1, steps + 1):
        stages += [f"p{t} = tanh(a*p{t - 1} + b*q{t - 1} + u*x{t})", f"q{t} = tanh(c*p{t - 1} + d*q{t - 1} + v*x{t})"]
        at[f"x{t}"] = round(draw.uniform(-1, 1), 2)
    return "; ".join([*stages, f"f = (p{steps} - q{steps})^2"]), at


def chain(count):
    """So many gates in a row."""
    text = "x"
    for index in range(count // 2):
        text = f"tanh({text} * w{index % 5})"
    return text, {"x": 0.5, **{f"w{i}": 0.9 + i / 10 for i in range(5)}}


W, MATRIX = [[1, 2], [3, 4]], [[i * j / 7 for i in range(6)] for j in range(7)]
CIRCUITS = {
    "three": ("(x+y)z", {"x": -2, "y": 5, "z": -4}, {}),
    "symbols": ("(x+y)z", {}, {}),
    "neuron": (*NEURON, {}),
    "neuron-primitive": (*NEURON, {"gates": "primitive"}),
    "neuron-fused": (*NEURON, {"gates": "fused"}),
    "neuron-symbols": (NEURON[0], {}, {}),
    "layer": ("W x + theta", {"W": W, "x": [5, 6], "theta": [7, 8]}, {}),
    "loss": ("sum((W@x+b)^2)", {"W": W, "x": [5, 6], "b": [7, 8]}, {}),
    "large": ("sum(A@B) + sum(A)", {"A": MATRIX, "B": [[i - j for i in range(3)] for j in range(6)]}, {}),
    "matrices": ("sum((A@A) .* A)", {"A": [[1 / 3, -2e7 / 3], [1e-9 / 3, 12345.678]]}, {}),
    "forks": ("x*x + sin(x)", {"x": 1.234567}, {}),
    "forks-symbols": ("x*x*y + sin(x*y)", {}, {}),
    "many-inputs": ("a1 = [x, y, z, 2, -x, 1/3]; f = sum(a1*a1)", {"x": 1, "y": 2, "z": 3}, {}),
    "stages": ("q = x + y; f = q z", {"x": 1, "y": 2, "z": 3}, {}),
    "long-names": ("alpha_maximal + beta_minimal_extended*theta^2/w_{1,2}",
                   {"alpha_maximal": 1 / 3, "beta_minimal_extended": -2e-300 / 7, "theta": 123456.789, "w_{1,2}": -1e9 / 7}, {}),
    "alone": ("x", {"x": 3}, {}),
    "constant": ("2", {}, {}),
    "kink": ("|x|", {"x": 0}, {}),
    "tiny": ("1/x", {"x": 1e-300}, {}),
    "functions": ("max(x, log(y, 2)) + atan2(x, y) + where(x < y, softplus(x), sqrt(y))", {"x": 0.25, "y": 3}, {}),
    "network-30": (*network(3, 3), {}),
    "network-60": (*network(6, 4), {}),
    "recurrent-60": (*recurrent(6), {}),
    "chain-60": (*chain(60), {}),
    "network-500": (*network(10, 21), {}),
    "recurrent-500": (*recurrent(45), {}),
}  # fmt: skip


@cache
def report(name):
    text, at, options = CIRCUITS[name]
    return grad(text, at, **options)


def drawn(name, kind, look=None):
    return form(kind).render([Part(report(name))], look or Look())
