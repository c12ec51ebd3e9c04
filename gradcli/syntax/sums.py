r"""Finite sums and products over indexed names: \sum_{i=1}^{3} w_i x_i is written out before it is read."""

from __future__ import annotations

import re
from collections.abc import Callable

from gradcli.errors import GradError, Source
from gradcli.limits import Limits
from gradcli.syntax.lalr import Tree
from gradcli.syntax.latex_names import subscripted
from gradcli.syntax.lexer import Token
from gradcli.wording import said

Part = Tree | Token


def written_out(tree: Tree, source: Source, limits: Limits) -> Tree:
    """Return a concrete tree without sums and products over an index, the innermost written out first."""
    indices, total = _indices(tree), 0

    def change(part: Tree) -> Tree:
        nonlocal total
        if part.kind != "big":
            return part
        made = _expand(part, source, limits, indices)
        total += _size(made)
        limits.check("nodes", total, said("operations in sums"), part.span, source)
        return made

    return _rebuilt(tree, lambda token: token, change)


def _rebuilt(tree: Tree, word: Callable[[Token], Token], change: Callable[[Tree], Tree]) -> Tree:
    """Return a copy of a tree, its tokens and, from the leaves up, its trees changed; without recursion."""
    done: list[Part] = []
    stack: list[tuple[Part, bool]] = [(tree, False)]
    while stack:
        part, ready = stack.pop()
        if isinstance(part, Token):
            done.append(word(part))
        elif not ready:
            stack.append((part, True))
            stack += [(child, False) for child in reversed(part.children)]
        else:
            count = len(part.children)
            children = done[len(done) - count :] if count else []
            del done[len(done) - count :]
            done.append(change(part._replace(children=children)))
    copy = done[0]
    assert isinstance(copy, Tree)
    return copy


def _expand(big: Tree, source: Source, limits: Limits, indices: frozenset[str]) -> Tree:
    sign, index, first, last, body = big.children
    assert isinstance(sign, Token)
    assert isinstance(index, Token)
    assert isinstance(body, Tree)
    begin, end = _bound(first, source), _bound(last, source)
    if end < begin:
        raise GradError("endless-sum", said("this sum is empty: from {0} to {1}", begin, end), big.span, source=source)
    limits.check("nodes", (end - begin + 1) * _size(body), said("operations in a sum"), big.span, source)
    terms = [_at(body, index.text, value, indices) for value in range(begin, end + 1)]
    out = Tree("group", [terms[0]], big.start, big.end)
    for term in terms[1:]:
        out = Tree("add" if sign.text == r"\sum" else "multiply", [out, Tree("group", [term], big.start, big.end)], big.start, big.end)
    return Tree("group", [out], big.start, big.end)


def _bound(part: Part, source: Source) -> int:
    """Return a bound of a sum: a whole number written out."""
    sign = 1
    inner = part
    while isinstance(inner, Tree) and inner.kind in ("group", "negate") and len(inner.children) == 1:
        sign = -sign if inner.kind == "negate" else sign
        inner = inner.children[0]
    token = inner.children[0] if isinstance(inner, Tree) and inner.kind == "number" else None
    if not isinstance(token, Token) or not token.text.isdigit() or len(token.text) > 6:
        raise GradError("endless-sum", said("the bounds of a sum are whole numbers written out"), (part.start, part.end), source=source,
                        hint=said("for example {0}", r"\sum_{i=1}^{3} x_i"))  # fmt: skip
    return sign * int(token.text)


def _size(tree: Tree) -> int:
    count, stack = 0, [tree]
    while stack:
        part = stack.pop()
        count += 1
        stack += [child for child in part.children if isinstance(child, Tree)]
    return count


def _at(body: Tree, index: str, value: int, indices: frozenset[str]) -> Tree:
    """Return a copy of the body with the index replaced: i itself, and i in the subscripts of names."""

    def word(token: Token) -> Token:
        return token._replace(text=_indexed(token.text, index, value, indices)) if token.kind == "NAME" else token

    return _rebuilt(body, word, lambda part: _number(part, value) if part.kind == "name" and _text(part) == index else part)


def _text(part: Tree) -> str:
    token = part.children[0]
    assert isinstance(token, Token)
    return token.text


def _number(part: Tree, value: int) -> Tree:
    number = Tree("number", [Token("NUMBER", str(abs(value)), part.start, part.end)], part.start, part.end)
    return Tree("group", [Tree("negate", [number], part.start, part.end)], part.start, part.end) if value < 0 else number


def _indexed(name: str, index: str, value: int, indices: frozenset[str]) -> str:
    """Return a name at an index: w_i at 2 is w2, W_{ij} is W_{2,j}, x_{i+1} is x3, x_{2i} is x4; x_{in} stays."""
    base, _, sub = name.partition("_")
    parts: list[str] = []
    for part in sub.strip("{}").split(","):
        letters = re.findall("[A-Za-z]", part)
        if index not in letters or not indices.issuperset(letters):
            parts.append(part)
        elif found := re.fullmatch(rf"(\d*){index}([+-]\d+)?", part):
            parts.append(str(int(found[1] or 1) * value + int(found[2] or 0)))
        else:
            parts += [str(value) if letter == index else letter for letter in part]
    return subscripted(base, ",".join(parts)) if sub else name


def _indices(tree: Tree) -> frozenset[str]:
    """Return the letters that sums and products run over."""
    found, stack = set[str](), [tree]
    while stack:
        part = stack.pop()
        if part.kind == "big" and isinstance(part.children[1], Token):
            found.add(part.children[1].text)
        stack += [child for child in part.children if isinstance(child, Tree)]
    return frozenset(found)


def left_over(tree: Tree) -> list[Token]:
    """Return the names that carry an index of a sum, but stand behind its end: b_i in \\sum_i a_i - b_i."""
    indices, found = _indices(tree), []
    stack: list[Part] = [tree]
    while stack:
        part = stack.pop()
        if isinstance(part, Token):
            sub = part.text.partition("_")[2].strip("{}") if part.kind == "NAME" else ""
            if sub and indices.issuperset(re.findall("[A-Za-z]", sub)) and re.search("[A-Za-z]", sub):
                found.append(part)
        elif part.kind != "big":
            stack += part.children
    return found
