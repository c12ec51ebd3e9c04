"""Graphs of gates: what a function is made of, written in Python with its operators."""

from __future__ import annotations


class Node:
    """A gate, a variable or a constant; equal ones are one node, so that what is used twice is a fork."""

    __array_ufunc__ = None

    def __init__(self, graph, op, args=(), value=None):
        self.graph, self.op, self.args, self.value, self.name = graph, op, args, value, ""

    def __add__(self, other):
        return self.graph.gate("+", self, other)

    def __radd__(self, other):
        return self.graph.gate("+", other, self)

    def __sub__(self, other):
        return self.graph.gate("-", self, other)

    def __rsub__(self, other):
        return self.graph.gate("-", other, self)

    def __mul__(self, other):
        return self.graph.gate("*", self, other)

    def __rmul__(self, other):
        return self.graph.gate("*", other, self)

    def __truediv__(self, other):
        return self.graph.gate("/", self, other)

    def __rtruediv__(self, other):
        return self.graph.gate("/", other, self)

    def __pow__(self, exponent):
        return self.graph.gate("pow", self, value=exponent)

    def __rpow__(self, base):
        return self.graph.gate("exponential", self, value=base)

    def __neg__(self):
        return self.graph.gate("neg", self)

    def __matmul__(self, other):
        return self.graph.gate("@", self, other)

    def named(self, name):
        """Make it a stage."""
        self.name = name
        self.graph.stages[name] = self
        return self


class Graph:
    """The gates of one function, in the order of their making."""

    def __init__(self):
        self.order, self.known, self.stages, self.variables = [], {}, {}, {}

    def gate(self, op, *args, value=None):
        """Return the gate, made once."""
        args = tuple(arg if isinstance(arg, Node) else self.gate("number", value=arg) for arg in args)
        key = op, tuple(map(id, args)), value
        if key not in self.known:
            self.known[key] = Node(self, op, args, value)
            self.order.append(self.known[key])
        return self.known[key]

    def variable(self, name):
        self.variables[name] = self.gate("variable", value=name)
        return self.variables[name]

    def finish(self, root):
        """Keep what the root is made of, the root last, and know what each node depends on."""
        self.root, live = root, {root}
        for node in reversed(self.order):
            if node in live:
                live.update(node.args)
        self.order = [node for node in self.order if node in live]
        self.below = {}
        for node in self.order:
            self.below[node] = {node}.union(*(self.below[arg] for arg in node.args))
        return self

    def depends(self, node, target) -> bool:
        return target in self.below[node]

    def carries(self, node) -> bool:
        """Tell whether a gradient flows to a node: there is a variable in it."""
        return any(one.op == "variable" for one in self.below[node])


def function(name):
    """Return what makes a gate of this name."""

    def make(*args, value=None):
        graph = next(arg.graph for arg in args if isinstance(arg, Node))
        return graph.gate(name, *args, value=value)

    return make
