"""What is wrong with keys → JSON, schema ``gradcli/selftest/1``.

::

    schema   "gradcli/selftest/1"
    warnings how many findings are faults
    keys     [{key, warnings, parts, slips, answers: how much was tried,
               findings [{kind, warning, question, at, target, answer, says, option, slips [{kind, step, says}]}],
               advice   [{question, at, line}]: a better point, as a line to paste; null where none was found}]

``kind`` is "unlucky" (a slip gives the right number), "passes" (a wrong answer would be judged right), "fails" (a right rounding
would be judged wrong), "alike" (slips that give one number, so that none of them can be named), "beside-a-kink", or the status of
a partial that is not smooth: "kink", "vertical", "jump", "undefined", "overflow", "underflow", "undecided". ``option`` is what
would make a difference; it and ``answer`` are null where there is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradcli.classroom.lint.selftest import Finding, SelfTest
from gradcli.render.grades.logs import document as written

SCHEMA = "gradcli/selftest/1"


def document(tests: Sequence[SelfTest]) -> str:
    """Return what was found as one JSON document."""
    return written({"schema": SCHEMA, "warnings": sum(test.warnings for test in tests), "keys": [_key(test) for test in tests]})


def _key(test: SelfTest) -> dict[str, Any]:
    return {
        "key": test.key,
        "warnings": test.warnings,
        "parts": test.parts,
        "slips": test.slips,
        "answers": test.answers,
        "findings": [_finding(finding) for finding in test.findings],
        "advice": [{"question": one.question, "at": one.where or None, "line": one.line or None} for one in test.advice],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "warning": finding.warns,
        "question": finding.question,
        "at": finding.where or None,
        "target": finding.target,
        "answer": finding.answer or None,
        "says": finding.says,
        "option": finding.option or None,
        "slips": [{"kind": slip.kind, "step": slip.step, "says": slip.says} for slip in finding.slips],
    }
