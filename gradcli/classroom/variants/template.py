"""The text of a key with other numbers in it: line by line, what is asked below each point, and no answers."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from gradcli.classroom.key.wanted import Wanted
from gradcli.classroom.points.draws import written
from gradcli.classroom.points.spots import Spot
from gradcli.errors import Source
from gradcli.syntax.lalr import Tree, parse
from gradcli.syntax.lexer import tokens
from gradcli.syntax.worksheet import Exercise

_DROPPED = ("answer", "ask", "vary", "student")


class Template:
    """The lines of a key, each with its kind, and the question it belongs to."""

    def __init__(self, source: Source, exercises: Sequence[Exercise]) -> None:
        self.source, self.exercises = source, exercises
        trees = [line for line in parse("worksheet", tokens("worksheet", source), source).children if isinstance(line, Tree)]
        self.lines: list[tuple[int, int, Tree | None]] = []
        start = 0
        for line in source.text.split("\n"):
            own = next((tree for tree in trees if start <= tree.start <= start + len(line)), None)
            self.lines.append((start, start + len(line), own))
            start += len(line) + 1

    def filled(self, student: str, spots: Sequence[Sequence[Spot]], asked: Sequence[Sequence[Wanted]], *, key: bool) -> str:
        """Return a sheet with these points in it, or the key to it; a question without points in it stays as it is.

        A sheet has no comments: they may say too much. Both say below each point what is asked there.
        """
        out = [f"student {student}" if student[:1].isalnum() else f"student: {student}"]
        values = {span: spot[name] for exercise, points in zip(self.exercises, spots)
                  for point, spot in zip(exercise.at, points) for name, span in point.items()}  # fmt: skip
        below = self._below(spots, asked, key)
        untouched = [self._extent(exercise) for exercise, points in zip(self.exercises, spots) if key and not points]
        for start, end, tree in self.lines:
            kept = any(first <= start < last for first, last in untouched) and (tree is None or tree.kind not in ("student", "vary"))
            if tree is None and not key and self.source.text[start:end].strip():
                continue  # a comment
            if tree is None or tree.kind not in _DROPPED or kept:
                out.append(self._replaced(start, end if key or tree is None else tree.end, values))
            if start in below:
                out.append(below[start])
        text = "\n".join(line.rstrip() for line in out).strip("\n") + "\n"
        while "\n\n\n" in text:
            text = text.replace("\n\n\n", "\n\n")
        return text

    def _replaced(self, start: int, end: int, values: dict[tuple[int, int], str]) -> str:
        """Return a line with the values that stand in it replaced."""
        text, last = "", start
        for (first, behind), value in sorted(values.items()):
            if start <= first < end:
                given = self.source.text[first:behind]
                text += self.source.text[last:first] + value + given[len(given.rstrip()) :]
                last = behind
        return text + self.source.text[last : max(end, last)]

    def _below(self, spots: Sequence[Sequence[Spot]], asked: Sequence[Sequence[Wanted]], key: bool) -> dict[int, str]:
        """Return what is asked by the line below which it is said: the last of a point, or of a function without points."""
        out = {}
        for exercise, points, parts in zip(self.exercises, spots, asked):
            if key and not points:
                continue
            for place in range(max(1, len(exercise.at))):
                ends = [end for _, end in exercise.at[place].values()] if exercise.at else [end for _, end in exercise.statements]
                line = max(start for start, _, _ in self.lines if start < max(ends))
                words = ", ".join(_asked(one) for one in parts if one.place == place)
                out[line] = f"ask {words}"
        return out

    def _extent(self, exercise: Exercise) -> tuple[int, int]:
        """Return where a question begins and ends."""
        later = [other.span[0] for other in self.exercises if other.span[0] > exercise.span[0]]
        return exercise.span[0], min(later, default=len(self.source.text) + 1)


def _asked(one: Wanted) -> str:
    return one.target.name if one.own is None else f"{one.target.name} [{_points(one.own)}]"


def _points(worth: Fraction) -> str:
    text = written(worth) if 10**9 % worth.denominator == 0 else str(worth)
    return f"{text} point{'' if worth == 1 else 's'}"
