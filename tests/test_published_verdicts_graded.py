"""The published wrong verdicts of other graders again, as one homework: a key and what one student handed in, through `gradcli grade`."""

import csv
import json
import shlex

import pytest
from conftest import run_here
from test_published_verdicts import LINES


def rows(within):
    """Return question and answer of each line with this tolerance, and its verdict: an answer that is empty is none."""
    found = []
    for line in LINES:
        question, answer, wanted, _ = (cell.strip() for cell in line.split(" | "))
        answer, _, rtol = answer.partition(" --rtol=")
        target, _, given = answer.strip().partition("=")
        if rtol.strip() == within:
            found.append((shlex.split(question), target, given, wanted if given else "unanswered"))
    return found


def key_of(lines):
    """Return a key with a question for each line."""
    written = []
    for number, ((formula, *values), target, _, _) in enumerate(lines, 1):
        at = [f"at {', '.join(values)}"] if values else []
        written += [f"question {number}", f"f = {formula}", *at, f"ask {target}", ""]
    return "\n".join(written)


@pytest.mark.parametrize("within", ["", "0.1"])
@pytest.mark.parametrize("ending", ["csv", "json", "grad"])
def test_every_verdict_is_that_of_check(tmp_path, within, ending):
    lines = rows(within)
    key, handed_in = tmp_path / "key.grad", tmp_path / f"ann.{ending}"
    key.write_text(key_of(lines), encoding="utf-8")
    with handed_in.open("w", encoding="utf-8", newline="") as file:
        WRITERS[ending](file, lines)
    ran = run_here("grade", str(key), str(handed_in), "--json", *([f"--rtol={within}"] if within else []))
    assert ran.code == 1, ran.err
    (sheet,) = json.loads(ran.out)["students"]
    assert not sheet["problems"]
    got = {part["question"]: (part["verdict"], part["points"]) for part in sheet["parts"]}
    assert got == {str(number): (wanted, int(wanted == "correct")) for number, (_, _, _, wanted) in enumerate(lines, 1)}


def _as_csv(file, lines):
    writer = csv.writer(file)
    writer.writerow(["student", "question", "target", "answer"])
    writer.writerows(["ann", number, target, given] for number, (_, target, given, _) in enumerate(lines, 1))


def _as_json(file, lines):
    answers = {str(number): {target: given} for number, (_, target, given, _) in enumerate(lines, 1)}
    json.dump({"student": "ann", "answers": answers}, file)


def _as_worksheet(file, lines):
    file.writelines(f"question {number}\nanswer {target} = {given}\n" for number, (_, target, given, _) in enumerate(lines, 1))


WRITERS = {"csv": _as_csv, "json": _as_json, "grad": _as_worksheet}


def test_there_are_sixty():
    assert len(rows("")) + len(rows("0.1")) == len(LINES) >= 60
