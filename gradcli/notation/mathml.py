"""Expression → presentation MathML (MathML Core), for pages: fractions, roots and powers as in a book.

What is written in one line is the template of the eye, its signs as operators; what has two dimensions is written here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from gradcli.errors import safe
from gradcli.expr import NUMBER, SYMBOL, Expr, decimal, symbols
from gradcli.notation import plain_number
from gradcli.notation.text import PLAIN, UNICODE, Piece, Template, template
from gradcli.ops import ATOM
from gradcli.shapes import Shapes
from gradcli.syntax.names import GREEK, canonical

OPEN, CLOSE = "<mrow><mo>(</mo>", "<mo>)</mo></mrow>"
_SUM, _PRODUCT, _SIGN, _POSTFIX = 1, 2, 3, 5
_LETTERS = {word: char for char, word in reversed(GREEK.items())}  # of several spellings the first: σ, not ς
_ACCENTS = {"hat": "^", "bar": "‾", "tilde": "~"}
_ACCENTED = re.compile(r"([A-Za-z]|alpha|beta|gamma|delta|epsilon|theta|lambda|mu|sigma|phi|omega)(hat|bar|tilde)")
_NAME = re.compile(r"([A-Za-z]+|[^\x00-\x7f])(?:_?(\d+)|_([A-Za-z]+)|_\{([A-Za-z0-9,+-]+)\})?")
_TOKEN = re.compile(r"(?P<number>\d+(?:\.\d+)?)|(?P<unit>e[₀-₉]+)|(?P<word>\w+)|(?P<sign>\S)")
_RAISED = {"ᵀ": "<mi>T</mi>", "⁻¹": "<mrow><mo>−</mo><mn>1</mn></mrow>"}
_PLAIN_DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_FENCES = {"abs": ("|", "|", ""), "norm": ("‖", "‖", ""), "norm1": ("‖", "‖", "<mn>1</mn>"), "norminf": ("‖", "‖", "<mi>∞</mi>")}


class Writer:
    """Templates for the nodes of one expression; its variables decide whether e and σ are free for their usual use."""

    def __init__(self, root: Expr, shapes: Shapes | None) -> None:
        self.shapes = shapes
        self.taken = {canonical(str(s.leaf)) for s in symbols(root)}

    def template(self, node: Expr) -> Template:
        """Return how one node is written: pieces of text and places for its arguments, and its rank."""
        if node.op == NUMBER:
            mantissa, exponent = decimal(node)
            written = plain_number(mantissa, exponent)
            return [number(written)], _SIGN if mantissa < 0 else _PRODUCT if "e" in written else ATOM
        if node.op == SYMBOL:
            return [name(str(node.leaf))], ATOM
        return self._of_two_dimensions(node) or self._line(node)

    def _of_two_dimensions(self, node: Expr) -> Template | None:
        op, args = node.op, node.args
        if op == "/":
            return ["<mfrac><mrow>", (0, 0), "</mrow><mrow>", (1, 0), "</mrow></mfrac>"], ATOM
        if op == "^" and not (self.shapes and len(self.shapes.shape.get(node, ())) == 2):
            return _power((0, ATOM), (1, 0)), _POSTFIX
        if op == "exp" and "e" not in self.taken:
            return _power("<mi>e</mi>", (0, 0)), _POSTFIX
        if op == "gauss" and "e" not in self.taken:
            return _power("<mi>e</mi>", "<mo>−</mo>", *_power((0, ATOM), "<mn>2</mn>")), _POSTFIX
        if op == "sqrt":
            return ["<msqrt>", (0, 0), "</msqrt>"], ATOM
        if op == "cbrt":
            return ["<mroot><mrow>", (0, 0), "</mrow><mn>3</mn></mroot>"], ATOM
        if op in _FENCES and len(args) == 1:
            left, right, under = _FENCES[op]
            fenced: list[Piece] = [f"<mrow><mo>{left}</mo>", (0, 0), f"<mo>{right}</mo></mrow>"]
            return (["<msub>", *fenced, f"{under}</msub>"] if under else fenced), ATOM
        if op == "where":
            rows: list[Piece] = ["<mrow><mo>{</mo><mtable><mtr><mtd>", (1, 0), "</mtd><mtd>", (0, 0), "</mtd></mtr><mtr><mtd>", (2, 0)]
            return [*rows, "</mtd><mtd><mtext>otherwise</mtext></mtd></mtr></mtable></mrow>"], ATOM
        if op in ("log2", "log10") or (op == "log" and len(args) == 2):
            base: Piece = (1, 0) if op == "log" else f"<mn>{op[3:]}</mn>"
            return ["<mrow><msub><mi>log</mi><mrow>", base, "</mrow></msub>", OPEN, (0, 0), CLOSE, "</mrow>"], ATOM
        if op in ("[]", "[:]"):
            sign = "<mo>,</mo>" if op == "[]" else "<mo>:</mo>"
            places: list[Piece] = [(1, _SUM)] if len(args) == 2 else [(1, _SUM), sign, (2, _SUM)]
            return ["<msub><mrow>", (0, _POSTFIX), "</mrow><mrow>", *places, "</mrow></msub>"], _POSTFIX
        if op == "array" and len(args) > 1 and all(arg.op != "array" for arg in args):
            cells: list[Piece] = []
            for position in range(len(args)):
                cells += ["<mtr><mtd>", (position, 0), "</mtd></mtr>"]
            return ["<mrow><mo>(</mo><mtable>", *cells, "</mtable><mo>)</mo></mrow>"], ATOM
        return None

    def _line(self, node: Expr) -> Template:
        """Return the template of the eye with its text as tokens; in words where a variable has its letter."""
        pieces, rank = template(node, UNICODE, self.shapes)
        first = pieces[0]
        if isinstance(first, str) and canonical(re.split(r"[(^]", first)[0]) in self.taken and node.args:
            pieces, rank = template(node, PLAIN, self.shapes)
        if node.op == "-" and len(node.args) == 1:
            inner: list[Piece] = [OPEN, (0, 0), CLOSE] if node.args[0].op == NUMBER else [(0, _POSTFIX - 1)]
            return ["<mrow><mo>−</mo>", *inner, "</mrow>"], _SIGN
        out: list[Piece] = []
        for piece in pieces:
            if not isinstance(piece, str):
                out.append(piece)
                continue
            raised = next((mark for mark in _RAISED if piece.startswith(mark)), "")
            if raised:
                out[-1:] = _power(out[-1], _RAISED[raised])
            out.append(_tokens(piece.removeprefix(raised)))
        if rank == ATOM:  # a call: what stretches in it does not stretch what is beside it
            out = ["<mrow>", *out, "</mrow>"]
        return out, rank


def _power(base: Piece, *exponent: Piece) -> list[Piece]:
    return ["<msup><mrow>", base, "</mrow><mrow>", *exponent, "</mrow></msup>"]


def _tokens(line: str) -> str:
    """Return a line of text as MathML tokens; a bracket opens and closes a row of its own."""
    out = []
    for found in _TOKEN.finditer(line):
        word = found[0]
        if found["number"]:
            out.append(f"<mn>{word}</mn>")
        elif found["unit"]:
            out.append(f"<msub><mi>e</mi><mn>{word[1:].translate(_PLAIN_DIGITS)}</mn></msub>")
        elif found["word"]:
            out.append(f"<mi>{word}</mi>")
        elif word in "([⌊⌈":
            out.append(f"<mrow><mo>{word}</mo>")
        elif word in ")]⌋⌉":
            out.append(f"<mo>{word}</mo></mrow>")
        else:
            out.append(f"<mo>{_escaped('−' if word == '-' else word)}</mo>")
    return "".join(out)


def number(text: str) -> str:
    """Return a written number: 1.5e-7 as 1.5·10⁻⁷, with the sign of a minus."""
    sign, size = ("<mo>−</mo>", text[1:]) if text.startswith("-") else ("", text)
    mantissa, _, exponent = size.partition("e")
    if not mantissa[:1].isdigit():
        return _row(sign + (f"<mi>{mantissa}</mi>" if mantissa == "∞" else f"<mtext>{_escaped(mantissa)}</mtext>"), bool(sign))
    if not exponent:
        return _row(f"{sign}<mn>{mantissa}</mn>", bool(sign))
    return f"<mrow>{sign}<mn>{mantissa}</mn><mo>·</mo><msup><mn>10</mn>{number(exponent)}</msup></mrow>"


def _row(inside: str, wanted: bool) -> str:
    return f"<mrow>{inside}</mrow>" if wanted else inside


def name(text: str, index: Sequence[str] = ()) -> str:
    """Return a name, at indices: w0 with a subscript, theta as θ, yhat with its hat, a word upright."""
    if text.startswith("∂") and "/∂" in text:  # the gradient of a stage, in a row of the tables
        above, _, under = text[1:].partition("/∂")
        return partial(above, under, index)
    found = _NAME.fullmatch(text)
    if found is None:
        return below(f"<mi>{_escaped(text)}</mi>", ",".join(index))
    stem, sub = found[1], found[2] or found[3] or found[4]
    accented = _ACCENTED.fullmatch(stem)
    if accented:
        shown = f'<mover accent="true">{name(accented[1])}<mo>{_ACCENTS[accented[2]]}</mo></mover>'
    else:
        shown = f"<mi>{_escaped(_LETTERS.get(stem, stem))}</mi>"
    return below(shown, ",".join([*([sub] if sub else []), *index]))


def partial(above: str, under: str, index: Sequence[str] = ()) -> str:
    """Return ∂above/∂under, of two names, the lower one at indices."""
    return f"<mfrac><mrow><mo>∂</mo>{name(above)}</mrow><mrow><mo>∂</mo>{name(under, index)}</mrow></mfrac>"


def below(base: str, subscript: str) -> str:
    """Return what is written already with a subscript, if there is one."""
    return f"<msub><mrow>{base}</mrow><mrow>{_tokens(subscript)}</mrow></msub>" if subscript else base


def _escaped(text: str) -> str:
    return safe(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
