"""Report → the steps of the backward pass as CSV (RFC 4180), arrays as nested lists."""

from __future__ import annotations

from gradcli.light import Sequence
from gradcli.nested import Nested
from gradcli.render.forms import Look, Part
from gradcli.render.lines import number

HEADER = ("kind", "of", "through", "gate", "local_formula", "local", "upstream", "contribution")


def render(parts: Sequence[Part], look: Look) -> str:
    """Return one row per step; without a point the upstream gradient and the contribution are formulas."""
    [part] = parts
    rows = [HEADER]
    for step in part.report.backward:
        upstream, contribution = _cell(step.upstream) or step.upstream_formula, _cell(step.contribution)
        rows.append(
            (step.kind, step.of, step.through, step.gate, step.local_formula, _cell(step.local), upstream,
             contribution or step.contribution_formula)
        )  # fmt: skip
    return "".join(",".join(map(_quoted, row)) + "\n" for row in rows)


def _quoted(cell: str) -> str:
    return cell if not any(sign in cell for sign in ',"\r\n') else '"' + cell.replace('"', '""') + '"'


def _cell(value: Nested) -> str:
    return "" if value is None else number(value)
