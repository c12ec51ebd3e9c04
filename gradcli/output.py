"""Where text goes: standard output, how wide it is, which characters and whether colours it has."""

from __future__ import annotations

import os
import sys

from gradcli.errors import GradError, reason
from gradcli.light import TYPE_CHECKING, Callable, Sequence, suppress
from gradcli.wording import ENGLISH, Language, language, languages, said

if TYPE_CHECKING:
    from gradcli.render.forms import Look


def write(text: str | bytes) -> None:
    """Write text to standard output; formats for programs are UTF-8 wherever the terminal is not.

    Raises:
        GradError: for bytes, and a terminal that would show them.

    """
    if isinstance(text, bytes):
        if sys.stdout.isatty():
            raise GradError("bad-usage", said("a terminal cannot show a picture's bytes"), hint=said("write a file: -o circuit.png"))
        sys.stdout.flush()
        sys.stdout.buffer.write(text)
    elif can_write(text):
        sys.stdout.write(text)
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode("utf-8"))
    sys.stdout.flush()


_NAMED = 5  # files in one note


def announce_reading(words: Language) -> None:
    """Say that the expression is awaited from the terminal, where it is."""
    if sys.stdin is not None and not sys.stdin.closed and sys.stdin.isatty():
        print(words("reading the expression from the terminal; end it with Ctrl-D"), file=sys.stderr)


def announce_passed_over(files: Sequence[str], endings: Sequence[str], words: Language) -> None:
    """Say which files of a folder are not read, as they are no submissions by their endings."""
    shown = ", ".join(files[:_NAMED]) if len(files) <= _NAMED else words("{0} and {1} more", ", ".join(files[:_NAMED]), len(files) - _NAMED)
    if sys.stderr is not None:
        print(f"{words('note')}: {words('not read, as none ends in {0}: {1}', ' '.join(endings), shown)}", file=sys.stderr)


def show(render: Callable[[Look], str], look: Look) -> None:
    """Write to a terminal what ``render`` makes, in ASCII where it has nothing else."""
    text = render(look)
    if not can_write(text):
        look.be_ascii()
        text = render(look)
    write(text)


def save(name: str, parts: Sequence[str | bytes]) -> None:
    """Write a file whole: its old content stays until the new one is complete.

    Raises:
        GradError: if the file cannot be written.

    """
    content = b"".join(part if isinstance(part, bytes) else part.encode("utf-8") for part in parts)
    target = os.path.realpath(name)
    beside = f"{target}.{os.getpid()}.part"
    try:
        if os.path.exists(target) and not os.path.isfile(target):  # a pipe or a device has no old content
            with open(target, "wb") as file:
                file.write(content)
            return
        try:
            with open(beside, "wb") as file:
                file.write(content)
            if os.path.exists(target):
                os.chmod(beside, os.stat(target).st_mode)
            os.replace(beside, target)
        finally:
            with suppress(OSError):
                os.unlink(beside)
    except OSError as problem:
        raise GradError("cannot-write", said("{0}: {1}", name, reason(problem))) from problem


def make_folder(name: str) -> None:
    """Make a folder, and those it is in, where they are not there yet.

    Raises:
        GradError: if it cannot be made.

    """
    try:
        os.makedirs(name or ".", exist_ok=True)
    except OSError as problem:
        raise GradError("cannot-write", said("{0}: {1}", name, reason(problem))) from problem


def spoken(asked_by: str, name: str) -> Language:
    """Return the language that an option or a variable of the environment names; English for none.

    Raises:
        GradError: if there is no such language.

    """
    if name in ("", ENGLISH):
        return Language()
    if name not in languages():
        pattern = "{0} {1}: there are {2}" if asked_by.startswith("-") else "{0}={1}: there are {2}"
        raise GradError("bad-usage", said(pattern, asked_by, name, ", ".join(languages())))
    return language(name)


def can_write(text: str) -> bool:
    """Tell whether standard output has every character of a text."""
    return can_take(sys.stdout.encoding or "ascii", text)


def can_take(encoding: str, text: str) -> bool:
    """Tell whether an encoding has every character of a text."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def width() -> int | None:
    """Return the columns of the terminal; None where there is no terminal, so that nothing wraps."""
    if not sys.stdout.isatty():
        return None
    return os.get_terminal_size(sys.stdout.fileno()).columns or 80


def wants_color(choice: str) -> bool:
    """Decide on colour: --color, then NO_COLOR, FORCE_COLOR, TERM=dumb, and whether this is a terminal."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
