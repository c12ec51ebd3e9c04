"""What is wrong where a grammar cannot go on: the token it met, in the words of someone who wants to help."""

from __future__ import annotations

from collections.abc import Callable

from gradcli import ops
from gradcli.errors import GradError, Source
from gradcli.syntax.lexer import Token

_WORDS = {
    "NAME": "a name", "NUMBER": "a number", "LPAR": "(", "RPAR": ")", "LSQB": "[", "RSQB": "]", "COMMA": ",", "LBRACE": "{", "RBRACE": "}",
    "_SEP": "the end of the line", "$END": "the end", "_EQUAL": "=", "COLON": ":", "COMPARE": "a comparison", "_RBAR": "|", "_RNORM": "‖",
    "_PLUS": "+", "_MINUS": "-", "_TIMES": "*", "_OVER": "/", "_AT": "@", "_POWER": "^", "_PRIME": "'", "BANG": "!", "_RANGLE": ">",
    "_DOT_TIMES": ".*",
}  # fmt: skip
_SIGNS = frozenset(("_PLUS", "_MINUS", "_TIMES", "_DOT", "_CROSS", "_DOT_TIMES", "_OVER", "_AT", "_POWER", "_EQUAL", "COMPARE"))
_FINAL = frozenset(("$END", "_SEP"))
CLOSES = {
    "RPAR": "LPAR", "RSQB": "LSQB", "RBRACE": "LBRACE", "_RBAR": "_LBAR", "_RNORM": "_LNORM", "_RANGLE": "_LANGLE", "_RFLOOR": "_LFLOOR",
    "_RCEIL": "_LCEIL", "_END": "_BEGIN",
}  # fmt: skip
OPENS = frozenset((*CLOSES.values(), "_INDEX"))
_PARTNER = {"(": ")", "[": "]", "{": "}", "|": "|", "‖": "‖", "<": ">"}


def unexpected(token: Token, actions: dict[str, int], tokens: list[Token], source: Source) -> GradError:
    """Return the error for a token that cannot stand where it stands."""
    span = (token.start, max(token.end, token.start + 1))

    def error(kind: str, message: str, hint: str = "", at: Token | None = None) -> GradError:
        return GradError(kind, message, (at.start, at.end) if at else span, source=source, hint=hint)

    wrong = bracket(tokens, source)
    if wrong is not None:
        return wrong
    if len(tokens) == 1:
        return error("empty-input", "there is no expression here", 'for example: gradcli "(x+y)*z" x=-2 y=5 z=-4')
    place = next(i for i, t in enumerate(tokens) if t is token)
    before = tokens[place - 1] if place else None
    if before is not None and before.kind in ("FUNCTION", "CALL") and token.kind != "_PRIME":
        return _without_argument(before, token, source)
    if token.kind == "_PRIME" and before is not None and before.kind in ("FUNCTION", "CALL"):
        return error(
            "outside",
            "a derivative written with ' is outside this tool",
            "the derivatives are what it computes: write the function",
            at=token,
        )
    alone = _fraction_with_one_argument(tokens, place)
    if alone is not None:
        return error("syntax", f"{alone.text} needs two arguments", f"write {alone.text}{{…}}{{…}}", at=alone)
    if token.kind == "NUMBER" and before is not None and before.kind == "NUMBER":
        return error("missing-operator", f"an operator is missing between {before.text} and {token.text}",
                     f"for a product write {before.text}*{token.text}; a decimal point is a point: {before.text}.{token.text}")  # fmt: skip
    if token.kind == "COMPARE" and any(t.kind == "COMPARE" for t in tokens[:place]):
        return error("comparison", "a comparison has two sides")
    if token.kind == "COMPARE":
        return error("comparison", "a comparison is read only inside where(condition, a, b)", "inequalities are outside this tool")
    if token.kind == "_EQUAL":
        return error("equation", "an = is read only once, after a name or a head such as f(x, y)",
                     "equations are outside this tool: it reads one function")  # fmt: skip
    if token.kind == "COMMA":
        return _comma(tokens, place, error)
    if token.kind == "COLON":
        return error("outside", "a range is outside this tool", "a slice has the form x[2:3]")
    if token.kind in ("RPAR", "RBRACE", "RSQB") and before is not None and before.kind == CLOSES[token.kind]:
        return error("syntax", f"there is nothing between {before.text} and {token.text}")
    what = "the expression ends too early" if token.kind in _FINAL else f"{token.text} cannot stand here"
    if {"NAME", "NUMBER"} <= actions.keys():
        after = f" after {before.text}" if before is not None and before.kind in _SIGNS else ""
        return error("syntax", what, f"expected a number, a name, or a bracket{after}")
    wanted = sorted({_WORDS[kind] for kind in actions if kind in _WORDS and (kind not in _SIGNS or len(actions) < 8)})
    return error("syntax", what, f"expected {', '.join(wanted)}" if wanted and len(wanted) < 8 else "expected an operator or the end")


def _fraction_with_one_argument(tokens: list[Token], place: int) -> Token | None:
    """Return the \\frac whose first argument ends just before a place."""
    at, depth = place - 1, 0
    while at > 0:
        depth += (tokens[at].kind == "RBRACE") - (tokens[at].kind == "LBRACE")
        if depth == 0:
            break
        at -= 1
    return tokens[at - 1] if at > 0 and tokens[at - 1].kind == "_FRAC" else None


def _without_argument(function: Token, token: Token, source: Source) -> GradError:
    name, span = function.text, (function.start, function.end)
    if token.kind in ("_TIMES", "_DOT", "_CROSS", "_OVER"):
        return GradError("missing-argument", f"{name} is a function: it is applied, not multiplied", span, source=source,
                         hint=f"write {name}(…), without {token.text}")  # fmt: skip
    if token.kind == "_MINUS":
        return GradError("missing-argument", f"{name} needs brackets round an argument with a sign", span, source=source,
                         hint=f"write {name}(-…)")  # fmt: skip
    example = "(x, y)" if ops.CALLS.get(name) and all(len(row.formals) > 1 for row in ops.CALLS[name]) else "(x)"
    return GradError(
        "missing-argument", f"{name} is a function: it needs an argument", span, source=source, hint=f"for example {name}{example}"
    )


def _comma(tokens: list[Token], place: int, error: Callable[..., GradError]) -> GradError:
    """Say what a comma that stands alone may have meant: a decimal point, a thousand, a point, an interval."""
    before, after = tokens[place - 1] if place else None, tokens[place + 1]
    if before is not None and before.kind == after.kind == "NUMBER" and after.start == tokens[place].end:
        both = f"{before.text},{after.text}"
        if len(after.text) == 3 and "." not in after.text:
            return error("decimal-comma", f"{both} may be {before.text}.{after.text} or {before.text}{after.text}",
                         f"write {before.text}.{after.text}, or {before.text}{after.text} without the comma")  # fmt: skip
        return error("decimal-comma", "a decimal comma is not read", f"write {before.text}.{after.text}")
    if any(t.kind == "LPAR" for t in tokens[:place]):
        return error("outside", "a point or an interval in round brackets is outside this tool", "a vector is written [x, y]")
    return error("syntax", "a comma stands only between arguments and entries", "a vector is written [x, y]; stages are parted by ;")


def bracket(tokens: list[Token], source: Source) -> GradError | None:
    """Name the bracket that has no partner, if there is one."""
    stack: list[Token] = []
    for token in tokens:
        if token.kind in OPENS:
            stack.append(token)
        elif token.kind in CLOSES:
            if not stack:
                return GradError("unmatched-bracket", f"this {token.text} closes nothing: it has no partner before it",
                                 (token.start, token.end), source=source)  # fmt: skip
            opened = stack.pop()
            if opened.kind != CLOSES[token.kind] and (opened.kind, token.kind) != ("_INDEX", "RSQB"):
                labels = (((opened.start, opened.end), "opened here"), ((token.start, token.end), "closed by this"))
                interval = opened.text + token.text in ("[)", "(]")
                return GradError("unmatched-bracket", f"{opened.text} is closed by {token.text}", labels=labels, source=source,
                                 hint="an interval is outside this tool" if interval else "")  # fmt: skip
    if not stack:
        return None
    opened, count = stack[-1], len(stack)
    more = f" ({count} brackets are open at the end)" if count > 1 else ""
    return GradError("unmatched-bracket", f"this {opened.text} is never closed{more}", (opened.start, opened.end), source=source,
                     hint=_probably(opened, tokens, source))  # fmt: skip


_ENDS = {r"\lvert": r"\rvert", r"\lVert": r"\rVert", r"\lfloor": r"\rfloor", r"\lceil": r"\rceil", r"\langle": r"\rangle", r"\{": r"\}"}


def _probably(opened: Token, tokens: list[Token], source: Source) -> str:
    """Say where the partner is probably missing: at the end of the bracket's line, before what cannot be inside it."""
    if opened.text.startswith(r"\begin"):
        return rf"\end{opened.text.removeprefix(chr(92) + 'begin')} is missing"
    partner = _PARTNER.get(opened.text) or _ENDS.get(opened.text, "its partner")
    place = next(i for i, t in enumerate(tokens) if t is opened)
    stop = next((t for t in tokens[place + 1 :] if t.kind in (*_FINAL, "_EQUAL")), tokens[-1])
    before = tokens[place - 1] if place else opened
    start = before.start if before.kind in ("CALL", "NAME", "_FRAC", "_SQRT") and before.end == opened.start else opened.start
    shown = source.text[start : stop.start].rstrip()
    return f"{partner} is missing" + (f", probably at the end: {shown}{partner}" if len(shown) <= 40 and opened.text in _PARTNER else "")
