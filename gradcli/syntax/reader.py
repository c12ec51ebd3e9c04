"""Concrete tree → expression: names, stages, own functions, calls. Walks the tree with a stack of its own."""

from __future__ import annotations

from math import inf

from gradcli import ops
from gradcli.errors import GradError, Source, suggest
from gradcli.expr import ZERO, Expr, as_float, decimal, make, number, replaced, substitute, symbol, tape
from gradcli.limits import Limits
from gradcli.syntax import brackets
from gradcli.syntax.lalr import Token, Tree, parse
from gradcli.syntax.names import canonical, split_into
from gradcli.syntax.program import Program

# What the grammar calls a sign → the operator of the table.
_SIGNS = {
    "add": "+", "subtract": "-", "multiply": "*", "divide": "/", "matmul": "@", "power": "^", "negate": "-",
    "transpose": "'", "factorial": "!",
}  # fmt: skip
_COMPARE = {"≤": "<=", "≥": ">=", "≠": "!="}


class Reader:
    """Reads statements in order; what one defines, the next ones know.

    ``declared`` are names that are certainly variables (bound, or formal arguments): they win over e and pi.
    In a rule of the table (``rule=True``) indices may be computed and no limit applies.
    """

    def __init__(self, source: Source, declared: frozenset[str], limits: Limits, rule: bool = False) -> None:
        self.program = Program(source)
        self.source, self.limits, self.rule = source, limits, rule
        self.declared = declared
        self.spelling: dict[str, str] = {}
        self.stages: dict[str, Expr] = {}
        self.functions: dict[str, tuple[list[Expr], Expr]] = {}
        self.formals: dict[str, Expr] = {}
        self.used: set[str] = set()
        self.defining = ""
        self.nodes: set[Expr] = set()

    def statement(self, tree: Tree | Token) -> None:
        """Read one statement: an expression, a stage ``q = …``, or a head ``g(u) = …``."""
        if self.program.statements and self.program.output_name is None:
            raise self.error("unused", "the expression before this is not used", tree,
                             hint="give it a name, as in q = x + y; f = q*z: the last one is differentiated")  # fmt: skip
        self.program.output_name, self.program.head = None, ()
        self.program.statements += 1
        if not (isinstance(tree, Tree) and tree.kind == "definition"):
            self.program.output = self.expression(tree)
            return
        left, right = tree.children
        name, formals = self._head(left)
        key = canonical(name)
        if key in self.stages or key in self.functions:
            raise self.error("defined-twice", f"{name} is defined twice", left)
        if key in self.used:
            raise self.error("used-before", f"{name} is used before it is defined", left)
        # inside, an argument is a symbol of its own: it is not a variable of the same name outside
        self.formals = {canonical(f): symbol(f"{f} of {name}") for f in formals}
        if key in self.formals:
            raise self.error("defined-twice", f"{name} is both the function and its argument", left)
        private = list(self.formals.values())
        self.defining = key
        output = self.expression(right)
        self.formals, self.defining = {}, ""
        if formals:
            self.functions[key] = (private, output)
            variables = [self._variable(f) for f in formals]
            output = self._copied(output, dict(zip(private, variables)))
            self.program.head = tuple(str(v.leaf) for v in variables)
        else:
            self.stages[key] = output
            self.program.stages.setdefault(output, name)
        self.program.stage_nodes[name] = output
        self.program.output, self.program.output_name = output, name

    def _copied(self, body: Expr, by: dict[Expr, Expr]) -> Expr:
        """Return a body with its arguments replaced, every node where the one it replaces stands."""
        new = replaced(body, by)
        for old, node in new.items():
            if old in self.program.spans:
                self.program.spans.setdefault(node, self.program.spans[old])
        return new[body]

    def _head(self, left: Tree | Token) -> tuple[str, list[str]]:
        if isinstance(left, Tree) and left.kind == "name":
            return _text(left), []
        if isinstance(left, Tree) and left.kind == "call":
            name, *arguments = left.children
            if arguments and all(isinstance(a, Tree) and a.kind == "name" for a in arguments):
                formals = [_text(a) for a in arguments]
                if len({canonical(f) for f in formals}) < len(formals):
                    raise self.error("defined-twice", "an argument is named twice", left)
                return _text(name), formals
        raise self.error("equation", "only a name, or a head such as f(x, y), can stand left of =", left,
                         hint="an equation is outside this tool")  # fmt: skip

    def expression(self, tree: Tree | Token) -> Expr:
        """Return the expression of a concrete tree."""
        done: list[Expr] = []
        stack: list[tuple[Tree | Token, bool]] = [(tree, False)]
        while stack:
            part, ready = stack.pop()
            assert isinstance(part, Tree)
            children = _operands(part)
            if children and not ready:
                stack.append((part, True))
                stack += [(child, False) for child in reversed(children)]
                continue
            args = tuple(done[len(done) - len(children) :])
            del done[len(done) - len(children) :]
            node = self._build(part, args)
            if node.args and node not in self.program.spans:
                self.program.spans[node] = part.span, [child.span for child in children if isinstance(child, Tree)]
            self.program.spans.setdefault(node, (part.span, []))
            self.nodes.add(node)
            if not self.rule:
                self.limits.check("nodes", len(self.nodes), "operations and operands", part.span, self.source)
            done.append(node)
        return done[0]

    def _build(self, part: Tree, args: tuple[Expr, ...]) -> Expr:
        kind = part.kind
        if kind in _SIGNS:
            inside = part.children[0]
            assert isinstance(inside, Tree)
            if kind == "negate" and inside.kind == "number":
                mantissa, exponent = decimal(args[0])
                return number(-mantissa, exponent)  # -3 is a number; -3^2 is still -(3^2), by the grammar
            if kind == "power" and args[0] is make("e") and inside.kind == "name":
                return make("exp", (args[1],))
            return make(_SIGNS[kind], args)
        if kind == "number":
            return self._number(part)
        if kind == "name":
            return self._name(part)
        if kind == "call":
            return self._call(part, args)
        if kind in ("group", "plus"):
            return args[0]
        if kind == "compare":
            sign = _text(part.children[1])
            return make(_COMPARE.get(sign, sign), args)
        if kind == "array":
            return brackets.array(part, args)
        if kind == "row":
            return args[0] if len(args) == 1 and len(part.children) == 1 else make("array", args)
        assert kind == "index", kind
        return brackets.index(self, part, args)

    # ---- leaves ---------------------------------------------------------------------------------------------

    def _number(self, part: Tree) -> Expr:
        text = _text(part)
        digits, _, power = text.lower().partition("e")
        whole, _, fraction = digits.partition(".")
        exponent = int(power or 0) if len(power) <= 6 else 10**6
        if len(text) > 400 or abs(exponent) > 9999:
            raise self.error("number-too-long", "a number may have 400 digits and an exponent up to 9999", part)
        written = number(int(whole + fraction or "0"), exponent - len(fraction))
        if written is not ZERO and not 0 < as_float(written) < inf:
            raise self.error("number-out-of-range", "a float64 holds no number of this size but 0 or infinity", part,
                             hint="the range is about 5e-324 to 1.8e308")  # fmt: skip
        return written

    def _variable(self, text: str) -> Expr:
        return symbol(self.spelling.setdefault(canonical(text), text))

    def _name(self, part: Tree) -> Expr:
        text = _text(part)
        key = canonical(text)
        if len(text) > 64:
            raise self.error("name-too-long", "a name may have 64 characters", part)
        if key in self.formals:
            return self.formals[key]
        if key == self.defining:
            raise self.error("circular", f"{text} is defined by itself", part)
        if key in self.stages:
            return self.stages[key]
        if key in ops.CONSTANTS and key not in self.declared:
            return make(key)
        if key in self.functions or (key in ops.CALLS and key not in self.declared and len(key) > 2):
            raise self.error("missing-argument", f"{text} is a function: it needs an argument in brackets", part,
                             hint=f"for example {text}(x)")  # fmt: skip
        self.used.add(key)
        if key not in self.spelling:
            self.limits.check("names", len(self.spelling) + 1, "names", part.span, self.source)
        return self._variable(text)

    # ---- calls ----------------------------------------------------------------------------------------------

    def _call(self, part: Tree, args: tuple[Expr, ...]) -> Expr:
        text = _text(part.children[0])
        key = canonical(text)
        if key in self.functions:
            formals, body = self.functions[key]
            self._count(part, text, len(args), {len(formals)})
            return self._inline(body, dict(zip(formals, args)), part)
        found = ops.CALLS.get(key, ())
        if not found:
            raise self._unknown_function(part, text, key)
        literals = [_literal(a) for a in part.children[1:]]
        if key == "norm" and literals[1:] == ["2"]:  # the 2-norm is the norm
            args, literals = args[:1], literals[:1]
        rows = [
            row for row in found
            if len(row.formals) + len(row.literals) == len(args)
            and all(literals[i] == want for i, want in row.literals.items())
        ]  # fmt: skip
        if not rows and key in ("max", "min") and len(args) > 2:
            return make(key, (make("array", args),))  # the largest of many numbers: of their vector
        if not rows and key == "concat" and len(args) > 2:
            joined = args[0]
            for arg in args[1:]:
                joined = make(key, (joined, arg))
            return joined
        if not rows and any(row.literals for row in found) and len(args) == 2:
            raise self.error("unknown-norm", "norm(x, p) is known for p = 1, 2 and inf", part)
        self._count(part, text, len(args), {len(row.formals) + len(row.literals) for row in found})
        row = next((row for row in rows if row.literals), rows[0])
        return make(row.name, tuple(arg for i, arg in enumerate(args) if i not in row.literals))

    def _inline(self, body: Expr, by: dict[Expr, Expr], part: Tree) -> Expr:
        node = substitute(body, by)
        for inner in tape(node):
            self.program.spans.setdefault(inner, (part.span, []))
            self.nodes.add(inner)
        return node

    def _count(self, part: Tree, name: str, given: int, wanted: set[int]) -> None:
        if given not in wanted and not (name in ("max", "min", "concat") and given > 1):
            words = " or ".join(str(n) for n in sorted(wanted))
            plural = "argument" if wanted == {1} else "arguments"
            raise self.error("argument-count", f"{name} takes {words} {plural}, not {given}", part)

    def _unknown_function(self, part: Tree, text: str, key: str) -> GradError:
        if key == self.defining:
            return self.error("circular", f"{text} is defined by itself", part.children[0])
        if key in self.spelling or key in self.declared or key in self.stages:
            return self.error("missing-operator", f"{text} is not a function", part.children[0],
                              hint=f"write * for a product: {text}*(…)")  # fmt: skip
        hint = suggest(key, [*ops.CALLS, *self.functions]) or f"define it first: {text}(u) = …; or write {text}*(…)"
        return self.error("unknown-function", f"there is no function called {text}", part.children[0], hint=hint)

    # ---- errors ---------------------------------------------------------------------------------------------

    def error(self, kind: str, message: str, part: Tree | Token, hint: str = "") -> GradError:
        """Return an error that points at a part of the tree."""
        return GradError(kind, message, (part.start, part.end), hint=hint, source=self.source)

    def error_at(self, kind: str, message: str, node: Expr, hint: str = "") -> GradError:
        """Return an error that points at a node."""
        span = self.program.spans[node][0] if node in self.program.spans else None
        return GradError(kind, message, span, hint=hint, source=self.source)


def _operands(part: Tree) -> list[Tree | Token]:
    """Return the children that are expressions: not a call's name, a comparison's sign, a slice's colon."""
    if part.kind == "call":
        return part.children[1:]
    if part.kind == "compare":
        return [part.children[0], part.children[2]]
    if part.kind == "index":
        flat = [part.children[0]]
        for spec in part.children[1:]:
            assert isinstance(spec, Tree)
            flat += [e.children[0] for e in spec.children if isinstance(e, Tree)] if spec.kind == "slice" else [spec]
        return flat
    return [child for child in part.children if isinstance(child, Tree)]


def _text(part: Tree | Token) -> str:
    return part.text if isinstance(part, Token) else _text(part.children[0])


def _literal(part: Tree | Token) -> str:
    return _text(part) if isinstance(part, Tree) and part.kind in ("number", "name") else ""


def read(
    source: Source,
    declared: frozenset[str] = frozenset(),
    limits: Limits | None = None,
    start: int = 0,
    end: int | None = None,
) -> Program:
    """Return what a text in plain notation says, or raise a GradError that points at what is wrong."""
    limits = limits or Limits()
    limits.check("text", len(source.text), "characters", None, source)
    reader = Reader(source, declared, limits)
    for statement in parse("plain", source, start, end, limits.depth).children:
        reader.statement(statement)
    return finish(reader)


def finish(reader: Reader) -> Program:
    """Return the program after its last statement; complain of a name that hides two others."""
    known = list(reader.spelling)
    for name in known:
        parts = split_into(name, [k for k in reader.declared if k != name])
        if len(parts) > 1 and name not in reader.declared and name not in reader.formals:
            product = "*".join(parts)
            raise reader.error_at("missing-operator", f"{name} is one name, and it has no value", symbol(name),
                                  hint=f"for the product write {product}")  # fmt: skip
    return reader.program
