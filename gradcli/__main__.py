"""The way in and the way out: ``gradcli`` and ``python -m gradcli``. The only room that exits."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from typing import NoReturn

from gradcli.errors import BUG, LIMIT, GradError, safe


def main() -> NoReturn:
    """Run the command line and exit with the documented code; a traceback is never shown."""
    gc.disable()  # one answer, then the process is gone: looking for cycles in a large expression would only cost time
    sys.exit(run(sys.argv[1:]))


def run(args: list[str]) -> int:
    """Run the command line and return its exit code."""
    if sys.stdout is None:
        return _fail("error[cannot-write]: there is no standard output", 2)
    try:
        code = _decide(args)
        sys.stdout.flush()
        return code
    except GradError as error:
        return _fail(str(error), error.code)
    except BrokenPipeError:
        # whoever read us has gone, as in `| head`: no message, and no second attempt when Python flushes at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 141
    except OSError as problem:
        return _fail(f"error[cannot-write]: {safe(problem.strerror or str(problem))}", 2)
    except SystemExit as left:  # Typer's way to say that the reader of its help has gone
        return 141 if left.code == 1 else int(left.code or 0)
    except KeyboardInterrupt:
        return 130
    except (MemoryError, RecursionError):
        return _fail("error[out-of-memory]: this needs more memory than there is", LIMIT)
    except Exception as problem:  # the last line of defence: whatever it is, no traceback
        return _foreign(problem)


_FLAGS = ("--json", "--plain", "--csv", "--quiet", "-q", "--full", "--hessian", "--strict", "--latex", "--certify", "--verify")


def _decide(args: list[str]) -> int:
    """Answer at once where there are only operands and plain flags; else let Typer read the options.

    Typer costs three bare starts of Python. The operands and flags taken here mean the same to it
    (tests/test_command_line.py runs both ways).
    """
    words, flags = [arg for arg in args if arg not in _FLAGS], set(args)
    if words and words[0] != "check" and not any(word.startswith("-") for word in words) and "_GRADCLI_COMPLETE" not in os.environ:
        from gradcli.answer import answer

        return answer(
            words, json="--json" in flags, plain="--plain" in flags, csv="--csv" in flags, quiet=not flags.isdisjoint(("--quiet", "-q")),
            full="--full" in flags, hessian="--hessian" in flags, strict="--strict" in flags, latex="--latex" in flags,
            certify="--certify" in flags, verify="--verify" in flags,
        )  # fmt: skip
    from gradcli.cli import run_command

    return run_command(args)


def _foreign(problem: Exception) -> int:
    """Report an error that is not ours to word: Click's about options, or else a bug."""
    wording = getattr(problem, "format_message", None)
    if wording is not None:
        return _fail(f"error[bad-usage]: {safe(wording())}\n  hint: gradcli --help", 2)
    if type(problem).__name__ == "Abort":  # what Click makes of Ctrl-C
        return 130
    if os.environ.get("GRADCLI_DEBUG"):
        raise problem
    return _fail(f"error[bug]: {type(problem).__name__}: {safe(str(problem))}\n"
                 "  this is our mistake, please report it with the command line (GRADCLI_DEBUG=1 shows where)", BUG)  # fmt: skip


def _fail(message: str, code: int) -> int:
    if sys.stderr is not None:
        encoding = sys.stderr.encoding or "ascii"
        with contextlib.suppress(OSError):  # nobody can be told: the exit code still says it
            print(message.encode(encoding, "backslashreplace").decode(encoding), file=sys.stderr, flush=True)
    return code


if __name__ == "__main__":
    main()
