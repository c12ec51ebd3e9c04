"""Shorten a formula for the eye. For display only: nothing is ever evaluated from what this returns.

A product is written as coefficient × factors to powers, a sum as terms with coefficients, both in order of first
appearance; a number is pulled out of what is linear; and the rest is done by rewriting with the rows below.
"""

from __future__ import annotations

from gradcli.arithmetic.symbolic import Symbolic
from gradcli.errors import GradError
from gradcli.expr import NUMBER, ONE, SYMBOL, ZERO, Expr, integer, make, number, tape
from gradcli.ratio import MOST_DIGITS, Ratio, number_of, ratio_of
from gradcli.rules import Rewriting
from gradcli.shapes import Shapes

# Left of the arrow a formula with the variables x, y, z, i (any expression); to the right what it becomes. The
# third and the sixth hold where the formula is defined at all, which is where it is shown.
_shorten = Rewriting("""
    sigmoid(-x)                  -> 1 - sigmoid(x)
    gauss(x)                     -> exp(-x^2)
    unless(x, y, z)              -> z
    outside(x)                   -> 1
    centred(x, y)                -> x * sum(y) - sum(x * y)
    exchange(x, y)               -> x * sum(y) - y * sum(x)
    sum(softmax(x))              -> 1
    where(x, y, y)               -> y
    x''                          -> x
    exp(ln(x))                   -> x
    ln(exp(x))                   -> x
    sum(place(x, y, i))          -> x
    sum(ones(x))                 -> size(x)
    exp(x) * exp(-x)             -> 1
    cos(-x)                      -> cos(x)
    sin(-x)                      -> -sin(x)
    x^0                          -> 1
    x^1                          -> x
    eye(x) @ y                   -> y
    y @ eye(x)                   -> y
""")

# Operators that are linear in these arguments: a number factor moves out of them.
_LINEAR = {"@": (0, 1), "outer": (0, 1), "'": (0,), "sum": (0,), "place": (0,), "[]": (0,), "diag": (0,), "cross": (0, 1)}

_symbolic = Symbolic()


class Simplifier:
    """Simplifies nodes whose shapes it knows; remembers what it has done.

    ``written`` are nodes as their author wrote them: the order of their terms is kept. In a derivative the terms
    stand in order of appearance, a number last, and not a minus first where that can be helped.
    """

    def __init__(self, shapes: Shapes, written: list[Expr] | None = None) -> None:
        self.shapes = shapes
        self.written = frozenset(written or ())
        self.order = {node: position for position, node in enumerate(n for n in written or () if n.op == SYMBOL)}
        self.done: dict[Expr, Expr] = {}

    def __call__(self, root: Expr) -> Expr:
        """Return root, shortened."""
        for node in tape(root, known=self.done):
            args = tuple([self.done[arg] for arg in node.args])
            made = node if args == node.args else make(node.op, args, node.leaf)
            self.done[node] = self._sum(made, False) if node.op == "+" and node in self.written else self._settle(made)
        return self.done[root]

    def _settle(self, node: Expr) -> Expr:
        """Apply rules at this node until none applies, but keep its shape: x - x for a vector is no number 0."""
        try:
            settled = self._applied(node)
            return settled if self.shapes.of(settled) == self.shapes.of(node) else node
        except GradError:  # a shape was lost on the way: a formula that is longer is better than none
            return node

    def _applied(self, node: Expr) -> Expr:
        """Apply rules at this node until none applies; what a rewriting makes is simplified in turn."""
        for _ in range(20):
            after = self._once(node)
            if after is node:
                return node
            for inner in tape(after, known=self.done)[:-1]:
                args = tuple([self.done.get(arg, arg) for arg in inner.args])
                again = make(inner.op, args, inner.leaf)
                self.done[inner] = again if again is inner and again in self.done else self._once(again)
            node = make(after.op, tuple([self.done.get(arg, arg) for arg in after.args]), after.leaf)
        return node

    def _once(self, node: Expr) -> Expr:
        if not node.args:
            return node
        if node.op == "ones" and not self.shapes.of(node):
            return ONE
        if node.op == "size":
            size = self.shapes.constant(node)
            return node if size is None else number(size)
        if node.op in ("*", "/", "flow") or (node.op == "-" and len(node.args) == 1):
            return self._product(node)
        if node.op == "^" and node.args[1].op == NUMBER and integer(node.args[1]) not in (None, 0, 1):
            base = node.args[0]
            if base.op in ("*", "/", "^") or (base.op == NUMBER and abs(integer(node.args[1]) or 99) < 20):
                return self._product(node)
        if node.op in ("+", "-"):
            return self._sum(node)
        if node.op == "[]" and node.args[0].args:
            picked = self._picked(node)
            if picked is not node:
                return picked
        if node.op == "@" and [len(self.shapes.of(arg)) for arg in node.args] == [1, 2]:
            return make("@", (make("'", (node.args[1],)), node.args[0]))  # xᵀ W, as the column that a gradient is
        rewritten = _shorten(node)
        if rewritten is not node:
            return rewritten
        shorter = _symbolic.apply(node.op, node.args)
        return self._linear(node) if shorter is node else shorter

    # ---- products -------------------------------------------------------------------------------------------

    def _factors(self, node: Expr) -> tuple[Ratio, dict[Expr, int]]:
        """Return coefficient and factors with their whole powers."""
        coefficient = Ratio(1)
        powers: dict[Expr, int] = {}
        stack = [(node, 1)]
        while stack:
            part, power = stack.pop()
            whole = integer(part.args[1]) if part.op == "^" else None
            ratio = ratio_of(part) if part.op == NUMBER else None
            if part.op == "sqrt" and power % 2 == 0:
                stack.append((part.args[0], power // 2))
            elif part.op in ("*", "flow"):
                stack += [(part.args[1], power), (part.args[0], power)]
            elif part.op == "/":
                stack += [(part.args[1], -power), (part.args[0], power)]
            elif part.op == "-" and len(part.args) == 1:
                coefficient *= Ratio(-1).power(power)
                stack.append((part.args[0], power))
            elif whole is not None and abs(whole * power) < 10**MOST_DIGITS:
                stack.append((part.args[0], whole * power))
            elif ratio is not None and (ratio.num or power > 0) and abs(power) < 20:
                coefficient *= ratio.power(power)
            else:
                powers[part] = powers.get(part, 0) + power
        return coefficient, powers

    def _product(self, node: Expr) -> Expr:
        coefficient, powers = self._factors(node)
        if coefficient.num == 0:
            return ZERO
        arrays = [f for f, p in powers.items() if p and self.shapes.of(f)]
        for factor in [f for f in arrays if f.op == "ones"]:  # ones change nothing beside another array
            if len(arrays) > 1:
                del powers[factor]
                arrays.remove(factor)
        placed = next((f for f in arrays if f.op == "place" and powers[f] == 1), None)
        if placed is not None:
            return self._into_place(placed, coefficient, powers)
        opened = next((f for f in arrays if f.op in ("+", "-") and powers[f] == 1 and _has_place(f)), None)
        if opened is not None and len(arrays) > 1:
            rest = self._rebuild(coefficient, {f: p for f, p in powers.items() if f is not opened})
            return make(opened.op, tuple(make("*", (rest, term)) for term in opened.args))
        return self._rebuild(coefficient, powers)

    def _into_place(self, placed: Expr, coefficient: Ratio, powers: dict[Expr, int]) -> Expr:
        """Move the factors of a single entry to it: place(c, x, i) * y is place(c * y[i], x, i)."""
        inside, outside, at = [], {}, placed.args[2:]
        for factor, power in powers.items():
            if factor is placed:
                continue
            if self.shapes.of(factor):
                inside.append(self._rebuild(Ratio(1), {self._settle(make("[]", (factor, *at))): power}))
            else:
                outside[factor] = power
        value = placed.args[0]
        for factor in inside:
            value = make("*", (value, factor))
        value = self._settle(value)
        within, loose = self._factors(value)
        whole = dict(outside)
        for factor, power in loose.items():
            whole[factor] = whole.get(factor, 0) + power
        one = make("place", (ONE, *placed.args[1:]))
        if self.shapes.of(value):  # a row is placed, not a number: nothing to gain
            return self._rebuild(coefficient, powers)
        return self._join(self._rebuild(coefficient * within, whole), one)

    def _join(self, left: Expr, right: Expr) -> Expr:
        if left is ONE:
            return right
        return make("-", (right,)) if left is number(-1) else make("*", (left, right))

    def _rebuild(self, coefficient: Ratio, powers: dict[Expr, int]) -> Expr:
        """Write coefficient and factors as one fraction: sign, number, factors / number, factors."""
        above = [_power(f, p) for f, p in powers.items() if p > 0]
        above.sort(key=self._place_in_product)
        below = [_power(f, -p) for f, p in powers.items() if p < 0]
        size = Ratio(abs(coefficient.num), coefficient.den, coefficient.written)
        lead = number_of(size)
        if lead.op == "/" and (above or below):
            top, bottom = lead.args
        else:
            top, bottom = lead, ONE
        if top is not ONE or not above:
            above = [top, *above]
        if coefficient.num < 0:
            above[0] = _symbolic.apply("-", (above[0],))
        if bottom is not ONE:
            below = [bottom, *below]
        out = _chain("*", above)
        return make("/", (out, _chain("*", below))) if below else out

    def _place_in_product(self, factor: Expr) -> int:
        """Variables come first, in their author's order, ones last; everything else as it appeared."""
        base = factor.args[0] if factor.op == "^" and factor.args[1].op == NUMBER else factor
        return self.order.get(base, len(self.order)) if base.op == SYMBOL else len(self.order) + 1 + (factor.op == "ones")

    # ---- sums -----------------------------------------------------------------------------------------------

    def _sum(self, node: Expr, reorder: bool = True) -> Expr:
        terms: dict[tuple[tuple[Expr, int], ...], tuple[Ratio, dict[Expr, int]]] = {}
        stack = [(node, 1)]
        flat: list[tuple[Expr, int]] = []
        while stack:
            part, sign = stack.pop()
            if part.op == "+":
                stack += [(part.args[1], sign), (part.args[0], sign)]
            elif part.op == "-":
                stack.append((part.args[-1], -sign))
                if len(part.args) == 2:
                    stack.append((part.args[0], sign))
            else:
                flat.append((part, sign))
        for part, sign in flat:
            coefficient, powers = self._factors(part)
            powers = {f: p for f, p in powers.items() if p}
            key = tuple(sorted(powers.items(), key=lambda item: id(item[0])))
            before = terms[key][0] if key in terms else Ratio(0)
            terms[key] = before + coefficient * Ratio(sign), terms[key][1] if key in terms else powers
        kept = [(c, p) for c, p in terms.values() if c.num]
        if not kept:
            return ZERO
        if reorder:
            kept.sort(key=lambda term: (term[0].num < 0, not term[1]))
        out = self._rebuild(*kept[0])
        for coefficient, powers in kept[1:]:
            size = Ratio(abs(coefficient.num), coefficient.den, coefficient.written)
            out = make("+" if coefficient.num > 0 else "-", (out, self._rebuild(size, powers)))
        return out

    def _picked(self, node: Expr) -> Expr:
        """Take an entry out of what was put together: [a, b][2] is b, place(c, x, 2)[2] is c."""
        base, at = node.args[0], node.args[1:]
        if self.shapes.row_of(base).shape is None and base.op != "ones":
            return make(base.op, tuple(make("[]", (arg, *at)) if self.shapes.of(arg) else arg for arg in base.args))
        if base.op == "others" and base.args[0].op == "array" and not self.shapes.of(node) and integer(at[0]):
            return _chain("*", [ONE, *(arg for k, arg in enumerate(base.args[0].args, 1) if k != integer(at[0]))])
        if base.op == "[]" and base.args[0].op == "eye":
            return ONE if base.args[1] is at[0] else ZERO
        if base.op == "'" and len(at) == 2:
            return make("[]", (base.args[0], at[1], at[0]))
        if base.op not in ("place", "array", "ones"):
            return node
        if base.op == "ones":
            return node if self.shapes.of(node) else ONE
        if base.op == "array":
            position = integer(at[0])
            return base.args[position - 1] if len(at) == 1 and position else node
        if any(index.op != NUMBER for index in (*at, *base.args[2:])):
            return node
        return base.args[0] if base.args[2:] == at else ZERO if len(at) == len(base.args) - 2 else node

    # ---- what is linear -------------------------------------------------------------------------------------

    def _linear(self, node: Expr) -> Expr:
        """Move numbers out of the arguments that an operator is linear in: outer(2*a, x) is 2*outer(a, x)."""
        outside, args = [], list(node.args)
        for position in _LINEAR.get(node.op, ()):
            if position >= len(args) or args[position].op not in ("*", "/", "-"):
                continue
            if args[position].op == "-" and len(args[position].args) == 2:
                continue
            coefficient, powers = self._factors(args[position])
            powers = {f: p for f, p in powers.items() if p}
            scalars = {f: p for f, p in powers.items() if not self.shapes.of(f)}
            if node.op in ("[]", "place") or not self.shapes.of(args[position]):
                scalars = {}
            rest = {f: p for f, p in powers.items() if f not in scalars}
            if (scalars or (abs(coefficient.num), coefficient.den) != (1, 1) or coefficient.num < 0) and rest:
                outside.append(self._rebuild(coefficient, scalars))
                args[position] = self._rebuild(Ratio(1), rest)
        if not outside:
            return node
        inner = make(node.op, tuple(args))
        for factor in outside:
            inner = make("*", (factor, inner))
        return inner


def _has_place(node: Expr) -> bool:
    return any(arg.op == "place" or any(a.op == "place" for a in arg.args) for arg in node.args)


def _power(factor: Expr, power: int) -> Expr:
    return factor if power == 1 else make("^", (factor, number(power)))


def _chain(op: str, parts: list[Expr]) -> Expr:
    out = parts[0]
    for part in parts[1:]:
        out = make(op, (out, part))
    return out
