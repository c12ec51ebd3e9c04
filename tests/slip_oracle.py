"""The slips of a course on derivatives, each applied by our own engine at each place where it can be made.

Written from the list of slips alone, without a look at how gradcli finds them. `slips` yields what can go wrong on the way to one
gradient; `Question` knows the truth and every slip at one point, and whether two slips are one and the same function.
"""

from __future__ import annotations

import random
from decimal import Decimal
from itertools import combinations
from typing import NamedTuple

import numpy as np
from slip_engine import ELEMENTWISE, Run, Slip, contribution, each, like, local, shape, total
from slip_functions import INTEGRALS, drawn, numbers
from slip_numbers import FLOATS, WORDS, Piecewise, Words, exact

EXACT = exact()
FAILED = (ArithmeticError, ValueError, TypeError)
LABELS = (
    "sign of one gate", "sign of the whole", "upstream forgotten", "local forgotten", "only one path at a fork",
    "last one written over the others", "multiply's inputs not swapped", "product rule as f'g'", "quotient's sign", "quotient's order",
    "quotient's square", "power's exponent not reduced", "power's coefficient missing", "inner derivative missing", "σ′ as σ", "σ′ as 1−σ",
    "σ′ as σ(1+σ)", "tanh′ as 1−t", "1/x without sign", "1/x without square", "ln against log10", "degrees against radians",
    "relu open when closed", "max to the loser", "W for Wᵀ", "outer product transposed", "sum over the batch or index forgotten",
    "mean against sum", "factor 2", "variables swapped", "entries swapped", "forward value for the gradient", "integrated instead",
    "rounded too early", "right for another point", "off by a power of ten",
)  # fmt: skip


# ---- along one edge -----------------------------------------------------------------------------------------


def _right(node, i):
    return lambda run, g, args, out: contribution(run.m, node, i, g, args, out)


def _times(node, i, factor):
    return lambda run, g, args, out: contribution(run.m, node, i, g, args, out) * factor(run, args, out)


def _instead(wrong):
    """Use a wrong local gradient, of the arguments and the value."""
    return lambda run, g, args, out: g * wrong(run.m, args, out)


def _sine_in_degrees(m, u):
    return m.sin(u * m.pi / 180)


def _cosine_in_degrees(m, u):
    return m.cos(u * m.pi / 180)


def _power(n):
    return lambda u: u**n


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
            yield Slip("sign of one gate", node, edges={(node, i): _times(node, i, lambda *_: -1) for i in chosen})
            for factor in (2, 0.5):
                turn = (lambda *_: 2) if factor == 2 else (lambda run, *_: run.m.number("1/2"))
                yield Slip("factor 2", node, edges={(node, i): _times(node, i, turn) for i in chosen}, note=f"×{factor} at a gate")
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
        yield Slip("quotient's sign", node, edges={(node, 1): _times(node, 1, lambda *_: -1)})
        yield Slip("quotient's order", node, edges={(node, i): _times(node, i, lambda *_: -1) for i in live})
        yield Slip("quotient's square", node, edges={(node, i): _times(node, i, lambda run, a, out: a[1]) for i in live})
        if 0 in live:
            yield Slip("quotient's square", node, edges={(node, 1): _times(node, 1, lambda run, a, out: a[1])}, note="below only")
        else:
            yield Slip("1/x without sign", node, edges={(node, 1): _times(node, 1, lambda *_: -1)})
            yield Slip("1/x without square", node, edges={(node, 1): _times(node, 1, lambda run, a, out: a[1])})
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
            yield Slip("mean against sum", node, edges={(node, i): _times(node, i, lambda run, a, out: a[0].size)})
        if node.op == "sum":
            yield Slip("mean against sum", node, edges={(node, i): _times(node, i, lambda run, a, out: run.m.number(f"1/{a[0].size}"))})


def _matching(passed, wanted):
    if shape(passed) != shape(wanted):
        raise ValueError
    return passed


def _untransposed(node, i):
    """Multiply by W where Wᵀ is due."""

    def passed(run, g, args, out):
        x, y = args
        if node.op == "outer":
            return _matching(g.T @ y if i == 0 else g @ x, args[i])
        if i == 1:
            return _matching(x @ g, y)
        if len(shape(y)) < 2:
            raise ValueError
        return _matching(g @ y, x)

    return passed


def _transposed(node, i):
    def passed(run, g, args, out):
        right = contribution(run.m, node, i, g, args, out)
        if len(shape(right)) < 2:
            raise ValueError
        return _matching(right.T, right)

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


# ---- at a fork, in the values, and on the whole -------------------------------------------------------------


def at_forks(graph):
    """Yield the slips at nodes that are used more than once."""
    for node in graph.order:
        uses = sum(arg is node for gate in graph.order for arg in gate.args)
        if uses < 2 or node.op == "number":
            continue
        for j in range(uses):
            yield Slip("only one path at a fork", node, forks={node: lambda parts, j=j: parts[j % len(parts)]})
            if uses > 2:
                without = lambda parts, j=j: sum((p for k, p in enumerate(parts) if k != j), 0)  # noqa: E731
                yield Slip("only one path at a fork", node, forks={node: without}, note="one path left out")
        yield Slip("last one written over the others", node, forks={node: lambda parts: parts[-1]})


def in_values(graph):
    """Yield the slips of the calculator: the wrong logarithm, degrees, rounding on the way."""
    waves = [node for node in graph.order if node.op in ("sin", "cos", "tan")]
    turns = [node for node in graph.order if node.op == "atan"]
    if waves or turns:
        values = {node: _wave(node.op) for node in waves}
        values |= {node: lambda run, args, out: out * 180 / run.m.pi for node in turns}
        edges = {(node, 0): _wave_local(node) for node in waves if node.op != "tan"}
        yield Slip("degrees against radians", (waves + turns)[0], values=values, edges=edges)
    for op, other in (("ln", lambda run, a, out: each(run.m.log10, a[0])), ("log10", lambda run, a, out: each(run.m.log, a[0]))):
        if nodes := [node for node in graph.order if node.op == op]:
            yield Slip("ln against log10", nodes[0], values=dict.fromkeys(nodes, other), note="in the values")
    for places in (1, 2):
        rounded = _rounding(places)
        yield Slip("rounded too early", keep=rounded, note=f"values to {places}")
        yield Slip("rounded too early", keep=rounded, pass_on=rounded, note=f"everything to {places}")


def _wave(op):
    def at(m, u):
        sine, cosine = _sine_in_degrees(m, u), _cosine_in_degrees(m, u)
        return {"sin": sine, "cos": cosine, "tan": sine / cosine}[op]

    return lambda run, args, out: each(lambda u: at(run.m, u), args[0])


def _wave_local(node):
    if node.op == "sin":
        return lambda run, g, args, out: g * each(lambda u: _cosine_in_degrees(run.m, u), args[0])
    return lambda run, g, args, out: -g * each(lambda u: _sine_in_degrees(run.m, u), args[0])


def _rounding(places):
    """Round half away from zero, as by hand."""

    def rounded(x):
        if isinstance(x, Words):
            raise Piecewise
        scaled = int(abs(x) * 10**places * 2 + 1) // 2
        return x * 0 + (scaled if x > 0 else -scaled) / (x * 0 + 10**places)

    return rounded


def on_the_whole(function, target):
    """Yield the slips that are made when the answer is written down."""
    graph = function.graph
    yield Slip("sign of the whole", handed_in=lambda run, t, found: -found)
    yield Slip("factor 2", handed_in=lambda run, t, found: found * 2)
    yield Slip("factor 2", handed_in=lambda run, t, found: found * run.m.number("1/2"))
    for k in random.Random(f"{function.text} {target.value} {target.name}").sample((1, 2, 3, -1, -2, -3), 2):
        power = f"{10**k}" if k > 0 else f"1/{10**-k}"
        yield Slip("off by a power of ten", handed_in=lambda run, t, found, p=power: found * run.m.number(p), note=f"10^{k}")
    yield Slip("right for another point", alone=True, handed_in=_elsewhere)
    yield Slip("forward value for the gradient", alone=True, handed_in=lambda run, t, found: _matching(run.values[graph.root], found))
    yield Slip("forward value for the gradient", alone=True, handed_in=lambda run, t, found: run.values[t], note="of itself")
    if target.op != "variable":
        return
    for name, other in graph.variables.items():
        if other is not target and function.domains[name] == function.domains[target.value]:
            yield Slip("variables swapped", handed_in=lambda run, t, found, o=other: run.gradients.get(o, found * 0), note=f"of {name}")
            yield Slip("variables swapped", alone=True, handed_in=_with_swapped_values(name), note=f"with the value of {name}")
    shape_ = function.domains[target.value][1]
    places = list(np.ndindex(*shape_)) if shape_ else []
    pairs = list(combinations(places, 2))
    for one, two in random.Random(f"{function.text} {target.value}").sample(pairs, min(4, len(pairs))):
        yield Slip("entries swapped", handed_in=_swapped(one, two))
    if len(shape_) == 2 and shape_[0] == shape_[1]:
        yield Slip("outer product transposed", handed_in=lambda run, t, found: found.T)
    whole = INTEGRALS.get(function.text, {}).get(target.value)
    if whole:
        yield Slip("integrated instead", alone=True, handed_in=lambda run, t, found: whole(run.m, *run.point.values()))


def _elsewhere(run, target, found):
    if run.elsewhere is None:
        raise ValueError
    return Run(run.m, run.graph, run.elsewhere).gradient(target)


def _with_swapped_values(name):
    def handed_in(run, target, found):
        mine = target.value
        return Run(run.m, run.graph, {**run.point, mine: run.point[name], name: run.point[mine]}).gradient(target)

    return handed_in


def _swapped(one, two):
    def handed_in(run, target, found):
        found = found.copy()
        found[one], found[two] = found[two], found[one]
        return found

    return handed_in


def of_rules(graph, target):
    """Yield the slips of the product and of the chain rule, which show in one gradient at a time."""
    for node in graph.order:
        if node.op == "*" and all(graph.depends(arg, target) for arg in node.args):
            yield Slip("product rule as f'g'", node, edges=_cut(node), handed_in=_product_of_derivatives(node))
        composite = node.op in ELEMENTWISE and len(node.args) == 1 and node.op != "neg"
        inner = node.args[0] if composite else target
        if inner is not target and graph.depends(inner, target):
            yield Slip("inner derivative missing", inner, edges=_cut(inner), handed_in=_without_inner(inner))


def _cut(node):
    return {(node, i): lambda run, g, args, out, i=i: like(0, args[i]) for i in range(len(node.args))}


def _scalars_only(*values):
    if any(map(shape, values)):
        raise ValueError


def _product_of_derivatives(node):
    def handed_in(run, target, found):
        plain = Run(run.m, run.graph, run.point)
        slopes = [plain.sweep(arg).get(target, 0) for arg in node.args]
        _scalars_only(*slopes, run.gradients[node])
        return found + run.gradients[node] * slopes[0] * slopes[1]

    return handed_in


def _without_inner(inner):
    return lambda run, target, found: found + _matching(run.gradients[inner], found)


def slips(function, target):
    """Yield every slip on the way to the gradient in a node, at every place."""
    graph = function.graph
    yield from along_edges(graph)
    yield from at_forks(graph)
    yield from in_values(graph)
    yield from of_rules(graph, target)
    yield from on_the_whole(function, target)


# ---- what is handed in --------------------------------------------------------------------------------------


class Case(NamedTuple):
    """A wrong answer: to what, as it is written, and the slip (or slips) behind it."""

    question: Question
    target: str
    answer: str
    slips: tuple[Slip, ...]
    form: str

    @property
    def labels(self):
        return tuple(slip.label for slip in self.slips)


class Question:
    """One function at one point of a sheet that has another point; the two points apart, on
    the same piece of it, tell functions from each other."""

    def __init__(self, function, seed) -> None:
        self.function, self.graph, self.seed = function, function.graph, seed
        tried = iter(range(100_000))
        self.point, self.other = self._generic(tried), self._generic(tried)
        self.piece = self._piece_at(self.point)
        self.apart = [self._generic(tried, self.piece) for _ in range(2)]
        self.targets = {**self.graph.variables, **self.graph.stages}
        self.targets = {name: node for name, node in self.targets.items() if node is not self.graph.root}
        self.values = Run(EXACT, self.graph, numbers(EXACT, self.point)).values
        self._pools = {}

    def _piece_at(self, point):
        """Return which gates are open and which inputs win: a slip at one of them is seen on its piece only."""
        gates = [node for node in self.graph.order if node.op in ("relu", "abs", "max", "min")]
        known = Run(FLOATS, self.graph, numbers(FLOATS, point)).values if gates else {}
        return [(local(FLOATS, node, 0, [known[arg] for arg in node.args], known[node]) > np.array(0)).tolist() for node in gates]

    def _generic(self, tried, piece=None):
        """Return the next point at which the function has a value, on this piece of it."""
        for k in tried:
            point = drawn(self.function, self.seed, k)
            try:
                if piece and self._piece_at(point) != piece:
                    continue
                run = Run(FLOATS, self.graph, numbers(FLOATS, point))
                sizes = [abs(x) for node in self.graph.variables.values() for x in np.ravel(run.gradient(node))]
            except FAILED:
                continue
            if max(sizes) < 1e6:
                return point
        raise AssertionError(self.function.text)

    def handed_in(self, target, made, m=EXACT, at=None):
        """Return the gradient in a node as it comes out with slips; None where that cannot be computed."""
        if m is WORDS and any(slip.label == "degrees against radians" for slip in made):
            return None  # a formula has no unit
        if m is WORDS:
            known, other = {name: Words(name) for name in self.point}, None
        else:
            known, other = numbers(m, at or self.point), numbers(m, self.other)
        try:
            found = Run(m, self.graph, known, made, other).gradient(self.targets[target])
            real = m is WORDS or all(abs(float(x)) < 1e12 for x in np.ravel(found))  # a complex number is none
        except (*FAILED, Piecewise):
            return None
        return found if real else None

    def truth(self, target):
        return self.handed_in(target, ())

    def pool(self, target):
        """Return the slips that change this gradient here, with what they give, and how many change nothing or nothing to be seen."""
        if target not in self._pools:
            right, found, same = self.truth(target), [], 0
            for slip in slips(self.function, self.targets[target]):
                wrong = self.handed_in(target, (slip,))
                if wrong is None or shape(wrong) != shape(right):
                    continue
                if close(wrong, right, 2e-3):
                    same += 1
                else:
                    found.append((slip, wrong))
            self._pools[target] = found, same
        return self._pools[target]

    def distinct(self, target):
        """Return the slips of one label and one result once."""
        kept = {}
        for slip, wrong in self.pool(target)[0]:
            key = slip.label, tuple(f"{float(x):.9e}" for x in np.ravel(wrong))
            kept.setdefault(key, (slip, wrong))
        return list(kept.values())

    def same_function(self, target, made, other) -> bool:
        """Tell whether slips give the same here and at the two other generic points."""
        if any(slip.keep for slip in made) is not any(slip.keep for slip in other):
            return False  # a rounded number is no function of its own
        if not close(self.handed_in(target, made), self.handed_in(target, other), 1e-15):
            return False
        for at in self.apart:
            one, two = self.handed_in(target, made, FLOATS, at), self.handed_in(target, other, FLOATS, at)
            if (one is None) is not (two is None):
                return False
            if one is not None and not close(one, two, 1e-9):
                return False
        return True


def close(one, two, gap) -> bool:
    """Tell whether all entries agree to a relative gap."""
    return shape(one) == shape(two) and all(abs(a - b) <= gap * max(abs(a), abs(b)) for a, b in zip(np.ravel(one), np.ravel(two)))


def digits(x, count) -> str:
    """Write a number to so many significant digits; without the zeros of one that ends sooner."""
    from mpmath import mp

    exact_ = Decimal(mp.nstr(mp.mpf(x), 28))
    rounded = Decimal(f"{exact_:.{count - 1}e}")
    if rounded == exact_:
        rounded = rounded.normalize()
    if rounded == 0:
        return "0"
    return f"{rounded:f}" if -5 <= rounded.adjusted() < count else f"{rounded:e}".replace("e+", "e")


def text_of(x, count) -> str:
    """Write a number or an array."""
    if isinstance(x, np.ndarray):
        return "[" + ", ".join(text_of(entry, count) for entry in x) + "]"
    return digits(x, count)


def apart(wrong, right, count) -> bool:
    """Tell whether an answer of so many digits shows that it is wrong: an entry is no rounding of the truth, nor next to one."""
    for a, b in zip(np.ravel(wrong), np.ravel(right)):
        written, truth = Decimal(digits(a, count)), Decimal(digits(b, 25))
        unit = Decimal(1).scaleb((written or truth).adjusted() - count + 1)
        half = Decimal(5).scaleb(written.as_tuple().exponent - 1)
        if abs(written - truth) > max(unit, half):
            return True
    return False
