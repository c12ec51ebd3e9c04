"""Report → its circuit, drawn in the terminal: values in the wires, gradients below them."""

from __future__ import annotations

from gradcli.errors import columns
from gradcli.light import Sequence
from gradcli.render.forms import Look, Part
from gradcli.render.heading import headline
from gradcli.render.terminal.canvas import GRADIENT, NAME, VALUE, Canvas, styled
from gradcli.render.terminal.drawing import Downwards, Drawing
from gradcli.render.terminal.folding import folded
from gradcli.render.terminal.inscriptions import Inscriptions
from gradcli.render.terminal.score import Score
from gradcli.render.terminal.tree import tree
from gradcli.render.wiring import Wiring, wiring
from gradcli.report import Report

_PAGE = 200  # columns that somebody still reads where there is no terminal


def render(parts: Sequence[Part], look: Look) -> str:
    """Return the circuits of reports as drawings, none wider than ``look.width``."""
    return "".join(headline(part, look.words) + _circuit(part.report, look) for part in parts)


def _circuit(report: Report, look: Look) -> str:
    circuit = wiring(report)
    texts = Inscriptions(report, circuit, look)
    paint = styled if look.color else lambda words, style: words
    blocks = []
    if report.reading:
        title = folded(f"{texts.clean(report.output)} = {texts.formula(report.reading)}", look.width, 4)
        blocks.append([paint(line, NAME) for line in title])
    blocks.append(drawing(circuit, texts, look))
    legend = []
    for name, lines, is_gradient in texts.legend:
        indent = columns(name) + 3
        if look.width is not None and indent + max(map(columns, lines)) > look.width:
            legend += [paint(line, GRADIENT if is_gradient else VALUE) for line in folded(f"{name} = {' '.join(lines)}", look.width, 4)]
            continue
        for index, line in enumerate(lines):
            legend.append((" " * indent if index else paint(name, NAME) + " = ") + paint(line, GRADIENT if is_gradient else VALUE))
    blocks.append(legend)
    notes = [f"{look.words('note')}: {look.words.told(note)}" for note in report.notes]
    blocks.append([paint(line, "2") for note in notes for line in folded(texts.clean(note), look.width)])
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def drawing(circuit: Wiring, texts: Inscriptions, look: Look) -> list[str]:
    """Return the lines of the drawing that fits: from left to right, else from top to bottom, else as a tree."""
    limit = look.width or _PAGE
    for late, kinds in ((False, (Drawing, Downwards)), (True, (Downwards,))):
        score = Score(circuit, late)
        for kind in kinds:
            drawn = kind(score, texts.nodes)
            if drawn.width <= limit:
                canvas = Canvas(look.ascii_only, look.color)
                drawn.draw(canvas)
                return canvas.lines()
    return tree(circuit, texts, look)
