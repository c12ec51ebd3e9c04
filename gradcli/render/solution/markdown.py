r"""Report → a worked solution in Markdown, for GitHub and GitLab.

Formulas stand in ```math fences and in $`…`$: there nothing of Markdown happens, while between plain dollars GitHub reads _ as
emphasis and \\ as an escaped backslash before MathJax sees them. It also refuses \operatorname, which could hide text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from gradcli.render.forms import Look, Part
from gradcli.render.markup import begun, escaped
from gradcli.render.picture import mermaid
from gradcli.render.solution.outline import Block, Display, Heading, Items, Math, Sentence, outline, stacked

_MOST_NODES = 40  # in a flowchart, which gives them no more room than the page is wide
_OPERATOR = re.compile(r"\\operatorname\{([^{}]*)\}")


def render(parts: Sequence[Part], look: Look) -> str:
    """Return worked solutions as one Markdown document; the circuit of a single one stands at its end, for GitHub to draw."""
    blocks = [_block(block) for block in outline(parts, look)]
    if len(parts) == 1 and len(parts[0].report.forward) <= _MOST_NODES:
        blocks += [f"## {escaped(look.words('The circuit'))}", f"```mermaid\n{mermaid.render(parts, look)}```"]
    return "\n\n".join(blocks) + "\n"


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        return f"{'#' * block.level} {_sentence(block.words)}"
    if isinstance(block, Display):
        return f"```math\n\\begin{{aligned}}\n{_mathematics(stacked(block.rows))}\n\\end{{aligned}}\n```"
    if isinstance(block, Items):
        return "\n".join(f"- {_line(item)}" for item in block.items)
    return _line(block.words)


def _sentence(words: Sentence) -> str:
    return "".join(f"$`{_mathematics(piece.tex)}`$" if isinstance(piece, Math) else escaped(piece) for piece in words)


def _line(words: Sentence) -> str:
    return begun(_sentence(words))


def _mathematics(tex: str) -> str:
    return _OPERATOR.sub(r"\\mathop{\\mathrm{\1}}", tex)
