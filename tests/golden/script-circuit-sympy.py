# f = (x + y)*z
# at x = -2.0, y = 5.0, z = -4.0
# The same gradient with SymPy.
# needs: pip install sympy
import math

import sympy

agreed = 0


def flat(value):
    value = value.tolist() if hasattr(value, "tolist") else value
    return [number for item in value for number in flat(item)] if isinstance(value, list) else [value]


def agree(name, theirs, ours, scale=1.0):
    """Assert that numbers agree in nine digits; what cancels, to the rounding of numbers of its scale."""
    global agreed
    theirs, ours = flat(theirs), flat(ours)
    assert len(theirs) == len(ours), f"{name}: {len(theirs)} numbers here, {len(ours)} by gradcli"
    for a, b in zip(theirs, ours):
        assert math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-15 * scale), f"{name}: {a!r} here, {b!r} by gradcli"
        agreed += 1


def exact(number):
    """Return a number as the decimal it was meant to be."""
    return sympy.Rational(repr(number))


def number(formula):
    """Return the value of a formula in which no symbol is left, from 30 digits of it."""
    value = complex(sympy.N(formula, 30))
    assert abs(value.imag) <= 1e-20 * abs(value), f"{value} is not real"
    return value.real


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


# the inputs
x = sympy.Symbol("x", real=True)
y = sympy.Symbol("y", real=True)
z = sympy.Symbol("z", real=True)

# the forward pass
v1 = x + y
f = v1 * z

# the partials
df_dx = sympy.diff(f, x)
df_dy = sympy.diff(f, y)
df_dz = sympy.diff(f, z)

# the formulas of gradcli
same("df_dx", df_dx, z)
same("df_dy", df_dy, z)
same("df_dz", df_dz, x + y)

# at the point
point = {x: exact(-2.0), y: exact(5.0), z: exact(-4.0)}
f = number(sympy.sympify(f).subs(point))
df_dx = number(sympy.sympify(df_dx).subs(point))
df_dy = number(sympy.sympify(df_dy).subs(point))
df_dz = number(sympy.sympify(df_dz).subs(point))

# the numbers of gradcli
agree("f", f, -12.0)
agree("df_dx", df_dx, -4.0)
agree("df_dy", df_dy, -4.0)
agree("df_dz", df_dz, 3.0)
print(f"all {agreed} numbers agree")
