"""The kept LALR tables are Lark's, and read what Lark reads."""

import logging
import random

import lark
import pytest
from lark.exceptions import LarkError
from lark.lexer import Lexer

from gradcli.errors import GradError, Source
from gradcli.syntax import build, generated, latex
from gradcli.syntax.arrange import arrange
from gradcli.syntax.declared import Declared
from gradcli.syntax.lalr import Tree, parse
from gradcli.syntax.lexer import Token, tokens
from gradcli.syntax.readings import Ledger
from gradcli.syntax.tables import GRAMMARS
from gradcli.syntax.words import words

PIECES = {
    "plain": ["x", "y1", "w_{0}", "sin", "ln ", "(", ")", "[", "]", "{", "}", "+", "-", "*", "/", "^", "**", "@", "'", "!", ",", ";", ":", "=", "<=",
              "<", ">", "|", "|", "‖", "√", "²", "⁻¹", "2", ".5", "1e-3", "3.", " ", " # c", "\n", "·", "×", "−", "ᵀ", "⊙", "≤", "log_b"],
    "latex": ["x", "y_1", r"\theta", r"\sin ", r"\ln", r"\frac", "{", "}", "{", "}", "(", ")", "[", "]", "+", "-", "*", r"\cdot ", r"\times ", "^", "^2", "_",
              "|", r"\|", r"\left(", r"\right)", r"\sqrt", r"\max", ",", "=", "<", r"\le ", "1", "23", " ", "!", "'", r"^\top", r"\sum_{i=1}^{3}",
              r"\begin{pmatrix}", r"\end{pmatrix}", r"\begin{cases}", r"\end{cases}", "&", r"\\\\", r"\vec x", r"\operatorname{relu}", r"\lfloor ", r"\rfloor "],
    "worksheet": ["at ", "answer ", "x = 1", "df/dx = -4", "\n", "\n", "# note", "f(x) = x^2", " ", ", y = 2", "question ", "1a", "[3 points]", "> text", "Find this now."],
}  # fmt: skip


class Ours(Lexer):
    """Lark's parser on our tokens: what a word is in its place is decided before either parser sees it."""

    def __init__(self, conf):
        pass

    def lex(self, tokens):
        for token in tokens[:-1]:
            yield lark.Token(token.kind, token.text)


def lexed(grammar, text):
    """Return the tokens of a text, or None where it is refused before it is parsed."""
    source, declared, ledger = Source(text), Declared(frozenset({"x", "y1"})), Ledger()
    try:
        raw = tokens(grammar, source)
        if grammar == "worksheet":
            return source, raw
        if grammar == "latex":
            raw = latex.words(raw, source, declared, ledger)
        else:
            declared.heads(raw)
            raw = words(raw, source, declared, ledger)
        return source, arrange(raw, source, declared, ledger, indices=grammar == "plain")
    except GradError:
        return None


def test_the_kept_tables_are_current():
    file = build.Path(generated.__file__)
    assert file.read_text(encoding="utf-8") == build.generated_text(), "run: python -m gradcli.syntax.build"


def shape(tree):
    """Return a tree of ours as nested tuples."""
    return tree.text if isinstance(tree, Token) else (tree.kind, *map(shape, tree.children))


def lark_shape(tree):
    return (str(tree.data), *map(lark_shape, tree.children)) if hasattr(tree, "data") else str(tree)


def ours(grammar, source, given):
    try:
        return shape(parse(grammar, given, source))
    except GradError:
        return None


def theirs(parser, given):
    try:
        return lark_shape(parser.parse(given))
    except LarkError:
        return None


@pytest.mark.parametrize("grammar", GRAMMARS)
def test_lark_agrees_on_random_token_strings(grammar, request):
    parser, generator = build.lark_parser(grammar, Ours), random.Random(grammar)
    count, accepted = (100_000 if request.config.getoption("--long") else 6_000), 0
    for _ in range(count):
        text = "".join(generator.choices(PIECES[grammar], k=generator.randint(1, 9)))
        given = lexed(grammar, text)
        if given is not None:
            mine = ours(grammar, *given)
            assert mine == theirs(parser, given[1]), repr(text)
            accepted += mine is not None
    assert accepted > count / 100  # the strings are not all nonsense


@pytest.mark.parametrize("grammar", GRAMMARS)
def test_no_conflict_is_resolved_by_luck(grammar, caplog):
    """Lark resolves a conflict silently, by shifting; it says so in its log alone."""
    lark.logger.setLevel(logging.DEBUG)
    with caplog.at_level(logging.DEBUG, logger="lark"):
        build.lark_parser(grammar, debug=True)
    assert "conflict" not in caplog.text.lower()


def test_such_a_conflict_would_be_seen(caplog):
    with caplog.at_level(logging.DEBUG, logger="lark"):
        lark.Lark('start: e\ne: e "+" e | "x"', parser="lalr", debug=True)
    assert "conflict" in caplog.text.lower()


def test_positions_are_those_of_the_text():
    source, given = lexed("plain", "  q = x + yy ;\n sin( q )")
    tree = parse("plain", given, source)
    assert [source.text[c.start : c.end] for c in tree.children] == ["q = x + yy", "sin( q )"]
    assert isinstance(tree.children[0], Tree)
