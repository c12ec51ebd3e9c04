"""What students type, in every report: it is read again as it was, and does nothing else."""

import csv
import io
import json
import re
from fractions import Fraction
from html import unescape
from unicodedata import category
from xml.etree import ElementTree

import consumers
import gradebook
import pytest
from gradebook import alone, correct, invalid, mark, wrong
from markdown_it import MarkdownIt
from test_grade_reports import PLATFORM, of_every_report, rendered

from gradcli.classroom.marks import Graded, Problem, Sheet
from gradcli.errors import GradError, Source, safe
from gradcli.judge.verdict import INVALID, Verdict
from gradcli.render.forms import Look
from gradcli.render.grades.forms import report
from gradcli.render.grades.logs import harmless
from gradcli.render.markup import code, code_in_cell
from gradcli.wording import said

HOSTILE = [
    "::error::x", "::set-output name=grade::100", "  ::stop-commands::x", "\n::error::x", "a\r::add-mask::4", "\x0b::error::x", "\u2028::error::x",
    "##[error]x", "x ##[set-output name=grade]100", "##vso[task.complete result=Failed]", "##[add-matcher]/etc/passwd", ":::error::x", "####[error]x",
    "%0A::error::x", "%250A", "a%2Cb:c,d=e", "]]>", "<![CDATA[x]]>", "<script>alert(1)</script>", "</failure>", "&amp;&lt;&#10;", "<!-- x", "\"'><b>", "&",
    "\x00", "\x1b[31mred\x1b[0m", "\x07\x08\x7f\x9b31m", "\ud800", "a\udcffb", "\ufffe\uffff", "\u202eevil\u2066", "\u200b\ufeff", "\U000e0041tag", "\x7f", "\t\ttab", "a\nb\n\nc", "\r\n",
    "|", "a|b|c", "\\|", "a\\|b", "\\", "`", "``a`b```", "` ", " ` ", "`|`", "\\`", "![x](http://evil.example/x.png)", "[x](javascript:alert(1))", "https://evil.example",
    "www.evil.example", "a@b.example", "@teacher", "#1", "GH-1", ":smile:", "*b* _i_ ~~s~~ **b**", "# heading", "- item", "1. item", "> quote", "---", "===", "    code",
    "| a | b |\n|---|---|", "```\nx\n```", "~~~", "$x$", "<br>", "<details>", "[^1]: note", "[a]: http://evil.example", "&nbsp;", "=HYPERLINK(\"http://evil.example\")", "+1+1",
    "-2+3", "@SUM(A1)", "'", "\"", ",", ";", "{0}", "{x.__class__}", "%s%n", "[red]x[/]", "[bold", "∂f/∂x = θ²·√2", "ответ: −4", "e\u0301", "x" * 10_000, "|" * 3_000, "`" * 3_000,
    ":" * 999, "", " ", "../../etc/passwd", "/etc/passwd", "C:\\x", "con", ".hidden",
]  # fmt: skip


def hostile(text):
    """Return a class in which everything that a student can choose is this text: also what errors say of it."""
    problem = GradError("unknown-name", said("{0} is no name of this question", text), (0, 1), source=Source(text, text), hint=said("did you mean {0}?", text))
    unread = Verdict(INVALID, error=problem.message, problem=problem, hint=problem.hint)
    unread.target, unread.given = text, text
    unread.notes = [str(problem)]
    slip = gradebook.slip("sign", text, said("look at {0}", text))
    marks = (
        mark(text, text, wrong(text, text, text, slip), Fraction(2), line=3, follows=text), mark(text, text, unread, line=4),
        mark(text, text, correct(text, text)), mark(text, "", invalid(text, "(")),
    )  # fmt: skip
    return Graded(text, (Sheet(text, text, marks, (Problem(text, 2, said("there is no question {0}", text)),)),), (Problem(text, 0, said("{0} is empty", text)),))


@pytest.fixture(params=HOSTILE, ids=lambda text: ascii(text)[:30])
def text(request):
    return request.param


def test_no_report_has_anything_that_acts(text):
    """Nothing that a terminal, a build's log or a reader from right to left obeys; and all of it can be written as UTF-8."""
    for name, made in of_every_report(hostile(text), "all"):
        made.encode("utf-8")
        written = made.replace("\n", "").replace("\t", "" if name == "plain" else "\t")
        assert not {char for char in written if category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")}, name
        if name != "github":
            assert consumers.obeyed(made) == [], name
            assert "##vso[" not in made


def test_annotations_are_ours_alone(text):
    made = rendered("github", hostile(text))
    found = consumers.obeyed(made)
    assert len(found) == made.count("\n")
    assert {kind for kind, _, _ in found} <= {"error", "warning", "notice"}
    clean = harmless(text)
    assert found[0][0] == "notice"
    assert found[0][1].get("title", "") == clean
    assert any(data.startswith(f"{clean} = {clean} is incorrect") for _, _, data in found)
    assert {properties["file"] for _, properties, _ in found if "line" in properties} <= {clean}
    for kind, properties, _ in found:
        assert set(properties) <= {"file", "line", "title"}, kind


def test_json_is_the_text_itself(text):
    found = json.loads(rendered("json", hostile(text)))
    whole = re.sub("[\ud800-\udfff]", lambda half: f"\\u{ord(half[0]):04x}", text)
    (student,) = found["students"]
    assert (found["key"], student["student"], student["file"]) == (whole, whole, whole)
    part = student["parts"][0]
    assert [part[field] for field in ("question", "target", "given")] == [whole] * 3
    assert part["at"] == part["follows"] == (whole or None)
    assert student["problems"] == [{"file": whole, "line": 2, "message": f"there is no question {whole}"}]


def test_csv_is_the_text_spelt_out(text):
    made = rendered("csv", hostile(text))
    first, *_ = csv.DictReader(io.StringIO(made))
    clean = harmless(text)
    for field in ("student", "question", "at", "target", "answer", "file"):
        cell = first[field]
        assert (cell[1:] if cell[:1] == "'" else cell) == clean
        assert cell[:1] not in tuple("=+-@") or re.fullmatch(r"[-+][\d.]+", cell)
    assert len(list(csv.reader(io.StringIO(made)))) == 1 + 4 + 2 == made.count("\n")


def test_plain_is_one_line_a_part(text):
    lines = rendered("plain", hostile(text)).split("\n")
    assert len(lines) == 4 + 2 + 1
    clean = harmless(text)
    assert lines[0].split("\t")[:8] == [clean, clean, clean, clean, clean, "incorrect", "0", "2"]


def test_junit_is_well_formed(text):
    made = rendered("junit", hostile(text))
    root = ElementTree.fromstring(made.encode())
    consumers.junit(made)
    clean = safe(text).replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")
    assert root.get("name") == root[0].get("name") == clean
    case = root[0].find("testcase")
    assert case.get("file") == clean
    assert case.get("classname") == f"{clean}.question {clean}"
    assert case.find("failure").text.startswith(f"{clean} = {clean}\nincorrect: ")


@pytest.mark.parametrize("name", ["gradescope", "prairielearn", "classroom50"])
def test_platforms(text, name):
    found = json.loads(rendered(name, hostile(text)))
    getattr(consumers, name)(found)
    title = next(iter(found["tests"][0].values())) if name == "classroom50" else found["tests"][0]["name"]
    assert title == f"Question {safe(text)}: {safe(text)}" + (f" at {safe(text)}" if text else "")


def test_the_environment_is_text_too(text):
    if text:
        hostile_platform = {name: value if name == "SUBMISSION_TAG" else text for name, value in PLATFORM.items() if name != "ASSIGNMENT_TYPE"}
        found = json.loads(report("classroom50").render(hostile(text), Look(), "all", hostile_platform))
        assert found["classroom"] == safe(text)


# ---- Markdown: read by a parser with tables, strikethrough and HTML switched on ----------------------------------

READER = MarkdownIt("commonmark", {"html": True, "linkify": False}).enable(["table", "strikethrough"])
ALLOWED = {"text", "code_inline", "strong_open", "strong_close", "text_special"}


def inner(made):
    """Yield what stands in the lines of a document: headings, cells, items."""
    for token in READER.parse(made):
        assert token.type not in ("html_block", "blockquote_open", "ordered_list_open", "hr", "code_block"), token
        if token.type == "inline":
            yield token


def shown(token):
    """Return what a reader sees of a line."""
    return "".join(child.content for child in token.children)


@pytest.mark.parametrize("name", ["summary", "markdown"])
def test_nothing_is_markdown(text, name):
    made = rendered(name, hostile(text))
    for token in inner(made):
        kinds = {child.type for child in token.children}
        links = {child.attrGet("href") for child in token.children if child.type == "link_open"}
        assert kinds - ALLOWED <= {"link_open", "link_close"}, token
        assert all(re.fullmatch(r"[\w.%@+-]+\.md", href) for href in links), links
        outside = "".join(child.content for child in token.children if child.type != "code_inline")
        for linked in (r"(?<!\w)@\w", r"#\d", r"://", r"www\.", r"GH-\d", r":\w+:", r"\w@\w"):
            assert not re.search(linked, outside), (linked, outside)


def test_markdown_shows_the_text_itself(text):
    clean = harmless(text)
    there = [shown(token).replace("\u200b", "") for token in inner(rendered("summary", hostile(text)))]
    if clean.strip():
        assert clean.strip() in [cell.strip() for cell in there]
        assert f"{clean} = {clean}".strip() in [cell.strip() for cell in there]


def test_a_table_keeps_its_columns(text):
    for made in (rendered("summary", hostile(text)), rendered("markdown", hostile(text))):
        tables = re.findall(r"(?:^\|.*\n)+", made, re.MULTILINE)
        assert not re.search(r"\\\\\|", made), "a bar behind two backslashes ends a cell for some readers"
        for rows in tables:
            html = READER.render(rows)
            assert html.count("<tr") == rows.count("\n") - 1
            assert html.count("<td") == len(re.findall("<th[ >]", html)) * (rows.count("\n") - 2)
        assert READER.render(made).count("<table") == len(tables)


def test_github_reads_no_fence_of_more_than_80_backticks():
    assert code("`" * 79) == f"{'`' * 80} {'`' * 79} {'`' * 80}"
    assert code("`" * 80).startswith("\\`" * 80)
    assert code_in_cell("`" * 80) == "\\`" * 80


def test_by_the_parser_of_github():
    cmark = pytest.importorskip("cmarkgfm.cmark")
    for text in HOSTILE:
        for name in ("summary", "markdown"):
            html = cmark.github_flavored_markdown_to_html(rendered(name, hostile(text)), cmark.Options.CMARK_OPT_UNSAFE)
            elements = set(re.findall(r"<(\w+)", html))
            assert elements <= {"h1", "h2", "h3", "table", "thead", "tbody", "tr", "th", "td", "p", "code", "ul", "li", "pre", "strong", "a"}, ascii(text)
            assert all(re.fullmatch(r"[\w.%@+-]+\.md", href) for href in re.findall(r'href="([^"]*)"', html)), ascii(text)
            if name == "summary" and harmless(text).strip():
                cells = re.findall(r"<td.*?>(.*?)</td>", html, re.DOTALL)
                there = {unescape(re.sub("<[^>]*>", "", cell)).replace("\u200b", "").strip() for cell in cells}
                assert {harmless(text).strip(), f"{harmless(text)} = {harmless(text)}".strip()} <= there, ascii(text)


def test_the_table_of_the_terminal_shows_the_text_itself(text):
    clean = harmless(text)
    made = rendered("table", hostile(text), width=None)
    assert f"{clean} = {clean}".strip() in made
    for width in (40, 80):
        assert max(map(len, rendered("table", hostile("я" * 100), width=width).split("\n"))) <= width


def test_names_of_files(text):
    pages = report("markdown").pages(alone(gradebook.ANN._replace(student=text)), Look(), "all")
    for name in pages:
        assert "/" not in name
        assert "\\" not in name
        assert name[0] not in ".-"
