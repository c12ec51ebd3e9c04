"""All slips of one question, and what each makes of the answer at a point."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import combinations
from math import prod
from typing import Any

from flint import fmpq

from gradcli.arithmetic import Doubtful, evaluate
from gradcli.arithmetic.ball import Ball
from gradcli.arithmetic.certain import known
from gradcli.arithmetic.symbolic import Symbolic
from gradcli.circuit import Circuit
from gradcli.digits import FIRST_BITS, with_arrays
from gradcli.digits.further import Balls
from gradcli.expr import ONE, Expr, substitute, tape
from gradcli.judge.agreement import entries
from gradcli.judge.slips.arithmetics import CommonLogarithm, Degrees, NaturalLogarithm, Rounding
from gradcli.judge.slips.gates import of_partial
from gradcli.judge.slips.integrals import antiderivative
from gradcli.judge.slips.scene import Scene
from gradcli.judge.slips.slip import MANNER, WHOLE, Slip
from gradcli.judge.slips.table import ON_PAPER
from gradcli.judge.slips.values import of_value
from gradcli.judge.slips.whole import of_whole
from gradcli.judge.targets import Target
from gradcli.judge.truth import Truth
from gradcli.nested import units
from gradcli.notation.text import UNICODE
from gradcli.report import FUSED
from gradcli.wording import said

Numbers = list[Any]
Given = dict[Expr, Any]
Scenes = list[list[Scene[Any]]]  # for each circuit, one for each seed
MOST_WORK = 60_000  # operations on numbers in all the sweeps of one question: about a second
_SUMMING = frozenset(("sum", "mean", "mse"))
MOST_SWAPPED = 8  # entries of an array that are swapped in pairs


class Slips:
    """The slips of one question, as they are made anywhere; numbers are found in the precision of the context.

    A sigmoid that is written out is one gate to some: where such gates are found, there is a second circuit, with slips of its own.
    """

    def __init__(self, truth: Truth, asked: Target, elsewhere: Sequence[Truth] = ()) -> None:
        self.truth, self.asked, self.elsewhere = truth, asked, elsewhere
        self.circuits = [truth.circuit]
        sizes = {str(variable.leaf): truth.circuit.shapes.of(variable) for variable in truth.circuit.variables}
        fused = Circuit(truth.program, sizes, FUSED, truth.limits, UNICODE)
        if fused.root is not truth.circuit.root:
            self.circuits.append(fused)
        self.targets = [self._nodes(circuit) for circuit in self.circuits]
        self.arrays = any(circuit.has_arrays() for circuit in self.circuits)
        self.shape = truth.shape(asked.node, asked.partial)

    def _nodes(self, circuit: Circuit) -> dict[str, Expr]:
        """Return what can be asked about and is reached, by canonical name, in a circuit."""
        reached = set(circuit.order)
        return {name: node for name, node in self.truth.nodes_in(circuit).items() if node in reached}

    @cached_property
    def _target(self) -> list[Expr]:
        """Return what is asked about, in each circuit."""
        names = [name for name, node in self.targets[0].items() if node is self.asked.node]
        return [targets[names[0]] if names and names[0] in targets else self.asked.node for targets in self.targets]

    # ---- one point ------------------------------------------------------------------------------------------

    def scenes(self, given: Given) -> Scenes:
        """Return, for each circuit, a scene for each seed at a point, in balls."""
        return [self._of_seeds(k, given, self.targets[k].values()) for k in range(len(self.circuits))]

    def otherwise(
        self, given: Given, forth: Any = None, back: Any = None, instead: Mapping[str, tuple[str | None, ...]] = {}
    ) -> Numbers:
        """Return the entries of the answer of somebody who computes otherwise.

        ``forth`` is the arithmetic of the forward pass, ``back`` that of the backward pass (None: the same), ``instead`` its rules.
        """
        return self.true([self._of_seeds(0, given, [self.asked.node], forth, back, instead)])

    def _of_seeds(
        self, k: int, given: Given, targets: Iterable[Expr], forth: Any = None, back: Any = None,
        instead: Mapping[str, tuple[str | None, ...]] = {},
    ) -> list[Scene[Any]]:
        circuit, lift = self.circuits[k], Balls(FIRST_BITS, self.arrays, last=False).lift
        forward, backward = (
            scalar.arrays() if isinstance(scalar, Rounding) and self.arrays else with_arrays(scalar or Ball(), self.arrays)
            for scalar in (forth, back or forth)
        )
        values = evaluate(circuit.order, dict(given), forward)
        order = self.truth.point.order if self.truth.point and k == 0 else circuit.order
        nodes = [node for node in dict.fromkeys(targets) if node in values]
        return [Scene(circuit, order, values, lift(seed), backward, nodes, instead) for seed in units(circuit.shape)]

    def symbolic(self) -> list[Scene[Expr]]:
        """Return, for each circuit, the scene in which everything is a formula."""
        out = []
        for circuit, targets in zip(self.circuits, self.targets):
            values = {node: node for node in circuit.order}
            out.append(Scene(circuit, circuit.order, values, ONE, Symbolic.over(circuit.order), [*dict.fromkeys(targets.values())]))
        return out

    def result(self, slip: Slip, scenes: Scenes, given: Given) -> Numbers | None:
        """Return the entries that a slip makes at a point, output by output; None where they are not known."""
        try:
            if slip.numbers is not None:
                out = slip.numbers(scenes, given)
            else:
                out = [entry for scene in scenes[slip.circuit] for entry in self.entries(slip.result(scene))]
        except Doubtful:
            return None
        return out if out is not None and all(known(entry) for entry in out) else None

    def true(self, scenes: Scenes) -> Numbers:
        """Return the entries of the right answer at a point."""
        node = self.asked.node
        if not self.asked.partial:
            return entries(scenes[0][0].values[node])
        return [entry for scene in scenes[0] for entry in self.entries(scene.partial(node))]

    def entries(self, found: Any) -> Numbers:
        """Return the entries of a result; None stands for 0 in the shape of what is asked."""
        return [fmpq(0)] * prod(self.truth.circuit.shapes.of(self.asked.node)) if found is None else entries(found)

    # ---- all slips ------------------------------------------------------------------------------------------

    def all(self, scenes: Scenes) -> Iterator[Slip]:
        """Yield every slip; those at gates while there is not too much to sweep, from the output down."""
        for number, (circuit, node) in enumerate(zip(self.circuits, self._target)):
            scene = scenes[number][0]
            room = MOST_WORK // (circuit.work() * prod(circuit.shape) + 1)
            own = set(circuit.order) - set(self.circuits[0].order) if number else None
            for count, slip in enumerate(of_partial(scene, node) if self.asked.partial else of_value(scene, node)):
                if count >= room:
                    break
                if own is None or slip.node in own:
                    yield slip._replace(circuit=number)
        yield from of_whole(scenes[0][0], self.asked.node, self.asked.partial, self._sizes())
        yield from self._of_entries()
        yield from self._integral()
        if 20 * self.truth.circuit.work() * prod(self.truth.circuit.shape) < MOST_WORK:  # each of them is a sweep or two of its own
            yield from self._of_exchange()
            yield from self._of_manner()
        for other in self.elsewhere:
            if (found := self._at_another(other)) is not None:
                yield found

    def _sizes(self) -> list[int]:
        """Return the numbers that a mean may have been divided by: the sizes of the arrays, where something is summed."""
        circuit = self.truth.circuit
        if not any(node.op in _SUMMING for node in circuit.order):
            return []
        shapes = [circuit.shapes.of(node) for node in circuit.order]
        return sorted({size for shape in shapes for size in (*shape, prod(shape)) if size > 2})

    def _of_entries(self) -> Iterator[Slip]:
        """Yield what people do to the entries of an array: swap two, turn the sign of one, transpose a Jacobian."""
        count = prod(self.shape)
        if not 1 < count <= MOST_SWAPPED:
            return
        for one, two in combinations(range(count), 2):
            order = list(range(count))
            order[one], order[two] = two, one
            yield self._permuted("entries-swapped", order, said("entries {0} and {1} are swapped", one + 1, two + 1))
        if count > 2:
            yield self._permuted("entries-swapped", [*reversed(range(count))], said("the entries are in reverse order"))
        if len(self.shape) == 2 and self.shape[0] == self.shape[1]:
            rows = self.shape[0]
            order = [column * rows + row for row in range(rows) for column in range(rows)]
            yield self._permuted("transposed", order, said("it is transposed"))
        for one in range(count):
            yield self._numeric("sign", said("the sign of entry {0} is flipped", one + 1), self._turned(one))

    def _permuted(self, kind: str, order: list[int], says: str) -> Slip:
        def numbers(scenes: Scenes, given: Given) -> Numbers:
            true = self.true(scenes)
            return [true[place] for place in order]

        return self._numeric(kind, says, numbers)

    def _turned(self, one: int) -> Callable[[Scenes, Given], Numbers]:
        return lambda scenes, given: [-entry if place == one else entry for place, entry in enumerate(self.true(scenes))]

    def _of_manner(self) -> Iterator[Slip]:
        """Yield what comes of computing in degrees, with another logarithm, or with rounded numbers."""
        ops = {node.op for node in self.truth.circuit.order}
        for manner, says in (
            (Degrees, said("the angles are taken in degrees: set the calculator to radians")),
            (CommonLogarithm, said("ln is computed as the logarithm to base 10")),
            (NaturalLogarithm, said("the logarithm is computed as the natural one")),
        ):
            if ops & manner.needs:
                yield self._numeric("degrees" if manner is Degrees else "log-base", says, self._in(manner()), MANNER)
        forms = {self.truth.circuit.shapes.row_of(node).form for node in self.truth.circuit.order if node.args}
        for places in (1, 2, 3):
            says = said("the numbers are rounded too early, to {0} decimals: keep more of them on the way", places)
            gates, products = Rounding(places, gates=True), Rounding(places, products=True)
            locals_too = Rounding(places, products=True, locals=True)
            for forth, back in ((gates, Ball()), (gates, products), (gates, locals_too), (Ball(), products)):
                for rules in [{}, ON_PAPER] if forms & ON_PAPER.keys() else [{}]:
                    yield self._numeric("rounded-early", says, self._in(forth, back, rules), MANNER)

    def _in(
        self, forth: Any, back: Any = None, instead: Mapping[str, tuple[str | None, ...]] = {}
    ) -> Callable[[Scenes, Given], Numbers]:
        return lambda scenes, given: self.otherwise(given, forth, back, instead)

    def _of_exchange(self) -> Iterator[Slip]:
        """Yield what comes of two variables whose values are exchanged."""
        variables = self.truth.circuit.variables[:MOST_SWAPPED]
        for one, two in combinations(variables, 2):
            if self.truth.circuit.shapes.of(one) == self.truth.circuit.shapes.of(two):
                says = said("{0} and {1} are exchanged", one.leaf, two.leaf)
                yield Slip("variables-swapped", WHOLE, None, says, self._renamed(one, two), numbers=self._exchanged(one, two))

    def _exchanged(self, one: Expr, two: Expr) -> Callable[[Scenes, Given], Numbers]:
        return lambda scenes, given: self.otherwise({**given, one: given[two], two: given[one]})

    def _renamed(self, one: Expr, two: Expr) -> Callable[[Scene[Any]], Any]:
        def result(scene: Scene[Any]) -> Any:
            found = scene.partial(self.asked.node) if self.asked.partial else scene.values[self.asked.node]
            return None if found is None else substitute(found, {one: two, two: one})

        return result

    def _integral(self) -> Iterator[Slip]:
        """Yield what comes of integrating, where there is an antiderivative that people know."""
        node, root = self.asked.node, self.truth.circuit.root
        if node.args or self.shape or not self.asked.partial:
            return
        found = antiderivative(root, node)
        if found is not None:
            order, says = tape(found), said("you have integrated instead of differentiated")
            yield Slip("integrated", WHOLE, None, says, lambda scene: evaluate(order, dict(scene.values), scene.arithmetic)[found])

    def _at_another(self, other: Truth) -> Slip | None:
        """Return the slip of answering for another point of the sheet."""
        if other.point is None or other.shape(self.asked.node, self.asked.partial) != self.shape:
            return None
        at = ", ".join(f"{name} = {given.value}" for name, given in other.point.bindings.items() if isinstance(given.value, float))
        says = said("this is right for another point of the sheet: {0}", at) if at else said("this is right for another point of the sheet")

        def numbers(scenes: Scenes, given: Given) -> Numbers | None:
            point = other.point
            assert point is not None
            there = Balls(FIRST_BITS, self.arrays, last=False).environment(point.bindings)
            return self.otherwise(there)

        return self._numeric("other-point", says, numbers)

    def _numeric(self, kind: str, says: str, numbers: Callable[[Scenes, Given], Numbers | None], rank: int = WHOLE) -> Slip:
        return Slip(kind, rank, None, says, lambda scene: None, numbers=numbers)
