"""How a statement of one shape becomes nodes: what the grammar did with the first one, step by step."""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate

from gradcli.errors import Span
from gradcli.expr import NUMBER, Expr
from gradcli.light import TYPE_CHECKING, Any, Iterator, Record
from gradcli.syntax.lalr import Tree
from gradcli.syntax.pieces import pieces

if TYPE_CHECKING:
    from gradcli.syntax.reader import Reader

MOST = 60  # pieces of a statement that may have a recipe: a longer one is not likely to be one of many of its shape
_LONGEST = 20_000  # characters of such a statement, whatever its names and numbers
# What stands for its argument; what becomes a node of its arguments, in their order. Other forms have a meaning of their own.
_SAME = frozenset(("group", "plus"))
_PLAIN = frozenset(("add", "subtract", "multiply", "divide", "negate", "power", "call"))
NEGATED = "negated"  # the step that makes -3 of 3: a number, and no operation

Mark = tuple[int, int]  # a place in a statement: behind so many pieces, and so many characters


class Step(Record):
    """One node: its operator, its arguments (the leaves are numbered first, then the steps), and where all of them stand."""

    op: str
    args: tuple[int, ...]
    marks: tuple[Mark, ...]


class Recipe(Record):
    """The pieces of a statement that are its leaves, and the steps that follow; the last value is what it defines."""

    leaves: tuple[int, ...]
    steps: tuple[Step, ...]


class Place(tuple[Span, list[Span]]):
    """Where a node and its arguments stand, found when somebody asks: of a million nodes hardly any is asked for.

    It holds the text, the place where the statement begins, and the step that made the node.
    """

    __slots__ = ()

    def _found(self) -> tuple[Span, list[Span]]:
        kept: Any = tuple.__iter__(self)
        source, start, step = kept
        lengths = map(len, pieces(source.text[start : start + _LONGEST])[1:])
        ends = list(accumulate(lengths, initial=start))
        spots = [ends[behind] + more for behind, more in step.marks]
        whole, *parts = zip(spots[::2], spots[1::2])
        return whole, parts

    def __getitem__(self, index: Any) -> Any:
        return self._found()[index]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._found())

    def __len__(self) -> int:
        return 2

    def __eq__(self, other: object) -> bool:
        return self._found() == (other._found() if isinstance(other, Place) else other)

    def __hash__(self) -> int:
        return hash(self._found()[0])

    def __repr__(self) -> str:
        return repr(self._found())

    def __reduce__(self) -> tuple[Any, ...]:
        return tuple, (list(self._found()),)


def recipe_of(tree: Tree, reader: Reader, begin: int, ends: list[int]) -> Recipe | None:
    """Return how what the grammar has read is made, or nothing where one of its forms has a meaning of its own.

    ``begin`` is the piece before the first word of the statement, ``ends`` say where each piece of the text ends.
    """

    def mark(place: int) -> Mark:
        behind = bisect_left(ends, place, begin)
        return (behind - begin, 0) if ends[behind] == place else (behind - begin - 1, place - ends[behind - 1])

    leaves: list[int] = []
    steps: list[Step] = []
    done: list[tuple[int, Expr]] = []  # values by number: leaves count up from 0, steps down from -1
    stack: list[tuple[Tree, bool]] = [(tree, False)]
    while stack:
        part, ready = stack.pop()
        arguments = [child for child in part.children if isinstance(child, Tree)]
        if arguments and not ready:
            stack.append((part, True))
            stack += [(child, False) for child in reversed(arguments)]
            continue
        numbers, values = zip(*done[len(done) - len(arguments) :]) if arguments else ((), ())
        del done[len(done) - len(arguments) :]
        node = reader.built(part, values)
        if part.kind in ("name", "number"):
            (behind, more), after = mark(part.start), mark(part.end)
            if more or after != (behind + 1, 0):
                return None
            leaves.append(behind + 1)
            done.append((len(leaves) - 1, node))
        elif part.kind in _SAME:
            done.append((numbers[0], node))
        elif part.kind in _PLAIN and not reader.wide.isdisjoint((node, *values)):
            return None
        elif part.kind == "negate" and node.op == NUMBER:
            steps.append(Step(NEGATED, numbers, (mark(part.start), mark(part.end))))
            done.append((-len(steps), node))
        elif part.kind in _PLAIN and node.args in (values, values[1:]):
            kept = numbers if node.args == values else numbers[1:]  # e^x is exp(x)
            places = [mark(place) for child in (part, *arguments) for place in (child.start, child.end)]
            steps.append(Step(node.op, kept, tuple(places)))
            done.append((-len(steps), node))
        else:
            return None
    count = len(leaves)
    counted = [step._replace(args=tuple(n if n >= 0 else count - 1 - n for n in step.args)) for step in steps]
    return Recipe(tuple(leaves), tuple(counted)) if steps else None
