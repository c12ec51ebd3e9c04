"""How wide a formula of LaTeX will be set, as far as lines have to be broken for it."""

from __future__ import annotations

import re
from functools import lru_cache

LONGEST = 4_000  # characters of LaTeX that can fit no line

_TOKEN = re.compile(r"\\(?:begin|end)\{\w+\}|\\[A-Za-z]+ ?|\\.|[{}&^_]| [=<>+-] |.", re.DOTALL)
_WIDTHS = {r"\left": 0.3, r"\right": 0.3, r"\mathrm": 0, r"\operatorname": 0.3, r"\text": 0, r"\mathbf": 0, r"\mathbb": 0.4,
           r"\cdot": 1.5, r"\odot": 2.5, r"\approx": 2.6, r"\in": 2.4, r"\times": 2.5, r"\le": 2.6, r"\ge": 2.6, r"\sum": 3.0,
           r"\sqrt": 1.7, r"\infty": 2.0, r"\qquad": 4.0, r"\quad": 2.0, r"\,": 0.3, r"\sin": 2.6, r"\cos": 2.8, r"\tan": 2.8,
           r"\ln": 1.8, r"\max": 3.6, r"\min": 3.4, r"\exp": 3.2, r"\top": 1.3, r"\mathbin": 0.5, r"\mathop": 0.3}  # fmt: skip


@lru_cache(maxsize=4096)
def width(tex: str) -> float:
    r"""Estimate how wide a formula is set, in digits: a fraction as its wider half, a matrix as its columns."""
    if len(tex) > LONGEST:
        return float(len(tex))
    total, script, halves, rows = [0.0], [1.0], list[list[float]](), list[list[list[float]]]()
    opened: list[str] = []  # what each open group is: a script, a half of a fraction, or plain
    waiting: list[list[str]] = [[]]  # halves of fractions still to come, in each open group
    small = False
    for token in _TOKEN.findall(tex):
        word = token.rstrip()
        if word == "{":
            kind = "small" if small else waiting[-1].pop() if waiting[-1] else ""
            opened.append(kind)
            waiting.append([])
            total.append(0.0)
            script.append(script[-1] * (0.7 if small else 1))
        elif word == "}" and opened:
            kind, size = opened.pop(), total.pop()
            script.pop()
            waiting.pop()
            if kind == "top":
                halves.append([size])
            elif kind == "bottom":
                total[-1] += max(halves.pop()[0], size) + 0.5
            else:
                total[-1] += size
        elif word.startswith(r"\begin"):
            rows.append([[]])
            total.append(0.0)
        elif word.startswith(r"\end") and rows:
            found = rows.pop()
            found[-1].append(total.pop())
            columns = max(map(len, found))
            total[-1] += 2 + sum(max((row[c] for row in found if c < len(row)), default=0) + 2 for c in range(columns))
        elif word in ("&", r"\\") and rows:
            rows[-1][-1].append(total[-1])
            total[-1] = 0.0
            if word != "&":
                rows[-1].append([])
        elif word in ("\\frac", "\\tfrac", "\\dfrac"):
            waiting[-1] += ["bottom", "top"]
        elif word in ("^", "_"):
            small = True
            continue
        else:
            total[-1] += script[-1] * _letter(token)
        small = False
    return sum(total)


def _letter(token: str) -> float:
    if token[0] == "\\":
        return _WIDTHS.get(token.rstrip(), 1.2)
    if len(token) == 3:
        return 2.6
    return 0.0 if token == " " else 0.8 if token in "()[]|.,:" else 1.1
