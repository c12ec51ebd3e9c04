"""Where a long run is done: on this machine, or on a cluster."""

from __future__ import annotations

from gradcli.errors import GradError
from gradcli.wording import said

LOCAL, DASK = ENGINES = "local", "dask"


def scheduler_asked(engine: str, scheduler: str, jobs: int = 0) -> str:
    """Return the address of the scheduler of the cluster that is asked for; nothing for this machine.

    Raises:
        GradError: for options that do not go together.

    """
    if engine not in ENGINES:
        raise GradError("bad-usage", said("{0} {1}: there are {2}", "--engine", engine, ", ".join(ENGINES)))
    if engine == DASK and not scheduler:
        raise GradError("bad-usage", said("--engine dask needs --scheduler ADDRESS"), hint=said("for example --scheduler tcp://10.0.0.1:8786"))
    if engine != DASK and scheduler:
        raise GradError("bad-usage", said("--scheduler is for --engine dask"))
    if scheduler and jobs:
        raise GradError("bad-usage", said("{0} and {1} exclude each other", "--jobs", "--engine dask"))
    return scheduler
