"""Each elementwise operator in float64, value and partials, against balls of 300 bits over wide random points; and its running bound.

    python tests/benchmarks/ulps.py [--count N] [--seed S] [--only FORM]

Half of the points lie in the box of the row; the others are log-uniform from 1e-300 to 1e300 with either sign, beside whole numbers,
kinks and zeros. Errors are in units in the last place (of the subnormal numbers, in theirs). The bound of `arithmetic/running` is asked
for at exact arguments and at arguments that are off by as much as it is told; "bound" is the median of bound / error.
"""

import argparse
import math
import random
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from flint import arb, fmpq

from gradcli.arithmetic import Doubtful, certain, evaluate
from gradcli.arithmetic.ball import Ball
from gradcli.arithmetic.real import Real
from gradcli.arithmetic.running import Running
from gradcli.ops import TABLE, UNWRITTEN
from gradcli.rules import OUT, formals, rule

REAL, BALL, RUNNING = Real(), Ball(), Running()
BITS = 300
ROWS = [row for row in TABLE if row.shape is None and row.formals]
NEAR = (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 3.0, math.pi, math.pi / 2, -math.pi / 2, 1.4616321449683622, -0.75, -1.278, -3.0, 1.5)


def wide(row, generator: random.Random) -> tuple[str, list[float]]:
    """Return arguments, and whether they lie in the box of the row ("box"), in ordinary places ("near") or "far"."""
    kind = generator.choice(("box", "box", "near", "far"))
    args = [generator.uniform(low, high) for low, high in row.at]
    for position in range(len(args)):
        if kind == "near":
            args[position] = generator.choice((generator.choice(NEAR) + generator.choice((0, 1, -1)) * 10 ** generator.uniform(-17, 0),
                                               generator.uniform(-40, 40), args[position]))  # fmt: skip
        elif kind == "far" and generator.random() < 0.8:
            args[position] = generator.choice((1, -1)) * 10 ** generator.uniform(-300, 300) if generator.random() < 0.5 else (
                generator.choice((1, -1)) * 10 ** generator.uniform(-12, 4))  # fmt: skip
    if row.formals[0] in ("c", "n"):
        args[0] = float(generator.randint(0, 1) if row.formals[0] == "c" else generator.randint(0, 4))
    return kind, args


def formulas(row):
    """Return the rules of a row that give numbers, by position."""
    return {p: rule(row, p) for p, t in enumerate(row.partials) if t not in (None, UNWRITTEN, "outside(1)")}


def computed(row, args, arithmetic, position=None):
    """Return the value of a row, or one partial, in an arithmetic."""
    out = arithmetic.apply(row.name, tuple(args))
    if position is None:
        return out
    wanted = rule(row, position)
    return evaluate(wanted.tape, {**dict(zip(formals(row), args)), OUT: out}, arithmetic)[wanted.root]


def truth(row, args, position=None):
    """Return a ball of the value or a partial, UNDEFINED where it has none, None where it is not known to 100 bits."""
    found = certain.ball_of(computed(row, args, BALL, position))
    if found is certain.UNDEFINED:
        return found
    found = arb(found)
    return found if found.is_finite() and (not found or found.rel_accuracy_bits() > 100) else None


def outside(row, args, position, value: float, bound: float) -> bool:
    """Tell whether the truth lies outside a bound, however many bits that takes."""
    for bits in (BITS, 10 * BITS):
        with certain.precision(bits):
            gap = abs(certain.ball_of(computed(row, args, BALL, position)) - certain.from_float(value))
            if gap <= certain.from_float(bound):
                return False
            if gap > certain.from_float(bound):
                return True
    return True


def error(got: float, want: arb) -> float:
    """Return the error of a float in ulps of the truth; too large or too small for a float64 is no error where it says so."""
    nearest = certain.to_float(want)
    if nearest is None or math.isinf(nearest) or math.isinf(got):
        return 0.0 if nearest is None or got == nearest else math.inf
    if math.isnan(got):
        return math.inf
    return float(abs(arb(got) - want).mid()) / math.ulp(nearest) if nearest else abs(got) / 5e-324


def measure(row, count: int, generator: random.Random) -> dict[str, object]:
    """Return the largest errors of a row by kind of point, how often its bound was asked for and failed, and the median of its excess."""
    worst: dict[tuple[str, bool], tuple[float, list[float]]] = {}
    excess, asked, failed, doubtful = [], 0, [], 0
    for _ in range(count):
        kind, args = wide(row, generator)
        exact = [fmpq(*a.as_integer_ratio()) for a in args]
        for position in (None, *formulas(row)):
            want = truth(row, exact, position)
            if want is None or want is certain.UNDEFINED or truth(row, exact) in (None, certain.UNDEFINED):
                continue
            ulps = error(computed(row, args, REAL, position), want)
            key = kind, position is not None
            if ulps > worst.get(key, (0.0, []))[0]:
                worst[key] = ulps, args
            for spread in (0.0, 10 ** generator.uniform(-18, -6)):
                off = [spread * abs(a) for a in args]
                if row.formals[0] in ("c", "n"):
                    off[0] = 0.0
                true = [a + fmpq(*(e * generator.uniform(-1, 1)).as_integer_ratio()) for a, e in zip(exact, off)]
                really = truth(row, true, position) if spread else want
                try:
                    value, bound = computed(row, list(zip(args, off)), RUNNING, position)
                except Doubtful:
                    doubtful += 1
                    continue
                if really is None:
                    continue
                asked += 1
                if really is certain.UNDEFINED or outside(row, true, position, value, bound):
                    failed.append((args, off, position))
                elif not spread and bound:
                    actual = float(abs(arb(value) - really).mid())
                    excess += [bound / actual] if actual else []
    return {"worst": worst, "asked": asked, "failed": failed, "doubtful": doubtful, "excess": statistics.median(excess) if excess else 1.0}


def main(count: int, seed: int, only: str) -> int:
    found = {}
    with certain.precision(BITS):
        for row in ROWS:
            if only in ("", row.form):
                found[row.form] = measure(row, count, random.Random(f"{seed}{row.form}"))
    print(f"largest error in ulps over {count} points, value / partials           bound")
    print(f"{'operator':18}{'in its box':>18}{'nearby':>20}{'far':>20}{'median':>9}{'asked':>8}{'failed':>8}")
    order = sorted(found.items(), key=lambda item: -max([e for (kind, _), (e, _) in item[1]["worst"].items() if kind == "box"], default=0))
    for form, item in order:
        cells = ""
        for kind in ("box", "near", "far"):
            pair = [item["worst"].get((kind, partial), (0.0, []))[0] for partial in (False, True)]
            cells += f"{'*' if max(pair) > 4 else ' '}{pair[0]:9.3g} /{pair[1]:8.3g}"
        print(f"{form:18}{cells}{item['excess']:9.1f}{item['asked']:8}{len(item['failed']):8}")
    for form, item in order:
        for (kind, partial), (ulps, args) in sorted(item["worst"].items()):
            if ulps > 4:
                print(f"  > 4: {form} at {args}: {ulps:.3g} ulps, {'partial' if partial else 'value'}, {kind}")
        for args, off, position in item["failed"][:3]:
            print(f"  BOUND FAILED: {form} at {args} ± {off}, {'value' if position is None else f'partial {position}'}")
    asked, failed = sum(item["asked"] for item in found.values()), sum(len(item["failed"]) for item in found.values())
    medians = statistics.median(item["excess"] for item in found.values())
    doubtful = sum(item["doubtful"] for item in found.values())
    print(f"the bound contains the truth at {asked - failed} of {asked} points ({doubtful} more were doubtful); median excess {medians:.1f}")
    return 1 if failed else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    chosen = parser.parse_args()
    sys.exit(main(chosen.count, chosen.seed, chosen.only))
