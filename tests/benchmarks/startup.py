"""Start-up of the one-liner as a ratio to a bare interpreter: python tests/benchmarks/startup.py [rounds]."""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ONE = ["(x+y)*z", "x=-2", "y=5", "z=-4"]
GRADCLI = str(Path(sys.executable).with_name("gradcli"))
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "--plain": [GRADCLI, *ONE, "--plain"],
    "--json": [GRADCLI, *ONE, "--json"],
    "tables": [GRADCLI, *ONE],
    "in symbols": [GRADCLI, "(x+y)*z", "-q"],
    "arrays": [GRADCLI, "W@x", "W=[[1,2],[3,4]]", "x=[5,6]", "--plain"],
    "--help": [GRADCLI, "--help"],
}


def once(command: list[str]) -> float:
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env=env)
    return time.perf_counter() - start


def main(rounds: int) -> None:
    for command in COMMANDS.values():
        once(command)  # compile, and fill the disk cache
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(rounds):  # interleaved, so that a slow moment of the machine meets all alike
        for name, command in COMMANDS.items():
            times[name].append(once(command))
    bare = statistics.median(times["python -c pass"])
    print(f"{'':16}{'median ms':>10}{'ratio':>8}")
    for name, values in times.items():
        middle = statistics.median(values)
        print(f"{name:16}{1000 * middle:10.1f}{middle / bare:8.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
