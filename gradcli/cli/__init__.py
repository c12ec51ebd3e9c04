"""The commands: their options and help, with Typer. One module for each; the first word says which."""

from __future__ import annotations

from importlib import import_module

import typer

from gradcli.cli.command import chosen
from gradcli.wording import Language

# The first word → the module of its options, and the function that does the work. Every other word is an expression.
COMMANDS = {"check": ("gradcli.cli.check", "gradcli.checking"), "grade": ("gradcli.cli.grade", "gradcli.grading"),
            "variants": ("gradcli.cli.variants", "gradcli.variants")}  # fmt: skip
_ALONE = ("gradcli.cli.grad", "gradcli.answer")


def apps() -> list[typer.Typer]:
    """Return every command with its options."""
    return [import_module(options).app for options, _ in (_ALONE, *COMMANDS.values())]


def run_command(args: list[str], language: Language) -> int:
    """Read a command line with Typer, answer, and return the exit code; errors of any kind come out as they are.

    The answer is given outside Typer, which would turn a reader that goes away into exit code 1: a wrong answer.
    """
    chosen.clear()
    name = args[0] if args and args[0] in COMMANDS else ""
    options, work = COMMANDS.get(name, _ALONE)
    app, words = import_module(options).app, args[1:] if name else args
    code = typer.main.get_command(app).main(words, prog_name=f"gradcli {name}".strip(), standalone_mode=False, obj=language)
    run = getattr(import_module(work), name or "answer")
    return int(run(**chosen | {"lang": language.name}) if chosen else code or 0)
