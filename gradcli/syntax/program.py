"""What a text says, once it is read."""

from __future__ import annotations

from gradcli.errors import Source, Span
from gradcli.expr import SYMBOL, Expr, tape
from gradcli.syntax.readings import Reading


class Program:
    """What a text says: the output, the user's names for nodes, and where everything stands.

    ``readings`` are the ledger of what a person might read otherwise.
    ``variables`` come in the order of the head, then of first appearance. ``stages`` maps a node to the name its
    author gave it. ``spans`` holds, for a node, where it stands and where its arguments stand, at its first mention.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.output: Expr
        self.output_name: str | None = None
        self.head: tuple[str, ...] = ()
        self.statements = 0
        self.stages: dict[Expr, str] = {}
        self.spans: dict[Expr, tuple[Span, list[Span]]] = {}
        self.stage_nodes: dict[str, Expr] = {}
        self.readings: list[Reading] = []
        self._tape: list[Expr] = []

    @property
    def tape(self) -> list[Expr]:
        """Return the tape of the output, found once."""
        if not self._tape or self._tape[-1] is not self.output:
            self._tape = tape(self.output)
        return self._tape

    @property
    def variables(self) -> list[str]:
        """Return the names of the variables."""
        found = [str(node.leaf) for node in self.tape if node.op == SYMBOL]
        return [*self.head, *(name for name in found if name not in self.head)]
