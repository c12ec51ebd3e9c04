"""Forms with a meaning of their own: bars, roots with an index, comparisons, cases."""

from __future__ import annotations

from gradcli.expr import Expr, make, number
from gradcli.light import TYPE_CHECKING
from gradcli.syntax import Reading
from gradcli.syntax.lalr import Tree, text_of
from gradcli.wording import said

if TYPE_CHECKING:
    from gradcli.syntax.reader import Reader

_COMPARE = {"≤": "<=", "≥": ">=", "≠": "!=", "=": "=="}


def norm(reader: Reader, part: Tree, args: tuple[Expr, ...]) -> Expr:
    """Read ‖x‖; and |x| by its bars: those of ‖x‖ may be typed as two pairs, ||x||."""
    inner = part.children[0]
    if (
        part.kind == "bars"
        and isinstance(inner, Tree)
        and inner.kind == "bars"
        and (inner.start, inner.end) == (part.start + 1, part.end - 1)
    ):
        return make("norm", args[0].args)
    if part.kind == "bars" and args[0] in reader.wide:
        reader.ledger.add(Reading("array-bars", part.span, make("abs", args), said("entry by entry; the length is ‖…‖")))
    return make("abs" if part.kind == "bars" else "norm", args)


def compare(reader: Reader, part: Tree, args: tuple[Expr, ...]) -> Expr:
    """Read a comparison; in LaTeX the = inside brackets is one."""
    if part.kind == "equal":
        return make("==", args)
    sign = text_of(part.children[1])
    return make(_COMPARE.get(sign, sign), args)


def norm_p(reader: Reader, part: Tree, args: tuple[Expr, ...]) -> Expr:
    """Read ‖x‖ with an index: 1, 2, ∞, or F."""
    which = text_of(part.children[1])
    if which in ("2", "F"):
        return make("norm", args[:1])
    if which not in ("1", "inf"):
        raise reader.error("unknown-norm", said(r"a norm is known for p = 1, 2 and \infty"), part)
    return make("norm" + which, args[:1])


def root(reader: Reader, part: Tree, args: tuple[Expr, ...]) -> Expr:
    """Read √x and ∛x."""
    return make("cbrt" if text_of(part.children[0]) == "∛" else "sqrt", args)


def sqrt(reader: Reader, part: Tree, args: tuple[Expr, ...]) -> Expr:
    """Read \\sqrt{x} and \\sqrt[n]{x}: the cube root also of negative numbers, others as x^(1/n)."""
    if len(args) == 1:
        return make("sqrt", args)
    if args[0] is number(2):
        return make("sqrt", args[1:])
    return make("cbrt", args[1:]) if args[0] is number(3) else make("^", (args[1], make("/", (number(1), args[0]))))


def scaled(reader: Reader, part: Tree, args: tuple[Expr, ...]) -> Expr:
    """Read a fraction or a root of numbers before one symbol: the x/2 of \\sin\\frac12 x."""
    return make("*", (make("/", args[:2]) if part.kind == "scaled_frac" else make("sqrt", args[:1]), args[-1]))


def cases(reader: Reader, part: Tree, args: tuple[Expr, ...]) -> Expr:
    """Read cases: where(condition, value, …), the last one without a condition or otherwise."""
    node, values = None, _by_line(part, args)
    for line, value in reversed(list(zip(part.children, values))):
        if len(value) == 1:
            if node is not None:
                raise reader.error("syntax", said("only the last case may go without a condition"), line)
            node = value[0]
        elif node is None and len(values) == 2 and _complementary(values[0], value):
            node = value[0]
        elif node is None:
            raise reader.error("syntax", said("the last case needs otherwise: what holds where no condition does"), line,
                             hint=said(r"write & \text{otherwise}"))  # fmt: skip
        else:
            node = make("where", (value[1], value[0], node))
    assert node is not None
    return node


_COMPLEMENTS = {"<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def _complementary(one: tuple[Expr, ...], other: tuple[Expr, ...]) -> bool:
    """Tell whether two cases leave nothing out: x ≥ 0 and x < 0."""
    return len(one) == len(other) == 2 and one[1].args == other[1].args and _COMPLEMENTS.get(one[1].op) == other[1].op


def _by_line(part: Tree, args: tuple[Expr, ...]) -> list[tuple[Expr, ...]]:
    """Return the values and conditions of cases, line by line."""
    out, at = [], 0
    for line in part.children:
        assert isinstance(line, Tree)
        out.append(args[at : at + len(line.children)])
        at += len(line.children)
    return out
