"""The algebra of index forms: an entry of an array formula is a sum of terms.

A term knows nodes and indices, and nothing of how either is written (that is `entries`).
"""

from __future__ import annotations

from gradcli.expr import Expr

Index = tuple[str, ...]
Factor = tuple[Expr, Index]  # a node at these indices; a number has none


class Term:
    """± ∏ factors / ∏ below · ∏ 1_{a=b}, summed over ``over``."""

    __slots__ = ("below", "deltas", "factors", "minus", "over")

    def __init__(
        self,
        factors: tuple[Factor, ...] = (),
        deltas: tuple[tuple[str, str], ...] = (),
        over: Index = (),
        below: tuple[Factor, ...] = (),
        minus: bool = False,
    ) -> None:
        self.factors, self.deltas, self.over, self.below, self.minus = factors, deltas, over, below, minus

    def times(self, other: Term) -> Term:
        """Return the product of two terms."""
        return Term(
            self.factors + other.factors, self.deltas + other.deltas, self.over + other.over,
            self.below + other.below, self.minus != other.minus,
        )  # fmt: skip

    def negated(self) -> Term:
        """Return the term with the other sign."""
        return Term(self.factors, self.deltas, self.over, self.below, not self.minus)

    def renamed(self, old: str, new: str) -> Term:
        """Return the term with one index renamed."""

        def swap(index: str) -> str:
            return new if index == old else index

        def swap_all(factors: tuple[Factor, ...]) -> tuple[Factor, ...]:
            return tuple((node, tuple(map(swap, index))) for node, index in factors)

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
