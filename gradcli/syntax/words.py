"""Words of plain notation → the names, functions and numbers they are made of.

A declared word is one name; else a function, a constant or a Greek letter; else it is taken apart into declared names
(xw, w0x0, xe, xsin), and what cannot be taken apart is one name. Each choice a person might not share is entered in
the ledger.
"""

from __future__ import annotations

import re

from gradcli import ops
from gradcli.errors import Source
from gradcli.syntax.declared import Declared
from gradcli.syntax.lexer import Token, tokens
from gradcli.syntax.names import LETTERS, canonical
from gradcli.syntax.outside import UNITS, WHAT, outside
from gradcli.syntax.readings import Ledger, Reading

# Short names that are functions only before a bracket: th, sh, ch and tr are more often variables.
_ALWAYS = ("ln", "lg", "tg")
_INFIX_WORDS = frozenset("and or not nand nor xor implies mod".split())
_SUBSCRIPT = r"(?:_?[0-9₀-₉]+|_[A-Za-zα-ω]+|_\{[^}]*\})"
_SIMPLE = re.compile(rf"(?:[^\W\d_]|{'|'.join(sorted(LETTERS, key=len, reverse=True))})(?:{_SUBSCRIPT})*")
_SEVERAL = re.compile(rf"(?:[A-Za-zα-ω]{_SUBSCRIPT})+[A-Za-zα-ω]?")
_ACCENTED = re.compile(rf"[A-Za-z](?:hat|bar|tilde){_SUBSCRIPT}?")
_FROM = "⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ"
_RAISED = str.maketrans(_FROM, "+-0123456789abcdefghijklmnoprstuvwxyz")


def is_function(key: str, declared: Declared, called: bool) -> bool:
    """Tell whether a word is a function here; ``called``: a bracket follows."""
    if key in declared.functions:
        return True
    if key not in ops.CALLS or key in declared.variables:
        return False
    return called or (key not in LETTERS and (len(key) > 2 or key in _ALWAYS))


def words(raw: list[Token], source: Source, declared: Declared, ledger: Ledger) -> list[Token]:
    """Return the tokens with every word and every raised exponent taken apart."""
    out: list[Token] = []
    if not declared.rule:
        declared.seen = {canonical(t.text) for t in raw if t.kind == "NAME" and _SIMPLE.fullmatch(t.text)}
    for place, token in enumerate(raw):
        if token.kind == "NAME":
            behind_number = place > 0 and raw[place - 1].kind == "NUMBER"
            if behind_number and token.text in UNITS and not declared.known(token.text):
                raise outside(f"the unit {token.text}", (token.start, token.end), source, "give the number alone")
            out += _word(token, raw[place + 1], source, declared, ledger)
        elif token.kind == "RAW_RAISED":
            inside = tokens("plain", Source(source.text.translate(_RAISED), source.name), token.start, token.end)[:-1]
            kind = "_POWER" if out and out[-1].kind == "FUNCTION" else "_RAISED"
            out.append(Token(kind, token.text[0], token.start, token.start))
            out.append(Token("LBRACE", "{", token.start, token.start))
            out += inside
            out.append(Token("RBRACE", "}", token.end, token.end))
        else:
            out.append(token)
    return out


def _word(token: Token, after: Token, source: Source, declared: Declared, ledger: Ledger) -> list[Token]:
    text, key, called = token.text, canonical(token.text), after.kind == "LPAR"
    if declared.known(text):
        return [token]
    if key in _INFIX_WORDS and not declared.rule:
        raise outside(WHAT[key], (token.start, token.end), source)
    if is_function(key, declared, called):
        return [token._replace(kind="FUNCTION")]
    if declared.rule or key in ops.CONSTANTS or (_SIMPLE.fullmatch(text) and not text.startswith("log_")):
        return [token]
    if text.startswith("log_") and len(text) > 4:
        base = token.start + 4
        inside = tokens("plain", source, base, token.end)[:-1] if text[4] != "{" else tokens("plain", source, base + 1, token.end - 1)[:-1]
        return [
            Token("FUNCTION", "log", token.start, token.start + 3), Token("_SUB", "_", base - 1, base),
            Token("LBRACE", "{", base, base), *inside, Token("RBRACE", "}", token.end, token.end),
        ]  # fmt: skip
    if len(text) < 200 and _SEVERAL.fullmatch(text) and (names := re.findall(rf"[A-Za-zα-ω]{_SUBSCRIPT}*", text))[1:]:
        return _placed([("NAME", name) for name in names], token)  # w0x0: a name ends with its subscript
    parts = _take_apart(text, declared, called) or _with_a_known_part(text, called)
    if parts:
        found = _placed(parts, token)
        ledger.add(Reading("split", (token.start, token.end), words=_product(found)))
        return found
    if not called and re.match(r"[^\W\d_]{2,}", text) and not _ACCENTED.fullmatch(text):
        product = f" (a product is written {'*'.join(text[:3])}{'…' * (len(text) > 3)})" if text.isalpha() else ""
        ledger.add(Reading("kept", (token.start, token.end), words="one name" + product))
    return [token]


def _with_a_known_part(text: str, called: bool) -> list[tuple[str, str]]:
    """Take apart what holds a part everybody knows: πr, and tanx or lnx where nothing is declared. cost stays a name."""
    if "π" in text:
        parts = [part for part in re.split("(π)", text) if part]
        return [("NAME", part) for part in parts] if all(part == "π" or _SIMPLE.fullmatch(part) for part in parts) else []
    if not called and text[-1] in "xyzuvw" and text[:-1] in ops.CALLS and len(text) > 2 and text[:-1] not in LETTERS:
        return [("FUNCTION", text[:-1]), ("NAME", text[-1])]
    return []


def _placed(parts: list[tuple[str, str]], token: Token) -> list[Token]:
    found, at = [], token.start
    for kind, part in parts:
        found.append(Token(kind, part, at, at + len(part)))
        at += len(part)
    return found


def _product(parts: list[Token]) -> str:
    """Return how a word was taken apart, as a product; a function waits for its argument."""
    out = ""
    for position, part in enumerate(parts):
        joined = position and parts[position - 1].kind != "FUNCTION"
        out += ("*" if joined else " " if position else "") + part.text
    return out + (" …" if parts[-1].kind == "FUNCTION" else "")


def _take_apart(text: str, declared: Declared, called: bool) -> list[tuple[str, str]]:
    """Return the known names, constants and functions a word is made of, the longest first; nothing if there is no way."""
    names = declared.variables or declared.seen
    if len(text) > 64:
        return []
    best: list[list[tuple[str, str]] | None] = [None] * len(text) + [[]]
    for at in range(len(text) - 1, -1, -1):
        for end in range(len(text), at, -1):
            rest = best[end]
            if rest is None:
                continue
            part, key = text[at:end], canonical(text[at:end])
            if key in names or key in ops.CONSTANTS or (key in LETTERS and len(key) > 2 and key not in ops.CALLS):
                best[at] = [("NAME", part), *rest]
            elif key in ops.CALLS and (len(key) > 2 or key == "ln") and key not in LETTERS and (rest or called):
                best[at] = [("FUNCTION", part), *rest]
            elif part.isdigit() and at and rest and text[at - 1].isalpha() and not part.startswith("0"):
                best[at] = [("NUMBER", part), *rest]
            else:
                continue
            break
    found = best[0] or []
    # a number only stands behind a function, as in cos2x: x2 is one name
    if any(kind == "NUMBER" and found[place - 1][0] != "FUNCTION" for place, (kind, _) in enumerate(found)):
        return []
    if called and any(kind == "FUNCTION" for kind, _ in found[:-1]):
        return []  # cospi(x) is no product of cos(pi) and (x): nobody knows this function
    return found if len(found) > 1 else []
