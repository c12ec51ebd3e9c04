"""The real command in a process of its own: pipes, encodings, colours, exit codes, awkward words."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import ROOT, run_here, run_there

ONE = ["(x+y)*z", "x=-2", "y=5", "z=-4"]
COMMAND = str(Path(sys.executable).with_name("gradcli"))


def test_the_one_liner():
    done = run_there(*ONE)
    assert done.returncode == 0
    assert not done.stderr
    assert "∂f/∂x  = z      = -4" in done.stdout.decode()


def test_the_order_of_the_words_is_free():
    want = run_here(*ONE, "-q").out
    assert run_here("-q", "x=-2", "(x+y)*z", "y=5", "z=-4").out == want
    assert run_here("y=5", "x=-2", "--quiet", "z=-4", "(x+y)*z").out == want


@pytest.mark.parametrize(
    ("words", "value"),
    [
        (["-x^2", "x=3"], -9), (["-(x+y)", "x=1", "y=2"], -3), (["-2*x", "x=3"], -6), (["-sin(x)", "x=0"], 0), (["-x", "x=3"], -3),
        (["--x", "x=3"], 3), (["-o^2", "o=3"], -9), (["-q*2", "q=3"], -6), (["--", "-q", "q=3"], -3), (["-h*h", "h=2"], -4),
        (["-v*w+v", "v=2", "w=3"], -4),
    ],
)  # fmt: skip
def test_expressions_that_begin_with_a_minus(words, value):
    ran = run_here("--plain", *words)
    assert float(ran.out.split()[1]) == value, ran


@pytest.mark.parametrize("text", ["x[1]*y[2]", "x [1] + y[2]"])
def test_brackets_are_not_markup(text):
    assert "x[1]" in run_here(text, "x=[1,2]", "y=[3,4]").out


@pytest.mark.parametrize("text", ["[red]x[/red]", ":x:", "{x", "%s", "x\x1b[31m", "\u202ex", "x\x00y", "{0.__class__}", "$(id)", "\\x"])
def test_hostile_text_is_printed_verbatim_and_safely(text):
    ran = run_here(text, "x=1")
    assert ran.code == 2
    assert "Traceback" not in ran.err
    assert not any(c in ran.err for c in "\x1b\x00\u202e")


def test_control_characters_in_every_word():
    for words in (["x", "x=\x1b[31m1"], ["x", "\x1b=1"], ["x", "x=@\x1b.csv"], ["x", "x=1", "--gates", "\x1b"], ["x", "--\x1bwrong"],
                  ["x", "x=1", "--limit", "\x1b"], ["x", "x=1", "--wrt", "\x1b"]):  # fmt: skip
        ran = run_here(*words)
        assert ran.code == 2, words
        assert "\x1b" not in ran.err + ran.out, words


def test_bytes_that_are_no_text():
    done = subprocess.run([COMMAND.encode(), b"x\xff+1", b"x=1"], capture_output=True, check=False)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert run_there("-", "x=1", stdin=b"\xff\xfe").returncode == 2


def test_standard_input():
    assert run_there("-", "x=-2", "y=5", "z=-4", "-q", stdin=b"(x+y)*z\n").stdout == b"df/dx\t-4.0\ndf/dy\t-4.0\ndf/dz\t3.0\n"
    assert run_there("-", "x=1", "-q", stdin=b"q = x\r\nq^2\r\n").stdout == b"df/dx\t2.0\n"
    assert run_there("-", stdin=b"").returncode == 2


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (ONE, 0), (["sin(x", "x=1"], 2), (["x", "--wrong"], 2), (["x", "x=1", "--order", "0"], 2), (["log(x)", "x=-1"], 3),
        (["sqrt(x)", "x=0"], 3), (["(((x)))", "x=1", "--limit", "depth=2"], 4), (["--version"], 0), (["--help"], 0), ([], 2),
        (["x", "x=1", "--digits"], 2), (["nowhere.grad"], 2),
    ],
)  # fmt: skip
def test_exit_codes(words, code):
    assert run_here(*words).code == code


def test_errors_go_to_stderr_and_answers_to_stdout():
    done = run_there("log(x)", "x=-1")
    assert not done.stdout
    assert done.stderr.startswith(b"error[undefined]")


@pytest.mark.parametrize("form", [[], ["--json"], ["--csv"], ["--plain"]])
def test_a_reader_that_goes_away(form):
    text = "+".join(["sin(x)*y"] * 1) + "".join(f"+cos({n}*x)" for n in range(2, 400))
    process = subprocess.Popen([COMMAND, text, "x=1", "y=2", *form], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.read(1)
    process.stdout.close()
    err = process.stderr.read()
    assert process.wait() in (0, 141)
    assert not err


def test_a_closed_output():
    done = subprocess.run(f"'{COMMAND}' '(x+y)*z' x=1 y=2 z=3 >&-", shell=True, capture_output=True, check=False)
    assert done.returncode in (2, 141)
    assert b"Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, which Linux has")
def test_a_full_disk():
    done = subprocess.run(f"'{COMMAND}' '(x+y)*z' x=1 y=2 z=3 > /dev/full", shell=True, capture_output=True, check=False)
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1


def test_ctrl_c():
    process = subprocess.Popen([COMMAND, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert b"Traceback" not in err


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
def test_any_encoding(encoding):
    done = run_there("(θ+y)^2*σ(z)", "θ=-2", "y=5", "z=-4", env={"PYTHONIOENCODING": encoding})
    assert done.returncode == 0, done.stderr
    text = done.stdout.decode(encoding)
    assert ("∂" in text) == (encoding == "utf-8")
    assert "theta" in text or "θ" in text


def test_json_is_utf8_where_the_terminal_is_not():
    done = run_there("θ^2", "θ=-2", "--json", env={"PYTHONIOENCODING": "ascii"})
    assert "θ" in done.stdout.decode("utf-8")


@pytest.mark.parametrize(
    ("env", "words", "coloured"),
    [
        ({}, [], False), ({}, ["--color", "always"], True), ({"FORCE_COLOR": "1"}, [], True), ({"FORCE_COLOR": "0"}, [], False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, [], False), ({"NO_COLOR": "1"}, ["--color", "always"], True),
        ({"FORCE_COLOR": "1"}, ["--color", "never"], False), ({"GITHUB_ACTIONS": "true"}, [], False),
    ],
)  # fmt: skip
def test_colour(env, words, coloured):
    assert (b"\x1b[" in run_there(*ONE, *words, env=env).stdout) == coloured


@pytest.mark.parametrize(
    "words", [ONE, [*ONE, "--json"], [*ONE, "-q"], [*ONE, "--hessian", "--csv"], ["x", "x=1", "--json", "--csv"], ["log(x)", "x=-1"], ["2x"]]
)
def test_both_ways_in_print_the_same(words):
    """A command line that Typer must read, and the same without it."""
    assert run_here(*words) == run_here(*words, "--color", "auto")


def test_help_shows_examples_first():
    out = run_here("--help").out
    assert out.index("gradcli \"(x+y)z\" x=-2 y=5 z=-4") < out.index("--json")
    for option in ("--seed", "--gates", "--hessian", "--order", "--wrt", "--limit", "--full"):
        assert option in out


def test_completion_of_options():
    env = {"_GRADCLI_COMPLETE": "complete_bash", "COMP_WORDS": "gradcli x*y --js", "COMP_CWORD": "2"}
    assert b"--json" in run_there(env=env).stdout


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("gr", "grade"), ("che", "check"), ("grade --rep", "--report"), ("variants --st", "--students"), ("check --rev", "--reveal"),
        ("grade --format gradesc", "gradescope"), ("grade --lang r", "ru"), ("--lang r", "ru"), ("grade key.grad in --self", "--self-test"),
    ],
)  # fmt: skip
def test_completion_of_commands(typed, offered):
    line = f"gradcli {typed}"
    bash = {"_GRADCLI_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
    assert run_there(env=bash).stdout.decode().split() == [offered]
    fish = {"_GRADCLI_COMPLETE": "complete_fish", "_TYPER_COMPLETE_FISH_ACTION": "get-args", "_TYPER_COMPLETE_ARGS": line}
    assert run_there(env=fish).stdout.decode().startswith(offered)


def test_the_module_is_the_command():
    done = subprocess.run([sys.executable, "-m", "gradcli", *ONE, "-q"], capture_output=True, check=False, cwd=ROOT / "tests")
    assert done.stdout == run_there(*ONE, "-q").stdout


def test_a_hash_seed_changes_nothing():
    words = ["-log(softmax(W@x)[2])", "W=[[1,2],[3,4]]", "x=[0.5,0.6]", "--json"]
    assert len({run_there(*words, env={"PYTHONHASHSEED": seed}).stdout for seed in ("0", "1", "2")}) == 1


def test_a_worksheet_with_other_values():
    ran = run_here(str(ROOT / "samples" / "01-first-circuit.grad"), "z=10", "-q")
    assert ran.out == "df/dx\t10.0\ndf/dy\t10.0\ndf/dz\t3.0\n"


def test_errors_in_a_worksheet_point_at_file_line_and_column(tmp_path):
    sheet = tmp_path / "wrong.grad"
    sheet.write_text("# one\nq = x + y\nf = q*sni(z)\nat x = 1, y = 2, z = 3\n")
    ran = run_here(str(sheet))
    assert f"{sheet}:3:7" in ran.err
    assert os.linesep not in ran.out
