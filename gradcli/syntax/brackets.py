"""What square brackets mean: vectors and matrices, entries and slices."""

from __future__ import annotations

from gradcli.errors import GradError
from gradcli.expr import Expr, integer, make, number
from gradcli.light import TYPE_CHECKING, re
from gradcli.syntax.lalr import Tree
from gradcli.syntax.lexer import Token
from gradcli.syntax.names import SUBSCRIPTS, canonical
from gradcli.wording import said

if TYPE_CHECKING:
    from gradcli.syntax.reader import Reader


def grouping(part: Tree | Token) -> bool:
    """Tell whether square brackets only hold something together, as in 1/[x ln(a)]: one entry, which is no bracket itself."""
    if not (isinstance(part, Tree) and part.kind == "array" and len(part.children) == 1):
        return False
    only = part.children[0]
    return isinstance(only, Tree) and only.kind == "row" and len(only.children) == 1 and not _is_array(only.children[0])


def _is_array(part: Tree | Token) -> bool:
    return isinstance(part, Tree) and part.kind in ("array", "angle")


def row(reader: Reader, part: Tree, entries: tuple[Expr, ...]) -> Expr:
    """Read one row of a bracket; an entry [x] in it is a row of its own."""
    entries = tuple(make("array", (e,)) if grouping(tree) else e for tree, e in zip(part.children, entries))
    return entries[0] if len(entries) == 1 and part.kind == "row" else make("array", entries)


def array(reader: Reader, part: Tree, rows: tuple[Expr, ...]) -> Expr:
    """Read ``[a, b]`` and ``[a,]`` as vectors, ``[[a, b], [c, d]]`` and ``[a, b; c, d]`` as a matrix, ``[a]`` as a."""
    if len(rows) > 1:
        return make("array", tuple(row if row.op == "array" else make("array", (row,)) for row in rows))
    only = part.children[0]
    assert isinstance(only, Tree)
    if only.kind == "row" and len(only.children) == 1 and _is_array(only.children[0]):
        return make("array", rows)
    return rows[0]


def angle(reader: Reader, part: Tree, entries: tuple[Expr, ...]) -> Expr:
    """Read ``<a, b>`` as a vector; of two arrays, as their inner product."""
    if len(entries) == 2 and reader.wide.issuperset(entries):
        return make("cdot", entries)
    return make("array", entries)


def line(reader: Reader, part: Tree, cells: tuple[Expr, ...]) -> Expr:
    """Read one line of a matrix in LaTeX."""
    return make("array", cells)


def matrix(reader: Reader, part: Tree, lines: tuple[Expr, ...]) -> Expr:
    """Read a matrix in LaTeX; one with a single column is a vector, as on the blackboard."""
    if all(len(cells.args) == 1 for cells in lines):
        return make("array", tuple(cells.args[0] for cells in lines))
    return make("array", lines)


def entry_of(reader: Reader, text: str) -> Expr | None:
    """Read x_2 as the entry of an array x, where x has a value and x_2 has none."""
    plain = text.translate(SUBSCRIPTS)
    found = re.fullmatch(r"(.*?[^\d_{},])_?\{?(\d+)(?:,(\d+))?\}?", plain)
    if found is None or canonical(found[1]) not in reader.declared.arrays:
        return None
    indices = [number(int(k)) for k in (found[2], found[3]) if k]
    if any(integer(k) == 0 for k in indices):
        raise GradError("bad-index", said("{0} is an array: its entries count from 1", found[1]), source=reader.source,
                        hint=said("the first entry is {0}_1", found[1]))  # fmt: skip
    base = reader.variable(found[1])
    reader.used.add(canonical(found[1]))
    reader.wide.add(base)
    return make("[]", (base, *indices))


def index(reader: Reader, part: Tree, args: tuple[Expr, ...]) -> Expr:
    """Read ``x[i]``, ``W[i, j]`` and slices ``x[a:b]``; a column is a row of the transpose."""
    base, *given = args
    specs = part.children[1:]
    bounds = iter(given)
    kinds: list[tuple[Expr | None, ...]] = []
    for spec in specs:
        assert isinstance(spec, Tree)
        if spec.kind == "slice":
            ends = {c.kind: next(bounds) for c in spec.children if isinstance(c, Tree)}
            kinds.append((ends.get("from"), ends.get("to")))
        else:
            kinds.append((next(bounds),))
    for spec, wanted in zip(specs, kinds):
        for end in wanted:
            if end is not None and not reader.rule and (integer(end) is None):
                raise reader.error("bad-index", said("an index is a whole number written out"), spec)
            if end is not None and not reader.rule and (integer(end) or 0) < 1:
                raise reader.error("bad-index", said("indices count from 1, as on the blackboard"), spec)
    if len(kinds) > 2:
        raise reader.error("bad-index", said("there are at most two indices: row and column"), part)
    if len(kinds) == 2 and len(kinds[0]) == len(kinds[1]) == 1:
        return make("[]", (base, kinds[0][0], kinds[1][0]))  # type: ignore[arg-type]
    node = _take(reader, base, kinds[0])
    if len(kinds) == 1:
        return node
    if len(kinds[0]) == 1:  # W[i, a:b]: a row, then a part of it
        return _take(reader, node, kinds[1])
    picked = _take(reader, make("'", (node,)), kinds[1])  # W[a:b, j]: columns are the rows of the transpose
    return picked if len(kinds[1]) == 1 else make("'", (picked,))


def _take(reader: Reader, base: Expr, ends: tuple[Expr | None, ...]) -> Expr:
    if len(ends) == 1:
        assert ends[0] is not None
        return make("[]", (base, ends[0]))
    first = ends[0] or number(1)
    if ends == (None, None):
        return base
    last = ends[1]
    if last is None:
        raise reader.error_at("bad-index", said("write both ends of a slice, as in x[2:3]"), base)
    return make("[:]", (base, first, last))
