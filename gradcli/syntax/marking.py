"""What stands in brackets of a key: the points of a question and how they are given, the points of a part."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

from gradcli.errors import GradError, Source, suggest
from gradcli.wording import said

WHOLE, FOLLOW, EACH = "all or nothing", "follow-through", "per part"
_POINTS = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9}|\s*/\s*[0-9]{1,9})?)\s*points?", re.ASCII)


class Marking(NamedTuple):
    """The points of a question (None: nothing is said of them), and whether they are given whole, and for what follows."""

    points: Fraction | None = None
    whole: bool = False
    follow: bool = False


def marking(source: Source, start: int, end: int, of_question: bool = True) -> Marking:
    """Read what stands between brackets: ``3 points``, or ``4 points, all or nothing``; of a part, its points alone.

    Raises:
        GradError: for what is no option, is said twice, or contradicts what is said.

    """
    points: Fraction | None = None
    said_before: list[str] = []
    begin = start
    for item in source.text[start:end].split(","):
        span = (begin, begin + len(item)) if not item.strip() else (begin + len(item) - len(item.lstrip()), begin + len(item.rstrip()))
        begin += len(item) + 1
        word = " ".join(re.sub("(?<=follow) (?=through)", "-", item.lower()).split())
        if found := _POINTS.fullmatch(word):
            points, word = _fraction(found[1], source, span), "points"
        elif not (of_question and word in (WHOLE, FOLLOW, EACH)):
            raise GradError("syntax", said("{0} is no way to give points", item.strip() or "[]"), span, source=source,
                            hint=suggest(word, [WHOLE, FOLLOW, EACH] if of_question else []) or _known(of_question))  # fmt: skip
        if word in said_before:
            raise GradError("contradiction", said("this is said twice"), span, source=source)
        said_before.append(word)
        if WHOLE in said_before and EACH in said_before:
            raise GradError("contradiction", said("points are given all or nothing, or per part: not both"), span, source=source)
    return Marking(points, WHOLE in said_before, FOLLOW in said_before)


def _known(of_question: bool) -> str:
    if of_question:
        return said("write [3 points], [all or nothing], [follow-through] or [per part], or some of them parted by commas")
    return said("write [2 points] behind what is asked")


def _fraction(written: str, source: Source, span: tuple[int, int]) -> Fraction:
    above, _, below = written.partition("/")
    if below and not int(below):
        raise GradError("not-a-number", said("nothing is divided by 0"), span, source=source)
    return Fraction(above.strip()) / (int(below) if below else 1)
