"""What the README shows is what runs: its console blocks are transcripts, its Python block is executed."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import transcript
from conftest import ROOT, run_here

README = ROOT / "README.md"
TEXT = README.read_text(encoding="utf-8")


def blocks(kind):
    return re.findall(rf"^```{kind}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def test_console_blocks(update_golden, tmp_path, monkeypatch):
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    monkeypatch.chdir(tmp_path)  # where -o writes
    text = TEXT
    found = blocks("console")
    assert len(found) >= 5
    for block in found:
        new = ""
        for command in transcript.commands(block):
            # a reader has a terminal of 80 columns
            printed = transcript.play(command._replace(columns=80))
            printed = re.sub(r"exit \d+\n$", "", printed)
            if update_golden:
                new += f"$ {command.line}\n{printed}"
            else:
                assert printed == command.printed, command.line
        text = text.replace(block, new) if update_golden else text
    if update_golden:
        README.write_text(text, encoding="utf-8")


def test_python_blocks(tmp_path):
    for block in blocks("python"):
        subprocess.run([sys.executable, "-c", block], check=True, cwd=tmp_path)


@pytest.mark.usefixtures("wheels_graphviz")
def test_the_pictures_are_those_of_the_commands(update_golden, tmp_path):
    commands = [line for block in blocks("sh") for line in block.splitlines() if "samples/pictures" in line or "lesson.html" in line]
    assert len(commands) == 3
    program, *args = shlex.split(commands[0])
    shown = ROOT / args[-1]
    args[-1] = str(shown if update_golden else tmp_path / "circuit.svg")
    assert (program, run_here(*args).code) == ("gradcli", 0)
    assert Path(args[-1]).read_bytes() == shown.read_bytes()
    for picture in re.findall(r"!\[[^]]+\]\(([^)]+)\)", TEXT):
        assert (ROOT / picture).is_file()


def test_every_operator_that_people_call_is_listed():
    from gradcli.ops import TABLE

    helpers = set(re.findall(r'Op\("(\w+)\(', (ROOT / "gradcli" / "ops.py").read_text(encoding="utf-8").split("for the rules above")[1]))
    helpers |= {"gauss", "normcdf", "normpdf", "polygamma", "adjugate"}
    listed = set(re.findall(r"\w+", TEXT))
    families = {"sin", "cos", "tan", "sec", "csc", "cot"}
    for row in TABLE:
        name = row.form.split("(")[0]
        if "(" not in row.form or name in helpers:
            continue
        bare = name.removeprefix("a")
        assert name in listed or bare.removesuffix("h") in families, name


def test_the_two_commands_are_those_of_ci():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "Two commands" in script
    commands = TEXT.partition("## Two commands")[2].partition("```sh\n")[2].partition("```")[0].strip().splitlines()
    assert len(commands) == 2
    assert commands[0].endswith('gradcli "(x+y)z" x=-2 y=5 z=-4')
    assert "pytest" in commands[1]


def test_the_exit_codes_are_documented():
    from gradcli import errors
    from gradcli.cli import grad

    for code in (errors.USAGE, errors.NO_VERDICT, errors.LIMIT, errors.BUG):
        assert f"| {code} |" in TEXT
        assert f"{code} " in grad._EXAMPLES


@pytest.mark.parametrize("name", ["LICENSE", "CHANGELOG.md", "CONTRIBUTING.md"])
def test_the_papers_are_there(name):
    assert len((ROOT / name).read_text(encoding="utf-8")) > 300
