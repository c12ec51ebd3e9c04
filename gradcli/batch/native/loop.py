"""The loop over the rows of a straight-line program, in LLVM's language.

    rows(inputs: double**, outputs: double**, probes: double*, start, last, step) -> what the processor noted

The first turn does the eight rows at ``start``, the next is ``step`` further, so that from there on the columns are aligned, then every
eighth, and ``last`` has the last eight; rows that two turns have in common get the same twice. Nothing is kept but what the registers hold.
``probes`` gets, for every probe, the smallest |v|, the smallest v and the largest v, and at its end nan if some input or output was not
finite (v·0 is nan then), else 0. Overflow, underflow, division by zero and invalid operations are what the processor notes by itself.
"""

from __future__ import annotations

from itertools import chain
from math import inf
from typing import Any

from llvmlite import ir

from gradcli.batch.native import Straight
from gradcli.batch.native.lanes import WIDTH, Lanes, Writer
from gradcli.batch.native.operators import KERNELS, OURS

NAME = "rows"
COPIED = 40  # calls: more are not copied to where they stand, which would take the compiler long and win little
LEAST = (inf, inf, -inf)  # what a probe says of no rows
PLACE, POINTER, REAL, NOTE = ir.IntType(64), ir.PointerType(), ir.DoubleType(), ir.IntType(32)


def written(program: Straight, machine: Any, noted: int) -> str:
    """Return the text of the module for a machine; ``noted`` are the exceptions to look for, as its C library counts them."""
    module = ir.Module()
    module.triple, module.data_layout = machine.triple, str(machine.target_data)
    function = ir.Function(module, ir.FunctionType(NOTE, [POINTER, POINTER, POINTER, PLACE, PLACE, PLACE]), NAME)
    inputs, outputs, probes, start, last, step = function.args
    before, turn, after = (function.append_basic_block(name) for name in ("before", "turn", "after"))
    builder = ir.IRBuilder(before)
    write = Writer(builder, inline=sum(op in OURS for op, _, _ in program.steps) <= COPIED)

    def pointers(table: Any, count: int) -> list[Any]:
        return [builder.load(builder.gep(table, [PLACE(k)], source_etype=POINTER), typ=POINTER) for k in range(count)]

    sources, targets = pointers(inputs, len(program.inputs)), pointers(outputs, len(program.outputs))
    write.call("feclearexcept", NOTE(noted))
    builder.branch(turn)

    builder.position_at_end(turn)
    row, stride = builder.phi(PLACE), builder.phi(PLACE)
    row.add_incoming(start, before)
    stride.add_incoming(step, before)
    kept = [[_carried(write, value, before) for value in LEAST] for _ in program.probes]
    broken = _carried(write, 0.0, before)

    def at(source: Any) -> Any:
        return builder.gep(source, [row], source_etype=REAL)

    places = {place: Lanes(write, builder.load(at(source), align=8, typ=write.real)) for place, source in zip(program.inputs, sources)}
    places |= {place: write.constant(value) for place, value in program.constants.items()}
    for op, arguments, place in program.steps:
        places[place] = KERNELS[op, len(arguments)](*[places[a] for a in arguments])
    found: Lanes = Lanes(write, broken)
    for place, target in zip(program.outputs, targets):
        builder.store(places[place].value, at(target), align=8)
    for place in dict.fromkeys((*program.inputs, *program.outputs)):
        found = found.plus_product(places[place], 0.0)
    now = [_reach(write, three, places[place]) for three, place in zip(kept, program.probes)]
    following = builder.add(row, stride)
    following = builder.select(builder.icmp_signed("<", following, last), following, last)
    row.add_incoming(following, builder.block)
    stride.add_incoming(PLACE(WIDTH), builder.block)
    for phi, value in zip([broken, *chain(*kept)], [found, *chain(*now)]):
        phi.add_incoming(value.value, builder.block)
    builder.cbranch(builder.icmp_signed("==", row, last), after, turn)

    builder.position_at_end(after)
    for k, value in enumerate(chain(*now)):
        builder.store(write.reduced("fmax" if k % 3 == 2 else "fmin", value), builder.gep(probes, [PLACE(k)], source_etype=REAL))
    builder.store(write.reduced("fadd", found), builder.gep(probes, [PLACE(3 * len(now))], source_etype=REAL))
    builder.ret(write.call("fetestexcept", NOTE(noted)))
    return str(module)


def _carried(write: Writer, value: float, before: Any) -> Any:
    phi = write.builder.phi(write.real)
    phi.add_incoming(write.constant(value).value, before)
    return phi


def _reach(write: Writer, kept: list[Any], value: Lanes) -> list[Lanes]:
    size, low, high = (Lanes(write, k) for k in kept)
    near = abs(value)
    return [write.where(near.compare("<", size), near, size), write.where(value.compare("<", low), value, low),
            write.where(value.compare(">", high), value, high)]  # fmt: skip
