"""Report → JSON, schema gradcli/grad/1: a stable interface. Numbers round-trip; non-finite ones are strings."""

from __future__ import annotations

from math import isfinite, isnan

from gradcli.errors import escaped
from gradcli.light import Any, Sequence
from gradcli.nested import Far
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


# ---- plain data as JSON: what json.dumps writes, without the time that module takes to load -------------------

# JSON has no number for what is not finite, and UTF-8 no bytes for half a surrogate pair: both are spelt out.
_MARKS = {**{code: f"\\u{code:04x}" for code in range(32)}, **str.maketrans({
    '"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\f": "\\f", "\b": "\\b",
})}  # fmt: skip
_WORDS = {None: "null", True: "true", False: "false"}


def written(value: Any, line: str = "\n") -> str:
    """Return a document as JSON; ``line`` begins each of its further lines."""
    if isinstance(value, str):
        if value.isascii() and value.isprintable() and '"' not in value and "\\" not in value:  # most have nothing to spell out
            return f'"{value}"'
        return '"' + value.encode("utf-8", "backslashreplace").decode("utf-8").translate(_MARKS) + '"'
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, float):
        return float.__repr__(value) if isfinite(value) else written(_spelt(value))
    deeper = line + "  "
    if isinstance(value, dict):
        items = [f"{written(name)}: {written(item, deeper)}" for name, item in value.items()]
        return "{" + deeper + f",{deeper}".join(items) + line + "}" if items else "{}"
    items = [written(item, deeper) for item in value]
    return "[" + deeper + f",{deeper}".join(items) + line + "]" if items else "[]"


def _spelt(value: float) -> str:
    if isinstance(value, Far):
        return value.decimal
    return "nan" if isnan(value) else "inf" if value > 0 else "-inf"
