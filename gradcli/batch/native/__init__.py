"""A straight-line program as machine code: one loop over the rows that reads the inputs, does every step, and writes the outputs.

    Straight ──▶ loop ──▶ machine ──▶ on(inputs, outputs) ──▶ rows from, to
     steps      LLVM's    its code     columns                 the GIL is released
                language

The extra ``jit`` brings numba for its compiler, llvmlite; Python source is never made, and nothing is evaluated.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from gradcli.batch.native.machine import Loop


class Straight(NamedTuple):
    """A program without branches. A place is a number: step k writes place ``results[k]``, and every place is written before it is read."""

    steps: Sequence[tuple[str, tuple[int, ...], int]]  # operator, places of the arguments, place of the result
    inputs: Sequence[int]
    constants: dict[int, float]
    outputs: Sequence[int]
    probes: Sequence[int] = ()  # of these the rows' smallest |v|, smallest v and largest v are wanted


def compiled(program: Straight) -> Loop | None:
    """Return the machine code of a program; None where there is no compiler, or an operator that it does not know."""
    from gradcli.batch.native.operators import KERNELS

    if any((op, len(places)) not in KERNELS for op, places, _ in program.steps):
        return None
    try:
        from gradcli.batch.native.machine import loop

        return loop(program)
    except ImportError:
        return None
