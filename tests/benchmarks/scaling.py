"""Time and peak memory from text to gradient for 10^2 … 10^5 operations, beside autograd and PyTorch where installed.

    python tests/benchmarks/scaling.py [largest power of ten]

The same scalar expression for all: a sum of products and sines of three variables, one process per measurement. The
peers get it as Python statements, one per operation, so that no parser of theirs recurses; imports are not counted.
"""

import importlib.util
import random
import resource
import subprocess
import sys
import time

AT = {"x": 0.5, "y": -0.25, "z": 0.75}


def statements(count: int) -> list[tuple[str, str, str, str]]:
    """Return (name, operator, argument, argument) for each: short random terms, no two alike, and their running sum.

    Every one is used, the sum is as deep as there are terms, and neither it nor its gradient overflows or is 0.
    """
    generator = random.Random(count)
    out, total, own = [], "x", list[str]()
    for n in range(count):
        name = f"v{n}"
        if len(own) == 7 or (n == count - 1 and own):
            out.append((name, "+", total, own[-1]))
            total, own = name, []
        elif not own:
            out.append((name, "*", generator.choice(list(AT)), f"0.{generator.randrange(10**6, 10**7)}"))
            own.append(name)
        else:
            op = generator.choice(("+", "*", "sin", "-"))
            out.append((name, op, own[-1], generator.choice([*AT, *own[-9:-1]])))
            own.append(name)
    return out


def as_text(lines) -> str:
    return "; ".join(f"{o} = sin({a})" if op == "sin" else f"{o} = tanh({a}*{b})" if op == "*" else f"{o} = {a} {op} {b}" for o, op, a, b in lines)


def as_python(lines, sin: str, tanh: str) -> str:
    return "\n".join(f"{o} = {sin}({a})" if op == "sin" else f"{o} = {tanh}({a}*{b})" if op == "*" else f"{o} = {a} {op} {b}" for o, op, a, b in lines)


def with_gradcli(lines):
    import gc

    from gradcli.errors import Source
    from gradcli.limits import Limits
    from gradcli.solve import Question, solve
    from gradcli.syntax.reader import read

    text, limits = as_text(lines), Limits().raised("text=100000000,nodes=10000000,names=10000000")
    gc.disable()  # as the command does
    start = time.perf_counter()
    report = solve(read(Source(text), frozenset(AT), limits), Question(dict(AT), limits=limits))
    return time.perf_counter() - start, report.partials["x"].value


def with_autograd(lines):
    import autograd
    import autograd.numpy as np

    text = as_python(lines, "np.sin", "np.tanh")
    start = time.perf_counter()
    code = compile(text, "program", "exec")

    def function(x, y, z):
        scope = {"np": np, "x": x, "y": y, "z": z}
        exec(code, scope)
        return scope[lines[-1][0]]

    slope = autograd.grad(function, (0, 1, 2))(*AT.values())
    return time.perf_counter() - start, slope[0]


def with_torch(lines):
    import torch

    torch.set_num_threads(1)
    text = as_python(lines, "torch.sin", "torch.tanh")
    start = time.perf_counter()
    scope = {"torch": torch, **{n: torch.tensor(v, dtype=torch.float64, requires_grad=True) for n, v in AT.items()}}
    exec(compile(text, "program", "exec"), scope)
    scope[lines[-1][0]].backward()
    return time.perf_counter() - start, float(scope["x"].grad or 0)


TOOLS = {"gradcli": with_gradcli, "autograd": with_autograd, "torch": with_torch}


def child(tool: str, count: int) -> None:
    lines = statements(count)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds, slope = TOOLS[tool](lines)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(seconds, max(0, peak - before) / 1024, slope)


def main(largest: int) -> None:
    tools = [t for t in TOOLS if t == "gradcli" or importlib.util.find_spec(t)]
    counts = [10**p * k for p in range(2, largest + 1) for k in ((1, 2, 4, 8) if p < largest else (1,))]
    print(f"{'operations':>10}" + "".join(f"{t + ' s':>13}{'µs/op':>8}{'× per doubling':>15}{'MiB':>7}" for t in tools))
    last: dict[str, tuple[int, float]] = {}
    for count in counts:
        row, slopes = f"{count:10}", []
        for tool in tools:
            done = subprocess.run([sys.executable, __file__, "--child", tool, str(count)], capture_output=True, text=True, check=False)
            if done.returncode:
                row += f"{'failed':>13}{'':8}{'':15}{'':7}"
                continue
            seconds, peak, slope = map(float, done.stdout.split())
            slopes.append(slope)
            growth = ""
            if tool in last:
                import math

                growth = f"{(seconds / last[tool][1]) ** (1 / math.log2(count / last[tool][0])):.2f}"
            last[tool] = count, seconds
            row += f"{seconds:13.3f}{1e6 * seconds / count:8.1f}{growth:>15}{peak:7.0f}"
        agree = all(abs(s - slopes[0]) <= 1e-9 * max(1, abs(slopes[0])) for s in slopes)
        print(row + ("" if agree else "   the gradients differ"))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], int(sys.argv[3]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
