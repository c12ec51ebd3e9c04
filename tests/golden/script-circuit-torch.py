# f = (x + y)*z
# at x = -2.0, y = 5.0, z = -4.0
# The same gradient with PyTorch.
# needs: pip install torch
import math

import torch

torch.set_default_dtype(torch.float64)

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


# the inputs
x = torch.tensor(-2.0, requires_grad=True)
y = torch.tensor(5.0, requires_grad=True)
z = torch.tensor(-4.0, requires_grad=True)

# the forward pass
v1 = x + y
f = v1 * z

# the backward pass
df_dx, df_dy, df_dz = torch.autograd.grad(f, (x, y, z))

# the numbers of gradcli
agree("f", f, -12.0)
agree("df_dx", df_dx, -4.0)
agree("df_dy", df_dy, -4.0)
agree("df_dz", df_dz, 3.0)
print(f"all {agreed} numbers agree")
