"""Slips in what a gate passes on: at each gate, along each of its edges and along all of them."""

from __future__ import annotations

import numpy as np

from mistakes.engine import ELEMENTWISE, Slip, contribution, each, like, local, shape, total


def times(node, i, factor):
    return lambda run, g, args, out: contribution(run.m, node, i, g, args, out) * factor(run, args, out)


def _instead(wrong):
    """Use a wrong local gradient, of the arguments and the value."""
    return lambda run, g, args, out: g * wrong(run.m, args, out)


WRONG_LOCALS = {
    "sigmoid": {
        "σ′ as σ": lambda m, a, out: out,
        "σ′ as 1−σ": lambda m, a, out: 1 - out,
        "σ′ as σ(1+σ)": lambda m, a, out: out * (1 + out),
    },
    "tanh": {"tanh′ as 1−t": lambda m, a, out: 1 - out},
    "ln": {"ln against log10": lambda m, a, out: 1 / (a[0] * m.log(m.number("10")))},
    "log10": {"ln against log10": lambda m, a, out: 1 / a[0]},
    "relu": {"relu open when closed": lambda m, a, out: like(1, a[0])},
    "sqrt": {"power's coefficient missing": lambda m, a, out: 1 / out, "power's exponent not reduced": lambda m, a, out: out / 2},
}
ANTIDERIVATIVES = {
    "sin": lambda m, u: -m.cos(u), "cos": lambda m, u: m.sin(u), "ln": lambda m, u: u * m.log(u) - u,
}  # fmt: skip


def along_edges(graph):
    """Yield the slips that change what gates pass on."""
    for node in graph.order:
        live = [i for i, arg in enumerate(node.args) if graph.carries(arg)]
        if not live:
            continue
        sets = [[i] for i in live] + ([live] if len(live) > 1 else [])
        for chosen in sets:
            yield Slip("sign of one gate", node, edges={(node, i): times(node, i, lambda *_: -1) for i in chosen})
            for factor in (2, 0.5):
                turn = (lambda *_: 2) if factor == 2 else (lambda run, *_: run.m.number("1/2"))
                yield Slip("factor 2", node, edges={(node, i): times(node, i, turn) for i in chosen}, note=f"×{factor} at a gate")
            yield Slip("upstream forgotten", node, edges={(node, i): _without_upstream(node, i) for i in chosen})
            if node.op in ELEMENTWISE or node.op in ("@", "softmax"):
                yield Slip("local forgotten", node, edges={(node, i): _without_local(node, i) for i in chosen})
            if node.op in ("*", "dot") and len(live) == 2:
                yield Slip("multiply's inputs not swapped", node, edges={(node, i): _unswapped(i) for i in chosen})
        yield from _of_a_gate(node, live)


def _without_upstream(node, i):
    return lambda run, g, args, out: contribution(run.m, node, i, like(run.m.number("1"), g), args, out)


def _without_local(node, i):
    def passed(run, g, args, out):
        if node.op not in ELEMENTWISE and shape(g) != shape(args[i]):
            raise ValueError
        return g * like(1, out) if node.op in ELEMENTWISE else g

    return passed


def _unswapped(i):
    def passed(run, g, args, out):
        if shape(args[0]) != shape(args[1]):
            raise ValueError
        return g * args[i]

    return passed


def _of_a_gate(node, live):
    """Yield the slips that only gates of this operator know."""
    if node.op == "/" and 1 in live:
        yield Slip("quotient's sign", node, edges={(node, 1): times(node, 1, lambda *_: -1)})
        yield Slip("quotient's order", node, edges={(node, i): times(node, i, lambda *_: -1) for i in live})
        yield Slip("quotient's square", node, edges={(node, i): times(node, i, lambda run, a, out: a[1]) for i in live})
        if 0 in live:
            yield Slip("quotient's square", node, edges={(node, 1): times(node, 1, lambda run, a, out: a[1])}, note="below only")
        else:
            yield Slip("1/x without sign", node, edges={(node, 1): times(node, 1, lambda *_: -1)})
            yield Slip("1/x without square", node, edges={(node, 1): times(node, 1, lambda run, a, out: a[1])})
    if node.op == "pow":
        n = node.value
        whole = lambda m, a, out: m.number(str(n)) * out  # noqa: E731
        bare = lambda m, a, out: each(lambda u: u ** (n - 1 if isinstance(n, int) else m.number(str(n - 1))), a[0])  # noqa: E731
        up = lambda m, a, out: each(lambda u: u ** (n + 1 if isinstance(n, int) else m.number(str(n + 1))), a[0]) / m.number(str(n + 1))  # noqa: E731
        yield Slip("power's exponent not reduced", node, edges={(node, 0): _instead(whole)})
        yield Slip("power's coefficient missing", node, edges={(node, 0): _instead(bare)})
        yield Slip("integrated instead", node, edges={(node, 0): _instead(up)}, note="at a gate")
    for label, wrong in WRONG_LOCALS.get(node.op, {}).items():
        yield Slip(label, node, edges={(node, 0): _instead(wrong)})
    if node.op in ANTIDERIVATIVES:
        whole = ANTIDERIVATIVES[node.op]
        yield Slip(
            "integrated instead", node, edges={(node, 0): _instead(lambda m, a, out: each(lambda u: whole(m, u), a[0]))}, note="at a gate"
        )
    if node.op in ("max", "min"):
        yield Slip("max to the loser", node, edges={(node, i): _to_the_loser(node, i) for i in live})
    yield from _of_arrays(node, live)


def _to_the_loser(node, i):
    return lambda run, g, args, out: g * local(run.m, node, 1 - i, args, out)


def _of_arrays(node, live):
    for i in live:
        if node.op in ("@", "outer"):
            yield Slip("W for Wᵀ", node, edges={(node, i): _untransposed(node, i)})
            yield Slip("outer product transposed", node, edges={(node, i): _transposed(node, i)})
        if node.op in ELEMENTWISE or node.op in ("@", "outer"):
            for k in (0, -1):
                which = "first" if k == 0 else "last"
                yield Slip(
                    "sum over the batch or index forgotten", node, edges={(node, i): _one_term(node, i, k)}, note=f"the {which} only"
                )
            yield Slip("mean against sum", node, edges={(node, i): _averaged(node, i)}, note="over the batch")
        if node.op == "mean":
            yield Slip("mean against sum", node, edges={(node, i): times(node, i, lambda run, a, out: a[0].size)})
        if node.op == "sum":
            yield Slip("mean against sum", node, edges={(node, i): times(node, i, lambda run, a, out: run.m.number(f"1/{a[0].size}"))})


def matching(passed, wanted):
    if shape(passed) != shape(wanted):
        raise ValueError
    return passed


def _untransposed(node, i):
    """Multiply by W where Wᵀ is due."""

    def passed(run, g, args, out):
        x, y = args
        if node.op == "outer":
            return matching(g.T @ y if i == 0 else g @ x, args[i])
        if i == 1:
            return matching(x @ g, y)
        if len(shape(y)) < 2:
            raise ValueError
        return matching(g @ y, x)

    return passed


def _transposed(node, i):
    def passed(run, g, args, out):
        right = contribution(run.m, node, i, g, args, out)
        if len(shape(right)) < 2:
            raise ValueError
        return matching(right.T, right)

    return passed


def _one_term(node, i, k):
    """Keep one term of the sum over what is shared by a batch, or over an index."""

    def passed(run, g, args, out):
        x = args[i]
        if node.op in ELEMENTWISE:
            if shape(x) or not shape(out):
                raise ValueError
            return contribution(run.m, node, i, g, args, out).ravel()[k]
        if node.op == "outer":
            return g[:, k] * args[1][k] if i == 0 else args[0][k] * g[k]
        if i == 0 or not shape(g):
            raise ValueError
        return np.multiply.outer(args[0][k], g[k]) if shape(g[k]) else args[0][k] * g[k]

    return passed


def _averaged(node, i):
    """Take the mean where the sum over a batch is due."""

    def passed(run, g, args, out):
        if node.op in ELEMENTWISE:
            if shape(args[i]) or not shape(out):
                raise ValueError
            return total(contribution(run.m, node, i, g, args, out)) / out.size
        if i == 0 or not shape(g) or node.op == "outer":
            raise ValueError
        return contribution(run.m, node, i, g, args, out) / len(args[0])

    return passed
