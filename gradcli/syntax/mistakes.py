"""What is wrong where a grammar cannot go on: the token it met, in the words of someone who wants to help."""

from __future__ import annotations

from gradcli import ops
from gradcli.errors import GradError, Source
from gradcli.light import Callable
from gradcli.syntax.arrange import CLOSES, OPENS
from gradcli.syntax.lexer import Token
from gradcli.wording import joined, said

_WORDS = {
    "NAME": said("a name"), "NUMBER": said("a number"), "COMPARE": said("a comparison"), "_SEP": said("the end of the line"),
    "$END": said("the end"), "LPAR": "(", "RPAR": ")", "LSQB": "[", "RSQB": "]", "COMMA": ",", "LBRACE": "{", "RBRACE": "}",
    "_EQUAL": "=", "COLON": ":", "_RBAR": "|", "_RNORM": "‖",
    "_PLUS": "+", "_MINUS": "-", "_TIMES": "*", "_OVER": "/", "_AT": "@", "_POWER": "^", "_PRIME": "'", "BANG": "!", "_RANGLE": ">",
    "_DOT_TIMES": ".*",
}  # fmt: skip
_SIGNS = frozenset(("_PLUS", "_MINUS", "_TIMES", "_DOT", "_CROSS", "_DOT_TIMES", "_OVER", "_AT", "_POWER", "_EQUAL", "COMPARE"))
_FINAL = frozenset(("$END", "_SEP"))
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
        return error("empty-input", said("there is no expression here"), said('for example: gradcli "(x+y)*z" x=-2 y=5 z=-4'))
    place = next(i for i, t in enumerate(tokens) if t is token)
    before = tokens[place - 1] if place else None
    if before is not None and before.kind in ("FUNCTION", "CALL") and token.kind != "_PRIME":
        return _without_argument(before, token, source)
    if token.kind == "_PRIME" and before is not None and before.kind in ("FUNCTION", "CALL"):
        return error(
            "outside",
            said("a derivative written with ' is outside this tool"),
            said("the derivatives are what it computes: write the function"),
            at=token,
        )
    alone = _fraction_with_one_argument(tokens, place)
    if alone is not None:
        return error("syntax", said("{0} needs two arguments", alone.text), said("write {0}{…}{…}", alone.text), at=alone)
    if token.kind == "NUMBER" and before is not None and before.kind == "NUMBER":
        return error("missing-operator", said("an operator is missing between {0} and {1}", before.text, token.text),
                     said("for a product write {0}*{1}; a decimal point is a point: {0}.{1}", before.text, token.text))  # fmt: skip
    if token.kind == "COMPARE" and any(t.kind == "COMPARE" for t in tokens[:place]):
        return error("comparison", said("a comparison has two sides"))
    if token.kind == "COMPARE":
        return error("comparison", said("a comparison is read only inside where(condition, a, b)"),
                     said("inequalities are outside this tool"))  # fmt: skip
    if token.kind == "_EQUAL":
        return error("equation", said("an = is read only once, after a name or a head such as f(x, y)"),
                     said("equations are outside this tool: it reads one function"))  # fmt: skip
    if token.kind == "COMMA":
        return _comma(tokens, place, error)
    if token.kind == "COLON":
        return error("outside", said("a range is outside this tool"), said("a slice has the form x[2:3]"))
    if token.kind in ("RPAR", "RBRACE", "RSQB") and before is not None and before.kind == CLOSES[token.kind]:
        return error("syntax", said("there is nothing between {0} and {1}", before.text, token.text))
    what = said("the expression ends too early") if token.kind in _FINAL else said("{0} cannot stand here", token.text)
    if {"NAME", "NUMBER"} <= actions.keys():
        operand = said("expected a number, a name, or a bracket")
        behind = before is not None and before.kind in _SIGNS
        return error("syntax", what, said("{0} after {1}", operand, before.text) if behind and before is not None else operand)
    wanted = sorted({_WORDS[kind] for kind in actions if kind in _WORDS and (kind not in _SIGNS or len(actions) < 8)})
    few = 0 < len(wanted) < 8
    return error("syntax", what, said("expected {0}", joined(", ", wanted)) if few else said("expected an operator or the end"))


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
        return GradError("missing-argument", said("{0} is a function: it is applied, not multiplied", name), span, source=source,
                         hint=said("write {0}(…), without {1}", name, token.text))  # fmt: skip
    if token.kind == "_MINUS":
        return GradError("missing-argument", said("{0} needs brackets round an argument with a sign", name), span, source=source,
                         hint=said("write {0}(-…)", name))  # fmt: skip
    example = "(x, y)" if ops.CALLS.get(name) and all(len(row.formals) > 1 for row in ops.CALLS[name]) else "(x)"
    return GradError(
        "missing-argument", said("{0} is a function: it needs an argument", name), span, source=source,
        hint=said("for example {0}", name + example),
    )


def _comma(tokens: list[Token], place: int, error: Callable[..., GradError]) -> GradError:
    """Say what a comma that stands alone may have meant: a decimal point, a thousand, a point, an interval."""
    before, after = tokens[place - 1] if place else None, tokens[place + 1]
    if before is not None and before.kind == after.kind == "NUMBER" and after.start == tokens[place].end:
        both = f"{before.text},{after.text}"
        if len(after.text) == 3 and "." not in after.text:
            return error("decimal-comma", said("{0} may be {1}.{2} or {1}{2}", both, before.text, after.text),
                         said("write {0}.{1}, or {0}{1} without the comma", before.text, after.text))  # fmt: skip
        return error("decimal-comma", said("a decimal comma is not read"), said("write {0}.{1}", before.text, after.text))
    if any(t.kind == "LPAR" for t in tokens[:place]):
        return error("outside", said("a point or an interval in round brackets is outside this tool"), said("a vector is written [x, y]"))
    return error("syntax", said("a comma stands only between arguments and entries"),
                 said("a vector is written [x, y]; stages are parted by ;"))  # fmt: skip


def bracket(tokens: list[Token], source: Source) -> GradError | None:
    """Name the bracket that has no partner, if there is one."""
    stack: list[Token] = []
    for token in tokens:
        if token.kind in OPENS:
            stack.append(token)
        elif token.kind in CLOSES:
            if not stack:
                return GradError("unmatched-bracket", said("this {0} closes nothing: it has no partner before it", token.text),
                                 (token.start, token.end), source=source)  # fmt: skip
            opened = stack.pop()
            if opened.kind != CLOSES[token.kind] and (opened.kind, token.kind) != ("_INDEX", "RSQB"):
                labels = (((opened.start, opened.end), said("opened here")), ((token.start, token.end), said("closed by this")))
                interval = opened.text + token.text in ("[)", "(]")
                return GradError("unmatched-bracket", said("{0} is closed by {1}", opened.text, token.text), labels=labels, source=source,
                                 hint=said("an interval is outside this tool") if interval else "")  # fmt: skip
    if not stack:
        return None
    opened, count = stack[-1], len(stack)
    what = said("this {0} is never closed", opened.text)
    if count > 1:
        what = said("{0} ({1} brackets are open at the end)", what, count)
    return GradError("unmatched-bracket", what, (opened.start, opened.end), source=source,
                     hint=_probably(opened, tokens, source))  # fmt: skip


_ENDS = {r"\lvert": r"\rvert", r"\lVert": r"\rVert", r"\lfloor": r"\rfloor", r"\lceil": r"\rceil", r"\langle": r"\rangle", r"\{": r"\}"}


def _probably(opened: Token, tokens: list[Token], source: Source) -> str:
    """Say where the partner is probably missing: at the end of the bracket's line, before what cannot be inside it."""
    if opened.text.startswith(r"\begin"):
        return said("{0} is missing", rf"\end{opened.text.removeprefix(chr(92) + 'begin')}")
    partner = _PARTNER.get(opened.text) or _ENDS.get(opened.text, said("its partner"))
    place = next(i for i, t in enumerate(tokens) if t is opened)
    stop = next((t for t in tokens[place + 1 :] if t.kind in (*_FINAL, "_EQUAL")), tokens[-1])
    before = tokens[place - 1] if place else opened
    start = before.start if before.kind in ("CALL", "NAME", "_FRAC", "_SQRT") and before.end == opened.start else opened.start
    shown = source.text[start : stop.start].rstrip()
    missing = said("{0} is missing", partner)
    return said("{0}, probably at the end: {1}", missing, shown + partner) if len(shown) <= 40 and opened.text in _PARTNER else missing
