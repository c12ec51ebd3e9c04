"""A tape as machine code: one loop over the rows that reads the inputs, does every step, and writes the outputs and which rows are certain.

    Tape ──▶ loop, judge ──▶ machine ──▶ on(inputs, outputs) ──▶ rows from, to
    steps      LLVM's        its code      columns                 the GIL is released
              language

The extra ``jit`` brings numba for its compiler, llvmlite; Python source is never made, and nothing is evaluated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.batch.tape import LINEAR

if TYPE_CHECKING:
    from gradcli.batch.native.machine import Loop
    from gradcli.batch.tape import Tape


def compiled(tape: Tape) -> Loop | None:
    """Return the machine code of a tape; None where there is no compiler, or an operator that it does not know."""
    from gradcli.batch.native.operators import KERNELS

    if any((step.op, len(step.args)) not in KERNELS and step.op != LINEAR for step in tape.steps):
        return None
    try:
        from gradcli.batch.native.machine import loop

        return loop(tape)
    except ImportError:
        return None
