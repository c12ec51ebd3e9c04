"""Follow-through: a wrong answer that is right if the student's own earlier wrong answers are taken for granted.

    values:     v(node) = the student's, where answered wrong; the rest of the tape as always
    gradients:  adjoint[node] = the student's, where answered wrong; passed on by the sweep in place of ours

The first wrong step is the one that follows from nothing. A slip so costs once; one in a step that is not asked costs what first follows
from it. A wrong 0 that follows earns nothing: else the best thing to answer would be what closes every gate.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gradcli.arithmetic.certain import is_zero, known
from gradcli.classroom.grading.replay import Replay, Step, own_numbers
from gradcli.errors import GradError, Source
from gradcli.expr import ZERO, Expr, tape
from gradcli.judge.check import Rules, read_for
from gradcli.judge.targets import Target, target_of
from gradcli.judge.truth import SMOOTH, Truth
from gradcli.limits import Limits
from gradcli.syntax.reader import read
from gradcli.wording import joined


class Origin(NamedTuple):
    """From which of a student's wrong answers another one follows, as in ``q = 4`` (from none: empty), and whether that may earn points."""

    shown: str = ""
    earns: bool = False


def follow(
    truth: Truth, wrong: Sequence[tuple[str, str]], rules: Rules, limits: Limits, latex: bool = False, unasked: int = 0,
    right: Sequence[tuple[str, str]] = (),
) -> list[Origin]:
    """Return for each wrong answer (target, text) of one student at one point from which others it follows.

    The last so many of them are ``unasked``: steps that were shown, but have no points to lose. With those that are ``right``, but rounded,
    a student may have gone on, too.

    An answer follows where it is certain that it is right for what comes before it in the passes: the values in order of
    evaluation, then the gradients in reverse. From a wrong 0 nothing follows: all that comes after it would be trivial.
    """
    out = [Origin()] * len(wrong)
    if truth.broken is not None or len(wrong) < 2:
        return out
    steps = [_step(truth, target, text, limits, latex) for target, text in wrong]
    rounded = [step for target, text in right if (step := _step(truth, target, text, limits, latex)) is not None]
    turns = sorted((step.rank, place) for place, step in enumerate(steps) if step is not None)
    before: list[Step] = []
    free = [step for step in steps[len(steps) - unasked :] if step is not None]
    for _, place in turns:
        step = steps[place]
        assert step is not None
        below = set(tape(step.asked.node))
        own, near = ([other for other in among if other.rank < step.rank and _may_lead(other.asked, step.asked, below)]
                     for among in (before, rounded))  # fmt: skip
        kept = _reasons(Replay(truth, step, rules), own, near)
        trivial = _trivial(truth, step)
        if kept:
            costs = step not in free and any(other in free for other in kept)
            out[place] = Origin(joined(", ", [other.shown for other in kept]), not trivial and not costs)
            free = [other for other in free if not costs or other not in kept]
        if not trivial:
            before.append(step)
    return out


def _may_lead(one: Target, other: Target, below: set[Expr]) -> bool:
    """Tell whether an answer may lead to another, which comes later and is made of the nodes ``below``: it is on the way to it."""
    if one.node is other.node and one.partial is other.partial:
        return False
    if one.partial:
        return one.node not in below and other.node in tape(one.node)
    return other.partial or one.node in below


def _step(truth: Truth, target: str, text: str, limits: Limits, latex: bool) -> Step | None:
    """Read an answer again; None for one that is nowhere in the passes, or no value at all."""
    try:
        asked = target_of(target, truth)
        written = read_for(truth, asked, Source(text), 0, len(text), limits, latex)
        if asked.node not in truth.circuit.order or written.nowhere or written.infinite:
            return None
        if asked.partial and truth.point is not None and truth.status(asked.node).status not in SMOOTH:
            return None
        if written.program is None and truth.point is None:
            written.program = read(Source(written.text), frozenset(), limits)
        if written.program is not None:
            whole = written.root is None or written.root is written.program.output
            written.root = truth.settled(written.program) if whole else written.root
    except GradError:
        return None
    place = truth.circuit.order.index(asked.node)
    return Step(asked, written, (1, -place) if asked.partial else (0, place))


def _trivial(truth: Truth, step: Step) -> bool:
    """Tell whether an answer is 0 in every entry, or has no value that is known."""
    if truth.point is None:
        return step.written.root is ZERO
    found = truth.told(lambda engine: all(is_zero(entry) or not known(entry) for entry in own_numbers(truth, step, engine)))
    return found is not False


def _reasons(replay: Replay, own: list[Step], near: list[Step]) -> list[Step]:
    """Return the fewest of a student's own answers from which a step follows, the first in the passes where there is a choice.

    Those that are only ``near`` the truth, being rounded, are taken as they were written where that is needed; no step follows from them.
    """
    if not own:
        return []
    if replay.follows(own):
        near = []
    elif not near or replay.follows(near) or not replay.follows([*own, *near]):
        return []
    kept = list(own)
    for step in reversed(own):
        rest = [other for other in kept if other is not step]
        if rest and replay.follows([*rest, *near]):
            kept = rest
    return kept
