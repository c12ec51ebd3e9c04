"""Expressions that real people wrote, read in place from ../shared/corpora (absent: skipped, with a message).

What this tool cannot read yet is counted by reason, never skipped in silence; what it reads must be right.
"""

import json
import re
from collections import Counter

import numpy as np
import pytest
from conftest import CORPORA

import gradcli
from gradcli.errors import GradError

# Notation of rows that lie outside the language of this version; the next one reads them.
OUTSIDE = {
    r"\bwhere\s+\w+\s*=": "a stage after where", r"'\*|\*\w+\*w|A\*inv": "* as the matrix product", r"vector\(|mean\(x,|var\(": "statistics by axis",
    r"\|": "bars",
}  # fmt: skip


def rows(name):
    file = CORPORA / f"{name}.jsonl"
    if not file.is_file():
        pytest.skip(f"{file} is not there")
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def from_one(text):
    """The corpus counts entries from 0."""
    return re.sub(r"\[(\d+)\]", lambda found: f"[{int(found[1]) + 1}]", text)


def outside(text):
    return next((reason for pattern, reason in OUTSIDE.items() if re.search(pattern, text)), None)


def test_nets():
    seen, wrong = Counter(), []
    for row in rows("nets"):
        reason = outside(row["expr"])
        if reason:
            seen[f"outside: {reason}"] += 1
            continue
        try:
            report = gradcli.grad(from_one(row["expr"]), row["inputs"], wrt=row["wrt"])
        except GradError as error:
            seen[f"rejected: {error.kind}"] += 1
            continue
        kinked = any(p.status == "kink" for p in report.partials.values())  # any subgradient is right at a kink
        right = np.allclose(report.value, row["value"], rtol=1e-9) and (
            kinked or all(np.allclose(report.partials[n].value, row["grad"][n], rtol=1e-7, atol=1e-12) for n in row["wrt"])
        )
        seen["right" if right else "wrong"] += 1
        wrong += [] if right else [row["id"]]
    print(dict(seen))
    assert not wrong
    assert seen["right"] >= 30


def test_rules():
    seen, wrong = Counter(), []
    for row in rows("rules"):
        if row["special"] or row["portable_fn"] is None:
            seen["outside: special functions"] += 1
            continue
        at = [dict(zip(row["vars"], point["at"])) for point in row["check_points"]]
        try:
            reports = [gradcli.grad(row["portable_fn"], point, wrt=row["wrt"]) for point in at]
        except GradError as error:
            seen[f"rejected: {error.kind}"] += 1
            continue
        for report, point in zip(reports, row["check_points"]):
            got, want = report.partials[row["wrt"]].value, float(point["df"])
            if not np.isclose(got, want, rtol=1e-6, atol=1e-9):
                wrong.append((row["id"], point, got))
                break
        else:
            seen["right"] += 1
    seen["wrong"] = len(wrong)
    print(dict(seen))
    assert not wrong
    assert seen["right"] >= 100
