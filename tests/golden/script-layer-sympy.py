# f = (W @ x) + theta
# at W = [[1.0, 2.0], [3.0, 4.0]], x = [5.0, 6.0], theta = [7.0, 8.0]
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


def entries(x):
    return list(x) if isinstance(x, (list, sympy.MatrixBase)) else [x]


def exact(number):
    """Return a number as the decimal it was meant to be."""
    return sympy.Rational(repr(number))


def number(formula):
    """Return the value of a formula in which no symbol is left, from 30 digits of it."""
    value = complex(sympy.N(formula, 30))
    assert abs(value.imag) <= 1e-20 * abs(value), f"{value} is not real"
    return value.real


# the inputs
W = sympy.Matrix(2, 2, lambda i, j: sympy.Symbol(f"W[{i + 1},{j + 1}]", real=True))
x = sympy.Matrix(2, 1, lambda i, j: sympy.Symbol(f"x[{i + 1}]", real=True))
theta = sympy.Matrix(2, 1, lambda i, j: sympy.Symbol(f"theta[{i + 1}]", real=True))

# the forward pass
v1 = W * x
f = v1 + theta

# the partials
df_dW = [sympy.diff(above, below) for above in entries(f) for below in entries(W)]
df_dx = [sympy.diff(above, below) for above in entries(f) for below in entries(x)]
df_dtheta = [sympy.diff(above, below) for above in entries(f) for below in entries(theta)]

# at the point
point = {}
point.update(zip(W, map(exact, flat([[1.0, 2.0], [3.0, 4.0]]))))
point.update(zip(x, map(exact, flat([5.0, 6.0]))))
point.update(zip(theta, map(exact, flat([7.0, 8.0]))))
f = [number(sympy.sympify(above).subs(point)) for above in entries(f)]
df_dW = [number(sympy.sympify(above).subs(point)) for above in entries(df_dW)]
df_dx = [number(sympy.sympify(above).subs(point)) for above in entries(df_dx)]
df_dtheta = [number(sympy.sympify(above).subs(point)) for above in entries(df_dtheta)]

# the numbers of gradcli
agree("f", f, [24.0, 47.0])
agree("df_dW", df_dW, [[[5.0, 6.0], [0.0, 0.0]], [[0.0, 0.0], [5.0, 6.0]]], scale=6e+00)
agree("df_dx", df_dx, [[1.0, 2.0], [3.0, 4.0]])
agree("df_dtheta", df_dtheta, [[1.0, 0.0], [0.0, 1.0]])
print(f"all {agreed} numbers agree")
