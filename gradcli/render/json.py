"""Report → JSON, schema gradcli/grad/1: a stable interface. Numbers round-trip; non-finite ones are strings."""

from __future__ import annotations

from gradcli.errors import escaped
from gradcli.light import Any, Sequence
from gradcli.render.document import written
from gradcli.render.forms import Look, Part
from gradcli.report import Forward, Partial, Report, Second, Step

SCHEMA, SHEET = "gradcli/grad/1", "gradcli/sheet/1"


def render(parts: Sequence[Part], look: Look) -> str:
    """Return the report as one JSON document; those of a worksheet with their questions and points."""
    if len(parts) == 1:
        return _text(_document(parts[0].report))
    reports = [{"question": part.question or None, "points": part.points, **_document(part.report)} for part in parts]
    return _text({"schema": SHEET, "reports": reports})


def _text(document: dict[str, Any]) -> str:
    return escaped(written(document)) + "\n"


def _document(report: Report) -> dict[str, Any]:
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "expression": report.expression,
        "source": report.source,
        "output": report.output,
        "shape": list(report.shape),
        "gates": report.gates,
        "bindings": report.bindings,
        "seed": report.seed,
        "value": report.value,
        "partials": {name: _partial(p) for name, p in report.partials.items()},
        "forward": [_forward(row) for row in report.forward],
        "backward": [_step(step) for step in report.backward],
        "notes": report.notes,
    }
    if report.certificate:
        found = report.certificate
        document["certificate"] = {"digits": found.digits, "method": found.method, "value": found.value, "partials": found.partials}
    if report.opinions:
        document["verification"] = {name: [_second(second) for second in found] for name, found in report.opinions.items()}
    if report.hessian:
        document["hessian"] = {a: {b: _partial(p) for b, p in row.items()} for a, row in report.hessian.items()}
    if report.orders:
        document["orders"] = [_partial(p) for p in report.orders]
    return document


def _partial(partial: Partial) -> dict[str, Any]:
    return {
        "value": partial.value, "formula": partial.formula or None, "index_form": partial.index_form or None,
        "shape": list(partial.shape), "status": partial.status,
        "entries": None if partial.entries is None or set(partial.entries) == {"smooth"} else partial.entries,
        "left": partial.left, "right": partial.right,
        "cause": partial.cause or None, "certified": partial.certified,
    }  # fmt: skip


def _second(second: Second) -> dict[str, Any]:
    return {"place": second.place, "agrees": second.agrees, "method": second.method, "value": second.value, "why": second.why}


def _forward(row: Forward) -> dict[str, Any]:
    return {
        "name": row.name, "kind": row.kind, "gate": row.gate or None, "formula": row.formula or None, "value": row.value,
        "shape": list(row.shape),
    }  # fmt: skip


def _step(step: Step) -> dict[str, Any]:
    return {
        "kind": step.kind, "of": step.of, "through": step.through or None, "gate": step.gate or None,
        "local_formula": step.local_formula or None, "local": step.local,
        "upstream": step.upstream, "contribution": step.contribution,
        "upstream_formula": step.upstream_formula or None, "contribution_formula": step.contribution_formula or None,
        "count": step.count or None,
    }  # fmt: skip
