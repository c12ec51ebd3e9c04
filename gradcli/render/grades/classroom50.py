"""One student → Classroom 50's ``result.json``, schema ``classroom50/result/v1`` (github.com/foundation50/classroom50, ``schemas/``).

What the platform wants to read again it says in the environment (its wiki, "Advanced Autograding"): the table below. The instant
of the submission is in the name of its tag. Scores are whole numbers there: where points are fractions every score is in units
of their common denominator, so that 2/3 of a point of 5 is 2 of 15. The platform takes any exit code but 0 for a failure of the
grader itself, so this goes with ``--exit-zero``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from math import lcm
from typing import Any

from gradcli.classroom.marks import Graded
from gradcli.errors import GradError, safe
from gradcli.render.forms import Look
from gradcli.render.grades.gradescope import name
from gradcli.render.grades.logs import document
from gradcli.render.grades.told import Told, problems, spot, tell
from gradcli.wording import said

SCHEMA = "classroom50/result/v1"
_MUST = {
    "classroom":  ("CLASSROOM",),
    "assignment": ("ASSIGNMENT",),
    "submission": ("SUBMISSION_TAG",),
    "commit":     ("COMMIT_URL",),
    "release":    ("RELEASE_URL",),
    "review":     ("REVIEW_URL", "COMMIT_URL"),
}  # fmt: skip
_MAY = {"assignment_type": ("ASSIGNMENT_TYPE",), "owner": ("OWNER", "USERNAME")}  # the platform writes them itself, after us
_INSTANT = re.compile(r"submit/(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)Z")


def render(graded: Graded, look: Look, reveal: str, environment: Mapping[str, str]) -> str:
    """Return one student's result.

    Raises:
        GradError: if the environment does not say which submission this is.

    """
    parts = [told for sheet in graded.sheets for told in tell(sheet, reveal)]
    unit = lcm(*(points.denominator for told in parts for points in (told.mark.points, told.mark.worth)))
    tests = [_test(told, unit) for told in parts]
    tests += [
        {"test-name": safe(f"{spot(problem)}: {problem.message}"), "passed": False, "score": 0, "max-score": 0}
        for _, problem in problems(graded)
    ]
    return document({
        "schema": SCHEMA,
        **_header(environment),
        "score": sum(test["score"] for test in tests),
        "max-score": sum(test["max-score"] for test in tests),
        "tests": tests,
    })  # fmt: skip


def _header(environment: Mapping[str, str]) -> dict[str, str]:
    found = {field: _first(environment, variables) for field, variables in (_MUST | _MAY).items()}
    for field, variables in _MUST.items():
        if not found[field]:
            raise GradError("bad-usage", said("--report {0}: the environment has no {1}", "classroom50", variables[-1]),
                            hint=said("the platform sets it where it runs an autograder"))  # fmt: skip
    instant = _INSTANT.match(found["submission"])
    if instant:
        found["datetime"] = f"{instant[1]}T{instant[2]}:{instant[3]}:{instant[4]}Z"
    return {field: safe(text) for field, text in found.items() if text}


def _first(environment: Mapping[str, str], variables: tuple[str, ...]) -> str:
    return next((environment[variable] for variable in variables if environment.get(variable)), "")


def _test(told: Told, unit: int) -> dict[str, Any]:
    return {
        "test-name": safe(name(told)),
        "passed": told.passed,
        "score": _whole(told.mark.points, unit),
        "max-score": _whole(told.mark.worth, unit),
        "message": safe(told.verdict),
        "output": safe(told.answer),
    }


def _whole(points: Fraction, unit: int) -> int:
    return int(points * unit)
