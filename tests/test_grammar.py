"""The kept LALR tables are Lark's, and read what Lark reads."""

import logging
import os
import random
import time
from pathlib import Path

import lark
import pytest
from lark.exceptions import LarkError
from lark.lexer import Lexer

from gradcli.errors import GradError, Source
from gradcli.syntax import Declared, Ledger, build, latex, lexer, tables
from gradcli.syntax.arrange import arrange
from gradcli.syntax.lalr import Tree, parse
from gradcli.syntax.lexer import Token, tokens
from gradcli.syntax.tables import GRAMMARS, kept_in
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


@pytest.mark.parametrize("grammar", GRAMMARS)
def test_the_kept_tables_are_current(grammar):
    assert Path(kept_in(grammar)).read_text(encoding="utf-8") == build.kept_text(grammar), "run: python -m gradcli.syntax.build"


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
def test_lark_agrees_on_random_token_strings(grammar):
    """Both parsers see nothing but the kinds of the tokens: of strings of the same kinds, one is parsed."""
    parser, generator = build.lark_parser(grammar, Ours), random.Random(grammar)
    seen, count, accepted = set(), 0, 0
    while count < 100_000:
        text = "".join(generator.choices(PIECES[grammar], k=generator.randint(1, 9)))
        given = lexed(grammar, text)
        count += given is not None
        if given is not None and (kinds := tuple(token.kind for token in given[1])) not in seen:
            seen.add(kinds)
            mine = ours(grammar, *given)
            assert mine == theirs(parser, given[1]), repr(text)
            accepted += mine is not None
    assert accepted > 200, (accepted, len(seen))  # the strings are not all nonsense


# Letters of every kind that a terminal mentions, and some that none does, which are rare.
CHARACTERS = {
    "plain": ("xyzTE019eE+-*/^{},()[]|!'@=<>:; \t\n # θβσ₁²⁻ᵀ·×√‖⊙÷−≤abʷˣ𝑥ℼ", "._~%\\&$éπ½\x1c\x85\u2028\u2005𝟋"),
    "latex": ("xyE019.+-*/^_{},()[]|!'@=<>:\t\n\r%&$~\\\\\\θβϵ‖⊙÷−≤≠abquad*", ";#é\xa0\u2009\x1c·²"),
    "worksheet": ("atAnswer:question student>vary k [3] #\n\n\t x=1.∂!?é", "\x1c\u2028"),
}


@pytest.mark.parametrize("grammar", GRAMMARS)
def test_lark_cuts_words_at_the_same_places(grammar):
    """Forty thousand random strings, a hundred in one text: Lark takes a while to begin."""
    parser, generator, cutter = build.lark_parser(grammar), random.Random(grammar), lexer.Cutter(grammar)
    often, rarely = CHARACTERS[grammar]
    cuts = 0
    for _ in range(400):
        text = " ".join("".join(generator.choices(often, k=generator.randint(1, 9))) for _ in range(100)) + generator.choice(rarely)
        while text:
            expected, end = [], len(text)
            try:
                for token in parser.lex(text):
                    expected.append((token.type, token.start_pos, token.end_pos))
            except lark.UnexpectedCharacters as strange:
                end = strange.pos_in_stream
            for way in cutter.ways():
                found, position = [], 0
                for kind, stop in way(text, 0, len(text)):
                    if kind not in cutter.ignore:
                        found.append((kind, position, stop))
                    position = stop
                assert (found, position) == (expected, end), repr(text)
            cuts += len(expected)
            text = text[end + 1 :]  # behind what no terminal fits
    assert cuts > 5_000


@pytest.mark.parametrize("grammar", ["plain", "latex"])
def test_the_automaton_and_re_cut_alike(grammar):
    cutter, generator = lexer.Cutter(grammar), random.Random(grammar)
    edges = {code + step for code, _ in cutter.table["automaton"]["ranges"] for step in (-1, 0, 1)} - {-1, 0x110000}
    letters = "".join(CHARACTERS[grammar])
    short = ("".join(generator.choices(letters, k=generator.randint(1, 9))) for _ in range(100_000))
    for text in (*map(chr, sorted(edges | set(range(0x2000)))), *short):
        one, other = (list(way(text, 0, len(text))) for way in cutter.ways())
        assert one == other, repr(text)


def test_a_part_of_a_text_is_cut_as_in_its_place():
    """A remark begins behind a blank or a semicolon, also where that is not in the part."""
    for text in ("x # y", "x;# y", "x# y", "# y"):
        at = text.index("#")
        assert len({tuple(way(text, at, len(text))) for way in lexer.Cutter("plain").ways()}) == 1


def test_a_text_of_any_length_is_cut_alike():
    short = "w_{0}*x₁ + sin(θ)^2 # remark\n; 1.5e-3/y' "
    assert len(short) < lexer.SHORT < len(short) * 100
    pieces = [(t.kind, t.text) for t in tokens("plain", Source(short))[:-1]]
    assert [(t.kind, t.text) for t in tokens("plain", Source(short * 100))[:-1]] == pieces * 100


def test_a_grammar_that_has_changed_is_made_anew(tmp_path, monkeypatch):
    """Only a checkout and an editable install have grammars that can be edited: beside the package."""
    made = []
    monkeypatch.setattr(tables, "_loaded", {})
    monkeypatch.setattr(build, "make_tables", lambda grammar: made.append(grammar) or {})
    text = tables.grammar_text("plain")
    monkeypatch.setattr(tables, "_PACKAGE", str(tmp_path / "gradcli"))
    for folder in (tmp_path / "grammar", tmp_path / "gradcli" / "syntax"):
        folder.mkdir(parents=True)
    (tmp_path / "gradcli" / "syntax" / "plain_tables.py").touch()

    def after(content, seconds):
        tables._loaded.clear()
        file = tmp_path / "grammar" / "plain.lark"
        file.write_text(content, encoding="utf-8")
        os.utime(file, (time.time() + seconds,) * 2)
        tables.tables("plain")
        return len(made)

    assert after(text, +9) == 0  # written later, as a checkout does, but the same
    assert after(text + "\n// more", -9) == 0  # older than the tables: they were made from it
    assert after(text + "\n// more", +9) == 1
    (tmp_path / "grammar" / "plain.lark").unlink()
    tables._loaded.clear()
    assert tables.tables("plain")["checksum"] == tables.checksum(text)  # a wheel has it inside, and does not look


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
