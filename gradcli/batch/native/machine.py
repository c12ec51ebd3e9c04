"""LLVM's language as machine code for this processor, and its call on NumPy's arrays."""

from __future__ import annotations

import ctypes
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from llvmlite import binding as llvm

from gradcli.batch.native import Straight
from gradcli.batch.native.lanes import WIDTH
from gradcli.batch.native.loop import NAME, written

if TYPE_CHECKING:
    from gradcli.batch.records import Floats


class Loop:
    """The machine code of a program; any number of threads may call it at once."""

    def __init__(self, program: Straight, engine: Any) -> None:
        self.program, self._engine = program, engine  # the code lives as long as the engine
        pointer = ctypes.c_void_p
        kind = ctypes.CFUNCTYPE(None, pointer, pointer, pointer, ctypes.c_int64, ctypes.c_int64)  # a call of this kind releases the GIL
        self._call = kind(engine.get_function_address(NAME))

    def __call__(self, inputs: list[Floats], outputs: list[Floats], start: int = 0, stop: int | None = None) -> tuple[Floats, bool]:
        """Do the rows from start to stop.

        Args:
            inputs: columns of float64, contiguous, in the order of ``program.inputs``.
            outputs: columns that are written.
            start: the first row.
            stop: the row after the last; without it all.

        Returns: for every probe its smallest |v|, smallest v and largest v, nan not counted; and whether all outputs are finite.

        """
        import numpy as np

        rows = (stop if stop is not None else len((inputs or outputs)[0])) - start
        even = start + rows // WIDTH * WIDTH
        found = [self._eights(inputs, outputs, start, even)]
        if rows % WIDTH:  # the last few, filled up with the last one
            rest = slice(even, start + rows)
            few = [np.concatenate([column[rest], np.full(WIDTH - rows % WIDTH, column[rest.stop - 1])]) for column in inputs]
            results = [np.empty(WIDTH) for _ in outputs]
            found.append(self._eights(few, results, 0, WIDTH))
            for column, result in zip(outputs, results):
                column[rest] = result[: rows % WIDTH]
        reached = np.concatenate(found, axis=1)
        three = reached[:-1].reshape(-1, 3, reached.shape[1])
        probes = np.stack([three[:, 0].min(1), three[:, 1].min(1), three[:, 2].max(1)], 1)
        return probes, not np.isnan(reached[-1]).any()

    def _eights(self, inputs: list[Floats], outputs: list[Floats], start: int, stop: int) -> Floats:
        import numpy as np

        for column in (*inputs, *outputs):
            if column.dtype != np.float64 or not column.flags.c_contiguous:
                raise ValueError("a column is contiguous float64")
        probes = np.empty((3 * len(self.program.probes) + 1, WIDTH))
        self._call(_table(inputs), _table(outputs), probes.ctypes.data, start, stop)
        return probes


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
