"""The largest error of each operator's value and partials, in units in the last place, against mpmath at 50 digits.

    python tests/benchmarks/accuracy.py [points per operator]
"""

import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import oracles
from mpmath import mpf
from test_operators import at_a_kink, partial_of, sample

from gradcli.arithmetic.real import Real
from gradcli.ops import TABLE

REAL = Real()


def worst(row, points):
    function, generator = oracles.SCALAR[row.form], random.Random(row.form)
    value = partial = 0.0
    for _ in range(points):
        args = sample(row, generator)
        if at_a_kink(row, args):
            continue
        exact = [mpf(a) for a in args]
        value = max(value, oracles.ulps(REAL.apply(row.name, tuple(args)), function(*exact)))
        for position, text in enumerate(row.partials):
            if text is not None:
                want = oracles.derivative(function, exact, position)
                if abs(want) > mpf(10) ** -25:
                    partial = max(partial, oracles.ulps(partial_of(row, position, args), want))
    return value, partial


def main(points: int) -> None:
    print(f"{'operator':18}{'value':>8}{'partials':>10}   largest error in ulps over {points} points")
    rows = [row for row in TABLE if row.shape is None and row.formals]
    for row, (value, partial) in sorted(((row, worst(row, points)) for row in rows), key=lambda item: -max(item[1])):
        print(f"{row.form:18}{value:8.2f}{partial:10.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
