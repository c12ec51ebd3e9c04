"""What a start imports: only what the command needs."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcli import values
from gradcli.errors import Source
from gradcli.limits import Limits

# The standard library's own take long, too: a bare start has none of these.
SLOW = {
    "argparse", "collections", "contextlib", "csv", "dataclasses", "decimal", "enum", "fractions", "functools", "importlib", "inspect", "json", "logging", "pathlib", "re",
    "shutil", "string", "tempfile", "threading", "typing", "unicodedata", "warnings", "zlib",
}  # fmt: skip
HEAVY = {"typer", "numpy", "lark", "flint", "mpmath", "sympy", "pydantic", "rich", "resvg_py"}
ONE = ["(x+y)*z", "x=-2", "y=5", "z=-4"]
# Rooms for what is seldom asked.
SELDOM = {
    "gradcli.cli", "gradcli.digits.further", "gradcli.higher", "gradcli.judge", "gradcli.notation.entries", "gradcli.notation.latex", "gradcli.operands.answers",
    "gradcli.operands.sheets", "gradcli.products", "gradcli.render.numbers", "gradcli.rescue", "gradcli.statuses.beside", "gradcli.syntax.definitions",
    "gradcli.syntax.latex", "gradcli.syntax.mistakes", "gradcli.values.files",
}  # fmt: skip


def imported(*words):
    """Return the modules that a command line loads, beside those of a bare start."""
    code = f"import sys; bare = set(sys.modules); from gradcli.__main__ import run; run({list(words)!r}); print(*set(sys.modules) - bare, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize(
    ("words", "allowed"),
    [
        ([*ONE, "--plain"], set()), ([*ONE, "--json"], set()), ([*ONE, "--csv"], set()), ([*ONE, "-q"], set()), (["(x+y)*z", "-q"], set()), (["(x+y)*z", "--json"], set()),
        ([*ONE, "--plain", "--lang", "ru"], set()), (["q = x + y; f = q z", *ONE[1:], "--plain"], set()), (["sin(x", "x=1"], set()), (["(x+y)*z", "x=1"], set()),
        (["W@x + theta", "--json"], {"re"}), ([*ONE, "--graph", "--plain"], {"re"}), ([*ONE, "--graph"], {"re"}),
    ],
)  # fmt: skip
def test_the_library_s_slow_modules(words, allowed):
    found = imported(*words)
    assert not found & HEAVY
    if "re" in allowed:  # brings these
        allowed = allowed | {"collections", "enum", "functools", "unicodedata"}
    assert found & SLOW <= allowed


@pytest.mark.parametrize("form", ["--plain", "--json", "--csv", "-q"])
def test_rooms_for_what_is_seldom_asked_are_not_entered(form):
    assert not imported(*ONE, form) & SELDOM


# And for what lines of numbers alone do not say: formulas, steps, slopes at a kink, notes on a reading, functions.
UNSAID = {
    "gradcli.gates", "gradcli.ledger", "gradcli.ratio", "gradcli.simplify", "gradcli.slopes", "gradcli.steps", "gradcli.arithmetic.real", "gradcli.arithmetic.symbolic",
    "gradcli.syntax.brackets", "gradcli.syntax.calls", "gradcli.syntax.forms", "gradcli.syntax.outside",
}  # fmt: skip


@pytest.mark.parametrize("form", ["--plain", "-q"])
def test_lines_of_numbers_load_no_more_than_they_say(form):
    assert not imported(*ONE, form) & UNSAID
    assert {"gradcli.slopes", "gradcli.syntax.calls"} <= imported("abs(x)", "x=0", form)  # they are where they are needed


def test_tables_of_a_report_load_nothing_of_verdicts():
    assert not imported(*ONE) & {"gradcli.judge", "gradcli.render.verdicts", "json"}


@pytest.mark.parametrize(
    ("words", "allowed"),
    [
        ([*ONE], {"rich"}), ([*ONE, "--digits", "3", "-q"], {"typer"}), (["W@x", "W=[[1,2],[3,4]]", "x=[5,6]", "--plain"], {"numpy"}),
        (["--help"], {"typer"}), (["check", "--help"], {"typer"}), (["grade", "--help"], {"typer"}),
    ],
)  # fmt: skip
def test_libraries(words, allowed):
    assert {name.split(".")[0] for name in imported(*words)} & HEAVY == allowed


@pytest.mark.parametrize(("command", "other"), [("check", "grade"), ("grade", "check"), ("variants", "check")])
def test_help_loads_the_command_asked_for(command, other):
    found = imported(command, "--help")
    assert f"gradcli.cli.{command}" in found
    assert f"gradcli.cli.{other}" not in found


# ---- the way out --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "waiting",
    [
        "import atexit; atexit.register(print, 'the end')",
        "import threading, time; threading.Thread(target=lambda: time.sleep(0.5) or print('the end')).start()",
        "import sys; sys.setprofile(lambda *_: None)",
    ],
    ids=["atexit", "a thread", "a profiler"],
)
def test_what_waits_for_the_end_is_waited_for(waiting):
    code = f"{waiting}\nimport sys; sys.argv = ['gradcli', 'x^2', 'x=3', '-q']\nfrom gradcli.__main__ import main\ntry:\n    main()\n"
    code += "finally:\n    if sys.getprofile(): print('the end')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "df/dx\t6.0\nthe end\n"


@pytest.mark.parametrize(("words", "code"), [(["x^2", "x=3", "--json"], 0), (["x +"], 2), (["1/x", "x=0"], 3), (["x"] * 3, 2)])
def test_the_code_and_all_of_the_text_come_out(words, code):
    """Through a pipe, where Python keeps text back until its end."""
    from conftest import run_here

    call = f"import sys; sys.argv = ['gradcli', *{words!r}]; from gradcli.__main__ import main; main()"
    done = subprocess.run([sys.executable, "-c", call], capture_output=True, check=False)
    here = run_here(*words)
    assert (done.returncode, done.stdout.decode(), done.stderr.decode()) == (code, here.out, here.err)


# ---- numbers that need no grammar ---------------------------------------------------------------------------


@given(st.from_regex(r"-?[0-9]{1,9}(\.[0-9]{1,8})?", fullmatch=True))
def test_a_plain_decimal_is_what_the_grammar_makes_of_it(text):
    at_once, read = values.parse_value(Source(text), Limits()), values.parse_value(Source(f"({text})"), Limits())
    assert values._decimal(text) is at_once.written is read.written
    assert repr(at_once.value) == repr(read.value)


@pytest.mark.parametrize("text", ["", "-", ".5", "5.", "--2", "+2", "1e3", "²", "٣", "1.2.3", "1_0", "−2", "- 2", "1" * 19])
def test_other_texts_are_left_to_the_grammar(text):
    assert values._decimal(text) is None
