"""One student → Gradescope's ``results.json`` (its autograder specifications: gradescope-autograders.readthedocs.io/en/latest/specs).

A test is a part. The total is written, too, as it is exactly: a sum of rounded parts can be 4.000001. Every test is visible (one
that is not would hide the student's total, too), so that ``--reveal`` decides what is seen. Names and outputs are declared to be
plain text, in which nothing of what a student wrote is HTML, Markdown or ANSI. Where nothing could be read there are no tests:
then the score is 0, and the output says why.
"""

from __future__ import annotations

from typing import Any

from gradcli.classroom.marks import Graded, decimal
from gradcli.classroom.tally import questions
from gradcli.errors import safe
from gradcli.render.forms import Look
from gradcli.render.grades.logs import document
from gradcli.render.grades.told import Told, number, problems, spot, tell, total


def render(graded: Graded, look: Look, reveal: str) -> str:
    """Return one student's result."""
    marks = [mark for sheet in graded.sheets for mark in sheet.marks]
    right = sum(mark.verdict.verdict == "correct" for mark in marks)
    points, worth = total(mark.points for mark in marks), total(mark.worth for mark in marks)
    lines = [f"{right} of {len(marks)} right, {decimal(points)} of {decimal(worth)} points"]
    lines += [f"could not be read: {safe(spot(problem))}: {safe(problem.message)}" for _, problem in problems(graded)]
    numbers = {name: place for place, name in enumerate(questions(graded.sheets), 1)}
    tests = [_test(told, numbers) for sheet in graded.sheets for told in tell(sheet, reveal)]
    return document({
        "score": number(points),
        "output": "\n".join(lines),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": _numbered(tests),
    })  # fmt: skip


def _test(told: Told, numbers: dict[str, int]) -> dict[str, Any]:
    mark = told.mark
    return {
        "name": safe(name(told)),
        "number": str(numbers[mark.question]),
        "score": number(mark.points),
        "max_score": number(mark.worth),
        "status": "passed" if told.passed else "failed",
        "output": "\n".join(map(safe, [told.answer, told.verdict, *told.drawings()])),
    }


def name(told: Told) -> str:
    """Return the name of a part: its question, its target, and at which point."""
    mark = told.mark
    return f"Question {mark.question}: {mark.target}" + (f" at {mark.where}" if mark.where else "")


def _numbered(tests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Number the parts of each question: 1.1, 1.2, 2.1."""
    counts: dict[str, int] = {}
    for test in tests:
        question = test["number"]
        counts[question] = counts.get(question, 0) + 1
        test["number"] = f"{question}.{counts[question]}"
    return tests
