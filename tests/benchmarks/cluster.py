"""What a cluster of N workers would give: its bounds measured on this machine, and the same work here and there.

    speed-up(N) = min( N,  w / (c + b·bytes),  w / s )

    w   seconds of a part on one machine        s   seconds of the scheduler for a part
    c   seconds of the client for a part        b   seconds of the client for a byte of results: received and written

Seconds are of processors, so that whoever else is at work on this machine does not count; the fewest of some rounds.

Run: python tests/benchmarks/cluster.py [rows]
"""

from __future__ import annotations

import os
import resource
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

ROUNDS = 4
SIZES = (0, 1 << 20, 8 << 20)
WORKERS = (2, 4, 16, 64, 256, 1024)
PART = 65_536  # rows of Parquet in a part


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


RUNS = {  # expression, columns, options, share of the rows
    "(x+y)*z": ("(x+y)*z", [], 1.0),
    "the neuron": ("1/(1+exp(-(w*x + z*y + 1)))", [], 1.0),
    "(x+y)*z, certified": ("(x+y)*z", ["--certify"], 0.01),
}


def used(command: list[str], folder: str, env: dict[str, str]) -> float:
    """Return the processor time of a command, what it starts included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def tables(site: Site, scheduler: float, rows: int) -> None:
    """Print for some runs what a part costs a worker and the client, and so how many workers pay."""
    import numpy as np
    import polars as pl

    print(f"\n{'a run, to ' + 'CSV':28}{'rows':>10}{'worker µs/row':>15}{'client µs/row':>15}{'speed-up at most':>18}   at {', '.join(map(str, WORKERS))} workers")
    costs: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, (expression, options, share) in RUNS.items():
            count, rng = int(rows * share), np.random.default_rng(0)
            pl.DataFrame({column: rng.normal(size=count) for column in "xyzw"}).write_parquet(Path(folder, "points.parquet"))
            pl.DataFrame({column: [1.0] for column in "xyzw"}).write_parquet(Path(folder, "one.parquet"))

            def command(file: str, *more: str, expression: str = expression, options: list[str] = options) -> list[str]:
                return [sys.executable, "-m", "gradcli", "batch", expression, file, "-o", "out.csv", *options, *more]

            far = ["--engine", "dask", "--scheduler", site.file]
            best = [1e9] * 4
            for _ in range(3):  # interleaved; what starting costs is taken off
                found = [used(command(file, *more), folder, site.env) for more in (["--jobs", "1"], far) for file in ("points.parquet", "one.parquet")]
                best = [min(pair) for pair in zip(best, found)]
            work, client = (best[0] - best[1]) / count, max(best[2] - best[3], 1e-9) / count
            client = costs.setdefault(expression, client)  # a row of results costs it the same, however dear it was
            most = min(work / client, work * PART / scheduler)
            speeds = ", ".join(f"{min(workers, most):.0f}" for workers in WORKERS)
            print(f"{name:28}{count:10,}{1e6 * work:15.2f}{1e6 * client:15.3f}{most:18.0f}   {speeds}", flush=True)


def classes(site: Site) -> None:
    """Print what a class costs here and there."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "key.grad").write_text(f"question 1\nf(x) = {SLOW}\nask df/dx\n")
        rows = "\n".join(f"s{k},1,df/dx,{SLOW} + {k}" for k in range(1500))
        Path(folder, "class.csv").write_text(f"student,question,target,answer\n{rows}\n")
        command = [sys.executable, "-m", "gradcli", "grade", "key.grad", "class.csv", "--plain"]
        here, there = (
            min(used([*command, *more], folder, site.env) for _ in range(3)) for more in (["--jobs", "1"], ["--engine", "dask", "--scheduler", site.file])
        )  # fmt: skip
    print(f"\na class, 1500 different answers: {here:.1f} s of this machine; on a cluster {there:.1f} s of it, whatever the class (mostly to start)")


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder))
        try:
            site.worker("--nworkers", "2")
            site.address()
            with Cluster(site.file, patience=30) as cluster:
                scheduler, _, _ = bounds(cluster, psutil.Process(site.scheduler.pid))
            tables(site, scheduler, rows)
            classes(site)
        finally:
            site.end()


if __name__ == "__main__":
    os.environ["OMP_NUM_THREADS"] = "1"
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
