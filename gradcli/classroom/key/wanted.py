"""What a question of a key asks for, and what each part of it is worth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import NamedTuple

from gradcli.errors import GradError, Source, Span
from gradcli.judge.targets import Target, target_of
from gradcli.judge.truth import Truth
from gradcli.syntax.names import canonical
from gradcli.syntax.worksheet import Answer, Exercise
from gradcli.wording import said


class Wanted(NamedTuple):
    """A part of a question: its target, at which point, where that stands, its own points, and the answers typed for it."""

    target: Target
    place: int
    span: Span
    own: Fraction | None
    typed: list[Answer]

    @property
    def identity(self) -> tuple[int, bool, str]:
        """Return what makes it this part and no other."""
        return self.place, *identity(self.target)


def identity(target: Target) -> tuple[bool, str]:
    """Return what the spellings of a target have in common: ``dx``, ``∂f/∂x`` and ``d f / d x`` are one."""
    return target.partial, canonical(target.name.rpartition("/d")[2] if target.partial else target.name)


def wanted(exercise: Exercise, truths: Sequence[Truth], source: Source) -> list[Wanted]:
    """Return what is asked, point by point in the order of the file; where nothing is said, the partials in all variables.

    Raises:
        GradError: for an unknown target, one that is asked twice, and a point at which nothing is asked.

    """
    found: dict[tuple[int, bool, str], Wanted] = {}
    for asked in exercise.asked:
        for place in range(len(truths)) if asked.point is None else (asked.point,):
            with placed(source, asked.span):
                one = Wanted(target_of(asked.target, truths[place]), place, asked.span, asked.worth, [])
                if one.identity in found:
                    raise GradError("asked-twice", said("{0} is asked twice", asked.target))
            found[one.identity] = one
    for answer in exercise.answers:
        place = answer.point or 0
        start = source.text.rfind(answer.target, 0, answer.span[0])
        span = start, start + len(answer.target)
        with placed(source, span):
            one = Wanted(target_of(answer.target, truths[place]), place, span, None, [])
        found.setdefault(one.identity, one).typed.append(answer)
    if not found:
        found = {one.identity: one for one in _partials(exercise, truths, source)}
    for place in set(range(len(truths))) - {one.place for one in found.values()}:
        raise GradError("nothing-asked", said("nothing is asked at this point"), span_of(exercise.at[place]), source=source,
                        hint=said("what is asked above the first point is asked at every one"))  # fmt: skip
    return sorted(found.values(), key=lambda one: (one.place, one.span))


def _partials(exercise: Exercise, truths: Sequence[Truth], source: Source) -> list[Wanted]:
    span = exercise.statements[-1]
    names = exercise.program.variables
    if not names:
        raise GradError("nothing-asked", said("nothing is asked of this constant"), span, source=source,
                        hint=said("write what is asked, parted by commas: ask q, df/dx [2 points]"))  # fmt: skip
    return [Wanted(target_of(f"d{truth.output}/d{name}", truth), place, span, None, [])
            for place, truth in enumerate(truths) for name in names]  # fmt: skip


def worths(exercise: Exercise, parts: Sequence[Wanted], source: Source) -> list[Fraction]:
    """Return what each part is worth: its own points, or an equal share of those of the question that are left.

    Raises:
        GradError: where the points of the parts contradict those of the question.

    """
    total = exercise.marking.points
    if total is None:
        return [Fraction(1) if one.own is None else one.own for one in parts]
    shared = sum(one.own is None for one in parts)
    left = total - sum((one.own for one in parts if one.own is not None), Fraction(0))
    if left < 0 or (left and not shared) or (shared and total and not left):
        last = [one for one in parts if one.own is not None][-1]
        what = (
            said("nothing is left for the parts without points of their own: the question has {0} points", str(total)) if not left
            else said("the parts are worth {0} points, the question {1}", str(total - left), str(total))
        )  # fmt: skip
        raise GradError("contradiction", what, last.span, source=source)
    return [left / shared if one.own is None else one.own for one in parts]


def span_of(point: dict[str, Span]) -> Span | None:
    """Return where the values of a point stand; nothing where there are none."""
    return (min(start for start, _ in point.values()), max(end for _, end in point.values())) if point else None


@contextmanager
def placed(source: Source, span: Span | None, anyway: tuple[str, ...] = ()) -> Iterator[None]:
    """Give an error that does not know where it stands this place; those of some kinds in any case."""
    try:
        yield
    except GradError as problem:
        if problem.source is None or (problem.span is None and not problem.labels) or (span and problem.kind in anyway):
            problem.source, problem.span, problem.labels = source, span, ()
        raise
