"""Text → concrete tree: raw tokens, words, arrangement, and the tables of the grammar."""

from __future__ import annotations

from gradcli.errors import Source
from gradcli.light import re
from gradcli.limits import Limits
from gradcli.syntax import Declared, Ledger, Reading
from gradcli.syntax.arrange import arrange
from gradcli.syntax.lalr import Tree, parse
from gradcli.syntax.lexer import tokens
from gradcli.syntax.words import words
from gradcli.wording import said

_COMMAND = re.compile(r"\\\S|\$")


def is_latex(text: str) -> bool:
    """Tell whether a text holds a command of LaTeX: plain notation has no backslash and no $."""
    return ("\\" in text or "$" in text) and _COMMAND.search(text) is not None


def concrete(
    source: Source, declared: Declared, ledger: Ledger, limits: Limits, start: int = 0, end: int | None = None, latex: bool = False
) -> Tree:
    """Return the concrete tree of source.text[start:end]; what was read by a rule of ours is entered in the ledger."""
    grammar = "latex" if latex else "plain"
    raw = tokens(grammar, source, start, end)
    if latex:
        from gradcli.syntax.latex import words as latex_words

        raw = latex_words(raw, source, declared, ledger)
    else:
        declared.heads(raw)
        raw = words(raw, source, declared, ledger)
    arranged = arrange(raw, source, declared, ledger, indices=not latex)
    tree = parse(grammar, arranged, source, limits.depth)
    if any(token.kind == "BIG" for token in arranged):
        from gradcli.syntax.sums import left_over, written_out

        for name in left_over(tree):
            ledger.add(Reading("sum-end", (name.start, name.end), words=said("standing outside the sum, which ends before it")))
        tree = written_out(tree, source, limits)
    return tree
