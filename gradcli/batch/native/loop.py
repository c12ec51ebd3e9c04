"""The loop over the rows of a tape, in LLVM's language.

    rows(inputs: double**, outputs: double**, sure: byte*, start, last, step) -> what the processor noted

The first turn does the eight rows at ``start``, the next is ``step`` further, so that from there on the columns are aligned, then every
eighth, and ``last`` has the last eight; rows that two turns have in common get the same twice. Nothing is kept but what the registers hold.
``sure`` gets 1 for every row that is certain, else 0. Overflow, underflow and division by zero are what the processor notes by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llvmlite import ir

from gradcli.batch.native.judge import Judge
from gradcli.batch.native.lanes import WIDTH, Lanes, Writer
from gradcli.batch.native.operators import KERNELS, OURS

if TYPE_CHECKING:
    from gradcli.batch.tape import Step, Tape

NAME = "rows"
COPIED = 40  # calls: more are not copied to where they stand, which would take the compiler long and win little
PLACE, POINTER, REAL, NOTE, BYTE = ir.IntType(64), ir.PointerType(), ir.DoubleType(), ir.IntType(32), ir.IntType(8)


def written(tape: Tape, machine: Any, noted: int) -> str:
    """Return the text of the module for a machine; ``noted`` are the exceptions to look for, as its C library counts them."""
    module = ir.Module()
    module.triple, module.data_layout = machine.triple, str(machine.target_data)
    function = ir.Function(module, ir.FunctionType(NOTE, [POINTER, POINTER, POINTER, PLACE, PLACE, PLACE]), NAME)
    inputs, outputs, sure, start, last, step = function.args
    before, turn, after = (function.append_basic_block(name) for name in ("before", "turn", "after"))
    builder = ir.IRBuilder(before)
    write = Writer(builder, inline=sum(step.op in OURS for step in tape.steps) <= COPIED)
    leaving = [place for places in tape.outputs for place in places]

    def pointers(table: Any, count: int) -> list[Any]:
        return [builder.load(builder.gep(table, [PLACE(k)], source_etype=POINTER), typ=POINTER) for k in range(count)]

    sources, targets = pointers(inputs, len(tape.inputs)), pointers(outputs, len(leaving))
    write.call("feclearexcept", NOTE(noted))
    builder.branch(turn)

    builder.position_at_end(turn)
    row, stride = builder.phi(PLACE), builder.phi(PLACE)
    row.add_incoming(start, before)
    stride.add_incoming(step, before)

    def at(column: Any, kind: Any = REAL) -> Any:
        return builder.gep(column, [row], source_etype=kind)

    values = {place: Lanes(write, builder.load(at(source), align=8, typ=write.real)) for place, source in zip(tape.inputs, sources)}
    values |= {place: write.constant(value) for place, (value, _) in tape.constants.items()}
    judge = Judge(tape, write, values)
    for each in tape.steps:
        values |= zip(each.outs, _done(write, each, [values[place] for place in each.args]))
        judge.step(each)
    for place, target in zip(leaving, targets):
        builder.store(values[place].value, at(target), align=8)
    builder.store(builder.zext(judge.sure().value, ir.VectorType(BYTE, WIDTH)), at(sure, BYTE), align=1)
    following = builder.add(row, stride)
    following = builder.select(builder.icmp_signed("<", following, last), following, last)
    row.add_incoming(following, builder.block)
    stride.add_incoming(PLACE(WIDTH), builder.block)
    builder.cbranch(builder.icmp_signed("==", row, last), after, turn)

    builder.position_at_end(after)
    builder.ret(write.call("fetestexcept", NOTE(noted)))
    return str(module)


def _done(write: Writer, step: Step, args: list[Lanes]) -> list[Lanes]:
    """Return what a step gives; a product with a matrix adds each product with one rounding."""
    if not step.weights:
        return [KERNELS[step.op, len(args)](*args)]
    found = []
    for row in step.weights:
        total = args[0] * row[0]
        for arg, weight in zip(args[1:], row[1:]):
            total = total.plus_product(arg, weight)
        found.append(total)
    return found
