"""What people do to the whole: its sign, a factor, the wrong thing altogether."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from gradcli.expr import Expr
from gradcli.judge.slips.scene import Scene
from gradcli.judge.slips.slip import WHOLE, WHOLE_SIGN, Slip
from gradcli.wording import said


def of_whole(scene: Scene[Any], target: Expr, partial: bool, sizes: list[int]) -> Iterator[Slip]:
    """Yield what people do to the whole: its sign, a factor, the wrong thing altogether."""
    circuit, shape = scene.circuit, scene.shapes.of(target)

    def true(scene: Scene[Any]) -> Any:
        return scene.partial(target) if partial else scene.values[target]

    def times(mantissa: int, exponent: int = 0) -> Callable[[Scene[Any]], Any]:
        return lambda scene: None if (it := true(scene)) is None else scene.times(it, scene.number(mantissa, exponent))

    yield Slip("sign", WHOLE_SIGN, None, said("the sign is flipped: of one gate, or of the whole"), times(-1))
    yield Slip("factor", WHOLE, None, said("it is too large by a factor of 2"), times(2))
    yield Slip("factor", WHOLE, None, said("a factor of 2 is missing"), times(5, -1))
    for power in (1, 2, 3):
        for sign in (power, -power):
            yield Slip("power-of-ten", WHOLE, None, said("it is off by a power of ten: 10^{0}", sign), times(1, sign))
    for size in sizes:
        yield Slip("sum-for-mean", WHOLE, None, said("it is {0} times too large: a mean is a sum divided by {0}", size), times(size))
        yield Slip("mean-for-sum", WHOLE, None, said("it is {0} times too small: a sum is not divided by {0}", size), _over(true, size))
    if len(shape) == 2 and shape[0] == shape[1]:
        says = said("it is transposed")
        yield Slip("transposed", WHOLE, None, says, lambda scene: _transposed(scene, true(scene)))
    for other in scene.targets:
        if other is target or (partial and other is circuit.root) or scene.shapes.of(other) != shape:
            continue
        if partial:
            says = said("this is the gradient in {0}: the variables are swapped", circuit.name(other))
            yield Slip("variables-swapped", WHOLE, None, says, _partial(other))
        else:
            says = said("this is the value of {0}", circuit.name(other))
            yield Slip("values-swapped", WHOLE, None, says, _value(other))
    if partial:
        for node in dict.fromkeys((target, circuit.root)):
            if scene.shapes.of(node) == shape:
                says = said("this is the value of {0}, not the gradient in {1}", circuit.name(node), circuit.name(target))
                yield Slip("forward-value", WHOLE, None, says, _value(node))
    elif scene.partial(target) is not None and target is not circuit.root:
        says = said("this is the gradient in {0}, not its value", circuit.name(target))
        yield Slip("gradient-for-value", WHOLE, None, says, lambda scene: scene.partial(target))


def _over(true: Callable[[Scene[Any]], Any], size: int) -> Callable[[Scene[Any]], Any]:
    return lambda scene: None if (it := true(scene)) is None else scene.arithmetic.apply("/", (it, scene.number(size)))


def _transposed(scene: Scene[Any], matrix: Any) -> Any:
    return None if matrix is None else scene.arithmetic.apply("'", (matrix,))


def _partial(node: Expr) -> Callable[[Scene[Any]], Any]:
    return lambda scene: scene.partial(node)


def _value(node: Expr) -> Callable[[Scene[Any]], Any]:
    return lambda scene: scene.values[node]
