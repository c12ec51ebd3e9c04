"""What a start imports: only what the command needs."""

import subprocess
import sys

import pytest

HEAVY = {"typer", "numpy", "lark", "flint", "mpmath", "sympy", "pydantic", "rich", "resvg_py"}


def imported(*words):
    code = f"import sys; from gradcli.__main__ import run; run({list(words)!r}); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in done.stderr.split()}


@pytest.mark.parametrize(
    ("words", "allowed"),
    [
        (["(x+y)*z", "x=-2", "y=5", "z=-4", "--plain"], set()),
        (["(x+y)*z", "x=-2", "y=5", "z=-4", "--json"], set()),
        (["(x+y)*z", "x=-2", "y=5", "z=-4", "--csv"], set()),
        (["(x+y)*z", "-q"], set()),
        (["(x+y)*z", "x=-2", "y=5", "z=-4", "--graph"], set()),
        (["(x+y)*z", "x=-2", "y=5", "z=-4", "--graph", "--plain"], set()),
        (["sin(x", "x=1"], set()),
        (["(x+y)*z", "x=-2", "y=5", "z=-4"], {"rich"}),
        (["(x+y)*z", "x=-2", "y=5", "z=-4", "--digits", "3", "-q"], {"typer"}),
        (["W@x", "W=[[1,2],[3,4]]", "x=[5,6]", "--plain"], {"numpy"}),
    ],
)
def test_imports(words, allowed):
    assert imported(*words) & HEAVY == allowed
