"""A graded class → JSON, schema ``gradcli/grade/1``.

::

    schema    "gradcli/grade/1"
    key       the name of the key's file
    verdict   "correct", "incorrect", "invalid", "unanswered" or "undecided": the gravest of all
    counts    how many parts have each verdict
    students  [{student, file, verdict, points, worth,
                questions  [{question, points, worth}],
                parts      [{question, at, line, points, worth, follows, …}],
                problems   [{file, line, message}]}]
    problems  [{file, line, message}]: what could not be read, and belongs to no student

A part has, beside its question, the point ``at`` which it is asked if its question has several, the ``line`` of its file where
the answer stands (null: there is none), and the answer of the student's own that it ``follows`` from, every field of an answer
in ``gradcli/check/1``: ``target``, ``given``, ``expected``, ``verdict``, ``error``, ``where``, ``hint``, ``rule``, ``witness``,
``method``, ``notes``, and ``diagnosis`` {step, kind, says}. What ``--reveal`` holds back is null. Students stand in the order
of their names. Points are numbers, to six places; ``points`` of a student is the sum of what they are exactly.
"""

from __future__ import annotations

from typing import Any

from gradcli.classroom.marks import EXIT, Graded, Problem, Sheet
from gradcli.classroom.tally import scores
from gradcli.render.forms import Look
from gradcli.render.grades.logs import document
from gradcli.render.grades.told import Told, number, tell

SCHEMA = "gradcli/grade/1"


def render(graded: Graded, look: Look, reveal: str) -> str:
    """Return a class as one JSON document."""
    return document({
        "schema": SCHEMA,
        "key": graded.key,
        "verdict": graded.verdict,
        "counts": {verdict: graded.count(verdict) for verdict in EXIT},
        "students": [_student(sheet, reveal) for sheet in graded.sheets],
        "problems": list(map(_problem, graded.problems)),
    })  # fmt: skip


def _student(sheet: Sheet, reveal: str) -> dict[str, Any]:
    return {
        "student": sheet.student,
        "file": sheet.file,
        "verdict": sheet.verdict,
        "points": number(sheet.points),
        "worth": number(sheet.worth),
        "questions": [
            {"question": name, "points": number(score.points), "worth": number(score.worth)} for name, score in scores(sheet).items()
        ],
        "parts": [_part(told, reveal) for told in tell(sheet, reveal)],
        "problems": list(map(_problem, sheet.problems)),
    }  # fmt: skip


def _part(told: Told, reveal: str) -> dict[str, Any]:
    mark = told.mark
    return {
        "question": mark.question,
        "at": mark.where or None,
        "line": mark.line or None,
        "points": number(mark.points),
        "worth": number(mark.worth),
        "follows": (mark.follows or None) if reveal != "verdict" else None,
        **told.seen,
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {"file": problem.file, "line": problem.line or None, "message": problem.message}
