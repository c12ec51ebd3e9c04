"""Which answer of a student is to which part of a key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from gradcli.classroom.key import Key, folded
from gradcli.classroom.marks import Problem
from gradcli.classroom.submissions import Entry, Submission
from gradcli.classroom.wanted import identity
from gradcli.errors import GradError
from gradcli.judge.targets import target_of
from gradcli.wording import said

Place = tuple[int, int]  # which question of the key, and which of its parts, both from 0


class Matches(NamedTuple):
    """The answer to each part that has one; the parts that cannot be judged, as they are answered twice; answers to what is not asked.

    ``problems`` are the answers to nothing the key knows, and those given twice (each of ``invalid`` is among them).
    """

    entries: Mapping[Place, Entry]
    invalid: Mapping[Place, Problem]
    extra: tuple[Entry, ...]
    problems: tuple[Problem, ...]


def match_entries(key: Key, submission: Submission) -> Matches:
    """Return which answer is to which part."""
    entries: dict[Place, Entry] = {}
    invalid: dict[Place, Problem] = {}
    extra: list[Entry] = []
    problems: list[Problem] = []
    numbers = {folded(item.name): number for number, item in enumerate(key.items)}
    for entry in submission.entries:
        number = numbers.get(folded(entry.question), 0 if len(key.items) == 1 else -1)
        if number < 0:
            problems.append(Problem(submission.file, entry.line, said("there is no question {0}", entry.question)))
            continue
        item = key.items[number]
        try:
            wanted = identity(target_of(entry.target, item.truths[0]))
        except GradError as problem:
            problems.append(Problem(submission.file, entry.line, problem.message))
            continue
        places = [
            (number, k) for k, part in enumerate(item.parts)
            if identity(target_of(part.target, item.truths[part.place])) == wanted
            and (len(item.truths) == 1 or item.wheres[part.place].replace(" ", "") == entry.where.replace(" ", ""))
        ]  # fmt: skip
        if not places:
            extra.append(entry)
        elif places[0] in entries or places[0] in invalid:
            problem_ = Problem(submission.file, entry.line, said("{0} is answered twice", entry.target))
            entries.pop(places[0], None)
            invalid[places[0]] = problem_
            problems.append(problem_)
        else:
            entries[places[0]] = entry
    return Matches(entries, invalid, tuple(extra), tuple(problems))
