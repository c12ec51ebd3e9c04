"""Reading: characters per second, and whether time grows linearly: ``python tests/benchmarks/parsing.py [KiB]``.

Twelve shapes of text from 8 KiB up to a mebibyte, each twice as long as the one before; a factor of 2 a doubling is
linear. Each figure is the best of three, of one beyond 300 000 characters.
"""

from __future__ import annotations

import gc
import sys
import time
from itertools import pairwise

from gradcli.errors import Source
from gradcli.limits import Limits
from gradcli.syntax.reader import read

HUGE = Limits().raised("text=100000000,depth=100000000,nodes=100000000,names=10000000")
XYZ = frozenset(("x", "y", "z", "w0", "x0"))

# Each makes a text of about so many characters.
SHAPES = {
    "sum": lambda n: "+".join(["x*y"] * (n // 4)),
    "product without signs": lambda n: " ".join(["2x y"] * (n // 5)),
    "letters": lambda n: "+".join(["xyz"] * (n // 4)),
    "quotients": lambda n: "/".join(["x"] * (n // 2)),
    "brackets": lambda n: "(" * (n // 2) + "x" + ")" * (n // 2),
    "signs": lambda n: "-" * n + "x",
    "powers": lambda n: "^".join(["x"] * (n // 2)),
    "calls": lambda n: "sin(" * (n // 5) + "x" + ")" * (n // 5),
    "functions without brackets": lambda n: "sin " * (n // 4) + "x",
    "bars": lambda n: "+".join(["|x|+|y|"] * (n // 8)),
    "LaTeX fractions": lambda n: r"\frac{1}{" * (n // 10) + "x" + "}" * (n // 10),
    "LaTeX sum": lambda n: "+".join([r"\frac{x_0^2}{\sqrt{y}}\sin^2 x"] * (n // 31)),
}


def seconds(text: str) -> float:
    """Return the best of three times to read a text."""
    best = float("inf")
    for _ in range(3 if len(text) < 300_000 else 1):
        gc.collect()
        start = time.perf_counter()
        read(Source(text), XYZ, HUGE)
        best = min(best, time.perf_counter() - start)
    return best


def main() -> None:
    """Print a line for each shape."""
    largest = int(sys.argv[1]) if len(sys.argv) > 1 else 1024
    sizes = [2**k for k in range(3, 21) if 2**k <= largest]
    gc.disable()
    print(f"{'shape':28}{'characters/s':>14}  {'mean':>5}  factor at each doubling, {sizes[0]} KiB … {sizes[-1]} KiB")
    for name, make in SHAPES.items():
        times = [seconds(make(1024 * size)) for size in sizes]
        factors = "  ".join(f"{late / early:.2f}" for early, late in pairwise(times))
        mean = (times[-1] / times[0]) ** (1 / (len(times) - 1)) if len(times) > 1 else 1.0
        print(f"{name:28}{1024 * sizes[-1] / times[-1]:>14,.0f}  {mean:>5.2f}  {factors}", flush=True)


if __name__ == "__main__":
    main()
