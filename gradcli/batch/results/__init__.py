"""Writing tables of results: CSV, TSV, JSON Lines, Parquet, Arrow.

    open_results(form, outputs, kept, status) ─▶ Writer: header() + joined().add(render(part)) + … + ending()

Parts are rendered anywhere, and joined in one place.
"""

from __future__ import annotations

from gradcli.batch.points.forms import ARROW, FORMS, PARQUET, ending_of, endings, is_table
from gradcli.batch.points.objects import JSONL
from gradcli.batch.points.text import CSV, TSV
from gradcli.batch.records import Output
from gradcli.batch.results.columnar import Columnar
from gradcli.batch.results.objects import ObjectLines
from gradcli.batch.results.picked import picked
from gradcli.batch.results.text import Separated
from gradcli.batch.results.writer import Joined, Writer
from gradcli.errors import GradError
from gradcli.wording import said

__all__ = ["Joined", "Writer", "form_of", "open_results", "picked"]


def form_of(name: str, asked: str, other: str) -> str:
    """Return the form of a table that is written: the one asked for, else what the ending of its name says; without a name, the other.

    Raises:
        GradError: if the ending says none.

    """
    if asked or not name:
        return asked or other
    if not is_table(name):
        hint = said("--to csv says outright what it is")
        raise GradError("unknown-format", said("cannot write {0}: its ending is none of {1}", name, endings()), hint=hint)
    return ending_of(name)


def open_results(form: str, outputs: list[Output], kept: list[str], status: bool) -> Writer:
    """Return what writes a table of results.

    Args:
        form: "csv", "tsv", "jsonl", "parquet" or "arrow".
        outputs: what each row gets: the value first, then the partials.
        kept: the columns that are copied; they stand in front.
        status: a last column says what the partials are.

    Raises:
        GradError: for a form that is not known or needs what is not installed, or if two columns would have one name.

    """
    if form in (CSV, TSV):
        return Separated(form, outputs, kept, status)
    if form == JSONL:
        return ObjectLines(outputs, kept, status)
    if form in (PARQUET, ARROW):
        return Columnar(form, outputs, kept, status)
    raise GradError("unknown-format", said("there is no form {0}; there are {1}", form, ", ".join(FORMS)))
