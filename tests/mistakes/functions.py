"""The functions that slips are made on: each twice, as text for gradcli and as a graph of our own engine.

A variable is a letter with a mark: ``x`` any number, ``x+`` a positive one, ``x:3`` a vector, ``W:2,2`` a matrix, ``y+:3`` positive
entries. A node that is named here is a stage of the text, whose gradient is asked too.
"""

from __future__ import annotations

import random
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from mistakes.graphs import Graph, function

exp, ln, log10, sin, cos, tan, sinh, cosh, tanh, sqrt, atan, sigmoid, softplus, relu, max_, min_, abs_ = map(
    function, "exp ln log10 sin cos tan sinh cosh tanh sqrt atan sigmoid softplus relu max min abs".split()
)
dot, outer, sum_, mean, norm, softmax, logsumexp, entry = map(function, "dot outer sum mean norm softmax logsumexp entry".split())


def _two_stages(w, x, v, b, c, y):
    h = tanh(w * x + b).named("h")
    return ((v * h + c - y) ** 2).named("L")


def _neuron(w0, x0, w1, x1, w2):
    return 1 / (1 + exp(-(w0 * x0 + w1 * x1 + w2)))


def _layer(W, x, b, y):
    z = (W @ x + b).named("z")
    return sum_((z - y) ** 2).named("L")


def _sigmoid_layer(W, x, b, y):
    z = (W @ x + b).named("z")
    s = sigmoid(z).named("s")
    return mean((s - y) ** 2).named("L")


def _tanh_layers(W, x, V, y):
    h = tanh(W @ x).named("h")
    return sum_((V @ h - y) ** 2).named("L")


def _sigmoid_layers(W, x, b, v, c):
    h = sigmoid(W @ x + b).named("h")
    return sigmoid(dot(v, h) + c).named("o")


def _relu_layers(W, x, b, v):
    h = relu(W @ x + b).named("h")
    return (dot(v, h) ** 2).named("L")


def _softmax_layer(W, x, y):
    z = (W @ x).named("z")
    p = softmax(z).named("p")
    return (-sum_(y * ln(p))).named("L")


# text | variables | the same as a graph | class
TABLE = (
    # formulas of the first lectures
    ("(x + y)*z", "x y z", lambda x, y, z: (x + y) * z),
    ("q = x + y; f = q*z", "x y z", lambda x, y, z: ((x + y).named("q") * z).named("f")),
    ("x*y*z + x^2", "x y z", lambda x, y, z: x * y * z + x**2),
    ("x*x + sin(x)", "x", lambda x: x * x + sin(x)),
    ("3*x^2 + 2*x", "x", lambda x: 3 * x**2 + 2 * x),
    ("x^3 - 4*x", "x", lambda x: x**3 - 4 * x),
    ("(2*x + 1)^4", "x", lambda x: (2 * x + 1) ** 4),
    ("x^2*y^3", "x y", lambda x, y: x**2 * y**3),
    ("(x*y + z)^3", "x y z", lambda x, y, z: (x * y + z) ** 3),
    ("(x - y)^2/2", "x y", lambda x, y: (x - y) ** 2 / 2),
    ("x/(1 + x^2)", "x", lambda x: x / (1 + x**2)),
    ("(x + y)/(x*y)", "x y", lambda x, y: (x + y) / (x * y)),
    ("x/y", "x y", lambda x, y: x / y),
    ("1/(x^2 + y^2)", "x y", lambda x, y: 1 / (x**2 + y**2)),
    ("1/x + x", "x", lambda x: 1 / x + x),
    ("sqrt(x^2 + y^2)", "x y", lambda x, y: sqrt(x**2 + y**2)),
    ("sqrt(1 + x^2)*x", "x", lambda x: sqrt(1 + x**2) * x),
    ("x^(3/2) + y*sqrt(x)", "x+ y", lambda x, y: x ** Fraction(3, 2) + y * sqrt(x)),
    ("exp(-x^2)", "x", lambda x: exp(-(x**2))),
    ("x*exp(x)", "x", lambda x: x * exp(x)),
    ("exp(x*y) + y", "x y", lambda x, y: exp(x * y) + y),
    ("x^2*exp(-3*x)", "x", lambda x: x**2 * exp(-3 * x)),
    ("2^x*x", "x", lambda x: 2**x * x),
    ("x*ln(x)", "x+", lambda x: x * ln(x)),
    ("ln(x^2 + y)", "x y+", lambda x, y: ln(x**2 + y)),
    ("log10(x)*x", "x+", lambda x: log10(x) * x),
    ("ln(x)/x", "x+", lambda x: ln(x) / x),
    ("sin(x*y)", "x y", lambda x, y: sin(x * y)),
    ("sin(x)*cos(x)", "x", lambda x: sin(x) * cos(x)),
    ("cos(x^2)*y", "x y", lambda x, y: cos(x**2) * y),
    ("exp(sin(x))", "x", lambda x: exp(sin(x))),
    ("x*tan(y)", "x y", lambda x, y: x * tan(y)),
    ("sin(x)/x", "x", lambda x: sin(x) / x),
    ("atan(y/x)", "x+ y", lambda x, y: atan(y / x)),
    ("x*sinh(y) + cosh(x*y)", "x y", lambda x, y: x * sinh(y) + cosh(x * y)),
    # neurons
    ("sigmoid(x)*y", "x y", lambda x, y: sigmoid(x) * y),
    ("sigmoid(w*x + b)", "w x b", lambda w, x, b: sigmoid(w * x + b)),
    ("sigmoid(a*x + b*y + c)", "a x b y c", lambda a, x, b, y, c: sigmoid(a * x + b * y + c)),
    ("1/(1 + exp(-(w_0*x_0 + w_1*x_1 + w_2)))", "w_0 x_0 w_1 x_1 w_2", _neuron),
    ("s = sigmoid(w*x); L = (s - y)^2", "w x y", lambda w, x, y: ((sigmoid(w * x).named("s") - y) ** 2).named("L")),
    ("tanh(w*x + b)", "w x b", lambda w, x, b: tanh(w * x + b)),
    ("x*tanh(x*y)", "x y", lambda x, y: x * tanh(x * y)),
    ("softplus(w*x)*x", "w x", lambda w, x: softplus(w * x) * x),
    ("relu(w*x + b)*x", "w x b", lambda w, x, b: relu(w * x + b) * x),
    ("relu(x)*y + relu(y)*x", "x y", lambda x, y: relu(x) * y + relu(y) * x),
    ("max(x, y)*z", "x y z", lambda x, y, z: max_(x, y) * z),
    ("max(x*y, z) + x", "x y z", lambda x, y, z: max_(x * y, z) + x),
    ("abs(x - y)*x", "x y", lambda x, y: abs_(x - y) * x),
    ("-y*ln(sigmoid(x)) - (1 - y)*ln(1 - sigmoid(x))", "x y", lambda x, y: -y * ln(sigmoid(x)) - (1 - y) * ln(1 - sigmoid(x))),
    ("h = tanh(w*x + b); L = (v*h + c - y)^2", "w x v b c y", _two_stages),
    # vectors
    ("sum(x^2)", "x:3", lambda x: sum_(x**2)),
    ("dot(w, x)^2", "w:3 x:3", lambda w, x: dot(w, x) ** 2),
    ("dot(w, x)*sin(c)", "w:3 x:3 c", lambda w, x, c: dot(w, x) * sin(c)),
    ("norm(x - y)", "x:3 y:3", lambda x, y: norm(x - y)),
    ("sum((W@x)^2)", "W:2,2 x:2", lambda W, x: sum_((W @ x) ** 2)),
    ("sum((W@x)^2)", "W:2,3 x:3", lambda W, x: sum_((W @ x) ** 2)),
    ("sum(sin(c*x + d))", "c x:3 d", lambda c, x, d: sum_(sin(c * x + d))),
    ("mean((w*x + b - y)^2)", "w x:4 b y:4", lambda w, x, b, y: mean((w * x + b - y) ** 2)),
    ("mean(x*exp(x))", "x:3", lambda x: mean(x * exp(x))),
    ("sum(outer(u, v)*A)", "u:2 v:2 A:2,2", lambda u, v, A: sum_(outer(u, v) * A)),
    ("sum(exp(A@x)*y)", "A:2,2 x:2 y:2", lambda A, x, y: sum_(exp(A @ x) * y)),
    ("dot(x, A@y)", "x:2 A:2,2 y:2", lambda x, A, y: dot(x, A @ y)),
    ("logsumexp(x) - dot(y, x)", "x:3 y:3", lambda x, y: logsumexp(x) - dot(y, x)),
    ("p = softmax(z); L = -sum(y*ln(p))", "z:3 y+:3", lambda z, y: (-sum_(y * ln(softmax(z).named("p")))).named("L")),
    ("x[1]*x[2] + sin(x[1])", "x:3", lambda x: entry(x, value=1) * entry(x, value=2) + sin(entry(x, value=1))),
    ("sum(max(x, y)*x)", "x:3 y:3", lambda x, y: sum_(max_(x, y) * x)),
    ("sum(x/y)", "x:3 y:3", lambda x, y: sum_(x / y)),
    # layers
    ("z = W@x + b; L = sum((z - y)^2)", "W:2,2 x:2 b:2 y:2", _layer),
    ("z = W@x + b; L = sum((z - y)^2)", "W:2,3 x:3 b:2 y:2", _layer),
    ("z = W@x + b; s = sigmoid(z); L = mean((s - y)^2)", "W:2,2 x:2 b:2 y:2", _sigmoid_layer),
    ("sum(tanh(W@x + b))", "W:2,2 x:2 b:2", lambda W, x, b: sum_(tanh(W @ x + b))),
    ("h = tanh(W@x); L = sum((V@h - y)^2)", "W:2,2 x:2 V:2,2 y:2", _tanh_layers),
    ("h = sigmoid(W@x + b); o = sigmoid(dot(v, h) + c)", "W:2,2 x:2 b:2 v:2 c", _sigmoid_layers),
    ("h = relu(W@x + b); L = dot(v, h)^2", "W:3,2 x:2 b:3 v:3", _relu_layers),
    ("z = W@x; p = softmax(z); L = -sum(y*ln(p))", "W:3,3 x:3 y+:3", _softmax_layer),
    ("mean((X@W - Y)^2)", "X:3,2 W:2,2 Y:3,2", lambda X, W, Y: mean((X @ W - Y) ** 2)),
    ("sum(sigmoid(X@W))", "X:2,2 W:2,2", lambda X, W: sum_(sigmoid(X @ W))),
    ("mean((X@w + b - y)^2)", "X:3,2 w:2 b y:3", lambda X, w, b, y: mean((X @ w + b - y) ** 2)),
    ("sum(softplus(X@w + b))", "X:3,2 w:2 b", lambda X, w, b: sum_(softplus(X @ w + b))),
    ("h = tanh(X@W); L = mean((h@v - y)^2)", "X:3,2 W:2,2 v:2 y:3",
     lambda X, W, v, y: mean(((tanh(X @ W).named("h")) @ v - y) ** 2).named("L")),
)  # fmt: skip

# what integrating gives, for those that a first course integrates; in the one variable, or in each
INTEGRALS = {
    "3*x^2 + 2*x": {"x": lambda m, x: x**3 + x**2},
    "x^3 - 4*x": {"x": lambda m, x: x**4 / 4 - 2 * x**2},
    "(2*x + 1)^4": {"x": lambda m, x: (2 * x + 1) ** 5 / 10},
    "(x + y)*z": {"x": lambda m, x, y, z: (x**2 / 2 + x * y) * z, "z": lambda m, x, y, z: (x + y) * z**2 / 2},
    "x^2*y^3": {"x": lambda m, x, y: x**3 / 3 * y**3, "y": lambda m, x, y: x**2 * y**4 / 4},
    "x*x + sin(x)": {"x": lambda m, x: x**3 / 3 - m.cos(x)},
    "x*exp(x)": {"x": lambda m, x: (x - 1) * m.exp(x)},
    "sin(x*y)": {"x": lambda m, x, y: -m.cos(x * y) / y, "y": lambda m, x, y: -m.cos(x * y) / x},
    "1/x + x": {"x": lambda m, x: m.log(x) + x**2 / 2},
    "exp(x*y) + y": {"x": lambda m, x, y: m.exp(x * y) / y + x * y},
    "x/y": {"x": lambda m, x, y: x**2 / 2 / y},
}


class Function(NamedTuple):
    """One function: its text, its graph, what its variables may be."""

    text: str
    kind: str
    graph: Graph
    domains: dict[str, tuple[bool, tuple[int, ...]]]

    def point(self, rng):
        """Return decimals for every variable, no two of one size."""
        used = set()

        def one(positive):
            while True:
                size = rng.randrange(31, 240)
                if size not in used and size % 10 and size != 100:
                    used.add(size)
                    break
            return f"{'-' if not positive and rng.random() < 0.45 else ''}{size // 100}.{size % 100:02}"

        return {name: _filled(lambda p=positive: one(p), shape) for name, (positive, shape) in self.domains.items()}


def _filled(one, shape):
    return [_filled(one, shape[1:]) for _ in range(shape[0])] if shape else one()


def as_given(value) -> str:
    """Write a value as it is given on the command line."""
    return "[" + ", ".join(map(as_given, value)) + "]" if isinstance(value, list) else value


def numbers(m, point):
    """Return the point in an arithmetic."""

    def read(value):
        return np.frompyfunc(m.number, 1, 1)(np.array(value, dtype=object)) if isinstance(value, list) else m.number(value)

    return {name: read(value) for name, value in point.items()}


def _made(text, variables, build) -> Function:
    graph, domains = Graph(), {}
    for word in variables.split():
        name, _, sizes = word.partition(":")
        domains[name.rstrip("+")] = name.endswith("+"), tuple(map(int, sizes.split(","))) if sizes else ()
    arguments = [graph.variable(name) for name in domains]
    graph.finish(build(*arguments))
    widest = max(len(shape) for _, shape in domains.values())
    staged = widest and (len(graph.stages) > 1 or widest > 1) and text.count("@") > 0
    kind = "layer" if staged and not _bare(text) else "vector" if widest else "scalar"
    return Function(text, kind, graph, domains)


def _bare(text) -> bool:
    """Tell a product alone from a layer."""
    return text in ("sum((W@x)^2)", "sum(exp(A@x)*y)", "dot(x, A@y)")


FUNCTIONS = tuple(_made(*row) for row in TABLE)


def drawn(function, seed, kind) -> dict:
    """Return the point of a function that belongs to a seed."""
    return function.point(random.Random(f"{function.text} {sorted(function.domains)} {seed} {kind}"))
