r"""Report → a worked solution in LaTeX: a document for pdfLaTeX, or with --fragment a piece for \input."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gradcli.errors import safe
from gradcli.render.forms import Look, Part
from gradcli.render.solution.outline import Block, Display, Heading, Items, Math, Sentence, outline, stacked
from gradcli.syntax.names import GREEK, LETTERS

_HEADINGS = ("section", "subsection", "subsubsection", "paragraph")
_CYRILLIC = "\u0401-\u040c\u040e-\u044f\u0451-\u045c\u045e-\u045f\u0490\u0491№"
_LATIN = "À-ÏÑ-ÖØ-Ýß-ïñ-öø-ýÿ"  # what every encoding of fonts can put together
_OTHER = re.compile(rf"[^\x00-\x7f{_CYRILLIC}{_LATIN}]")
_LETTERS = re.compile(rf"\\text\{{[^{{}}]*\}}|[{_CYRILLIC}{_LATIN}]+")
_TEXT = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
    '"': "''", "`": r"\textasciigrave{}", "-": "{-}", "\n": " ",
    "–": "--", "—": "---", "“": "``", "”": "''", "‘": "`", "’": "'", "…": r"\ldots{}", "«": r"$\ll$", "»": r"$\gg$", "\u00a0": "~",
}  # fmt: skip
_SIGNS = {
    "∂": r"\partial", "·": r"\cdot", "×": r"\times", "÷": r"\div", "−": "-", "√": r"\surd", "∛": r"\sqrt[3]{\ }", "∞": r"\infty",
    "≤": r"\le", "≥": r"\ge", "≠": r"\ne", "≈": r"\approx", "±": r"\pm", "→": r"\to", "←": r"\leftarrow", "⊙": r"\odot", "‖": r"\|",
    "Σ": r"\sum", "∏": r"\prod", "∘": r"\circ", "ᵀ": r"^{\top}", "⁻": "^{-}", "𝟏": r"\mathbf{1}", "⌊": r"\lfloor", "⌋": r"\rfloor",
    "⌈": r"\lceil", "⌉": r"\rceil", "∈": r"\in", "°": r"^{\circ}",
    **{sign: f"^{{{digit}}}" for digit, sign in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
    **{sign: f"_{{{digit}}}" for digit, sign in enumerate("₀₁₂₃₄₅₆₇₈₉")},
    **{sign: f"\\{word}" for sign, word in GREEK.items() if word in LETTERS and word[0].islower() and word != "omicron"},
}  # fmt: skip


def render(parts: Sequence[Part], look: Look) -> str:
    """Return worked solutions as one document, or as a piece of one."""
    body = "\n\n".join(_block(block) for block in outline(parts, look))
    cyrillic = re.search(f"[{_CYRILLIC}]", body) is not None
    russian = look.words.name == "ru"
    if look.fragment:
        needs = r"% \usepackage{amsmath, amssymb}" + ("\n% \\usepackage[T1,T2A]{fontenc}" if cyrillic else "")
        return f"% {look.words(_FRAGMENT)}\n{needs}\n\\begingroup\n\\allowdisplaybreaks\n\n{body}\n\n\\endgroup\n"
    fonts = ["\\usepackage[T1,T2A]{fontenc}"] if cyrillic else []
    babel = ["\\usepackage[russian]{babel}"] if russian else []
    head = [r"\documentclass[a4paper]{article}", r"\usepackage[margin=25mm]{geometry}", *fonts, r"\usepackage[utf8]{inputenc}", *babel,
            r"\usepackage{amsmath, amssymb}", r"\allowdisplaybreaks", r"\begin{document}"]  # fmt: skip
    return "\n".join([*head, "", body, "", r"\end{document}", ""])


_FRAGMENT = r"A piece for \input; the document needs"


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        return f"\\{_HEADINGS[block.level - 1]}*{{{_sentence(block.words)}}}"
    if isinstance(block, Display):
        return f"\\begin{{align*}}\n{_mathematics(stacked(block.rows))}\n\\end{{align*}}"
    if isinstance(block, Items):
        return "\\begin{itemize}\n" + "\n".join(f"\\item {_sentence(item)}" for item in block.items) + "\n\\end{itemize}"
    return rf"\noindent {_sentence(block.words)}"


def _sentence(words: Sentence) -> str:
    return "".join(f"${_mathematics(piece.tex)}$" if isinstance(piece, Math) else escaped(piece) for piece in words)


def _mathematics(tex: str) -> str:
    r"""Return mathematics whose names pdfLaTeX can set: mathematical fonts have no letter of other alphabets."""
    if tex.isascii():
        return tex
    tex = _OTHER.sub(lambda found: _SIGNS.get(found[0]) or rf"\text{{{_code(found[0])}}}", tex)
    return _LETTERS.sub(lambda found: found[0] if found[0][0] == "\\" else rf"\text{{{found[0]}}}", tex)


def escaped(text: str) -> str:
    """Return a text that LaTeX sets as it is: every sign that means something to it spelt out."""
    return "".join(_character(char) for char in safe(text))


def _character(char: str) -> str:
    if char in _TEXT:
        return _TEXT[char]
    if char in _SIGNS:
        return f"${_SIGNS[char]}$"
    return _code(char) if _OTHER.match(char) else char


def _code(char: str) -> str:
    return f"U+{ord(char):04X}"
