"""Options that several commands share, each with its help; a command gives them their defaults."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from gradcli.wording import languages


def _engines() -> list[str]:
    from gradcli.workers.engines import ENGINES

    return [*ENGINES]


Rtol = Annotated[str, typer.Option(help="Also right within this relative difference, as in 1e-6.", metavar="R")]
Digits = Annotated[int, typer.Option(help="Fewest right digits of a number that is not exact.", min=1, max=50)]
Kink = Annotated[str, typer.Option(help="At a kink: any subgradient is right, or strict: only the one gradcli prints.")]
Domain = Annotated[str, typer.Option(help="A formula with a smaller domain: note it, or strict: it is wrong.")]
Rounded = Annotated[
    int, typer.Option(help="Right too: what rounding to so many decimals gives (-1: no).", min=-1, max=12, show_default=False)
]
Reveal = Annotated[str, typer.Option(help="verdict, where, hint or all: how much is told.")]
At = Annotated[str, typer.Option(help="Values by name, in a .json or .toml file.", metavar="FILE")]
OneQuestion = Annotated[str, typer.Option(help="One question of a worksheet.", metavar="NAME")]
Latex = Annotated[bool, typer.Option("--latex", help="Read LaTeX (a backslash command is recognised by itself).")]
Color = Annotated[str, typer.Option(help="auto, always or never.", autocompletion=lambda: ["auto", "always", "never"])]
Limit = Annotated[Optional[list[str]], typer.Option(help="Raise a limit, as in nodes=200000.", metavar="NAME=N")]  # noqa: UP045 (Typer reads it at run time)
Lang = Annotated[
    str, typer.Option(help="en or ru: the language of what people read.", envvar="GRADCLI_LANG", autocompletion=languages)
]
Engine = Annotated[str, typer.Option(help="local or dask: on this machine, or on a cluster.", autocompletion=_engines)]
Scheduler = Annotated[str, typer.Option(help="The dask scheduler, as in tcp://10.0.0.1:8786, or its .json file.", metavar="ADDRESS")]
