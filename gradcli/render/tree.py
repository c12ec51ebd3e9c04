"""A circuit as an indented tree: for what is too wide for any drawing of its wires. A value that is used again is named again."""

from __future__ import annotations

from gradcli.errors import columns
from gradcli.render.canvas import GRADIENT, NAME, VALUE, styled
from gradcli.render.folding import folded
from gradcli.render.forms import Look
from gradcli.render.inscriptions import Inscription, Inscriptions
from gradcli.render.wiring import Wiring

_CONTENT = 24  # columns that a line has at least behind its branches
_DEEPEST = 24  # branches side by side where the width is not limited


def tree(wiring: Wiring, inscriptions: Inscriptions, look: Look) -> list[str]:
    """Return the lines of the tree, outputs first. What lies too deep is drawn below, by its name."""
    sources: list[list[int]] = [[] for _ in wiring.nodes]
    used = set()
    for wire in wiring.wires:
        sources[wire.target].append(wire.source)
        used.add(wire.source)
    deepest = _DEEPEST if look.width is None else max(1, (look.width - _CONTENT) // 3)
    seen: set[int] = set()
    roots = [node for node in reversed(range(len(wiring.nodes))) if node not in used]
    lines: list[str] = []
    while roots:
        below: list[int] = []
        for root in roots:
            if root not in seen:
                lines += [""] * bool(lines)
                stack = [(root, "", "", 0)]
                while stack:
                    node, first, rest, depth = stack.pop()
                    if node in seen or (depth == deepest and sources[node]):
                        where = look.words("above") if node in seen else look.words("below")
                        arrow = "->" if look.ascii_only else "→"
                        again = f"{arrow} {inscriptions.clean(wiring.nodes[node].name)} {inscriptions.clean(where)}"
                        lines += _behind(again, first, rest + "   ", look)
                        below.append(node)
                        continue
                    seen.add(node)
                    lines += _lines(inscriptions, wiring.nodes[node].name, inscriptions.nodes[node], first, rest, bool(sources[node]), look)
                    fork, last, on = ("|- ", "`- ", "|  ") if look.ascii_only else ("├─ ", "└─ ", "│  ")
                    for index, source in reversed(list(enumerate(sources[node]))):
                        final = index == len(sources[node]) - 1
                        stack.append((source, rest + (last if final else fork), rest + ("   " if final else on), depth + 1))
        roots = below
    return lines


def _lines(all_of_it: Inscriptions, name: str, text: Inscription, first: str, rest: str, more: bool, look: Look) -> list[str]:
    """Return a node on one line, or on several where it would be too long."""
    stroke = rest + (("|  " if look.ascii_only else "│  ") if more else "   ")
    d = all_of_it.clean("∂")
    name = all_of_it.clean(name)
    value, gradient = f" = {text.value}" if text.value else "", f"{d}{all_of_it.clean(all_of_it.report.output)}/{d}{name} = {text.gradient}"
    sign = f"  {text.head}" if more else ""
    paint = styled if look.color else lambda words, style: words
    whole = f"{first}{name}{value}{sign}" + (f"  {gradient}" if text.gradient else "")
    if look.width is None or columns(whole) <= look.width:
        return [f"{first}{paint(name, NAME)}{paint(value, VALUE)}{sign}" + (f"  {paint(gradient, GRADIENT)}" if text.gradient else "")]
    return [*_behind(f"{name}{value}{sign}", first, stroke, look), *(_behind(gradient, stroke, stroke, look) if text.gradient else [])]


def _behind(text: str, first: str, rest: str, look: Look) -> list[str]:
    """Return text behind its branch, on as many lines as it takes."""
    width = None if look.width is None else max(1, look.width - columns(rest))
    return [(rest if index else first) + line for index, line in enumerate(folded(text, width))]
