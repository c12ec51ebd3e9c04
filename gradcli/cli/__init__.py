"""The commands: their options and help, with Typer. One module for each; the first word says which."""

from __future__ import annotations

import os
from importlib import import_module

import typer

from gradcli.cli.command import chosen
from gradcli.wording import Language

# The first word → the module of its options, and the function that does the work. Every other word is an expression.
COMMANDS = {"check": ("gradcli.cli.check", "gradcli.checking"), "grade": ("gradcli.cli.grade", "gradcli.grading"),
            "variants": ("gradcli.cli.variants", "gradcli.variants"), "batch": ("gradcli.cli.batch", "gradcli.batching")}  # fmt: skip
_ALONE = ("gradcli.cli.grad", "gradcli.answer")


def apps() -> list[typer.Typer]:
    """Return every command with its options."""
    return [import_module(options).app for options, _ in (_ALONE, *COMMANDS.values())]


def run_command(args: list[str], language: Language) -> int:
    """Read a command line with Typer, answer, and return the exit code; errors of any kind come out as they are.

    The answer is given outside Typer, which would turn a reader that goes away into exit code 1: a wrong answer.
    """
    chosen.clear()
    if "_GRADCLI_COMPLETE" in os.environ:
        return _complete(language)
    name = args[0] if args and args[0] in COMMANDS else ""
    options, work = COMMANDS.get(name, _ALONE)
    app, words = import_module(options).app, args[1:] if name else args
    code = typer.main.get_command(app).main(words, prog_name=f"gradcli {name}".strip(), standalone_mode=False, obj=language)
    if not chosen:  # help was shown: the work need not even be loaded
        return int(code or 0)
    run = getattr(import_module(work), name or "answer")
    return int(run(**chosen | {"lang": language.name}))


# Where shells put the line that is to be completed, by what Typer reads.
_LINES = ("COMP_WORDS", "_TYPER_COMPLETE_ARGS")


def _complete(language: Language) -> int:
    """Complete a line for a shell: a command's options are its own, and Typer is shown the line without the command's name."""
    name = ""
    for variable in _LINES:
        program, *words = os.environ.get(variable, "").split(maxsplit=2)[:3] or [""]
        ended = len(words) > 1 or os.environ.get(variable, "").endswith(" ")  # else the name itself is being typed
        if words and words[0] in COMMANDS and (ended or int(os.environ.get("COMP_CWORD", "1")) > 1):
            name = words[0]
            os.environ[variable] = " ".join([program, *words[1:]]) + (" " if len(words) == 1 else "")
    if name and "COMP_CWORD" in os.environ:
        os.environ["COMP_CWORD"] = str(int(os.environ["COMP_CWORD"]) - 1)
    typer.main.get_command(import_module(_ALONE[0]).app)  # the one that offers to install completion: now Typer knows the shells
    app = import_module(COMMANDS.get(name, _ALONE)[0]).app
    return int(typer.main.get_command(app).main([], prog_name="gradcli", standalone_mode=False, obj=language) or 0)
