"""Eight numbers at once: what the compiled loop computes with.

A `Lanes` stands for a vector of eight float64, and the operators of Python write the instruction. Nothing is reassociated or contracted:
every sum, product, quotient and root is the one that IEEE 754 says, so that the bits do not depend on the machine. LLVM cuts the eight to
what the processor has.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llvmlite import ir

WIDTH = 8


class Writer:
    """The place in a function where instructions are written."""

    def __init__(self, builder: ir.IRBuilder, inline: bool = False) -> None:
        from llvmlite import ir

        self.ir, self.builder, self.inline = ir, builder, inline  # whether functions are copied to where they are called
        self.one, self.real = ir.DoubleType(), ir.VectorType(ir.DoubleType(), WIDTH)
        self.word, self.bit = ir.VectorType(ir.IntType(64), WIDTH), ir.VectorType(ir.IntType(1), WIDTH)

    def constant(self, value: float) -> Lanes:
        """Return eight times the same number."""
        return Lanes(self, self.ir.Constant(self.real, [value] * WIDTH), value)

    def lanes(self, amount: Lanes | float) -> Lanes:
        """Return eight numbers, of one eight times the same."""
        return amount if isinstance(amount, Lanes) else self.constant(amount)

    def truths(self, amount: Truths | bool) -> Truths:
        """Return eight truths, of one eight times the same."""
        return amount if isinstance(amount, Truths) else Truths(self, self.ir.Constant(self.bit, [bool(amount)] * WIDTH))

    def integer(self, value: int) -> Any:
        """Return eight times the same whole number, as bits."""
        return self.ir.Constant(self.word, [value] * WIDTH)

    def call(self, name: str, *arguments: Any, returns: Any = None) -> Any:
        """Write a call of an intrinsic, or of a function of the C library."""
        returns = returns or arguments[0].type
        module = self.builder.module
        if name not in module.globals:
            self.ir.Function(module, self.ir.FunctionType(returns, [a.type for a in arguments]), name)
        return self.builder.call(module.globals[name], arguments)

    def intrinsic(self, name: str, *arguments: Lanes) -> Lanes:
        """Write an operation that LLVM has for vectors."""
        return Lanes(self, self.call(f"llvm.{name}.v{WIDTH}f64", *[a.value for a in arguments]))

    def apart(self, name: str, body: Callable[..., Lanes], *arguments: Lanes, inline: bool = False) -> Lanes:
        """Write a call of a function that is written once, whoever calls it."""
        module, ir = self.builder.module, self.ir
        if name not in module.globals:
            function = ir.Function(module, ir.FunctionType(self.real, [self.real] * len(arguments)), name)
            function.linkage = "internal"
            function.attributes.add("alwaysinline" if inline else "noinline")
            inside = Writer(ir.IRBuilder(function.append_basic_block()))
            inside.builder.ret(body(*[Lanes(inside, a) for a in function.args]).value)
        return Lanes(self, self.call(name, *[a.value for a in arguments]))

    def each(self, name: str, *arguments: Lanes) -> Lanes:
        """Write a call of the C library for each of the eight; apart, so that a loop that seldom needs it stays small."""

        def body(*arguments: Lanes) -> Lanes:
            write = arguments[0].writer
            out = write.constant(0).value
            for k in range(WIDTH):
                lane = self.ir.Constant(self.ir.IntType(32), k)
                one = write.call(name, *[write.builder.extract_element(a.value, lane) for a in arguments])
                out = write.builder.insert_element(out, one, lane)
            return Lanes(write, out)

        return self.apart(f"each_{name}", body, *arguments)

    def where(self, condition: Any, a: Lanes, b: Lanes) -> Lanes:
        """Return a where the condition holds, else b."""
        return Lanes(self, self.builder.select(condition, a.value, b.value))

    def rarely(self, condition: Any, usual: Lanes, rare: Any) -> Lanes:
        """Return ``usual``, but ``rare()`` where the condition holds; it is not even computed if that is nowhere."""
        builder, before = self.builder, self.builder.block
        some = self.call(f"llvm.vector.reduce.or.v{WIDTH}i1", condition, returns=self.ir.IntType(1))
        with builder.if_then(some, likely=False):
            other = self.where(condition, rare(), usual)
            inside = builder.block
        found = builder.phi(self.real)
        found.add_incoming(usual.value, before)
        found.add_incoming(other.value, inside)
        return Lanes(self, found)


class Lanes:
    """Eight numbers; ``known`` where they are the same constant."""

    def __init__(self, writer: Writer, value: Any, known: float | None = None) -> None:
        self.writer, self.value, self.known = writer, value, known

    def _other(self, other: Lanes | float) -> Any:
        return other.value if isinstance(other, Lanes) else self.writer.constant(other).value

    def _new(self, value: Any) -> Lanes:
        return Lanes(self.writer, value)

    def __add__(self, other: Lanes | float) -> Lanes:
        return self._new(self.writer.builder.fadd(self.value, self._other(other)))

    def __sub__(self, other: Lanes | float) -> Lanes:
        return self._new(self.writer.builder.fsub(self.value, self._other(other)))

    def __mul__(self, other: Lanes | float) -> Lanes:
        return self._new(self.writer.builder.fmul(self.value, self._other(other)))

    def __truediv__(self, other: Lanes | float) -> Lanes:
        return self._new(self.writer.builder.fdiv(self.value, self._other(other)))

    def __rsub__(self, other: float) -> Lanes:
        return self._new(self.writer.builder.fsub(self._other(other), self.value))

    def __rtruediv__(self, other: float) -> Lanes:
        return self._new(self.writer.builder.fdiv(self._other(other), self.value))

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self) -> Lanes:
        return self._new(self.writer.builder.fneg(self.value))

    def __abs__(self) -> Lanes:
        return self.writer.intrinsic("fabs", self)

    def __lt__(self, other: Lanes | float) -> Truths:
        return Truths(self.writer, self.compare("<", other))

    def __le__(self, other: Lanes | float) -> Truths:
        return Truths(self.writer, self.compare("<=", other))

    def __gt__(self, other: Lanes | float) -> Truths:
        return Truths(self.writer, self.compare(">", other))

    def __ge__(self, other: Lanes | float) -> Truths:
        return Truths(self.writer, self.compare(">=", other))

    def compare(self, sign: str, other: Lanes | float) -> Any:
        """Return where a comparison holds; with nan none does, save !=."""
        builder = self.writer.builder
        ordered = builder.fcmp_unordered if sign == "!=" else builder.fcmp_ordered
        return ordered(sign, self.value, self._other(other))

    def plus_product(self, a: Lanes | float, b: Lanes | float) -> Lanes:
        """Return self + a·b, rounded once."""
        return self._new(self.writer.call(f"llvm.fma.v{WIDTH}f64", self._other(a), self._other(b), self.value))

    def bits(self) -> Any:
        """Return the eight as whole numbers of 64 bits."""
        return self.writer.builder.bitcast(self.value, self.writer.word)

    def from_bits(self, bits: Any) -> Lanes:
        """Return the eight numbers that whole numbers of 64 bits stand for."""
        return self._new(self.writer.builder.bitcast(bits, self.writer.real))

    def series(self, *coefficients: float) -> Lanes:
        """Return c₀ + c₁x + c₂x² + …, by Horner's rule."""
        total = self.writer.constant(coefficients[-1])
        for coefficient in reversed(coefficients[:-1]):
            total = self.writer.constant(coefficient).plus_product(total, self)
        return total


class Truths:
    """Eight answers to a question; & and | take one of Python too."""

    def __init__(self, writer: Writer, value: Any) -> None:
        self.writer, self.value = writer, value

    def __and__(self, other: Truths | bool) -> Truths:
        return Truths(self.writer, self.writer.builder.and_(self.value, self.writer.truths(other).value))

    def __or__(self, other: Truths | bool) -> Truths:
        return Truths(self.writer, self.writer.builder.or_(self.value, self.writer.truths(other).value))

    __rand__, __ror__ = __and__, __or__
