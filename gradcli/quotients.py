"""The slopes of a function of one number, from its values alone: no rule of the table is used.

Two methods. Where the function is analytic, a complex step; elsewhere one-sided quotients of balls, with a test that the
remainder of Taylor's formula falls as it should, R(h/2) = R(h)/4 where there is a second derivative:

    f'(x) = Im f(x + ih)/h + O(h²)              R(h) = |f(x ± h) - f(x) ∓ h·f'(x±)| = O(h²)
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

from flint import acb, arb, fmpq, fmpz

from gradcli.arithmetic import evaluate
from gradcli.arithmetic.ball import Ball
from gradcli.arithmetic.certain import ONE, UNDEFINED, UNKNOWN, ZERO, Number, ball_of, known, precision
from gradcli.arithmetic.complex import Complex, Stepped
from gradcli.arithmetic.winners import TIE, Winner, Winners
from gradcli.expr import Expr
from gradcli.notation.text import PLAIN, text
from gradcli.wording import said

SHARP, LEAST = arb(2) ** -45, arb(2) ** -1074
# Bits of a complex h. Two that agree bound the truncation; so far apart, because sqrt(x^2 + 1e-200) is i·h for a great h.
COMPLEX_STEPS = (200, 1300, 2600)
# Bits of the widest real h; the slope is taken at the third power of it. So narrow, because what looks like a kink from
# afar may be none, as in sqrt(x^2 + 1e-200), and because at 2^-16 the second derivative would hide an error of 1e-6.
REAL_STEPS = (384, 1100)
WIDTHS = 7  # how many h, each half the one before, the remainder is watched over


class Side(NamedTuple):
    """What a function does to one side: it has a slope, is steep beyond any, jumps, has no value, or cannot be told."""

    kind: str
    slope: arb = UNKNOWN
    error: arb = UNKNOWN
    why: str = ""


class Along:
    """A function of one number: the root of a tape as the target moves, as a whole, in one entry, or in a direction."""

    def __init__(self, order: list[Expr], root: Expr, environment: dict[Expr, Any], target: Expr, index: Any, arrays: Any) -> None:
        self.order, self.root, self.target, self.index, self.arrays = order, root, target, index, arrays
        self.environment = environment

    def _start(self, lift: Callable[[Number, Number], Any]) -> dict[Expr, Any]:
        env, index = dict(self.environment), self.index
        if self.target not in env:
            env[self.target] = evaluate(self.order, dict(env), self.arrays(Ball()))[self.target]
        x = env[self.target]
        if index is None:
            env[self.target] = lift(x, ONE)
            return env
        env[self.target] = x = x.copy()
        if isinstance(index, tuple):
            x[index] = lift(x[index], ONE)
        else:
            for k in range(x.size):
                x.flat[k] = lift(x.flat[k], index.flat[k])
        return env

    def beside(self, h: fmpq) -> Any:
        """Return f(x + ih)."""
        env = self._start(lambda x, d: Stepped(x, acb(arb(ball_of(x)), arb(h * d))))
        return evaluate(self.order, env, self.arrays(Complex()))[self.root]

    def at(self, h: fmpq) -> tuple[Number, dict[Expr, list[Winner]]]:
        """Return f(x + h), and who won in each node on the way."""
        env, scalar = self._start(lambda x, d: ball_of(x) + h * d if h else x), Winners()
        arithmetic, winners = self.arrays(scalar), dict[Expr, list[Winner]]()
        for node in self.order:
            scalar.seen = []
            evaluate([node], env, arithmetic)
            winners[node] = scalar.seen
        return ball_of(env[self.root]), winners


def _power(bits: int) -> fmpq:
    return fmpq(1, fmpz(1) << bits)


def _settled(slope: arb, error: arb) -> bool:
    return bool(error <= SHARP * abs(slope)) or bool(abs(slope) + error < LEAST)


def _or_zero(slope: arb, error: arb) -> arb:
    return slope if abs(slope) > 4 * error else arb(0)


def by_complex_step(along: Along) -> Side | None:
    """Return Im f(x + ih)/h once two steps agree; None where the function is not analytic or they never do."""
    before = None
    for bits in COMPLEX_STEPS:
        with precision(2 * bits + 200):
            value = along.beside(_power(bits))
            if not isinstance(value, Stepped):
                return Side("slope", arb(0), arb(0), said("nothing depends on it here")) if known(value) else None
            if value.edge:
                return None
            slope = value.there.imag * 2**bits
            if before is not None and slope.is_finite():
                error = abs(slope - before).upper()
                if _settled(slope, error):
                    return Side("slope", _or_zero(slope, error), error, said("at h = 2^-{0}", bits))
            before = slope
    return None


def by_remainders(along: Along) -> tuple[Side, Side]:
    """Return both sides at the widest h where no kink is nearby and the quotients settle."""
    sides = {-1: Side("unknown", why=said("not tried")), 1: Side("unknown", why=said("not tried"))}
    for bits in REAL_STEPS:
        with precision(6 * bits + 128):
            start = along.at(ZERO)[0]
            for sign, side in sides.items():
                if side.kind == "unknown":
                    sides[sign] = _one_side(along, sign, bits, start)
    return sides[-1], sides[1]


def _changes(winners: list[list[Winner]]) -> bool:
    """Tell whether a decision has two winners on one side of the point: a kink nearby, but not at it."""
    return any(len({winner for winner in each if winner != TIE}) > 1 for each in zip(*winners))


def _one_side(along: Along, sign: int, bits: int, start: Number) -> Side:
    widths = [_power(bits + k) for k in range(WIDTHS)] + [_power(3 * bits - 1), _power(3 * bits)]
    moved = [along.at(sign * h) for h in widths]
    if changing := next((node for node in along.order if _changes([winners[node] for _, winners in moved])), None):
        shown = text(changing, PLAIN, limit=60) or said("a condition")
        return Side("unknown", why=said("{0} changes its winner within 2^-{1}", shown, bits))
    values = [value for value, _ in moved]
    if all(value is UNDEFINED for value in values):
        return Side("none", why=said("it has no value"))
    if not all(map(known, values)) or not known(start):
        return Side("unknown", why=said("a value is not known within 2^-{0}", bits))
    rises = [arb(value - start) for value in values]
    wider, slope = (sign * rise / arb(h) for rise, h in zip(rises[-2:], widths[-2:]))
    if slope.rad() > SHARP * (1 + abs(slope)):
        return Side("unknown", why=said("a value is not known finely enough within 2^-{0}: which branch counts is not decided", bits))
    rests = [abs(rise - sign * slope * arb(h)) for rise, h in zip(rises[:WIDTHS], widths)]
    falls = [float(((a / b).log() / arb(2).log()).mid()) for a, b in pairwise(rests) if a > 0 and b > 0]
    order = min(falls, default=2.0)
    last = bits == REAL_STEPS[-1]
    if order > 1.02:
        error = (abs(slope - wider) / (arb(2) ** (order - 1) - 1) + slope.rad()).upper()
        how = said("the remainder falls as h^{0}", f"{order:.3g}") if falls else said("there is no remainder")
        if _settled(slope, error) or (last and abs(slope) + error < arb(2) ** -100):
            return Side("slope", _or_zero(slope, error), error, said("{0} at h = 2^-{1}", how, bits))
    elif last and abs(rises[-1]) > abs(rises[0]) / 2:
        return Side("jump", why=said("it jumps"))
    elif last and abs(slope) > 1.5 * abs(rises[WIDTHS - 1] / arb(widths[WIDTHS - 1])):
        return Side("steep", arb.pos_inf() if slope > 0 else arb.neg_inf(), arb(0), said("its quotients grow without end"))
    return Side("unknown", why=said("the quotients do not settle within 2^-{0}", bits))
