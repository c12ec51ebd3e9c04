"""The ledger of readings, in words: what could have meant something else, and how it was read."""

from __future__ import annotations

from gradcli.errors import GradError, Source
from gradcli.expr import Expr, integer
from gradcli.light import Mapping
from gradcli.notation.text import BRACKETED, text
from gradcli.syntax import Program, Reading
from gradcli.wording import said

MOST_NOTES = 8
MOST_PIECES = 80  # of a reading that is written out in a note


def notes(readings: list[Reading], program: Program, written: Mapping[Expr, Expr]) -> list[str]:
    """Return one note for each reading, the same one once; ``written`` says what the nodes became."""
    if not readings:
        return []
    stages = {written.get(stage, stage): name for stage, name in program.stages.items() if stage.args}
    found = list(dict.fromkeys(note(reading, program.source, written, stages) for reading in readings))
    if len(found) > MOST_NOTES:
        found[MOST_NOTES:] = [said("and {0} more readings of this kind", len(found) - MOST_NOTES)]
    return found


def note(reading: Reading, source: Source, written: Mapping[Expr, Expr], stages: Mapping[Expr, str]) -> str:
    """Return ``read 1/2x as (1/2)*x``, the stages by their names."""
    start, end = reading.span
    written_as = " ".join(source.text[start:end].split())
    shown: str = ""
    if reading.node is not None:
        node = written.get(reading.node, reading.node)
        shown = text(node, BRACKETED, stages, limit=MOST_PIECES, opened=node)
    if reading.node is not None and not shown:
        shown = said("products and quotients from the left") if reading.kind in ("slash", "argument") else said("its rule says")
    if len(written_as) > MOST_PIECES:
        written_as = written_as[:30] + " … " + written_as[-30:]
    remark = said("the factorial of a factorial") if reading.kind == "factorial" else reading.words
    words = remark if not shown else said("{0}, {1}", shown, remark) if remark else shown
    return said("read {0} as {1}", written_as, words)


# Readings that matter only where an operand turns out to be an array with so many axes.
_ONLY_WITH_AXES = {"matrix-power": (2,), "array-bars": (1, 2), "vector-power": (1,)}


# What is no note but an error of a matrix: both readings are usual, and they have nothing in common.
_NEVER_OF_A_MATRIX = {
    "array-bars": (said("|W| of a matrix may be its determinant or its entries"), said("write det(W) or abs(W)")),
    "matrix-power": (said("W^-1 may be the inverse or one over each entry"), said("write inv(W) or W⁻¹, or 1/W")),
}


def doubtful(program: Program, axes: Mapping[Expr, int]) -> list[Reading]:
    """Return the readings that matter, the shapes being what they are."""
    found = [r for r in program.readings if r.kind not in _ONLY_WITH_AXES or _axes_of(r, axes) in _ONLY_WITH_AXES[r.kind]]
    for reading in found:
        never = _NEVER_OF_A_MATRIX.get(reading.kind) if _axes_of(reading, axes) == 2 else None
        if never and reading.node is not None and (reading.kind == "array-bars" or integer(reading.node.args[1]) == -1):
            raise GradError("ambiguous", never[0], reading.span, source=program.source, hint=never[1])
    return found


def _axes_of(reading: Reading, axes: Mapping[Expr, int]) -> int:
    return axes.get(reading.node.args[0], 0) if reading.node is not None and reading.node.args else 0


def refuse(readings: list[Reading], program: Program, written: Mapping[Expr, Expr]) -> None:
    """Raise the first reading as an error: with --strict nothing is read that could mean something else."""
    if readings:
        first = notes(readings[:1], program, written)[0]
        message = said("this can be read in two ways: without --strict we {0}", first)
        if len(readings) > 1:
            message = said("{0}; {1} more like it", message, len(readings) - 1)
        raise GradError("ambiguous", message, readings[0].span,
                        source=program.source, hint=said("write brackets and *, and each thing is said once"))  # fmt: skip
