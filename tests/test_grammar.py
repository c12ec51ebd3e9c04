"""The kept LALR tables are Lark's, and read what Lark reads."""

import random

import pytest
from lark.exceptions import LarkError

from gradcli.errors import GradError, Source
from gradcli.syntax import build, generated
from gradcli.syntax.lalr import Tree, parse
from gradcli.syntax.lexer import Token
from gradcli.syntax.tables import GRAMMARS

PIECES = {
    "plain": ["x", "y1", "w_{0}", "sin", "(", ")", "[", "]", "+", "-", "*", "/", "^", "**", "@", "'", "!", ",", ";", ":", "=", "<=", ">",
              "2", ".5", "1e-3", "3.", " ", "# c", "\n", "·", "−", "ᵀ", "⊙", "≤"],
    "worksheet": ["at ", "answer ", "x = 1", "df/dx = -4", "\n", "\n", "# note", "f(x) = x^2", " ", ", y = 2", "question"],
}  # fmt: skip


def test_the_kept_tables_are_current():
    file = build.Path(generated.__file__)
    assert file.read_text(encoding="utf-8") == build.generated_text(), "run: python -m gradcli.syntax.build"


def shape(tree):
    """Return a tree of ours as nested tuples."""
    return tree.text if isinstance(tree, Token) else (tree.kind, *map(shape, tree.children))


def lark_shape(tree):
    return (str(tree.data), *map(lark_shape, tree.children)) if hasattr(tree, "data") else str(tree)


def ours(grammar, text):
    try:
        return shape(parse(grammar, Source(text)))
    except GradError:
        return None


def theirs(parser, text):
    try:
        return lark_shape(parser.parse(text))
    except LarkError:
        return None


@pytest.mark.parametrize("grammar", GRAMMARS)
def test_lark_agrees_on_random_token_strings(grammar, request):
    parser, generator = build.lark_parser(grammar), random.Random(grammar)
    count, accepted = (100_000 if request.config.getoption("--long") else 6_000), 0
    for _ in range(count):
        text = "".join(generator.choices(PIECES[grammar], k=generator.randint(1, 9)))
        mine = ours(grammar, text)
        assert mine == theirs(parser, text), repr(text)
        accepted += mine is not None
    assert accepted > count / 100  # the strings are not all nonsense


def test_positions_are_those_of_the_text():
    source = Source("  q = x + yy ;\n sin( q )")
    tree = parse("plain", source)
    assert [source.text[c.start : c.end] for c in tree.children] == ["q = x + yy", "sin( q )"]
    assert isinstance(tree.children[0], Tree)
