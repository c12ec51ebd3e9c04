"""The scheduler of a dask cluster: whether there is one at an address, and whether it has workers."""

from __future__ import annotations

import asyncio
import json
import logging
import time
import warnings
from functools import cache
from importlib import import_module
from typing import Any

from gradcli.errors import GradError, reason, safe
from gradcli.wording import said

_PAUSE = 0.2  # seconds between two questions
_SHORT = 2.0  # seconds until a worker that can be reached has answered
_TALKERS = ("distributed", "tornado", "asyncio", "dask")


@cache
def dask() -> Any:
    """Return the library, which from now on keeps to itself what it has to say: standard error is ours.

    Raises:
        GradError: if it is not installed.

    """
    try:
        library = import_module("distributed")
    except ImportError as problem:
        hint = said("install it: {0}", 'pip install "gradcli[dask]"')
        raise GradError("not-installed", said("--engine dask needs the library dask.distributed"), hint=hint) from problem
    for name in [*logging.root.manager.loggerDict, *_TALKERS]:
        if name.split(".")[0] in _TALKERS:
            logging.getLogger(name).disabled = True
    warnings.filterwarnings("ignore", module=r"(distributed|dask|tornado)\b")
    return library


def address_of(scheduler: str) -> str:
    """Return the address that is meant: it itself, or what stands in the file that a scheduler has written.

    Raises:
        GradError: for what is neither.

    """
    address = scheduler.strip()
    if address.endswith(".json"):
        try:
            with open(address, encoding="utf-8") as file:
                address = str(json.load(file)["address"])
        except OSError as problem:
            raise GradError("cannot-read", said("{0}: {1}", safe(scheduler), reason(problem))) from problem
        except (ValueError, TypeError, KeyError) as problem:
            raise GradError("bad-usage", said("{0} is no file of a dask scheduler", safe(scheduler))) from problem
    library = dask()
    try:
        library.comm.get_address_host_port(address)
    except ValueError as problem:
        hint = said("for example --scheduler tcp://10.0.0.1:8786, or the .json file that the scheduler writes")
        raise GradError("bad-usage", said("--scheduler {0}: this is no address", safe(scheduler)), hint=hint) from problem
    return str(library.comm.normalize_address(address))


def workers_of(address: str, patience: float) -> dict[str, int]:
    """Return the workers, once there are any: by address, how many threads each has. A client would ask more loudly, and for longer.

    Raises:
        GradError: if there is no scheduler within so many seconds, something else, or no worker.

    """
    until = time.monotonic() + patience
    while True:
        left = max(until - time.monotonic(), _PAUSE)
        try:
            found = asyncio.run(_identity(address, left))
        except Exception as problem:  # whatever the connection raises
            if time.monotonic() + _PAUSE > until:
                raise nobody(address) from problem
        else:
            if found["type"] != "Scheduler":
                raise nobody(address)
            if found["workers"]:
                return {worker: known["nthreads"] for worker, known in found["workers"].items()}
            if time.monotonic() + _PAUSE > until:
                hint = said("start some: {0}", safe(f"dask worker {address} --nworkers 4 --nthreads 1"))
                raise GradError("no-workers", said("the scheduler at {0} has no workers", safe(address)), hint=hint)
        time.sleep(_PAUSE)


def reachable(worker: str) -> bool:
    """Tell whether a worker answers this machine, which it need not: it knows the scheduler."""
    try:
        return bool(asyncio.run(_identity(worker, _SHORT)))
    except Exception:  # whatever the connection raises
        return False


async def _identity(address: str, seconds: float) -> Any:
    """Return what the process at an address says of itself."""
    library = dask()
    secured = library.Security().get_connection_args("client")
    async with asyncio.timeout(seconds), library.rpc(address, connection_args=secured, timeout=seconds) as server:
        return await server.identity()


def nobody(address: str) -> GradError:
    """Return the error that there is no scheduler."""
    hint = said("start one: {0}", "dask scheduler")
    return GradError("no-scheduler", said("there is no dask scheduler at {0}", safe(address)), hint=hint)


def gone(address: str) -> GradError:
    """Return the error that the connection has broken."""
    return GradError("no-scheduler", said("the dask scheduler at {0} is gone, or cannot be reached any more", safe(address)))


def unhelpful(problem: Exception, who: str) -> GradError:
    """Return the error that somebody cannot do what is asked, whatever it is."""
    cause = problem.__cause__ if isinstance(problem.__cause__, ImportError) else problem
    if isinstance(cause, ImportError):
        missing = safe(cause.name or "gradcli")
        return GradError("not-alike", said("{0} has no {1}", who, missing), hint=said("install the same versions on all machines"))
    told = next(iter(str(cause).strip().splitlines()), "")
    return GradError("no-workers", said("{0} cannot work: {1}", who, safe(f"{type(cause).__name__}: {told}")))
