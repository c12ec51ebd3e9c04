"""Random expressions over every elementwise operator: the certified value and partials against mpmath's differences.

    python tests/benchmarks/certified.py [--count N] [--seed S]

A partial is right if it is the float64 nearest to the truth (half an ulp), the truth having 50 digits in which two precisions agree;
the six digits that a table shows must be right too. Every mismatch is printed as a command.
"""

import argparse
import collections
import math
import random
import sys
import time
from fractions import Fraction
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import truth
from mpmath import mp, mpf

from gradcli.arithmetic.real import Real
from gradcli.errors import GradError, Source
from gradcli.expr import Expr, make, number, symbol, symbols
from gradcli.limits import Limits
from gradcli.nested import Far
from gradcli.notation.text import text
from gradcli.ops import TABLE
from gradcli.render.numbers import Format
from gradcli.report import Partial, Report
from gradcli.solve import Question, solve
from gradcli.syntax.reader import read
from gradcli.values import parse_value

REAL = Real()
ROWS = [row for row in TABLE if row.shape is None and row.formals and row.name not in ("unless", "outside", "flow", "ones")]
COMMON = [row for row in ROWS if row.name in "+-*/^"]
SLACK = mpf(10) ** -12
SHOWN = Format(6)


def some_decimal(generator: random.Random) -> str:
    """Return a decimal: of ordinary size mostly, whole, large, tiny or negative now and then."""
    kind = generator.random()
    if kind < 0.15:
        written = str(generator.randint(0, 12))
    elif kind < 0.75:
        written = f"{generator.uniform(0, 4):.{generator.randint(1, 6)}f}"
    elif kind < 0.85:
        written = f"{generator.uniform(0, 1000):.{generator.randint(0, 3)}f}"
    else:
        written = f"{generator.randint(1, 99)}e{generator.choice((-300, -100, -40, -20, -15, -9, -7, 3, 5, 8, 15, 17, 30, 100, 300))}"
    return f"-{written}" if generator.random() < 0.4 else written


def grown(generator: random.Random, depth: int, floats: dict[str, float]) -> tuple[Expr, float]:
    """Return a random expression with its value in floats; operators that have none there are mostly tried again."""
    if depth == 0 or generator.random() < 0.12:
        if generator.random() < 0.75:
            name = generator.choice(list(floats))
            return symbol(name), floats[name]
        if generator.random() < 0.1:
            name = generator.choice(("pi", "e"))
            return make(name), REAL.apply(name, ())
        exact = Fraction(some_decimal(generator).lstrip("-"))
        power = next(k for k in range(400) if (exact * 10**k).denominator == 1)
        return number(int(exact * 10**power), -power), float(exact)
    tries: list[tuple[Expr, float]] = []
    for _ in range(6):
        row = generator.choice(COMMON if generator.random() < 0.3 else ROWS)
        parts = [grown(generator, generator.randint(0, depth - 1), floats) for _ in row.formals]
        if row.name == "polygamma":
            order = generator.randint(0, 3)
            parts[0] = number(order), float(order)
        got = REAL.apply(row.name, tuple([v for _, v in parts]))
        tries.append((make(row.name, tuple([e for e, _ in parts])), got))
        if math.isfinite(got) or generator.random() < 0.05:
            break
    return tries[-1]


def problem(seed: int) -> tuple[Expr, dict[str, str]]:
    """Return the expression and the point of a seed."""
    generator = random.Random(seed)
    at = {name: some_decimal(generator) for name in ("x", "y", "z")[: generator.randint(1, 3)]}
    while True:
        root, _ = grown(generator, generator.randint(2, 8), {name: float(v) for name, v in at.items()})
        used = {str(s.leaf) for s in symbols(root)}
        if used and root.args:
            return root, {name: v for name, v in at.items() if name in used}


def nearest(got: float, want: mpf) -> bool:
    """Tell whether a float64 is the one nearest to a number, or says of it that it is beyond."""
    if isinstance(got, Far):
        with mp.workdps(60):
            return bool(want) and abs(mpf(got.decimal) / want - 1) < mpf(10) ** -16
    return math.isfinite(got) and abs(mpf(got) - want) <= mpf(math.ulp(got)) / 2 * (1 + SLACK)


def shown_right(got: float, want: mpf) -> bool:
    """Tell whether the six digits of a table are those of a number, rounded."""
    shown = SHOWN.number(got)
    if not want or not (got or isinstance(got, Far)):
        return shown == "0" and nearest(got, want)
    with mp.workdps(60):
        exponent = int(mp.floor(mp.log10(abs(want))))
        return abs(mpf(shown) - want) <= mpf(10) ** (exponent - 5) / 2 * (1 + SLACK)


class Counts(collections.Counter):
    """What was found, and where it differs."""

    def differs(self, what: str, command: str, detail: str) -> None:
        self["mismatches"] += 1
        print(f"MISMATCH {what}: {command}   # {detail}", flush=True)


def patiently(judge) -> str | None:
    """Return what a judge of the truth complains of, asked again with more digits; raise Beyond where neither can tell."""
    try:
        found = judge(False)
    except truth.Beyond:
        found = ""
    return judge(True) if found is not None else None


def check(root: Expr, at: dict[str, str], counts: Counts) -> None:
    """Compare what gradcli says of one expression at one point with the truth."""
    shown = text(root)
    command = f"gradcli --full '{shown}' {' '.join(f'{n}={v}' for n, v in at.items())}"
    given = {name: parse_value(Source(v), Limits()) for name, v in at.items()}
    exact = {name: Fraction(v) for name, v in at.items()}
    counts["expressions"] += 1
    reports: list[Report] = []
    kind = "values"
    try:
        program = read(Source(shown), frozenset(given))
        reports = [solve(program, Question(given, digits=digits)) for digits in (None, 6)]
    except GradError as error:
        if error.kind not in ("undefined", "undecided", "overflow"):
            raise
        kind = f"values {error.kind}"
        if error.kind != "undefined":
            print(f"{error.kind.upper()}: {command}", flush=True)

    def of_value(patient: bool) -> str | None:
        want = truth.settled_value(root, exact, patient)
        if not reports:
            return None if want is None or kind != "values undefined" else f"undefined, but it is {mp.nstr(want, 20)}"
        if want is None:
            return f"{reports[0].value!r}, where there is none"
        return None if right([report.value for report in reports], want) else f"{reports[0].value!r}, should be {mp.nstr(want, 25)}"

    counts[kind] += 1
    _count(of_value, "value", command, counts)
    if reports:
        for name in reports[0].partials:
            _count(*_partial(root, exact, name, [report.partials[name] for report in reports]), f"{command} in {name}", counts)


def _count(judge, kind: str, command: str, counts: Counts) -> None:
    if kind == "undecided":
        print(f"UNDECIDED: {command}", flush=True)
    try:
        complaint = patiently(judge)
    except truth.Beyond:
        counts[f"{kind} beyond the oracle"] += 1
        return
    if kind != "value":
        counts[kind] += 1
    if complaint is not None:
        counts.differs(kind, command, complaint)


def right(numbers: list[float], want: mpf) -> bool:
    """Tell whether the float64 and the digits in the table are right."""
    if not want and isinstance(numbers[0], Far) and not numbers[0]:
        raise truth.Beyond  # smaller than all the digits the truth was sought in
    return nearest(numbers[0], want) and shown_right(numbers[1], want)


def _partial(root: Expr, exact: dict[str, Fraction], name: str, partials: list[Partial]):
    """Return a judge of what is said of one partial, and what it is counted as."""
    one = partials[0]

    def of_number(patient: bool) -> str | None:
        want = truth.slope(root, exact, name, patient)
        if want.smooth is not None:
            good = right([partial.value for partial in partials], want.smooth)
        else:  # the end of a domain: a slope on one side only
            ends = [side for side in (want.left, want.right) if side is not None]
            good = len(ends) == 1 and abs(mpf(one.value) - ends[0]) <= mpf(10) ** -12 * abs(ends[0])
        return None if good else f"{[p.value for p in partials]}, {one.status}, should be {_ends(want)}"

    def of_kink(patient: bool) -> str | None:
        want = truth.slope(root, exact, name, patient)
        good = want.smooth is None
        for got, side in ((one.left, want.left), (one.right, want.right)) if one.status == "kink" else ():
            good &= (got is None) == (side is None) and (got is None or abs(mpf(got) - side) <= mpf(10) ** -12 * abs(side))
        return None if good else f"{one.status}, {one.left!r} and {one.right!r}, should be {_ends(want)}"

    if one.status == "undecided":
        return (lambda patient: None), "undecided"
    return (of_number, "partials") if one.status in ("smooth", "overflow", "underflow") else (of_kink, "kinks")


def _ends(want: truth.Slope) -> str:
    return mp.nstr(want.smooth, 25) if want.smooth is not None else f"{mp.nstr(want.left, 15)} and {mp.nstr(want.right, 15)}"


def main(count: int, seed: int) -> int:
    counts, start = Counts(), time.perf_counter()
    for index in range(count):
        root, at = problem(seed * 10**9 + index)
        try:
            check(root, at, counts)
        except Exception as error:  # whatever it is, the run goes on and says where it was
            counts.differs("crash", f"gradcli '{text(root)}' {at}", repr(error)[:300])
        if sys.stderr.isatty():
            print(f"\r{index + 1}/{count} {counts['mismatches']} mismatches", end="", file=sys.stderr)
    print(f"seed {seed}, {time.perf_counter() - start:.0f} s: " + ", ".join(f"{n} {what}" for what, n in sorted(counts.items())))
    print(f"{counts['mismatches']} mismatches beyond half an ulp in {counts['values']} values and {counts['partials']} partials")
    return 1 if counts["mismatches"] else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    sys.exit(main(chosen.count, chosen.seed))
