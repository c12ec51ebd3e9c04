"""Seeded samples of wrong answers, with one slip or with two, and of right ones."""

from __future__ import annotations

import random
from collections import Counter

from mistakes.answers import Case, Question, apart, close, text_of
from mistakes.arithmetics import WORDS
from mistakes.functions import FUNCTIONS

DIGITS = (3, *[4] * 8, *[5] * 7, *[6] * 6, 8, 16, 16)  # how many a student writes


def questions(seed, number):
    """Yield a question on every function; the number draws other points."""
    for function in FUNCTIONS:
        yield Question(function, f"{seed}/{number}")


def slips_of(question, rng, dropped):
    """Yield a wrong answer for each slip that can be told from the truth."""
    for target in question.targets:
        dropped["no other result"] += question.pool(target)[1]
        for slip, wrong in question.distinct(target):
            formula = question.function.kind == "scalar" and rng.random() < 0.25
            text = question.handed_in(target, (slip,), WORDS) if formula else None
            if text is not None:
                yield Case(question, target, str(text), (slip,), "formula")
                continue
            count = rng.choice(DIGITS)
            if not apart(wrong, question.truth(target), count):
                dropped["too few digits to tell"] += 1
                continue
            yield Case(question, target, text_of(wrong, count), (slip,), f"{count} digits")


def made(count, seed, dropped, least=3):
    """Return so many slips from as many points of each function as it takes, evenly chosen, but a few of every kind."""
    rng, found, number = random.Random(f"slips {seed}"), [], 0
    while len(found) < count:
        for question in questions(seed, number):
            found += slips_of(question, rng, dropped)
        number += 1
    shuffled = rng.sample(range(len(found)), len(found))
    seen: Counter = Counter()
    rank = {}
    for k in shuffled:
        seen[found[k].labels] += 1
        rank[k] = max(seen[found[k].labels], least)
    chosen = sorted(shuffled, key=lambda k: rank[k] > least)[:count]
    return [found[k] for k in sorted(chosen)]


def doubles(count, seed):
    """Return answers with two slips at once, at places that do not meet."""
    rng, found, number = random.Random(f"doubles {seed}"), [], 0
    while len(found) < count:
        for question in questions(f"doubles {seed}", number):
            for target in question.targets:
                pool = question.distinct(target)
                for _ in range(6):
                    one, two = (slip for slip, _ in rng.sample(pool, 2))
                    if meet(one, two):
                        continue
                    wrong, right = question.handed_in(target, (one, two)), question.truth(target)
                    digits = rng.choice(DIGITS[1:])
                    singly = (question.handed_in(target, (slip,)) for slip in (one, two))
                    if wrong is None or close(wrong, right, 2e-3) or not all(apart(wrong, known, digits) for known in (right, *singly)):
                        continue
                    found.append(Case(question, target, text_of(wrong, digits), (one, two), f"{digits} digits"))
        number += 1
    chosen = sorted(rng.sample(range(len(found)), count))
    return [found[k] for k in chosen]


def meet(one, two) -> bool:
    """Tell whether two slips change the same thing."""
    return bool(
        one.edges.keys() & two.edges.keys()
        or one.forks.keys() & two.forks.keys()
        or one.values.keys() & two.values.keys()
        or (one.keep and two.keep)
        or (one.handed_in and two.handed_in)
        or one.alone
        or two.alone
    )


def right_answers(seed, number=0, every=1):
    """Yield every true gradient in five spellings or more; of every so many questions only."""
    for question in list(questions(seed, number))[::every]:
        for target in question.targets:
            truth = question.truth(target)
            spellings = [text_of(truth, count) for count in (3, 4, 5, 6, 9, 17)]
            if question.function.kind == "scalar":
                formula = question.handed_in(target, (), WORDS)
                if formula is not None:
                    name = next(iter(question.point))
                    spellings += [
                        str(formula),
                        f"2*({formula})/2",
                        f"({formula}) + {name} - {name}",
                        f"-(-({formula}))",
                        f"(3*({formula}) - {formula})/2",
                    ]
            for answer in dict.fromkeys(spellings):
                yield Case(question, target, answer, (), "right")
