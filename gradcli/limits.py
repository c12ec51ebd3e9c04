"""Limits, checked before anything is allocated; each can be raised by ``--limit`` or ``GRADCLI_LIMITS``."""

from __future__ import annotations

import os

from gradcli.errors import LIMIT, GradError, Source, Span
from gradcli.light import Iterable
from gradcli.wording import said


class Limits:
    """The sizes that are refused above: characters, nested brackets, nodes, names, entries of an array, answers in a file."""

    __slots__ = ("depth", "elements", "names", "nodes", "rows", "text")

    def __init__(self) -> None:
        self.text, self.depth, self.nodes, self.names, self.elements = 65_536, 1_000, 10_000, 256, 1_000_000
        self.rows = 200_000

    def check(self, name: str, size: int, what: str, span: Span | None = None, source: Source | None = None) -> None:
        """Raise a GradError with exit code 4 if size is over the limit of this name."""
        most = getattr(self, name)
        if size > most:
            raise GradError(
                f"too-many-{name}" if name != "text" else "too-long", said("{0} {1}; the limit is {2}", size, what, most), span,
                source=source, code=LIMIT, hint=said("raise it: --limit {0}={1}", name, max(10 * most, size)),
            )  # fmt: skip

    @classmethod
    def asked(cls, options: Iterable[str]) -> Limits:
        """Return the limits with those of the environment and of the options raised."""
        limits = cls()
        for text in (os.environ.get("GRADCLI_LIMITS", ""), *options):
            limits = limits.raised(text)
        return limits

    def raised(self, text: str) -> Limits:
        """Return these limits with some replaced, from text such as ``nodes=200000,depth=5000``."""
        out = Limits()
        for name in self.__slots__:
            setattr(out, name, getattr(self, name))
        for item in filter(None, text.replace(" ", "").split(",")):
            name, _, size = item.partition("=")
            if name not in self.__slots__ or not (size.isascii() and size.isdigit() and 0 < len(size) <= 12):
                raise GradError("bad-limit", said("cannot read the limit {0}", item),
                                hint=said("for example nodes=200000; there are {0}", ", ".join(self.__slots__)))  # fmt: skip
            setattr(out, name, int(size))
        return out
