"""Expression → Python, in the words of a library: what numpy, torch, jax and sympy have in common.

In code a name stands between ‹ and ›: the script that holds the formula gives every name its identifier. A library is
a module beside this one with a table of its words, the functions it lacks, and a `Writer` for what is its own way.
Indices count from 1 with us, from 0 there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import ClassVar

from gradcli import ops
from gradcli.errors import GradError
from gradcli.expr import NUMBER, SYMBOL, Expr, as_float, decimal, integer
from gradcli.notation import plain_number
from gradcli.notation.text import Piece, Template, text
from gradcli.ops import ATOM, CONSTANTS, Op
from gradcli.rules import value
from gradcli.shapes import Shapes
from gradcli.wording import said

LIBRARIES = ("numpy", "torch", "jax", "sympy")
OPEN, CLOSE = "(", ")"
_TEST, _SUM, _PRODUCT, _SIGN, _POWER, _POSTFIX = range(6)
_RANKS = {"+": (_SUM, _PRODUCT), "-": (_SUM, _PRODUCT), "*": (_PRODUCT, _SIGN), "/": (_PRODUCT, _SIGN), "@": (_PRODUCT, _SIGN)}
_MARKED = re.compile("‹([^›]*)›")


def name(text: str) -> str:
    """Return the mark of a name, which the script replaces by an identifier."""
    return f"‹{text}›"


def table(lines: str) -> dict[str, str]:
    """Read a table: the form of an operator, and its word there, or how a call of it is written with $ before arguments."""
    rows = (re.split(r"\s{2,}", line.strip(), maxsplit=1) for line in lines.strip().splitlines())
    return {form: written for form, written in rows}


def borrowed(lines: Mapping[str, str], module: str, *names: str) -> dict[str, str]:
    """Return lines of NumPy (those of these names, else all) as they are written for a library with the same functions."""
    return {name: re.sub(r"\bnp\.", f"{module}.", line) for name, line in lines.items() if name in names or not names}


class Code:
    """Templates for the nodes of one expression in the words of one library."""

    LIBRARY: ClassVar[str]
    WORDS: ClassVar[dict[str, str]]
    CONSTANT: ClassVar[dict[str, str]] = {"pi": "math.pi", "e": "math.e"}

    def __init__(self, root: Expr, shapes: Shapes | None) -> None:
        self.shapes = shapes

    def template(self, node: Expr) -> Template:
        """Return how one node is written: pieces of text and places for its arguments, and its rank."""
        if node.op == NUMBER:
            written = self.number(node)
            return [written], _SIGN if written.startswith("-") else ATOM
        if node.op == SYMBOL:
            return [name(str(node.leaf))], ATOM
        if node.op in CONSTANTS:
            return [self.CONSTANT[node.op]], ATOM
        pieces, rank = self.operator(node)
        return self._lifted(node, pieces), rank

    def operator(self, node: Expr) -> Template:
        """Return how an operator is written between, before or around its arguments."""
        op, args = node.op, node.args
        if op in _RANKS and len(args) == 2:
            left, right = _RANKS[op]
            return [(0, left), f" {op} ", (1, right)], left
        if op == "-":
            return ["-", (0, _POWER)], _SIGN
        if op == "^":
            return [(0, _POSTFIX), " ** ", (1, _SIGN)], _POWER
        if op in ops.COMPARISONS:
            return self.comparison(op)
        if op == "where":
            return self.where(node)
        if op == "[]":
            return [(0, ATOM), "[", *commas([self.index(arg, n) for n, arg in enumerate(args[1:], 1)]), "]"], ATOM
        if op == "[:]":
            return [(0, ATOM), "[", *self.slice(node), "]"], ATOM
        if op == "array":
            return self.array(node)
        return self.call(self.row(node))

    def row(self, node: Expr) -> Op:
        """Return the row of the table that holds for a node; without shapes the first that it may be."""
        return self.shapes.row_of(node) if self.shapes else ops.rows(node.op, len(node.args))[0]

    def is_number(self, node: Expr) -> bool:
        """Tell whether a node is known to be a number."""
        return self.shapes is not None and self.shapes.of(node) == ()

    def call(self, row: Op) -> Template:
        """Return an operator as the library calls it, or as a function that the script defines.

        Raises:
            GradError: if there is neither.

        """
        written = self.WORDS.get(row.form)
        if written is None:
            if row.value is None:
                raise no_code(row, self.LIBRARY)
            written = helper_name(row)
        return _pieces(written, row.formals)

    # ---- what a library may do in its own way ---------------------------------------------------------------

    def number(self, node: Expr) -> str:
        """Return a number as Python reads it."""
        mantissa, exponent = decimal(node)
        whole = integer(node)
        if whole is not None and abs(whole) < 10**15:
            return str(whole)
        if as_float(node) in (float("inf"), float("-inf")):
            raise GradError("no-code", said("no float64 holds the number {0}", plain_number(mantissa, exponent)), hint=_HAS_IT_ALL)
        return repr(as_float(node))

    def lift(self, text: str) -> str:
        """Return a literal as a value of the library's own type."""
        raise NotImplementedError

    lifts_arguments: ClassVar[bool] = False  # its functions take no plain numbers

    def comparison(self, op: str) -> Template:
        """Return a comparison: true or false."""
        return [(0, _SUM), f" {op} ", (1, _SUM)], _TEST

    def test(self, node: Expr) -> list[Piece]:
        """Return the condition of a where."""
        return [(0, _TEST)] if node.args[0].op in ops.COMPARISONS else [(0, _SUM), " != 0"]

    def where(self, node: Expr) -> Template:
        """Return a choice: between numbers, that of Python, so that the other branch does not count."""
        if self.is_number(node) and self.is_number(node.args[0]):
            test = self.test(node)
            return [(1, _SUM), " if ", *test, " else ", (2, _SUM)], _TEST
        pieces, rank = self.call(self.row(node))
        at = pieces.index((0, 0))
        return [*pieces[:at], *self.test(node), *pieces[at + 1 :]], rank

    def array(self, node: Expr) -> Template:
        """Return a vector of numbers, or a matrix of rows."""
        raise NotImplementedError

    def index(self, node: Expr, position: int) -> list[Piece]:
        """Return an index, counted from 0."""
        whole = self.shapes.constant(node) if self.shapes else integer(node)
        return [str(whole - 1)] if whole is not None else ["int(", (position, 0), ") - 1"]

    def slice(self, node: Expr) -> list[Piece]:
        """Return first:last, the first counted from 0, the last left out."""
        last = self.shapes.constant(node.args[2]) if self.shapes else integer(node.args[2])
        end: list[Piece] = [str(last)] if last is not None else ["int(", (2, 0), ")"]
        return [*self.index(node.args[1], 1), ":", *end]

    # ---- plain numbers as values ----------------------------------------------------------------------------

    def _lifted(self, node: Expr, pieces: list[Piece]) -> list[Piece]:
        """Return pieces with the literals lifted where Python would compute among themselves, or the library takes none."""
        called = self.lifts_arguments and node.op not in (*ops.INFIX, *ops.PREFIX, "[]", "[:]", "where")
        alone = all(map(_is_literal, node.args)) and node.op not in ("[]", "[:]", "array")
        out: list[Piece] = []
        for piece in pieces:
            if isinstance(piece, str):
                out.append(piece)
                continue
            position, least = piece
            arg = node.args[position]
            if _is_literal(arg) and (called or (alone and position == 0) or (node.op == "where" and position)):
                out.append(self.lift(self.CONSTANT[arg.op] if arg.op in CONSTANTS else self.number(arg)))
            elif arg.op in ops.COMPARISONS and not (node.op == "where" and position == 0):
                out += ["1.0 * (" if least <= _PRODUCT else "(1.0 * (", (position, _TEST), ")" if least <= _PRODUCT else "))"]
            else:
                out.append(piece)
        return out


def _is_literal(node: Expr) -> bool:
    return node.op == NUMBER or node.op in CONSTANTS


def floats(node: Expr, module: str) -> Template:
    """Return an array of floats."""
    return [f"{module}.array([", *commas([[(n, 1)] for n in range(len(node.args))]), "], dtype=float)"], ATOM


def commas(parts: Sequence[Sequence[Piece]]) -> list[Piece]:
    """Return parts with commas between them."""
    return [piece for n, part in enumerate(parts) for piece in ([", ", *part] if n else part)]


@cache
def _pieces(written: str, formals: tuple[str, ...]) -> Template:
    """Read how a call is written. What stands alone between brackets and commas needs no brackets of its own."""
    if "$" not in written:
        written += f"({', '.join(f'${formal}' for formal in formals)})"
    parts = re.split(r"\$([A-Za-z])\b", written)
    pieces: list[Piece] = []
    for n, part in enumerate(parts):
        if n % 2 == 0:
            pieces += [part] if part else []
        else:
            alone = parts[n - 1][-1:] in ("(", " ") and not re.search(r"[-+*/@] $", parts[n - 1]) and parts[n + 1][:1] in (")", ",")
            pieces.append((formals.index(part), 0 if alone else ATOM))
    return pieces, ATOM if _is_call(written) else _SUM


def _is_call(written: str) -> bool:
    """Tell whether text is one call, attribute or entry, which needs no brackets anywhere."""
    depth = 0
    for char in written:
        depth += (char in "([") - (char in ")]")
        if char == " " and not depth:
            return False
    return not written.startswith("-")


def tight(written: str) -> str:
    """Return code that can stand in a product."""
    return written if _is_call(written) else f"({written})"


# ---- functions that a script defines ------------------------------------------------------------------------


def helper_name(row: Op) -> str:
    """Return the name of the function that a script defines for a row."""
    if len(ops.rows(row.name, len(row.formals))) == 1 and len({len(other.formals) for other in ops.OPS[row.name]}) > 1:
        return "_".join([re.split(r"\W", row.form)[0], *row.formals[1:]])
    return "factorial" if row.name == "!" else row.name


@cache
def _formulas() -> dict[str, Op]:
    """Return the rows that are formulas of others, by the name of the function a script would define."""
    return {helper_name(row): row for row in ops.TABLE if row.value is not None}


def helpers(library: str) -> dict[str, str]:
    """Return the functions that a library lacks and a script may define, by name: their code, or nothing yet."""
    own: dict[str, str] = import_module(f"gradcli.notation.{library}").DEFINITIONS
    return {**dict.fromkeys(_formulas(), ""), **own}


def definitions(library: str, written: Iterable[str]) -> list[str]:
    """Return the definitions that lines of code need, each after those that it needs itself."""
    known, out = helpers(library), dict[str, str]()
    called = re.compile(rf"(?<![\w.‹])({'|'.join(sorted(known, key=len, reverse=True))})\b(?=[(,])")
    waiting = [(word, False) for line in written for word in called.findall(_MARKED.sub("", line))]
    waiting.reverse()
    while waiting:
        word, ready = waiting.pop()
        if word in out:
            continue
        code = known[word] or _definition(library, word)
        needs = [other for other in called.findall(code) if other != word and other not in out]
        if ready or not needs:
            out[word] = code
        else:
            waiting += [(word, True), *((other, False) for other in reversed(needs))]
    return list(out.values())


@cache
def _definition(library: str, word: str) -> str:
    """Return the definition of a function by the formula in its row."""
    row = _formulas()[word]
    rule = value(row)
    assert rule is not None
    body = _MARKED.sub(lambda mark: mark[1], text(rule.root, library))
    return f"def {word}({', '.join(row.formals)}):\n    return {body}"


# ---- what no library has -------------------------------------------------------------------------------------

_HAS_IT_ALL = said("--format {0} has it", "sympy")


def has(row: Op, library: str) -> bool:
    """Tell whether a row can be written for a library."""
    words = import_module(f"gradcli.notation.{library}").Writer.WORDS
    return row.form in words or row.value is not None or row.name in _WRITTEN


_WRITTEN = frozenset((*ops.INFIX, *ops.PREFIX, "where", "[]", "[:]", "array", *CONSTANTS)) - {"@"}


def no_code(row: Op, library: str) -> GradError:
    """Return the error that an operator cannot be written for a library, with those that have it."""
    others = [f"--format {other}" for other in LIBRARIES if other != library and has(row, other)]
    return GradError("no-code", said("{0} has no counterpart in {1}", row.form, library),
                     hint=said("it can be written with {0}", ", ".join(others)) if others else "")  # fmt: skip
