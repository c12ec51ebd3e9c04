"""Expressions that real people wrote, read in place from ../shared/corpora (absent: skipped, with a message).

Every row is counted in the table at the end of the run: right, noted as ambiguous, outside (by reason), rejected (by
reason), and silently wrong, of which there must be none. What is outside is named by the error itself, or here.
"""

import json
import random
import re
from collections import Counter

import numpy as np
import pytest
from conftest import CORPORA, SUMMARY

import gradcli
from gradcli.errors import GradError, Source
from gradcli.notation.text import BRACKETED, text
from gradcli.syntax.reader import read

# Rejections that are right, and why: (kind of error, pattern of the text) → reason.
REASONS = [
    ("undefined", "", "no real value at a check point"),
    ("unknown-function", "", "a function that is not in the table"),
    ("argument-count", "", "a function that is not in the table"),
    ("decimal-comma", "", "a comma that may be a decimal point or a thousand"),
    ("missing-binding", r"overline\{\\overline", "complex conjugation"),
    ("missing-binding", r"\b(i0|li|lambert_w|dawson)\b", "a function that is not in the table"),
]
# Rows of the neural-net corpus in notation that is another language.
OTHER_LANGUAGE = {
    r"\bwhere\s+\w+\s*=": "a stage after where", r"'\*|\*\w+\*w|A\*inv": "* as the matrix product", r"vector\(|mean\(x,|var\(": "statistics by axis", r"\(1-z\)\*n": "stages that are elsewhere",
    r";": "more than the corpus says", r"e\^\{I": "the imaginary unit I",
}  # fmt: skip


def rows(name):
    file = CORPORA / f"{name}.jsonl"
    if not file.is_file():
        pytest.skip(f"{file} is not there")
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def solve(written, at, latex=False, wrt=None):
    """Solve at a point that may name more variables than the text has; one that cancels in the corpus gets a value."""
    at = dict(at)
    for _ in range(9):
        try:
            return gradcli.grad(written, at, latex=latex, wrt=wrt)
        except GradError as error:
            if error.kind == "unknown-name" and "does not occur" in error.message:
                del at[error.message.split()[0]]
            elif error.kind == "missing-binding" and re.search(r"- ?a\^2|- 2\\mu\^2", written):
                at[error.message.split()[0]] = 0.7
            else:
                raise
    raise AssertionError(written)


class Count:
    """Counts the rows of one corpus; every reading that is wrong, and every rejection without a reason, fails the test."""

    def __init__(self, corpus):
        self.corpus, self.seen, self.wrong, self.unexplained = corpus, Counter(), [], []

    def row(self, written, points, judge):
        """Judge one text at its points; judge returns (is right, report)."""
        try:
            results = [judge(point) for point in points]
        except GradError as error:
            self.rejected(written, error)
            return
        self.seen["noted as ambiguous"] += any(report.notes for _, report in results)
        if all(right for right, _ in results):
            self.seen["right"] += 1
        elif any(report.notes for _, report in results):
            self.seen["other reading, with a note"] += 1
        else:
            self.seen["silently wrong"] += 1
            self.wrong.append(written)

    def rejected(self, written, error):
        if error.kind == "outside":
            self.seen[f"outside: {error.message.removesuffix(' is outside this tool')}"] += 1
            return
        reason = next((why for kind, pattern, why in REASONS if kind == error.kind and re.search(pattern, written)), None)
        self.seen[f"outside: {reason}" if reason else f"rejected: {error.kind}"] += 1
        if reason is None:
            self.unexplained.append((written, error.kind, error.message))

    def done(self, least):
        """Enter the counts into the table; assert that nothing was read wrongly, and the aim."""
        SUMMARY.append((self.corpus, dict(sorted(self.seen.items()))))
        inside = sum(n for what, n in self.seen.items() if what in ("right", "silently wrong", "other reading, with a note") or what.startswith("rejected"))
        assert not self.wrong
        assert self.seen["right"] >= least * inside, self.unexplained


def close(got, want):
    return got is not None and np.shape(got) == np.shape(want) and np.allclose(got, want, rtol=1e-8, atol=1e-9)


def number(given):
    return [number(item) for item in given] if isinstance(given, list) else float(given)


# ---- homework -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("syntax", ["plain", "latex"])
def test_homework(syntax):
    """Functions and published answers as their authors wrote them, each at three points."""
    count = Count(f"homework, {syntax}")
    for row in rows("homework"):
        points = row.get("check_points")
        if not points:
            points = [{**{k: solve(v, {}).value for k, v in row["point"].items()}, "_f": row["value"], "_df": row["gradient"]}]
        for written, its_syntax, key in ((row["fn"], row["syntax"], "_f"), (row["answer"], row["answer_syntax"], "_df")):
            if its_syntax != syntax:
                continue
            # of a vector, each entry has a list of points of its own
            entries = points if isinstance(points[0], list) else [points]

            def judge(placed, written=written, key=key):
                place, point = placed
                report = solve(written, {k: v for k, v in point.items() if k[0] != "_"}, latex=syntax == "latex")
                want = number(point[key])
                value = report.value[place] if isinstance(report.value, list) and not isinstance(want, list) else report.value
                return close(value, want), report

            count.row(written, [(place, point) for place, entry in enumerate(entries) for point in entry], judge)
    count.done(0.99 if syntax == "plain" else 0.98)


def test_published_answers_that_are_wrong():
    """They are read as they stand: the derivative of the function is not the answer, and we see it."""
    generator, undefined = random.Random(1), 0
    for row in rows("homework_wrong"):
        at = {name: generator.uniform(1.1, 1.3) for name in row["vars"]}
        both = row["fn"], row["answer"]
        if row["correct"] is not False or "log" in both[0]:
            continue
        try:
            partials = solve(both[0], at, latex=True).partials
            slope = partials[row["wrt"][0]].value if row["wrt"][0] in partials else 0
            value = solve(both[1], at, latex=True).value
        except GradError as error:
            undefined += error.kind == "undefined"
            continue
        want = (slope, value)
        assert want[0] is None or not np.isclose(*want, rtol=1e-6), both
    assert undefined <= 3


# ---- LaTeX, rules, nets -------------------------------------------------------------------------------------


def test_latex():
    """Lecture notes and the test suites of LaTeX parsers: values and gradients at three points."""
    count = Count("latex")
    for row in rows("latex"):
        if not row.get("check_points"):
            try:
                read(Source(row["latex"]), latex=True)
                count.seen["read (no value to compare with)"] += 1
            except GradError as error:
                count.rejected(row["latex"], error)
            continue
        reason = next((why for pattern, why in OTHER_LANGUAGE.items() if re.search(pattern, row["latex"])), None)
        if reason:
            count.seen[f"outside: {reason}"] += 1
            continue

        def judge(point, row=row):
            report = solve(row["latex"], point["at"], latex=True)
            right = close(report.value, number(point["f"]))
            for name, partial in report.partials.items():
                want = point["grad"].get(re.sub(r"[_{},]", "", name))
                if want is not None and partial.status == "smooth":
                    right = right and np.isclose(partial.value, number(want), rtol=1e-6, atol=1e-9)
            return right, report

        count.row(row["latex"], row["check_points"], judge)
    count.done(0.98)


def test_rules():
    """Functions from the tables and suites of other tools, with their derivatives."""
    count, lost = Count("rules"), set()
    for row in rows("rules"):
        written = row["portable_fn"]
        if written is None or row["special"]:
            count.seen["outside: a function that is not in the table" if row["special"] else "outside: a rule without a formula"] += 1
            continue

        def judge(point, row=row, written=written):
            names = [{"self": "x", "other": "y"}.get(name, name) for name in row["vars"]]  # portable_fn is in x and y
            at = point["at"] if isinstance(point["at"], dict) else dict(zip(names, point["at"]))
            wrt = {"self": "x", "other": "y"}.get(row["wrt"], row["wrt"])
            report = solve(written, at)
            right = close(report.value, number(point["f"]))
            if row.get("order", 1) == 1 and wrt in report.partials and report.partials[wrt].status == "smooth":
                got, want = report.partials[wrt].value, number(point["df"])
                if right and 1e-6 < abs(got - want) / max(abs(want), 1e-9) < 1e-2:
                    lost.add(written)  # read rightly; float64 cancels
                else:
                    right = right and np.isclose(got, want, rtol=1e-6, atol=1e-9)
            return right, report

        count.row(written, row["check_points"], judge)
    count.seen["right, with digits lost to cancellation"] = len(lost)
    assert len(lost) <= 2
    count.done(0.99)


def from_one(written):
    """The corpus counts entries from 0."""
    return re.sub(r"\[(\d+)\]", lambda found: f"[{int(found[1]) + 1}]", written)


def test_nets():
    """Losses and layers, with the gradients of PyTorch and JAX."""
    count = Count("nets")
    for row in rows("nets"):
        reason = next((why for pattern, why in OTHER_LANGUAGE.items() if pattern != ";" and re.search(pattern, row["expr"])), None)
        if reason:
            count.seen[f"outside: {reason}"] += 1
            continue

        def judge(inputs, row=row):
            report = gradcli.grad(from_one(row["expr"]), inputs, wrt=row["wrt"])
            kinked = any(p.status == "kink" for p in report.partials.values())  # any subgradient is right at a kink
            right = np.allclose(report.value, row["value"], rtol=1e-9) and (
                kinked or all(np.allclose(report.partials[n].value, row["grad"][n], rtol=1e-7, atol=1e-12) for n in row["wrt"])
            )
            return right, report

        count.row(row["expr"], [row["inputs"]], judge)
    count.done(0.99)


# ---- what students type ------------------------------------------------------------------------------------

# Where STACK's reading of a text is another one than ours, by its own settings: stars, single letters, floats.
SETTINGS = re.compile(r"ast_filter_(402|404|407|410|420|442|450)")
# What STACK calls invalid and we read: a space is a product, an apostrophe transposes, ℼ is π.
READ_HERE = {"3.67*x 10^2", "a'", "2ℼn"}


def test_what_students_type():
    seen = Counter()
    for row in rows("syntax"):
        try:
            program = read(Source(row["text"]))
        except GradError as error:
            seen["without a place"] += error.span is None and not error.labels
            seen["rejected, as there" if not row["upstream_valid"] else f"outside: {error.kind}"] += 1
            continue
        shown = text(program.output, BRACKETED)
        if not row["upstream_valid"]:
            seen["read here, rejected there"] += 1
            assert row["text"] in READ_HERE or SETTINGS.search(row["source"]) or row["reader_agrees"], row["text"]
            continue
        try:
            canonical = text(read(Source(row["canonical"])).output, BRACKETED)
        except GradError:
            canonical = None
        same = canonical in (shown, None)
        seen["the same reading" if same else "noted as another reading" if program.readings else "another setting of theirs"] += 1
        assert same or program.readings or SETTINGS.search(row["source"]) or row["text"] in "𝐀𝐵", (row["text"], shown, canonical)
    SUMMARY.append(("syntax (STACK's claims)", dict(sorted(seen.items()))))
    assert seen["the same reading"] > 100
    assert not seen["without a place"]


def test_what_is_graded():
    """Answers and references of a grader's fixtures: read, or refused with a reason; judging them is another matter."""
    seen = Counter()
    for row in rows("grading"):
        for written in (row["student"], row["reference"]):
            try:
                read(Source(written))
                seen["read"] += 1
            except GradError as error:
                seen["outside: " + (error.message.removesuffix(" is outside this tool") if error.kind == "outside" else error.kind)] += 1
    SUMMARY.append(("grading (both sides)", dict(sorted(seen.items()))))
    assert seen["read"] > 300
