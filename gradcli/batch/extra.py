"""The libraries of tables, an extra: text is faster with the one, Parquet and Arrow need both."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
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
    missing = "polars" if library is None else "" if find_spec("pyarrow") else "pyarrow"
    if missing:
        hint = said("install it: {0}", 'pip install "gradcli[batch]"')
        raise GradError("missing-library", said("{0} needs {1}", form, missing), hint=hint)
    return library
