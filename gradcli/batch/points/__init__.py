"""Reading tables of points: CSV, TSV, JSON Lines, Parquet and folders of it, Arrow.

    open_points(name) ─▶ Points ─▶ parts() ─▶ Part ─▶ read(part, layout) ─▶ Read

A table is cut into parts, and a part is read into numbers anywhere.
"""

from __future__ import annotations

import os
from typing import BinaryIO

from gradcli.batch.points.files import STDIN, Place
from gradcli.batch.points.folder import Folder
from gradcli.batch.points.forms import FORMS, endings, form_of, is_table
from gradcli.batch.points.layout import Layout, layout, offered
from gradcli.batch.points.points import Points
from gradcli.limits import Limits

__all__ = ["FORMS", "STDIN", "Layout", "Points", "endings", "is_table", "layout", "offered", "open_points"]


def open_points(name: str, limits: Limits, form: str | None = None, stdin: BinaryIO | None = None, size: int | None = None) -> Points:
    """Open a table of points.

    Args:
        name: a file, a folder of Parquet files, or ``-`` for standard input.
        limits: the sizes that are refused.
        form: "csv", "tsv", "jsonl", "parquet" or "arrow"; without it the ending of the name says it, and of ``-`` it is CSV.
        stdin: what ``-`` reads.
        size: bytes of text, or rows of Parquet and Arrow, in a part; without it, what is good to compute at once.

    Raises:
        GradError: for a file that is not there or is of another form than its name says, or a header that cannot be read.

    """
    if os.path.isdir(name) and form in (None, Folder.form):
        return Folder(name, size)
    place = Place(name, stdin)
    return form_of(place, form)(place, size, limits)
