"""A graded class → lines for scripts: student, question, point, target, answer, verdict, points, worth and why, tabs between.

What could not be read has a line with the verdict ``invalid``, without question and points.
"""

from __future__ import annotations

from gradcli.classroom.marks import Graded
from gradcli.render.forms import Look
from gradcli.render.grades.logs import harmless
from gradcli.render.grades.told import number, problems, spot, tell


def render(graded: Graded, look: Look, reveal: str) -> str:
    """Return one line a part; no cell has a tab or a line of its own."""
    rows: list[tuple[object, ...]] = []
    for sheet in graded.sheets:
        for told in tell(sheet, reveal):
            mark, seen = told.mark, told.seen
            asked = (sheet.student, mark.question, mark.where, mark.target, seen["given"])
            rows.append((*asked, seen["verdict"], number(mark.points), number(mark.worth), told.why))
    for student, problem in problems(graded):
        rows.append((student, *[""] * 4, "invalid", "", "", f"{spot(problem)}: {problem.message}"))
    return "".join("\t".join(harmless(str(cell)) for cell in row) + "\n" for row in rows)
