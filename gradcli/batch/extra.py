"""The library of tables, an extra: text is faster with it, Parquet and Arrow need it."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from gradcli.errors import GradError
from gradcli.wording import said


@cache
def polars() -> Any:
    """Return the library of tables, or None if it is not installed."""
    try:
        return import_module("polars")
    except ImportError:
        return None


def needed(form: str) -> Any:
    """Return the library of tables for a form that needs it.

    Raises:
        GradError: if it is not installed.

    """
    library = polars()
    if library is None:
        raise GradError("missing-library", said("{0} needs polars", form), hint=said("install it: {0}", 'pip install "gradcli[batch]"'))
    return library
