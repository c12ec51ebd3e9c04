"""What a cluster of N workers would give: its three bounds measured on this machine, and the same work here and there.

    rate(N) = min( N·r,  1/s,  1/(c + b·bytes) )        parts a second

    r   parts a second of one worker            s   seconds of the scheduler for a part
    c   seconds of the client for a part        b   seconds of the client for a byte of results: received and written

Seconds are of processors, so that whoever else is at work on this machine does not count; the fastest of some rounds.

Run: python tests/benchmarks/cluster.py [seconds of work in a part] [bytes of its results]
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import errands
import psutil
from test_cluster import SLOW, Site

from gradcli.workers.cluster import Cluster

ROUNDS = 5
SIZES = (0, 1 << 20, 8 << 20)
WORKERS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


def seconds(process: psutil.Process) -> float:
    """Return the processor time of a process."""
    used = process.cpu_times()
    return float(used.user + used.system)


def travel(cluster: Cluster, scheduler: psutil.Process, size: int, out: object) -> tuple[float, float, float]:
    """Return what a task with so many bytes of results costs: seconds by the clock, of the client, of the scheduler."""
    count = 400 if size < 1 << 16 else (200 << 20) // size
    ours = psutil.Process()
    start, client, other = time.perf_counter(), seconds(ours), seconds(scheduler)
    for payload in cluster.results(errands.payload, [size] * count, 16):
        out.write(payload)  # as a run commits a part
    out.flush()
    return tuple(after / count for after in (time.perf_counter() - start, seconds(ours) - client, seconds(scheduler) - other))


def bounds(cluster: Cluster, scheduler: psutil.Process) -> tuple[float, float, float]:
    """Print and return what a task and a byte cost: (seconds of the scheduler, of the client, of the client for a byte)."""
    best: dict[int, tuple[float, ...]] = {}
    with tempfile.TemporaryFile() as out:
        for _ in range(ROUNDS):  # interleaved
            for size in SIZES:
                found = travel(cluster, scheduler, size, out)
                best[size] = tuple(map(min, found, best.get(size, found)))
                out.seek(0)
    print(f"{'results of a task':>18}{'ms':>8}{'client ms':>11}{'scheduler ms':>14}{'MB/s of the client':>20}")
    for size, (clock, client, other) in best.items():
        rate = f"{size / client / 1e6:20.0f}" if size else ""
        print(f"{size:18,}{1e3 * clock:8.2f}{1e3 * client:11.2f}{1e3 * other:14.2f}{rate}")
    byte = (best[SIZES[-1]][1] - best[0][1]) / SIZES[-1]
    return max(costs[2] for costs in best.values()), best[0][1], byte


def arithmetic(part: float, size: float, scheduler: float, client: float, byte: float) -> None:
    """Print the speed-up of N workers for parts of so many seconds and bytes."""
    most = {"scheduler": 1 / scheduler, "client": 1 / (client + byte * size)}
    name = min(most, key=lambda who: most[who])
    print(f"\nparts of {part:g} s and {size / 1e6:.1f} MB: at most {most[name]:.0f} parts a second, for the sake of the {name}; "
          f"to {most[name] * part:.0f} workers it pays")  # fmt: skip
    print(f"{'workers':>10}{'speed-up':>10}")
    for workers in WORKERS:
        print(f"{workers:10}{min(workers, most[name] * part):10.1f}")


def classes(site: Site) -> None:
    """Print how long a class takes here and there: by the clock, as ratios to one process here."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "key.grad").write_text(f"question 1\nf(x) = {SLOW}\nask df/dx\n")
        rows = "\n".join(f"s{k},1,df/dx,{SLOW} + {k}" for k in range(1500))
        Path(folder, "class.csv").write_text(f"student,question,target,answer\n{rows}\n")
        ways = {
            "1 process here": ["--jobs", "1"],
            "2 processes here": ["--jobs", "2"],
            "2 workers of a cluster": ["--engine", "dask", "--scheduler", site.file],
        }
        best: dict[str, float] = {}
        for _ in range(3):
            for name, words in ways.items():
                start = time.perf_counter()
                command = [sys.executable, "-m", "gradcli", "grade", "key.grad", "class.csv", "--plain", *words]
                subprocess.run(command, cwd=folder, env=site.env, stdout=subprocess.DEVNULL, check=False)
                best[name] = min(time.perf_counter() - start, best.get(name, 1e9))
    print(f"\n{'a class, 1500 answers':>24}{'s':>8}{'speed-up':>10}")
    for name, taken in best.items():
        print(f"{name:>24}{taken:8.1f}{best['1 process here'] / taken:10.2f}")


def main(part: float, size: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder))
        try:
            site.worker("--nworkers", "2")
            site.address()
            with Cluster(site.file, patience=30) as cluster:
                found = bounds(cluster, psutil.Process(site.scheduler.pid))
            arithmetic(part, size, *found)
            classes(site)
        finally:
            site.end()


if __name__ == "__main__":
    os.environ["OMP_NUM_THREADS"] = "1"
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 0.25, float(sys.argv[2]) if len(sys.argv) > 2 else 4e6)
