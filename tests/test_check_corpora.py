"""Published answers, right and wrong, before `check`: read in place from ../shared/corpora (absent: skipped)."""

from collections import Counter

import pytest
from conftest import SUMMARY
from test_corpora import rows

from gradcli.errors import GradError, Source
from gradcli.judge.check import Rules, judge
from gradcli.judge.truth import Truth
from gradcli.limits import Limits
from gradcli.syntax.names import canonical
from gradcli.syntax.reader import read

LIMITS = Limits()


def verdict(row, answer, latex_fn=False, latex_answer=False):
    """Return the verdict on an answer as a formula."""
    wrt = row["wrt"][0]
    truth = Truth(read(Source(row["fn"]), frozenset(map(canonical, row.get("vars", []))), LIMITS, latex=latex_fn), None, LIMITS)
    return judge(truth, f"d{truth.output}/d{wrt}", Source(answer), 0, len(answer), Rules(), LIMITS, latex_answer)


def test_published_answers_are_correct():
    seen, wrong = Counter(), []
    for row in rows("homework"):
        if row["kind"] not in ("derivative", "partial", "antiderivative") or len(row["wrt"]) != 1:
            continue
        try:
            found = verdict(row, row["answer"], row["syntax"] == "latex", row["answer_syntax"] == "latex")
        except GradError as error:
            seen[f"not read: {error.kind}"] += 1
            continue
        seen[found.verdict + (", with a note on domains" if found.verdict == "correct" and found.notes else "")] += 1
        if found.verdict != "correct":
            wrong.append((found.verdict, row["fn"], row["wrt"], row["answer"], found.error, found.witness))
    SUMMARY.append(("check: published answers", dict(sorted(seen.items()))))
    for line in wrong:
        print(line)
    assert not seen["incorrect"]
    assert seen["undecided"] + seen["invalid"] <= sum(seen.values()) // 100


def test_published_answers_that_are_wrong_are_incorrect():
    """Those that are right for x > 0 only are wrong too: the witness is on the other side."""
    for row in rows("homework_wrong"):
        found = verdict(row, row["answer"], True, True)
        if found.verdict == "invalid":  # an answer in another variable cannot be judged: it says so
            assert "no name of this question" in found.error or "nothing called" in found.error
            continue
        assert found.verdict == "incorrect", row
        assert found.witness


@pytest.mark.parametrize("score", [1.0, 0.0])
def test_answers_of_students_with_the_score_they_got(score):
    """STACK's own fixtures: a function, a student's answer and the score."""
    seen = Counter()
    for row in rows("grading"):
        if row["kind"] != "stack qtest" or len(row.get("wrt") or []) != 1 or row["score"] != score:
            continue
        try:
            found = verdict(row, row["student"])
        except GradError as error:
            seen[f"not read: {error.kind}"] += 1
            continue
        seen[found.verdict] += 1
        if found.verdict in ("correct", "incorrect") and (found.verdict == "correct") != bool(score):
            print(row["fn"], "|", row["student"], "|", row["note"], found.verdict, found.witness)
    SUMMARY.append((f"check: students' answers scored {score:g}", dict(sorted(seen.items()))))
    assert not seen["incorrect" if score else "correct"]
