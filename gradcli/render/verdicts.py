"""Verdicts → JSON (schema gradcli/check/1), and lines for scripts; ``reveal`` decides how much a student sees."""

from __future__ import annotations

from typing import Any

from gradcli.errors import commands_as, escaped, harmless
from gradcli.judge.verdict import Diagnosis, Verdict
from gradcli.operands import Task
from gradcli.wording import joined, said

SCHEMA = "gradcli/check/1"
_TELLING = ("no subgradient", "undefined", "kink", "vertical", "jump")  # errors whose rule says what the truth is like
_LEVELS = {"verdict": 0, "where": 1, "hint": 2, "all": 3}


def shown(verdict: Verdict, reveal: str) -> dict[str, Any]:
    """Return what may be seen of a verdict: the verdict; where it is wrong; what kind of error; or everything."""
    level, invalid = _LEVELS[reveal], verdict.verdict == "invalid"
    return {
        "target": verdict.target,
        "given": verdict.given,
        "expected": (verdict.expected or None) if level >= 3 else None,
        "verdict": verdict.verdict,
        "error": (verdict.error or None) if level >= 2 or invalid else None,
        "where": (verdict.where or None) if level >= 1 else None,
        "hint": (verdict.hint or None) if level >= 2 or invalid else None,
        "rule": (verdict.rule or None) if level >= 3 or verdict.error not in _TELLING else None,
        "witness": verdict.witness if level >= 3 else None,
        "method": verdict.method or None,
        "notes": verdict.notes if level >= 3 or invalid else [],
        "diagnosis": _diagnosis(verdict.diagnosis, level),
    }


def _diagnosis(found: Diagnosis | None, level: int) -> dict[str, str | None] | None:
    """Return what may be seen of a diagnosis: the step to look at; or which slip was made there, too."""
    if found is None or level < 1:
        return None
    return {"step": found.step or None, "kind": found.kind if level >= 2 else None, "says": found.says if level >= 2 else None}


def document(judged: list[tuple[Task, Verdict]], overall: str, reveal: str) -> str:
    """Return the verdicts as one JSON document."""
    from gradcli.render.json import written

    answers = [
        {**({"question": task.question} if task.question else {}), **({"at": task.where} if task.where else {}), **shown(verdict, reveal)}
        for task, verdict in judged
    ]  # fmt: skip
    text = escaped(written({"schema": SCHEMA, "verdict": overall, "answers": answers}))
    return commands_as(text, "\\u003a", "\\u005b") + "\n"


def lines(judged: list[tuple[Task, Verdict]], reveal: str) -> str:
    """Return ``target<TAB>verdict<TAB>what is wrong``, one answer a line."""
    out = []
    for task, verdict in judged:
        seen = shown(verdict, reveal)
        cells = [*([task.question] if task.question else []), seen["target"], seen["verdict"], remark(seen)]
        out.append("\t".join(harmless(str(cell)) for cell in cells).rstrip("\t") + "\n")
    return "".join(out)


def remark(seen: dict[str, Any]) -> str:
    """Return in one line what may be said of an answer."""
    verdict, slipped = seen["verdict"], slip(seen["diagnosis"])
    if verdict == "invalid":
        return joined("", [seen["error"]])
    if verdict == "correct":
        return joined("", [seen["rule"] or ""])
    parts, truth = [seen["where"], slipped or seen["hint"] or seen["error"]], ""
    if verdict == "undecided":
        parts.append(seen["method"])
    elif seen["witness"]:
        witness = seen["witness"]
        at = joined(", ", [said("{0} = {1}", name, value) for name, value in witness["at"].items()])
        truth = said("at {0} it is {1}, not {2}", at, witness["given"], witness["expected"])
    elif seen["expected"]:
        truth = said("it is {0}", seen["expected"])
    line = joined(": ", [part for part in parts if part])
    return joined("; " if slipped else ": ", [part for part in (line, truth) if part])  # a slip is told in a sentence


def slip(diagnosis: dict[str, str | None] | None) -> str:
    """Return the slip that was made, or else at which step; nothing if neither may be said."""
    if diagnosis is None:
        return ""
    return diagnosis["says"] or (said("look at {0}", diagnosis["step"]) if diagnosis["step"] else "")
