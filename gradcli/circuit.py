"""The circuit of a program: its gates in evaluation order, and a name for every node."""

from __future__ import annotations

from math import prod

from gradcli.arithmetic import evaluate
from gradcli.expr import NUMBER, SYMBOL, Expr, fold, make, reaching, symbol, tape
from gradcli.light import TYPE_CHECKING, Any, cached_property
from gradcli.limits import Limits
from gradcli.nested import Nested, nest, plain
from gradcli.notation import NOTHING, Formula, Values, formula
from gradcli.notation.text import PLAIN, UNICODE, text
from gradcli.ops import CONSTANTS
from gradcli.report import FUSED, PRIMITIVE, Forward
from gradcli.rules import OUT, POSITION, UPSTREAM, formals, rule
from gradcli.shapes import Settled, Shape, Shapes
from gradcli.syntax import Program

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradcli.simplify import Simplifier

# Formulas are simplified for people: beyond this many nodes nobody reads them, and they would cost the most.
READABLE = 600
# A formula of so many different nodes, and so many when the shared ones are written out each time, stays too long
# whatever the rules do. (One of few nodes may collapse: x squared sixty times.)
MANY, HOPELESS = 500, 20_000
MOST_PIECES = 2_000  # names, signs and numbers in a formula that is printed
# Operators whose entries each take a sum over the inner size, and over which power of it.
_INNER = {"@": 1, "det": 2, "logdet": 2, "inv": 2, "adjugate": 2, "others": 1, "centred": 1, "exchange": 1, "pairs": 2, "prod": 1}


class Circuit:
    """Settled shapes, evaluation order and names; and the formulas of single gates, in those names."""

    def __init__(self, program: Program, shapes_of: dict[str, Shape], mode: str, limits: Limits, style: str = UNICODE) -> None:
        known = {symbol(name): shape for name, shape in shapes_of.items()}
        self.program, self.mode, self.limits, self.style = program, mode, limits, style
        self.shapes = Shapes(known, limits, dict(program.spans), program.source)
        meant = Settled(program.tape, self.shapes)
        self.reading, settled = meant.written, meant.final
        self.axes = {node: len(self.shapes.of(final)) for node, final in settled.items()} if program.readings else {}
        if mode == FUSED:
            from gradcli import gates

            fused = gates.fuse(settled[program.output])
            settled = {old: fused.get(new, new) for old, new in settled.items()}
        self.root, self.settled = settled[program.output], settled
        self.order = program.tape if self.root is program.output else tape(self.root)
        self.shape = self.shapes.of(self.root)
        here = {node for node in self.order if node.op == SYMBOL}
        self.variables = [symbol(name) for name in program.variables if symbol(name) in here or name in program.head]
        self.output = program.output_name or self.free("f", "L", "out", "result")
        self.readable = len(self.order) <= READABLE
        self._numbers_only = not (self.shapes.arrays or self.shapes.structural)

    # What only some outputs ask for is found when it is asked for: a large expression has many names and no table.

    @cached_property
    def simplify(self) -> Simplifier:
        """Return what shortens formulas."""
        from gradcli.simplify import Simplifier

        return Simplifier(self.shapes, self.order)

    @cached_property
    def names(self) -> dict[Expr, str]:
        """Return the name of every node: as its author did, the output's, and v1, v2, … for the rest."""
        return self._names(self.settled)

    @cached_property
    def branching(self) -> bool:
        """Tell whether there is a condition that leaves a branch out."""
        return any(node.op == "where" for node in self.order)

    @cached_property
    def pointed(self) -> dict[Expr, None]:
        """Return the nodes that may have a kink or a jump, in order."""
        rows = self.shapes.row
        if not any(row.kink or row.jump for row in set(rows.values())):  # most have none, and are told so at once
            return {}
        return dict.fromkeys(node for node in self.order if node.args and (rows[node].kink or rows[node].jump))

    def free(self, *wanted: str) -> str:
        """Return the first of these names that no variable and no stage has."""
        variables, stages = {str(v.leaf) for v in self.variables}, self.program.stage_nodes
        numbered = (f"{wanted[-1]}{n}" for n in range(1, len(variables) + len(stages) + 2))
        return next(name for name in (*wanted, *numbered) if name not in variables and name not in stages)

    def _names(self, settled: dict[Expr, Expr]) -> dict[Expr, str]:
        """Name every node: variables and stages as their author did, the output, and v1, v2, … for the rest."""
        names = {node: str(node.leaf) for node in self.order if node.op == SYMBOL}
        if self.root.args:
            names[self.root] = self.output
        for node, name in self.program.stages.items():
            if settled.get(node, node).args:
                names.setdefault(settled.get(node, node), name)
        taken = {*names.values(), *(str(v.leaf) for v in self.variables)}
        count = 0
        for node in self.order:
            if node.args and node not in names:
                count += 1
                while f"v{count}" in taken:
                    count += 1
                names[node] = f"v{count}"
        return names

    # ---- the forward pass -----------------------------------------------------------------------------------

    def forward(self, values: Mapping[Expr, Any]) -> list[Forward]:
        """Return the rows of the forward pass: the inputs, then the gates; values may be empty."""
        from gradcli import gates

        rows = [
            Forward("input", str(v.leaf), "", "", NOTHING, plain(values.get(v)), self.shapes.of(v)) for v in self.variables
        ]  # fmt: skip
        indices = {arg for node in self.order if node.op in ("[]", "[:]", "place") for arg in node.args[1:]}
        for node in self.order:
            value, shape = plain(values.get(node)), self.shapes.of(node)
            if node.args:
                formula = text(node, PLAIN, self.names, self.shapes, opened=node)
                pretty = self.formula(node, self.names, opened=node)
                inputs = [self.name(node.args[position]) for position in gates.wires(node, self.mode)]
                rows.append(Forward("gate", self.names[node], gates.label(node, self.mode), formula, pretty, value, shape, inputs))
            elif self.mode == PRIMITIVE and (node.op == NUMBER or node.op in CONSTANTS) and node not in indices:
                rows.append(Forward("constant", text(node), "", text(node), self.formula(node), value, shape))
        if not self.root.args:
            name = text(self.root)
            value = plain(values.get(self.root))
            rows.append(Forward("gate", self.output, "", name, self.formula(self.root), value, self.shape, [name]))
        return rows

    def gathered(self, parts: list[Any], jacobian: bool) -> Nested:
        """Return what the sweeps found of one thing: with a Jacobian, nested in the shape of the output."""
        return nest([plain(part) for part in parts], self.shape) if jacobian else plain(parts[0])

    def name(self, node: Expr) -> str:
        """Return the name under which a node appears in the tables."""
        return str(node.leaf) if node.op == SYMBOL else self.names.get(node) or text(node)

    def written(self, formula: Expr) -> str:
        """Return a formula, shortened, in plain notation; nothing if it is too long to be read."""
        return text(self._short(formula), PLAIN, limit=MOST_PIECES)

    def pretty(self, formula: Expr) -> Formula:
        """Return a formula, shortened, for the eye; nothing if it is too long to be read."""
        return self.formula(self._short(formula), limit=MOST_PIECES)

    def _short(self, formula: Expr) -> Expr:
        """Return a formula simplified; as it is where that would cost much and still leave what nobody reads."""
        if not self.readable:
            return formula
        many = len(tape(formula)) > MANY
        hopeless = many and fold(lambda node, parts: min(1 + sum(parts), HOPELESS), formula)[formula] == HOPELESS
        return formula if hopeless else self.simplify(formula)

    def formula(
        self, root: Expr, names: Mapping[Expr, str] = {}, *, opened: Expr | None = None, limit: int = 10**9, bracketed: bool = False
    ) -> Formula:
        """Return an expression as a formula of the report, in the notation asked for and ready for the others."""

        def put(style: str, values: Values) -> str:
            return text(root, style, names, self.shapes, limit, opened, bracketed, values)

        return formula(lambda style: put(style, {}), self.style, put)

    # ---- one gate -------------------------------------------------------------------------------------------

    def _stand_in(self, node: Expr) -> Expr:
        """Return a symbol with the name and the shape of a node: formulas of one gate look no further than it."""
        if node not in self.names:
            return node
        stand_in = symbol(self.names[node])
        self.shapes.shape.setdefault(stand_in, self.shapes.of(node))
        return stand_in

    def local(self, node: Expr, position: int, upstream: Expr) -> Expr:
        """Return a rule at one gate, in the names of the nodes around it: the partial, or the pullback of upstream."""
        from gradcli.arithmetic.symbolic import Symbolic

        row = self.shapes.row_of(node)
        wanted = rule(row, position)
        assert wanted is not None
        if not wanted.root.args and wanted.root.op == NUMBER:
            return wanted.root
        itself = self.itself(node)
        env = dict(zip(formals(row), itself.args))
        env[OUT], env[UPSTREAM] = itself, upstream
        if row.name == "array":
            env[POSITION] = Symbolic().number(position + 1, 0)
        self.shapes.of(env[OUT])
        return self.simplify(evaluate(wanted.tape, env, Symbolic())[wanted.root])

    def itself(self, node: Expr) -> Expr:
        """Return a node over stand-ins for its arguments: how it appears in the rules of its own gate."""
        return make(node.op, tuple(self._stand_in(arg) for arg in node.args), node.leaf)

    def unit(self, shape: Shape) -> Expr:
        """Return a stand-in for the unit array e_k (or e_kl) of a shape."""
        unit = symbol(f"e{shape}")
        self.shapes.shape[unit] = shape
        return unit

    def indexed(self, root: Expr, index: Shape, unit: Expr | None = None, names: Mapping[Expr, str] = {}) -> Formula:
        """Return the index form of a formula at i, j; a unit array stands for the output entry k, l."""
        from gradcli.notation.entries import OUTPUT, VARIABLE
        from gradcli.notation.indices import Indexed

        known = {s: str(s.leaf) for s in tape(root) if s.op == SYMBOL and s is not unit} | dict(names)
        units = {} if unit is None else {unit: OUTPUT[: len(self.shapes.of(unit))]}
        at = VARIABLE[: len(index)]
        return formula(lambda style: Indexed(self.shapes, known, units, style).write(root, at), self.style)

    def has_arrays(self) -> bool:
        """Tell whether an array, or an operator on arrays, appears."""
        return not self._numbers_only and any(self.shapes.of(node) or (node.args and self.shapes.row_of(node).shape) for node in self.order)

    @cached_property
    def _work(self) -> int:
        if self._numbers_only:
            return len(self.order)
        total = 0
        for node in self.order:
            sizes = [prod(self.shapes.of(part)) for part in (node, *node.args)]
            inner = self.shapes.of(node.args[0])[-1:] if node.args else ()
            total += max(sizes) * (inner[0] if inner and node.op in _INNER else 1) ** _INNER.get(node.op, 1)
        return total

    def work(self) -> int:
        """Return about how many operations on numbers one evaluation takes, the structural operators by definition."""
        return self._work

    def live(self, targets: list[Expr]) -> set[Expr]:
        """Return the nodes through which a target reaches the output."""
        return reaching(targets, self.order)
