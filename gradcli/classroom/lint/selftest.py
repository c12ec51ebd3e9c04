"""What is wrong with a key before anyone is graded: every slip is made at every point, and handed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from gradcli.arithmetic.certain import precision
from gradcli.classroom.handwriting import exactly, on_the_way, significant, to_digits, to_places, whole
from gradcli.classroom.key.key import Item, Key
from gradcli.classroom.points.better import better
from gradcli.classroom.points.faults import Seen, beside_a_kink, seen
from gradcli.classroom.points.spots import in_words
from gradcli.classroom.points.watch import BITS, Watch
from gradcli.errors import Source
from gradcli.judge.check import Rules, judge
from gradcli.judge.truth import Truth
from gradcli.judge.verdict import CORRECT, Diagnosis
from gradcli.wording import said

UNLUCKY, PASSES, FAILS, ALIKE, BESIDE = "unlucky", "passes", "fails", "alike", "beside-a-kink"
WARNINGS = (UNLUCKY, PASSES, "kink", "overflow", "underflow")  # a jump, or no value, is what a key asks for: else it is refused
_DIGITS, _WRONG_DIGITS, _PLACES, _ON_THE_WAY = (1, 2, 3, 4, 5, 6), (3, 4, 6), (1, 2, 3), (2, 3)


class Finding(NamedTuple):
    """One thing that a teacher may want to know of a part of a key.

    ``kind``: UNLUCKY (a slip gives the right number), PASSES (a wrong answer would be right), FAILS (a right rounding would be wrong),
    ALIKE (slips that give one number, so that none can be named), BESIDE a kink, or the status of a partial that is not smooth.
    ``answer`` is what a student would write, ``option`` what would make a difference.
    """

    kind: str
    question: str
    where: str
    target: str
    answer: str = ""
    slips: tuple[Diagnosis, ...] = ()
    says: str = ""
    option: str = ""

    @property
    def warns(self) -> bool:
        """Tell whether this is a fault; else it is good to know."""
        return self.kind in WARNINGS


class Advice(NamedTuple):
    """A better point for a question: its line to paste; empty where none was found."""

    question: str
    where: str
    line: str


class SelfTest(NamedTuple):
    """What was found; and how much was tried: parts at a point, slips made, answers handed in."""

    key: str
    findings: tuple[Finding, ...]
    advice: tuple[Advice, ...]
    parts: int
    slips: int
    answers: int

    @property
    def warnings(self) -> int:
        """Return how many findings are faults."""
        return sum(finding.warns for finding in self.findings)


def self_test(key: Key, rules: Rules, done: Callable[[], object] = lambda: None) -> SelfTest:
    """Return what is wrong with a key by these rules: every slip is made in every part at every point, and handed in.

    ``done`` is called for each question.
    """
    findings: list[Finding] = []
    advice: list[Advice] = []
    counts = [0, 0, 0]
    for item in key.items:
        watches: dict[str, Watch] = {}
        here = list(_of_item(item, rules, watches, counts))
        findings += here
        for place in range(len(item.truths)):
            wrong = [f for f in here if f.where == _where(item, place) and f.kind in WARNINGS and f.kind != PASSES]
            if wrong and item.truths[place].bindings:
                targets = dict.fromkeys(part.target for part in item.parts if part.place == place)
                spot = better(item, place, [watches[target] for target in targets if target in watches])
                advice.append(Advice(item.name, _where(item, place), f"at {in_words(spot)}" if spot else ""))
        done()
    return SelfTest(key.name, tuple(findings), tuple(advice), *counts)


def _where(item: Item, place: int) -> str:
    return item.wheres[place] if place < len(item.wheres) else ""


def _of_item(item: Item, rules: Rules, watches: dict[str, Watch], counts: list[int]) -> Iterator[Finding]:
    """Yield what is found in one question; keep for each target its slips, and count what was tried."""
    for part in item.parts:
        truth = item.truths[part.place]
        if truth.point is None and truth.broken is None:
            continue  # asked as a formula: judged everywhere, so that no point can be unlucky
        counts[0] += 1
        where = _where(item, part.place)
        if truth.broken is not None:
            yield Finding("undefined", item.name, where, part.target, says=truth.broken.message)
            continue
        if part.target not in watches:
            watches[part.target] = Watch(truth, part.target, item.name)
        watch = watches[part.target]
        status = truth.status(watch.asked.node) if watch.asked.partial else None
        if status is not None and status.status != "smooth":
            yield Finding(status.status, item.name, where, part.target, says=status.note)
            continue
        others = [other for place, other in enumerate(item.truths) if place != part.place and other.point is not None]
        found = seen(truth, watch, others)
        counts[1] += len(found.lucky) + len(found.wrong)
        for finding in _of_part(watch, truth, found, rules, counts):
            yield finding._replace(question=item.name, where=where, target=part.target)


def _of_part(watch: Watch, truth: Truth, found: Seen, rules: Rules, counts: list[int]) -> Iterator[Finding]:
    """Yield what is found in one part at one point."""
    shape = truth.shape(watch.asked.node, watch.asked.partial)
    with precision(BITS):
        right = whole(found.right, shape, exactly) or whole(found.right, shape, to_digits(6)) or ""
        wrong = [(slip.diagnosis, _as_written(slip.entries, shape)) for slip in found.wrong]
        rounded = list(_roundings(watch, truth, found, rules))
    if found.lucky:
        says = said("{0} slips give the right number", len(found.lucky)) if len(found.lucky) > 1 else said("a slip gives the right number")
        yield Finding(UNLUCKY, "", "", "", right, found.lucky, says)

    def accepted(text: str, by: Rules) -> bool:
        counts[2] += 1
        return judge(truth, watch.target, Source(text), 0, len(text), by, truth.limits).verdict == CORRECT

    passed: dict[str, list[Diagnosis]] = {}
    for diagnosis, texts in wrong:
        if text := next((text for text in texts if accepted(text, rules)), ""):
            passed.setdefault(text, []).append(diagnosis)
    for text, slips in passed.items():
        yield Finding(PASSES, "", "", "", text, tuple(slips), said("a wrong answer would pass"), _stricter(text, rules, accepted))
    tried: set[str] = set()
    for text, how, more in rounded:
        if text not in tried and not accepted(text, rules):
            yield Finding(FAILS, "", "", "", text, (), how, _option(more, rules) if accepted(text, more) else "")
        tried.add(text)
    for group in found.alike:
        yield Finding(ALIKE, "", "", "", "", group, said("{0} slips give one number: none of them can be named", len(group)))
    if beside_a_kink(truth):
        yield Finding(BESIDE, "", "", "", "", (), said("a number rounded on the way may lie on the other side"))


def _roundings(watch: Watch, truth: Truth, found: Seen, rules: Rules) -> Iterator[tuple[str, str, Rules]]:
    """Yield the right number as people round it, how they do, and rules that accept it."""
    shape = truth.shape(watch.asked.node, watch.asked.partial)
    exact = whole(found.right, shape, exactly)
    if exact is None or "." in exact or "/" in exact:  # nobody rounds a whole number
        for n in _DIGITS:
            if text := whole(found.right, shape, to_digits(n)):
                yield text, said("to {0} digits", n) if n > 1 else said("to 1 digit"), _digits(n, rules)
        for n in _PLACES:
            if text := whole(found.right, shape, to_places(n)):
                yield text, said("to {0} decimals", n) if n > 1 else said("to 1 decimal"), _digits(significant(text), rules)
    for n in _ON_THE_WAY:
        for text in on_the_way(truth, watch.asked, n, shape):
            yield text, said("from rounding to {0} decimals on the way", n), rules._replace(rounded=n)


def _as_written(entries: Sequence[object], shape: tuple[int, ...]) -> list[str]:
    """Return the ways to write a wrong result."""
    ways = [exactly, *map(to_digits, _WRONG_DIGITS), to_places(2)]
    return [text for text in dict.fromkeys(whole(entries, shape, way) for way in ways) if text]


def _digits(digits: int, rules: Rules) -> Rules:
    return rules._replace(tolerance=rules.tolerance._replace(digits=max(digits, 1)))


def _option(more: Rules, rules: Rules) -> str:
    """Return the option that makes one set of rules of another."""
    return f"--digits {more.tolerance.digits}" if more.rounded == rules.rounded else f"--rounded {more.rounded}"


def _stricter(text: str, rules: Rules, accepted: Callable[[str, Rules], bool]) -> str:
    """Return the option that keeps a wrong answer from passing."""
    exact = rules._replace(tolerance=rules.tolerance._replace(rtol=None), rounded=None)
    if not accepted(text, exact):
        loose = "--rtol" if accepted(text, rules._replace(rounded=None)) else "--rounded"
        return said("without {0}", loose)
    asked = range(rules.tolerance.digits + 1, _DIGITS[-1] + 3)
    return next((_option(more, rules) for n in asked if not accepted(text, more := _digits(n, exact))), "")
