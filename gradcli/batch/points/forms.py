"""The forms of a table: by the ending of a name, and by the first bytes of a file."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from pathlib import PurePath

from gradcli.batch.points.arrow_stream import ArrowStream
from gradcli.batch.points.files import STDIN, Place
from gradcli.batch.points.files_by_column import Arrow, Parquet
from gradcli.batch.points.objects import JSONL, Objects
from gradcli.batch.points.points import Points
from gradcli.batch.points.text import CSV, TSV, Text
from gradcli.errors import GradError
from gradcli.limits import Limits
from gradcli.wording import said

PARQUET, ARROW = "parquet", "arrow"
FORMS = {
    CSV: (".csv",),
    TSV: (".tsv", ".tab"),
    JSONL: (".jsonl", ".ndjson"),
    PARQUET: (".parquet", ".pq"),
    ARROW: (".arrow", ".feather", ".ipc", ".arrows"),
}
_MAGIC = {b"PAR1": "Parquet", b"ARROW1": "Arrow", b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip", b"(\xb5/\xfd": "Zstandard", b"BZh": "bzip2"}

Opener = Callable[[Place, int | None, Limits], Points]


def endings() -> str:
    """Return all endings there are."""
    return " ".join(chain(*FORMS.values()))


def ending_of(name: str) -> str:
    """Return the form that the ending of a name says.

    Raises:
        GradError: if it says none.

    """
    ending = PurePath(name).suffix.lower()
    for form, its in FORMS.items():
        if ending in its:
            return form
    hint = said("--from csv says outright what it is")
    raise GradError("unknown-format", said("cannot read {0}: its ending is none of {1}", name, endings()), hint=hint)


def is_table(name: str) -> bool:
    """Tell whether a name ends as that of a table."""
    return any(PurePath(name).suffix.lower() in its for its in FORMS.values())


def form_of(place: Place, form: str | None) -> Opener:
    """Return what opens a table.

    Raises:
        GradError: for a form that is not known, or that the first bytes of the file are not.

    """
    form = form or (CSV if place.name == STDIN else ending_of(place.name))
    if form not in FORMS:
        raise GradError("unknown-format", said("there is no form {0}; there are {1}", form, ", ".join(FORMS)))
    head = place.head()
    seen = next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), "")
    if form == PARQUET:
        _expect(place, seen == "Parquet", "Parquet", seen)
        return lambda place, size, limits: Parquet(place, size)
    if form == ARROW:
        if head.startswith(b"\xff\xff\xff\xff"):
            return lambda place, size, limits: ArrowStream(place)
        _expect(place, seen == "Arrow", "Arrow", seen)
        return lambda place, size, limits: Arrow(place, size)
    _expect(place, not seen, said("text"), seen)
    if form == JSONL:
        return lambda place, size, limits: Objects(place, limits, size)
    return lambda place, size, limits: Text(place, form, size)


def _expect(place: Place, holds: bool, form: str, seen: str) -> None:
    if not holds:
        found = said("by its first bytes it is {0}", seen) if seen else said("its first bytes are not those of one")
        raise GradError("unknown-format", said("{0} is no {1}: {2}", place.name, form, found))
