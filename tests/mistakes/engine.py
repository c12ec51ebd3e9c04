"""A reverse sweep of our own, written for the slips alone: small graphs of scalars and lists, in floats, in mpmath or in words.

    g·∂out/∂arg along every edge, the sum of what arrives at every node

Nothing of gradcli is used. A slip changes what happens at one place: how a value is computed, what an edge passes on, how a fork is
summed; or what is handed in at the end. The arithmetic is one of `arithmetics`.
"""

from __future__ import annotations

from functools import reduce
from operator import add

import numpy as np

from mistakes.arithmetics import Piecewise, Words

# ---- values -------------------------------------------------------------------------------------------------


def each(f, *args):
    """Apply a function of numbers entry by entry."""
    return np.frompyfunc(f, len(args), 1)(*args) if any(isinstance(a, np.ndarray) for a in args) else f(*args)


def total(x):
    """Return the sum of all entries."""
    return reduce(add, x.ravel()) if isinstance(x, np.ndarray) else x


def shape(x):
    return x.shape if isinstance(x, np.ndarray) else ()


def like(number, x):
    """Return an array of the shape of x, every entry the number."""
    return np.full(x.shape, number, dtype=object) if isinstance(x, np.ndarray) else number


def _cases(f):
    def chosen(*args):
        if any(isinstance(a, Words) for a in args):
            raise Piecewise
        return f(*args)

    return chosen


def _softmax(m, x):
    powers = each(m.exp, x)
    return powers / total(powers)


def _sigmoid(m, x):
    return 1 / (1 + m.exp(-x))


def value(m, node, args):
    """Return the value of a gate from those of its arguments."""
    x, y = (*args, None, None)[:2]
    match node.op:
        case "+":
            return x + y
        case "-":
            return x - y
        case "*":
            return x * y
        case "/":
            return x / y
        case "neg":
            return -x
        case "pow":
            return each(lambda u: u ** _exponent(m, node.value), x)
        case "exponential":
            return each(lambda u: m.number(str(node.value)) ** u, x)
        case "exp" | "log10" | "sin" | "cos" | "tan" | "sinh" | "cosh" | "tanh" | "sqrt" | "atan":
            return each(getattr(m, node.op), x)
        case "ln":
            return each(m.log, x)
        case "sigmoid":
            return each(lambda u: _sigmoid(m, u), x)
        case "softplus":
            return each(lambda u: m.log(1 + m.exp(u)), x)
        case "relu":
            return each(_cases(lambda u: max(u, 0)), x)
        case "abs":
            return each(_cases(abs), x)
        case "max":
            return each(_cases(max), x, y)
        case "min":
            return each(_cases(min), x, y)
        case "@" | "dot":
            return x @ y
        case "outer":
            return np.multiply.outer(x, y)
        case "sum":
            return total(x)
        case "mean":
            return total(x) / x.size
        case "norm":
            return m.sqrt(total(x * x))
        case "softmax":
            return _softmax(m, x)
        case "logsumexp":
            return m.log(total(each(m.exp, x)))
        case "entry":
            return x[node.value - 1]
    raise AssertionError(node.op)


def _exponent(m, exponent):
    return exponent if isinstance(exponent, int) else m.number(str(exponent))


def local(m, node, i, args, out):
    """Return the local gradient of an elementwise gate."""
    x, y = (*args, None, None)[:2]
    match node.op:
        case "+":
            return 1
        case "-":
            return (1, -1)[i]
        case "*":
            return (y, x)[i]
        case "/":
            return 1 / y if i == 0 else -x / (y * y)
        case "neg":
            return -1
        case "pow":
            n = _exponent(m, node.value)
            return each(lambda u: n * u ** (n - 1), x)
        case "exponential":
            return out * m.log(m.number(str(node.value)))
        case "exp":
            return out
        case "ln":
            return 1 / x
        case "log10":
            return 1 / (x * m.log(m.number("10")))
        case "sin":
            return each(m.cos, x)
        case "cos":
            return -each(m.sin, x)
        case "tan":
            return 1 + out * out
        case "sinh":
            return each(m.cosh, x)
        case "cosh":
            return each(m.sinh, x)
        case "tanh":
            return 1 - out * out
        case "sqrt":
            return 1 / (2 * out)
        case "atan":
            return 1 / (1 + x * x)
        case "sigmoid":
            return out * (1 - out)
        case "softplus":
            return each(lambda u: _sigmoid(m, u), x)
        case "relu":
            return each(_cases(lambda u: 1 if u > 0 else 0), x)
        case "abs":
            return each(_cases(lambda u: 1 if u > 0 else -1), x)
        case "max":
            return each(_cases(lambda u, v: int((u > v) is (i == 0))), x, y)
        case "min":
            return each(_cases(lambda u, v: int((u < v) is (i == 0))), x, y)
    return None


ELEMENTWISE = frozenset(
    "+ - * / neg pow exponential exp ln log10 sin cos tan sinh cosh tanh sqrt atan sigmoid softplus relu abs max min".split()
)


def contribution(m, node, i, g, args, out):
    """Return what an edge passes on: the upstream gradient times the local one, not yet summed to the shape of the argument."""
    x, y = (*args, None, None)[:2]
    if node.op in ELEMENTWISE:
        return g * local(m, node, i, args, out)
    match node.op:
        case "@" | "dot":
            return _of_product(g, x, y, i)
        case "outer":
            return (g @ y, x @ g)[i]
        case "sum":
            return like(1, x) * g
        case "mean":
            return like(1, x) * g / x.size
        case "norm":
            return g * x / out
        case "softmax":
            return out * (g - total(g * out))
        case "logsumexp":
            return g * _softmax(m, x)
        case "entry":
            spread = like(0, x)
            spread[node.value - 1] = g
            return spread
    raise AssertionError(node.op)


def _of_product(g, x, y, i):
    """Pull back through x·y, W x or X W."""
    if not shape(g):
        return g * (y, x)[i]
    if i == 1:
        return x.T @ g
    return g @ y.T if len(y.shape) == 2 else np.multiply.outer(g, y)


def summed(passed, wanted):
    """Return a contribution as large as the argument it goes to: a number used at many entries gets their sum."""
    return total(passed) if shape(passed) and not wanted else passed


# ---- the sweep ----------------------------------------------------------------------------------------------


class Slip:
    """What goes wrong, in the words of the issue, and where.

    ``values`` {node: f(run, args, out)}, ``edges`` {(node, i): f(run, g, args, out)}, ``forks`` {node: f(list of contributions)},
    ``keep`` f(number) for every value, ``pass_on`` f(number) for every contribution, ``handed_in`` f(run, target, gradient found),
    which hides every other slip if it stands ``alone``.
    """

    def __init__(
        self, label, place=None, *, values=None, edges=None, forks=None, keep=None, pass_on=None, handed_in=None, alone=False, note=""
    ):
        self.label, self.place, self.alone, self.note = label, place, alone, note
        self.values, self.edges, self.forks = values or {}, edges or {}, forks or {}
        self.keep, self.pass_on, self.handed_in = keep, pass_on, handed_in

    def __repr__(self):
        return f"{self.label}{f' ({self.note})' if self.note else ''}"


class Run:
    """One evaluation of a graph at a point, with slips: every value, and the gradient at every node."""

    def __init__(self, m, graph, point, slips=(), elsewhere=None):
        self.m, self.graph, self.point, self.slips, self.elsewhere = m, graph, point, slips, elsewhere
        self.values = self._forward()
        self._gradients = None

    def _forward(self):
        known = {}
        for node in self.graph.order:
            if node.op == "variable":
                known[node] = self.point[node.value]
                continue
            if node.op == "number":
                known[node] = self.m.number(str(node.value))
                continue
            args = [known[arg] for arg in node.args]
            out = value(self.m, node, args)
            for slip in self.slips:
                if node in slip.values:
                    out = slip.values[node](self, args, out)
                if slip.keep:
                    out = each(slip.keep, out)
            known[node] = out
        return known

    @property
    def gradients(self):
        """The gradient at each node that is reached."""
        if self._gradients is None:
            self._gradients = self.sweep(self.graph.root)
        return self._gradients

    def sweep(self, root):
        """Return the gradient of one node in all below it."""
        arrived, found = {root: [like(self.m.number("1"), self.values[root])]}, {}
        for node in reversed(self.graph.order):
            if node not in arrived:
                continue
            parts = arrived[node]
            merge = next((slip.forks[node] for slip in self.slips if node in slip.forks), None)
            g = merge(parts) if merge and len(parts) > 1 else reduce(add, parts)
            found[node] = g
            args, out = [self.values[arg] for arg in node.args], self.values[node]
            for i, arg in enumerate(node.args):
                if not self.graph.carries(arg):
                    continue
                slipped = next((slip.edges[node, i] for slip in self.slips if (node, i) in slip.edges), None)
                passed = slipped(self, g, args, out) if slipped else contribution(self.m, node, i, g, args, out)
                passed = summed(passed, shape(args[i]))
                for slip in self.slips:
                    if slip.pass_on is not None:
                        passed = each(slip.pass_on, passed)
                arrived.setdefault(arg, []).append(passed)
        return found

    def gradient(self, target):
        """Return what is handed in for the gradient in a node."""
        found = self.gradients.get(target)
        found = like(0, self.values[target]) if found is None else found
        for slip in self.slips:
            if slip.handed_in:
                found = slip.handed_in(self, target, found)
        return found
