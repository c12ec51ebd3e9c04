"""A graded class → JUnit XML, as GitLab, Jenkins and most services read it: a suite for each student, a case for each part.

A wrong answer and a missing one are failures; what cannot be read is an error; what nobody could decide is skipped, which is
neither passed nor failed. Services tell cases apart by class name and name, so both have what makes them one of a kind: the
student with the question, and the target with its point. GitLab shows the text of a failure and not its ``message``, so that it
is in both. Times and dates are left out: the same class gives the same bytes. The points are properties of the suites.

XML 1.0 has no control characters and no halves of UTF-16 pairs, not even as references: here they are spelt out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from gradcli.classroom.marks import Graded, Problem, Sheet, decimal
from gradcli.errors import safe
from gradcli.render.forms import Look
from gradcli.render.grades.logs import commands_as
from gradcli.render.grades.told import Told, number, spot, tell

_KINDS = {"incorrect": "failure", "unanswered": "failure", "invalid": "error", "undecided": "skipped"}
_COUNTED = {"failure": "failures", "error": "errors", "skipped": "skipped"}


def render(graded: Graded, look: Look, reveal: str) -> str:
    """Return a class as an XML document."""
    suites = [_of_a_student(sheet, reveal) for sheet in graded.sheets]
    for file, problems in _by_file(graded.problems).items():
        suite = Element("testsuite", name=_clean(file))
        _add_problems(suite, file, problems)
        suites.append(suite)
    root = Element("testsuites", name=_clean(graded.key))
    root.extend(map(_counted, suites))
    _tell_apart(root)
    for name in ("tests", *_COUNTED.values()):
        root.set(name, str(sum(int(suite.attrib[name]) for suite in suites)))
    indent(root)
    body = tostring(root, encoding="unicode", short_empty_elements=True)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + commands_as(body, "&#58;", "&#91;") + "\n"


def _of_a_student(sheet: Sheet, reveal: str) -> Element:
    suite = Element("testsuite", name=_clean(sheet.student))
    properties = SubElement(suite, "properties")
    for name, points in (("points", sheet.points), ("worth", sheet.worth)):
        SubElement(properties, "property", name=name, value=str(number(points)))
    for told in tell(sheet, reveal):
        _add(suite, sheet, told)
    _add_problems(suite, sheet.student, sheet.problems)
    return suite


def _add(suite: Element, sheet: Sheet, told: Told) -> None:
    mark, verdict = told.mark, told.mark.verdict.verdict
    at = f" at {mark.where}" if mark.where else ""
    case = _case(suite, f"{sheet.student}.question {mark.question}", mark.target + at, sheet.file, mark.line)
    if verdict in _KINDS:
        points = f"{decimal(mark.points)} of {decimal(mark.worth)} points"
        _fail(case, _KINDS[verdict], verdict, told.verdict, [told.answer, told.verdict, points, *told.drawings()])


def _add_problems(suite: Element, classname: str, problems: Iterable[Problem]) -> None:
    for problem in problems:
        name = f"{spot(problem)}: {problem.message}"
        _fail(_case(suite, classname, name, problem.file, problem.line), "error", "invalid", problem.message, [name])


def _case(suite: Element, classname: str, name: str, file: str, line: int) -> Element:
    case = SubElement(suite, "testcase", classname=_clean(classname), name=_clean(name), file=_clean(file))
    if line:
        case.set("line", str(line))
    return case


def _fail(case: Element, kind: str, verdict: str, message: str, lines: list[str]) -> None:
    found = SubElement(case, kind, message=_clean(message))
    if kind != "skipped":
        found.set("type", verdict)
    found.text = "\n".join(map(_clean, lines))


def _counted(suite: Element) -> Element:
    """Write the counts into a suite: services read them, and do not count."""
    kinds = Counter(found.tag for case in suite.iter("testcase") for found in case)
    suite.set("tests", str(len(suite.findall("testcase"))))
    for kind, name in _COUNTED.items():
        suite.set(name, str(kinds[kind]))
    return suite


def _tell_apart(root: Element) -> None:
    """Number the cases of one class name and name."""
    seen: Counter[tuple[str, str]] = Counter()
    for case in root.iter("testcase"):
        name = case.attrib["classname"], case.attrib["name"]
        seen[name] += 1
        while seen[name] > 1:
            name = name[0], f"{name[1]} ({seen[name]})"
            seen[name] += 1
        case.set("name", name[1])


def _by_file(problems: Iterable[Problem]) -> dict[str, list[Problem]]:
    found: dict[str, list[Problem]] = {}
    for problem in problems:
        found.setdefault(problem.file, []).append(problem)
    return found


def _clean(text: str) -> str:
    return safe(text).replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")
