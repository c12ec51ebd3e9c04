"""Words for people, in their language. A message keeps its pattern and its parts until somebody reads it.

English is the language of the code: a pattern is its own key, as in gettext. Every other language is one file in
``languages/`` with one table ``WORDS``: pattern → pattern. User text is only ever a part, so it comes out as it went in.
"""

from __future__ import annotations

from os import listdir
from os.path import dirname, join

from gradcli.light import Iterable, Mapping, import_module, re

ENGLISH = "en"
_PLACE = re.compile(r"\{(\d+)\}")


class Said(str):
    """A message in English that remembers how it was put together: ``{0}``, ``{1}`` in its pattern are its parts."""

    __slots__ = ("parts", "pattern")
    pattern: str
    parts: tuple[object, ...]


def said(pattern: str, *parts: object) -> Said:
    """Return a message: the pattern with its parts put in; a part may be a message itself, and so may a pattern kept in a table."""
    message = Said(_filled(pattern, parts))
    message.pattern, message.parts = pattern.pattern if isinstance(pattern, Said) else pattern, parts
    return message


def joined(between: str, parts: Iterable[object]) -> Said:
    """Return parts with a sign between them: each that is a message stays one, and is said in the language of the whole."""
    given = tuple(parts)
    return said(between.join(f"{{{place}}}" for place in range(len(given))), *given)


def recognised(text: str, patterns: Iterable[str]) -> str:
    """Return a text of somebody else's as a message, if it follows one of these patterns; else as it is."""
    for pattern in patterns:
        found = re.fullmatch("(.+?)".join(map(re.escape, _PLACE.split(pattern)[::2])), text)
        if found:
            return said(str(pattern), *found.groups())
    return text


class Language:
    """Says messages and fixed words in one language; what its table lacks comes out in English."""

    def __init__(self, name: str = ENGLISH, words: Mapping[str, str] | None = None) -> None:
        self.name, self.words = name, words or {}

    def __call__(self, pattern: str, *parts: object) -> str:
        """Return a pattern with its parts, or a message, in this language."""
        if isinstance(pattern, Said):
            return self(pattern.pattern, *pattern.parts)
        return _filled(self.words.get(pattern, pattern), tuple(self(p) if isinstance(p, Said) else p for p in parts))

    def told(self, text: str) -> str:
        """Return a message in this language; any other text is somebody's own, and stays as it is."""
        return self(text) if isinstance(text, Said) else text


def language(name: str) -> Language:
    """Return a language by its name.

    Raises:
        KeyError: if there is no such language.

    """
    if name not in languages():
        raise KeyError(name)
    return Language(name) if name == ENGLISH else Language(name, import_module(f"gradcli.languages.{name}").WORDS)


def languages() -> list[str]:
    """Return the names of the languages there are: English, and one for each file."""
    files = listdir(join(dirname(__file__), "languages"))
    return [ENGLISH, *sorted(file[:-3] for file in files if len(file) == 5 and file.endswith(".py"))]


def _filled(pattern: str, parts: tuple[object, ...]) -> str:
    """Put parts into the places of a pattern. Not ``str.format``: what a part says is never looked into."""
    if not parts:
        return pattern
    before, *pieces = pattern.split("{")
    for piece in pieces:
        number, closed, after = piece.partition("}")
        before += str(parts[int(number)]) + after if closed and number.isdecimal() else "{" + piece
    return before
