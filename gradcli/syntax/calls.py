"""What a function applied to arguments means: own functions, rows of the table, inverses, powers, logarithms to a base."""

from __future__ import annotations

from gradcli import ops
from gradcli.expr import Expr, integer, make, number, substitute, tape
from gradcli.light import TYPE_CHECKING, reduce
from gradcli.syntax import Reading
from gradcli.syntax.lalr import Tree
from gradcli.syntax.lexer import Token
from gradcli.syntax.names import canonical
from gradcli.wording import said

if TYPE_CHECKING:
    from gradcli.syntax.reader import Reader

_INVERSES = {name: "a" + name for name in ops.OPS if "a" + name in ops.OPS}  # sin and asin, cosh and acosh, …


def call(reader: Reader, part: Tree, args: tuple[Expr, ...]) -> Expr:
    """Return f(x, …)."""
    head, *given = part.children
    assert isinstance(head, Token)
    text, key = head.text, canonical(head.text)
    if key in reader.functions:
        formals, body = reader.functions[key]
        _count(reader, part, text, len(args), {len(formals)})
        return _inline(reader, body, dict(zip(formals, args)), part)
    if key == reader.defining:
        hint = said("an equation is outside this tool") if key in ops.CALLS else ""
        raise reader.error("circular", said("{0} is defined by itself", text), head, hint=hint)
    if part.kind in ("apply", "apply_power") and key in ("max", "min", "concat"):
        raise reader.error("missing-argument", said("{0} needs its arguments in brackets", text), head,
                           hint=said("for example {0}", f"{text}(x, y)"))  # fmt: skip
    found = ops.CALLS.get(key, ())
    if not found:
        raise reader.error("used-before", said("{0} is used before it is defined", text), head)
    if key == "log" and len(args) == 1 and not reader.rule:
        reader.ledger.add(Reading("log", part.span, make("ln", args), words=said("the natural logarithm")))
    if key == "lg" and len(args) == 1 and not reader.rule:
        reader.ledger.add(Reading("log", part.span, make("log10", args), words=said("the logarithm to base 10")))
    node = _row(reader, part, key, text, args, [_literal(a) for a in given])
    if node.op == "acot" and not reader.rule:
        _branch(reader, part, node)
    return node


def power(reader: Reader, part: Tree, args: tuple[Expr, ...]) -> Expr:
    """Return sin^2(x), the square of sin(x); and sin^-1(x), the inverse function."""
    head = part.children[0]
    assert isinstance(head, Token)
    exponent, *given = args
    inner = Tree(part.kind.removesuffix("_power"), [head, *part.children[2:]], part.start, part.end)
    if exponent is not number(-1):
        node = make("^", (call(reader, inner, tuple(given)), exponent))
        if reader.ledger.readings and reader.ledger.readings[-1].span == part.span:  # log^2 x: the note is about the whole
            reader.ledger.add(reader.ledger.readings[-1]._replace(node=node))
        return node
    row = next(iter(ops.CALLS.get(canonical(head.text), ())), None)
    inverse = _INVERSES.get(row.name) if row is not None else None
    if inverse is None:
        raise reader.error("ambiguous-inverse", said("{0}^-1 may be the inverse function or a reciprocal", head.text), part,
                           hint=said("write the function, or 1/{0}(…)", head.text))  # fmt: skip
    node = make(inverse, tuple(given))
    reader.ledger.add(Reading("inverse", part.span, node, words=said("the inverse function")))
    if node.op == "acot":
        _branch(reader, part, node)
    return node


def _branch(reader: Reader, part: Tree, node: Expr) -> None:
    """Say which of the two inverse cotangents is meant: they differ by π left of 0."""
    reader.ledger.add(Reading("branch", part.span, node, words=said("with values between -π/2 and π/2")))


def base(reader: Reader, part: Tree, args: tuple[Expr, ...]) -> Expr:
    """Return log_b(x), the logarithm of x to base b."""
    head = part.children[0]
    assert isinstance(head, Token)
    at, *given = args
    if canonical(head.text) in ("max", "min", "norm") or canonical(head.text) not in ("log", "lg", "ln"):
        raise reader.error("syntax", said("{0} takes no index", head.text), part)
    if len(given) != 1:
        raise reader.error("argument-count", said("a logarithm takes one argument"), part)
    known = {2: "log2", 10: "log10"}.get(integer(at) or 0)
    return make(known, tuple(given)) if known else make("log", (given[0], at))


def _row(reader: Reader, part: Tree, key: str, text: str, args: tuple[Expr, ...], literals: list[str]) -> Expr:
    found = ops.CALLS[key]
    if key == "norm" and literals[1:] == ["2"]:  # the 2-norm is the norm
        args, literals = args[:1], literals[:1]
    rows = [
        row for row in found
        if len(row.formals) + len(row.literals) == len(args) and all(literals[i] == want for i, want in row.literals.items())
    ]  # fmt: skip
    if not rows and key in ("max", "min") and len(args) > 2:
        return make(key, (make("array", args),))  # the largest of many numbers: of their vector
    if not rows and key == "concat" and len(args) > 2:
        joined = args[0]
        for arg in args[1:]:
            joined = make(key, (joined, arg))
        return joined
    if not rows and any(row.literals for row in found) and len(args) == 2:
        raise reader.error("unknown-norm", said("norm(x, p) is known for p = 1, 2 and inf"), part)
    _count(reader, part, text, len(args), {len(row.formals) + len(row.literals) for row in found})
    row = next((row for row in rows if row.literals), rows[0])
    return make(row.name, tuple(arg for i, arg in enumerate(args) if i not in row.literals))


def _inline(reader: Reader, body: Expr, by: dict[Expr, Expr], part: Tree) -> Expr:
    node = substitute(body, by)
    for inner in tape(node):
        reader.program.spans.setdefault(inner, (part.span, []))
        reader.nodes.add(inner)
    return node


def _count(reader: Reader, part: Tree, name: str, given: int, wanted: set[int]) -> None:
    if given not in wanted and not (name in ("max", "min", "concat") and given > 1):
        if wanted == {1}:
            raise reader.error("argument-count", said("{0} takes 1 argument, not {1}", name, given), part)
        counts = reduce(lambda one, other: said("{0} or {1}", one, other), map(str, sorted(wanted)))
        raise reader.error("argument-count", said("{0} takes {1} arguments, not {2}", name, counts, given), part)


def _literal(part: Tree | Token) -> str:
    if not (isinstance(part, Tree) and part.kind in ("number", "name")):
        return ""
    token = part.children[0]
    assert isinstance(token, Token)
    return token.text
