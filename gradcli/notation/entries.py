r"""How terms of an index form are written: Σ_m W_{m,i} g_m for the eye, \sum_{m} W_{m,i} g_{m} in LaTeX.

`Entries` writes them for the eye; another notation is a subclass that says what its own signs look like.
"""

from __future__ import annotations

from gradcli.expr import NUMBER, Expr
from gradcli.light import Mapping, Sequence
from gradcli.notation.terms import Factor, Index, Term
from gradcli.notation.text import LATEX, MATHML, UNICODE, Template, template, text
from gradcli.shapes import Shape, Shapes

_POSTFIX = 5


class Entries:
    """Writes the terms of one formula. ``names`` are nodes that have a name of their own."""

    style = UNICODE

    def __init__(self, root: Expr, names: Mapping[Expr, str], shapes: Shapes) -> None:
        self.root, self.names, self.shapes = root, names, shapes

    def total(self, terms: Sequence[Term]) -> str:
        """Return a sum of terms."""
        return self.added([(term.minus, self.term(term)) for term in terms])

    def term(self, term: Term) -> str:
        """Return a term without its sign: numbers, and what has no index, stand before the sums."""
        fixed = [factor for factor in term.factors if not factor[1] and (term.over or factor[0].op == NUMBER)]
        varying = [factor for factor in term.factors if factor not in fixed]
        return self.product(
            [self.entry(*factor) for factor in fixed], [*map(self.sum, term.over)],
            [self.delta(a, b) for a, b in term.deltas if a != b],
            [self.entry(*factor) for factor in varying], [self._below(factor) for factor in term.below],
        )  # fmt: skip

    def entry(self, node: Expr, index: Index) -> str:
        """Return a node at indices: W_{i,j}, f(x_i), or (W x)_i where it is not elementwise."""
        if node in self.names:
            return self.name(self.names[node], index)
        if node.op == NUMBER or self.shapes.row_of(node).shape is None:
            return self._function(node, index)
        whole = self.whole(node)
        return self.at(whole if self.template(node)[1] >= _POSTFIX else self.bracket(whole), index)

    def _function(self, node: Expr, index: Index) -> str:
        """Write f(x) at i as f(x_i)."""
        words = []
        for piece in self.template(node)[0]:
            if isinstance(piece, str):
                words.append(piece)
                continue
            arg, least = node.args[piece[0]], piece[1]
            if not index and self.shapes.of(arg):  # a number made of an array: ‖x‖ is written whole
                words.append(self.whole(arg))
                continue
            at = index if self.shapes.of(arg) else ()
            inner = self.entry(arg, at)
            single = arg in self.names or arg.op == NUMBER or (at and self.shapes.row_of(arg).shape is not None)
            words.append(inner if single or self.template(arg)[1] >= least else self.bracket(inner))
        return "".join(words)

    def _below(self, factor: Factor) -> str:
        node, index = factor
        words = self.entry(node, index)
        compound = node not in self.names and node.op in ("+", "-", "*", "/") and not index
        return self.bracket(words) if compound and self.style == UNICODE else words

    # ---- what a notation says for itself --------------------------------------------------------------------

    def template(self, node: Expr) -> Template:
        """Return how one elementwise node is written around its arguments."""
        return template(node, UNICODE, self.shapes)

    def whole(self, node: Expr) -> str:
        """Return a node without indices."""
        return text(node, self.style, self.names, self.shapes)

    def name(self, name: str, index: Index) -> str:
        """Return a name at indices."""
        return self.at(name, index)

    def at(self, base: str, index: Index) -> str:
        """Return what is written already, at indices."""
        return base + subscript(index)

    def bracket(self, inner: str) -> str:
        """Return something in round brackets."""
        return f"({inner})"

    def sum(self, index: str) -> str:
        """Return the sign of a sum over an index."""
        return f"Σ_{index}"

    def delta(self, a: str, b: str) -> str:
        """Return 1 where the indices are the same, else 0."""
        return f"1_{{{a}={b}}}"

    def product(self, fixed: list[str], sums: list[str], deltas: list[str], factors: list[str], below: list[str]) -> str:
        """Return fixed Σ deltas · factors / below."""
        if not sums:
            fixed, factors = [], fixed + factors
        sign = " · " if any("∂" in word for word in factors) else " "
        words = [*fixed, *sums, *deltas, *([sign.join(factors)] if factors else ["1"] if sums else [])]
        out = " ".join(words) or "1"
        return f"{out}/({' '.join(below)})" if len(below) > 1 else f"{out}/{below[0]}" if below else out

    def added(self, terms: list[tuple[bool, str]]) -> str:
        """Return the terms with their signs: -a + b."""
        out = ""
        for minus, words in terms:
            out += (f" {'-' if minus else '+'} " if out else "-" if minus else "") + words
        return out


class LatexEntries(Entries):
    """Writes the terms of one formula in LaTeX."""

    style = LATEX

    def __init__(self, root: Expr, names: Mapping[Expr, str], shapes: Shapes) -> None:
        from gradcli.notation import latex  # only where it is asked for

        super().__init__(root, names, shapes)
        self.latex, self.templates = latex, latex.Writer(root, None)

    def template(self, node: Expr) -> Template:
        """Return how one elementwise node is written around its arguments."""
        return self.templates.template(node)

    def name(self, name: str, index: Index) -> str:
        r"""Return a name at indices: v1 at i as v_{1,i}, ∂f/∂q at k as \frac{\partial f}{\partial q_{k}}."""
        return self.latex.name(name, index)

    def at(self, base: str, index: Index) -> str:
        """Return what is written already, at indices."""
        return f"{base}_{{{','.join(index)}}}" if index else base

    def bracket(self, inner: str) -> str:
        """Return something in round brackets."""
        return f"{self.latex.OPEN}{inner}{self.latex.CLOSE}"

    def sum(self, index: str) -> str:
        """Return the sign of a sum over an index."""
        return rf"\sum_{{{index}}}"

    def delta(self, a: str, b: str) -> str:
        r"""Return 1 where the indices are the same: \mathbf, since the blackboard fonts of LaTeX have no digits."""
        return rf"\mathbf{{1}}_{{{a}={b}}}"

    def product(self, fixed: list[str], sums: list[str], deltas: list[str], factors: list[str], below: list[str]) -> str:
        """Return the product, with one fraction behind the sums."""
        top = " ".join([*deltas, *factors])
        behind = rf"\frac{{{top or '1'}}}{{{' '.join(below)}}}" if below else top or ("1" if sums else "")
        return " ".join([*fixed, *sums, *([behind] if behind else [])]) or "1"


class MathmlEntries(Entries):
    """Writes the terms of one formula in MathML."""

    style = MATHML

    def __init__(self, root: Expr, names: Mapping[Expr, str], shapes: Shapes) -> None:
        from gradcli.notation import mathml  # only where it is asked for

        super().__init__(root, names, shapes)
        self.mathml, self.templates = mathml, mathml.Writer(root, None)

    def template(self, node: Expr) -> Template:
        """Return how one elementwise node is written around its arguments."""
        return self.templates.template(node)

    def name(self, name: str, index: Index) -> str:
        """Return a name at indices: v1 at i as v with the subscript 1,i."""
        return self.mathml.name(name, index)

    def at(self, base: str, index: Index) -> str:
        """Return what is written already, at indices."""
        return self.mathml.below(base, ",".join(index))

    def bracket(self, inner: str) -> str:
        """Return something in round brackets."""
        return f"{self.mathml.OPEN}{inner}{self.mathml.CLOSE}"

    def sum(self, index: str) -> str:
        """Return the sign of a sum over an index."""
        return f"<munder><mo>∑</mo><mi>{index}</mi></munder>"

    def delta(self, a: str, b: str) -> str:
        """Return 1 where the indices are the same, else 0."""
        return self.mathml.below("<mn>𝟏</mn>", f"{a}={b}")

    def product(self, fixed: list[str], sums: list[str], deltas: list[str], factors: list[str], below: list[str]) -> str:
        """Return the product, with one fraction behind the sums."""
        sign = "<mo>·</mo>" if any("∂" in word for word in factors) else "<mspace width='0.17em'/>"
        top = sign.join([*deltas, *factors])
        behind = f"<mfrac><mrow>{top or '<mn>1</mn>'}</mrow><mrow>{sign.join(below)}</mrow></mfrac>" if below else top
        return "".join([*fixed, *sums, behind or ("<mn>1</mn>" if sums or not fixed else "")])

    def added(self, terms: list[tuple[bool, str]]) -> str:
        """Return the terms with their signs."""
        out = ""
        for minus, words in terms:
            out += f"<mo>{'−' if minus else '+'}</mo>{words}" if out else f"<mrow><mo>−</mo>{words}</mrow>" if minus else words
        return out


WRITERS: dict[str, type[Entries]] = {LATEX: LatexEntries, MATHML: MathmlEntries}  # any other notation is written for the eye


OUTPUT, VARIABLE = ("k", "l"), ("i", "j")  # indices of the output, and of a variable


def subscript(index: Index) -> str:
    """Return indices as a subscript: _i, or _{i,j}."""
    return "" if not index else f"_{index[0]}" if len(index) == 1 else f"_{{{','.join(index)}}}"


def derivative(above: str, outer: Shape, below: str, inner: Shape) -> str:
    """Return ∂f_k/∂x_i: an entry of a Jacobian, f and x of these shapes."""
    return f"∂{above}{subscript(OUTPUT[: len(outer)])}/∂{below}{subscript(VARIABLE[: len(inner)])}"
