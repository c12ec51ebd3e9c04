"""What reads the reports: the rules of each platform, written down from its public documents, as checks that raise.

Gradescope      github.com/gradescope/autograder_samples, docs/specs.md
PrairieLearn    github.com/PrairieLearn/PrairieLearn, docs/externalGrading.md, and the element pl-external-grader-results
Classroom 50    github.com/foundation50/classroom50, schemas/result-v1.schema.json (and the rules it names that no schema can say)
GitHub          github.com/actions/runner, src/Runner.Common/ActionCommand.cs: both forms of a command, as the runner parses them
JUnit           tests/junit.xsd
"""

import re
from xml.etree import ElementTree

VISIBILITIES = {"hidden", "after_due_date", "after_published", "visible"}
FORMATS = {"text", "html", "simple_format", "md", "ansi"}
COMMANDS = {
    "error", "warning", "notice", "debug", "group", "endgroup", "echo", "stop-commands", "add-mask", "add-matcher", "remove-matcher",
    "set-env", "set-output", "save-state", "add-path", "internal-set-repo-path",
}  # fmt: skip


def number(value, least=0):
    assert isinstance(value, (int, float)), value
    assert not isinstance(value, bool)
    assert value >= least
    return value


def text(value):
    assert isinstance(value, str)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", value), value  # a database takes no U+0000, a terminal no escape
    return value


def keys(found, must, may=()):
    assert set(must) <= set(found) <= {*must, *may}, set(found)


def gradescope(result):
    keys(result, ["score", "tests"], ["output", "output_format", "test_output_format", "test_name_format", "visibility", "stdout_visibility"])
    number(result["score"])
    text(result["output"])
    assert {result["output_format"], result["test_output_format"], result["test_name_format"]} <= FORMATS
    assert {result["visibility"], result["stdout_visibility"]} <= VISIBILITIES
    for test in result["tests"]:
        keys(test, ["name", "score", "max_score", "status"], ["number", "output", "visibility"])
        assert test.get("visibility", "visible") == "visible", "a test that is not visible hides the total of the student"
        assert number(test["score"]) <= number(test["max_score"])
        assert test["status"] in ("passed", "failed")
        assert re.fullmatch(r"\d+(\.\d+)*", test["number"])
        text(test["name"])
        text(test["output"])


def prairielearn(result):
    if not result["gradable"]:
        keys(result, ["gradable", "format_errors"])
        assert list(map(text, result["format_errors"]))
        return
    keys(result, ["gradable", "score"], ["message", "output", "tests"])
    assert number(result["score"]) <= 1
    text(result["message"] + result["output"])
    for test in result.get("tests", ()):
        keys(test, ["name", "points", "max_points"], ["message", "output", "description"])
        assert number(test["points"]) <= number(test["max_points"])
        text(test["name"] + test["message"] + test.get("output", ""))


def classroom50(result):
    must = ["schema", "classroom", "assignment", "assignment_type", "owner", "submission", "commit", "release", "review", "datetime", "score", "max-score", "tests"]
    keys(result, must, ["graded_at", "submitted_by"])
    assert result["schema"] == "classroom50/result/v1"
    assert all(text(result[field]) for field in must[:10])
    assert result["assignment_type"] in ("individual", "group", "team")
    assert result["submission"].startswith("submit/")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ", result["datetime"])
    for test in result["tests"]:
        assert text(test["test-name"])
        assert isinstance(test["passed"], bool)
    for scored in (result, *result["tests"]):
        assert type(scored["score"]) is type(scored["max-score"]) is int
        assert 0 <= scored["score"] <= scored["max-score"]
    for field in ("score", "max-score"):
        assert result[field] == sum(test[field] for test in result["tests"])


def junit(document):
    """Check the structure of a document, and return its cases: (suite, class name, name, outcome)."""
    root = ElementTree.fromstring(document.encode())
    assert root.tag == "testsuites"
    cases = []
    for suite in root:
        assert suite.tag == "testsuite"
        inner = list(suite.iter("testcase"))
        for name, kind in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(name)) == sum(case.find(kind) is not None for case in inner)
        assert int(suite.get("tests")) == len(inner)
        for case in inner:
            assert len(case) <= 1
            assert case.get("line") is None or int(case.get("line")) > 0
            cases.append((suite.get("name"), case.get("classname"), case.get("name"), case[0].tag if len(case) else "passed"))
    for name in ("tests", "failures", "errors", "skipped"):
        assert int(root.get(name)) == sum(int(suite.get(name)) for suite in root)
    assert len({case[1:3] for case in cases}) == len(cases), "of two cases of one name GitLab drops one"
    return cases


def obeyed(log):
    """Return the commands that GitHub's runner obeys in a log: (name, properties, data)."""
    found = []
    for line in re.split("\r\n|\r|\n", log):
        newer = re.match(r"\s*::([^\s:]+)(?: (.*?))?::(.*)", line, re.DOTALL)
        older = re.search(r"##\[([^\s\]]+)(?: ([^\]]*))?\](.*)", line, re.DOTALL)
        for match, apart, undo in ((newer, ",", {":": "%3A", ",": "%2C"}), (older, ";", {";": "%3B", "]": "%5D"})):
            if match and match[1] in COMMANDS:
                pairs = [pair.split("=", 1) for pair in (match[2] or "").split(apart) if "=" in pair]
                found.append((match[1], {name: unescaped(value, undo) for name, value in pairs}, unescaped(match[3], {})))
                break
    return found


def unescaped(value, more):
    for sign, written in {"\r": "%0D", "\n": "%0A", **more, "%": "%25"}.items():
        value = value.replace(written, sign)
    return value
