"""Values and all partials of many points, in points per second, beside those who do the same: float64, on the CPU, interleaved in one run.

    python tests/benchmarks/throughput.py [rows] [rounds] [threads: 2,1] [cases: product,neuron,twenty,layer] [peers]

Every peer is a process of its own, so that none meets the threads and the memory of another; they take turns. It gets the same columns and
gives fresh ones, in its best form: JAX ``jit(vmap(value_and_grad))``; PyTorch by ``backward`` on whole
columns, and ``torch.compile`` where there is a C++ compiler; autograd by one pullback; CasADi a mapped Function; NumPy, numba and polars with
the gradient written by hand. ``into`` says that the results go to arrays that are there already. The copy reads the inputs and writes the
outputs: the limit of memory. One thread is the whole process on one core, so that no library can use more. Both times are medians: by the clock,
and of the processor (all threads together), which says more on a machine that has other things to do.
"""

import math
import os
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import SimpleNamespace

import numpy as np

BLOCK = 4096  # rows of a block of NumPy: the temporaries of a block stay in the second cache
W = np.random.default_rng(8).normal(size=(8, 8))
B = np.linspace(-1, 1, 8)


# ---- the four expressions: for those who differentiate by themselves, and with the gradient written by hand -------------------------


def product(m, x, y, z):
    return (x + y) * z


def product_by_hand(m):
    def gradient(x, y, z):
        q = x + y
        return q * z, z, z, q

    return gradient


def neuron(m, w0, x0, w1, x1, w2):
    return 1 / (1 + m.exp(-(w0 * x0 + w1 * x1 + w2)))


def neuron_by_hand(m):
    exp = m.exp

    def gradient(w0, x0, w1, x1, w2):
        f = 1 / (1 + exp(-(w0 * x0 + w1 * x1 + w2)))
        d = f * (1 - f)
        return f, d * x0, d * w0, d * x1, d * w1, d

    return gradient


def twenty(m, x, y, z, w, v):
    a = x * y + z
    b = m.sin(a) * m.exp(-a / 3)
    c = m.log(1 + a * a + w * w)
    d = b * c + v / (c + 2)
    return d * x - b * d + w


def twenty_by_hand(m):
    exp, sin, cos, log = m.exp, m.sin, m.cos, m.log

    def gradient(x, y, z, w, v):
        a = x * y + z
        e, s = exp(-a / 3), 1 + a * a + w * w
        b, c = sin(a) * e, log(s)
        q = c + 2
        r = v / q
        d = b * c + r
        gd = x - b
        gs = gd * (b - r / q) / s
        ga = (gd * c - d) * (cos(a) * e - b / 3) + 2 * a * gs
        return d * x - b * d + w, d + ga * y, ga * x, ga, 1 + 2 * w * gs, gd / q

    return gradient


def layer(m, x, t):
    r = 1 / (1 + m.exp(-(x @ m.W.T + m.B))) - t
    return (r * r).sum(-1)


def layer_by_hand(m):
    def gradient(x, t):
        y = 1 / (1 + np.exp(-(x @ W.T + B)))
        r = 2 * (y - t)
        return (r * r).sum(1) / 4, (r * y * (1 - y)) @ W, -r

    return gradient


CASES = {
    "product": SimpleNamespace(text="(x+y)*z", names=("x", "y", "z"), forward=product, by_hand=product_by_hand),
    "neuron": SimpleNamespace(
        text="1/(1+e^(-(w0*x0+w1*x1+w2)))", names=("w0", "x0", "w1", "x1", "w2"), forward=neuron, by_hand=neuron_by_hand),
    "twenty": SimpleNamespace(
        text="a = x*y + z; b = sin(a)*exp(-a/3); c = ln(1 + a*a + w*w); d = b*c + v/(c + 2); f = d*x - b*d + w",
        names=("x", "y", "z", "w", "v"), forward=twenty, by_hand=twenty_by_hand),
    "layer": SimpleNamespace(text="sum((sigmoid(W@x+b)-t)^2)", names=("x", "t"), forward=layer, by_hand=layer_by_hand),
}  # fmt: skip


def columns_of(case, rows):
    generator = np.random.default_rng(7)
    shape = (rows, 8) if case.forward is layer else rows
    return [generator.uniform(-2, 2, shape) for _ in case.names]


def halves(rows, count):
    return [slice(rows * k // count, rows * (k + 1) // count) for k in range(count)]


# ---- the peers: each takes a case, its columns and the threads, and returns what computes (value, partials …) --------------------------


def gradcli(case, columns, threads, into=False, **how):
    import gradcli

    constants = {"W": W, "b": B} if case.forward is layer else {}
    function = gradcli.compile(case.text, **constants, threads=threads, **how)
    at = dict(zip(case.names, columns))

    ready = function(**at) if into else None

    def run():
        found = function(**at, out=ready)
        return found.value, *(found.partials[name] for name in case.names)

    return run


def jax(case, columns, threads):
    import jax

    jax.config.update("jax_enable_x64", True)
    m = SimpleNamespace(exp=jax.numpy.exp, sin=jax.numpy.sin, log=jax.numpy.log, W=W, B=B)
    places = tuple(range(len(columns)))
    function = jax.jit(jax.vmap(jax.value_and_grad(partial(case.forward, m), places)))
    there = [jax.numpy.asarray(c) for c in columns]

    def run():
        value, partials = jax.block_until_ready(function(*there))
        return value, *partials

    return run


def jax_in_halves(case, columns, threads):
    """The rows cut in as many pieces as there are threads, one call each: for where XLA uses one thread."""
    if threads == 1:
        raise ImportError("one thread")
    parts = [jax(case, [c[cut] for c in columns], 1) for cut in halves(len(columns[0]), threads)]
    pool = ThreadPoolExecutor(threads)

    def run():
        return list(pool.map(lambda part: part(), parts))

    run.joined = lambda got: [np.concatenate(part) for part in zip(*got)]
    return run


def torch_columns(columns):
    import torch

    return [torch.from_numpy(c).requires_grad_() for c in columns]


def torch_module(threads):
    import torch

    torch.set_num_threads(threads)
    return SimpleNamespace(exp=torch.exp, sin=torch.sin, log=torch.log, W=torch.from_numpy(W), B=torch.from_numpy(B))


def torch(case, columns, threads, wrap=lambda function: function):
    m = torch_module(threads)
    there, forward = torch_columns(columns), wrap(partial(case.forward, m))

    def run():
        for c in there:
            c.grad = None
        value = forward(*there)
        value.sum().backward()
        return value.detach(), *(c.grad for c in there)

    return run


def torch_compiled(case, columns, threads):
    import torch as library

    return torch(case, columns, threads, library.compile)


def autograd(case, columns, threads):
    import autograd.numpy as anp
    from autograd.core import make_vjp

    m = SimpleNamespace(exp=anp.exp, sin=anp.sin, log=anp.log, W=W, B=B)
    ones = np.ones(len(columns[0]))

    def run():
        pullback, value = make_vjp(lambda at: case.forward(m, *at), tuple(columns))
        return value, *pullback(ones)

    return run


def casadi(case, columns, threads):
    import casadi as c

    sizes = [1 if column.ndim == 1 else column.shape[1] for column in columns]
    places = [c.SX.sym(name, size) for name, size in zip(case.names, sizes)]
    m = SimpleNamespace(exp=c.exp, sin=c.sin, log=c.log)
    value = c.sumsqr(1 / (1 + c.exp(-(c.DM(W) @ places[0] + c.DM(B)))) - places[1]) if case.forward is layer else case.forward(m, *places)
    function = c.Function("f", places, [value, *(c.gradient(value, place) for place in places)])
    rows = len(columns[0])
    mapped = function.map(rows, "thread", threads) if threads > 1 else function.map(rows)
    there = [c.DM(np.ascontiguousarray(np.atleast_2d(column.T))) for column in columns]

    def run():
        return mapped(*there)

    run.joined = lambda got: [np.asarray(part).T.reshape((rows, -1)).squeeze() for part in got]
    return run


def numpy(case, columns, threads):
    gradient = case.by_hand(np)
    return lambda: gradient(*columns)


def numpy_blocked(case, columns, threads):
    gradient = case.by_hand(np)
    rows = len(columns[0])
    pool = ThreadPoolExecutor(threads)

    def piece(cut, out):
        for start in range(cut.start, cut.stop, BLOCK):
            block = slice(start, min(start + BLOCK, cut.stop))
            for target, found in zip(out, gradient(*[c[block] for c in columns])):
                target[block] = found

    def run():
        out = [np.empty(rows), *(np.empty_like(c) for c in columns)]
        list(pool.map(lambda cut: piece(cut, out), halves(rows, threads)))
        return out

    return run


def numba_loops():
    """The loops as one writes them; numba compiles each for itself."""
    from numba import njit, prange

    def three(gradient):
        @njit(parallel=True, fastmath=False)
        def loop(x, y, z, f, gx, gy, gz):
            for i in prange(f.size):
                f[i], gx[i], gy[i], gz[i] = gradient(x[i], y[i], z[i])

        return loop

    def five(gradient):
        @njit(parallel=True, fastmath=False)
        def loop(a, b, c, d, e, f, ga, gb, gc, gd, ge):
            for i in prange(f.size):
                f[i], ga[i], gb[i], gc[i], gd[i], ge[i] = gradient(a[i], b[i], c[i], d[i], e[i])

        return loop

    @njit(parallel=True, fastmath=False)
    def layer_loop(x, t, f, gx, gt):
        for i in prange(f.size):
            total = 0.0
            for k in range(8):
                gx[i, k] = 0.0
            for j in range(8):
                u = B[j]
                for k in range(8):
                    u += W[j, k] * x[i, k]
                y = 1 / (1 + math.exp(-u))
                r = 2 * (y - t[i, j])
                total += r * r / 4
                gt[i, j] = -r
                g = r * y * (1 - y)
                for k in range(8):
                    gx[i, k] += g * W[j, k]
            f[i] = total

    return {3: three, 5: five, 2: lambda gradient: layer_loop}


def numba(case, columns, threads, into=False):
    import numba as library

    library.set_num_threads(threads)
    gradient = None if case.forward is layer else library.njit(case.by_hand(math))
    loop = numba_loops()[len(columns)](gradient)
    ready = [np.zeros(len(columns[0])), *(np.zeros_like(c) for c in columns)]

    def run():
        out = ready if into else [np.empty(len(columns[0])), *(np.empty_like(c) for c in columns)]
        loop(*columns, *out)
        return out

    return run


def polars(case, columns, threads):
    import polars as pl

    if case.forward is layer:
        data = {f"{name}{k}": column[:, k] for name, column in zip(case.names, columns) for k in range(8)}
        y = [1 / (1 + (-sum((W[j, k] * pl.col(f"x{k}") for k in range(8)), pl.lit(B[j]))).exp()) for j in range(8)]
        r = [2 * (y[j] - pl.col(f"t{j}")) for j in range(8)]
        gx = [sum(r[j] * y[j] * (1 - y[j]) * W[j, k] for j in range(8)) for k in range(8)]
        outputs = [sum(q * q for q in r) / 4, *gx, *(-q for q in r)]
    else:
        data = dict(zip(case.names, columns))
        m = SimpleNamespace(exp=pl.Expr.exp, sin=pl.Expr.sin, cos=pl.Expr.cos, log=pl.Expr.log)
        outputs = case.by_hand(m)(*map(pl.col, case.names))
    wanted = pl.DataFrame(data).lazy().select(output.alias(f"o{k}") for k, output in enumerate(outputs))

    def joined(got):
        flat = [got[name].to_numpy() for name in got.columns]
        return [flat[0], np.stack(flat[1:9], 1), np.stack(flat[9:], 1)] if case.forward is layer else flat

    def run():
        return wanted.collect()

    run.joined = joined
    return run


def copy(case, columns, threads):
    """Every output is a copy of an input: as many columns read, and as many written, and nothing computed."""
    rows = len(columns[0])
    out = [np.zeros(rows), *(np.zeros_like(c) for c in columns)]
    source = [columns[0].reshape(rows, -1)[:, 0], *columns] if case.forward is layer else [columns[-1], *columns]
    pool = ThreadPoolExecutor(threads)

    def piece(cut):
        for target, column in zip(out, source):
            np.copyto(target[cut], column[cut])

    return lambda: list(pool.map(piece, halves(rows, threads))) and None


PEERS = {
    "gradcli": gradcli, "gradcli into": partial(gradcli, into=True), "gradcli jit": partial(gradcli, jit=True),
    "gradcli jit into": partial(gradcli, into=True, jit=True), "JAX": jax, "JAX in halves": jax_in_halves, "PyTorch": torch,
    "PyTorch compiled": torch_compiled, "autograd": autograd, "CasADi": casadi, "NumPy": numpy, "NumPy in blocks": numpy_blocked,
    "numba": numba, "numba into": partial(numba, into=True), "polars": polars, "memory copy": copy,
}  # fmt: skip


# ---- the run --------------------------------------------------------------------------------------------------------------------------


def difference(truth, found):
    """Return the largest difference, relative to the largest number of its column."""
    return max(float(np.max(np.abs(np.asarray(a) - b)) / np.max(np.abs(b))) for a, b in zip(found, truth, strict=True))


def serve(peer, name, rows, threads):
    """Be one peer: prepare, compare with NumPy by hand, say so, and then compute once for each line that comes."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    case = CASES[name]
    columns = columns_of(case, rows)
    try:
        run = PEERS[peer](case, columns, threads)
        got = run()  # compiles
        print(0.0 if got is None else difference(case.by_hand(np)(*columns), getattr(run, "joined", lambda got: got)(got)), flush=True)
    except Exception as broken:  # a peer may be absent, or fail in a way of its own; the others are measured
        sys.exit(f"    without {peer}: {(str(broken) or repr(broken)).splitlines()[0]}")
    for _ in sys.stdin:
        got = None
        start, busy = time.perf_counter(), time.process_time()
        got = run()
        print(time.perf_counter() - start, time.process_time() - busy, flush=True)


def started(peer, name, rows, threads):
    """Return the process of a peer and how far its numbers are from those of NumPy; None where it is absent."""
    known = {f"{library}_NUM_THREADS": str(threads) for library in ("OMP", "MKL", "OPENBLAS", "NUMBA")}
    if peer == "NumPy in blocks":
        known["OPENBLAS_NUM_THREADS"] = "1"  # the blocks are on all threads already
    env = {**os.environ, **known, "POLARS_MAX_THREADS": str(threads), "JAX_PLATFORMS": "cpu", "PYTHONWARNINGS": "ignore"}
    process = subprocess.Popen([sys.executable, __file__, "--serve", peer, name, str(rows), str(threads)], env=env, text=True,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # fmt: skip
    line = process.stdout.readline()
    return (process, float(line)) if line else None


def turn(process):
    process.stdin.write("\n")
    process.stdin.flush()
    return tuple(map(float, process.stdout.readline().split()))


def measured(name, rows, rounds, threads, peers):
    running = {peer: found for peer in peers if (found := started(peer, name, rows, threads))}
    times = {peer: [] for peer in running}
    for number in range(rounds + 2):
        for peer, (process, _) in running.items():
            once = turn(process)
            if number >= 2:  # two to warm up
                times[peer].append(once)
    for process, _ in running.values():
        process.communicate()
    clock, cpu = ({peer: statistics.median(t[k] for t in v) for peer, v in times.items()} for k in (0, 1))
    base = next(peer for peer in peers if peer in running)
    print(f"\n{CASES[name].text}    {rows} rows, {threads} thread{'s' * (threads > 1)}, medians of {rounds}")
    print(f"{'':18}{'million points/s':>18}{'CPU ns/point':>14}{base + ' / it':>16}{'by CPU':>9}{'largest difference':>20}")
    for peer, (_, apart) in running.items():
        print(f"{peer:18}{rows / clock[peer] / 1e6:18.2f}{1e9 * cpu[peer] / rows:14.1f}{clock[peer] / clock[base]:16.2f}"
              f"{cpu[peer] / cpu[base]:9.2f}{'' if peer == 'memory copy' else f'{apart:.1e}':>20}", flush=True)  # fmt: skip


def main(rows="1000000", rounds="7", threads="2,1", names="", peers=""):
    for count in map(int, threads.split(",")):
        for name in names.split(",") if names else CASES:
            size = int(rows) if name != "layer" else max(1, int(rows) // 4)  # a row of it has sixteen numbers
            measured(name, size, int(rounds), count, peers.split(",") if peers else list(PEERS))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve(*sys.argv[2:4], *map(int, sys.argv[4:]))
    else:
        main(*sys.argv[1:])
