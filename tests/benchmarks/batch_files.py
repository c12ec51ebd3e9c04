"""From a file of points to a file of values and partials: gradcli batch beside a polars program written by hand.

    python tests/benchmarks/batch_files.py [rows: 1000000,10000000] [rounds] [cases: product,neuron] [kinds: csv,parquet]

Five columns of uniform numbers as 17 digits write them; each program is a process of its own, they take turns, and one round warms the disk
cache. ``polars lazy`` scans, computes and sinks as a stream; ``polars`` reads everything first. Both load polars and nothing else, as
who writes such a program would: NumPy would cost them a tenth of a second. Times are medians: by the clock, and of the processor with all threads together. The files are compared.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

NAMES = ("w0", "x0", "w1", "x1", "w2")


def product(w0, x0, w1):
    q = w0 + x0
    return q * w1, w1, w1, q


def neuron(w0, x0, w1, x1, w2):
    f = 1 / (1 + (-(w0 * x0 + w1 * x1 + w2)).exp())
    d = f * (1 - f)
    return f, d * x0, d * w0, d * x1, d * w1, d


CASES = {"product": ("(w0+x0)*w1", NAMES[:3], product), "neuron": ("1/(1+e^(-(w0*x0+w1*x1+w2)))", NAMES, neuron)}


def expressions(case):
    import polars as pl

    _, names, by_hand = CASES[case]
    return [output.alias(name) for output, name in zip(by_hand(*map(pl.col, names)), ("f", *(f"df/d{name}" for name in names)))]


def polars(case, source, target):
    import polars as pl

    frame = pl.read_csv(source) if source.endswith("csv") else pl.read_parquet(source)
    found = frame.with_columns(wanted := expressions(case)).select(e.meta.output_name() for e in wanted)
    found.write_csv(target) if target.endswith("csv") else found.write_parquet(target)


def polars_lazy(case, source, target):
    import polars as pl

    frame = (pl.scan_csv(source) if source.endswith("csv") else pl.scan_parquet(source)).select(expressions(case))
    frame.sink_csv(target) if target.endswith("csv") else frame.sink_parquet(target)


PROGRAMS = {"polars": polars, "polars lazy": polars_lazy}


def command(program, case, source, target):
    if program == "gradcli":
        return [sys.executable, "-m", "gradcli", "batch", CASES[case][0], str(source), "-o", str(target), "-q"]
    return [sys.executable, __file__, "--program", program, case, str(source), str(target)]


def once(words):
    """Run a command; return seconds, seconds of the processor, and MiB at its largest."""
    start = time.perf_counter()
    process = subprocess.Popen(words)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{' '.join(words)}: exit {os.waitstatus_to_exitcode(status)}")
    return time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def made(folder, rows):
    """Write the points in both forms, in pieces."""
    import numpy as np
    import polars as pl
    import pyarrow.parquet as pq

    paths, generator = {kind: Path(folder) / f"points.{kind}" for kind in ("csv", "parquet")}, np.random.default_rng(int(rows))
    writer = None
    with paths["csv"].open("wb") as text:
        for start in range(0, int(rows), 500_000):
            piece = pl.DataFrame({name: generator.uniform(-2, 2, min(500_000, int(rows) - start)) for name in NAMES})
            piece.write_csv(text, include_header=start == 0)
            table = piece.to_arrow()
            writer = writer or pq.ParquetWriter(paths["parquet"], table.schema)
            writer.write_table(table)
    writer.close()


def difference(left, right):
    """Return the largest difference of two files, relative to the largest number of the column."""
    import numpy as np
    import polars as pl

    both = [(pl.read_csv if p.endswith(".csv") else pl.read_parquet)(p) for p in (left, right)]
    if both[0].columns != both[1].columns or both[0].height != both[1].height:
        return float("nan")
    return max(float(np.max(np.abs(both[0][n].to_numpy() - both[1][n].to_numpy())) / both[1][n].abs().max()) for n in both[0].columns)


def apart(task, *words):
    """Do what takes memory in a process of its own: a program that is started here would be taken to have it too."""
    return subprocess.run([sys.executable, __file__, task, *map(str, words)], check=True, capture_output=True, text=True).stdout


def main(sizes="1000000,10000000", rounds="5", cases="product,neuron", kinds="csv,parquet", programs="gradcli,polars,polars lazy"):
    for rows in map(int, sizes.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            apart("--made", folder, rows)
            for kind in kinds.split(","):
                for case in cases.split(","):
                    measured(Path(folder, f"points.{kind}"), case, rows, int(rounds), programs.split(","))


def measured(source, case, rows, rounds, programs):
    targets = {p: source.with_name(f"{p.replace(' ', '_')}{source.suffix}") for p in programs}
    runs = {p: [] for p in programs}
    for number in range(rounds + 1):
        for program, target in targets.items():
            used = once(command(program, case, source, target))
            if number:
                runs[program].append(used)
    clock, cpu, memory = ({p: statistics.median(r[k] for r in v) for p, v in runs.items()} for k in range(3))
    different = {p: float(apart("--difference", targets[p], targets[programs[-1]])) for p in programs}
    first = programs[0]
    print(f"\n{CASES[case][0]}    {source.suffix[1:]} to {source.suffix[1:]}, {rows} rows, {source.stat().st_size / 2**20:.0f} MiB, medians of {rounds}")
    print(f"{'':14}{'seconds':>9}{'CPU s':>8}{'million rows/s':>16}{'its time / ' + first:>20}{'by CPU':>8}{'MiB':>7}{'largest difference':>20}")
    for p in programs:
        print(f"{p:14}{clock[p]:9.2f}{cpu[p]:8.2f}{rows / clock[p] / 1e6:16.2f}{clock[p] / clock[first]:20.2f}{cpu[p] / cpu[first]:8.2f}"
              f"{memory[p]:7.0f}{different[p]:20.1e}", flush=True)  # fmt: skip
        targets[p].unlink()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--program"]:
        PROGRAMS[sys.argv[2]](*sys.argv[3:])
    elif sys.argv[1:2] == ["--made"]:
        made(*sys.argv[2:])
    elif sys.argv[1:2] == ["--difference"]:
        print(difference(*sys.argv[2:]))
    else:
        main(*sys.argv[1:])
