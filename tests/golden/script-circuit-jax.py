# f = (x + y)*z
# at x = -2.0, y = 5.0, z = -4.0
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


def circuit(x, y, z):
    v1 = x + y
    f = v1 * z
    return f


# the inputs
x = jnp.array(-2.0)
y = jnp.array(5.0)
z = jnp.array(-4.0)

# the forward pass
f = circuit(x, y, z)

# the backward pass
df_dx, df_dy, df_dz = jax.grad(circuit, argnums=(0, 1, 2))(x, y, z)

# the numbers of gradcli
agree("f", f, -12.0)
agree("df_dx", df_dx, -4.0)
agree("df_dy", df_dy, -4.0)
agree("df_dz", df_dz, 3.0)
print(f"all {agreed} numbers agree")
