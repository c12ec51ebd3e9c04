"""A command line answered at once and the same one read by Typer print the same bytes: every documented example, in every format."""

import re
import shlex

import pytest
import transcript
from conftest import ROOT, run_here

from gradcli import __main__ as entry
from gradcli import cli
from gradcli.cli import COMMANDS, grad

SAMPLES = sorted(f"samples/{path.name}" for path in (ROOT / "samples").glob("*.grad"))
SLOW = 5  # worksheets with many points, in each format, are left to the tests of samples


def documented():
    """Return the operands of every example that has no command and no option that takes a value."""
    lines = re.findall(r"^(?:\$ )?gradcli (.*)$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    lines += [line.split("   ")[0] for line in re.findall(r"^  gradcli (.*)$", grad._EXAMPLES, re.MULTILINE)]
    for path in sorted((ROOT / "tests" / "golden").rglob("*.txt")):
        lines += [command.line.removeprefix("gradcli ") for command in transcript.commands(path.read_text(encoding="utf-8"))]
    found = [shlex.split(line, comments=True) for line in lines]
    words = [tuple(word for word in words if word not in entry._FLAGS) for words in found]
    plain = [w for w in words if w and w[0] not in COMMANDS and not any(word.startswith(("-", "@")) for word in w) and len(" ".join(w)) < 400]
    return list(dict.fromkeys([*plain, *((sample,) for sample in SAMPLES[:SLOW])]))


@pytest.mark.parametrize("form", [[], ["--plain"], ["--json"], ["--csv"], ["-q"], ["--graph"], ["--lang", "ru"]], ids=" ".join)
def test_documented_examples(form, monkeypatch):
    monkeypatch.chdir(ROOT)
    examples, by_typer, read = documented(), cli.run_command, []
    assert len(examples) > 20
    for words in examples:
        at_once = run_here(*words, *form)
        with monkeypatch.context() as patched:
            patched.setattr(entry, "_FLAGS", ())
            patched.setattr(entry, "_without_language", lambda args: [*args, "--color", "auto"])  # no way but by Typer
            patched.setattr(cli, "run_command", lambda args, language: read.append(args) or by_typer(args, language))
            assert run_here(*words, *form) == at_once, words
    assert len(read) == len(examples)


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["check", "--help"], ["grade", "--help"], ["variants", "--help"], ["--version"]], ids=" ".join)
@pytest.mark.parametrize("language", ["en", "ru"])
def test_help_is_the_same_wherever_the_language_is_named(words, language):
    named = run_here(*words, "--lang", language)
    assert named.code == 0
    assert run_here(words[0], f"--lang={language}", *words[1:]).out == named.out
    assert "gradcli" in named.out
