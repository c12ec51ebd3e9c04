"""The way in and the way out: ``gradcli`` and ``python -m gradcli``. The only room that exits."""

from __future__ import annotations

import gc
import os
import sys

from gradcli import output
from gradcli.errors import BUG, LIMIT, GradError, draw, reason
from gradcli.light import NoReturn, suppress
from gradcli.wording import Language, recognised, said


def main() -> NoReturn:
    """Run the command line and exit with the documented code; a traceback is never shown."""
    gc.disable()  # one answer, then the process is gone: looking for cycles in a large expression would only cost time
    _leave(run(sys.argv[1:]))


def _leave(code: int) -> NoReturn:
    """Exit, and at once where nothing waits for the end: to take apart every module and object takes Python as long as an answer.

    What it does at its end is to wait for threads, to call what was registered with atexit, to write out what the streams hold, and to
    tell a profiler or debugger: the second and the third are done here, and without the others there is nothing more.
    """
    loaded = sys.modules
    if sys.getprofile() or sys.gettrace() or ("threading" in loaded and loaded["threading"].active_count() > 1):
        sys.exit(code)
    if "atexit" in loaded:
        loaded["atexit"]._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            with suppress(OSError, ValueError):  # the reader has gone, and `run` has said so
                stream.flush()
    os._exit(code)


def run(args: list[str]) -> int:
    """Run the command line and return its exit code."""
    words = Language()
    try:
        if sys.stdout is None:
            raise GradError("cannot-write", said("there is no standard output"))
        words = _language(args)
        code = _decide(args, words)
        sys.stdout.flush()
        return code
    except GradError as error:
        return _fail(error, words)
    except BrokenPipeError:
        # whoever read us has gone, as in `| head`: no message, and no second attempt when Python flushes at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 141
    except OSError as problem:
        return _fail(GradError("cannot-write", reason(problem)), words)
    except SystemExit as left:  # Typer's way to say that the reader of its help has gone
        return 141 if left.code == 1 else int(left.code or 0)
    except KeyboardInterrupt:
        return 130
    except (MemoryError, RecursionError):
        return _fail(GradError("out-of-memory", said("this needs more memory than there is"), code=LIMIT), words)
    except Exception as problem:  # the last line of defence: whatever it is, no traceback
        return _foreign(problem, words)


def _language(args: list[str]) -> Language:
    """Return the language asked for: by --lang, wherever it stands, or by GRADCLI_LANG."""
    options = args[: args.index("--")] if "--" in args else args
    for place in range(len(options) - 1, -1, -1):
        option, equal, name = options[place].partition("=")
        if option == "--lang" and (equal or place + 1 < len(options)):
            return output.spoken("--lang", name if equal else options[place + 1])
    return output.spoken("GRADCLI_LANG", os.environ.get("GRADCLI_LANG", ""))


_COMMANDS = ("check", "grade", "variants", "batch")
_FLAGS = ("--json", "--plain", "--csv", "--quiet", "-q", "--full", "--hessian", "--strict", "--latex", "--certify", "--verify", "--graph")


def _decide(args: list[str], language: Language) -> int:
    """Answer at once where there are only operands and plain flags; else let Typer read the options.

    Typer costs three bare starts of Python. The operands and flags taken here mean the same to it
    (tests/test_command_line.py runs both ways).
    """
    args = _without_language(args)
    words, flags = [arg for arg in args if arg not in _FLAGS], set(args)
    if words and words[0] not in _COMMANDS and not any(word.startswith("-") for word in words) and "_GRADCLI_COMPLETE" not in os.environ:
        from gradcli.answer import answer

        return answer(
            words, json="--json" in flags, plain="--plain" in flags, csv="--csv" in flags, quiet=not flags.isdisjoint(("--quiet", "-q")),
            full="--full" in flags, hessian="--hessian" in flags, strict="--strict" in flags, latex="--latex" in flags,
            certify="--certify" in flags, verify="--verify" in flags, graph="--graph" in flags, lang=language.name,
        )  # fmt: skip
    from gradcli.cli import run_command

    return run_command(args, language)


def _without_language(args: list[str]) -> list[str]:
    """Return the words without the --lang that `_language` has read: so those who ask for one need not wait for Typer."""
    rest = list(args)
    for place in reversed(range(args.index("--") if "--" in args else len(args))):
        if rest[place].startswith("--lang="):
            del rest[place]
        elif rest[place] == "--lang" and place + 1 < len(rest):
            del rest[place : place + 2]
    return rest


# What Click says of options most often, so that it can be said in another language.
_OF_OPTIONS = (
    said("No such option: {0} (Possible options: {1})"), said("No such option: {0}"), said("Option '{0}' does not take a value."),
    said("Invalid value for '{0}': {1} is not in the range {2}."), said("Invalid value for '{0}': {1} is not a valid int range."),
)  # fmt: skip


def _foreign(problem: Exception, words: Language) -> int:
    """Report an error that is not ours to word: Click's about options, or else a bug."""
    wording = getattr(problem, "format_message", None)
    if wording is not None:
        return _fail(GradError("bad-usage", recognised(wording(), _OF_OPTIONS), hint=_help(problem)), words)
    if type(problem).__name__ == "Abort":  # what Click makes of Ctrl-C
        return 130
    if os.environ.get("GRADCLI_DEBUG"):
        raise problem
    ours = said("this is our mistake, please report it with the command line (GRADCLI_DEBUG=1 shows where)")
    return _fail(GradError("bug", f"{type(problem).__name__}: {problem}", code=BUG), words, ours)


def _help(problem: Exception) -> str:
    """Return how to ask for help about the command whose options are wrong."""
    return f"{getattr(getattr(problem, 'ctx', None), 'command_path', '') or 'gradcli'} --help"


def _fail(error: GradError, words: Language, more: str = "") -> int:
    """Draw an error on standard error, in English where there are no other letters, and return its exit code."""
    if sys.stderr is not None:
        encoding = sys.stderr.encoding or "ascii"
        drawn, english = (draw(error, language) + (f"\n  {language.told(more)}" if more else "") for language in (words, Language()))
        with suppress(OSError):  # nobody can be told: the exit code still says it
            shown = drawn if output.can_take(encoding, drawn) else english
            print(shown.encode(encoding, "backslashreplace").decode(encoding), file=sys.stderr, flush=True)
    return error.code


if __name__ == "__main__":
    main()
