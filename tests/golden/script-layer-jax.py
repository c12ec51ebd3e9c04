# f = (W @ x) + theta
# at W = [[1.0, 2.0], [3.0, 4.0]], x = [5.0, 6.0], theta = [7.0, 8.0]
# The same gradient with JAX.
# needs: pip install jax
import math

import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)

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


def circuit(W, x, theta):
    v1 = W @ x
    f = v1 + theta
    return f


# the inputs
W = jnp.array([[1.0, 2.0], [3.0, 4.0]])
x = jnp.array([5.0, 6.0])
theta = jnp.array([7.0, 8.0])

# the forward pass
f = circuit(W, x, theta)

# the backward pass
df_dW, df_dx, df_dtheta = jax.jacrev(circuit, argnums=(0, 1, 2))(W, x, theta)

# the numbers of gradcli
agree("f", f, [24.0, 47.0])
agree("df_dW", df_dW, [[[5.0, 6.0], [0.0, 0.0]], [[0.0, 0.0], [5.0, 6.0]]], scale=6e+00)
agree("df_dx", df_dx, [[1.0, 2.0], [3.0, 4.0]])
agree("df_dtheta", df_dtheta, [[1.0, 0.0], [0.0, 1.0]])
print(f"all {agreed} numbers agree")
