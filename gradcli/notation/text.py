"""Expression → text, with the fewest brackets: the exact inverse of `syntax`.

Five styles. PLAIN is the language itself: what it prints parses back to the same object. BRACKETED is PLAIN with a
bracket around every operation inside another: the reading. UNICODE is for the eye: x², √x, 2·x, W xᵀ, ‖x‖. LATEX is
for documents, and parses back too; MATHML is for pages; numpy, torch, jax, sympy are code (see the modules of these names).
Works through a stack of pieces, so that its cost is the length of what it writes.
"""

from __future__ import annotations

from gradcli import ops
from gradcli.expr import NUMBER, SYMBOL, Expr, decimal, integer
from gradcli.light import Callable, Mapping, cache, import_module, partial
from gradcli.notation import Values, plain_number
from gradcli.ops import ATOM, Op
from gradcli.shapes import Shapes

PLAIN, BRACKETED, UNICODE, LATEX, MATHML = "plain", "bracketed", "unicode", "latex", "mathml"

_HERE = (PLAIN, BRACKETED, UNICODE)  # every other style is a module of this name
NOTATIONS = (UNICODE, PLAIN, LATEX)  # those an output may be asked for

_NOTHING: dict[Expr, str] = {}
_NO_VALUES: Values = {}
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_PREFIX, _POWER, _POSTFIX = 3, 4, 5
_OPENS = ("", "(", "[", "{", "|", ",", "&")  # behind these a minus needs no bracket

# A template is literal text and (argument position, least rank that needs no brackets); and the rank of the whole.
Piece = str | tuple[int, int]
Template = tuple[list[Piece], int]


def text(
    root: Expr,
    style: str = PLAIN,
    names: Mapping[Expr, str] = _NOTHING,
    shapes: Shapes | None = None,
    limit: int = 10**9,
    opened: Expr | None = None,
    bracketed: bool = False,
    values: Values = _NO_VALUES,
) -> str:
    """Return an expression as text; nothing if that would take more than limit pieces.

    Nodes in ``names``, save the one that is ``opened``, are written as their names. ``shapes`` decide how
    some nodes look for the eye: x @ y is xᵀ y between vectors, x * y is x ⊙ y between arrays. With ``bracketed``
    every operation inside another has brackets, in any style. ``values`` are put in for names: 3 · (-4) for q · z.
    """
    out: list[str] = []
    opening, closing = "(", ")"
    write: Callable[[Expr], Template] = partial(template, style=style, shapes=shapes)
    rename: Callable[[str], str] = str
    if style not in _HERE:
        module = import_module(f"gradcli.notation.{style}")  # only where it is asked for
        opening, closing, write, rename = module.OPEN, module.CLOSE, module.Writer(root, shapes).template, module.name
    language = style in (PLAIN, BRACKETED, LATEX)  # in which a comparison does not stand alone
    stack: list[str | tuple[Expr, int]] = [(root, 1 if language else 0)]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            out.append(item)
            continue
        if len(out) > limit:
            return ""
        node, least = item
        named = names[node] if node in names and node is not opened else str(node.leaf) if values and node.op == SYMBOL else ""
        if named in values:
            put, rank = values[named]
            pieces: list[Piece] = [put]
            if put[0] == "-" and "".join(out[-2:]).rstrip()[-1:] not in _OPENS:  # not 5 + -4
                rank = -1
        elif node in names and node is not opened:
            out.append(rename(names[node]))
            continue
        else:
            pieces, rank = write(node)
        if rank < least or (bracketed and least > 0 and rank < _POSTFIX and node is not root):
            out.append(opening)
            stack.append(closing)
        for piece in reversed(pieces):
            stack.append(piece if isinstance(piece, str) else (node.args[piece[0]], piece[1]))
    return "".join(out)


def template(node: Expr, style: str, shapes: Shapes | None = None) -> Template:
    """Return how one node is written: pieces of text and places for its arguments, and its rank."""
    if node.op == NUMBER:
        mantissa, exponent = decimal(node)
        return [plain_number(mantissa, exponent)], _PREFIX if mantissa < 0 else ATOM
    if node.op == SYMBOL:
        return [str(node.leaf)], ATOM
    if node.op == "array":
        pieces: list[Piece] = []
        for position in range(len(node.args)):
            pieces += [", " if position else "[", (position, 1)]
        return [*pieces, ",]" if len(node.args) == 1 and style != UNICODE else "]"], ATOM
    if style == UNICODE:
        special = _unicode_special(node, shapes)
        if special:
            return special
    row = shapes.row.get(node) if shapes else None
    row = row or ops.rows(node.op, len(node.args))[0]
    if style == UNICODE and row.form in ("x * y", "flow(x, y)") and shapes and all(shapes.shape.get(arg) for arg in node.args):
        return [(0, 2), " ⊙ ", (1, 3)], 2
    if row.form == "-x" and node.args[0].op == NUMBER:
        return ["-(", (0, 0), ")"], _PREFIX  # the negative of a number, not a negative number
    if row.form == "x ^ y" and node.args[0].op == "e" and style != UNICODE:
        return ["(", (0, 0), ")^", (1, _PREFIX)], _POWER  # a power of the number e, not exp
    if node.op in ("[]", "[:]") and node.args[0].op == NUMBER:
        pieces, rank = _from_row(row, style)
        return [(0, ATOM + 1), *pieces[1:]], rank  # (2)[1]: 2[1] is a product
    return _from_row(row, style)


def _unicode_special(node: Expr, shapes: Shapes | None) -> Template | None:
    """Return the templates that depend on the operands: small powers, unit vectors, a number times a matrix product."""
    if node.op == "^":
        power = integer(node.args[1])
        matrix = shapes is not None and len(shapes.shape.get(node, ())) == 2
        if power is not None and matrix:
            return [(0, _POSTFIX), f"^∘{power}"], _POWER  # entry by entry: W² would be W W
        if power is not None and abs(power) < 1000:
            return [(0, _POSTFIX), str(power).translate(SUPERSCRIPT)], _POSTFIX
    if node.op == "*" and node.args[1].op in ("@", "outer") and not (shapes and shapes.shape.get(node.args[0])):
        return [(0, 2), " ", (1, 2)], 2
    if node.op == "place" and len(node.args) == 3 and integer(node.args[2]) is not None:
        unit = "e" + str(integer(node.args[2])).translate(_SUBSCRIPT)
        return ([unit], ATOM) if integer(node.args[0]) == 1 else ([(0, 2), f"·{unit}"], 2)
    return None


@cache
def _from_row(row: Op, style: str) -> Template:
    if style == UNICODE and row.pretty:
        return _from_pretty(row)
    form = row.form
    if row.name in ops.INFIX and len(row.formals) == 2:
        left, right = (_POSTFIX, _PREFIX) if row.name == "^" else (row.rank or 1, row.rank + 1)  # comparisons do not chain
        if style == BRACKETED:
            left = right = _POSTFIX
        sign = f" {row.name} " if row.rank <= 1 or row.name == "@" else row.name
        return [(0, left), sign, (1, right)], row.rank
    if row.rank == _PREFIX:
        return [row.name, (0, _POSTFIX if style == BRACKETED else _POWER)], _PREFIX
    if form[-1] in "'!":
        return [(0, _POSTFIX), row.name], _POSTFIX
    least = _POSTFIX if form.endswith("]") else 0  # what is indexed must be tight; all else stands between brackets
    pieces: list[Piece] = []
    for word in _words(form):
        if word in row.formals and not (pieces == [] and "(" in form):
            position = row.formals.index(word)
            pieces.append((position, least if position == 0 else 1 if least else 0))
        elif word:
            pieces.append(word)
    return pieces, _POSTFIX if least else ATOM


def _words(form: str) -> list[str]:
    """Return the words and the signs of a form, each run of them as one."""
    out: list[str] = []
    for char in form:
        if out and (char.isalnum() or char == "_") == (out[-1][-1].isalnum() or out[-1][-1] == "_"):
            out[-1] += char
        else:
            out.append(char)
    return out


def _from_pretty(row: Op) -> Template:
    """Read a ``pretty`` template: what stands after an opening sign needs no brackets; next to ᵀ, ⁻¹, √ it is tight."""
    pretty = row.pretty or ""
    before, *rest = pretty.split("$")
    parts = [before, *(part for piece in rest for part in (piece[0], piece[1:]))]
    infix = len(row.formals) == 2 and parts[0] == "" and (" " in pretty or "·" in pretty)
    rank = ops.INFIX.get(row.name, 2) if infix else _POWER if pretty[0] in "√∛e" else _POSTFIX if parts[0] == "" else ATOM
    pieces: list[Piece] = []
    for index, part in enumerate(parts):
        if index % 2 == 0:
            if part:
                pieces.append(part)
            continue
        before, after = parts[index - 1], parts[index + 1]
        if after[:1] in ("ᵀ", "⁻", "²") or before[-1:] in ("√", "∛", "^"):
            least = ATOM if before[-1:] in ("√", "∛", "^") else _POSTFIX
        elif before[-1:] in ("(", "|", "‖", "⌊", "⌈"):
            least = 0
        else:
            least = rank if index == 1 and row.name in ops.INFIX else rank + 1  # x yᵀ and x × y do not associate
        pieces.append((row.formals.index(part), least))
    return pieces, rank
