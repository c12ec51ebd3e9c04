"""One student → PrairieLearn's ``results.json`` (its documentation: prairielearn.readthedocs.io/en/latest/externalGrading).

``score`` lies between 0 and 1; ``tests`` are what ``<pl-external-grader-results>`` shows. Where nothing at all could be read the
submission is not ``gradable``, and ``format_errors`` say why: it then costs the student no attempt. The platform shows messages
through a converter of ANSI escapes, and if that fails as HTML; so there are no escapes in what a student wrote. It takes 1 MB:
where answers are longer than that they are left out, and then what is said of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradcli.classroom.marks import Graded, decimal
from gradcli.errors import safe
from gradcli.judge.verdict import INVALID, UNANSWERED
from gradcli.render.forms import Look
from gradcli.render.grades.gradescope import name
from gradcli.render.grades.logs import document
from gradcli.render.grades.told import Told, number, problems, spot, tell, total

_MOST_BYTES = 1_000_000
_TOO_LONG = "the answers are too long to be shown here"


def render(graded: Graded, look: Look, reveal: str) -> str:
    """Return one student's result."""
    parts = [told for sheet in graded.sheets for told in tell(sheet, reveal)]
    errors = [f"{safe(spot(problem))}: {safe(problem.message)}" for _, problem in problems(graded)]
    errors += [f"{safe(name(told))}: {safe(told.why)}" for told in parts if told.seen["verdict"] == INVALID]
    if errors and all(told.seen["verdict"] in (INVALID, UNANSWERED) for told in parts):
        return _fitting([{"gradable": False, "format_errors": kept} for kept in (errors, [_TOO_LONG])])
    points, worth = total(told.mark.points for told in parts), total(told.mark.worth for told in parts)
    right = sum(told.seen["verdict"] == "correct" for told in parts)
    result = {
        "gradable": True,
        "score": number(points / worth) if worth else 0,
        "message": f"{right} of {len(parts)} right, {decimal(points)} of {decimal(worth)} points",
        "output": "\n".join(errors),
    }
    tests = list(map(_test, parts))
    short = [{field: text for field, text in test.items() if field != "output"} for test in tests]
    return _fitting([{**result, "tests": tests}, {**result, "tests": short}, {**result, "output": _TOO_LONG}])


def _fitting(results: Sequence[dict[str, Any]]) -> str:
    """Return the first of results that the platform takes, else the last."""
    texts = map(document, results)
    return next((text for text in texts if len(text.encode()) <= _MOST_BYTES), document(results[-1]))


def _test(told: Told) -> dict[str, Any]:
    mark = told.mark
    return {
        "name": safe(name(told)),
        "points": number(mark.points),
        "max_points": number(mark.worth),
        "message": safe(told.verdict),
        "output": "\n".join(map(safe, [told.answer, *told.drawings()])),
    }
