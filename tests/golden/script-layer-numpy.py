# f = (W @ x) + theta
# at W = [[1.0, 2.0], [3.0, 4.0]], x = [5.0, 6.0], theta = [7.0, 8.0]
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


def forward(W, x, theta):
    v1 = W @ x
    f = v1 + theta
    return v1, f


# the inputs
W = np.array([[1.0, 2.0], [3.0, 4.0]])
x = np.array([5.0, 6.0])
theta = np.array([7.0, 8.0])

# the forward pass
v1, f = forward(W, x, theta)

# the backward pass: local gradient × upstream gradient, summed at forks
rows = []
for df_df in np.eye(f.size).reshape(-1, 2):
    df_dv1 = df_df
    df_dtheta = df_df
    df_dW = np.outer(df_dv1, x)
    df_dx = W.T @ df_dv1
    rows.append((df_dW, df_dx, df_dtheta))
df_dW, df_dx, df_dtheta = (np.stack(row).reshape(f.shape + np.shape(row[0])) for row in zip(*rows))

# the numbers of gradcli
agree("f", f, [24.0, 47.0])
agree("df_dW", df_dW, [[[5.0, 6.0], [0.0, 0.0]], [[0.0, 0.0], [5.0, 6.0]]], scale=6e+00)
agree("df_dx", df_dx, [[1.0, 2.0], [3.0, 4.0]])
agree("df_dtheta", df_dtheta, [[1.0, 0.0], [0.0, 1.0]])

# a second opinion, from values alone
opinion("df_dW", lambda W: forward(W, x, theta)[-1], W, df_dW)
opinion("df_dx", lambda x: forward(W, x, theta)[-1], x, df_dx)
opinion("df_dtheta", lambda theta: forward(W, x, theta)[-1], theta, df_dtheta)
print(f"all {agreed} numbers agree")
