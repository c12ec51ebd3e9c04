"""Start-up as ratios to a bare interpreter, beside other programs that do the one-liner: python tests/benchmarks/startup.py [rounds].

What an installer puts on the path is a script of its own, which costs a little too: pip wrote one that imports re until
2025. So a script as pip and uv write it today is measured; "installed" is the one that is there.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ONE = ["(x+y)*z", "x=-2", "y=5", "z=-4"]
SYMPY = "from sympy import symbols; x, y, z = symbols('x y z'); f = (x+y)*z; at = {x: -2, y: 5, z: -4}; print([f.subs(at), *(f.diff(v).subs(at) for v in (x, y, z))])"
OURS = {
    "--plain": [*ONE, "--plain"], "--json": [*ONE, "--json"], "--csv": [*ONE, "--csv"], "in symbols": ["(x+y)*z", "-q"], "an error": ["sin(x", "x=1"],
    "--graph": [*ONE, "--graph"], "tables": ONE, "arrays": ["W@x", "W=[[1,2],[3,4]]", "x=[5,6]", "--plain"],
    "check": ["check", *ONE, "df/dx=-4", "--plain"], "--help": ["--help"], "check --help": ["check", "--help"], "grade --help": ["grade", "--help"],
}  # fmt: skip


def script(folder: str, name: str, body: str) -> str:
    """Write a console script as installers do, and return its path."""
    path = Path(folder, name)
    path.write_text(f"#!{sys.executable}\nimport sys\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def commands(folder: str) -> dict[str, list[str]]:
    """Return what is measured, by its name."""
    gradcli = script(folder, "gradcli", "from gradcli.__main__ import main\nif __name__ == '__main__':\n    sys.exit(main())")
    installed = Path(sys.executable).with_name("gradcli")
    found = {"python -c pass": [sys.executable, "-c", "pass"], "empty script": [script(folder, "empty", "sys.exit(0)")]}
    found |= {name: [gradcli, *words] for name, words in OURS.items()}
    if installed.exists():
        found["installed --plain"] = [str(installed), *ONE, "--plain"]
    if shutil.which("qalc"):  # it has derivatives one at a time
        found["qalc, one partial"] = ["qalc", "-t", "diff((x+y)*z, x)"]
    found["SymPy"] = [sys.executable, "-c", SYMPY]
    return found


def once(command: list[str]) -> float:
    """Run a command and return how long it took."""
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, env=env)
    return time.perf_counter() - start


def main(rounds: int) -> None:
    """Print the median and the least of each, as ratios to those of the bare interpreter."""
    with tempfile.TemporaryDirectory() as folder:
        measured = commands(folder)
        for command in measured.values():
            once(command)  # compile, and fill the disk cache
        times: dict[str, list[float]] = {name: [] for name in measured}
        for _ in range(rounds):  # interleaved, so that a slow moment of the machine meets all alike
            for name, command in measured.items():
                times[name].append(once(command))
    bare, least = statistics.median(times["python -c pass"]), min(times["python -c pass"])
    print(f"{'':20}{'median ms':>10}{'ratio':>8}{'least ms':>10}{'ratio':>8}")
    for name, values in times.items():
        middle = statistics.median(values)
        print(f"{name:20}{1000 * middle:10.1f}{middle / bare:8.2f}{1000 * min(values):10.1f}{min(values) / least:8.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
