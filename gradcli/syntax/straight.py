"""Long lists of statements, ``v5 = sin(v4); v6 = v5 + v3; …``: statements of one shape are parsed once.

A shape is what is left of a statement when its names and numbers are taken out. The first stage of a shape is read by the
grammar, as any other; what was made is kept as a recipe, by which the next ones of the shape are made. What has no recipe
(what needs a note, a head with arguments, a form with a meaning of its own) is read by the grammar each time. What is wrong
anywhere is left to the ordinary way altogether: there is one place that says so.
"""

from __future__ import annotations

from itertools import accumulate, chain, compress

from gradcli.errors import GradError, Source
from gradcli.expr import Expr, make
from gradcli.limits import Limits
from gradcli.syntax import Declared, Ledger, Program
from gradcli.syntax.arrange import arrange
from gradcli.syntax.lalr import Tree, parse
from gradcli.syntax.lexer import Token, tokens
from gradcli.syntax.names import canonical
from gradcli.syntax.pieces import DECLARED, IRREGULAR, Codes, UnevenError, is_head, pieces, seams
from gradcli.syntax.reader import Reader, negated
from gradcli.syntax.recipes import MOST, NEGATED, Place, Recipe, Step, recipe_of
from gradcli.syntax.words import words

_SHORT = 200  # characters: a longer statement is not likely to be one of many of its shape


def straight(source: Source, variables: frozenset[str], limits: Limits) -> Program | None:
    """Return what a list of statements in plain notation says, or None where the ordinary way has to read it."""
    parts = source.text.count(";") + source.text.count("\n")
    if parts * _SHORT < len(source.text):
        return None
    try:
        return _Statements(source, Declared(variables), limits).read()
    except (GradError, UnevenError):
        return None


class _Statements:
    def __init__(self, source: Source, declared: Declared, limits: Limits) -> None:
        self.source, self.declared, self.limits = source, declared, limits
        self.reader = Reader(source, declared, limits)
        self.ledgers = Ledger(), Ledger()  # of words, and of what is what in its place: noted before what is read of them
        # Recipes by shape: their leaves, and of each step its operator, its arguments and itself.
        self.recipes: dict[tuple[str, ...], tuple[tuple[int, ...], list[tuple[str, tuple[int, ...], Step]]] | None] = {}
        self.known: dict[str, Expr] = {}  # what a name or a number stands for, as it is spelt
        self.pieces = pieces(source.text)
        self.seams = seams(set(self.pieces[::2]))
        last = len(self.pieces) - 1
        if not last:
            raise UnevenError  # there is no word in it
        cut = compress(range(2, last, 2), map(self.seams.__contains__, self.pieces[2:last:2]))
        self.cuts = [0, *cut, last]  # the pieces between which the statements stand
        self.ends = list(accumulate(map(len, self.pieces)))

    def read(self) -> Program:
        """Read the statements in order."""
        codes = Codes(self.declared, self.reader.bound)
        self._heads(codes)
        self._cook(tuple(map(codes.__getitem__, self.pieces)))
        self.limits.check("nodes", len(self.reader.nodes), "", None, self.source)
        program = self.reader.finish()
        for reading in chain(self.ledgers[1].readings, program.readings):
            self.ledgers[0].add(reading)
        program.readings = self.ledgers[0].readings
        return program

    def _heads(self, codes: Codes) -> None:
        """Learn the names that statements define, before any of them is read."""
        pieces, names, alone = self.pieces, list[str](), {"": True}
        heads = {"": False}
        for begin, end in zip(self.cuts, self.cuts[1:]):
            before, behind = pieces[begin], pieces[begin + 2] if end > begin + 1 else ""
            if behind not in heads:
                heads[behind] = is_head(behind)
            if before not in alone:
                alone[before] = self._start(begin) == self.ends[begin]
            if heads[behind] and alone[before]:
                names.append(pieces[begin + 1])
            elif "=" in "".join(pieces[begin + 2 : end : 2]):
                self.declared.heads(tokens("plain", self.source, self._start(begin), self._end(end)))
        codes.learn(names)
        if not self.declared.variables:
            raise UnevenError  # words are taken apart into names that stand alone anywhere in the text

    def _start(self, cut: int) -> int:
        """Return the place where the statement behind a cut begins."""
        piece = self.pieces[cut]
        return self.ends[cut] - len(piece) + (self.seams[piece][1] if piece in self.seams else 0)

    def _end(self, cut: int) -> int:
        """Return the place where the statement before a cut ends."""
        piece = self.pieces[cut]
        return self.ends[cut] - len(piece) + (self.seams[piece][0] if piece in self.seams else len(piece))

    def _ordinary(self, begin: int, end: int) -> Tree | None:
        """Read the statement between two cuts by the grammar; return its tree, unless there is something to note."""
        source, declared, reader = self.source, self.declared, self.reader
        ledgers = (*self.ledgers, reader.ledger)
        before = [ledger.readings[-1:] for ledger in ledgers]
        start, stop = self._start(begin), self._end(end)
        raw = words(tokens("plain", source, start, stop), source, declared, self.ledgers[0])
        tree = parse("plain", arrange(raw, source, declared, self.ledgers[1]), source, self.limits.depth).children[0]
        reader.statement(tree)
        if reader.program.output in reader.wide or reader.program.output is make("e"):
            raise UnevenError  # what holds arrays has another meaning in the same shape, and e^x is a function where e is Euler's number
        noted = [ledger.readings[-1:] for ledger in ledgers] != before
        return tree if isinstance(tree, Tree) and not noted else None

    def _learnt(self, begin: int, end: int, shape: tuple[str, ...]) -> Recipe | None:
        """Read the first statement of a shape; return how the next ones are made."""
        first = self.pieces[begin + 1] if end > begin else ""
        before = canonical(first) in self.reader.stages
        tree = self._ordinary(begin, end)
        regular = tree is not None and tree.kind == "definition" and len(shape) <= MOST and IRREGULAR not in shape
        if tree is None or not regular or before:
            return None
        name, right = tree.children
        if not (isinstance(name, Tree) and isinstance(right, Tree) and name.kind == "name" and shape[1] == DECLARED):
            return None
        return recipe_of(right, self.reader, begin, self.ends)

    def _cook(self, coded: tuple[str, ...]) -> None:
        """Read each statement by the recipe of its shape, or else as any other."""
        source, pieces, ends, known, recipes, reader = self.source, self.pieces, self.ends, self.known, self.recipes, self.reader
        program, nodes, stages, used = reader.program, reader.nodes, reader.stages, reader.used
        functions, place = reader.functions, tuple.__new__
        spans, named, stage_nodes = program.spans, program.stages, program.stage_nodes
        name, read, unnamed = "", 0, False  # how many stages recipes made since the last other statement, and whether that had no name
        for begin, end in zip(self.cuts, self.cuts[1:]):
            shape = coded[begin : end + 1]
            recipe = recipes.get(shape)
            if recipe is None:
                if read:
                    self._tell(read, name)
                if shape in recipes:
                    self._ordinary(begin, end)
                else:
                    learnt = self._learnt(begin, end, shape)
                    recipes[shape] = learnt and (learnt.leaves, [(step.op, step.args, step) for step in learnt.steps])
                read, unnamed = 0, program.output_name is None
                continue
            name = pieces[begin + 1]
            key = name if name.isalnum() and name.isascii() else canonical(name)
            leaves, steps = recipe
            try:
                values = list(map(known.__getitem__, map(pieces[begin : end + 1].__getitem__, leaves)))
            except KeyError:
                reader.defining = key
                values = [known.get(pieces[begin + leaf]) or self._leaf(begin + leaf) for leaf in leaves]
                reader.defining = ""
            for op, args, step in steps:
                if len(args) == 2:
                    first, second = args
                    node = make(op, (values[first], values[second]))
                elif op == NEGATED:
                    node = negated(values[args[0]])
                else:
                    node = make(op, tuple([values[arg] for arg in args]))
                spans.setdefault(node, place(Place, (source, ends[begin], step)))
                nodes.add(node)
                values.append(node)
            if unnamed or key in stages or key in used or key in functions:
                raise UnevenError  # a name that is defined twice, or too late
            stages[key] = stage_nodes[name] = known[name] = node
            named.setdefault(node, name)
            read += 1
        if read:
            self._tell(read, name)

    def _tell(self, read: int, name: str) -> None:
        """Tell the program of so many statements that were made by recipes, the last of which defines this name."""
        program = self.reader.program
        program.statements += read
        program.output, program.output_name, program.head = program.stage_nodes[name], name, ()

    def _leaf(self, at: int) -> Expr:
        """Return what a name or a number stands for."""
        piece, end = self.pieces[at], self.ends[at]
        node = self.known.get(piece)
        if node is None:
            start, made = end - len(piece), tuple.__new__
            kind = "NUMBER" if piece[0] in ".0123456789" else "NAME"
            node = self.reader.built(made(Tree, (kind.lower(), [made(Token, (kind, piece, start, end))], start, end)), ())
            self.reader.program.spans.setdefault(node, ((start, end), []))
            self.reader.nodes.add(node)
            self.known[piece] = node
        return node
