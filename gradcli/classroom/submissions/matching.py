"""Which answer of a student is to which part of a key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from gradcli.classroom.key.key import Item, Key, folded
from gradcli.classroom.key.wanted import identity
from gradcli.classroom.marks import Problem
from gradcli.classroom.submissions.files import Submission
from gradcli.classroom.submissions.handed import Entry, told
from gradcli.errors import GradError, Source, safe, suggest
from gradcli.judge.targets import target_of
from gradcli.limits import Limits
from gradcli.nested import plain
from gradcli.syntax.names import canonical
from gradcli.syntax.worksheet import pairs_in
from gradcli.values import parse_value
from gradcli.wording import said

Place = tuple[int, int]  # which question of the key, and which of its parts, both from 0
_NUMBER = re.compile(r"(?:point\s*|at\s*|#\s*)?([0-9]{1,6})", re.IGNORECASE | re.ASCII)


class Matches(NamedTuple):
    """The answer to each part that has one, by its place in the key.

    ``invalid`` are parts that are answered twice: nobody can tell which of the answers counts. ``extra`` are answers to what the
    question has but does not ask for. ``problems`` are the answers to nothing the key knows, and one for each invalid part.
    """

    entries: Mapping[Place, Entry]
    invalid: Mapping[Place, Problem]
    extra: tuple[Entry, ...]
    problems: tuple[Problem, ...]


def match_entries(key: Key, submission: Submission) -> Matches:
    """Return which answer of a submission is to which part of a key; many are matched with one `Matcher`."""
    return Matcher(key).match(submission)


class Matcher:
    """A key by the names of its questions, targets and points; a class answers with the same ones again and again."""

    def __init__(self, key: Key, limits: Limits | None = None) -> None:
        self.key, self.limits = key, limits or Limits()
        self.numbers = {folded(item.name): number for number, item in enumerate(key.items)}
        self.places: dict[tuple[int, int, tuple[bool, str]], Place] = {
            (number, part.place, identity(target_of(part.target, item.truths[part.place]))): (number, k)
            for number, item in enumerate(key.items) for k, part in enumerate(item.parts)
        }  # fmt: skip
        self.target = cache(self._target)
        self.points = cache(self._points)

    def match(self, submission: Submission) -> Matches:
        """Return which answer is to which part; an empty answer is none."""
        found: dict[Place, list[Entry]] = {}
        extra: list[Entry] = []
        problems: list[Problem] = []
        for entry in submission.entries:
            try:
                place = self._place(entry)
            except GradError as problem:
                problems.append(Problem(_file(entry, submission), entry.line, told(problem)))
                continue
            if not entry.source.text[entry.start : entry.end].strip():
                continue
            if place is None:
                extra.append(entry)
            else:
                found.setdefault(place, []).append(entry)
        invalid = {place: _twice(entries, submission) for place, entries in found.items() if len(entries) > 1}
        entries = {place: given[0] for place, given in found.items() if len(given) == 1}
        ordered = sorted(dict.fromkeys([*problems, *invalid.values()]), key=lambda problem: problem[:2])
        return Matches(entries, invalid, tuple(extra), tuple(ordered))

    def spot(self, extra: Entry) -> tuple[int, int] | None:
        """Return the question and the point of an answer to what is not asked; nothing where the point is not said."""
        number = self._question(extra.question)
        item = self.key.items[number]
        points = self.points(number, " ".join(extra.where.split())) if len(item.truths) > 1 else frozenset([0])
        return (number, min(points)) if len(points) == 1 else None

    def _place(self, entry: Entry) -> Place | None:
        """Return the place of an answer; nothing where it is to what is not asked.

        Raises:
            GradError: for an unknown question, target or point, and where it is not said at which of several points.

        """
        number = self._question(entry.question)
        wanted = self.target(number, entry.target)
        item, where = self.key.items[number], " ".join(entry.where.split())
        points = self.points(number, where)
        asked = [place for place in range(len(item.truths)) if (number, place, wanted) in self.places]
        if where and not points and len(item.truths) > 1:
            raise GradError("unknown-point", said("{0} is no point of the question", where), hint=_known_points(item))
        here = [place for place in asked if place in points] if points else asked
        if len(here) > 1:
            raise GradError("unknown-point", said("{0} is asked at several points: say at which", entry.target), hint=_known_points(item))
        return self.places[number, here[0], wanted] if here else None

    def _question(self, name: str) -> int:
        alone = len(self.key.items) == 1
        number = self.numbers.get(folded(name))
        if number is not None:
            return number
        if alone and (not folded(name) or (not self.key.items[0].name and folded(name) == "1")):
            return 0
        known = [item.name for item in self.key.items]
        if not folded(name):
            raise GradError("unknown-name", said("this answer does not say to which question"), hint=_known_questions(known))
        hint = suggest(name, known) or _known_questions(known)
        raise GradError("unknown-name", said("there is no question {0}", name), hint=hint)

    def _target(self, number: int, written: str) -> tuple[bool, str]:
        return identity(target_of(written, self.key.items[number].truths[0]))

    def _points(self, number: int, where: str) -> frozenset[int]:
        """Return the points that may be meant: none where nothing is said, or where it is no point of the question.

        Raises:
            GradError: for a number that no point has, and for values that cannot be read.

        """
        item = self.key.items[number]
        if found := _NUMBER.fullmatch(where):
            if not 1 <= int(found[1]) <= len(item.truths):
                raise GradError("unknown-point", said("there is no point {0}", found[1]), hint=_known_points(item))
            return frozenset([int(found[1]) - 1])
        alike = [place for place, point in enumerate(item.wheres) if _bare(point) == _bare(where)]
        if not where or len(item.truths) == 1 or len(alike) == 1:
            return frozenset(alike if where else ())
        source = Source(where)
        given = {canonical(name): plain(parse_value(source, self.limits, *span).value) for name, span in pairs_in(source, 0, len(where))}
        points = [{canonical(name): plain(value.value) for name, value in (truth.bindings or {}).items()} for truth in item.truths]
        return frozenset(
            place for place, point in enumerate(points) if all(name in point and point[name] == value for name, value in given.items())
        )


def _bare(point: str) -> str:
    return "".join(point.split())


def _file(entry: Entry, submission: Submission) -> str:
    return safe(entry.source.name or submission.file)


def _twice(entries: list[Entry], submission: Submission) -> Problem:
    """Return what is said of a part that is answered more than once: where."""
    files = {_file(entry, submission) for entry in entries}
    places = [f"{_file(entry, submission)}:{entry.line}" if len(files) > 1 else str(entry.line) for entry in entries]
    message = said("{0} is answered twice, in lines {1}: none of it counts", entries[0].target, ", ".join(places))
    return Problem(_file(entries[-1], submission), entries[-1].line, message)


def _known_questions(names: list[str]) -> str:
    if len(names) == 1 and names[0]:
        return said("there is only question {0}", names[0])
    return said("the questions are {0}", ", ".join(names)) if any(names) else said("the key has one question, without a name")


def _known_points(item: Item) -> str:
    if len(item.truths) == 1:
        return said("the question has one point")
    return said("the points are {0}", "; ".join(f"{number}: {where}" for number, where in enumerate(item.wheres, 1)))
