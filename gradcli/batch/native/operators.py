"""What an operator becomes for eight numbers at once; names are those of the table, as in `arithmetic.real`."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from gradcli.batch.native import functions
from gradcli.batch.native.lanes import Lanes
from gradcli.batch.tape import THROUGH

Kernel = Callable[..., Lanes]
LIBRARY = {"asin": 1, "acos": 1, "atan": 1, "asinh": 1, "acosh": 1, "atanh": 1, "cbrt": 1, "erf": 1, "erfc": 1, "atan2": 2, "hypot": 2}
OURS = ("exp", "expm1", "ln", "log2", "log10", "log1p", "sin", "cos", "tan", "sinh", "cosh", "tanh", "gauss", "normpdf", "normcdf")


def _intrinsic(name: str) -> Kernel:
    return lambda *x: x[0].writer.intrinsic(name, *x)


def _library(name: str) -> Kernel:
    return lambda *x: x[0].writer.each(name, *x)


def _ours(name: str) -> Kernel:
    def kernel(x: Lanes) -> Lanes:
        return x.writer.apart(f"eight_{name}", getattr(functions, name), x, inline=x.writer.inline)

    return kernel


def _compare(sign: str) -> Kernel:
    return lambda x, y: x.writer.where(x.compare(sign, y), x.writer.constant(1), x.writer.constant(0))


def _chosen(sign: str) -> Kernel:
    """Return the larger or the smaller of two, nan if one of them is."""

    def choose(x: Lanes, y: Lanes) -> Lanes:
        write = x.writer
        return write.where(write.builder.fcmp_unordered("uno", x.value, y.value), x + y, write.where(x.compare(sign, y), x, y))

    return choose


def _sign(x: Lanes) -> Lanes:
    write = x.writer
    found = write.where(x.compare("<", 0), write.constant(-1), x + 0.0)
    return write.where(x.compare(">", 0), write.constant(1), found)


def _where(c: Lanes, a: Lanes, b: Lanes) -> Lanes:
    return a.writer.where(c.compare("!=", 0), a, b)


def _through(x: Lanes, y: Lanes, value: Lanes) -> Lanes:
    """Return x·y, but 0 where x is 0 and the value is not finite."""
    write = x.writer
    idle = write.builder.and_(x.compare("==", 0), write.builder.not_(abs(value).compare("<", inf)))
    return write.where(idle, write.constant(0), x * y)


def _power(x: Lanes, y: Lanes) -> Lanes:
    if y.known in (-3, -2, -1, 0, 1, 2, 3, 4):
        return functions.power(x, int(y.known))
    return x.writer.each("pow", x, y)


KERNELS: dict[tuple[str, int], Kernel] = {
    ("+", 2): lambda x, y: x + y,
    ("-", 2): lambda x, y: x - y,
    ("*", 2): lambda x, y: x * y,
    ("/", 2): lambda x, y: x / y,
    ("-", 1): lambda x: -x,
    ("^", 2): _power,
    ("abs", 1): abs,
    ("sqrt", 1): _intrinsic("sqrt"),
    ("floor", 1): _intrinsic("floor"),
    ("ceil", 1): _intrinsic("ceil"),
    ("round", 1): _intrinsic("roundeven"),
    ("sign", 1): _sign,
    ("max", 2): _chosen(">"),
    ("min", 2): _chosen("<"),
    ("where", 3): _where,
    ("flow", 2): lambda x, y: _through(x, y, y),
    (THROUGH, 3): _through,
    **{(sign, 2): _compare(sign) for sign in ("<", "<=", ">", ">=", "==", "!=")},
    **{(name, 1): _ours(name) for name in OURS},
    **{(name, count): _library(name) for name, count in LIBRARY.items()},
}
