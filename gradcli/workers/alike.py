"""Whether machines are alike: where versions or processors differ, the last digits of a result may."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from gradcli import __version__
from gradcli.errors import GradError, safe
from gradcli.wording import said

_PACKAGES = ("numpy", "python-flint", "polars")
_PROCESSOR = "processor"  # of the facts
_Look = tuple[int, int] | None  # size and last change in nanoseconds


@cache
def facts() -> dict[str, str]:
    """Return what the digits of this process depend on, by name.

    NumPy takes another ``exp`` for each kind of processor, and its ``pow`` from the C library: their last digits differ.
    """
    import numpy as np

    found = np.show_config(mode="dicts")["SIMD Extensions"]
    return {
        "gradcli": __version__,
        "Python": f"{sys.version_info.major}.{sys.version_info.minor}",
        **{name: _version(name) for name in _PACKAGES},
        "libc": " ".join(platform.libc_ver()).strip(),
        _PROCESSOR: " ".join([platform.machine(), *found["baseline"], *found.get("found", ())]),
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "–"


def compare(ours: Mapping[str, str], theirs: Mapping[str, str], worker: str) -> None:
    """Check that a worker is like the machine that asks it.

    Raises:
        GradError: naming the first thing that is not.

    """
    for name, here in ours.items():
        there = theirs.get(name, "–")
        if here == there:
            continue
        if name == _PROCESSOR:
            message = said("{0} has another processor than this machine: the last digits could differ", worker)
            more = " ".join(sorted(set(here.split()) ^ set(there.split())))
            hint = said("NPY_DISABLE_CPU_FEATURES takes from a machine what others have not: {0}", safe(more))
        else:
            message = said("{0} has {1} {2}, and this machine has {3}: the last digits could differ", worker, name, safe(there), here)
            hint = said("install the same versions on all machines")
        raise GradError("not-alike", message, hint=hint)


def looks(paths: Sequence[str]) -> dict[str, _Look]:
    """Return the size of each file and its last change, as this machine sees them; None where it does not. A folder is all it holds."""
    return {path: _look(path) for path in paths}


def _look(path: str) -> _Look:
    try:
        files = [path] if not os.path.isdir(path) else [os.path.join(at, name) for at, _, names in os.walk(path) for name in names]
        found = [os.stat(file) for file in files]
    except OSError:
        return None
    return sum(one.st_size for one in found), max((one.st_mtime_ns for one in found), default=0)
