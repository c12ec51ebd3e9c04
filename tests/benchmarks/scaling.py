"""Time and peak memory from text to gradient for 10^3 … 10^6 operations, beside the libraries that are installed.

    python tests/benchmarks/scaling.py [largest power of ten] [tools, by commas]

The same scalar expression for all: a sum of short terms of products, sines and hyperbolic tangents of three variables, one process per
measurement. The peers get it as Python statements, one per operation, so that no parser of theirs recurses; imports are not counted.
Time is that of the processor, so that other work on the machine counts less. gradcli prints every digit right; the peers compute in
float64. "gradient/value" is what values and partials cost gradcli against the value alone, once the text is read.
"""

import importlib.util
import math
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
    from gradcli.nested import Given
    from gradcli.solve import Question, solve
    from gradcli.syntax.reader import read

    limits = Limits().raised("text=1000000000,nodes=100000000,names=100000000")
    at = {name: Given(value) for name, value in AT.items()}
    warm = read(Source(as_text(statements(300))), frozenset(AT), limits)  # what a process does once is not counted, as with the peers
    solve(warm, Question(at, limits=limits))
    text = as_text(lines)
    gc.disable()  # as the command does
    start = time.process_time()
    program = read(Source(text), frozenset(AT), limits)
    read_in = time.process_time()
    report = solve(program, Question(at, limits=limits))
    done = time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    solve(program, Question(at, wrt=[], limits=limits))
    value = time.process_time() - done
    return done - start, report.partials["x"].value, {"read": read_in - start, "gradient/value": (done - read_in) / value, "peak": peak}


def with_autograd(lines):
    import autograd
    import autograd.numpy as np

    text = as_python(lines, "np.sin", "np.tanh")
    start = time.process_time()
    code = compile(text, "program", "exec")

    def function(x, y, z):
        scope = {"np": np, "x": x, "y": y, "z": z}
        exec(code, scope)
        return scope[lines[-1][0]]

    slope = autograd.grad(function, (0, 1, 2))(*AT.values())
    return time.process_time() - start, slope[0], {}


def with_torch(lines):
    import torch

    torch.set_num_threads(1)
    text = as_python(lines, "torch.sin", "torch.tanh")
    start = time.process_time()
    scope = {"torch": torch, **{n: torch.tensor(v, dtype=torch.float64, requires_grad=True) for n, v in AT.items()}}
    exec(compile(text, "program", "exec"), scope)
    scope[lines[-1][0]].backward()
    return time.process_time() - start, float(scope["x"].grad or 0), {}


def with_jax(lines):
    import jax

    jax.config.update("jax_enable_x64", True)
    text = as_python(lines, "jnp.sin", "jnp.tanh")
    start = time.process_time()
    code = compile(text, "program", "exec")

    def function(x, y, z):
        scope = {"jnp": jax.numpy, "x": x, "y": y, "z": z}
        exec(code, scope)
        return scope[lines[-1][0]]

    slope = jax.grad(function, (0, 1, 2))(*AT.values())
    return time.process_time() - start, float(slope[0]), {}


def with_casadi(lines):
    import casadi

    text = as_python(lines, "casadi.sin", "casadi.tanh")
    start = time.process_time()
    names = {name: casadi.SX.sym(name) for name in AT}
    scope = {"casadi": casadi, **names}
    exec(compile(text, "program", "exec"), scope)
    into = casadi.vertcat(*names.values())
    root = scope[lines[-1][0]]
    slope = casadi.Function("f", [into], [root, casadi.gradient(root, into)])(list(AT.values()))[1]
    return time.process_time() - start, float(slope[0]), {}


def with_micrograd(lines):
    from micrograd.engine import Value

    def unary(value, slope):
        def function(a):
            out = Value(value(a.data), (a,))

            def back():
                a.grad += slope(a.data, out.data) * out.grad

            out._backward = back
            return out

        return function

    sys.setrecursionlimit(10**8)  # its backward() recurses
    text = as_python(lines, "sin", "tanh")
    start = time.process_time()
    scope = {
        "sin": unary(math.sin, lambda x, out: math.cos(x)), "tanh": unary(math.tanh, lambda x, out: 1 - out * out),
        **{name: Value(value) for name, value in AT.items()},
    }  # fmt: skip
    exec(compile(text, "program", "exec"), scope)
    scope[lines[-1][0]].backward()
    return time.process_time() - start, scope["x"].grad, {}


TOOLS = {
    "gradcli": with_gradcli, "torch": with_torch, "micrograd": with_micrograd, "casadi": with_casadi, "autograd": with_autograd,
    "jax": with_jax,
}  # fmt: skip
SLOW = 200_000  # operations: the peers have shown by then how they grow
MINUTES = 15


def child(tool: str, count: int) -> None:
    lines = statements(count)
    importlib.import_module("gradcli" if tool == "gradcli" else {"micrograd": "micrograd.engine"}.get(tool, tool))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds, slope, more = TOOLS[tool](lines)
    peak = more.pop("peak", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    print(seconds, max(0, peak - before) * 1024, slope, *(f"{name}={value}" for name, value in more.items()))


def main(largest: int, tools: list[str]) -> None:
    tools = [t for t in TOOLS if (t in tools or not tools) and importlib.util.find_spec(t)]
    counts = [10**p * k for p in range(3, largest + 1) for k in ((1, 2, 4, 8) if p < largest else (1,))]
    print(f"{'operations':>10} {'tool':10}{'s':>9}{'µs/op':>8}{'× gradcli':>10}{'× per doubling':>15}{'bytes/op':>10}{'× per doubling':>15}")
    last: dict[str, tuple[int, float, float]] = {}
    for count in counts:
        slopes, ours = [], 0.0
        for tool in tools:
            if count > SLOW and tool != "gradcli":
                continue
            try:
                done = subprocess.run(
                    [sys.executable, __file__, "--child", tool, str(count)], capture_output=True, text=True, check=False, timeout=60 * MINUTES
                )  # fmt: skip
            except subprocess.TimeoutExpired:
                print(f"{count:10} {tool:10} over {MINUTES} minutes")
                continue
            if done.returncode:
                print(f"{count:10} {tool:10} failed: {done.stderr.strip().splitlines()[-1:]}")
                continue
            words = done.stdout.split()
            seconds, size, slope = map(float, words[:3])
            slopes.append(slope)
            ours = seconds if tool == "gradcli" else ours
            growth = ["", ""]
            if tool in last:
                doublings = math.log2(count / last[tool][0])
                growth = [f"{(now / max(then, 1e-9)) ** (1 / doublings):.2f}" for now, then in zip((seconds, size), last[tool][1:])]
            last[tool] = count, seconds, size
            more = {name: float(value) for name, _, value in (word.partition("=") for word in words[3:])}
            told = f"   read {1e6 * more['read'] / count:.1f} µs/op, gradient/value {more['gradient/value']:.1f}" if more else ""
            print(
                f"{count:10} {tool:10}{seconds:9.3f}{1e6 * seconds / count:8.1f}{seconds / ours if ours else 0:10.2f}{growth[0]:>15}"
                f"{size / count:10.0f}{growth[1]:>15}{told}", flush=True,
            )  # fmt: skip
        if not all(abs(s - slopes[0]) <= 1e-9 * max(1, abs(slopes[0])) for s in slopes):
            print(f"{count:10} the gradients differ: {slopes}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], int(sys.argv[3]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 5, sys.argv[2].split(",") if len(sys.argv) > 2 else [])
