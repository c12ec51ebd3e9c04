"""The index form of an array formula: (g xᵀ) at i, j is g_i x_j. As lectures write the rules of a layer.

An entry is a sum of terms; a term is factors, Kronecker deltas 1_{k=i}, and indices summed over. A delta on a summed
index removes the sum. Operators without an index form here give None, and the reader sees the matrix form alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count

from gradcli.expr import NUMBER, Expr, decimal, integer, tape
from gradcli.notation.numbers import plain_number
from gradcli.notation.text import UNICODE, template, text
from gradcli.shapes import Shapes

_MOST_TERMS, _MOST_CHARACTERS = 3, 64  # beyond this an index form explains nothing
_MOST_NODES = 200

Index = tuple[str, ...]
Piece = str | Index  # a piece of text, or indices to be written as a subscript


class Term:
    """± ∏ factors / ∏ below · ∏ 1_{a=b}, summed over ``over``."""

    __slots__ = ("below", "deltas", "factors", "minus", "over")

    def __init__(
        self,
        factors: tuple[tuple[Piece, ...], ...] = (),
        deltas: tuple[tuple[str, str], ...] = (),
        over: Index = (),
        below: tuple[tuple[Piece, ...], ...] = (),
        minus: bool = False,
    ) -> None:
        self.factors, self.deltas, self.over, self.below, self.minus = factors, deltas, over, below, minus

    def times(self, other: Term) -> Term:
        """Return the product of two terms."""
        return Term(
            self.factors + other.factors, self.deltas + other.deltas, self.over + other.over,
            self.below + other.below, self.minus != other.minus,
        )  # fmt: skip

    def renamed(self, old: str, new: str) -> Term:
        """Return the term with one index renamed."""

        def swap(index: str) -> str:
            return new if index == old else index

        def swap_all(factors: tuple[tuple[Piece, ...], ...]) -> tuple[tuple[Piece, ...], ...]:
            return tuple(
                tuple(tuple(map(swap, piece)) if isinstance(piece, tuple) else piece for piece in factor) for factor in factors
            )

        return Term(
            swap_all(self.factors), tuple((swap(a), swap(b)) for a, b in self.deltas),
            tuple(i for i in self.over if i != old), swap_all(self.below), self.minus,
        )  # fmt: skip

    def contracted(self) -> Term:
        """Return the term with every delta on a summed index carried out."""
        for a, b in self.deltas:
            for old, new in ((a, b), (b, a)):
                if old in self.over:
                    rest = tuple(d for d in self.deltas if d != (a, b))
                    return Term(self.factors, rest, self.over, self.below, self.minus).renamed(old, new).contracted()
        return self


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
        written = [_write(term.contracted()) for term in terms]
        out = ""
        for term, words in zip(terms, written):
            sign = "-" if term.minus else "+"
            out += words if not out and sign == "+" else f"-{words}" if not out else f" {sign} {words}"
        return out if len(out) <= _MOST_CHARACTERS else ""

    def _entry(self, node: Expr, index: Index) -> list[Term] | None:
        if node in self.units:
            return [Term(deltas=tuple(zip(self.units[node], index)))]
        if node in self.names:
            return [Term(((self.names[node], index),))]
        if node.op == NUMBER:
            mantissa, exponent = decimal(node)
            size = plain_number(abs(mantissa), exponent)
            return [Term(() if size == "1" else ((size,),), minus=mantissa < 0)]
        rule = _RULES.get((node.op, len(node.args)))
        if rule is not None:
            return rule(self, node.args, index)
        if self.shapes.row_of(node).shape is None:
            return self._function(node, index)
        if self._holds_unit(node):
            return None
        whole = self._whole(node)
        return [Term(((whole if " " not in whole or (whole[-1] == ")" and "(" in whole.split(" ")[0]) else f"({whole})", index),))]

    def _at(self, node: Expr, index: Index) -> list[Term] | None:
        """Return the entry of an elementwise operand: a number has no indices."""
        return self._entry(node, index if self.shapes.of(node) else ())

    def _product(self, left: list[Term] | None, right: list[Term] | None, over: Index = ()) -> list[Term] | None:
        if left is None or right is None:
            return None
        return [a.times(b).times(Term(over=over)).contracted() for a in left for b in right]

    def _function(self, node: Expr, index: Index) -> list[Term] | None:
        """Write f(x) at i as f(x_i); an argument that is not elementwise stands as (W x)_i."""
        if self._holds_unit(node):
            return None
        pieces: list[Piece] = []
        for piece in template(node, UNICODE, self.shapes)[0]:
            if isinstance(piece, str):
                pieces.append(piece)
                continue
            arg, least = node.args[piece[0]], piece[1]
            at = index if self.shapes.of(arg) else ()
            if not index and self.shapes.of(arg):  # a number made of an array: ‖x‖ is written whole
                words: list[Piece] | None = [self._whole(arg)]
            else:
                words = self._argument(arg, at, least)
            if words is None:
                return None
            pieces += words
        return [Term((tuple(pieces),))]

    def _whole(self, node: Expr) -> str:
        return self.names.get(node) or text(node, UNICODE, self.names, self.shapes)

    def _argument(self, arg: Expr, at: Index, least: int) -> list[Piece] | None:
        if arg in self.names:
            return [self.names[arg], at]
        if arg.op == NUMBER:
            return [self._whole(arg)]
        if at and self.shapes.row_of(arg).shape is not None:
            return [f"({self._whole(arg)})", at]
        inner = self._function(arg, at)
        rank = template(arg, UNICODE)[1]
        if inner is None:
            return None
        pieces = list(inner[0].factors[0])
        return ["(", *pieces, ")"] if rank < least else pieces

    # ---- the structural operators that have an index form ---------------------------------------------------

    def _add(self, args: tuple[Expr, ...], index: Index) -> list[Term] | None:
        left, right = (self._at(arg, index) for arg in args)
        return None if left is None or right is None else left + right

    def _subtract(self, args: tuple[Expr, ...], index: Index) -> list[Term] | None:
        left, right = self._at(args[0], index), self._negate(args[1:], index)
        return None if left is None or right is None else left + right

    def _negate(self, args: tuple[Expr, ...], index: Index) -> list[Term] | None:
        terms = self._at(args[0], index)
        return None if terms is None else [Term(t.factors, t.deltas, t.over, t.below, not t.minus) for t in terms]

    def _multiply(self, args: tuple[Expr, ...], index: Index) -> list[Term] | None:
        return self._product(self._at(args[0], index), self._at(args[1], index))

    def _divide(self, args: tuple[Expr, ...], index: Index) -> list[Term] | None:
        top = self._at(args[0], index)
        if top is not None and not self.shapes.of(args[1]) and args[1].op != NUMBER and not self._holds_unit(args[1]):
            return [t.times(Term(below=((self._bracketed(args[1]),),))) for t in top]
        bottom = self._at(args[1], index)
        if top is None or bottom is None or len(bottom) > 1 or bottom[0].deltas or bottom[0].over or bottom[0].below:
            return None
        return [t.times(Term(below=bottom[0].factors, minus=bottom[0].minus)) for t in top]

    def _pick(self, args: tuple[Expr, ...], index: Index) -> list[Term] | None:
        at = [integer(arg) for arg in args[1:]]
        return None if None in at else self._entry(args[0], (*map(str, at), *index))

    def _holds_unit(self, node: Expr) -> bool:
        return any(unit in self.units for unit in tape(node))

    def _bracketed(self, node: Expr) -> str:
        whole = self._whole(node)
        return f"({whole})" if node.op in ("+", "-", "*", "/") and node not in self.names else whole

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


def subscript(index: Index) -> str:
    """Return indices as a subscript: _i, or _{i,j}."""
    return "" if not index else f"_{index[0]}" if len(index) == 1 else f"_{{{','.join(index)}}}"


def _write(term: Term) -> str:
    """Write a term without its sign."""
    deltas = "".join(f"1_{{{a}={b}}} " for a, b in term.deltas if a != b)
    fixed = [f for f in term.factors if not any(isinstance(p, tuple) for p in f)]  # no index: before the sum
    varying = [f for f in term.factors if f not in fixed] if term.over else term.factors
    words = ["".join(p if isinstance(p, str) else subscript(p) for p in factor) for factor in varying]
    ahead = "".join(f"{piece} " for factor in fixed for piece in factor) if term.over else ""
    product = " · ".join(words) if any("∂" in w for w in words) else " ".join(words)
    below = " ".join("".join(p if isinstance(p, str) else subscript(p) for p in factor) for factor in term.below)
    sums = "".join(f"Σ_{i} " for i in term.over)
    out = f"{ahead}{sums}{deltas}{product or ('1' if sums else '')}".strip() or "1"
    return f"{out}/({below})" if len(term.below) > 1 else f"{out}/{below}" if below else out
