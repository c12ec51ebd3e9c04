"""Scripts for those who do not believe us: each library is asked for the same gradient, and must agree with our numbers."""

import ast
import json
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from conftest import ROOT, run_here, run_there

from gradcli import ops
from gradcli.errors import Source
from gradcli.limits import Limits
from gradcli.notation import jax
from gradcli.notation.code import LIBRARIES
from gradcli.syntax.worksheet import read_worksheet

NEURON = ["1/(1+e^{-(w0x0+w1x1+w2)})", "w0=2", "x0=-1", "w1=-3", "x1=-2", "w2=-3"]
LAYER = ["W x + theta", "W=[[1,2],[3,4]]", "x=[5,6]", "theta=[7,8]"]
LONG = "x"
for _step in range(60):
    LONG = f"tanh({LONG}*w + {_step % 3 - 1}/7)"

EXPRESSIONS = {
    "the first circuit": ["(x+y)z", "x=-2", "y=5", "z=-4"],
    "neuron, folded": NEURON,
    "neuron, primitive": [*NEURON, "--gates", "primitive"],
    "neuron, fused": [*NEURON, "--gates", "fused"],
    "a layer": LAYER,
    "a layer with a seed": [*LAYER, "--seed", "[1,-2]"],
    "a loss": ["sum((W@x+b)^2)", "W=[[1,2],[3,4]]", "x=[5,6]", "b=[7,8]"],
    "forks": ["x*x + sin(x)", "x=0.7"],
    "stages": ["q = x + y; f = q z", "x=-2", "y=5", "z=-4"],
    "by a stage": ["q = x + y; f = q z", "x=-2", "y=5", "z=-4", "--wrt", "q,z"],
    "by a stage that is an array": ["h = W x; f = sum(h^2)", "W=[[1,2],[3,4]]", "x=[5,6]", "--wrt", "h"],
    "a Jacobian by a stage": ["h = W x; f = h^2", "W=[[1,2],[3,4]]", "x=[5,6]", "--wrt", "h,x"],
    "a variable alone": ["x", "x=3"],
    "a number alone": ["2"],
    "an argument without use": ["f(x, y) = x^2", "x=3", "y=1"],
    "a constant function": ["f(x) = 2", "x=3"],
    "constants": ["exp(2) + 2^0.5 * x + max(1, 2) + pi", "x=3"],
    "a branch": ["where(x > 0, ln(x), x^2)", "x=-2"],
    "a constant branch": ["where(x > 0, 3, x^2)", "x=2"],
    "a branch of numbers, used again": ["exp(where(x > 0, 3, 2)) * x", "x=2"],
    "branches of arrays": ["sum(where(x > 0, ln(x), x^2))", "x=[-2, 3]"],
    "a condition used as a number": ["x * where(x < 1, x, 1) + where(x == 2, 1, 0)", "x=0.5"],
    "a saturated sigmoid": ["sigmoid(x)", "x=40"],
    "cancelling": ["sin(pi x) + cos(pi/2) y", "x=1", "y=2"],
    "Greek names": ["theta^2 + θ1 y", "θ=2", "theta_1=3", "y=1"],
    "subscripts": ["w_{1,2} w_{1,3} + x_max", "w_{1,2}=2", "w_{1,3}=5", "x_max=1"],
    "names of Python": ["lambda x + print y + def^2", "lambda=2", "x=3", "print=4", "y=5", "def=6"],
    "names of ours": ["agree np + torch jnp + sympy math + point^2", "agree=2", "np=3", "torch=4", "jnp=5", "sympy=6", "math=7", "point=8"],
    "names of helpers": ["softmax2 x + leaky_relu(sech, 0.1)", "softmax2=2", "x=3", "sech=-4"],
    "like a gradient": ["df_dx * x", "df_dx=2", "x=3"],
    "like a gate": ["f = v1 + x y z", "v1=2", "x=3", "y=4", "z=5"],
    "a vector written out": ["norm([x, y, 3])", "x=1", "y=2"],
    "a matrix written out": ["det([[x, y], [y, 3]]) + trace([[x, y], [y, 3]] @ [[x, y], [y, 3]])", "x=1", "y=2"],
    "an array output made of numbers": ["[x*y, x + y, sin(x)]", "x=1", "y=2"],
    "transposes": ["x' A x + trace(A'A) + sum(x x')", "x=[1,2]", "A=[[1,2],[3,5]]"],
    "indices": ["x[2]^2 + A[2,1] x[1] + sum(A[1]) + sum(x[2:3])", "x=[1,2,4]", "A=[[1,2],[3,5]]"],
    "a number and an array": ["sum(2 x / y + y - x^2 + 1/x)", "x=[1,2,4]", "y=3"],
    "softmax": ["f = -ln(softmax(W x)[2])", "W=[[1,2],[0.3,-0.4]]", "x=[0.5,0.6]"],
    "cross entropy": ["cross_entropy(W x, [0, 1])", "W=[[1,2],[0.3,-0.4]]", "x=[0.5,0.6]"],
    "tiny": ["x y", "x=1e-200", "y=1e-20"],
    "at a kink": ["|x| + x y", "x=0", "y=2"],
    "at a kink that is smooth": ["relu(x) - relu(-x)", "x=0"],
    "an entry at a kink": ["sum(relu(x) .* y)", "x=[0, 1]", "y=[2, 3]"],
    "beyond float64": ["1/x", "x=1e-300"],
    "value beyond float64": ["exp(x)", "x=1000"],
    "60 gates": [LONG, "x=0.3", "w=0.9"],
}  # fmt: skip


def script(library, *args):
    """Return the script for a library."""
    ran = run_here(*args, "--format", library)
    assert ran.out, ran.err
    return ran.out


RUNNER = """
import contextlib, io, json, sys
results = {}
for name, code in json.load(sys.stdin).items():
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            exec(compile(code, name, "exec"), {})
        results[name] = out.getvalue()
    except Exception as error:
        results[name] = f"{type(error).__name__}: {error}"
print(json.dumps(results))
"""


def run_all(library, scripts):
    """Run scripts in one process of their own; return the last words of each."""
    if find_spec(library) is None:
        pytest.skip(f"{library} is not installed")
    ran = subprocess.run([sys.executable, "-W", "ignore", "-c", RUNNER], input=json.dumps(scripts), capture_output=True, text=True, timeout=500, check=False)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def agreed(words):
    """Return how many numbers agreed, None where the script says otherwise."""
    found = re.fullmatch(r"all (\d+) numbers agree\n", words)
    return int(found[1]) if found else None


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_library_agrees(library):
    scripts = {name: script(library, *args) for name, args in EXPRESSIONS.items()}
    results = run_all(library, scripts)
    assert {name: words for name, words in results.items() if agreed(words) is None} == {}
    assert agreed(results["the first circuit"]) == (7 if library == "sympy" else 4)
    assert agreed(results["a layer"]) == 2 + 8 + 4 + 4
    assert agreed(results["a layer with a seed"]) == 2 + 4 + 2 + 2


def samples():
    for path in sorted((ROOT / "samples").glob("*.grad")):
        sheet = read_worksheet(Source(path.read_text(encoding="utf-8"), str(path)), Limits())
        for exercise in sheet.exercises:
            if len(exercise.at) <= 1:
                yield f"{path.stem} {exercise.name}", [str(path), *(["--question", exercise.name] if exercise.name else [])]


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_library_agrees_about_the_lessons(library):
    scripts = {}
    for name, args in samples():
        ran = run_here(*args, "--format", library)
        if "needs a point" not in ran.err:
            assert ran.code in (0, 3), ran.err
            scripts[name] = ran.out
    assert len(scripts) > 5
    assert {name: words for name, words in run_all(library, scripts).items() if agreed(words) is None} == {}


# ---- every operator ----------------------------------------------------------------------------------------

ARRAYS = {"(n)": "[0.5, 1.25, 2]", "(m)": "[0.3, -1.5]", "(3)": "[0.5, 1.25, 2]", "(m,n)": "[[1, 2, 0.5], [-1, 0.25, 3]]",
          "(n,p)": "[[1, 2], [-1, 3], [0.5, 4]]", "(n,n)": "[[2, 0.5, 1], [0.25, 3, -1], [0.5, 1, 4]]", "any": "[0.5, 1.25, 2]"}  # fmt: skip
SECOND = {"[0.5, 1.25, 2]": "[1.5, -0.75, 0.25]", "[0.3, -1.5]": "[2, 0.7]"}  # another array of the same shape
SPECIAL = {"x[i]": ["x[2]", "x=[1, 2, 3]"], "W[i, j]": ["W[2, 1]", "W=[[1, 2], [3, 4]]"], "x[a:b]": ["x[2:3]", "x=[1, 2, 3]"],
           "[x, ...]": ["[x, 2 x]", "x=3"], "place(y, x, i)": ["place(y, x, 2)", "y=5", "x=[1, 2, 3]"],
           "place(y, W, i, j)": ["place(y, W, 2, 1)", "y=5", "W=[[1, 2], [3, 4]]"],
           "place_slice(y, x, a, b)": ["place_slice(y, x, 2, 3)", "y=[5, 6]", "x=[1, 2, 3]"],
           "polygamma(n, x)": ["polygamma(2, x)", "x=1.5"], "x ^ y": ["x^y", "x=1.5", "y=2.5"],
           "concat(x, y)": ["concat(x, y)", "x=[1, 2]", "y=[3, 4, 5]"]}  # fmt: skip


def question(row):
    """Return an expression with this operator and a point where it is smooth."""
    if row.form in SPECIAL:
        return SPECIAL[row.form]
    if not row.formals:
        return [row.form + " x", "x=3"]
    if row.name in ops.COMPARISONS:
        return [f"where({row.form}, x^2, x y)", "x=1.5", "y=2"]
    if row.shape:
        inputs = re.findall(r"any|\([^)]*\)", row.shape.split("->")[0])
        values = [ARRAYS[size] for size in inputs]
        values = [SECOND.get(value, value) if n and value in values[:n] else value for n, value in enumerate(values)]
    else:
        values = [str(round(low + (high - low) * (0.61 - 0.13 * n), 3)) for n, (low, high) in enumerate(row.at)]
    return [row.form, *(f"{name}={value}" for name, value in zip(row.formals, values))]


# What a library has no word for, and why that is said instead of a script.
WITHOUT = {
    "numpy": {"digamma(x)", "polygamma(n, x)", "gamma(x)", "lgamma(x)", "x!", "adjugate(W)", "pairs(x, y)", "pairs_pullback(x, y, z)", "adjugate_pullback(W, Y)"},
    "torch": {"adjugate_pullback(W, Y)", "pairs_pullback(x, y, z)"},
    "jax": {"adjugate_pullback(W, Y)", "pairs_pullback(x, y, z)"},
    "sympy": {"floor(x)", "ceil(x)", "round(x)", "adjugate_pullback(W, Y)", "pairs_pullback(x, y, z)"},
}  # fmt: skip


@pytest.mark.parametrize("library", LIBRARIES)
def test_every_operator_has_code_or_an_error_that_says_which_library_has_it(library, request):
    scripts, without = {}, set()
    for row in ops.TABLE:
        ran = run_here(*question(row), "--format", library)
        if "error" in ran.err:
            assert "error[no-code]" in ran.err or "error[no-rule]" in ran.err, (row, ran.err)
            without.add(row.form)
        else:
            scripts[row.form] = ran.out
    assert without == WITHOUT[library]
    if library == "sympy":  # our convention where b has no value: its formula says so, and SymPy's cannot
        del scripts["unless(c, a, b)"]
    if library == "jax" and not request.config.getoption("--long"):  # it compiles each; most words are those of NumPy, run above
        scripts = {form: code for form, code in scripts.items() if form in jax.OWN}
    results = run_all(library, scripts)
    assert {form: words for form, words in results.items() if agreed(words) is None} == {}


def test_an_error_names_the_libraries_that_have_an_operator():
    ran = run_here("digamma(x)", "x=2", "--format", "numpy")
    assert ran.code == 2
    assert "polygamma(n, x) has no counterpart in numpy" in ran.err or "digamma(x) has no counterpart in numpy" in ran.err
    assert "--format torch, --format jax, --format sympy" in ran.err


# ---- formulas without a point, what is left out, what is refused --------------------------------------------


WITHOUT_A_POINT = {
    "a circuit": ["(x+y)z"],
    "the neuron": [NEURON[0]],
    "pieces": ["max(x, y) + |x y|"],
    "a power": ["x^y"],
    "a logarithm": ["ln(x) / (1 + x^2) + sqrt(x y)"],
    "stages by a stage": ["q = x + y; f = q z", "--wrt", "q"],
    "a vector of numbers": ["norm([x, y])^2 + [x, y] @ [y, 2]"],
}  # fmt: skip


def test_sympy_agrees_with_formulas_without_a_point():
    results = run_all("sympy", {name: script("sympy", *args) for name, args in WITHOUT_A_POINT.items()})
    assert {name: words for name, words in results.items() if agreed(words) is None} == {}
    assert agreed(results["a circuit"]) == 3


@pytest.mark.parametrize("library", ["numpy", "torch", "jax"])
def test_the_others_need_a_point(library):
    ran = run_here("(x+y)z", "--format", library)
    assert (ran.code, ran.out) == (2, "")
    assert "needs a point" in ran.err
    assert "--format sympy" in ran.err


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("more", [["--hessian"], ["--order", "2"]])
def test_higher_derivatives_are_refused(library, more):
    ran = run_here("x^3", "x=2", "--format", library, *more)
    assert (ran.code, ran.out) == (2, "")
    assert "first derivatives only" in ran.err


@pytest.mark.parametrize("library", LIBRARIES)
def test_what_a_library_decides_for_itself_is_left_out_and_said(library):
    kink = script(library, "|x| + x y", "x=0", "y=2")
    assert "# df_dx: not compared, at a kink, v1 = |x|" in kink
    assert 'agree("df_dx"' not in kink
    assert 'agree("df_dy", df_dy, 0.0' in kink
    far = script(library, "1/x", "x=1e-300")
    assert "# df_dx: not compared, as no float64 holds its digits" in far
    assert 'agree("f", f, 1e+300' in far


# ---- a script must be able to fail --------------------------------------------------------------------------


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_wrong_number_fails(library):
    wrong = {}
    for name in ("the first circuit", "neuron, folded", "a layer", "forks", "softmax", "60 gates"):
        code = script(library, *EXPRESSIONS[name])
        for n, check in enumerate(re.findall(r"^agree\(.*\)$", code, re.M)):
            ours = re.match(r'agree\("\w+", \w+, (.*?)(?:, scale=\S+)?\)$', check)[1]
            digits = re.search(r"[1-9]", ours.split("e")[0])
            if digits:
                at = digits.start()
                changed = ours[:at] + str(int(ours[at]) % 9 + 1) + ours[at + 1 :]
                wrong[f"{name} {n}"] = code.replace(check, check.replace(ours, changed, 1))
    assert len(wrong) > 15
    results = run_all(library, wrong)
    assert {name: words for name, words in results.items() if not words.startswith("AssertionError: ")} == {}


def test_a_wrong_reverse_sweep_is_seen_by_the_differences():
    code = script("numpy", *EXPRESSIONS["forks"])
    assert run_all("numpy", {"right": code})["right"] == "all 2 numbers agree\n"
    silent = re.sub(r"^agree\(.*\)\n", "", code, flags=re.M)
    wrong = silent.replace("np.cos(x)", "-np.cos(x)")
    assert wrong != silent
    assert "by differences" in run_all("numpy", {"wrong": wrong})["wrong"]


def test_a_wrong_formula_fails():
    code = script("sympy", "(x+y)z")
    assert run_all("sympy", {"wrong": code.replace('same("df_dz", df_dz, x + y)', 'same("df_dz", df_dz, x - y)')})["wrong"].startswith("AssertionError")


# ---- what stands in a script is ours ------------------------------------------------------------------------

HOSTILE = [
    ["(x+y)z # \"\"\" \n", "x=1", "y=2", "z=3"],
    ["x y # '; import os; os.system('x')\n", "x=1", "y=2"],
    ["# \u202e\r\nq = x + y; f = q z", "x=1", "y=2", "z=3"],
    ["__import__ x", "__import__=2", "x=3"],
    ["exec x + eval y + open", "exec=2", "x=3", "eval=4", "y=5", "open=1"],
    ["lambda class + None", "lambda=2", "class=3", "None=4"],
    ["𝑥 + ﬁ", "x=2", "ﬁ=3"],
    [r"\frac{x}{y} % \nimport os", "x=1", "y=2"],
]  # fmt: skip
CALLED = {"math", "np", "numpy", "torch", "jax", "jnp", "sympy", "print", "hasattr", "isinstance", "zip", "len", "max", "min", "range", "list", "dict", "sum",
          "complex", "abs", "sorted", "enumerate", "map", "any", "all", "repr", "str", "float", "int", "tuple"}  # fmt: skip


@pytest.mark.parametrize("library", LIBRARIES)
def test_hostile_text_is_inert(library):
    for args in [*HOSTILE, *EXPRESSIONS.values()]:
        ran = run_here(*args, "--format", library)
        if not ran.out:
            assert "error[" in ran.err
            continue
        tree = ast.parse(ran.out)
        imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        assert imported <= {"math", "numpy", "torch", "jax", "jax.numpy", "sympy"}
        for node in ast.walk(tree):
            assert not isinstance(node, ast.ImportFrom | ast.Try | ast.With | ast.ClassDef | ast.Delete | ast.While | ast.Await), args
            if isinstance(node, ast.Attribute):
                assert not node.attr.startswith("__"), args
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in dir(__builtins__):
                assert node.func.id in CALLED, args
        assert not re.search("[\u202a-\u202e\u2066-\u2069\r\x1b]", ran.out)


def test_names_are_distinct_identifiers():
    code = script("numpy", "lambda x_1_2 + x_{1,2} θ", "lambda=2", "x_{1,2}=4", "x_1_2=5", "θ=6")
    inputs = [node.targets[0].id for node in ast.parse(code).body if isinstance(node, ast.Assign) and "np.float64(" in ast.unparse(node.value)]
    assert inputs[:4] == ["lambda_", "x_1_2", "x_1_2_", "theta"]


def test_the_same_bytes_every_time():
    assert len({script("sympy", *EXPRESSIONS["a loss"]) for _ in range(3)}) == 1
    there = run_there(*EXPRESSIONS["a loss"], "--format", "sympy", env={"PYTHONHASHSEED": "7"}).stdout.decode()
    assert there == script("sympy", *EXPRESSIONS["a loss"])


# ---- looked at ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("name", ["the first circuit", "a layer"])
def test_golden_script(name, library, update_golden):
    path = Path(__file__).parent / "golden" / f"script-{name.split()[-1]}-{library}.py"
    code = script(library, *EXPRESSIONS[name])
    if update_golden:
        path.write_text(code, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == code


def test_a_script_from_the_command_line_runs(tmp_path):
    made = run_there("(x+y)z", "x=-2", "y=5", "z=-4", "--format", "numpy", "-o", "check.py", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    ran = subprocess.run([sys.executable, "check.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ran.stdout, ran.stderr) == ("all 4 numbers agree\n", "")
