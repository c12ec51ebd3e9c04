"""The pytest plugin: worksheets with answers are test files, each answer a test with a failure one can read."""

import os
import re
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET

import pytest
from conftest import ROOT

GOLDEN = ROOT / "tests" / "golden" / "pytest" / "failures.txt"
HEAVY = {"numpy", "flint", "rich", "typer", "lark"}

SHEET = """\
# the circuit from the lecture, with slips
question 1 [3 points]
q = x + y
f = q z
at x = -2, y = 5, z = -4
answer q = 3, df/dx = 4
answer df/dz = x - y
answer df/dy = (1
answer df/dw = 3
at x = 1, y = 1, z = 0
answer df/dz = 2
answer df/dx = [0, 0]

question 2
y = W x
at W = [1, 2; 3, 4], x = [5, 6]
answer y = [17, 39]
answer dy/dx = [1, 3; 2, 4]
"""

UNDECIDED = "f = |sin(x)^2 + cos(x)^2 - 1|\nat x = 0.3\nanswer df/dx = 0\n"


class Run:
    """A pytest run of its own: what it printed, its exit code, and the outcome of each test."""

    def __init__(self, folder, *args, plugin="gradcli.pytest_plugin", site="", **env):
        autoload = {} if site else {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        paths = os.pathsep.join(filter(None, [str(site), str(ROOT)]))
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *(["-p", plugin] if plugin else []), *map(str, args)]
        env = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")} | autoload | env | {"PYTHONPATH": paths}
        done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False)
        self.out, self.code = done.stdout + done.stderr, done.returncode

    @property
    def results(self):
        """Return {name: outcome} of a verbose run."""
        return {name: outcome.lower() for name, outcome in re.findall(r"^\S+?::(.+?) (PASSED|FAILED)", self.out, re.MULTILINE)}


@pytest.fixture
def sheet(tmp_path):
    """A folder with one worksheet, hw.grad."""
    return write(tmp_path, SHEET)


def write(folder, text, name="hw.grad"):
    (folder / name).write_text(text, encoding="utf-8")
    return folder


# ---- what is a test -----------------------------------------------------------------------------------------


def test_each_answer_is_a_test(sheet):
    run = Run(sheet, "-v")
    assert run.code == 1
    first, second = "x = -2, y = 5, z = -4", "x = 1, y = 1, z = 0"
    assert run.results == {
        f"1: q at {first}": "passed", f"1: df/dx at {first}": "failed", f"1: df/dz at {first}": "failed", f"1: df/dy at {first}": "failed",
        f"1: df/dw at {first}": "failed", f"1: df/dz at {second}": "passed", f"1: df/dx at {second}": "failed", "2: y": "passed", "2: dy/dx": "failed",
    }  # fmt: skip


def test_the_failures_look_like_this(sheet, update_golden):
    text = re.sub(r"in \d+\.\d+s", "in 0.10s", Run(sheet, "-q", "--no-header", COLUMNS="120").out)
    if update_golden:
        GOLDEN.write_text(text, encoding="utf-8")
    assert GOLDEN.read_text(encoding="utf-8") == text


def test_an_answer_that_cannot_be_decided_does_not_pass(tmp_path):
    run = Run(write(tmp_path, UNDECIDED), "-v")
    assert run.results == {"df/dx": "failed"}
    assert "error[undecided]: df/dx" in run.out
    assert run.code == 1


def test_the_lessons_pass():
    """The samples are test files too, and all right."""
    run = Run(ROOT, *sorted((ROOT / "samples").glob("*.grad")))
    assert run.code == 0, run.out
    assert re.search(r"^\d\d+ passed", run.out, re.MULTILINE)


def test_a_sheet_without_answers_has_no_tests(tmp_path):
    assert Run(write(tmp_path, "f = x^2\nat x = 3\n")).code == 5


def test_a_submission_is_skipped(tmp_path):
    """It is judged with a key; a worksheet that has lost its function is an error all the same."""
    run = Run(write(tmp_path, "student Ann\nquestion 1\nanswer df/dx = 6\n"), "-rs")
    assert "a submission has no function of its own: gradcli grade KEY.grad hw.grad" in run.out
    assert run.code == 5
    assert Run(write(tmp_path, "question 1\nanswer df/dx = 6\n")).code == 2


def test_other_files_are_left_alone(tmp_path):
    for name in ("hw.grad.toml", "hw.txt", "grad", "hw.GRAD"):
        write(tmp_path, SHEET, name)
    assert Run(tmp_path).code == 5


def test_the_same_answer_twice_is_two_tests(tmp_path):
    run = Run(write(tmp_path, "f = x^2\nat x = 3\nanswer df/dx = 6\nanswer df/dx = 7\n"), "-v")
    assert run.results == {"df/dx": "passed", "df/dx (2)": "failed"}


# ---- what cannot be read ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "drawing"),
    [
        ("f = x^2 +\nat x = 1\nanswer df/dx = 2\n", ["error[syntax]: the expression ends too early", "--> hw.grad:1:10", "  f = x^2 +\n           ^"]),
        ("question 1\nanswer df/dx = 2\n", ["error[empty-input]: question 1 has no expression", "--> hw.grad:1:1"]),
        ("f = x^2\nat x = @secret.json\nanswer df/dx = 2\n", ["a worksheet reads no files", "--> hw.grad:2:8"]),
    ],
)  # fmt: skip
def test_a_sheet_that_cannot_be_read_is_a_drawing(tmp_path, text, drawing):
    run = Run(write(tmp_path, text))
    assert run.code == 2
    for line in drawing:
        assert line in run.out
    assert "Traceback" not in run.out
    assert ".py:" not in run.out


def test_a_sheet_that_is_no_text_is_an_error_too(tmp_path):
    (tmp_path / "hw.grad").write_bytes(b"f = x\xff")
    run = Run(tmp_path)
    assert "error[not-text]: hw.grad is not UTF-8 text (byte 5)" in run.out
    assert run.code == 2


def test_a_missing_value_fails_where_it_is_needed(tmp_path):
    run = Run(write(tmp_path, "f = x y\nat x = 1\nanswer df/dx = 2\n"))
    assert "error[missing-binding]: y has no value" in run.out
    assert run.code == 1
    assert "Traceback" not in run.out


def test_hostile_text_is_spelt_out(tmp_path):
    run = Run(write(tmp_path, "question \x1b\u202eA\nf = x\nat x = 1\nanswer f = \x1b]0title\x07\nanswer f = 2\n"), "-v", "--junitxml=out.xml")
    assert run.code == 1, run.out
    assert not set(run.out) & {"\x1b", "\u202e", "\x07"}
    assert ET.parse(tmp_path / "out.xml").getroot().find("testsuite").get("failures") == "2"


# ---- with what pytest has -----------------------------------------------------------------------------------


def test_one_test_can_be_chosen(sheet):
    name = "hw.grad::1: df/dx at x = -2, y = 5, z = -4"
    assert list(Run(sheet, "-v", name).results) == [name.partition("::")[2]]
    assert list(Run(sheet, "-v", "-k", "dy").results) == ["1: df/dy at x = -2, y = 5, z = -4", "2: dy/dx"]
    assert len(Run(sheet, "-v", "-x").results) == 2


def test_junit(sheet):
    Run(sheet, "--junitxml=out.xml")
    suite = ET.parse(sheet / "out.xml").getroot().find("testsuite")
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("9", "6", "0")
    case = suite.findall("testcase")[1]
    assert case.get("name") == "1: df/dx at x = -2, y = 5, z = -4"
    assert case.find("failure").get("message").startswith("incorrect: the sign is flipped")
    assert "answer q = 3, df/dx = 4" in case.find("failure").text


def test_one_line_a_failure(sheet):
    out = Run(sheet, "--tb=line").out
    assert f"\n{sheet / 'hw.grad'}:6: incorrect: the sign is flipped" in out
    assert "error[" not in out


def test_two_workers(sheet):
    pytest.importorskip("xdist")
    run = Run(sheet, "-n", "2", "-q", "-p", "xdist")
    assert "6 failed, 3 passed" in run.out
    assert "error[incorrect]: df/dx = 4: the sign is flipped" in run.out


# ---- options ------------------------------------------------------------------------------------------------

THIRD = "f = x/3\nat x = 1\nanswer f = 0.33\n"


def test_options_of_the_configuration_and_of_the_command_line(tmp_path):
    write(tmp_path, THIRD)
    assert Run(tmp_path).code == 1
    assert Run(tmp_path, "--gradcli-digits=2").code == 0
    write(tmp_path, "[pytest]\ngradcli_rtol = 0.05\n", "pytest.ini")
    assert Run(tmp_path, "--strict-config").code == 0
    assert Run(tmp_path, "--gradcli-rtol=1e-6").code == 1, "what is typed wins"
    assert Run(tmp_path, "--gradcli-rtol=").code == 1


def test_how_much_is_revealed(sheet):
    told = {reveal: Run(sheet, f"--gradcli-reveal={reveal}", "-k", "dx and z", "--no-header").out for reveal in ("verdict", "hint", "all")}
    assert ["the sign is flipped" in out for out in told.values()] == [False, True, True]
    assert ["expected: -4" in out for out in told.values()] == [False, False, True]
    assert all("-4\n" not in out.replace("z = -4\n", "") for out in (told["verdict"], told["hint"])), "the answer is not told"


@pytest.mark.parametrize("option", ["digits=0", "digits=x", "rounded=13", "rtol=2", "reveal=everything"])
def test_an_option_that_makes_no_sense(sheet, option):
    run = Run(sheet, f"--gradcli-{option}")
    assert "error[bad-usage]: " in run.out
    assert "Traceback" not in run.out
    assert run.code == 2


def test_in_russian(sheet):
    assert "правильно: -4" in Run(sheet, GRADCLI_LANG="ru").out


# ---- how it is loaded ---------------------------------------------------------------------------------------


@pytest.fixture
def site(tmp_path):
    """A folder of installed packages, in which the entry points are those of pyproject.toml."""
    points = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]["pytest11"]
    folder = tmp_path / "site" / "gradcli-0.dist-info"
    folder.mkdir(parents=True)
    write(folder, "Metadata-Version: 2.1\nName: gradcli\nVersion: 0\n", "METADATA")
    write(folder, "[pytest11]\n" + "".join(f"{name} = {module}\n" for name, module in points.items()), "entry_points.txt")
    return folder.parent


@pytest.mark.parametrize("plugin", ["", "gradcli", "gradcli.pytest_plugin"])
def test_it_is_loaded_by_itself_and_only_once(site, sheet, plugin):
    run = Run(sheet, "-q", "-k", "dx and z", plugin=plugin, site=site)
    assert "2 failed" in run.out, run.out


def test_a_conftest_may_ask_for_it_too(site, sheet):
    write(sheet, "pytest_plugins = ['gradcli.pytest_plugin']\n", "conftest.py")
    assert "6 failed, 3 passed" in Run(sheet, "-q", plugin="", site=site).out


def test_it_can_be_switched_off(site, sheet):
    assert Run(sheet, plugin="no:gradcli", site=site).code == 5


def test_it_costs_nothing_where_there_is_no_worksheet(site, tmp_path):
    """Every pytest run of an environment loads it: so it imports nothing but itself."""
    code = "import sys\ndef test_modules():\n    open('modules.txt', 'w').write(' '.join(sys.modules))\n"
    write(tmp_path, code, "test_modules.py")
    assert Run(tmp_path, plugin="", site=site).code == 0
    modules = set((tmp_path / "modules.txt").read_text(encoding="utf-8").split())
    assert {name for name in modules if name.startswith("gradcli")} == {"gradcli", "gradcli.pytest_plugin"}
    assert not modules & HEAVY


def test_judging_needs_no_more_than_it_does_on_the_command_line(tmp_path):
    write(tmp_path, "f = x^2\nat x = 3\nanswer df/dx = 7\n")
    write(tmp_path, "import sys\ndef pytest_unconfigure():\n    open('modules.txt', 'w').write(' '.join(sys.modules))\n", "conftest.py")
    assert Run(tmp_path).code == 1
    assert set((tmp_path / "modules.txt").read_text(encoding="utf-8").split()) & HEAVY == {"flint"}


def test_this_project_does_not_test_its_own_bad_sheets():
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "-p no:gradcli" in config["tool"]["pytest"]["ini_options"]["addopts"]
