"""Words of plain notation → the names, functions and numbers they are made of.

A declared word is one name; else a function, a constant or a Greek letter; else it is taken apart into declared names
(xw, w0x0, xe, xsin), and what cannot be taken apart is one name. Each choice a person might not share is entered in
the ledger.
"""

from __future__ import annotations

from gradcli import ops
from gradcli.errors import Source
from gradcli.light import re
from gradcli.syntax import Declared, Ledger, Reading
from gradcli.syntax.lexer import Token, tokens
from gradcli.syntax.names import LETTERS, canonical
from gradcli.wording import said

# Short names that are functions only before a bracket: th, sh, ch and tr are more often variables.
_ALWAYS = ("ln", "lg", "tg")
_CALLING, _TELLING = ("LPAR", "RAW_RAISED"), ("_POWER", "LBRACE", "NUMBER", "_OVER")
INFIX_WORDS = frozenset("and or not nand nor xor implies mod".split())
_SUBSCRIPT = r"(?:_?[0-9₀-₉]++|_[A-Za-zα-ω]+|_\{[^}]*\})"  # all digits are one: else there are 2^n ways to part them
SIMPLE = re.compile(rf"(?:[^\W\d_]|{'|'.join(sorted(LETTERS, key=len, reverse=True))})(?:{_SUBSCRIPT})*")
_SEVERAL = re.compile(rf"(?:[A-Za-zα-ω]{_SUBSCRIPT})+[A-Za-zα-ω]?")
_ACCENTED = re.compile(rf"[A-Za-z](?:hat|bar|tilde){_SUBSCRIPT}?")
_FROM = "⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ"
_RAISED = str.maketrans(_FROM, "+-0123456789abcdefghijklmnoprstuvwxyz")


def _simple(text: str) -> bool:
    """Tell whether a word is one letter, or the name of one, with subscripts: most are seen without re."""
    if text.isalpha():
        return len(text) == 1 or text in LETTERS
    numbered = text[0].isalpha() and text.isascii() and text[-1] != "_" and text[1:].replace("_", "0", 1).isdigit()
    return numbered or SIMPLE.fullmatch(text) is not None


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
    lowered: Source | None = None  # the text with its raised characters lowered, letter for letter
    if not declared.rule:
        declared.seen = {canonical(t.text) for t in raw if t.kind == "NAME" and _simple(t.text)}
    usual: set[str] = set()  # names that are themselves wherever no bracket follows and nothing before them tells otherwise
    closing: set[int] = set()  # places of braces that ^{T} has used up
    for place, token in enumerate(raw):
        kind, text = token[0], token[1]
        if place in closing:
            continue
        if kind == "NAME" and text in usual and raw[place + 1][0] not in _CALLING and (not out or out[-1][0] not in _TELLING):
            out.append(token)
        elif kind == "NAME":
            behind_number = place > 0 and raw[place - 1].kind == "NUMBER"
            before = [t.kind for t in out[-2:]]
            if before[-1:] == ["_POWER"] and _transposes(token, declared):  # x^T, and x^TWx
                out[-1] = Token("_PRIME", "^T", out[-1].start, token.start + 1)
                if len(token.text) == 1:
                    continue
                token = Token("NAME", token.text[1:], token.start + 1, token.end)
            if before == ["_POWER", "LBRACE"] and token.text == "T" and raw[place + 1].kind == "RBRACE" and _transposes(token, declared):
                out[-2:] = [Token("_PRIME", "^T", out[-2].start, token.end)]
                closing.add(place + 1)
                continue
            if behind_number and not declared.known(token.text):
                _refuse_unit(token, source)
            if place > 1 and raw[place - 1].kind == "_OVER" and not declared.rule and _is_derivative(raw[place - 2], token, declared):
                from gradcli.syntax.outside import outside

                raise outside(said("a derivative inside an expression"), (raw[place - 2].start, token.end), source)
            after = raw[place + 1]
            if after.kind == "RAW_RAISED" and raw[place + 2].kind == "LPAR":
                after = raw[place + 2]  # σ²(x)
            count = len(ledger.readings)
            found = _word(token, after, source, declared, ledger)
            alone = found == [token] and token is raw[place] and after[0] not in _CALLING
            if alone and text not in ops.LITERALS and len(ledger.readings) == count:
                usual.add(text)
            out += found
        elif kind == "RAW_RAISED":
            lowered = lowered or Source(source.text.translate(_RAISED), source.name)
            inside = tokens("plain", lowered, token.start, token.end)[:-1]
            kind = "_POWER" if out and out[-1].kind == "FUNCTION" else "_RAISED"
            out.append(Token(kind, token.text[0], token.start, token.start))
            out.append(Token("LBRACE", "{", token.start, token.start))
            out += inside
            out.append(Token("RBRACE", "}", token.end, token.end))
        else:
            out.append(token)
    return out


def _refuse_unit(token: Token, source: Source) -> None:
    from gradcli.syntax.outside import UNITS, outside

    if token.text in UNITS:
        raise outside(said("the unit {0}", token.text), (token.start, token.end), source, said("give the number alone"))


def _transposes(exponent: Token, declared: Declared) -> bool:
    """Tell whether an exponent begins with the T of a transpose, and T is no variable."""
    return exponent.text[0] == "T" and not (declared.rule or declared.known("T") or declared.known(exponent.text))


def _is_derivative(above: Token, below: Token, declared: Declared) -> bool:
    """Tell whether d/dx or df/dx stands here, and neither is a name."""
    if above.kind != "NAME" or declared.known(above.text) or declared.known(below.text):
        return False
    return above.text[0] == below.text[0] == "d" and len(above.text) <= 2 and len(below.text) == 2


def _word(token: Token, after: Token, source: Source, declared: Declared, ledger: Ledger) -> list[Token]:
    text, key, called = token.text, canonical(token.text), after.kind == "LPAR"
    if declared.known(text):
        return [token]
    if key in INFIX_WORDS and not declared.rule:
        from gradcli.syntax.outside import WHAT, outside

        raise outside(WHAT[key], (token.start, token.end), source)
    if is_function(key, declared, called):
        return [token._replace(kind="FUNCTION")]
    if not declared.rule and text.count("_") > 1 and (parts := _take_apart(text, declared, called)):
        return _placed(parts, token)  # a_ib_i
    if declared.rule or key in ops.CONSTANTS or (_simple(text) and not text.startswith("log_")):
        return [token]
    if glued := re.fullmatch(r"log_([0-9]+)([A-Za-zα-ω].*)", text):
        end = token.start + 4 + len(glued[1])
        head = Token("NAME", text[: 4 + len(glued[1])], token.start, end)
        rest = Token("NAME", glued[2], end, token.end)
        return [*_word(head, rest, source, declared, ledger), *_word(rest, after, source, declared, ledger)]
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
        if [part.kind for part in found] == ["FUNCTION", "NUMBER"]:  # sqrt2 x: the number is the whole argument
            number = found.pop()
            found += [Token("LBRACE", "{", number.start, number.start), number, Token("RBRACE", "}", number.end, number.end)]
        arrays = any(canonical(part.text) in declared.arrays for part in found)
        ledger.add(Reading("split", (token.start, token.end), words=_product(found, " " if arrays else "*")))
        return found
    if after.kind == "RPAR" and text in ops.LITERALS:  # norm(x, inf)
        return [token]
    if not called and re.match(r"[^\W\d_]{2,}", text) and not _ACCENTED.fullmatch(text):
        product = "*".join(text[:3]) + "…" * (len(text) > 3)
        words_ = said("one name (a product is written {0})", product) if text.isalpha() else said("one name")
        ledger.add(Reading("kept", (token.start, token.end), words=words_))
    return [token]


def _with_a_known_part(text: str, called: bool) -> list[tuple[str, str]]:
    """Take apart what holds a part everybody knows: πr, and tanx or lnx where nothing is declared. cost stays a name."""
    if "π" in text:
        around = [part for part in re.split("(π)", text) if part]
        return [("NAME", part) for part in around] if all(part == "π" or SIMPLE.fullmatch(part) for part in around) else []
    found = re.fullmatch(r"([A-Za-z]{2,}?)([0-9]*)([xyzuvw]?)", text)
    if found is None or called or found[1] not in ops.CALLS or found[1] in LETTERS or not (found[2] or found[3]):
        return []
    pieces = [("FUNCTION", found[1]), ("NUMBER", found[2]), ("NAME", found[3])]
    return [(kind, piece) for kind, piece in pieces if piece]  # ln2, sqrt2x


def _placed(parts: list[tuple[str, str]], token: Token) -> list[Token]:
    found, at = [], token.start
    for kind, part in parts:
        found.append(Token(kind, part, at, at + len(part)))
        at += len(part)
    return found


def _product(parts: list[Token], sign: str) -> str:
    """Return how a word was taken apart, as a product; a function waits for its argument: sin 2x."""
    out = ""
    for position, part in enumerate(parts):
        before = parts[position - 1].kind if position else ""
        glue = "" if part.kind in ("LBRACE", "RBRACE") or before in ("", "NUMBER", "LBRACE") else " " if before == "FUNCTION" else sign
        out += glue + {"{": "(", "}": ")"}.get(part.text, part.text)
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
