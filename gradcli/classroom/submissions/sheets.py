"""A worksheet that a student hands in, read line by line: a line that cannot be read stops no other.

Only the answers count. A copy of the function, of what is asked and of the points may stand there too: it is never judged by, but
an ``at`` line says to which point the answers below it are.
"""

from __future__ import annotations

import re

from gradcli.classroom.submissions.handed import Entry, Excerpt, Handed, is_text, told
from gradcli.errors import GradError, Source, nearest
from gradcli.syntax.lexer import Token, tokens
from gradcli.syntax.names import NAME, canonical
from gradcli.syntax.worksheet import pairs_in, question_of, student_of
from gradcli.wording import said

_NEXT = re.compile(rf"[,;](?=\s*(?:[d∂]\s*)?{NAME}\s*(?:/\s*[d∂]?\s*{NAME}\s*)?=(?!=))")  # another answer begins behind it
_PARTIAL = re.compile(rf"[d∂]\s*{NAME}\s*/\s*[d∂]\s*{NAME}[\s\"']*[=:](?!=)")
_WORD = re.compile(rf"(\w+)(?:\s*:\s*|\s+){NAME}\s*=(?!=)")  # a word before a name and its value: no statement begins so
_QUESTION = re.compile(r"question\s*+[:.#]?\s*+(\w[^=\[]*|$)", re.IGNORECASE)
_AT = re.compile(r"at(?:\s*:\s*|\s+)", re.IGNORECASE)
_NUMBER = re.compile(rf"({NAME})\s*=\s*[-+−]?[0-9.][0-9.eE+/-]*\s*", re.ASCII)
_FIRST = 200  # characters of a line in which an answer is looked for that begins with no keyword: it takes their square
_HINT = said("write: answer df/dx = -4")


def read_sheet(text: str, handed: Handed, student: str) -> None:
    """Read the answers of a worksheet; the student is the one it names, else this one."""
    sheet = _Sheet(handed)
    for number, line in enumerate(text.split("\n"), 1):
        sheet.line(Excerpt(line, handed.file, number), number)
    sheet.close()
    sheet.text()
    name = handed.student(sheet.student) or handed.student(student)
    for entry in sheet.entries:
        handed.entry(name, entry)
    for number, message in sheet.problems:
        handed.problem(message, number, name)


class _Sheet:
    """Where reading is in a worksheet: in which question, at which point."""

    def __init__(self, handed: Handed) -> None:
        self.file, self.student, self.question = handed.file, "", ""
        self.entries: list[Entry] = []
        self.problems: list[tuple[int, str]] = []
        self.point: list[str] = []  # the texts of the at lines in force
        self.named: set[str] = set()  # the names in them
        self.answered = False  # at this point
        self.doubtful: list[tuple[int, str]] = []  # lines of this question that would be answers if they began so
        self.any = False  # answers to this question
        self.garbled: list[int] = []  # lines that are no text

    def line(self, source: Excerpt, number: int) -> None:
        """Read one line."""
        if not is_text(source.text):
            self.garbled.append(number)
            return
        try:
            first, second = (*tokens("worksheet", source), None)[:2]
            if first is not None and first.kind in _READERS:
                _READERS[first.kind](self, source, number, second if second and first.kind in ("_AT", "_ANSWER") else first)
        except GradError as problem:
            self.problems.append((number, told(problem)))

    def close(self) -> None:
        """End a question: where it has no answer at all, lines such as q = 3 were meant to be some."""
        if not self.any:
            self.problems += self.doubtful
        self.doubtful, self.any = [], False

    def text(self) -> None:
        """Complain of lines that are no text, once: a picture that was handed in as a worksheet has thousands of them."""
        if more := len(self.garbled) - 1 if self.garbled else 0:
            what = said("this line and {0} more are not UTF-8 text", more) if more > 1 else said("this line and another are not UTF-8 text")
            self.problems.append((self.garbled[0], what))
        elif self.garbled:
            self.problems.append((self.garbled[0], said("this line is not UTF-8 text")))

    def begin(self, question: str) -> None:
        """Begin a question."""
        self.close()
        self.question = question
        self.point, self.named, self.answered = [], set(), False

    # ---- by kind of line

    def _student(self, source: Source, number: int, token: Token) -> None:
        name = student_of(token.text)
        if self.student and name != self.student:
            raise GradError("syntax", said("a worksheet is one student's: this is {0}'s already", self.student))
        self.student = name

    def _question(self, source: Source, number: int, token: Token) -> None:
        self.begin(question_of(token.text)[0])

    def _at(self, source: Source, number: int, token: Token) -> None:
        try:
            names = {canonical(name) for name, _ in pairs_in(source, token.start, token.end)}
        except GradError:
            names = set()
        if self.answered or not names or names & self.named:
            self.point, self.named, self.answered = [], set(), False
        self.point.append(token.text.strip())
        self.named |= names

    def _answer(self, source: Source, number: int, token: Token) -> None:
        self.any = self.answered = True
        start = token.start
        for end in [found.start() for found in _NEXT.finditer(source.text, token.start, token.end)] + [token.end]:
            equal = source.text.find("=", start, end)
            if equal < 0:
                raise GradError("syntax", said("there is no = in this answer"), hint=_HINT)
            target, where = source.text[start:equal].strip(), ", ".join(self.point)
            self.entries.append(Entry(self.question, target, source, equal + 1, end, number, where))
            start = end + 1

    def _prose(self, source: Source, number: int, token: Token) -> None:
        if token.text.lower().startswith("answer"):
            raise GradError("syntax", said("there is no = in this answer"), hint=_HINT)

    def _text(self, source: Source, number: int, token: Token) -> None:
        """Read a line that begins with no keyword of ours: a copy of the function; or a keyword in another spelling."""
        text = token.text.strip()
        word, value = _WORD.match(text), _NUMBER.fullmatch(text)
        if question := _QUESTION.fullmatch(text.partition("[")[0]):
            self.begin(question[1].partition(":")[0].strip())
        elif word and (at := _AT.match(token.text)):
            self._at(source, number, token._replace(text=token.text[at.end() :], start=token.start + at.end()))
        elif _PARTIAL.search(text[:_FIRST]) or (word and _like(word[1], "answer")) or (value and value[1].lower() == "answer"):
            raise GradError("syntax", said("this line is not read as an answer"), hint=_HINT)
        elif word or _like(text.split()[0], "question"):
            if word:
                self.point, self.named, self.answered = [text], set(), False  # what is below is of no point that is known
            else:
                self.begin(text)
            raise GradError("syntax", said("this line is not read"), hint=said("a line begins with student, question, at or answer"))
        elif value:
            hint = said("write: answer {0}", text)
            self.doubtful.append((number, told(GradError("syntax", said("this line is not read as an answer"), hint=hint))))


def _like(word: str, keyword: str) -> bool:
    """Tell whether a word is a keyword, or nearly one."""
    return word.lower() == keyword or bool(nearest(word.lower(), [keyword]))


# By kind of line; what is asked, what varies, and lines without ink say nothing here.
_READERS = {
    "STUDENT": _Sheet._student, "QUESTION": _Sheet._question, "_AT": _Sheet._at, "_ANSWER": _Sheet._answer, "PROSE": _Sheet._prose,
    "TEXT": _Sheet._text,
}  # fmt: skip
