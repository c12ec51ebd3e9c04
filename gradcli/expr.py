"""The expression: one interned, immutable node type, read three ways. No operator is named here.

As a tree it prints; as the list of its unique nodes in evaluation order it is the *tape* (the Wengert list);
as a graph it is the circuit. Equal expressions are the same object, so ``parse(text(e)) is e`` is a law that
can be tested, and a value used twice is one node with two edges. No function here recurses.
"""

from __future__ import annotations

from gradcli.light import Callable, Container, Iterable, Mapping, TypeVar, ref

NUMBER, SYMBOL = "number", "symbol"

T = TypeVar("T")


class Expr:
    """A node: the name of its operator, its arguments, and (leaves only) what it stands for.

    A number's leaf is ``(mantissa, exponent)`` with value mantissa · 10^exponent, exactly; a symbol's is its name.
    Make nodes with `make`, `number` and `symbol`, which intern them.
    """

    __slots__ = ("__weakref__", "args", "leaf", "op")

    op: str
    args: tuple[Expr, ...]
    leaf: object

    def __repr__(self) -> str:
        inside = self.leaf if not self.args else f"{len(self.args)} args"
        return f"<Expr {self.op} {inside}>"


class _Held(ref[Expr]):
    """Where a node is, and the key under which it is found; all of it made in C, which `WeakValueDictionary` does not."""

    __slots__ = ("key",)

    key: tuple[object, ...]


_interned: dict[tuple[object, ...], _Held] = {}


def _forget(held: ref[Expr]) -> None:
    """Drop the entry of a node that nobody holds any more, unless its key has a new node already."""
    assert isinstance(held, _Held)
    if _interned.get(held.key) is held:
        del _interned[held.key]


def make(op: str, args: tuple[Expr, ...] = (), leaf: object = None) -> Expr:
    """Return the one node with this operator, these arguments and this leaf."""
    key = (op, args, leaf)
    held = _interned.get(key)
    node = None if held is None else held()
    if node is None:
        node = Expr()
        node.op, node.args, node.leaf = op, args, leaf
        _interned[key] = held = _Held(node, _forget)
        held.key = key
    return node


def symbol(name: str) -> Expr:
    """Return the variable of this name."""
    return make(SYMBOL, (), name)


def number(mantissa: int, exponent: int = 0) -> Expr:
    """Return the exact decimal mantissa · 10^exponent, in lowest terms."""
    if mantissa == 0:
        return make(NUMBER, (), (0, 0))
    while mantissa % 10 == 0:
        mantissa, exponent = mantissa // 10, exponent + 1
    return make(NUMBER, (), (mantissa, exponent))


ZERO, ONE = number(0), number(1)


def decimal(node: Expr) -> tuple[int, int]:
    """Return (mantissa, exponent) of a number."""
    leaf = node.leaf
    assert isinstance(leaf, tuple), leaf
    return leaf


def as_float(node: Expr) -> float:
    """Return the float64 nearest to a number."""
    mantissa, exponent = decimal(node)
    return float(f"{mantissa}e{exponent}")


def integer(node: Expr) -> int | None:
    """Return the value of a number if it is a whole one of reasonable size, else None."""
    if node.op != NUMBER:
        return None
    mantissa, exponent = decimal(node)
    return mantissa * 10**exponent if 0 <= exponent <= 18 else None


def name_of(node: Expr) -> str:
    """Return the name of a symbol."""
    return str(node.leaf)


def tape(*roots: Expr, known: Container[Expr] = ()) -> list[Expr]:
    """Return the unique nodes under the roots in evaluation order: every node after its arguments.

    What is known already is left out, with all that is under it.
    """
    if known and len(roots) == 1:  # node by node, as shapes are found
        (root,) = roots
        for arg in root.args:
            if arg not in known:
                break
        else:
            return [] if root in known else [root]
    order: list[Expr] = []
    done: set[Expr] = set()
    stack = list(reversed(roots))
    while stack:
        node = stack.pop()
        if node in done:
            continue
        if known and node in known:
            done.add(node)
        elif done.issuperset(node.args):
            done.add(node)
            order.append(node)
        else:  # once more, when its arguments are done
            stack.append(node)
            stack += node.args[::-1]
    return order


def fold(algebra: Callable[[Expr, list[T]], T], *roots: Expr) -> dict[Expr, T]:
    """Walk the tape once with an algebra (value, shape, text …); return its result for every node."""
    out: dict[Expr, T] = {}
    for node in tape(*roots):
        out[node] = algebra(node, [out[arg] for arg in node.args])
    return out


def substitute(root: Expr, by: Mapping[Expr, Expr]) -> Expr:
    """Return root with every node in ``by`` replaced, the replacements taken as they are."""
    return replaced(root, by)[root]


def replaced(root: Expr, by: Mapping[Expr, Expr]) -> dict[Expr, Expr]:
    """Return what every node under root becomes when those in ``by`` are replaced."""
    out = dict(by)
    for node in tape(root):
        if node not in out:
            args = tuple([out[arg] for arg in node.args])
            out[node] = node if args == node.args else make(node.op, args, node.leaf)
    return out


def symbols(*roots: Expr) -> list[Expr]:
    """Return the variables under the roots, in order of first appearance."""
    return [node for node in tape(*roots) if node.op == SYMBOL]


def reaching(targets: Iterable[Expr], order: list[Expr]) -> set[Expr]:
    """Return the nodes of a tape through which a target reaches the end: the *active* ones."""
    live = set(targets)
    for node in order:
        if not live.isdisjoint(node.args):
            live.add(node)
    return live
