"""The index form of an array formula: (g xᵀ) at i, j is g_i x_j. As lectures write the rules of a layer.

An entry is a sum of terms; a term is factors, Kronecker deltas 1_{k=i}, and indices summed over. A delta on a summed
index removes the sum. Operators without an index form here give None, and the reader sees the matrix form alone.
"""

from __future__ import annotations

from itertools import count

from gradcli.expr import NUMBER, ONE, Expr, decimal, integer, number, tape
from gradcli.light import Mapping
from gradcli.notation.entries import WRITERS, Entries
from gradcli.notation.terms import Index, Term
from gradcli.notation.text import UNICODE
from gradcli.shapes import Shapes

_MOST_TERMS, _MOST_CHARACTERS = 3, 64  # beyond this an index form explains nothing
_MOST_NODES = 200


class Indexed:
    """Writes entries of formulas. ``names`` are nodes that have a name of their own; units are unit vectors e_k."""

    def __init__(self, shapes: Shapes, names: Mapping[Expr, str], units: Mapping[Expr, Index], style: str = UNICODE) -> None:
        self.shapes, self.names, self.units, self.style = shapes, names, units, style
        self.fresh = (letter + str(round or "") for round in count() for letter in "mnpqrstuvw")

    def write(self, root: Expr, index: Index) -> str:
        """Return the entry of an array formula at these indices, or nothing where it has no index form."""
        if len(tape(root)) > _MOST_NODES:
            return ""  # nobody would read it, and the walk below recurses
        terms = self._entry(root, index)
        if terms is None or len(terms) > _MOST_TERMS:
            return ""
        terms = [term.contracted() for term in terms]
        shown = Entries(root, self.names, self.shapes).total(terms)
        if len(shown) > _MOST_CHARACTERS:  # in every notation the same formulas are left out
            return ""
        return WRITERS[self.style](root, self.names, self.shapes).total(terms) if self.style in WRITERS else shown

    def _entry(self, node: Expr, index: Index) -> list[Term] | None:
        if node in self.units:
            return [Term(deltas=tuple(zip(self.units[node], index)))]
        if node in self.names:
            return [Term(((node, index),))]
        if node.op == NUMBER:
            mantissa, exponent = decimal(node)
            size = number(abs(mantissa), exponent)
            return [Term(() if size is ONE else ((size, ()),), minus=mantissa < 0)]
        rule = _RULES.get((node.op, len(node.args)))
        if rule is not None:
            return rule(self, node.args, index)
        return None if self._holds_unit(node) else [Term(((node, index),))]

    def _at(self, node: Expr, index: Index) -> list[Term] | None:
        """Return the entry of an elementwise operand: a number has no indices."""
        return self._entry(node, index if self.shapes.of(node) else ())

    def _product(self, left: list[Term] | None, right: list[Term] | None, over: Index = ()) -> list[Term] | None:
        if left is None or right is None:
            return None
        return [a.times(b).times(Term(over=over)).contracted() for a in left for b in right]

    # ---- the structural operators that have an index form ---------------------------------------------------

    def _add(self, args: tuple[Expr, ...], index: Index) -> list[Term] | None:
        left, right = (self._at(arg, index) for arg in args)
        return None if left is None or right is None else left + right

    def _subtract(self, args: tuple[Expr, ...], index: Index) -> list[Term] | None:
        left, right = self._at(args[0], index), self._negate(args[1:], index)
        return None if left is None or right is None else left + right

    def _negate(self, args: tuple[Expr, ...], index: Index) -> list[Term] | None:
        terms = self._at(args[0], index)
        return None if terms is None else [term.negated() for term in terms]

    def _multiply(self, args: tuple[Expr, ...], index: Index) -> list[Term] | None:
        return self._product(self._at(args[0], index), self._at(args[1], index))

    def _divide(self, args: tuple[Expr, ...], index: Index) -> list[Term] | None:
        top = self._at(args[0], index)
        if top is not None and not self.shapes.of(args[1]) and args[1].op != NUMBER and not self._holds_unit(args[1]):
            return [t.times(Term(below=((args[1], ()),))) for t in top]
        bottom = self._at(args[1], index)
        if top is None or bottom is None or len(bottom) > 1 or bottom[0].deltas or bottom[0].over or bottom[0].below:
            return None
        return [t.times(Term(below=bottom[0].factors, minus=bottom[0].minus)) for t in top]

    def _pick(self, args: tuple[Expr, ...], index: Index) -> list[Term] | None:
        at = [integer(arg) for arg in args[1:]]
        return None if None in at else self._entry(args[0], (*map(str, at), *index))

    def _holds_unit(self, node: Expr) -> bool:
        return any(unit in self.units for unit in tape(node))

    def _matmul(self, args: tuple[Expr, ...], index: Index) -> list[Term] | None:
        left, right = (len(self.shapes.of(arg)) for arg in args)
        m = next(self.fresh)
        at_left = (index[0], m) if left == 2 else (m,)
        at_right = (m, index[-1]) if right == 2 else (m,)
        return self._product(self._entry(args[0], at_left), self._entry(args[1], at_right), over=(m,))

    def _outer(self, args: tuple[Expr, ...], index: Index) -> list[Term] | None:
        return self._product(self._entry(args[0], index[:1]), self._entry(args[1], index[1:]))

    def _transpose(self, args: tuple[Expr, ...], index: Index) -> list[Term] | None:
        return self._entry(args[0], index[::-1])

    def _sum(self, args: tuple[Expr, ...], index: Index) -> list[Term] | None:
        dummies = tuple(next(self.fresh) for _ in self.shapes.of(args[0]))
        return self._product(self._entry(args[0], dummies), [Term()], over=dummies)

    def _ones(self, args: tuple[Expr, ...], index: Index) -> list[Term] | None:
        return [Term()]

    def _place(self, args: tuple[Expr, ...], index: Index) -> list[Term] | None:
        at = [integer(arg) for arg in args[2:]]
        if None in at or len(at) != len(index):
            return None
        return self._product(self._entry(args[0], ()), [Term(deltas=tuple(zip(index, map(str, at))))])


_RULES = {
    ("+", 2): Indexed._add, ("-", 2): Indexed._subtract, ("-", 1): Indexed._negate, ("*", 2): Indexed._multiply,
    ("flow", 2): Indexed._multiply,
    ("/", 2): Indexed._divide, ("@", 2): Indexed._matmul, ("outer", 2): Indexed._outer, ("'", 1): Indexed._transpose,
    ("[]", 2): Indexed._pick, ("[]", 3): Indexed._pick,
    ("sum", 1): Indexed._sum, ("ones", 1): Indexed._ones, ("place", 3): Indexed._place, ("place", 4): Indexed._place,
}  # fmt: skip
