"""Words in other languages: every one is there, nothing of the user's is touched, and English is what it was."""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
import transcript
import typer
from conftest import run_here, run_there

import gradcli
from gradcli import __main__ as entry
from gradcli import cli, ops
from gradcli.cli.command import PATTERNS
from gradcli.errors import GradError, draw
from gradcli.render.forms import Look, Part
from gradcli.render.table import render
from gradcli.wording import ENGLISH, Language, Said, joined, language, languages, recognised, said

PACKAGE = Path(gradcli.__file__).parent
SOURCES = [p for p in sorted(PACKAGE.rglob("*.py")) if not p.name.endswith("_tables.py") and p.parent.name != "languages"]
ERRORS = sorted((Path(__file__).parent / "errors").glob("*.txt"))
OTHERS = [name for name in languages() if name != ENGLISH]
PLACE = re.compile(r"\{\d+\}")
RUSSIAN = "[А-Яа-яЁё]"


def has_words(text):
    """Tell whether a pattern has a word of its own to translate: {0}: {1} has none, x > 0 is a formula."""
    return re.search(r"[^\W\d_]{2,}", PLACE.sub("", text)) is not None


SAYERS = {"said": 0, "words": 0, "say": 0, "heading": 1}  # said("…"), look.words("…"), self.say("…"), self.heading(1, "…")


def said_by(call):
    """Return the argument of a call that is a pattern, if it says one."""
    at = SAYERS.get(getattr(call.func, "id", getattr(call.func, "attr", "")))
    return call.args[at : at + 1] if at is not None else []


def literals(node):
    """Yield the patterns of an argument: it may choose between two."""
    if isinstance(node, ast.IfExp):
        yield from literals(node.body)
        yield from literals(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def of_the_help():
    """Yield the patterns of the help: what Typer was told of each option, and the lines of the examples."""
    for app in cli.apps():
        command = typer.main.get_command(app)
        for parameter in command.get_params(command.make_context("gradcli", ["x"])):
            if getattr(parameter, "help", None):
                found = recognised(parameter.help, PATTERNS)
                yield found.pattern if isinstance(found, Said) else found
        for line in command.help.splitlines():
            example, _, remark = line.rpartition("  ")
            if example.startswith("  gradcli "):
                yield remark
            elif not line.startswith("  "):
                yield line


@cache
def nodes():
    """Return the nodes of all our code."""
    return [node for path in SOURCES for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]


def patterns():
    """Return every pattern that may be said: the literal ones of the code, the domains of the table, the help."""
    found = {text for node in nodes() if isinstance(node, ast.Call) for pattern in said_by(node) for text in literals(pattern)}
    found |= {row.domain for rows in ops.OPS.values() for row in rows if row.domain}
    return {text for text in found | set(of_the_help()) if has_words(text)}


# ---- every word is there --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OTHERS)
def test_a_language_has_every_pattern_and_no_other(name):
    words, wanted = language(name).words, patterns()
    assert sorted(wanted - words.keys()) == [], "to be translated"
    pieces = {id(part) for node in nodes() if isinstance(node, ast.JoinedStr) for part in node.values}
    looked_up = {node.value for node in nodes() if isinstance(node, ast.Constant) and id(node) not in pieces}  # patterns in a table
    assert sorted(words.keys() - wanted - looked_up) == [], "said by nobody any more"


@pytest.mark.parametrize("name", OTHERS)
def test_a_translation_has_the_places_of_its_pattern(name):
    for pattern, translation in language(name).words.items():
        assert set(PLACE.findall(pattern)) == set(PLACE.findall(translation)), pattern


@pytest.mark.parametrize("name", OTHERS)
def test_the_spaces_of_a_pattern_are_kept(name):
    for pattern, translation in language(name).words.items():
        assert (pattern[0].isspace(), pattern[-1].isspace()) == (translation[0].isspace(), translation[-1].isspace()), pattern


# What takes words for people, and which of its arguments they are; None: every one.
SPEAKERS = {
    "GradError": (1, "message", "hint", "labels"), "error": (1, "message", "hint"), "error_at": (1, "message", "hint"),
    "_error": (1, "message", "hint"), "outside": (0, "what", "hint"), "unknown": (0, "message", "hint"), "Reading": (3, "words"),
    "Match": (1, "rule", "error", "hint"), "Comparison": (1, "method", "notes", "where", "domain"),
    "Verdict": (1, "error", "hint", "where", "rule", "method", "notes"), "Side": (3, "why"), "Opinion": (4, "why"),
}  # fmt: skip


def spoken(call):
    """Yield the arguments of a call that people may read."""
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    if name in SPEAKERS:
        first, *keywords = SPEAKERS[name]
        yield from call.args[first:]
        yield from (keyword.value for keyword in call.keywords if keyword.arg in keywords)
    elif name in ("append", "extend") and "notes" in ast.unparse(call.func):
        yield from call.args


def is_joined(node):
    """Tell whether texts are put together here, which keeps the letters alone."""
    plus = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add)
    return plus or isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "join")


def without_pattern(node):
    """Yield the texts with words in an expression that are not said by a pattern, and joins that lose the patterns of their parts."""
    if isinstance(node, ast.Call) and (said_by(node) or getattr(node.func, "id", "") in ("joined", "suggest", "GradError")):
        return
    if is_joined(node) and any(isinstance(part, ast.Call) and said_by(part) for part in ast.walk(node)):
        yield ast.unparse(node)
    if isinstance(node, ast.JoinedStr):
        text = "".join(part.value for part in node.values if isinstance(part, ast.Constant))
    else:
        text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
    if " " in text and has_words(text) and text != "gradcli --help":
        yield ast.unparse(node)
    if not isinstance(node, ast.JoinedStr):
        for child in ast.iter_child_nodes(node):
            yield from without_pattern(child)


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_messages_keep_their_patterns(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            for argument in spoken(node):
                assert not list(without_pattern(argument)), f"{path.name}:{node.lineno}: say it: said('…{{0}}…', part)"


def test_a_message_without_pattern_is_found():
    for text in (
        'GradError("kind", f"no {x} here")', 'GradError("kind", said("a") + x)', 'GradError("kind", ", ".join([said("a")]))',
        'GradError("kind", said("a"), hint="do it so")', 'report.notes.append("the value " + x)',
    ):  # fmt: skip
        (call,) = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call) and list(spoken(node)))
        assert [found for argument in spoken(call) for found in without_pattern(argument)]


# ---- errors ---------------------------------------------------------------------------------------------------


def unsaid(message, words):
    """Yield what comes out in English: patterns that the language lacks, in a message and in its parts."""
    assert isinstance(message, Said), f"no pattern: {message}"
    if has_words(message.pattern) and message.pattern not in words:
        yield message.pattern
    for part in message.parts:
        if isinstance(part, Said):
            yield from unsaid(part, words)
        else:
            assert isinstance(part, (str, int)), f"a part may be looked at later: {part!r}"


@pytest.mark.parametrize("path", ERRORS, ids=lambda path: path.stem)
def test_errors_in_russian(path, monkeypatch):
    seen = []
    monkeypatch.setattr(entry, "draw", lambda error, words=None: seen.append(error) or draw(error, words))
    monkeypatch.setenv("GRADCLI_LANG", "ru")
    words = language("ru").words
    for command in transcript.commands(path.read_text(encoding="utf-8")):
        seen.clear()
        printed = transcript.play(command)
        error = seen[0]
        kind = path.stem.partition("--")[0]
        first = next(line for line in printed.splitlines() if f"ошибка[{kind}]" in line).partition("]")[2]
        assert re.search(RUSSIAN, first), first
        for message in (error.message, *(word for _, word in error.labels), *filter(None, [error.hint])):
            if message != "gradcli --help":
                assert not list(unsaid(message, words)), message
        for line in printed.splitlines():
            if line.startswith("  подсказка: ") and "gradcli --help" not in line:
                assert re.search(RUSSIAN, line[13:]), line
        assert not re.search(r"\b(hint|error|elsewhere|the|is|of|there|not|without)\b", first + language("ru").told(error.hint)), first


def test_the_kind_of_an_error_is_an_identifier():
    assert run_here("x/y", "x=1", "y=0", "--lang", "ru").err.startswith("ошибка[undefined]: x/y не определено при x = 1, y = 0\n")


def test_str_of_an_error_is_english():
    with pytest.raises(GradError) as caught:
        gradcli.grad("1/x", x=0)
    assert str(caught.value).startswith("error[undefined]: 1/x is undefined at x = 0\n")
    assert draw(caught.value, language("ru")).startswith("ошибка[undefined]: 1/x не определено при x = 0\n")


@pytest.mark.parametrize("place", [0, 1, 2, 3])
@pytest.mark.parametrize("option", [["--lang", "ru"], ["--lang=ru"]], ids=["apart", "together"])
def test_the_option_stands_anywhere(place, option):
    args = ["(x+y)z", "x=-2", "--full"]
    ran = run_here(*args[:place], *option, *args[place:])
    assert "ошибка[missing-binding]: у этих имён нет значения: y, z" in ran.err


def test_the_option_stands_before_the_command_too():
    assert "верно" in run_here("--lang", "ru", "check", "x^2", "x=3", "dx=6").out
    assert "значение" in run_here("--lang=ru", "--", "-x^2", "x=3").out


def test_english_reads_no_other_language():
    code = "import sys; from gradcli.__main__ import run; run(['1/x', 'x=0']); run(['x*y', 'x=1', 'y=2']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "gradcli.wording" in done.stdout
    assert "gradcli.languages" not in done.stdout


def test_the_language_of_the_environment(monkeypatch):
    monkeypatch.setenv("GRADCLI_LANG", "ru")
    assert "Прямой проход" in run_here("x*y", "x=1", "y=2").out
    assert "Forward pass" in run_here("x*y", "x=1", "y=2", "--lang", "en").out
    assert "неверно" in run_here("check", "x^2", "x=3", "dx=5").out


@pytest.mark.parametrize("words", [["x"], ["check", "x", "x=1", "dx=1"], ["--help"]], ids=["grad", "check", "help"])
def test_a_language_that_is_not_there(words, monkeypatch):
    for ran in (run_here(*words, "--lang", "xx"), run_here(*words, "--lang=xx")):
        assert (ran.err, ran.code) == ("error[bad-usage]: --lang xx: there are en, ru\n", 2)
    monkeypatch.setenv("GRADCLI_LANG", "de")
    assert run_here(*words).err == "error[bad-usage]: GRADCLI_LANG=de: there are en, ru\n"


def test_clicks_errors_too():
    assert "нет такого параметра: --jsn (похожие: --csv, --json)" in run_here("x", "--jsn", "--lang", "ru").err
    assert "--digits: 99 вне пределов 1<=x<=17" in run_here("x", "--digits", "99", "--lang", "ru").err
    assert "параметр --json не принимает значения" in run_here("x", "--json=3", "--lang", "ru").err
    assert "--wrt требует значения" in run_here("x", "--lang", "ru", "--wrt").err


def test_notes_on_standard_error():
    ran = run_here("relu(x)", "x=0", "--plain", "--lang", "ru")
    assert ran.err.startswith("замечание: ∂f/∂x: f = relu(x): излом при x = 0")
    assert ran.out == run_here("relu(x)", "x=0", "--plain").out


# ---- what stays as it is --------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["--json", "--plain", "--csv", "-q"])
def test_formats_for_programs_are_english_in_every_language(form):
    args = ["1/2x + |y|", "x=3", "y=0", form]
    assert run_here(*args, "--lang", "ru").out == run_here(*args).out


@pytest.mark.parametrize("form", ["--json", "--plain"])
def test_verdicts_for_programs_are_english_in_every_language(form):
    args = ["check", "|x| y", "x=0", "y=1", "dx=2", "dx=DNE", "dy=1", "q=3", form]
    assert run_here(*args, "--lang", "ru").out == run_here(*args).out


def test_user_text_that_equals_a_pattern_is_not_translated():
    out = run_here("value * hint + right^2", "value=2", "hint=3", "right=4", "--lang", "ru").out
    assert all(re.search(rf"^{name} +переменная", out, re.MULTILINE) for name in ("value", "hint", "right"))
    assert "значение" in out.splitlines()[3]
    assert "у hint нет значения" in run_here("value * hint", "value=1", "--lang", "ru").err
    assert "sign = 5" in run_here("check", "sign = x; exact = sign^2", "x=2", "sign=5", "--lang", "ru").out


def test_hostile_text_stays_a_part():
    assert said("{0} is {1}", "{1}", "{0}") == "{1} is {0}"
    assert Language("xx", {"{0} is {1}": "{1} = {0}"})(said("{0} is {1}", "{1}", "\x1b{7}")) == "\x1b{7} = {1}"
    ran = run_here("x*\u202e{0}", "--lang", "ru")
    assert "\u202e" not in ran.err
    assert "такого знака в языке нет" in ran.err


# ---- where there is only ASCII --------------------------------------------------------------------------------


def test_a_terminal_without_russian_letters_gets_english():
    assert "Forward pass" in run_here("x*y", "x=1", "y=2", "--lang", "ru", encoding="ascii").out
    done = run_there("1/x", "x=0", "--lang", "ru", env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert done.stderr.startswith(b"error[undefined]: 1/x is undefined at x = 0")


# ---- help -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [["--help"], ["check", "--help"]], ids=["grad", "check"])
def test_help_in_russian(words, monkeypatch):
    english = run_here(*words).out
    for ran in (run_here(*words, "--lang", "ru"), run_here("--lang=ru", *words) if len(words) == 1 else run_here(*words, "--lang=ru")):
        assert ran.out.startswith("Запуск: gradcli")
        assert all(re.search(RUSSIAN, line) for line in re.findall(r"^  -.*$", ran.out, re.MULTILINE))
        assert re.findall(r"--[a-z-]+", ran.out.split("Параметры:")[1]) >= re.findall(r"^ +(?:-\w, )?(--[a-z-]+)", english, re.MULTILINE)
        assert all(len(line) <= 100 for line in ran.out.splitlines())
    assert run_here(*words).out == english


# ---- a language is one file -----------------------------------------------------------------------------------


def test_a_made_up_language():
    words = Language("xx", {"Forward pass": "Ssap drawrof", "the seed": "deeS", "{0} has {1}{2}{3}; any number between is a subgradient": "{3}{1}?{0}"})
    out = render([Part(gradcli.grad("|x|", x=0))], Look(words=words))
    assert "Ssap drawrof" in out
    assert "deeS" in out
    assert "slope -1 on the left, 1 on the righta kink?f = |x|" in out  # what it lacks comes out in English
    assert "Backward pass" in out


def test_messages():
    inner = said("vector of {0}", 2)
    message = joined(", ", [inner, "vector of {0}", said("number")])
    assert message == "vector of 2, vector of {0}, number"
    assert language("ru")(message) == "вектор длины 2, vector of {0}, число"
    assert language("ru").told("number") == "number"
    assert language("ru").told(said("number")) == "число"


def test_a_pattern_that_is_kept_in_a_table_takes_its_parts():
    kept = said("vector of {0}")
    assert language("ru")(said(kept, 2)) == "вектор длины 2"


def test_a_text_of_somebody_elses_is_recognised():
    assert recognised("No such option: --x", (said("No such option: {0}"),)).parts == ("--x",)
    assert not isinstance(recognised("Something else", (said("No such option: {0}"),)), Said)
