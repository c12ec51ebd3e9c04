"""Text → Expr: plain notation, LaTeX and worksheets; loads the tables made from ``grammar/*.lark``.

Here stands what is known of a text: of its names before it is read (`Declared`), of what a person might read otherwise
(`Reading`), and of what it says, once it is read (`Program`).
"""

from __future__ import annotations

from gradcli.errors import Source, Span
from gradcli.expr import SYMBOL, Expr, tape
from gradcli.light import TYPE_CHECKING, Record
from gradcli.syntax.names import canonical

if TYPE_CHECKING:
    from gradcli.syntax.lexer import Token


class Declared:
    """Canonical names: ``variables`` (bound, formal, or a stage), own ``functions``, and what is ``seen`` alone.

    ``arrays`` are the variables whose values are vectors or matrices. With ``rule`` the text is a formula of the table,
    where nothing is guessed.
    """

    __slots__ = ("arrays", "functions", "rule", "seen", "variables")

    def __init__(self, variables: frozenset[str], arrays: frozenset[str] = frozenset(), rule: bool = False) -> None:
        self.variables, self.functions, self.seen = set(variables), set[str](), set[str]()
        self.arrays, self.rule = arrays, rule

    def heads(self, tokens: list[Token]) -> None:
        """Learn the names that statements define: q in ``q = …``; g and its formal argument in ``g(u) = …``."""
        begin: int | None = 0  # where this statement begins; None behind its first =
        for place, token in enumerate(tokens):
            if token.kind in ("_SEP", "$END"):
                begin = place + 1
            elif token.kind == "_EQUAL" and begin is not None:
                self._head(tokens[begin:place])
                begin = None

    def _head(self, left: list[Token]) -> None:
        kinds = [t.kind for t in left]
        if kinds == ["NAME"]:
            self.variables.add(canonical(left[0].text))
        elif kinds[:2] == ["NAME", "LPAR"] and kinds[-1] == "RPAR" and set(kinds[2:-1:2]) == {"NAME"} and set(kinds[3:-1:2]) <= {"COMMA"}:
            self.functions.add(canonical(left[0].text))
            self.variables.update(canonical(t.text) for t in left[2:-1:2])

    def known(self, text: str) -> bool:
        """Tell whether a word is a variable as it stands."""
        return canonical(text) in self.variables


class Reading(Record):
    """One entry: of which kind, where it stands, and how it was read: a node, or words."""

    kind: str
    span: Span
    node: Expr | None = None
    words: str = ""


class Ledger:
    """The readings of one text, each kind once a place: of nested ones (a/b/c/d) the whole counts."""

    def __init__(self) -> None:
        self.readings: list[Reading] = []

    def add(self, reading: Reading) -> None:
        """Enter a reading; it replaces those of its kind that begin at the same place, which are parts of it."""
        start, end = reading.span
        while (
            self.readings
            and self.readings[-1].kind == reading.kind
            and start <= self.readings[-1].span[0]
            and self.readings[-1].span[1] <= end
        ):
            self.readings.pop()
        self.readings.append(reading)


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
