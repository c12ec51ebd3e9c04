"""The key of a homework: a worksheet with what is asked and what it is worth; the right answers are computed from it."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from gradcli.errors import GradError, Source, Span, safe
from gradcli.judge.check import Rules
from gradcli.judge.targets import Target, target_of
from gradcli.judge.truth import Truth
from gradcli.limits import Limits
from gradcli.operands import contents, standard_input, value_in_sheet
from gradcli.syntax.names import canonical
from gradcli.syntax.worksheet import Exercise, read_worksheet
from gradcli.wording import said


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


class Wanted(NamedTuple):
    """A part of a key while it is read: its target, where that stands, its own points, and the answers typed for it."""

    target: Target
    place: int
    span: Span
    own: Fraction | None
    typed: list[tuple[str, Span]]

    @property
    def identity(self) -> tuple[int, bool, str]:
        """Return what makes it this part and no other."""
        return self.place, *identity(self.target)


def identity(target: Target) -> tuple[bool, str]:
    """Return what two spellings of a target have in common: ``dx``, ``∂f/∂x`` and ``d f / d x`` are one."""
    return target.partial, canonical(target.name.rpartition("/d")[2] if target.partial else target.name)


def folded(name: str) -> str:
    """Return a question's name as it is looked for: ``1 A``, ``1a`` and ``Question 1a`` are one."""
    return "".join(name.split()).casefold().removeprefix("question")


def read_key(given: str | Source, limits: Limits, rules: Rules, latex: bool = False) -> Key:
    """Return a key, from the path of its file, from standard input (``-``) or from a text; it has been checked.

    Raises:
        GradError: for whatever would make a grade wrong: one drawing, and nobody is graded.

    """
    from gradcli.classroom.keycheck import check

    source = given if isinstance(given, Source) else _source(given, limits)
    sheet = read_worksheet(source, limits, judged=True)
    known: dict[str, Exercise] = {}
    items = []
    for exercise in sheet.exercises:
        if (before := known.setdefault(folded(exercise.name), exercise)) is not exercise:
            what = said("question {0} and question {1} are one name", before.name, exercise.name)
            raise GradError("defined-twice", what, exercise.span, source=source)
        item, wanted = _item(exercise, source, limits)
        check(item, wanted, [_span_of(point) for point in exercise.at], source, rules, limits, latex)
        items.append(item)
    return Key(safe(source.name or ""), tuple(items))


def _source(path: str, limits: Limits) -> Source:
    return Source(standard_input(limits), said("standard input")) if path == "-" else Source(contents(path, limits), path)


def _item(exercise: Exercise, source: Source, limits: Limits) -> tuple[Item, list[Wanted]]:
    truths, wheres = [], []
    for point in exercise.at or [{}]:
        bindings = {name: value_in_sheet(source, *span, limits) for name, span in point.items()}
        truths.append(_placed(lambda values=bindings: Truth(exercise.program, values or None, limits), source, _span_of(point)))
        wheres.append(", ".join(f"{name} = {source.text[start:end].strip()}" for name, (start, end) in point.items()))
    wanted = _wanted(exercise, truths, source)
    worths = _worths(exercise, wanted, source)
    parts = tuple(Part(one.target.name, one.place, worth) for one, worth in zip(wanted, worths))
    return Item(exercise.name, tuple(truths), tuple(wheres), parts, exercise.marking.whole, exercise.marking.follow), wanted


def _span_of(point: dict[str, Span]) -> Span | None:
    return (min(start for start, _ in point.values()), max(end for _, end in point.values())) if point else None


def _placed(make, source, span):  # type: ignore[no-untyped-def]
    try:
        return make()
    except GradError as problem:
        if problem.source is None or problem.span is None:
            problem.source, problem.span = source, span
        raise


def _wanted(exercise: Exercise, truths: list[Truth], source: Source) -> list[Wanted]:
    """Return what is asked, point by point, in the order of the file."""
    wanted: dict[tuple[int, bool, str], Wanted] = {}
    for asked in exercise.asked:
        for place in range(len(truths)) if asked.point is None else [asked.point]:
            target = _placed(lambda: target_of(asked.target, truths[place]), source, asked.span)
            one = Wanted(target, place, asked.span, asked.worth, [])
            if one.identity in wanted:
                raise GradError("asked-twice", said("{0} is asked twice", target.name), asked.span, source=source)
            wanted[one.identity] = one
    for answer in exercise.answers:
        place = answer.point or 0
        start = source.text.rfind(answer.target, 0, answer.span[0])
        span = start, start + len(answer.target)
        target = _placed(lambda: target_of(answer.target, truths[place]), source, span)
        one = Wanted(target, place, span, None, [])
        wanted.setdefault(one.identity, one).typed.append((answer.target, answer.span))
    if not wanted:
        for place, truth in enumerate(truths):
            for name in truth.program.variables:
                one = Wanted(target_of(f"d{truth.output}/d{name}", truth), place, exercise.span, None, [])
                wanted[one.identity] = one
    return sorted(wanted.values(), key=lambda one: one.place)


def _worths(exercise: Exercise, wanted: list[Wanted], source: Source) -> list[Fraction]:
    """Return what each part is worth: its own points, or an equal share of what is left of the question's."""
    total, own = exercise.marking.points, sum((one.own for one in wanted if one.own is not None), Fraction(0))
    shared = [one for one in wanted if one.own is None]
    if total is None:
        return [Fraction(1) if one.own is None else one.own for one in wanted]
    left = total - own
    if left < 0 or (left > 0 and not shared) or (left == 0 and shared and total):
        raise GradError("contradiction", said("the points of the parts are not those of the question"), exercise.span, source=source)
    return [left / len(shared) if one.own is None else one.own for one in wanted]
