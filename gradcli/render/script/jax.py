"""Report → a script for JAX: the forward pass as a function, differentiated by jax.grad."""

from __future__ import annotations

from collections.abc import Sequence

from gradcli.render.forms import Look, Part
from gradcli.render.script.circuit import Circuit


def render(parts: Sequence[Part], look: Look) -> str:
    """Return the script."""
    circuit = Circuit(parts, "jax", "jax")
    report, output = circuit.report, circuit.output
    arguments = [name for name, _ in circuit.inputs] + list(circuit.nudges.values())
    body = [f"def circuit({', '.join(arguments)}):"]
    body += [f"    {line}" for line in circuit.statements(nudged=True)]
    result = output if circuit.gates[-1].gate else f"1.0 * {output}"  # JAX differentiates no integer
    body += [f"    return {result}", "", "", "# the inputs"]
    body += [f"{name} = jnp.array({circuit.given(row)!r})" for name, row in circuit.inputs]
    moved = circuit.nudges.items()
    body += [f"{nudge} = jnp.zeros({_shape(circuit, stage)})  # what {circuit.name(stage)} is moved by" for stage, nudge in moved]
    at = f"({', '.join(arguments)})"
    body += ["", "# the forward pass", f"{output} = circuit{at}"]
    if circuit.partials:
        wanted = [circuit.nudges.get(p.name) or circuit.name(p.name) for p in circuit.partials]
        places = tuple(arguments.index(name) for name in wanted)
        body += ["", "# the backward pass"]
        if report.seed is not None:
            pulled = [f"pulled[{place}]" for place in places]
            body += [f"_, pull = jax.vjp(circuit, {', '.join(arguments)})", f"pulled = pull(jnp.array({report.seed!r}))"]
            body += [f"{circuit.slopes()} = {', '.join(pulled)}" + ("," if len(pulled) == 1 else "")]
        else:
            rule = "jacrev" if circuit.jacobian else "grad"
            body += [f"{circuit.slopes()} = jax.{rule}(circuit, argnums={places!r}){at}"]
    body += ["", "# the numbers of gradcli", *circuit.checks()]
    imports = ["import math", "", "import jax", "import jax.numpy as jnp", "", 'jax.config.update("jax_enable_x64", True)']
    return circuit.written("The same gradient with JAX.", imports, body)


def _shape(circuit: Circuit, stage: str) -> tuple[int, ...]:
    return next(row.shape for row in circuit.gates if row.name == stage)
