"""-o FILE and --format NAME: the ending decides, a name says it outright, and a file is written whole or not at all."""

import json
import os
import subprocess
import sys

import pytest
from conftest import ROOT, run_here, run_there

from gradcli.render.forms import FORMS

ONE = ["(x+y)*z", "x=-2", "y=5", "z=-4"]
PLAIN = "f\t-12.0\ndf/dx\t-4.0\ndf/dy\t-4.0\ndf/dz\t3.0\n"


def test_the_ending_names_the_format(tmp_path):
    for name, beginning in (("a.txt", "f = (x + y)·z\n"), ("a.json", '{\n  "schema": "gradcli/grad/1"'), ("A.CSV", "kind,of,through")):
        ran = run_here(*ONE, "-o", str(tmp_path / name))
        assert (ran.out, ran.err, ran.code) == ("", "", 0)
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(beginning)


def test_every_ending_names_one_format():
    endings = [ending for row in FORMS for ending in row.endings]
    assert len(set(endings)) == len(endings)


def test_a_name_says_it_outright(tmp_path):
    file = tmp_path / "digits.dat"
    assert run_here(*ONE, "--format", "plain").out == PLAIN
    assert run_here(*ONE, "--format", "plain", "-o", str(file)).out == ""
    assert run_here(*ONE, "--plain", f"--output={file}").code == 0
    assert file.read_text() == PLAIN
    assert run_here(*ONE, "--plain", "-o", "-").out == PLAIN
    assert run_here(*ONE, "--plain", "-o", str(tmp_path / "any.txt")).code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-o", "circuit.bmp"], "the endings are .txt, .json, .csv, .svg"), (["-o", "circuit"], "the endings are"),
        (["--format", "bmp"], "there are table, graph"), (["--json", "--format", "svg"], "exclude each other"),
        (["--json", "--graph"], "--json and --graph exclude each other"), (["--json", "-o", "a.svg"], "name two formats"),
        (["--graph", "--plain", "--json"], "--graph --plain and --json exclude each other"), (["--format", "html", "-o", "a.md"], "two formats"), (["--fragment"], "goes with"), (["--lang", "xx"], "there are en, ru"),
        (["-o", "/nowhere/x.json"], "error[cannot-write]: /nowhere/x.json: No such file"), (["-o", "/.json/x.json"], "No such file"),
    ],
)  # fmt: skip
def test_what_cannot_be(words, said):
    ran = run_here(*ONE, *words)
    assert ran.code == 2
    assert ran.out == ""
    assert said in ran.err


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    file = tmp_path / "kept.json"
    file.write_text("kept")
    assert run_here("log(x)", "x=-1", "-o", str(file)).code == 3
    assert file.read_text() == "kept"
    link = tmp_path / "link.json"
    link.symlink_to(file)
    file.chmod(0o640)
    assert run_here(*ONE, "-o", str(link)).code == 0
    assert link.is_symlink()
    assert json.loads(file.read_text())["value"] == -12
    assert file.stat().st_mode & 0o777 == 0o640
    assert sorted(p.name for p in tmp_path.iterdir()) == ["kept.json", "link.json"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_and_a_device():
    ran = run_here(*ONE, "--json", "-o", "/dev/full")
    assert (ran.code, "No space left" in ran.err) == (2, True)
    assert run_here(*ONE, "--json", "-o", "/dev/null").code == 0


def test_a_partial_that_does_not_exist_still_gives_the_file(tmp_path):
    file = tmp_path / "x.json"
    assert run_here("sqrt(x)", "x=0", "-o", str(file)).code == 3
    assert json.loads(file.read_text())["partials"]["x"]["status"] == "vertical"


def test_a_worksheet_in_a_file(tmp_path):
    sheet, file = str(ROOT / "samples" / "10-a-homework-sheet.grad"), tmp_path / "sheet.txt"
    printed = run_here(sheet)
    assert run_here(sheet, "-o", str(file)).code == printed.code
    assert file.read_text(encoding="utf-8") == printed.out
    ran = run_here(sheet, "--csv")
    assert ran.code == 2
    assert "choose it with --question" in ran.err


def test_a_name_from_russia(tmp_path):
    file = tmp_path / "Решение [1].json"
    assert run_there(*ONE, "-o", str(file)).returncode == 0
    assert json.loads(file.read_text())["value"] == -12


@pytest.mark.parametrize("name", ["file\x1b[31m.bmp", "\u202ecod.bmp"])
def test_a_hostile_name(name):
    ran = run_here(*ONE, "-o", name)
    assert ran.code == 2
    assert not any(c in ran.err for c in "\x1b\u202e")


def test_drawing_nothing_imports_nothing():
    """A picture's machinery is loaded for pictures alone."""
    code = f"import sys; from gradcli.__main__ import run; run({[*ONE, '--plain']!r}); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stderr.split())
    assert not loaded & {"subprocess", "gradcli.render.picture.svg", "gradcli.render.page.html", "gradcli.render.picture.layout", "gradcli.languages.ru"}
