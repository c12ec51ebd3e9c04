# f = (W @ x) + theta
# at W = [[1.0, 2.0], [3.0, 4.0]], x = [5.0, 6.0], theta = [7.0, 8.0]
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
W = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
x = torch.tensor([5.0, 6.0], requires_grad=True)
theta = torch.tensor([7.0, 8.0], requires_grad=True)

# the forward pass
v1 = W @ x
f = v1 + theta

# the backward pass
rows = [torch.autograd.grad(f, (W, x, theta), seed, retain_graph=True) for seed in torch.eye(f.numel()).reshape(-1, *f.shape)]
df_dW, df_dx, df_dtheta = (torch.stack(row).reshape(f.shape + row[0].shape) for row in zip(*rows))

# the numbers of gradcli
agree("f", f, [24.0, 47.0])
agree("df_dW", df_dW, [[[5.0, 6.0], [0.0, 0.0]], [[0.0, 0.0], [5.0, 6.0]]], scale=6e+00)
agree("df_dx", df_dx, [[1.0, 2.0], [3.0, 4.0]])
agree("df_dtheta", df_dtheta, [[1.0, 0.0], [0.0, 1.0]])
print(f"all {agreed} numbers agree")
