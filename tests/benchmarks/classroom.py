"""How fast a class is graded: answers per second on one core, and 1000 students × 20 answers in one run, with peak memory.

Run: python tests/benchmarks/classroom.py [students]
"""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from gradcli.classroom.grading.bench import Answer, Bench, Conditions
from gradcli.classroom.key.key import read_key
from gradcli.errors import Source
from gradcli.judge.check import Rules
from gradcli.limits import Limits

KEY = """question 1 [4 points]
q = x + y
f = q z
at x = -2, y = 5, z = -4
ask q, f, df/dx, df/dy, df/dz

question 2 [5 points]
f(w_0, x_0, w_1, x_1, w_2) = 1/(1 + e^-(w_0 x_0 + w_1 x_1 + w_2))
at w_0 = 2, x_0 = -1, w_1 = -3, x_1 = -2, w_2 = -3
ask f, df/dw_0, df/dx_0, df/dw_1, df/dw_2

question 3 [3 points]
f(x, y) = x^2 sin(y) + e^(x y)
ask df/dx, df/dy

question 4 [4 points]
z = W x + b
h = relu(z)
f = sum(h^2)
at W = [[1, 2], [3, 4]], x = [5, -6], b = [8, 1]
ask z, h, f, df/dW, df/dx, df/db

question 5 [2 points]
f(x) = ln(1 + x^2)
at x = 2
ask df/dx
at x = 3
ask df/dx
"""
# What a part is answered with, by question and target: right first, then wrong ones; {} is a number nobody else writes.
FORMULAS = {
    ("3", "df/dx"): ["2x sin(y) + y e^(x y)", "2 x sin y + y exp(x*y)", "2x sin(y) + e^(x y)", "x sin(y) + y e^(x y) + {}"],
    ("3", "df/dy"): ["x^2 cos(y) + x e^(x y)", "x^2 cos y + x exp(x*y)", "-x^2 cos(y) + x e^(x y)", "x^2 cos(y) + {}"],
}


def answers(rng: random.Random, key: object, distinct: bool) -> list[tuple[str, str, str, str]]:
    """Return (question, at, target, answer) of one student: two in three right, the others wrong in a few ways, or in one's own."""
    out = []
    for item in key.items:
        for part in item.parts:
            kind = rng.random()
            written = FORMULAS.get((item.name, part.target)) or NUMBERS[item.name, part.place, part.target]
            right, wrong = written[:2], written[2:]
            text = rng.choice(right) if kind < 0.65 else wrong[0] if kind < 0.85 and not distinct else wrong[1]
            at = item.wheres[part.place] if len(item.truths) > 1 else ""
            out.append((item.name, at, part.target, text.replace("{}", f"{rng.randrange(10**6)}e-5")))
    return out


def numbers(key: object) -> dict[tuple[str, int, str], list[str]]:
    """Return for each part at a point: the right number in two ways, a wrong sign, and one of somebody's own."""
    from gradcli.judge.expected import expected
    from gradcli.judge.targets import target_of

    out = {}
    for item in key.items:
        for part in item.parts:
            truth = item.truths[part.place]
            if truth.point is None:
                continue
            right = expected(truth, target_of(part.target, truth))
            own = f"[{right[1:-1].split(',')[0].replace('[', '')}, {{}}]" if right.startswith("[") else "{}"
            own = right.replace(right.strip("[]").split(",")[0].split("]")[0], "{}", 1) if right.startswith("[") else own
            other = right.replace("-", "+") if "-" in right else f"-{right}"
            out[item.name, part.place, part.target] = [right, right, "-" + right if right.startswith("[") else other, own]
    return out


def rate(key: object, distinct: bool, students: int) -> None:
    """Print how many answers a second are judged in this process, each text once."""
    rng, bench = random.Random(7), Bench(lambda _: key, Conditions(Rules(), Limits()))
    texts = Counter()
    numbered = {item.name: number for number, item in enumerate(key.items)}
    for _ in range(students):
        for name, at, target, text in answers(rng, key, distinct):
            item = next(item for item in key.items if item.name == name)
            place = item.wheres.index(at) if at else 0
            texts[Answer(0, numbered[name], place, target, text)] += 1
    for task in list(texts)[:40]:
        bench(task)
    start = time.process_time()
    for task in texts:
        bench(task)
    taken = time.process_time() - start
    print(f"{'distinct' if distinct else 'repeated'}: {sum(texts.values())} answers, {len(texts)} different, {taken:.1f} s: "
          f"{len(texts) / taken:.0f} different ones a second, {sum(texts.values()) / taken:.0f} in all")  # fmt: skip


def run(key: object, students: int, distinct: bool, jobs: int) -> None:
    """Print how long the command takes for a class, and its peak memory."""
    rng = random.Random(8)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "key.grad").write_text(KEY)
        rows = ["student,question,at,target,answer"]
        for number in range(students):
            rows += [f'student {number:04},{q},"{at}",{t},"{a}"' for q, at, t, a in answers(rng, key, distinct)]
        (Path(folder) / "answers.csv").write_text("\n".join(rows) + "\n")
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        before, earlier = time.perf_counter(), used.ru_utime + used.ru_stime
        words = [sys.executable, "-m", "gradcli", "grade", "key.grad", "answers.csv", "-o", "out.json", "--report", "csv=out.csv", "--jobs", str(jobs), "--plain"]
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
        taken = time.perf_counter() - before
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(f"{students} students × {len(rows[1:]) // students} answers, {'distinct' if distinct else 'repeated'}, {jobs} jobs: {taken:.1f} s "
              f"({used.ru_utime + used.ru_stime - earlier:.1f} s of processors), largest process so far {peak:.0f} MB, exit {done.returncode} {done.stderr[:300]}")  # fmt: skip


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    the_key = read_key(Source(KEY, "key.grad"), Limits(), Rules())
    NUMBERS = numbers(the_key)
    rate(the_key, False, count // 5)
    rate(the_key, True, count // 5)
    for jobs in (1, 2):
        run(the_key, count, False, jobs)
    run(the_key, count, True, 1)
