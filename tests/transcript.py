"""Golden files and README blocks: command lines with what they print.

    $ gradcli "x*y" x=2 y=3 -q
    df/dx	3.0
    df/dy	2.0

A line ``exit 2`` ends what a failing command prints. ``# columns 80`` before a command sets the width of its
terminal; ``# stdin …`` gives it a line to read.
"""

from __future__ import annotations

import shlex
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from conftest import run_here

from gradcli import output


class Command(NamedTuple):
    line: str
    printed: str
    columns: int | None = None
    stdin: str = ""
    encoding: str = "utf-8"


def commands(text: str) -> list[Command]:
    """Return the command lines of a transcript."""
    found: list[Command] = []
    settings: dict[str, str] = {}
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith("# ") and len(line.split()) > 1 and line.split()[1] in ("columns", "stdin", "encoding"):
            _, key, value = line.split(" ", 2)
            settings[key] = value
        elif line.startswith("$ "):
            lines = []
            found.append(Command(line[2:], "", int(settings["columns"]) if "columns" in settings else None,
                                 settings.get("stdin", ""), settings.get("encoding", "utf-8")))  # fmt: skip
            settings = {}
        elif found:
            lines.append(line)
            found[-1] = found[-1]._replace(printed="\n".join(lines).rstrip("\n") + "\n")
    return found


@contextmanager
def _terminal(columns: int | None):
    before = output.width
    output.width = lambda: columns
    try:
        yield
    finally:
        output.width = before


def play(command: Command) -> str:
    """Run one command and return what a person would see: output, messages, the exit code if it is not 0."""
    program, *args = shlex.split(command.line)
    assert program == "gradcli", command.line
    with _terminal(command.columns):
        ran = run_here(*args, stdin=command.stdin, encoding=command.encoding)
    shown = ran.out + ran.err + (f"exit {ran.code}\n" if ran.code else "")
    return "\n".join(line.rstrip() for line in shown.splitlines()) + "\n"


def check(path: Path, update: bool) -> None:
    """Compare a file of transcripts with what its commands print now, or write it anew."""
    text = path.read_text(encoding="utf-8")
    for command in commands(text):
        printed = play(command)
        if update:
            old = command.printed if command.printed != "\n" else ""
            text = text.replace(f"$ {command.line}\n{old}", f"$ {command.line}\n{printed}", 1)
        else:
            wanted = "\n".join(line.rstrip() for line in command.printed.splitlines()) + "\n"
            assert printed == wanted, f"{path.name}: $ {command.line}\n{printed}"
    if update:
        path.write_text(text, encoding="utf-8")
