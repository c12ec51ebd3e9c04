"""Products without a sign, and the signs of mathematics: what they mean once the shapes are known.

``W x`` is the matrix product, ``2 x`` a multiple; ``x · y`` of two vectors is the inner product, ``x × y`` the vector
product; ``W⁻¹`` is the inverse and ``W²`` is W W. Two columns side by side mean nothing, and are refused.
"""

from __future__ import annotations

from gradcli.expr import Expr, integer, make
from gradcli.wording import said

Shape = tuple[int, ...]
MOST_FACTORS = 64


def meaning(op: str, args: tuple[Expr, ...], sizes: list[Shape], rows: list[bool]) -> Expr | str:
    """Return a product of arguments of these shapes in the operators of the table, or a hint what to write instead.

    ``rows`` tells which arguments are transposed vectors.
    """
    left, right = (len(size) for size in sizes)
    if op == "script":
        return _power(args, left)
    if not (left and right):
        return make("*", args)
    if op == "times":
        vectors = left == right == 1 and not any(rows)
        return make("cross", args) if vectors else said("write @ for the matrix product, .* for entry by entry")
    if left == 1 and right == 2 and not rows[0]:
        return said("a vector is a column: write x' W for a row times a matrix")
    if left == right == 1 and rows[0] == rows[1]:
        if op == "cdot" and not rows[0]:
            return make("dot", args)
        return said("write x' y for the inner product, x .* y entry by entry, x y' for the outer one")
    return make("@", args)


def _power(args: tuple[Expr, ...], axes: int) -> Expr | str:
    base, exponent = args
    power = integer(exponent)
    if axes < 2:
        return make("^", args)
    if power == -1:
        return make("inv", (base,))
    if power is None or not 1 <= power <= MOST_FACTORS:
        return said("a matrix has whole powers up to {0}, and -1; entry by entry write W^2 in plain notation", MOST_FACTORS)
    out = base
    for _ in range(power - 1):
        out = make("@", (out, base))
    return out
