"""What can go wrong, in the user's words. Prints nothing.

Exit codes are part of the interface (README, "Exit codes"):
2 bad usage or input, 3 no verdict at this point, 4 a limit was hit, 70 a bug of ours.
"""

from __future__ import annotations

from gradcli.light import Callable, re
from gradcli.wording import Language, Said, said

USAGE, NO_VERDICT, LIMIT, BUG = 2, 3, 4, 70

# C0 and C1 controls, soft and zero-width marks, bidirectional overrides and lone surrogates: none of them may
# reach a terminal from user text, where they hide, reorder or recolour what is read (CVE-2021-42574).
_HIDDEN = (
    (0x00, 0x1F), (0x7F, 0x9F), (0xAD, 0xAD), (0x061C, 0x061C), (0x115F, 0x1160), (0x180E, 0x180E), (0x200B, 0x200F),
    (0x2028, 0x202E), (0x2060, 0x206F), (0xD800, 0xDFFF), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0), (0xFFF9, 0xFFFB), (0xE0000, 0xE0FFF),
)  # fmt: skip
_COMMANDS = re.compile(r":(?=:)|(?<=##)\w*\[")


class _Spelling(dict[int, str]):
    """Every character as it may be shown, for ``str.translate``; each is looked at once."""

    def __init__(self, spelt: Callable[[int], str]) -> None:
        super().__init__()
        self._spelt = spelt

    def __missing__(self, code: int) -> str:
        hidden = not 0x20 <= code < 0x7F and any(first <= code <= last for first, last in _HIDDEN)  # most are letters and signs
        return self.setdefault(code, self._spelt(code) if hidden else chr(code))


def safe(text: str) -> str:
    """Return text with every control, bidirectional and invisible character spelt out, as in ``\\x1b``."""
    if text.isascii() and text.isprintable():
        return text
    return text.translate(_SAFE)


_SAFE = _Spelling(lambda code: f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


def harmless(text: str) -> str:
    """Return safe text that does nothing in a build's log either, where a line may be a command to the machine that runs the build.

    GitHub's runner obeys lines that begin with ``::name::``, behind blanks too, and ``##[name]`` anywhere in a line; Azure's
    ``##vso[name]``. An answer such as ``##[stop-commands]x`` in a table that a workflow prints would be obeyed.
    """
    return commands_as(safe(text), "\\x3a", "\\x5b")


def commands_as(text: str, colon: str, bracket: str) -> str:
    """Return text with the signs that begin a command written so."""
    if "::" not in text and "##" not in text:
        return text
    return _COMMANDS.sub(lambda found: colon if found[0] == ":" else found[0][:-1] + bracket, text)


def escaped(text: str) -> str:
    """Return JSON text with every unsafe character as ``\\uXXXX``: the same document, harmless in a terminal."""
    lines = text.split("\n")  # most are plain, which is told at once
    return "\n".join([line if line.isascii() and line.isprintable() else line.translate(_ESCAPED) for line in lines])


def _units(code: int) -> str:
    """Return a character as JSON escapes, in two halves where UTF-16 has two."""
    data = chr(code).encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{high:02x}{low:02x}" for high, low in zip(data[::2], data[1::2]))


_ESCAPED = _Spelling(_units)


class Source:
    """A text someone gave us, and where it came from (``None``: the command line)."""

    __slots__ = ("name", "text")

    def __init__(self, text: str, name: str | None = None) -> None:
        self.text, self.name = text, name

    def line_at(self, offset: int) -> tuple[int, int, str]:
        """Return (line number, column, line), both counted from 1, of the character at offset."""
        start = self.text.rfind("\n", 0, offset) + 1
        end = self.text.find("\n", offset)
        line = self.text[start : end if end >= 0 else len(self.text)]
        return self.text.count("\n", 0, start) + 1, offset - start + 1, line.rstrip("\r")


Span = tuple[int, int]


class GradError(Exception):
    """One thing that is wrong: kebab-case kind, message, where it is, and what to do about it.

    ``span`` is the place; ``labels`` are further places with a word each (both operands of a shape error).
    """

    def __init__(
        self,
        kind: str,
        message: str,
        span: Span | None = None,
        *,
        labels: tuple[tuple[Span, str], ...] = (),
        hint: str = "",
        source: Source | None = None,
        code: int = USAGE,
    ) -> None:
        super().__init__(message)
        self.kind, self.message, self.span, self.labels = kind, message, span, labels
        self.hint, self.source, self.code = hint, source, code

    def __str__(self) -> str:
        return draw(self)

    def __reduce__(self) -> tuple[Callable[..., GradError], tuple[object, ...]]:
        return _again, (self.kind, self.message, self.span, self.labels, self.hint, self.source, self.code)


def _again(
    kind: str, message: str, span: Span | None, labels: tuple[tuple[Span, str], ...], hint: str, source: Source | None, code: int
) -> GradError:
    """Return an error that comes from another process."""
    return GradError(kind, message, span, labels=labels, hint=hint, source=source, code=code)


WIDTH = 76  # columns of source shown in a drawing: with its indent it fits a terminal of 80


def draw(error: GradError, words: Language | None = None) -> str:
    """Return the drawing of an error in a language: kind and message, the source line, carets with labels, the hint."""
    words = words or Language()
    lines = [f"{words('error')}[{error.kind}]: {harmless(words.told(error.message))}"]
    places = [(span, words.told(word)) for span, word in error.labels]
    if error.span is not None and not places:
        places = [(error.span, "")]
    if error.source is not None and places and error.source.text.strip():
        lines += _picture(error.source, places, words)
    if error.hint:
        lines += [f"  {words('hint')}: {harmless(words.told(error.hint))}"]
    return "\n".join(lines)


def _picture(source: Source, places: list[tuple[Span, str]], words: Language) -> list[str]:
    number, column, line = source.line_at(places[0][0][0])
    lines = [f"  --> {harmless(words.told(source.name))}:{number}:{column}"] if source.name else []
    first = places[0][0][0] - column + 1
    marks = [(start - first, max(end - start, 1), word) for (start, end), word in places]
    shown, shift = _window(line, marks[0][0])
    lines.append("  " + harmless(shown))
    for start, length, word in sorted(marks, reverse=True):
        if not 0 <= start - shift <= len(shown):  # this operand is on another line, or outside the window
            lines.append(f"  ({words('elsewhere')}: {word})")
            continue
        before = columns(harmless(shown[: start - shift]))
        carets = "^" * max(1, columns(harmless(shown[start - shift : start - shift + length])))
        lines.append(f"  {' ' * before}{carets} {harmless(word)}".rstrip())
    return lines


def _window(line: str, start: int) -> tuple[str, int]:
    """Cut a very long line to the part around start; return it and how many characters were left out before."""
    if len(line) <= WIDTH:
        return line, 0
    begin = max(0, min(start - WIDTH // 2, len(line) - WIDTH))
    return line[begin : begin + WIDTH], begin


def columns(text: str) -> int:
    """Count terminal columns: combining marks take none, East Asian wide characters two."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def nearest(word: str, known: list[str]) -> str:
    """Return the known word nearest to one that is not known, or nothing."""
    if not known:
        return ""
    from difflib import get_close_matches

    same = [k for k in known if k != word and k.lower() == word.lower()]
    near = same or get_close_matches(word, known, n=1, cutoff=0.6)
    return near[0] if near else ""


def suggest(word: str, known: list[str]) -> str:
    """Return ``did you mean …?`` for the nearest known word, or nothing."""
    near = nearest(word, known)
    return said("did you mean {0}?", near) if near else ""


# What the system says of files most often, so that it can be said in another language.
_OF_FILES: dict[str, str] = {text: text for text in (
    said("No such file or directory"), said("Permission denied"), said("Is a directory"), said("Not a directory"),
    said("No space left on device"), said("Read-only file system"), said("File name too long"),
)}  # fmt: skip


def reason(problem: Exception) -> str:
    """Return what an exception of a library says: one of ours, or of the system, as a message."""
    first = problem.args[0] if problem.args else ""
    if isinstance(first, Said):
        return first
    text = str(getattr(problem, "strerror", None) or problem)
    return _OF_FILES.get(text, text)
