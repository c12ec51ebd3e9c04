"""Reading: what an operation costs, and whether time and memory grow linearly.

    python tests/benchmarks/parsing.py [KiB]
    python tests/benchmarks/parsing.py operations [largest power of ten]

The first: twelve shapes of text from 8 KiB up to a mebibyte, each twice as long as the one before; a factor of 2 a doubling is
linear. Each figure is the best of three, of one beyond 300 000 characters. The second: from 10^4 to 10^6 operations, the
time of the processor and the peak of memory an operation, with the collector of cycles off (as the command has it) and on,
each in a process of its own. Beside it, in the same run, the time Python needs to compile the same statements.
"""

from __future__ import annotations

import gc
import random
import resource
import subprocess
import sys
import time
from itertools import pairwise
from math import log2

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


def statements(count: int) -> str:
    """Return the statements of `scaling`, in our words."""
    import scaling

    return scaling.as_text(scaling.statements(count))


def compiled(count: int) -> object:
    """Compile the same statements as Python."""
    import scaling

    return compile(scaling.as_python(scaling.statements(count), "sin", "tanh"), "program", "exec")


def infix(count: int) -> str:
    """Return a long expression without brackets."""
    generator = random.Random(count)
    return "".join(generator.choice("xyz") + generator.choice("+-*") for _ in range(count)) + "x"


OPERATIONS = {
    "statements": statements,
    "infix": infix,
    "nested": lambda n: "(x+" * n + "y" + ")" * n,
    "calls": lambda n: "sin(" * n + "x" + ")" * n,
}


def child(shape: str, count: int, collecting: bool) -> None:
    """Print the seconds of the processor and the bytes an operation takes."""
    if not collecting:
        gc.disable()
    read(Source("x + y*sin(z)"), XYZ, HUGE)
    text = OPERATIONS[shape](count) if shape in OPERATIONS else ""
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    made = read(Source(text), XYZ, HUGE) if text else compiled(count)
    seconds = time.process_time() - start
    print(seconds, 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / count, bool(made))


def operations(largest: int) -> None:
    """Print a block for each shape, a line for each number of operations."""
    counts = [k * 10**p for p in range(4, largest) for k in (1, 2, 4, 8)] + [10**largest]
    print(f"{'shape':22}{'operations':>11}{'µs/op':>9}{'× per doubling':>16}{'bytes/op':>10}")
    for shape, collecting in [*((name, False) for name in OPERATIONS), ("statements", True), ("Python's compile", False)]:
        last = None
        for count in counts:
            asked = [sys.executable, __file__, "--child", shape, str(count), str(int(collecting))]
            seconds, peak, _ = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()
            growth = f"{(float(seconds) / last[1]) ** (1 / log2(count / last[0])):.2f}" if last else ""
            last = count, float(seconds)
            name = shape + (", gc on" if collecting else "")
            print(f"{name:22}{count:11}{1e6 * last[1] / count:9.2f}{growth:>16}{float(peak):10.0f}", flush=True)


def main() -> None:
    """Print a line for each shape."""
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], int(sys.argv[3]), sys.argv[4] == "1")
        return
    if sys.argv[1:2] == ["operations"]:
        operations(int(sys.argv[2]) if len(sys.argv) > 2 else 6)
        return
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
