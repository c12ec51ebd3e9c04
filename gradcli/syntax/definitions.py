"""Definitions: stages ``q = …``, and own functions ``g(u) = …``, whose arguments are symbols of their own."""

from __future__ import annotations

from gradcli.expr import Expr, replaced, symbol
from gradcli.light import TYPE_CHECKING
from gradcli.syntax import Program
from gradcli.syntax.lalr import Tree, text_of
from gradcli.syntax.lexer import Token
from gradcli.syntax.names import canonical
from gradcli.wording import said

if TYPE_CHECKING:
    from gradcli.syntax.reader import Reader


def define(reader: Reader, tree: Tree) -> None:
    """Read a definition: a stage ``q = …``, or a head with arguments ``g(u) = …``."""
    left, right = tree.children
    name, formals = _head(reader, left)
    key = canonical(name)
    if key in reader.stages or key in reader.functions:
        raise reader.error("defined-twice", said("{0} is defined twice", name), left)
    if key in reader.used:
        raise reader.error("used-before", said("{0} is used before it is defined", name), left)
    # inside, an argument is a symbol of its own: it is not a variable of the same name outside
    reader.formals = {canonical(f): symbol(f"{f} of {name}") for f in formals}
    if key in reader.formals:
        raise reader.error("defined-twice", said("{0} is both the function and its argument", name), left)
    private = list(reader.formals.values())
    if private and _may_hold_arrays(reader):
        reader.wide.update(private)  # it may be applied to an array
    reader.defining = key
    output = reader.expression(right)
    reader.formals, reader.defining = {}, ""
    if formals:
        reader.functions[key] = (private, output)
        variables = [reader.variable(f) for f in formals]
        reader.wide.update(v for v in variables if canonical(str(v.leaf)) in reader.declared.arrays)
        output = _copied(reader.program, output, dict(zip(private, variables)))
        reader.program.head = tuple(str(v.leaf) for v in _families(reader, variables, private))
    else:
        reader.stages[key] = output
        reader.program.stages.setdefault(output, name)
    reader.program.stage_nodes[name] = output
    reader.program.output, reader.program.output_name = output, name


def _may_hold_arrays(reader: Reader) -> bool:
    """Tell whether there may be arrays: some are declared, or written out."""
    if reader.arrays_written is None:
        reader.arrays_written = any(sign in reader.source.text for sign in ("[", "<", "matrix", "langle"))
    return bool(reader.declared.arrays) or reader.arrays_written


def _families(reader: Reader, variables: list[Expr], private: list[Expr]) -> list[Expr]:
    """Return the variables of a head, w as w_0 and w_1 where only they occur."""
    found: list[Expr] = []
    for variable, formal in zip(variables, private):
        key = canonical(str(variable.leaf))
        members = [symbol(reader.spelling[k]) for k in reader.spelling if k in reader.used and k != key and k.rstrip("0123456789") == key]
        found += members if members and formal not in reader.nodes else [variable]
    return list(dict.fromkeys(found))


def _copied(program: Program, body: Expr, by: dict[Expr, Expr]) -> Expr:
    """Return a body with its arguments replaced, every node where the one it replaces stands."""
    new = replaced(body, by)
    for old, node in new.items():
        if old in program.spans:
            program.spans.setdefault(node, program.spans[old])
    return new[body]


def _head(reader: Reader, left: Tree | Token) -> tuple[str, list[str]]:
    if isinstance(left, Tree) and left.kind == "name":
        return text_of(left), []
    if isinstance(left, Tree) and left.kind == "call":
        name, *arguments = left.children
        if arguments and all(isinstance(a, Tree) and a.kind == "name" for a in arguments):
            formals = [text_of(a) for a in arguments]
            if len({canonical(f) for f in formals}) < len(formals):
                raise reader.error("defined-twice", said("an argument is named twice"), left)
            return text_of(name), formals
    raise reader.error("equation", said("only a name, or a head such as f(x, y), can stand left of ="), left,
                     hint=said("an equation is outside this tool"))  # fmt: skip
