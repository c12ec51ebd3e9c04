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


def needed(form: str) -> None:
    """See that both are installed for a form that needs them; to load them takes long, and what is plain numbers needs but one.

    Raises:
        GradError: if one is not.

    """
    missing = next((name for name in ("polars", "pyarrow") if find_spec(name) is None), "")
    if missing:
        hint = said("install it: {0}", 'pip install "gradcli[batch]"')
        raise GradError("missing-library", said("{0} needs {1}", form, missing), hint=hint)
