"""LLVM's language as machine code for this processor, and its call on NumPy's arrays."""

from __future__ import annotations

import ctypes
import platform
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from llvmlite import binding as llvm

from gradcli.batch.native.lanes import WIDTH
from gradcli.batch.native.loop import NAME, written

if TYPE_CHECKING:
    from gradcli.batch.records import Floats
    from gradcli.batch.tape import Tape


class Loop:
    """The machine code of a tape; any number of threads may call it at once."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine  # the code lives as long as it
        pointer, number = ctypes.c_void_p, ctypes.c_int64
        kind = ctypes.CFUNCTYPE(ctypes.c_int, pointer, pointer, pointer, number, number, number)  # a call of this kind releases the GIL
        self.call = kind(engine.get_function_address(NAME))

    def on(self, inputs: list[Floats], outputs: list[Floats]) -> Bound:
        """Return the loop over certain columns: of float64, contiguous, of one length; none is input and output.

        Raises:
            ValueError: for columns that are something else.

        """
        for column in (*inputs, *outputs):
            if column.dtype != "f8" or not column.flags.c_contiguous or column.shape != outputs[0].shape:
                raise ValueError("a column is contiguous, of float64, and as long as the others")
        return Bound(self, inputs, outputs)


class Bound:
    """A loop and its columns."""

    def __init__(self, loop: Loop, inputs: list[Floats], outputs: list[Floats]) -> None:
        self.loop, self.inputs, self.outputs = loop, inputs, outputs
        self._sources, self._targets = _table(inputs), _table(outputs)

    def __call__(self, start: int = 0, stop: int | None = None) -> tuple[Any, bool]:
        """Do the rows from start to stop.

        Returns: of each row whether it is certain; and whether that can be believed: no operation overflowed, underflowed or divided by
        zero.

        """
        import numpy as np

        rows = (len(self.outputs[0]) if stop is None else stop) - start
        sure, noted = np.empty(max(rows, WIDTH), dtype=bool), 0
        if rows >= WIDTH:
            step = WIDTH - (self._targets[0] // 8 + start) % WIDTH
            noted = self.loop.call(self._sources, self._targets, sure.ctypes.data - start, start, start + rows - WIDTH, step)
        elif rows:  # filled up with the last one
            few = [np.append(column[start:][:rows], np.full(WIDTH - rows, column[start + rows - 1])) for column in self.inputs]
            results = [np.empty(WIDTH) for _ in self.outputs]
            noted = self.loop.call(_table(few), _table(results), sure.ctypes.data, 0, 0, WIDTH)
            for column, result in zip(self.outputs, results):
                column[start : start + rows] = result[:rows]
        return sure[:rows], not noted


def _table(columns: list[Floats]) -> Any:
    return (ctypes.c_void_p * len(columns))(*[column.ctypes.data for column in columns])


def _processor() -> Any:
    """Return a new description of this processor; the engine that gets it owns it, and frees it at its end."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    features = llvm.get_host_cpu_features()
    features["prefer-256-bit"] = False  # eight numbers are one register where there are such registers
    target = llvm.Target.from_default_triple()
    return target.create_target_machine(cpu=llvm.get_host_cpu_name(), features=features.flatten(), opt=2, jit=True)


@cache
def _c_library() -> ctypes.CDLL:
    for name in (None, "libm.so.6", "libSystem.dylib", "ucrtbase"):
        with suppress(OSError, TypeError, AttributeError):
            library = ctypes.CDLL(name)
            library.log1p  # noqa: B018
            return library
    raise ImportError("no C library")


def _resolve(module: Any) -> None:
    """Tell LLVM where the functions of the C library are; a name that it does not find would end the process."""
    called = [function.name for function in module.functions if function.is_declaration and not function.name.startswith("llvm.")]
    for name in (*called, "fma", "floor", "ceil", "roundeven"):  # the last for processors without
        if hasattr(_c_library(), name):
            llvm.add_symbol(name, ctypes.cast(getattr(_c_library(), name), ctypes.c_void_p).value)
        elif name in called:
            raise ImportError(name)


# Divided by zero, overflow, underflow. Of what is invalid nan stays in the row; the rounding that every operation does is of no interest.
_EXCEPTIONS = {"x86_64": 4 | 8 | 16, "AMD64": 8 | 4 | 2, "aarch64": 2 | 4 | 8, "arm64": 2 | 4 | 8}


def loop(tape: Tape) -> Loop:
    """Return the machine code of a tape.

    Raises:
        ImportError: for a processor, or a C library, that is not known.

    """
    if platform.machine() not in _EXCEPTIONS:
        raise ImportError(platform.machine())
    machine = _processor()
    module = llvm.parse_assembly(written(tape, machine, _EXCEPTIONS[platform.machine()]))
    module.verify()
    options = llvm.create_pipeline_tuning_options(speed_level=1)
    options.loop_vectorization = options.slp_vectorization = options.loop_unrolling = False  # the eight are the vectors
    llvm.create_pass_builder(machine, options).getModulePassManager().run(module, llvm.create_pass_builder(machine, options))
    engine = llvm.create_mcjit_compiler(module, machine)
    _resolve(module)
    engine.finalize_object()
    return Loop(engine)
