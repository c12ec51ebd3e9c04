"""The most memory that a batch takes: does it grow with the table?

    python tests/benchmarks/memory.py [ROWS ...]

Tables of five columns, 10^6 and 10^7 rows of them unless told otherwise, in CSV and in Parquet, each to its own form. Prints the largest
resident size of the process with its workers, beside that of `import polars` alone, and the rows per second.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time

EXPRESSION = "1/(1+exp(-(w*x+v*y+b)))"
PIECE = 100_000


def table(rows, folder):
    """Write the same table in both forms, piece by piece."""
    import numpy as np
    import polars as pl

    draw, names = np.random.default_rng(7), list("wxvyb")
    csv, parquet = os.path.join(folder, "points.csv"), os.path.join(folder, "points.parquet")
    with open(csv, "wb") as file:
        for start in range(0, rows, PIECE):
            piece = pl.DataFrame(dict(zip(names, draw.normal(size=(5, min(PIECE, rows - start))))))
            piece.write_csv(file, include_header=not start)
    pl.scan_csv(csv).sink_parquet(parquet, row_group_size=PIECE)
    return {"csv": csv, "parquet": parquet}


def measured(*command):
    """Return the largest resident size of a command in MiB, and its seconds."""
    began = time.monotonic()
    code = f"import os, subprocess, sys; code = subprocess.call({list(command)!r}); import resource; print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(code)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return int(done.stdout) / 1024, time.monotonic() - began


if __name__ == "__main__":
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 100 * 1024, "what has much itself would be measured"
    alone, _ = measured(sys.executable, "-c", "import polars, numpy")
    print(f"{'':10} {'':8} {alone:6.0f} MiB  import polars, numpy", flush=True)
    for count in map(int, sys.argv[1:] or ["1000000", "10000000"]):
        with tempfile.TemporaryDirectory() as place:
            maker = f"import sys; sys.path.insert(0, {os.path.dirname(__file__)!r}); import memory; memory.table({count}, {place!r})"
            subprocess.run([sys.executable, "-c", maker], check=True)
            for form in ("csv", "parquet"):
                points, out = (os.path.join(place, f"{name}.{form}") for name in ("points", "out"))
                most, seconds = measured(sys.executable, "-m", "gradcli", "batch", EXPRESSION, points, "-o", out, "-q")
                print(f"{count:10} {form:8} {most:6.0f} MiB  {count / seconds:10.0f} rows a second", flush=True)
                os.unlink(out)
