# f = (x + y)*z
# at x = -2.0, y = 5.0, z = -4.0
# The same gradient with NumPy, the reverse sweep written out.
# needs: pip install numpy
import math

import numpy as np

np.seterr(all="ignore")

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


def forward(x, y, z):
    v1 = x + y
    f = v1 * z
    return v1, f


# the inputs
x = np.float64(-2.0)
y = np.float64(5.0)
z = np.float64(-4.0)

# the forward pass
v1, f = forward(x, y, z)

# the backward pass: local gradient × upstream gradient, summed at forks
df_df = np.float64(1.0)
df_dv1 = z * df_df
df_dz = v1 * df_df
df_dx = df_dv1
df_dy = df_dv1

# the numbers of gradcli
agree("f", f, -12.0)
agree("df_dx", df_dx, -4.0)
agree("df_dy", df_dy, -4.0)
agree("df_dz", df_dz, 3.0)

# a second opinion, from values alone
opinion("df_dx", lambda x: forward(x, y, z)[-1], x, df_dx)
opinion("df_dy", lambda y: forward(x, y, z)[-1], y, df_dy)
opinion("df_dz", lambda z: forward(x, y, z)[-1], z, df_dz)
print(f"all {agreed} numbers agree")
