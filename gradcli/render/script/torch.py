"""Report → a script for PyTorch: the forward pass on tensors, autograd backwards."""

from __future__ import annotations

from collections.abc import Sequence

from gradcli.render.forms import Look, Part
from gradcli.render.script.circuit import Circuit


def render(parts: Sequence[Part], look: Look) -> str:
    """Return the script."""
    circuit = Circuit(parts, "torch", "torch")
    report, output = circuit.report, circuit.output
    body = ["# the inputs"]
    body += [f"{name} = torch.tensor({circuit.given(row)!r}, requires_grad=True)" for name, row in circuit.inputs]
    body += ["", "# the forward pass", *circuit.statements()]
    body += ["", "# the backward pass"] if circuit.partials else []
    targets = [circuit.name(partial.name) for partial in circuit.partials]
    if targets:
        reached = {step.of for step in report.backward}
        extra = ""
        if any(row.gate == "where" for row in circuit.gates) or not reached.issuperset(report.partials):
            extra = ", materialize_grads=True"
            first = circuit.inputs[0][0] if circuit.inputs else targets[0]
            body.append(f"{output} = {output} + 0 * {first}.sum()  # a tensor with a gradient, even where it depends on no input")
        among = f"({', '.join(targets)},)" if len(targets) == 1 else f"({', '.join(targets)})"
        if circuit.jacobian:
            entries = f"torch.eye({output}.numel()).reshape(-1, *{output}.shape)"
            body.append(f"rows = [torch.autograd.grad({output}, {among}, seed, retain_graph=True{extra}) for seed in {entries}]")
            body.append(f"{circuit.slopes()} = (torch.stack(row).reshape({output}.shape + row[0].shape) for row in zip(*rows))")
        else:
            seed = f", torch.tensor({report.seed!r})" if report.seed is not None else ""
            body.append(f"{circuit.slopes()} = torch.autograd.grad({output}, {among}{seed}{extra})")
    body += ["", "# the numbers of gradcli", *circuit.checks()]
    imports = ["import math", "", "import torch", "", "torch.set_default_dtype(torch.float64)"]
    return circuit.written("The same gradient with PyTorch.", imports, body)
