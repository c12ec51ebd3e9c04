"""Answers in JSON and TOML: a student with answers, a list of such, or a list of single answers.

    student = "ann"                     {"student": "ann", "answers": {"1": {"df/dx": -4}, "2": {"s": "0.9975"}}}
    [answers.1]                         [{"student": "ann", "question": "1", "target": "df/dx", "answer": "-4"}, …]
    "df/dx" = -4

A question asked at several points has a list of tables, each with ``at``: the number of the point, or its values.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from gradcli.classroom.submissions.handed import Entry, Excerpt, Handed, is_text, too_many
from gradcli.classroom.submissions.located import LIST, NUMBER, TABLE, TEXT, WORD, Node
from gradcli.errors import nearest
from gradcli.wording import said

_STUDENT, _QUESTION, _TARGET, _ANSWER, _ANSWERS, _AT = "student", "question", "target", "answer", "answers", "at"
_MOST_TABLES = 16  # one inside another
_WIDEST = 2_000  # characters of a line that is kept with an answer: a document may be one long line
_IN_TOML, _IN_JSON = "[answers.1] \"df/dx\" = -4", "{\"answers\": {\"1\": {\"df/dx\": -4}}}"
_LIKE_A_TARGET = re.compile(r"\s*[d∂].*/\s*[d∂].*", re.DOTALL)

Table = dict[str, Node]


def read_document(root: Node, text: str, handed: Handed, student: str) -> None:
    """Read the answers of a document; the student is this one where it does not say."""
    _Document(text, handed).read(root, student)


class _Document:
    """A document, and where its lines begin."""

    def __init__(self, text: str, handed: Handed) -> None:
        self.text, self.handed = text, handed
        self.breaks = [found.start() for found in re.finditer("\n", text)]
        self.count = 0
        self.example = _IN_JSON

    def read(self, root: Node, student: str) -> None:
        """Read what one student handed in, or a list of that."""
        self.example = _IN_JSON if root.start >= 0 else _IN_TOML
        if root.kind not in (LIST, TABLE):
            self.problem(said("there are no answers in this document"), root, student)
        for item in root.value if root.kind == LIST else [root] if root.kind == TABLE else []:
            if item.kind == TABLE:
                self.one(item, "" if root.kind == LIST else student)
            else:
                self.problem(said("{0} is neither an answer nor a student with answers", self.shown(item)), item, "")
            if self.full():
                return

    def full(self) -> bool:
        """Tell whether there is more than may be; then nothing of it counts."""
        limit = self.handed.limits.rows
        if self.count <= limit:
            return False
        self.handed.entries.clear()
        self.handed.problems.clear()
        self.handed.problem(too_many(limit), 0)
        return True

    def one(self, item: Node, student: str) -> None:
        """Read a student with answers, or a single answer."""
        fields = self.table(item, student, fold=True)
        name = fields.get(_STUDENT)
        if name is not None and name.kind not in (TEXT, NUMBER):
            self.problem(said("{0} is no name", self.shown(name)), name, "")
            return
        student = self.handed.student(name.value if name is not None and name.value.strip() else student)
        if not student:
            self.problem(said("this does not say whose answers they are"), item, "")
        elif _TARGET in fields and _ANSWER in fields:
            self.single(fields, item, student)
        elif _ANSWERS in fields:
            self.others({key: node for key, node in fields.items() if key not in (_STUDENT, _ANSWERS)}, student)
            self.answers(fields[_ANSWERS], (), student)
        else:
            near = nearest(_ANSWERS, [key for key in fields if key != _STUDENT])
            what = said("there are no answers here: they stand under {0}, as in {1}", _ANSWERS, self.example)
            self.problem(said("{0}; {1}", what, said("did you mean {0}?", near)) if near else what, item, student)

    def others(self, fields: Table, student: str) -> None:
        """Complain of what stands beside the answers and may be one; a word about the student is none."""
        for key, node in fields.items():
            if node.kind in (LIST, TABLE) or _LIKE_A_TARGET.fullmatch(key) or nearest(key, [_ANSWERS]):
                self.problem(said("{0} is not read: answers stand under {1}", key, _ANSWERS), node, student)

    def single(self, fields: Table, item: Node, student: str) -> None:
        """Read one answer that says by itself to what it is."""
        words: list[str] = []
        for key in (_QUESTION, _TARGET, _AT):
            node = fields.get(key)
            word = "" if node is None else self.where(node) if key == _AT else node.value if node.kind in (TEXT, NUMBER) else None
            if node is not None and word is None:
                self.problem(said("{0} is no name", self.shown(node)), node, student)
                return
            words.append(word or "")
        question, target, where = words
        self.answer(question, target, fields[_ANSWER], where, student)

    def answers(self, node: Node, path: tuple[str, ...], student: str) -> None:
        """Read the answers to a question, at one of its points or at each."""
        if len(path) > _MOST_TABLES:
            self.problem(said("too many tables stand inside one another"), node, student)
            return
        if _is_tables(node):
            for item in node.value:
                self.answers(item, path, student)
            return
        if node.kind != TABLE:
            self.problem(said("{0} is no table of answers", self.shown(node)), node, student)
            return
        table = self.table(node, student)
        if {_TARGET, _ANSWER} <= table.keys() and not path:
            self.single(table, node, student)
            return
        where = self.where(table[_AT]) if _AT in table else ""
        if where is None:
            self.problem(said("{0} is no point: write its number, or its values", self.shown(table[_AT])), table[_AT], student)
            return
        for key, value in table.items():
            if key == _AT:
                continue
            if value.kind == TABLE or _is_tables(value):
                self.answers(value, (*path, key), student)
            else:
                self.answer(".".join(path), key, value, where, student)

    def answer(self, question: str, target: str, value: Node, where: str, student: str) -> None:
        """Keep one answer."""
        self.count += 1
        written = _written(value, 0)
        line = self.line(value)
        if written is None:
            self.problem(said("{0} is no answer: an answer is a number, a list of numbers, or a text", self.shown(value)), value, student)
        elif not all(map(is_text, (question, target, written, where))):
            self.problem(said("this answer is not text"), value, student)
        else:
            excerpt, start = self.excerpt(value, written, line)
            self.handed.entry(student, Entry(question, target, excerpt, start, start + len(written), line, where))

    # ---- values and places

    def table(self, node: Node, student: str, fold: bool = False) -> Table:
        """Return a table by key; a key that is there twice is none, as nobody can tell which of its values counts."""
        found: Table = {}
        twice: dict[str, list[Node]] = {}
        for key, value in node.value:
            name = key.strip().lower() if fold else key
            if name in found:
                twice.setdefault(name, [found[name]]).append(value)
            found.setdefault(name, value)
        for name, values in twice.items():
            del found[name]
            lines = ", ".join(dict.fromkeys(str(self.line(value)) for value in values))
            self.problem(said("{0} stands here twice, in lines {1}: nothing of it is read", name, lines), values[-1], student)
        return found

    def where(self, node: Node) -> str | None:
        """Return a point in words; None where it is none."""
        if node.kind != TABLE:
            return node.value if node.kind in (TEXT, NUMBER) else None
        values = [(key, _written(value, 0)) for key, value in node.value]
        return None if any(value is None for _, value in values) else ", ".join(f"{name} = {value}" for name, value in values)

    def line(self, node: Node) -> int:
        """Return the line in which a value begins; 0 where that is not known."""
        return bisect_right(self.breaks, node.start - 1) + 1 if node.start >= 0 else 0

    def excerpt(self, value: Node, written: str, line: int) -> tuple[Excerpt, int]:
        """Return the line of a value and where it stands in it; the value alone, where it is written in another way there."""
        if line:
            begin = self.breaks[line - 2] + 1 if line > 1 else 0
            end = self.breaks[line - 1] if line <= len(self.breaks) else len(self.text)
            start = self.text.find(written, value.start, end) if written else -1
            if start >= 0 and end - begin <= _WIDEST:
                return Excerpt(self.text[begin:end], self.handed.file, line), start - begin
        return Excerpt(written, self.handed.file, line), 0

    def shown(self, node: Node) -> str:
        """Return a value as it is named in a message."""
        return said("a list") if node.kind == LIST else said("a table") if node.kind == TABLE else str(node.value)

    def problem(self, message: str, node: Node, student: str) -> None:
        """Keep what could not be read, with its line."""
        self.handed.problem(message, self.line(node), student)


def _is_tables(node: Node) -> bool:
    return node.kind == LIST and bool(node.value) and all(item.kind == TABLE for item in node.value)


def _written(node: Node, depth: int) -> str | None:
    """Return a value as the text of an answer: numbers with the digits they have, lists in brackets; None where it is none."""
    if node.kind in (TEXT, NUMBER):
        return str(node.value)
    if node.kind in (TABLE, WORD) or depth > _MOST_TABLES:
        return None
    items = [_written(item, depth + 1) for item in node.value]
    return None if None in items else f"[{', '.join(map(str, items))}]"
