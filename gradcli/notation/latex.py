r"""Expression → LaTeX: how each node is written there. What is written without shapes parses back to the same object.

With shapes it is for the eye: W x is a product without a sign, x^{\top} y the inner product, W^{-1} the inverse; it reads
back to the same where the arrays are declared.
"""

from __future__ import annotations

import re
from functools import cached_property

from gradcli import ops
from gradcli.expr import NUMBER, SYMBOL, Expr, decimal, integer, symbols, tape
from gradcli.notation import plain_number
from gradcli.notation.text import Piece, Template
from gradcli.ops import ATOM
from gradcli.shapes import Shapes
from gradcli.syntax.names import GREEK, LETTERS, canonical

OPEN, CLOSE = r"\left(", r"\right)"
_SUM, _PRODUCT, _SIGN, _POSTFIX = 1, 2, 3, 5
_COMMANDS = frozenset("sin cos tan sec csc cot sinh cosh tanh coth ln max min det exp".split())
_ALIASES = {"asin": r"\arcsin", "acos": r"\arccos", "atan": r"\arctan"}
_COMPARE = {"<": " < ", "<=": r" \le ", ">": " > ", ">=": r" \ge ", "==": " = ", "!=": r" \ne "}
_AROUND = {
    "abs": (r"\left|", r"\right|"), "norm": (r"\left\|", r"\right\|"), "norm1": (r"\left\|", r"\right\|_{1}"),
    "norminf": (r"\left\|", r"\right\|_{\infty}"), "floor": (r"\left\lfloor ", r"\right\rfloor"),
    "ceil": (r"\left\lceil ", r"\right\rceil"), "sqrt": (r"\sqrt{", "}"), "cbrt": (r"\sqrt[3]{", "}"),
    "log2": (r"\log_{2}\left(", r"\right)"), "log10": (r"\log_{10}\left(", r"\right)"),
}  # fmt: skip
_ACCENTED = re.compile(r"([A-Za-z]|alpha|beta|gamma|delta|epsilon|theta|lambda|mu|sigma|phi|omega)(hat|bar|tilde)")
_NAME = re.compile(r"([A-Za-z]+|[^\x00-\x7f])(?:_?(\d+)|_([A-Za-z]+)|_\{([A-Za-z0-9,+-]+)\})?")


class Writer:
    """Templates for the nodes of one expression; its variables decide whether e and σ are free for their usual use."""

    def __init__(self, root: Expr, shapes: Shapes | None) -> None:
        self.root, self.shapes = root, shapes
        self.wide = set[Expr]()  # what holds an array: there · and ^ would wait for shapes
        for node in tape(root) if shapes is None else ():
            if node.op == "array" or not self.wide.isdisjoint(node.args):
                self.wide.add(node)

    @cached_property
    def taken(self) -> set[str]:
        """The names of the variables; most formulas need not know them, and the walk costs more than the writing."""
        return {canonical(str(s.leaf)) for s in symbols(self.root)}

    def template(self, node: Expr) -> Template:
        """Return how one node is written: pieces of text and places for its arguments, and its rank."""
        if node.op == NUMBER:
            mantissa, exponent = decimal(node)
            return [plain_number(mantissa, exponent).replace("e", "E")], _SIGN if mantissa < 0 else ATOM
        if node.op == SYMBOL:
            text = str(node.leaf)
            return [name(text)], _POSTFIX if text[0] == "∂" else ATOM  # a fraction has brackets under an exponent
        if node.op == "array":
            return _array(node)
        return (self.shapes and self._with_shapes(node, self.shapes)) or self._operator(node)

    def _with_shapes(self, node: Expr, shapes: Shapes) -> Template | None:
        """Return the forms of the blackboard, which say nothing without the shapes of their operands."""
        sizes = [len(shapes.shape.get(arg, ())) for arg in node.args]
        if node.op == "@":
            left: Piece = (0, ATOM) if sizes == [1, 1] else (0, _PRODUCT)
            return [left, r"^{\top} " if sizes[0] == 1 else " ", (1, _POSTFIX)], _PRODUCT
        if node.op == "outer":
            return [(0, _PRODUCT), " ", (1, ATOM), r"^{\top}"], _PRODUCT
        if node.op == "dot":
            return [(0, _PRODUCT), r" \cdot ", (1, _SIGN)], _PRODUCT
        if node.op == "cross":
            return [(0, _SIGN), r" \times ", (1, _SIGN)], _PRODUCT
        if node.op == "inv":
            return [(0, ATOM), "^{-1}"], _POSTFIX
        if node.op in ("*", "flow") and all(sizes):
            return [(0, _PRODUCT), r" \odot ", (1, _SIGN)], _PRODUCT
        if node.op == "flow":
            return [(0, _PRODUCT), r" \cdot ", (1, _SIGN)], _PRODUCT
        if node.op == "^" and sizes[0] == 2:
            return self._call("pow", 2)
        if node.op in ("ones", "eye"):
            return [r"\mathbf{1}" if node.op == "ones" else "I"], ATOM
        if node.op == "place" and len(sizes) == 3 and integer(node.args[2]) is not None:
            unit: list[Piece] = ["e_{", (2, 0), "}"]
            return (unit, ATOM) if integer(node.args[0]) == 1 else ([(0, _PRODUCT), r" \cdot ", *unit], _PRODUCT)
        return None

    def _operator(self, node: Expr) -> Template:
        op, args = node.op, node.args
        if op in _AROUND and len(args) == 1:
            before, after = _AROUND[op]
            return [before, (0, 0 if before.endswith(("{", "(")) else _SUM), after], ATOM
        if op in _COMPARE:
            return [(0, _SUM), _COMPARE[op], (1, _SUM)], 0
        if op in ("+", "-") and len(args) == 2:
            return [(0, _SUM), f" {op} ", (1, _PRODUCT)], _SUM
        if op == "-":
            return (["-", OPEN, (0, 0), CLOSE] if args[0].op == NUMBER else ["-", (0, _POSTFIX)]), _SIGN
        if op == "^" and args[0] in self.wide:
            return self._call("pow", 2)
        if op == "*":
            entrywise = args[0] in self.wide and args[1] in self.wide
            return [(0, _PRODUCT), r" \odot " if entrywise else r" \cdot ", (1, _SIGN)], _PRODUCT
        if op == "/":
            return [r"\frac{", (0, 0), "}{", (1, 0), "}"], ATOM
        if op == "@":
            return [(0, _PRODUCT), r" \mathbin{@} ", (1, _SIGN)], _PRODUCT
        if op == "^":
            base: list[Piece] = [OPEN, (0, 0), CLOSE] if args[0].op == "e" else [(0, ATOM)]
            return [*base, "^{", (1, 0), "}"], _POSTFIX
        if op == "exp" and "e" not in self.taken:
            return ["e^{", (0, 0), "}"], _POSTFIX
        if op == "'":
            return [(0, ATOM), r"^{\top}"], _POSTFIX
        if op == "!":
            return [(0, ATOM), "!"], _POSTFIX
        if op == "where":
            return [r"\begin{cases} ", (1, _SUM), " & ", (0, 0), r" \\ ", (2, _SUM), r" & \text{otherwise} \end{cases}"], ATOM
        if op == "log" and integer(args[1]) not in (2, 10):
            return [r"\log_{", (1, 0), r"}\left(", (0, 0), CLOSE], ATOM
        if op == "[]":
            places: list[Piece] = [(1, _SUM)] if len(args) == 2 else [(1, _SUM), ",", (2, _SUM)]
            return ["{", (0, 0), "}_{", *places, "}"], _POSTFIX
        if op == "[:]":
            return ["{", (0, 0), "}_{", (1, _SUM), ":", (2, _SUM), "}"], _POSTFIX
        if op in ops.CONSTANTS:
            return [r"\pi" if op == "pi" else op], ATOM
        return self._call(op, len(args))

    def _call(self, op: str, count: int) -> Template:
        word = ops.rows(op, count)[0].form.split("(")[0] if op != "pow" else op
        if op == "sigmoid" and "sigma" not in self.taken:
            word = r"\sigma"
        elif op == "gamma" and "Gamma" not in self.taken:
            word = r"\Gamma"
        else:
            word = _ALIASES.get(op) or (f"\\{word}" if word in _COMMANDS else rf"\operatorname{{{word.replace('_', chr(92) + '_')}}}")
        pieces: list[Piece] = [word, OPEN]
        for position in range(count):
            pieces += [", ", (position, 0)] if position else [(position, 0)]
        return [*pieces, CLOSE], ATOM


def _array(node: Expr) -> Template:
    """Write a vector as a column, a matrix as a block; what is neither in square brackets."""
    width = len(node.args[0].args) if node.args[0].op == "array" else 0
    pieces: list[Piece] = []
    if not width and len(node.args) > 1 and all(arg.op != "array" for arg in node.args):
        for position in range(len(node.args)):
            pieces += [r" \\ ", (position, _SUM)] if position else [(position, _SUM)]
        return [r"\begin{pmatrix} ", *pieces, r" \end{pmatrix}"], ATOM
    for position in range(len(node.args)):
        pieces += [", ", (position, _SUM)] if position else [(position, _SUM)]
    return [r"\left[", *pieces, "," if len(node.args) == 1 else "", r"\right]"], ATOM


def name(text: str, index: tuple[str, ...] = ()) -> str:
    r"""Return a name in LaTeX: w0 as w_{0}, theta as \theta, yhat as \hat{y}, loss as \mathrm{loss}; w0 at i as w_{0,i}."""
    if text.startswith("∂") and "/∂" in text:  # the gradient of a stage, in a row of the tables
        above, below = text[1:].split("/∂")
        return rf"\frac{{\partial {name(above)}}}{{\partial {name(below, index)}}}"
    found = _NAME.fullmatch(text)
    if found is None:
        word = text.replace("{", "").replace("}", "").replace("_", r"\_")
        return rf"\mathrm{{{word}}}" + (f"_{{{','.join(index)}}}" if index else "")
    stem, sub = found[1], found[2] or found[3] or found[4]
    accented = _ACCENTED.fullmatch(stem)
    if accented:
        shown = rf"\{accented[2]}{{{name(accented[1])}}}"
    elif stem in LETTERS or stem in GREEK:
        shown = f"\\{GREEK.get(stem, stem)}"
    else:
        shown = stem if len(stem) == 1 else rf"\mathrm{{{stem}}}"
    below = ",".join([*([sub] if sub else []), *index])
    return f"{shown}_{{{below}}}" if below else shown
