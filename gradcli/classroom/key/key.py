"""The key of a homework: a worksheet with what is asked and what it is worth; the right answers are computed from it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import NamedTuple

from gradcli.classroom.key.proof import Proof
from gradcli.classroom.key.wanted import placed, span_of, wanted, worths
from gradcli.classroom.slugs import slug
from gradcli.errors import GradError, Source, reason, safe
from gradcli.judge.check import Rules
from gradcli.judge.truth import Truth
from gradcli.limits import Limits
from gradcli.operands.sheets import value_in_sheet
from gradcli.syntax.worksheet import Exercise, read_worksheet
from gradcli.values.files import source_of
from gradcli.wording import said

_ENDING = ".grad"


class Part(NamedTuple):
    """One thing asked of a question: of which target (``df/dx``, ``q``), at which of its points (from 0), and what it is worth."""

    target: str
    place: int
    worth: Fraction


class Item(NamedTuple):
    """One question: its truth at each point (one in symbols where there is no point), what is asked, how points are given.

    ``wheres`` are the points in words, as in ``x = -2, y = 5, z = -4``; ``whole`` says all or nothing; ``follow`` that an answer
    that follows from the student's own wrong one earns its points.
    """

    name: str
    truths: tuple[Truth, ...]
    wheres: tuple[str, ...]
    parts: tuple[Part, ...]
    whole: bool = False
    follow: bool = False

    @property
    def worth(self) -> Fraction:
        """Return the points of the question."""
        return sum((part.worth for part in self.parts), Fraction(0))


class Key(NamedTuple):
    """A key: the name of its file, and its questions in order."""

    name: str
    items: tuple[Item, ...]


def folded(name: str) -> str:
    """Return a question's name as it is looked for: ``1 A``, ``1a`` and ``Question 1a`` are one."""
    return "".join(name.split()).casefold().removeprefix("question")


def read_key(given: str | Source, limits: Limits, rules: Rules, latex: bool = False) -> Key:
    """Return a key, from the path of its file, from standard input (``-``) or from a text; it has been checked.

    Raises:
        GradError: for whatever would make a mark wrong: then nobody is graded.

    """
    source = given if isinstance(given, Source) else source_of(given, limits)
    sheet = read_worksheet(source, limits, judged=True)
    proof = Proof(source, rules, limits, latex)
    known: dict[str, Exercise] = {}
    for exercise in sheet.exercises:
        if (before := known.setdefault(folded(exercise.name), exercise)) is not exercise:
            what = said("question {0} and question {1} are one name", before.name, exercise.name)
            raise GradError("defined-twice", what, exercise.span, source=source)
    return Key(safe(source.name or ""), tuple(_item(exercise, source, limits, proof) for exercise in sheet.exercises))


def _item(exercise: Exercise, source: Source, limits: Limits, proof: Proof) -> Item:
    truths, wheres = [], []
    for point in exercise.at or [{}]:
        values = {name: value_in_sheet(source, *span, limits) for name, span in point.items()}
        with placed(source, span_of(point), anyway=("missing-binding",)):
            truths.append(Truth(exercise.program, values or None, limits))
        wheres.append(", ".join(f"{name} = {safe(source.text[start:end].strip())}" for name, (start, end) in point.items()))
    asked = wanted(exercise, truths, source)
    worth = worths(exercise, asked, source)
    for one in asked:
        proof.check(one, truths[one.place], span_of(exercise.at[one.place]) if exercise.at else None)
    parts = tuple(Part(one.target.name, one.place, points) for one, points in zip(asked, worth))
    return Item(exercise.name, tuple(truths), tuple(wheres), parts, exercise.marking.whole, exercise.marking.follow)


# ---- a key for each student ---------------------------------------------------------------------------------


class Keys(Mapping[str, Key]):
    """The keys of a folder by student, each read when it is asked for: a class has many, and one may have no use for all."""

    def __init__(self, folder: str, limits: Limits, rules: Rules, latex: bool = False) -> None:
        self.folder, self._how = folder, (limits, rules, latex)
        self._paths = {path[: -len(_ENDING)]: os.path.join(folder, path) for path in _sheets(folder)}
        self._read: dict[str, Key] = {}

    def path(self, student: str) -> str:
        """Return where the key of a student is; nothing where there is none. A name never becomes a path: it is looked up."""
        return next((self._paths[name] for name in (student, slug(student)) if name in self._paths), "")

    def __getitem__(self, student: str) -> Key:
        path = self.path(student)
        if not path:
            raise KeyError(student)
        if path not in self._read:
            self._read[path] = read_key(path, *self._how)
        return self._read[path]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._paths))

    def __len__(self) -> int:
        return len(self._paths)

    def __contains__(self, student: object) -> bool:
        return isinstance(student, str) and bool(self.path(student))


def read_keys(folder: str, limits: Limits, rules: Rules, latex: bool = False) -> Keys:
    """Return the keys of a folder: ``folder/<student>.grad``, each read and checked when it is first asked for.

    Raises:
        GradError: if the folder cannot be read, or no key is in it.

    """
    keys = Keys(folder, limits, rules, latex)
    if not keys:
        raise GradError("empty-input", said("there is no key in {0}", folder), hint=said("each student's is named STUDENT.grad"))
    return keys


def _sheets(folder: str) -> list[str]:
    try:
        with os.scandir(folder) as files:
            found = [file.name for file in files if file.is_file(follow_symlinks=False)]
    except OSError as problem:
        raise GradError("cannot-read", said("cannot read {0}: {1}", folder, reason(problem))) from None
    return sorted(name for name in found if name.endswith(_ENDING) and not name.startswith("."))
