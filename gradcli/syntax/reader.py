"""Text → concrete tree → expression: names, numbers, operators. Walks the tree with a stack of its own."""

from __future__ import annotations

from math import inf

from gradcli import ops
from gradcli.errors import GradError, Source
from gradcli.expr import ZERO, Expr, as_float, decimal, make, number, symbol
from gradcli.light import Any, Callable, cache, import_module, re
from gradcli.limits import Limits
from gradcli.syntax import Declared, Ledger, Program, Reading
from gradcli.syntax.ambiguities import DOUBTFUL, ambiguity
from gradcli.syntax.arrange import arrange
from gradcli.syntax.lalr import Tree, operands_of, parse, text_of
from gradcli.syntax.lexer import Token, tokens
from gradcli.syntax.names import canonical
from gradcli.syntax.words import words
from gradcli.wording import said

# What the grammars call a sign → the operator of the table.
_SIGNS = {
    "add": "+", "subtract": "-", "multiply": "*", "divide": "/", "matmul": "@", "entrywise": "*", "coefficient": "*", "power": "^",
    "transpose": "'", "factorial": "!", "bars": "abs", "norm": "norm", "frac": "/", "floor": "floor", "ceil": "ceil",
}  # fmt: skip
_NODES = said("operations and operands")
_COMMAND = re.compile(r"\\\S|\$")
_LONG = 4_000  # characters: in a longer text it pays to look for statements of one shape


class Reader:
    """Reads statements in order; what one defines, the next ones know.

    ``declared`` says which names are certainly variables (they win over e and pi) and which of them are arrays.
    In a rule of the table indices may be computed and no limit applies.
    """

    def __init__(self, source: Source, declared: Declared, limits: Limits) -> None:
        self.program = Program(source)
        self.source, self.limits, self.declared = source, limits, declared
        self.rule, self.ledger = declared.rule, Ledger()
        self.bound = frozenset(declared.variables)
        self.spelling: dict[str, str] = {}
        self.stages: dict[str, Expr] = {}
        self.functions: dict[str, tuple[list[Expr], Expr]] = {}
        self.formals: dict[str, Expr] = {}
        self.used: set[str] = set()
        self.defining = ""
        self.nodes: set[Expr] = set()
        self.wide: set[Expr] = set()
        self.arrays_written: bool | None = None  # looked up once, when a head with arguments is met

    def read(self, start: int = 0, end: int | None = None, latex: bool = False) -> Tree:
        """Read the statements of a part of the source; return its concrete tree."""
        tree = concrete(self.source, self.declared, self.ledger, self.limits, start, end, latex)
        for statement in tree.children:
            self.statement(statement)
        return tree

    def statement(self, tree: Tree | Token) -> None:
        """Read one statement: an expression, a stage ``q = …``, or a head ``g(u) = …``."""
        if self.program.statements and self.program.output_name is None:
            raise self.error("unused", said("the expression before this is not used"), tree,
                             hint=said("give it a name, as in q = x + y; f = q*z: the last one is differentiated"))  # fmt: skip
        self.program.output_name, self.program.head = None, ()
        self.program.statements += 1
        if not (isinstance(tree, Tree) and tree.kind == "definition"):
            self.program.output = self.expression(tree)
            return
        from gradcli.syntax.definitions import define

        define(self, tree)

    def expression(self, tree: Tree | Token) -> Expr:
        """Return the expression of a concrete tree."""
        order: list[tuple[Tree, list[Tree]]] = []  # from the root on, the last operand first: to be gone through from its end
        stack: list[Tree | Token] = [tree]
        while stack:
            part = stack.pop()
            assert isinstance(part, Tree)
            operands = operands_of(part)
            order.append((part, operands))
            stack += operands
        done: list[Expr] = []
        known: dict[str, Expr] = {}  # names and numbers that were met before
        spans, nodes, wide, most = self.program.spans, self.nodes, self.wide, inf if self.rule else self.limits.nodes
        while order:
            part, operands = order.pop()
            kind, _, start, end = part
            if operands:
                count = len(done) - len(operands)
                args = tuple(done[count:])
                del done[count:]
                node = make(_SIGNS[kind], args) if kind in _SETTLED else self.built(part, args)
                if node not in spans:
                    spans[node] = (start, end), [(child[2], child[3]) for child in operands] if node.args else []
            else:
                args = ()
                text = text_of(part) if kind in ("name", "number") else ""
                if text in known:
                    done.append(known[text])
                    continue
                node = self.built(part, args)
                spans.setdefault(node, ((start, end), []))
                if text and canonical(text) not in ops.CONSTANTS:  # of your own e there is a note each time
                    known[text] = node
            if node.op == "array" or (wide and not (wide.isdisjoint(args) and wide.isdisjoint(node.args))):
                wide.add(node)
            nodes.add(node)
            if len(nodes) > most:
                self.limits.check("nodes", len(nodes), _NODES, part.span, self.source)
            if kind in DOUBTFUL and not self.rule:
                doubt = ambiguity(part)
                if doubt:
                    self.ledger.add(Reading(doubt, part.span, node))
            done.append(node)
        return done[0]

    def built(self, part: Tree, args: tuple[Expr, ...]) -> Expr:
        """Return what a part of the concrete tree makes of the expressions under it."""
        kind = part.kind
        special: Callable[..., Expr] | None = _builder(kind)
        if special is not None:
            return special(self, part, args)
        if kind in ops.UNSETTLED:
            wide = args[0] in self.wide and (kind == "script" or args[1] in self.wide)
            return make(kind if wide else ops.UNSETTLED[kind], args)
        if kind in _SIGNS:
            return make(_SIGNS[kind], args)
        assert kind in ("group", "plus"), kind
        return args[0]

    def _negative(self, part: Tree, args: tuple[Expr, ...]) -> Expr:
        inside = part.children[0]
        if isinstance(inside, Tree) and inside.kind != "number":
            return make("-", args)
        return negated(args[0] if args else self._number(part))  # -3 is a number; -3^2 is still -(3^2), by the grammar

    def _scale(self, part: Tree, args: tuple[Expr, ...]) -> Expr:
        return self._number(part) if text_of(part)[0] in ".0123456789" else self._name(part)

    def _power(self, part: Tree, args: tuple[Expr, ...]) -> Expr:
        base = part.children[0]
        if args[0] is make("e") and isinstance(base, Tree) and base.kind == "name":
            return make("exp", (args[1],))
        if part.kind == "script" and isinstance(base, Tree) and base.kind == "script":
            raise self.error("syntax", said("two exponents stand on one base"), part, hint=said("write {x^a}^b or x^{a^b}"))
        if part.kind == "script" and args[0] in self.wide:
            node = make("script", args)
            self.ledger.add(Reading("vector-power", part.span, node, said("entry by entry; the square of its length is ‖…‖²")))
            return node
        node = make("^", args)
        if args[0] in self.wide and not self.rule:
            self.ledger.add(Reading("matrix-power", part.span, node, said("entry by entry; the powers of a matrix are written W² or W⁻¹")))
        return node

    # ---- leaves ---------------------------------------------------------------------------------------------

    def _number(self, part: Tree, args: tuple[Expr, ...] = ()) -> Expr:
        text = text_of(part)
        digits, _, power = text.lower().partition("e")
        whole, _, fraction = digits.partition(".")
        exponent = int(power or 0) if len(power) <= 6 else 10**6
        if len(text) > 400 or abs(exponent) > 9999:
            raise self.error("number-too-long", said("a number may have 400 digits and an exponent up to 9999"), part)
        written = number(int(whole + fraction or "0"), exponent - len(fraction))
        if written is not ZERO and not 0 < as_float(written) < inf:
            raise self.error("number-out-of-range", said("a float64 holds no number of this size but 0 or infinity"), part,
                             hint=said("the range is about 5e-324 to 1.8e308"))  # fmt: skip
        return written

    def variable(self, text: str) -> Expr:
        return symbol(self.spelling.setdefault(canonical(text), text))

    def _name(self, part: Tree, args: tuple[Expr, ...] = ()) -> Expr:
        text = text_of(part)
        key = canonical(text)
        if len(text) > 64:
            raise self.error("name-too-long", said("a name may have 64 characters"), part)
        if key in self.formals:
            return self.formals[key]
        if key == self.defining:
            raise self.error("circular", said("{0} is defined by itself", text), part)
        if key in self.stages:
            return self.stages[key]
        if key in ops.CONSTANTS:
            if key not in self.bound:
                return make(key)
            if not self.rule:
                constant = said("Euler's number") if key == "e" else "π"
                self.ledger.add(Reading("constant", part.span, words=said("your {0}, not {1}", text, constant)))
        if key in self.functions:
            raise self.error("missing-argument", said("{0} is a function: it needs an argument in brackets", text), part,
                             hint=said("for example {0}", f"{text}(x)"))  # fmt: skip
        if key == "i" and not self.rule and key not in self.declared.variables:
            from gradcli.syntax.outside import outside

            raise outside(said("the imaginary unit i"), part.span, self.source, said("if i is a variable, give it a value: i=…"))
        self.used.add(key)
        if key not in self.spelling:
            self.limits.check("names", len(self.spelling) + 1, said("names"), part.span, self.source)
        if self.declared.arrays and key not in self.declared.variables:
            from gradcli.syntax.brackets import entry_of

            entry = entry_of(self, text)
            if entry is not None:
                return entry
        node = self.variable(text)
        if key in self.declared.arrays:
            self.wide.add(node)
        return node

    def finish(self) -> Program:
        """Return the program after its last statement."""
        self.program.readings = self.ledger.readings
        return self.program

    # ---- errors ---------------------------------------------------------------------------------------------

    def error(self, kind: str, message: str, part: Tree | Token, hint: str = "") -> GradError:
        """Return an error that points at a part of the tree."""
        return GradError(kind, message, (part.start, part.end), hint=hint, source=self.source)

    def error_at(self, kind: str, message: str, node: Expr, hint: str = "") -> GradError:
        """Return an error that points at a node."""
        span = self.program.spans[node][0] if node in self.program.spans else None
        return GradError(kind, message, span, hint=hint, source=self.source)


_BUILDERS: dict[str, Callable[[Reader, Tree, tuple[Expr, ...]], Expr]] = {
    "number": Reader._number, "name": Reader._name, "negate": Reader._negative, "minus": Reader._negative,
    "scale": Reader._scale, "power": Reader._power, "script": Reader._power,
}  # fmt: skip

# What many texts have none of is built in modules of its own, loaded when a text has it.
_ELSEWHERE = {
    "bars": "forms.norm", "norm": "forms.norm", "compare": "forms.compare", "equal": "forms.compare", "norm_p": "forms.norm_p",
    "sqrt": "forms.sqrt", "scaled_frac": "forms.scaled", "scaled_sqrt": "forms.scaled", "root": "forms.root", "cases": "forms.cases",
    "call": "calls.call", "apply": "calls.call", "call_power": "calls.power", "apply_power": "calls.power", "call_base": "calls.base",
    "apply_base": "calls.base", "row": "brackets.row", "vector": "brackets.row", "matrix": "brackets.matrix", "line": "brackets.line",
    "array": "brackets.array", "angle": "brackets.angle", "index": "brackets.index",
}  # fmt: skip


@cache
def _builder(kind: str) -> Any:
    """Return what builds the expression of one kind of tree."""
    if kind not in _ELSEWHERE:
        return _BUILDERS.get(kind)
    module, _, function = _ELSEWHERE[kind].partition(".")
    return getattr(import_module(f"gradcli.syntax.{module}"), function)


def negated(node: Expr) -> Expr:
    """Return the number -n of a number n."""
    mantissa, exponent = decimal(node)
    return number(-mantissa, exponent)


_SETTLED = frozenset(_SIGNS.keys() - _BUILDERS.keys() - _ELSEWHERE.keys())


# ---- from text on -------------------------------------------------------------------------------------------


def is_latex(text: str) -> bool:
    """Tell whether a text holds a command of LaTeX: plain notation has no backslash and no $."""
    return ("\\" in text or "$" in text) and _COMMAND.search(text) is not None


def concrete(
    source: Source, declared: Declared, ledger: Ledger, limits: Limits, start: int = 0, end: int | None = None, latex: bool = False
) -> Tree:
    """Return the concrete tree of source.text[start:end]; what was read by a rule of ours is entered in the ledger."""
    grammar = "latex" if latex else "plain"
    raw = tokens(grammar, source, start, end)
    if latex:
        from gradcli.syntax.latex import words as latex_words

        raw = latex_words(raw, source, declared, ledger)
    else:
        declared.heads(raw)
        raw = words(raw, source, declared, ledger)
    arranged = arrange(raw, source, declared, ledger, indices=not latex)
    tree = parse(grammar, arranged, source, limits.depth)
    if any(token.kind == "BIG" for token in arranged):
        from gradcli.syntax.sums import left_over, written_out

        for name in left_over(tree):
            ledger.add(Reading("sum-end", (name.start, name.end), words=said("standing outside the sum, which ends before it")))
        tree = written_out(tree, source, limits)
    return tree


def read(
    source: Source,
    variables: frozenset[str] = frozenset(),
    limits: Limits | None = None,
    *,
    arrays: frozenset[str] = frozenset(),
    latex: bool = False,
) -> Program:
    """Return what a text says, in plain notation or LaTeX, or raise a GradError that points at what is wrong.

    ``variables`` and ``arrays`` are canonical names: what is bound, and what is bound to a vector or a matrix.
    """
    limits = limits or Limits()
    limits.check("text", len(source.text), said("characters"), None, source)
    latex = latex or is_latex(source.text)
    if len(source.text) > _LONG and not (latex or arrays):
        from gradcli.syntax.straight import straight

        program = straight(source, variables, limits)
        if program is not None:
            return program
    reader = Reader(source, Declared(variables, arrays), limits)
    reader.read(latex=latex)
    return reader.finish()
