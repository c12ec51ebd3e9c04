"""Words of a command line → the expression (or worksheet), and the values given for its names."""

from __future__ import annotations

from gradcli.errors import GradError, Source
from gradcli.light import TYPE_CHECKING, Record, re
from gradcli.limits import Limits
from gradcli.nested import Given
from gradcli.ops import CONSTANTS
from gradcli.syntax import Program
from gradcli.syntax.names import NAME, canonical
from gradcli.syntax.reader import read
from gradcli.values import arrays_in, parse_value
from gradcli.wording import said

if TYPE_CHECKING:
    from gradcli.operands.sheets import Answered

_BINDING = re.compile(rf"(?s)\s*({NAME})\s*=(?!=)(.*)")
_WORD = re.compile(rf"(?<![\w.]){NAME}(?!\s*\()")


class _Word:
    """One operand: NAME=VALUE if it has that form, with the words in its value that are not numbers."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.name, self.start = _name(text)
        value = text[self.start :]
        self.file = value.lstrip().startswith("@")
        self.stages = bool(self.name) and not self.file and _outside_brackets(";", value.rstrip("; "))

    @property
    def words(self) -> list[str]:
        """Return the names in a value: of an expression that has a name."""
        if self.file or not self.name:
            return []
        return [word for word in _names_in(self.text[self.start :]) if canonical(word) not in CONSTANTS]


def _name(text: str) -> tuple[str, int]:
    """Return the name of NAME=VALUE and where the value begins; nothing for another form."""
    left, equal, right = text.partition("=")
    name = left.strip()
    if not equal or right[:1] == "=":
        return "", 0
    if name.isalpha() or (name.isascii() and name.isidentifier()):
        return name, len(left) + 1
    found = _BINDING.fullmatch(text)
    return (found[1], found.start(2)) if found else ("", 0)


def _names_in(value: str) -> list[str]:
    """Return the words of a value that are names: none of a number, or of a list of plain ones."""
    if value.isascii() and not any(char.isalpha() or char == "_" for char in value):
        return []
    return _WORD.findall(value)


def _outside_brackets(sign: str, text: str) -> bool:
    depth = 0
    for char in text:
        depth += (char in "([") - (char in ")]")
        if char == sign and depth <= 0:
            return True
    return False


class Task(Record):
    """One thing to compute: a program at a point (None: in symbols); in a worksheet, of which question, and where."""

    program: Program
    bindings: dict[str, Given] | None
    question: str = ""
    points: float | None = None
    where: str = ""
    answers: tuple[Answered, ...] = ()


def read_operands(texts: list[str], limits: Limits, latex: bool = False, at: str = "") -> list[Task]:
    """Return what is to be computed: the program and the values given for its names; for a worksheet, one task a point.

    The order of the operands is free. NAME=VALUE is a value; whatever has another form is the expression. Where all
    have that form, as in ``"f = (x+y)*z" x=1``, the expression is the one whose right side has names in it. ``at``
    is a file with further values.
    """
    expression, bound = expression_among(texts)
    values = with_point(values_in(bound, limits), at, limits)
    if expression.text.endswith(".grad"):
        from gradcli.operands.sheets import from_worksheet

        return from_worksheet(expression.text, values, limits)
    declared = frozenset(map(canonical, values))
    return [Task(read(source_in(expression, limits), declared, limits, arrays=arrays_in(values), latex=latex), values or None)]


def split(texts: list[str], limits: Limits, hint: str) -> tuple[str, dict[str, Given], dict[str, str]]:
    """Return the expression among some operands, the values given beside it, and what was typed of those that are in no file.

    Raises:
        GradError: if there is not one expression; for what is no value.

    """
    expression, bound = expression_among(texts, hint)
    if expression.text.endswith(".grad"):
        raise GradError("bad-usage", said("{0} is a worksheet: an expression is needed here", expression.text), hint=hint)
    typed = {word.name: word.text[word.start :].strip() for word in bound}
    return expression.text, values_in(bound, limits), {name: text for name, text in typed.items() if not text.startswith("@")}


def source_in(expression: _Word, limits: Limits) -> Source:
    """Return the text of an expression: the word itself, or what comes in through standard input."""
    if expression.text != "-":
        return Source(expression.text)
    from gradcli.values.files import standard_input

    return Source(standard_input(limits), said("standard input"))


def with_point(values: dict[str, Given], at: str, limits: Limits) -> dict[str, Given]:
    """Add the values of a file; what was typed wins."""
    if not at:
        return values
    from gradcli.values.files import load_point

    known = set(map(canonical, values))
    return values | {name: value for name, value in load_point(at, limits).items() if canonical(name) not in known}


_HINT = said('for example: gradcli "(x+y)*z" x=-2 y=5 z=-4')


def expression_among(texts: list[str], hint: str = _HINT) -> tuple[_Word, list[_Word]]:
    """Return the one word that is the expression, and the others."""
    words = [_Word(text) for text in texts]
    free = [w for w in words if not w.name or w.stages]
    expressions = free or [w for w in words if w.words][:1] or [w for w in words if len(words) == 1]
    if len(expressions) != 1:
        what = said("there is no expression here") if not expressions else said("there are two expressions here: quote the expression")
        given = next(iter(expressions[1:]), None)
        raise GradError("bad-usage", what, (0, len(given.text)) if given else None,
                        source=Source(given.text) if given else None,
                        hint=hint)  # fmt: skip
    expression = expressions[0]
    return expression, [w for w in words if w is not expression]


def values_in(bound: list[_Word], limits: Limits) -> dict[str, Given]:
    """Return the values of words NAME=VALUE by name."""
    values: dict[str, Given] = {}
    keys: set[str] = set()
    for word in bound:
        source, span = Source(word.text), (0, len(word.text))
        if canonical(word.name) in keys:
            raise GradError("bound-twice", said("{0} is given two values", word.name), span, source=source)
        keys.add(canonical(word.name))
        values[word.name] = read_value(source, word.start, limits)
    return values


def read_value(source: Source, start: int, limits: Limits) -> Given:
    """Return the value that stands in a text from start on: a constant expression, or @file."""
    text = source.text[start:].strip()
    span = (start, len(source.text))
    limits.check("text", len(source.text), said("characters"), None, source)
    if text.startswith("@"):
        from gradcli.values.files import load

        return load(text[1:], source, span, limits)
    if not text:
        raise GradError("not-a-number", said("there is no value here"), (start, start + 1), source=source)
    return parse_value(source, limits, start)
