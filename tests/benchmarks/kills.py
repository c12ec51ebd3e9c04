"""Batches that are killed: is the file whole or absent, and does --resume go on to the same bytes?

    python tests/benchmarks/kills.py [KILLS] [CSV|PARQUET ...]

A table of 150 000 rows, some of which are wrong, is worked on by the command itself, which gets SIGKILL, SIGINT or SIGTERM at a random
instant, again and again until it comes to its end. Prints what was found after each kind of signal.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROWS = 150_000
COMMAND = [sys.executable, "-m", "gradcli", "batch", "x*log(x)+y/z", "points.csv", "--keep", "k", "--status", "-q"]
CODES = {signal.SIGKILL: -9, signal.SIGINT: 130, signal.SIGTERM: 143}


def table(name):
    """Write the table."""
    draw = random.Random(1)
    with open(name, "w", encoding="ascii") as file:
        file.write("k,x,y,z\n")
        for k in range(ROWS):
            x = "oops" if k % 997 == 5 else repr(draw.uniform(-0.01, 5))
            file.write(f"{k},{x},{draw.gauss(0, 1)!r},{draw.gauss(0, 1)!r}\n")


def main(kills, forms):
    """Kill, look, go on."""
    table("points.csv")
    for form in forms:
        out = f"out.{form}"
        command, span = [*COMMAND, "-o", out], time.monotonic()
        assert subprocess.run(command, check=False).returncode == 3
        span = time.monotonic() - span
        names = (out, f"{out}.rejects.csv")
        wanted = {name: Path(name).read_bytes() for name in names}
        for name in names:
            os.unlink(name)
        draw, seen, slowest, whole = random.Random(form), Counter(), 0.0, 0
        while seen.total() < kills:
            child = subprocess.Popen([*command, "--resume"], stderr=subprocess.PIPE)
            time.sleep(draw.uniform(0.1, 1.2) * span)
            number = draw.choice(list(CODES))
            sent = time.monotonic()
            child.send_signal(number)
            said = child.communicate()[1].decode()
            if child.returncode != 3:
                if number != signal.SIGKILL:
                    slowest = max(slowest, time.monotonic() - sent)
                if child.returncode in (1, -signal.SIGINT, -signal.SIGTERM):
                    continue  # Python was starting: it could not listen yet
                assert child.returncode == CODES[number], (child.returncode, said)
                assert number == signal.SIGKILL or "Traceback" not in said, (number, said)  # a worker may find itself alone
                seen[number.name] += 1
            for name in names:
                assert not os.path.exists(name) or Path(name).read_bytes() == wanted[name], name
            if child.returncode == 3:
                assert all(os.path.exists(name) for name in names)
                assert sorted(os.listdir()) == sorted(["points.csv", *names])
                whole += 1
                for name in names:
                    os.unlink(name)
        for left in set(os.listdir()) - {"points.csv"}:
            os.unlink(left)
        counts = ", ".join(f"{count} {name}" for name, count in sorted(seen.items()))
        print(f"{form:8} {counts}: all whole or absent; {whole} runs came to their end after kills, all to the same bytes; "
              f"slowest to stop {slowest:.2f} s", flush=True)  # fmt: skip


if __name__ == "__main__":
    number, *chosen = sys.argv[1:] or ["40"]
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        main(int(number), [form.lower() for form in chosen] or ["csv", "parquet"])
