"""Tokens → tokens as the grammars know them: what a bar, a bracket, a function is in its place.

One pass with a stack of open brackets, for plain notation and LaTeX alike. It decides by what stands before (an operand
or a sign) and by one look ahead, so that the grammars are LALR(1) without a conflict:

* ``|`` opens where an operand is expected, or where none of its kind is open; else it closes;
* ``<`` opens a vector where an operand is expected; ``[`` close behind an operand is an index;
* a function before its bracket is a CALL, also as in sin^2(x);
* behind a function without brackets, a number before one symbol is a COEFFICIENT: sin 2x, sin 2 pi x.
"""

from __future__ import annotations

import re

from gradcli import ops
from gradcli.errors import GradError, Source, suggest
from gradcli.syntax.declared import Declared
from gradcli.syntax.lexer import Token
from gradcli.syntax.mistakes import CLOSES, OPENS
from gradcli.syntax.names import LETTERS, canonical
from gradcli.syntax.outside import WHAT, outside
from gradcli.syntax.readings import Ledger, Reading

ENDS = frozenset((
    "NAME", "NUMBER", "RPAR", "RSQB", "RBRACE", "_PRIME", "BANG", "_RBAR", "_RNORM", "_RANGLE", "_RFLOOR", "_RCEIL", "_END",
))  # fmt: skip
_SYMBOLS = frozenset(("NAME", "ROOT", "_SQRT", "_FRAC", "RAW_BAR", "_LBAR"))
_BARS = {"RAW_BAR": ("_LBAR", "_RBAR"), "RAW_NORM": ("_LNORM", "_RNORM")}


def arrange(raw: list[Token], source: Source, declared: Declared, ledger: Ledger, indices: bool = True) -> list[Token]:
    """Return the tokens with their final kinds; ``indices``: a [ close behind a name is one."""
    out: list[Token] = []
    opened: list[str] = []
    bars: list[int] = [0]  # how many pairs of bars have been closed at each depth
    script_ends = _script_ends(raw)
    bare_at = -1  # the place where the argument of a function without brackets may begin
    for place, token in enumerate(raw):
        kind, previous = token.kind, out[-1] if out else None
        behind = previous is not None and previous.kind in ENDS
        if kind in _BARS:
            opening, closing = _BARS[kind]
            kind = closing if behind and opened and opened[-1] == opening else opening
            if kind == opening and behind and bars[-1] and previous is not None and previous.kind not in ("_RBAR", "_RNORM"):
                ledger.add(Reading("bars", (token.start, token.end), words="the beginning of a new pair of bars"))
        elif kind == "COMPARE" and token.text == "<" and not behind:
            kind = "_LANGLE"
        elif kind == "COMPARE" and token.text == ">" and behind and opened and opened[-1] == "_LANGLE":
            kind = "_RANGLE"
        elif kind == "LSQB" and indices and previous is not None and previous.kind in ("NAME", "RPAR", "RSQB", "_PRIME", "BANG"):
            near = previous.end == token.start
            if not near and previous.kind == "NAME" and canonical(previous.text) in declared.arrays:
                ledger.add(
                    Reading(
                        "brackets",
                        (previous.start, token.end),
                        words=f"the beginning of an entry of {previous.text}, as in {previous.text}[1]",
                    )
                )
                near = True
            kind = "_INDEX" if near else kind
        elif kind == "FUNCTION":
            after = _behind_script(raw, place + 1, script_ends)
            if raw[after].kind == "LPAR":
                kind = "CALL"
            elif canonical(token.text) in declared.functions:
                raise GradError(
                    "missing-argument", f"{token.text} is a function: it needs an argument in brackets", (token.start, token.end),
                    source=source, hint=f"for example {token.text}(x)",
                )  # fmt: skip
            else:
                bare_at = after
        elif place == bare_at and _is_number(token, declared) and raw[place + 1].kind in _SYMBOLS:
            kind = "COEFFICIENT"
            bare_at = place + 1
        elif kind == "NUMBER" and previous is not None and previous.kind == "NUMBER" and not _may_touch(out, raw[place + 1]):
            raise _two_numbers(previous, token, source)
        if kind == "_PRIME" and raw[place + 1].kind == "LPAR" and previous is not None and previous.kind == "NAME" and not declared.rule:
            raise outside("a derivative written with '", (token.start, token.end), source, "the derivatives are what it computes: write the function")
        if token.text == "x" and previous is not None and previous.kind == raw[place + 1].kind == "NUMBER":
            ledger.add(Reading("times", (token.start, token.end), words="the variable x, not as the sign ×"))
        if kind == "NAME" and raw[place + 1].kind == "LPAR" and not declared.rule and not declared.known(token.text):
            _product_or_call(token, source, declared, ledger)
        if kind in OPENS:
            opened.append(kind)
            bars.append(0)
        elif kind in CLOSES and opened:
            opened.pop()
            bars.pop()
            bars[-1] += kind in ("_RBAR", "_RNORM")
        out.append(token if kind == token.kind else token._replace(kind=kind))
    return out


def _may_touch(before: list[Token], after: Token) -> bool:
    """Tell whether two numbers may stand side by side: the digits of \\frac12, and the base of a power, as in 3 2^x."""
    return after.kind in ("_POWER", "_RAISED") or (len(before) > 1 and before[-2].kind == "_FRAC")


def _is_number(token: Token, declared: Declared) -> bool:
    return token.kind == "NUMBER" or (token.kind == "NAME" and canonical(token.text) == "pi" and not declared.known(token.text))


def _script_ends(raw: list[Token]) -> dict[int, int]:
    """Return, for every round or curly bracket that opens, the place behind its partner."""
    ends: dict[int, int] = {}
    stack: list[int] = []
    for place, token in enumerate(raw):
        if token.kind in ("LBRACE", "LPAR"):
            stack.append(place)
        elif token.kind in ("RBRACE", "RPAR") and stack:
            ends[stack.pop()] = place + 1
    return ends


def _behind_script(raw: list[Token], place: int, ends: dict[int, int]) -> int:
    """Return the place behind the power or base of a function: that of the bracket in sin^2(x)."""
    last = len(raw) - 1
    if raw[place].kind not in ("_POWER", "_SUB"):
        return place
    place = min(place + 1, last)
    if raw[place].kind == "_MINUS":
        place = min(place + 1, last)
    return min(ends.get(place, place + 1), last)


def _product_or_call(name: Token, source: Source, declared: Declared, ledger: Ledger) -> None:
    """Read z(x + y) as a product, with a note; f(x) and word(x) look like functions that nobody knows."""
    key, span = canonical(name.text), (name.start, name.end)
    if key in WHAT:
        raise outside(WHAT[key], span, source)
    if key in ops.CONSTANTS:
        return
    stem = re.split(r"[^A-Za-z]", key)[0]  # i of i0, lambert of lambert_w
    if (len(stem) > 1 and stem not in LETTERS) or (stem in ("f", "g", "h", "F", "G", "H") and key == stem):
        hint = suggest(key, [*ops.CALLS, *declared.functions]) or f"define it first: {name.text}(u) = …; or write {name.text}*(…)"
        raise GradError("unknown-function", f"there is no function called {name.text}", span, source=source, hint=hint)
    ledger.add(Reading("product", span, words=f"a factor, {name.text}*(…), and no function"))


def _two_numbers(left: Token, right: Token, source: Source) -> GradError:
    return GradError(
        "missing-operator", f"an operator is missing between {left.text} and {right.text}", (right.start, right.end), source=source,
        hint=f"for a product write {left.text}*{right.text}",
    )  # fmt: skip
