"""Report → a script for NumPy, which differentiates nothing: the reverse sweep line by line, and differences beside it."""

from __future__ import annotations

from collections.abc import Sequence

from gradcli.notation.code import tight
from gradcli.render.forms import Look, Part
from gradcli.render.script.circuit import Circuit, left_out
from gradcli.report import Step

_OPINION = '''\
def opinion(name, function, at, gradient):
    """Assert that one of several central differences, all entries moving at once, is what the gradient says.

    Where the differences themselves do not settle they have no opinion.
    """
    along = np.cos(np.arange(np.size(at))).reshape(np.shape(at))
    ours = np.sum(gradient * along, axis=tuple(range(-np.ndim(at), 0)))
    widths = (np.max(np.abs(at)) or 1.0) * 10.0 ** -np.arange(2, 9)
    found = [(function(at + h * along) - function(at - h * along)) / (2 * h) for h in widths]
    noise = 1e-14 * np.max(np.abs(function(at)))
    near = [lambda a, b, h=h: np.all(np.abs(a - b) <= 1e-5 * np.max(np.abs(b)) + noise / h) for h in widths]
    settled = any(test(a, b) for test, a, b in zip(near, found, found[1:]))
    assert not settled or any(test(a, ours) for test, a in zip(near, found)), f"{name}: {ours} here, by differences {found}"
'''


def render(parts: Sequence[Part], look: Look) -> str:
    """Return the script."""
    circuit = Circuit(parts, "numpy", "numpy")
    name = circuit.name
    arguments = [given for given, _ in circuit.inputs] + list(circuit.nudges.values())
    results = [name(row.name) for row in circuit.gates]
    sweep = _sweep(circuit)
    compared = [partial for partial in circuit.partials if not left_out(partial)]
    body = [*(_OPINION.splitlines() if compared else []), "", ""] if compared else []
    body += [f"def forward({', '.join(f'{a}=0.0' if a in circuit.nudges.values() else a for a in arguments)}):"]
    body += [f"    {line}" for line in circuit.statements(nudged=True)]
    body += [f"    return {', '.join(results)}" + ("," if len(results) == 1 else ""), "", "", "# the inputs"]
    body += [f"{given} = {_array(circuit.given(row))}" for given, row in circuit.inputs]
    at = ", ".join(given for given, _ in circuit.inputs)
    body += ["", "# the forward pass", f"{', '.join(results)}{',' if len(results) == 1 else ''} = forward({at})"]
    if circuit.partials:
        body += ["", "# the backward pass: local gradient × upstream gradient, summed at forks", *sweep]
    body += ["", "# the numbers of gradcli", *circuit.checks()]
    if compared:
        weight = f"np.sum({_array(circuit.report.seed)} * " if circuit.report.seed is not None else ""
        body += ["", "# a second opinion, from values alone"]
        for partial in compared:
            moved = circuit.nudges.get(partial.name) or name(partial.name)
            called = at if partial.name not in circuit.nudges else ", ".join(part for part in (at, f"{moved}={moved}") if part)
            value = f"{weight}forward({called})[-1]{')' if weight else ''}"
            start = moved if partial.name not in circuit.nudges else f"np.zeros_like({name(partial.name)})"
            body.append(f'opinion("{circuit.slope(partial.name)}", lambda {moved}: {value}, {start}, {circuit.slope(partial.name)})')
    imports = ["import math", "", "import numpy as np", "", 'np.seterr(all="ignore")']
    return circuit.written("The same gradient with NumPy, the reverse sweep written out.", imports, body)


def _array(value: object) -> str:
    return f"np.array({value!r})" if isinstance(value, list) else f"np.float64({value!r})"


def _sweep(circuit: Circuit) -> list[str]:
    """Return the reverse sweep: once, or for an array once for each of its entries."""
    report, output = circuit.report, circuit.output
    top = circuit.slope(report.output)
    if not circuit.jacobian:
        return [f"{top} = {_array(1.0 if report.seed is None else report.seed)}", *_contributions(circuit)]
    shape, slopes = ", ".join(map(str, report.shape)), [circuit.slope(p.name) for p in circuit.partials]
    inner = [f"    {line}" for line in _contributions(circuit)]
    return [
        "rows = []", f"for {top} in np.eye({output}.size).reshape(-1, {shape}):", *inner,
        f"    rows.append(({', '.join(slopes)}{',' if len(slopes) == 1 else ''}))",
        f"{circuit.slopes()} = (np.stack(row).reshape({output}.shape + np.shape(row[0])) for row in zip(*rows))",
    ]  # fmt: skip


def _contributions(circuit: Circuit) -> list[str]:
    report = circuit.report
    known = {report.output}
    out = []
    if not report.forward[-1].gate:  # the output is a variable: what reaches one reaches the other
        for name in set(report.forward[-1].inputs) & set(report.partials):
            known.add(name)
            out.append(f"{circuit.slope(name)} = {circuit.slope(report.output)}")
    for step in report.backward:
        if step.kind != "edge":
            continue
        slope, code = circuit.slope(step.of), _product(circuit, step)
        out.append(f"{slope} = {f'{slope} + ' if step.of in known else ''}{code}")
        known.add(step.of)
    out += [f"{circuit.slope(p.name)} = np.zeros_like({circuit.name(p.name)})" for p in circuit.partials if p.name not in known]
    return out


def _product(circuit: Circuit, step: Step) -> str:
    """Return one contribution as code."""
    upstream = circuit.slope(step.through)
    if step.pullback:
        code = circuit.name.filled(step.pullback.written("numpy"))
    else:
        local = circuit.name.filled(step.local_pretty.written("numpy"))
        branching = any(row.gate == "where" for row in circuit.gates)
        product = f"flow({upstream}, {local})" if branching else f"{tight(local)} * {upstream}"
        code = {"1": upstream, "-1": f"-{upstream}"}.get(local, product)
    return f"np.sum({code})" if step.summed else code
