"""Grading: the answers of a class against a key → marks.

    points = Σ worth of the parts that are right      (all or nothing: of all parts, if each is right)

Each answer that occurs is judged once, whoever gave it: a verdict depends on the text of an answer and on nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from gradcli.classroom.grading.bench import Answer, Bench, Chain, Conditions, Result, Task
from gradcli.classroom.grading.follow import Origin
from gradcli.classroom.key.key import Item, Key
from gradcli.classroom.marks import Graded, Mark, Problem, Sheet, alphabetical
from gradcli.classroom.submissions.files import Entry, Submission
from gradcli.classroom.submissions.matching import Matcher, Matches, Place
from gradcli.errors import Source
from gradcli.judge.verdict import CORRECT, INCORRECT, INVALID, UNANSWERED, Verdict
from gradcli.wording import said

_MATCHERS = 4  # kept, where each student has an own key
Run = Callable[[Sequence[Task]], Sequence[Result]]  # judges tasks; the results in their order


class Keyring(NamedTuple):
    """The keys of a class and their texts, under one name: one key for all, or by student which of them is whose."""

    name: str
    keys: Sequence[Key]
    sources: Sequence[Source] = ()
    whose: Mapping[str, int] | None = None

    def of(self, student: str) -> int | None:
        """Return which key is a student's; None if there is none."""
        return 0 if self.whose is None else self.whose.get(student)


class _Paper(NamedTuple):
    """What one student handed in, and which answer is to which part of the key; ``extra`` are answers to what is not asked."""

    submission: Submission
    key: int
    matches: Matches
    answers: Mapping[Place, Answer]
    extra: Mapping[tuple[int, int], Sequence[Answer]]


def grade(
    keys: Keyring, submissions: Sequence[Submission], conditions: Conditions, *, problems: Sequence[Problem] = (), run: Run | None = None
) -> Graded:
    """Grade what a class has handed in; the sheets are in the order of the students' names.

    Args:
        keys: the keys, checked.
        submissions: one for each student.
        conditions: how answers are judged, and what earns points.
        problems: what could not be read, and belongs to no student.
        run: judges many tasks, as `crowd.Crowd` does in several processes; here and now by default.

    """
    run = run or serially(Bench(keys.keys.__getitem__, conditions))
    matcher = lru_cache(_MATCHERS)(lambda number: Matcher(keys.keys[number], conditions.limits))
    papers: list[_Paper] = []
    sheets: list[Sheet] = []
    for submission in submissions:
        number = keys.of(submission.student)
        if number is None:
            missing = Problem(submission.file, 0, said("there is no key for {0}", submission.student))
            sheets.append(Sheet(submission.student, submission.file, (), (*submission.problems, missing)))
        else:
            papers.append(_paper(submission, number, matcher(number)))
    verdicts = _verdicts(papers, run)
    chains = _chains(keys, papers, verdicts, run)
    sheets += [_sheet(keys, paper, verdicts, chains, conditions) for paper in papers]
    sheets.sort(key=lambda sheet: (*alphabetical(sheet.student), sheet.file))
    return Graded(keys.name, tuple(sheets), tuple(problems))


def serially(bench: Bench, done: Callable[[], None] = lambda: None) -> Run:
    """Return what judges tasks one after the other in this process; ``done`` hears of each."""

    def run(tasks: Sequence[Task]) -> list[Result]:
        results = []
        for task in tasks:
            results.append(bench(task))
            done()
        return results

    return run


def _paper(submission: Submission, number: int, matcher: Matcher) -> _Paper:
    """Return what a student handed in, part by part; an answer that is not asked for counts as a step, if it is the only one to it."""
    matches, items = matcher.match(submission), matcher.key.items

    def answer(item: int, place: int, target: str, entry: Entry) -> Answer:
        return Answer(number, item, place, target, entry.source.text[entry.start : entry.end].strip())

    answers = {
        (item, k): answer(item, items[item].parts[k].place, items[item].parts[k].target, entry)
        for (item, k), entry in matches.entries.items()
    }  # fmt: skip
    extra: dict[tuple[int, int], dict[str, list[Answer]]] = {}
    for entry in matches.extra:
        if (spot := matcher.spot(entry)) is not None:
            target = " ".join(entry.target.split())
            extra.setdefault(spot, {}).setdefault(target, []).append(answer(*spot, target, entry))
    alone = {spot: [given[0] for given in targets.values() if len(given) == 1] for spot, targets in extra.items()}
    return _Paper(submission, number, matches, {place: given for place, given in answers.items() if given.text}, alone)


def _verdicts(papers: list[_Paper], run: Run) -> dict[Answer, Verdict]:
    """Judge every answer that somebody gave, once."""
    asked = dict.fromkeys(answer for paper in papers for answer in paper.answers.values())
    asked |= dict.fromkeys(answer for paper in papers for extra in paper.extra.values() for answer in extra)
    return dict(zip(asked, run(list(asked))))


def _chain(keys: Keyring, paper: _Paper, number: int, place: int, verdicts: Mapping[Answer, Verdict]) -> tuple[Chain, list[int]]:
    """Return the wrong answers of a student to a question at a point, and which parts they are to: first those, then the others."""
    steps = [(k, paper.answers.get((number, k))) for k, part in enumerate(keys.keys[paper.key].items[number].parts) if part.place == place]
    wrong = [(k, answer) for k, answer in steps if answer is not None and verdicts[answer].verdict == INCORRECT]
    extra = [answer for answer in paper.extra.get((number, place), ()) if verdicts[answer].verdict == INCORRECT] if wrong else []
    pairs = tuple((answer.target, answer.text) for answer in [*(answer for _, answer in wrong), *extra])
    near = [answer for _, answer in steps if answer is not None and _rounded(answer, verdicts[answer])] if len(pairs) > 1 else []
    right = tuple((answer.target, answer.text) for answer in near)
    return Chain(paper.key, number, place, pairs, len(extra), right), [k for k, _ in wrong]


def _rounded(answer: Answer, verdict: Verdict) -> bool:
    """Tell whether an answer is right, but not exactly: to its digits."""
    return verdict.verdict == CORRECT and verdict.rule != said("exact") and "." in answer.text


def _chains(keys: Keyring, papers: list[_Paper], verdicts: Mapping[Answer, Verdict], run: Run) -> dict[Chain, list[Origin]]:
    """Find out which wrong answers follow from others, once for each student's kind of mistake."""
    found: dict[Chain, None] = {}
    for paper in papers:
        for number, item in enumerate(keys.keys[paper.key].items):
            for place in range(len(item.truths)):
                chain, parts = _chain(keys, paper, number, place, verdicts)
                if parts and len(chain.wrong) > 1:
                    found[chain] = None
    return dict(zip(found, run(list(found))))


def _sheet(
    keys: Keyring, paper: _Paper, verdicts: Mapping[Answer, Verdict], chains: Mapping[Chain, Sequence[Origin]], conditions: Conditions
) -> Sheet:
    """Return the marks of one student, in the order of the key."""
    marks: list[Mark] = []
    for number, item in enumerate(keys.keys[paper.key].items):
        follows: dict[int, Origin] = {}
        for place in range(len(item.truths)):
            chain, parts = _chain(keys, paper, number, place, verdicts)
            follows |= {part: origin for part, origin in zip(parts, chains.get(chain, [])) if origin.shown}
        found = [_found(paper, number, k, verdicts) for k in range(len(item.parts))]
        earned = points(item, found, follows, conditions.follow)
        for k, part in enumerate(item.parts):
            entry = paper.matches.entries.get((number, k))
            problem = paper.matches.invalid.get((number, k))
            line = entry.line if entry is not None else problem.line if problem is not None else 0
            where = item.wheres[part.place] if len(item.truths) > 1 else ""
            verdict = unexplained(found[k]) if k in follows else found[k]
            verdict.target = verdict.target or part.target
            marks.append(Mark(item.name, where, part.target, verdict, earned[k], part.worth, line, follows.get(k, Origin()).shown))
    submission = paper.submission
    return Sheet(submission.student, submission.file, tuple(marks), (*submission.problems, *paper.matches.problems))


def _found(paper: _Paper, number: int, k: int, verdicts: Mapping[Answer, Verdict]) -> Verdict:
    """Return the verdict on what a student answered to a part: unanswered where that is nothing, invalid where it cannot be told."""
    if (problem := paper.matches.invalid.get((number, k))) is not None:
        return Verdict(INVALID, error=problem.message, notes=[problem.message])
    answer = paper.answers.get((number, k))
    return Verdict(UNANSWERED) if answer is None else verdicts[answer]


def points(item: Item, verdicts: Sequence[Verdict], follows: Mapping[int, Origin], following: bool) -> list[Fraction]:
    """Return the points that each part of a question earns: what it is worth if it is right, or follows where that is enough."""
    enough = following or item.follow
    right = [verdict.verdict == CORRECT or (enough and k in follows and follows[k].earns) for k, verdict in enumerate(verdicts)]
    earned = [all(right)] * len(right) if item.whole else right
    return [part.worth if got else Fraction(0) for part, got in zip(item.parts, earned)]


def unexplained(verdict: Verdict) -> Verdict:
    """Return the verdict on an answer that follows from another, without the slip and the hint that would explain it by itself."""
    out = Verdict(
        verdict.verdict, error=verdict.error, where=verdict.where, rule=verdict.rule, method=verdict.method,
        expected=verdict.expected, witness=verdict.witness, notes=verdict.notes, problem=verdict.problem,
    )  # fmt: skip
    out.target, out.given = verdict.target, verdict.given
    return out
