"""Plants wrong formulas into the table and into the sweep, one at a time, and counts those that the tests find out.

    python tests/benchmarks/planted.py [--count N]

For every rule and every value of every row: a relative error of 1e-6 and 1e-3, a factor 2, the sign, an error for |x| > 2.5 only, for x < 0
only, at the kink only, swapped partials, and each operator inside the formula dropped (its first or second argument in its place). In the
sweep: the sum at a fork, the sum over what was repeated, the upstream gradient, the seed. The checks are those of tests/test_rules.py,
then the values and the hand-written edges of the row.
"""

import argparse
import collections
import gc
import inspect
import sys
import time
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import test_rules
from mpmath import mp

import gradcli
from gradcli import backward
from gradcli.arithmetic import Ready
from gradcli.errors import GradError
from gradcli.expr import NUMBER, substitute, tape
from gradcli.notation.text import PLAIN, text
from gradcli.ops import TABLE, UNWRITTEN
from gradcli.rules import formula

# Wrong formulas that are right: form, what was done to it, why.
_EQUAL = "equal, only less accurate in floats"
EQUIVALENT = {
    ("x ^ y", "argument 1, dropped: unless(abs(y) == 0, 0, y*x^(y - 1))"): "it is 0 wherever y is",
    ("x ^ y", "argument 2, dropped: unless(where(y, x, 1) == 0, 0, out*ln(x))"): "0^y has no value for y < 0",
    ("norm(x)", "argument 1, wrong at ties"): "a quarter more of 0",
    ("centred(x, y)", "argument 2, dropped: sum(g*x) - x*sum(g)"): "the number is repeated all the same",
    ("sech(x)", "value, dropped: 2*exp(-x)/(1 + exp(-2*x))"): _EQUAL,
    ("csch(x)", "value, dropped: where(x < 1, 1/sinh(x), -2*sign(x)*exp(-x)/expm1(-2*x))"): _EQUAL,
    ("csch(x)", "value, dropped: where(abs(x), 1/sinh(x), -2*sign(x)*exp(-abs(x))/expm1(-2*abs(x)))"): _EQUAL,
    ("csch(x)", "value, dropped: where(1, 1/sinh(x), -2*sign(x)*exp(-abs(x))/expm1(-2*abs(x)))"): _EQUAL,
    ("csch(x)", "value, dropped: 1/sinh(x)"): _EQUAL,
    ("csch(x)", "value, dropped: -2*sign(x)*exp(-abs(x))/expm1(-2*abs(x))"): _EQUAL,
}  # fmt: skip


def reached(row, first: str, region: str) -> bool:
    """Tell whether a row has a value for |x| > 2.5, or for x < 0: an error where there is none is none."""
    if first == "c":
        return False
    position = row.formals.index(first)
    with mp.workdps(130):
        return any(
            (args[position] < 0 if region == "negative" else abs(args[position]) > 2.5)
            and test_rules.truth(row, [test_rules.exactly(a) for a in args]) is not None
            for args in test_rules.points(row)
        )


def dropped(wanted: str, formals: tuple[str, ...]) -> list[str]:
    """Return the formula with each operator replaced by one of its arguments."""
    root, out = formula(wanted, formals).root, []
    for node in tape(root):
        if node.op == NUMBER or not node.args or node.op in ("unless", "place", "place_slice", "[:]", "[]", "ones", "size", "eye"):
            continue
        for arg in node.args[:2] if node.op != "where" else node.args[1:]:
            try:
                out.append(text(substitute(root, {node: arg}), PLAIN))
            except GradError:
                continue
    return [o for o in dict.fromkeys(out) if o]


def wrongs(row, wanted: str, first: str, *, structural: bool) -> dict[str, str]:
    """Return wrong formulas by what is wrong with them."""
    out = {f"dropped: {d}": d for d in dropped(wanted, row.formals)}
    if wanted.strip("-").replace(".", "").isdigit():
        out["off by 1e-6"] = f"{wanted} + 0.000001" + (" * ones(x)" if structural else "")
    else:
        out["relative error 1e-6"] = f"1.000001 * ({wanted})"
    if wanted != "0":
        out |= {"relative error 1e-3": f"1.001 * ({wanted})", "factor 2": f"2 * ({wanted})", "sign": f"-({wanted})"}
    if not structural:
        if reached(row, first, "far"):
            out[f"wrong for |{first}| > 2.5"] = f"({wanted}) + where(abs({first}) > 2.5, 0.001, 0)"
        if reached(row, first, "negative"):
            out[f"wrong for {first} < 0"] = f"({wanted}) + where({first} < 0, 0.001, 0)"
    elif "any" in str(row.shape):
        out["wrong for far entries"] = f"where(max(abs({first})) > 2.5, 1.001, 1) * ({wanted})"
    if row.kink or row.jump:
        tie = row.kink or row.jump
        out["wrong at ties"] = f"({wanted}) + where({tie}, 0.25, 0)" if not structural else f"where({tie}, 1.25, 1) * ({wanted})"
    return out


def mutants():
    """Yield (row, attribute, wrong formulas of all positions, what is wrong)."""
    for row in TABLE:
        name = "pullbacks" if row.shape else "partials"
        rules = getattr(row, name)
        for position, wanted in enumerate(rules):
            if wanted in (None, UNWRITTEN, "outside(1)", "outside(c)"):
                continue
            first = row.formals[min(position, len(row.formals) - 1)]
            for what, wrong in wrongs(row, wanted, first, structural=bool(row.shape)).items():
                yield row, name, (*rules[:position], wrong, *rules[position + 1 :]), f"argument {position + 1}, {what}"
        if len(rules) == 2 and len({*rules, None, "outside(1)"}) == 4:
            yield row, name, rules[::-1], "swapped"
        for field in ("kink", "jump"):
            if getattr(row, field):
                yield row, field, None, f"{field} forgotten"
        if row.value:
            for what, wrong in wrongs(row, row.value, row.formals[0], structural=bool(row.shape)).items():
                if what != "wrong at ties":
                    yield row, "value", wrong, f"value, {what}"


@contextmanager
def planted(row, name, wrong):
    """Put a wrong formula into the table for a while."""
    right = getattr(row, name)
    setattr(row, name, wrong)
    forget()
    try:
        yield
    finally:
        setattr(row, name, right)
        forget()


def forget() -> None:
    """Have no arithmetic keep a rule that it has made ready: the table has changed under it."""
    for kept in [thing for thing in gc.get_objects() if isinstance(thing, Ready)]:
        del vars(kept.arithmetic)["ready"]


def killer(row) -> str:
    """Return the check that a wrong row fails, or nothing."""
    checks = [("rules", lambda: test_rules.check_structural(row) if row.shape else test_rules.check_elementwise(row))]
    if not row.shape:
        checks.append(("kinks", lambda: test_rules.check_kinks(row) if row.form not in test_rules.INNER and row.name != "where" else None))
        if row.form in test_rules.INNER:
            checks.append(("unless", test_rules.check_unless))
    checks += [("operators", lambda: _operators(row)), ("edges", lambda: _edges(row))]
    for name, check in checks:
        try:
            check()
        except Exception:
            return name
    return ""


def _operators(row) -> None:
    import test_operators

    if not row.shape:
        test_operators.test_value_and_partials(row)
    else:
        import test_layers

        if row in test_layers.STRUCTURAL:
            test_layers.test_pullback_by_differences(row)


def _edges(row) -> None:
    import test_edges

    word = row.form.split("(")[0] if "(" in row.form else row.name
    for case in test_edges.ROWS:
        if word in case.expression:
            test_edges.test_gradcli(case)


SWEEP = [
    ("add(adjoint[arg], contribution) if arg in adjoint else contribution", "contribution", "no sum at a fork"),
    ("add(adjoint[arg], contribution)", 'arithmetic.apply("-", (adjoint[arg], contribution))', "difference at a fork"),
    ("add(adjoint[arg], contribution) if arg in adjoint", "adjoint[arg] if arg in adjoint", "first path only"),
    ("if summed:", "if False:", "no sum over what was repeated"),
    ("scale(upstream, local, inside[-1])", "local", "upstream forgotten"),
    ("scale(upstream, local, inside[-1])", "scale(local, local, inside[-1])", "local squared"),
    ("adjoint[order[-1]] = seed", "adjoint[order[-1]] = arithmetic.number(1, 0)", "seed forgotten"),
    ("(*args, node)", "(*args, node.args[0])", "argument for out"),
    ("arithmetic.number(position + 1, 0)", "arithmetic.number(1, 0)", "first entry for every entry"),
    ("adjoint, live = sweep.adjoint, reaching(targets, order)", "adjoint, live = sweep.adjoint, set(order[-2:]) | set(targets)", "only short paths"),
]  # fmt: skip
FORKS = [
    ("x*x + exp(x)*x", {"x": 0.0}, {"x": 1.0}), ("y = x^2; y*y + x", {"x": 3.0}, {"x": 109.0}),
    ("sum(c*x + c)", {"c": 2.0, "x": [1.0, 2.0, 4.0]}, {"c": 10.0, "x": [2, 2, 2]}), ("exp(sin(2*x))", {"x": 0.0}, {"x": 2.0}),
    ("sum([x, 2*x, y])*x", {"x": 2.0, "y": 1.0}, {"x": 13.0, "y": 2.0}), ("x/(y/x)", {"x": 3.0, "y": 2.0}, {"x": 3.0, "y": -2.25}),
    ("dot([x, y], w)", {"x": 1.0, "y": 1.0, "w": [2.0, 3.0]}, {"x": 2.0, "y": 3.0}),
    ("sum(W@x*y)", {"W": [[1.0, 2.0]], "x": [3.0, 4.0], "y": [5.0]}, {"W": [[15, 20]], "x": [5, 10], "y": [11]}),
]  # fmt: skip


def sweep_killer(old: str, new: str) -> str:
    """Return what finds a wrong sweep out, or nothing."""
    source = inspect.getsource(backward)
    assert old in source, old
    module = dict(vars(backward))
    body = source[source.index("def backward(") : source.index("def _repeated(")].replace(old, new)
    exec(compile("from __future__ import annotations\n" + body, "backward", "exec"), module)
    places = [m for n, m in list(sys.modules.items()) if n.startswith("gradcli") and getattr(m, "backward", None) is backward.backward]
    right = backward.backward
    for place in places:
        place.backward = module["backward"]
    forget()
    try:
        for expression, at, wanted in FORKS:
            partials = gradcli.grad(expression, at).partials
            if any(partials[name].value != value for name, value in wanted.items()):
                return expression
        seeded = gradcli.grad("x*y", {"x": 2, "y": 3}, seed=2.0).partials["x"].value
        return "" if seeded == 6.0 else "seed"
    except Exception:
        return "an error"
    finally:
        for place in places:
            place.backward = right
        forget()


def main(count: int) -> int:
    start, killed, survived, same = time.perf_counter(), collections.Counter(), [], 0
    accused = [row.form for row in TABLE if row.formals and killer(row)] + [f for f in [sweep_killer("if summed:", "if summed:")] if f]
    if accused:  # a check that fails on what is right finds nothing out
        print(f"CONTROL FAILED: {accused}")
        return 2
    every = list(mutants())
    chosen = every if not count else every[:: max(1, len(every) // count)]
    for row, name, wrong, what in chosen:
        if (row.form, what) in EQUIVALENT:
            same += 1
            continue
        with planted(row, name, wrong):
            found = killer(row)
        if found:
            killed[found] += 1
            if found in ("operators", "edges"):
                print(f"by {found} alone: {row.form} {what}", flush=True)
        else:
            survived.append((row, what))
            print(f"SURVIVED {row.form} {row.shape or ''}: {what}", flush=True)
        if sys.stderr.isatty():
            print(f"\r{sum(killed.values())}/{len(chosen)}", end="", file=sys.stderr)
    for old, new, what in SWEEP:
        found = sweep_killer(old, new)
        killed["sweep"] += bool(found)
        if not found:
            survived.append(("backward", what))
            print(f"SURVIVED in the sweep: {what}", flush=True)
    total = sum(killed.values()) + len(survived)
    print(f"{total} planted, {sum(killed.values())} killed ({', '.join(f'{n} by {k}' for k, n in killed.most_common())}), "
          f"{len(survived)} survived, {same} equivalent ones left out; {time.perf_counter() - start:.0f} s")  # fmt: skip
    return 1 if survived else 0


if __name__ == "__main__":
    mp.dps = 50
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=0, help="so many, evenly chosen; 0: all")
    sys.exit(main(parser.parse_args().count))
