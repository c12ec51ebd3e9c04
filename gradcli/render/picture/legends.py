"""What stands at the nodes and wires of a picture, as lines of text: numbers, arrays, formulas, signs."""

from __future__ import annotations

import re

from gradcli.errors import safe
from gradcli.nested import Nested, leaves, sizes
from gradcli.notation.text import SUPERSCRIPT
from gradcli.render.forms import Look
from gradcli.render.wiring import GATE, Node, Wiring

_MOST_ROWS, _MOST_COLUMNS = 5, 6  # of an array that is written out
_MOST_TOLD = 4096  # entries of an array that is told in full


def typeset(text: str) -> str:
    """Return a formula with the minus sign of the mathematicians."""
    return safe(text).replace("-", "−")


def number(value: float, look: Look) -> str:
    """Return a number with the minus sign of the mathematicians."""
    text = look.numbers.number(value)
    return "−" + text[1:] if text.startswith("-") else text


def sign(node: Node) -> str:
    """Return the sign of a gate as a book prints it: x², ×(−1)."""
    text = safe(node.sign) or ("=" if node.kind == GATE else "")  # f = x
    power = re.fullmatch(r"(.*)\^\(?(-?\d+)\)?", text)
    return power[1] + power[2].translate(SUPERSCRIPT) if power else text.replace("-", "−")


def set_of(value: Nested) -> str:
    """Return the set an array is from, ℝ²ˣ³: what is written where the array itself is too large."""
    return "ℝ" + "ˣ".join(str(size).translate(SUPERSCRIPT) for size in sizes(value))


def rows_of(value: Nested, look: Look) -> list[list[str]]:
    """Return a value as rows of cells: a vector as one line; what would be too large as the set it is from."""
    if not isinstance(value, list):
        return [[number(value, look)]]
    if value and not isinstance(value[0], list):
        line = "[" + ", ".join(number(entry, look) for entry in value) + "]"
        return [[line if len(value) <= _MOST_COLUMNS else set_of(value)]]
    if not value or isinstance(value[0][0], list) or len(value) > _MOST_ROWS or len(value[0]) > _MOST_COLUMNS:
        return [[set_of(value)]]
    return [[number(entry, look) for entry in row] for row in value]


def lines_of(value: Nested | None, formula: str, look: Look) -> list[str]:
    """Return a value, or its formula where there is none, as lines of text."""
    if value is None:
        return [typeset(formula)] if formula else []
    rows = rows_of(value, look)
    return [cell for row in rows for cell in row] if len(rows) == 1 else [f"[{', '.join(row)}]" for row in rows]


def whole(value: Nested | None, look: Look) -> list[str]:
    """Return a value in full on one line; of a very large array, for which JSON is the place, the set it is from."""
    if value is None:
        return []
    if len(leaves(value)) > _MOST_TOLD:
        return [set_of(value)]
    return [re.sub(r"(?<=\[) +| +(?= )", "", " ".join(look.numbers.lines(value)))]


def told(circuit: Wiring, index: int, look: Look) -> str:
    """Return what a node says when it is pointed at: its formula and value, its gradient, its local gradients, all in full."""
    node, output = circuit.nodes[index], circuit.nodes[-1].name
    formula = [str(node.formula)] if node.kind == GATE and node.formula else []
    lines = [" = ".join([node.name, *formula, *whole(node.value, look)])]
    gradient = whole(node.upstream, look) or ([str(node.upstream_formula)] if node.upstream_formula else [])
    lines += [f"∂{output}/∂{node.name} = {text}" for text in gradient]
    for wire in map(circuit.wires.__getitem__, circuit.entering(index)):
        if wire.step is not None and wire.step.local_pretty and not wire.step.pullback:
            local = [str(wire.step.local_pretty), *whole(wire.step.local, look)]
            lines.append(f"∂{node.name}/∂{circuit.nodes[wire.source].name} = " + " = ".join(dict.fromkeys(local)))
    return "\n".join(safe(line.replace(" = ℝ", " ∈ ℝ")) for line in lines)
