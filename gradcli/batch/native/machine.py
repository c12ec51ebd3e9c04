"""LLVM's language as machine code for this processor, and its call on NumPy's arrays."""

from __future__ import annotations

import ctypes
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from llvmlite import binding as llvm

from gradcli.batch.native import Straight
from gradcli.batch.native.lanes import WIDTH
from gradcli.batch.native.loop import LEAST, NAME, written

if TYPE_CHECKING:
    from gradcli.batch.records import Floats


class Loop:
    """The machine code of a program; any number of threads may call it at once."""

    def __init__(self, program: Straight, engine: Any) -> None:
        self.program, self._engine = program, engine  # the code lives as long as the engine
        pointer, number = ctypes.c_void_p, ctypes.c_int64
        kind = ctypes.CFUNCTYPE(None, pointer, pointer, pointer, number, number, number)  # a call of this kind releases the GIL
        self._call = kind(engine.get_function_address(NAME))

    def __call__(self, inputs: list[Floats], outputs: list[Floats], start: int = 0, stop: int | None = None) -> tuple[Floats, bool]:
        """Do the rows from start to stop.

        Args:
            inputs: columns of float64, contiguous, in the order of ``program.inputs``.
            outputs: columns that are written; none of them is an input.
            start: the first row.
            stop: the row after the last; without it all.

        Returns: for every probe its smallest |v|, smallest v and largest v, nan not counted; and whether all outputs are finite.

        Raises:
            ValueError: for a column that is something else, or shorter.

        """
        import numpy as np

        rows = (stop if stop is not None else len((inputs or outputs)[0])) - start
        for column in (*inputs, *outputs):
            if column.dtype != np.float64 or not column.flags.c_contiguous or len(column) < start + rows:
                raise ValueError("a column is contiguous, of float64, and has all rows")
        probes = np.empty(3 * len(self.program.probes) + 1)
        if rows >= WIDTH:
            targets = _table(outputs)
            step = WIDTH - (targets[0] // 8 + start) % WIDTH if targets else WIDTH
            self._call(_table(inputs), targets, probes.ctypes.data, start, start + rows - WIDTH, step)
        elif rows:  # filled up with the last one
            few = [np.append(column[start:][:rows], np.full(WIDTH - rows, column[start + rows - 1])) for column in inputs]
            results = [np.empty(WIDTH) for _ in outputs]
            self._call(_table(few), _table(results), probes.ctypes.data, 0, 0, WIDTH)
            for column, result in zip(outputs, results):
                column[start : start + rows] = result[:rows]
        else:
            probes[:] = [*LEAST * len(self.program.probes), 0.0]
        return probes[:-1].reshape(-1, 3), bool(probes[-1] == 0)

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
    for function in module.functions:
        if function.is_declaration and not function.name.startswith("llvm."):
            llvm.add_symbol(function.name, ctypes.cast(getattr(_c_library(), function.name), ctypes.c_void_p).value)


def loop(program: Straight) -> Loop:
    """Return the machine code of a program."""
    machine = _processor()
    module = llvm.parse_assembly(written(program, machine))
    module.verify()
    options = llvm.create_pipeline_tuning_options(speed_level=1)
    options.loop_vectorization = options.slp_vectorization = options.loop_unrolling = False  # the eight are the vectors
    llvm.create_pass_builder(machine, options).getModulePassManager().run(module, llvm.create_pass_builder(machine, options))
    engine = llvm.create_mcjit_compiler(module, machine)
    _resolve(module)
    engine.finalize_object()
    return Loop(program, engine)
