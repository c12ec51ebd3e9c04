"""Report → a script for SymPy: exact numbers, formulas differentiated as formulas."""

from __future__ import annotations

from collections.abc import Sequence

from gradcli.render.forms import Look, Part
from gradcli.render.script.circuit import Circuit, left_out
from gradcli.report import Forward, Partial

_LONG = 300  # characters of an expression beyond which SymPy goes from gate to gate, as formulas in formulas would grow
_MOST = 30  # gates that are put into one another
_NUMBER = '''\
def exact(number):
    """Return a number as the decimal it was meant to be."""
    return sympy.Rational(repr(number))


def number(formula):
    """Return the value of a formula in which no symbol is left, from 30 digits of it."""
    value = complex(sympy.N(formula, 30))
    assert abs(value.imag) <= 1e-20 * abs(value), f"{value} is not real"
    return value.real
'''
_SAME = '''\
def same(name, theirs, ours):
    """Assert that two formulas are equal: multiplied out, or else at several points."""
    global agreed
    theirs, ours = sympy.sympify(theirs), sympy.sympify(ours)
    difference = theirs - ours
    if sympy.expand(difference) == 0:
        agreed += 1
        return
    symbols = sorted(theirs.free_symbols | ours.free_symbols, key=str)
    for n in range(1, 6):
        point = {s: sympy.Rational((-1) ** (n * k) * (3 * k + 2 * n), 7 * n + k) for k, s in enumerate(symbols, 1)}
        a, b = (complex(sympy.N(side.subs(point), 30)) for side in (theirs, ours))
        assert not abs(a - b) > 1e-12 * max(abs(a), abs(b)), f"{name}: {a} here, {b} by gradcli, at {point}"
    agreed += 1
'''
_FORWARD = '''\
# from gate to gate: each differentiated by SymPy, values and rates of change carried forward in 40 digits
values, rates = dict(point), {{wanted: {{wanted: sympy.Integer(1)}} for wanted in ({wanted})}}
for gate, formula in gates:
    inputs = {{below: values[below] for below in formula.free_symbols}}
    values[gate] = formula.subs(inputs)
    values[gate] = sympy.N(values[gate], 40) if isinstance(values[gate], sympy.Expr) else values[gate]  # else a condition
    for rate in rates.values():
        total = [sympy.diff(formula, below).subs(inputs) * rate[below] for below in inputs if below in rate]
        rate[gate] = rate.get(gate, 0) + sympy.N(sympy.Add(*total), 40)
'''


def render(parts: Sequence[Part], look: Look) -> str:
    """Return the script."""
    circuit = Circuit(parts, "sympy", "sympy")
    report = circuit.report
    arrays = any(row.shape for row in report.forward)
    long = not 0 < len(report.expression) <= _LONG or len(circuit.gates) > _MOST
    body = [*_NUMBER.splitlines(), "", ""] if report.value is not None else []
    body += _gate_by_gate(circuit) if long and not arrays and report.value is not None else _at_once(circuit)
    return circuit.written("The same gradient with SymPy.", ["import math", "", "import sympy"], body)


def _at_once(circuit: Circuit) -> list[str]:
    """Return the body: the gates put into one another, and the output differentiated."""
    report, output = circuit.report, circuit.output
    formulas = [partial for partial in circuit.partials if _has_formula(circuit, partial)]
    body = [*_SAME.splitlines(), "", ""] if formulas else []
    body += ["# the inputs", *_symbols(circuit)]
    body += ["", "# the forward pass", *circuit.statements(nudged=True)]
    above = output
    if report.seed is not None:
        above = "pulled"
        body.append(f"pulled = sympy.Add(*(exact(weight) * above for weight, above in zip(flat({report.seed!r}), entries({output}))))")
    body += ["", "# the partials"] if circuit.partials else []
    for partial in circuit.partials:
        name, below = circuit.slope(partial.name), circuit.nudges.get(partial.name) or circuit.name(partial.name)
        entries = f"[sympy.diff(above, below) for above in entries({above}) for below in entries({below})]"
        body.append(f"{name} = {entries if _several(circuit, partial) else f'sympy.diff({above}, {below})'}")
    if formulas:
        body += ["", "# the formulas of gradcli"]
        for partial in formulas:
            ours = circuit.name.filled(partial.pretty.written("sympy"))
            body.append(f'same("{circuit.slope(partial.name)}", {circuit.slope(partial.name)}, {ours})')
    if report.value is not None:
        body += ["", "# at the point", *_point(circuit)]
        compared = [(circuit.slope(partial.name), _several(circuit, partial)) for partial in circuit.partials if not left_out(partial)]
        for name, several in [(output, report.shape != ()), *compared]:
            one = f"number(sympy.sympify({'above' if several else name}).subs(point))"
            body.append(f"{name} = [{one} for above in entries({name})]" if several else f"{name} = {one}")
        body += ["", "# the numbers of gradcli", *circuit.checks()]
    return body


def _gate_by_gate(circuit: Circuit) -> list[str]:
    """Return the body for a long expression of numbers: a symbol for each gate."""
    gates = [circuit.name(row.name) for row in circuit.gates]
    statements = [line.split(" = ", 1) for line in circuit.statements()]
    wanted = [circuit.name(partial.name) for partial in circuit.partials]
    body = ["# the inputs", *_symbols(circuit), "", "# the point", *_point(circuit), "", "# the gates"]
    body += [f'{gate} = sympy.Symbol("{gate}", real=True)' for gate in gates]
    body += ["gates = [", *(f"    ({gate}, sympy.sympify({formula}))," for gate, formula in statements), "]", ""]
    body += _FORWARD.replace("{{", "{").replace("}}", "}").replace("{wanted}", ", ".join(wanted) + ",").splitlines()
    for partial, below in zip(circuit.partials, wanted):
        body.append(f"{circuit.slope(partial.name)} = number(rates[{below}][{circuit.output}])")
    body += [f"{circuit.output} = number(values[{circuit.output}])", "", "# the numbers of gradcli", *circuit.checks()]
    return body


def _several(circuit: Circuit, partial: Partial) -> bool:
    """Tell whether a partial has more than one entry."""
    return partial.shape != () or circuit.jacobian


def _has_formula(circuit: Circuit, partial: Partial) -> bool:
    """Tell whether a partial has a formula in the variables alone that is short enough to be compared."""
    return bool(partial.pretty) and not circuit.nudges and not partial.shape and not circuit.report.shape and len(partial.pretty) <= _LONG


def _symbols(circuit: Circuit) -> list[str]:
    out = []
    for name, row in (*circuit.inputs, *((nudge, _row(circuit, stage)) for stage, nudge in circuit.nudges.items())):
        if row.shape:
            rows, columns = (*row.shape, 1)[:2]
            place = "{i + 1}" if len(row.shape) == 1 else "{i + 1},{j + 1}"
            out.append(f'{name} = sympy.Matrix({rows}, {columns}, lambda i, j: sympy.Symbol(f"{name}[{place}]", real=True))')
        else:
            out.append(f'{name} = sympy.Symbol("{name}", real=True)')
    return out


def _point(circuit: Circuit) -> list[str]:
    plain = [(name, circuit.given(row)) for name, row in circuit.inputs if not row.shape]
    plain += [(nudge, 0.0) for stage, nudge in circuit.nudges.items() if not _row(circuit, stage).shape]
    out = [f"point = {{{', '.join(f'{name}: exact({value!r})' for name, value in plain)}}}"]
    out += [f"point.update(zip({name}, map(exact, flat({row.value!r}))))" for name, row in circuit.inputs if row.shape]
    out += [f"point.update((below, 0) for below in {nudge})" for stage, nudge in circuit.nudges.items() if _row(circuit, stage).shape]
    return out


def _row(circuit: Circuit, stage: str) -> Forward:
    return next(row for row in circuit.gates if row.name == stage)
