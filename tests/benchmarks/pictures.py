"""Time and size of each picture: python tests/benchmarks/pictures.py

Each is drawn from a report that is there already; the time is the best of three.
"""

from __future__ import annotations

import sys
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[1]))

import circuits

from gradcli.render.wiring import GATE


def main() -> None:
    """Print a row for each circuit and format."""
    print(f"{'circuit':14} {'nodes':>5} {'gates':>5} {'format':8} {'ms':>7} {'KB':>7}")
    for name in ("three", "neuron", "network-60", "network-500", "recurrent-500"):
        rows = circuits.report(name).forward
        for kind in ("svg", "png", "dot", "mermaid"):
            times = []
            for _ in range(3 if kind != "png" or len(rows) < 100 else 1):
                start = perf_counter()
                made = circuits.drawn(name, kind)
                times.append(perf_counter() - start)
            size = len(made if isinstance(made, bytes) else made.encode())
            gates = sum(row.kind == GATE for row in rows)
            print(f"{name:14} {len(rows):5} {gates:5} {kind:8} {min(times) * 1e3:7.1f} {size / 1e3:7.1f}")


if __name__ == "__main__":
    main()
