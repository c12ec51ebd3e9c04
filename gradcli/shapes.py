"""Every node's shape and row of the table, or an error that labels both operands with their shapes.

A shape is a tuple of sizes: ``()`` a number, ``(n,)`` a vector, ``(m, n)`` a matrix. Elementwise operators take
operands of one shape, or numbers, which are repeated; nothing else is broadcast.
"""

from __future__ import annotations

from math import prod

from gradcli import ops
from gradcli.errors import GradError, Source, Span
from gradcli.expr import NUMBER, SYMBOL, Expr, integer, make, tape
from gradcli.light import cache, re, reduce
from gradcli.limits import Limits
from gradcli.ops import Op
from gradcli.wording import joined, said

Shape = tuple[int, ...]
Spans = dict[Expr, tuple[Span, list[Span]]]


_NUMBER = said("number")
_LEAVES = (NUMBER, SYMBOL)


def words(shape: Shape) -> str:
    """Return a shape as a person says it."""
    if not shape:
        return _NUMBER
    return said("vector of {0}", shape[0]) if len(shape) == 1 else said("matrix {0}×{1}", shape[0], shape[1])


class Shapes:
    """Shapes and rows of nodes, grown on demand from the shapes of the symbols."""

    def __init__(self, known: dict[Expr, Shape], limits: Limits, spans: Spans, source: Source) -> None:
        self.shape: dict[Expr, Shape] = dict(known)
        self.row: dict[Expr, Op] = {}
        self.arrays = any(known.values())  # is there any?
        self.structural = False  # is there an operator with a shape of its own?
        self.limits, self.spans, self.source = limits, spans, source

    def of(self, root: Expr) -> Shape:
        """Return the shape of an expression."""
        if root not in self.shape:
            for node in tape(root, known=self.shape):
                self._infer(node)
        return self.shape[root]

    def row_of(self, node: Expr) -> Op:
        """Return the row of the table that holds for a node, the shapes of its arguments being what they are."""
        self.of(node)
        return self.row[node]

    def find(self, order: list[Expr]) -> None:
        """Find the shapes and rows of a tape; at once where all are numbers, which have nothing that could misfit."""
        forms = {(node.op, len(node.args)) for node in order if node.op not in _LEAVES}
        first = {form: ops.rows(*form)[0] for form in forms if ops.rows(*form)}
        if self.arrays or len(first) < len(forms) or any(row.shape for row in first.values()):
            for node in order:
                if node not in self.shape:
                    self._infer(node)
            return
        self.shape = dict.fromkeys(order, ()) | self.shape
        self.row = {node: first[node.op, len(node.args)] for node in order if node.op not in _LEAVES} | self.row

    def _infer(self, node: Expr) -> None:
        if node.op in (NUMBER, SYMBOL):
            self.shape[node] = ()
            return
        candidates = ops.rows(node.op, len(node.args))
        if not self.arrays and candidates and candidates[0].shape is None:  # a number made of numbers
            self.shape[node], self.row[node] = (), candidates[0]
            return
        args = [self.shape[arg] for arg in node.args]
        for row in candidates:
            shape = self._fit(row, node, args)
            if shape is not None:
                if prod(shape) > self.limits.elements:  # asked first: of every node, its shape in words would be too much
                    self.limits.check("elements", prod(shape), said("entries in a {0}", words(shape)), self._span(node), self.source)
                self.shape[node], self.row[node] = shape, row
                self.arrays, self.structural = self.arrays or shape != (), self.structural or row.shape is not None
                return
        raise self._misfit(node, args, candidates)

    def _fit(self, row: Op, node: Expr, args: list[Shape]) -> Shape | None:
        if row.shape is None:
            arrays = [shape for shape in args if shape]
            return None if any(shape != arrays[0] for shape in arrays) else (arrays[0] if arrays else ())
        special = _SPECIAL.get(row.shape)
        return special(self, node, args, row) if special else match(row.shape, args)

    def constant(self, node: Expr) -> int | None:
        """Return a whole number written out, or computed from sizes as in a rule of the table."""
        if node.op == "size":
            return prod(self.of(node.args[0]))
        if node.op == "+":
            left, right = (self.constant(arg) for arg in node.args)
            return None if left is None or right is None else left + right
        return integer(node)

    # ---- the signatures that depend on more than sizes ------------------------------------------------------

    def _index(self, node: Expr, args: list[Shape], row: Op) -> Shape | None:
        base, indices = args[0], node.args[1:]
        if len(base) < len(indices) or any(args[1:]):
            return None
        for size, index in zip(base, indices):
            self._inside(node, index, size)
        return base[len(indices) :]

    def _slice(self, node: Expr, args: list[Shape], row: Op) -> Shape | None:
        if not args[0]:
            return None
        first, last = (self._inside(node, end, args[0][0]) for end in node.args[1:])
        if first > last:
            raise self._error("bad-index", said("the slice {0}:{1} is empty", first, last), node)
        return (last - first + 1, *args[0][1:])

    def _inside(self, node: Expr, index: Expr, size: int) -> int:
        at = self.constant(index)
        if at is None or not 1 <= at <= size:
            shown = said("this") if at is None else str(at)
            raise self._error("bad-index", said("there is no entry {0}: they run from 1 to {1}", shown, size), node)
        return at

    def _array(self, node: Expr, args: list[Shape], row: Op) -> Shape | None:
        if any(shape != args[0] for shape in args) or len(args[0]) > 1:
            return None
        return (len(args), *args[0])

    def _place(self, node: Expr, args: list[Shape], row: Op) -> Shape | None:
        """Return the shape of x with y at a place of it: what y is must be what stands there."""
        base, indices = args[1], node.args[2:]
        picked = make("[:]" if node.op == "place_slice" else "[]", (node.args[1], *indices))
        there = _SPECIAL["slice" if node.op == "place_slice" else "index"](self, picked, args[1:], row)
        return base if there is not None and args[0] in (there, ()) else None

    # ---- errors ---------------------------------------------------------------------------------------------

    def _span(self, node: Expr) -> Span | None:
        return self.spans[node][0] if node in self.spans else None

    def _error(self, kind: str, message: str, node: Expr, hint: str = "") -> GradError:
        return GradError(kind, message, self._span(node), hint=hint, source=self.source)

    def _misfit(self, node: Expr, args: list[Shape], candidates: tuple[Op, ...], hint: str = "") -> GradError:
        _, places = self.spans.get(node, ((0, 0), []))
        labels = tuple((span, words(shape)) for span, shape in zip(places, args))
        given = joined(", ", map(words, args))
        what = said("this product has no meaning: {0}", given) if hint else said("these shapes do not fit: {0}", given)
        return GradError("shape-mismatch", what, self._span(node), labels=labels, source=self.source,
                         hint=hint or _hint(node, args, candidates))  # fmt: skip


_SPECIAL = {"index": Shapes._index, "slice": Shapes._slice, "array": Shapes._array, "place": Shapes._place}


def _hint(node: Expr, args: list[Shape], candidates: tuple[Op, ...]) -> str:
    if node.op == "'":
        return said("' is the transpose of an array; a derivative written with ' is outside this tool")
    if not any(args) and candidates and candidates[0].shape and candidates[0].shape != "any->()":
        return said("a name without a value counts as a number here: give vectors and matrices their values")
    if node.op == "@" and len(args) == 2:
        if not args[0] or not args[1]:
            return said("@ is the matrix product; a number multiplies with *")
        return said("the inner sizes must agree: {0} ≠ {1}", args[0][-1], args[1][0])
    if node.op == "array":
        return said("the rows of a matrix have one length; concat(a, b) joins vectors")
    if candidates and candidates[0].shape is None:
        elementwise = said("elementwise operators take operands of one shape, or numbers")
        return said("{0}; the matrix product is @", elementwise) if node.op == "*" else elementwise
    wanted = [said("{0} takes {1}", row.form, _takes(row.shape)) for row in candidates if row.shape]
    return reduce(lambda one, other: said("{0} or {1}", one, other), wanted) if wanted else ""


def _takes(signature: str) -> str:
    """Return the left side of a signature as a person says it."""
    parts = re.split("(any)", signature.split("->", maxsplit=1)[0])
    return joined("", [said("anything") if part == "any" else part for part in parts])


@cache
def _signature(text: str) -> tuple[list[list[str] | None], list[str] | None]:
    left, right = text.split("->")
    parts = [p.strip("()") for p in left.replace("),", ") ").replace("any,", "any ").split(" ")]
    inputs = [None if p == "any" else [d for d in p.split(",") if d] for p in parts]
    return inputs, None if right == "any" else [d for d in right.strip("()").split(",") if d]


def match(signature: str, args: list[Shape]) -> Shape | None:
    """Return the shape that a signature such as ``(m,n),(n)->(m)`` gives for these arguments, or None."""
    inputs, output = _signature(signature)
    if len(inputs) != len(args):
        return None
    size: dict[str, int] = {}
    arrays = [shape for want, shape in zip(inputs, args) if want is None and shape]
    if any(shape != arrays[0] for shape in arrays):
        return None
    for want, shape in zip(inputs, args):
        if want is None:
            continue
        if len(want) != len(shape):
            return None
        for dim, n in zip(want, shape):
            if size.setdefault(dim, int(dim) if dim.isdigit() else n) != n:
                return None
    if output is None:
        return arrays[0] if arrays else ()
    return tuple(sum(size[d] for d in dim.split("+")) for dim in output)


_MOVING = frozenset((*ops.UNSETTLED, "'"))


class Settled:
    """What the nodes of a tape become, their shapes known: ``written`` for showing, ``final`` for computing.

    In ``written`` products without a sign have found their meaning (see `products`). In ``final`` transposed vectors
    are gone: a vector has one axis, and its transpose is a row only until a product uses it: x' @ y is the inner
    product, x @ y' the outer one, x' @ W a row again. What is left over is a vector.
    """

    def __init__(self, order: list[Expr], shapes: Shapes) -> None:
        self.shapes, self.is_row = shapes, set[Expr]()
        self.written: dict[Expr, Expr] = {}
        self.final: dict[Expr, Expr] = {}
        if not any(node.op in _MOVING for node in order):  # everything is already what it means
            shapes.find(order)
            self.written = self.final = dict(zip(order, order))
            return
        for node in order:
            args = tuple([self.written[arg] for arg in node.args])
            if node.op in ops.UNSETTLED:
                from gradcli.products import meaning

                sizes = [shapes.of(self.final[arg]) for arg in args]
                meant = meaning(node.op, args, sizes, [arg in self.is_row for arg in args])
                if isinstance(meant, str):
                    raise shapes._misfit(node, sizes, (), meant)
            else:
                meant = node if args == node.args else make(node.op, args, node.leaf)
            if node in shapes.spans:
                shapes.spans.setdefault(meant, shapes.spans[node])
            self.written[node] = meant
            for inner in tape(meant, known=self.final):
                self._settle(inner)
            self.final[node] = self.final[meant]

    def _settle(self, node: Expr) -> None:
        """Give a node its shape, and settle what its transposed vectors mean."""
        shapes, final = self.shapes, self.final
        rows = [arg in self.is_row for arg in node.args]
        args = tuple([final[arg] for arg in node.args])
        sizes = [shapes.of(arg) for arg in args]
        if node.op == "'" and len(sizes[0]) == 1:
            final[node] = args[0]
            if not rows[0]:
                self.is_row.add(node)
            return
        made = node if args == node.args else make(node.op, args, node.leaf)
        if any(rows) and node.op in ("[]", "[:]"):
            raise shapes._error("bad-index", said("a vector has one index"), node)
        if any(rows):
            made = _with_rows(node, made, args, rows, sizes, shapes, self.is_row)
        if made is not node and node in shapes.spans:
            shapes.spans.setdefault(made, shapes.spans[node])
        shapes.of(made)
        final[node] = made


def _with_rows(
    node: Expr, made: Expr, args: tuple[Expr, ...], rows: list[bool], sizes: list[Shape], shapes: Shapes, is_row: set[Expr]
) -> Expr:
    if node.op == "@":
        if rows == [True, False]:
            if len(sizes[1]) == 2:
                is_row.add(node)
            return made
        if rows == [False, True] and len(sizes[0]) == 1:
            return make("outer", args)
        raise shapes._misfit(node, sizes, ops.rows("@", 2))
    if ops.rows(node.op, len(args))[0].shape is None:
        if any(size and not row for size, row in zip(sizes, rows)):
            labels = tuple((s, said("row") if r else words(z)) for s, r, z in zip(shapes.spans.get(node, ((0, 0), []))[1], rows, sizes))
            raise GradError("shape-mismatch", said("a row and a column do not fit"), shapes._span(node), labels=labels,
                            source=shapes.source, hint=said("leave out the ' or transpose both"))  # fmt: skip
        is_row.add(node)
    return made
