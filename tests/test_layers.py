"""Vectors and matrices: shapes, Jacobians, index forms, seeds, broadcasting; structural pullbacks by differences."""

import random

import numpy as np
import pytest

import gradcli
from gradcli.errors import GradError
from gradcli.ops import TABLE

W, X, THETA = [[1, 2], [3, 4]], [5, 6], [7, 8]


def test_the_layer_of_the_lecture():
    report = gradcli.grad("W@x + theta", W=W, x=X, theta=THETA)
    assert report.value == [24, 47]
    assert {row.name: row.shape for row in report.forward} == {"W": (2, 2), "x": (2,), "theta": (2,), "v1": (2,), "f": (2,)}
    jacobians = {name: p.value for name, p in report.partials.items()}
    assert jacobians["x"] == W
    assert jacobians["theta"] == [[1, 0], [0, 1]]
    assert jacobians["W"] == [[[5, 6], [0, 0]], [[0, 0], [5, 6]]]


def test_its_index_form():
    report = gradcli.grad("q = W@x; f = q + theta", W=W, x=X, theta=THETA)
    assert {name: p.index_form for name, p in report.partials.items()} == {
        "W": "1_{k=i} x_j", "x": "W_{k,i}", "theta": "1_{k=i}",
    }  # fmt: skip
    steps = {step.of: step for step in report.backward if step.through == "q"}
    assert steps["W"].local_pretty == "1_{k=i} x_j"
    assert steps["W"].contribution_pretty == "∂f/∂q_i · x_j"
    assert steps["W"].pullback == "∂f/∂q xᵀ"
    assert steps["x"].local_pretty == "W_{k,i}"


def test_a_seed_makes_it_a_vector_jacobian_product():
    report = gradcli.grad("W@x + theta", W=W, x=X, theta=THETA, seed=[1, 0.5])
    assert report.partials["x"].value == [2.5, 4]
    assert report.partials["W"].value == [[5, 6], [2.5, 3]]
    assert report.partials["W"].pretty == "g xᵀ"


@pytest.mark.parametrize(
    ("loss", "formula"),
    [
        ("sum((W@x)^2)", "2 (W x) xᵀ"),
        ("norm(W@x + b - y)^2", "2 (W x + b - y) xᵀ"),
        ("-log(softmax(W@x)[2])", "(softmax(W x) - e₂) xᵀ"),
        ("cross_entropy(W@x, y)", "(softmax(W x)·sum(y) - y) xᵀ"),
        ("x'@W@x", "x xᵀ"),
        ("logdet(W)", "W⁻¹ᵀ"),
        ("trace(W@W)", "Wᵀ + Wᵀ"),
    ],
)
def test_matrix_formulas(loss, formula):
    at = {"W": [[2, 1], [0.5, 3]], "x": X, "b": [1, 1], "y": [0.25, 0.75]}
    known = {name: v for name, v in at.items() if name in loss.replace("exp", "").replace("cross_entropy", "")}
    shown = gradcli.grad(loss, known).partials["W"].pretty
    assert shown == formula if formula != "Wᵀ + Wᵀ" else shown == "2·Wᵀ"


def test_a_number_beside_an_array_is_repeated_and_its_gradient_summed():
    report = gradcli.grad("sum(c*x + d)", c=2, d=1, x=[1, 2, 3])
    assert {n: p.value for n, p in report.partials.items()} == {"c": 6, "d": 3, "x": [2, 2, 2]}
    assert [s.of for s in report.backward if s.summed] == ["d", "c"]


def test_only_numbers_are_repeated():
    with pytest.raises(GradError, match="matrix 2×2, vector of 2"):
        gradcli.grad("W + x", W=W, x=X)


@pytest.mark.parametrize(
    ("product", "value"),
    [("x'@y", 23.0), ("x@y", 23.0), ("x@y'", [[3, 4, 5], [6, 8, 10]]), ("x'@W", [7, 10]), ("x'@W@x", 27.0), ("(x'@W)@x", 27.0),
     ("W'@x", [7, 10]), ("x''@z", 5.0)],
)  # fmt: skip
def test_a_transposed_vector_is_a_row_until_a_product_uses_it(product, value):
    at = {"x": [1, 2], "W": W, "y": [3, 4, 5] if "y'" in product else [3, 10], "z": [1, 2]}
    assert gradcli.grad(product, {n: v for n, v in at.items() if n in product}).value == value


def test_a_row_and_a_column_do_not_add():
    with pytest.raises(GradError, match="row and a column"):
        gradcli.grad("x' + y", x=X, y=X)


def test_vectors_of_formulas():
    report = gradcli.grad("[x^2, x*y]", x=3, y=2)
    assert report.partials["x"].value == [6, 2]
    assert report.partials["x"].formula == "[2*x, y]"


def test_slices_and_columns():
    at = {"W": [[1, 2, 3], [4, 5, 6]]}
    assert gradcli.grad("W[1:2, 2]", at).value == [2, 5]
    assert gradcli.grad("W[2]", at).value == [4, 5, 6]
    assert gradcli.grad("W[2, 2:3]", at).value == [5, 6]
    assert gradcli.grad("sum(W[1:2, 1:2]^2)", at).partials["W"].value == [[2, 4, 0], [8, 10, 0]]


# ---- every structural row, by differences ------------------------------------------------------------------

STRUCTURAL = [row for row in TABLE if row.shape and row.name not in ("[]", "[:]", "array", "place", "place_slice", "eye", "size",
                                                                    "pairs_pullback", "adjugate_pullback")]  # fmt: skip
SIZES = {"m": 2, "n": 3, "p": 4, "3": 3}


def arguments(row, generator):
    """Return random arguments of the shapes in a row's signature; the first is made safe for inv and logdet."""
    import re

    out = []
    for part in re.findall(r"any|\([^)]*\)", row.shape.split("->")[0]):
        dims = [3] if part == "any" else [SIZES[d] for d in part.strip("()").split(",") if d]
        value = np.array([generator.uniform(0.5, 2) for _ in range(int(np.prod(dims)))]).reshape(dims)
        out.append(value + 2 * np.eye(len(value)) if value.ndim == 2 and value.shape[0] == value.shape[1] else value)
    return out


def expression(row):
    """Return a number made of this operator: weighted by sines, so that no symmetry hides a transposed gradient."""
    names = "abc"[: len(row.formals)]
    call = row.form
    for formal, name in zip(row.formals, names):
        call = call.replace(formal, name.upper()) if not call[0].isalpha() or "(" not in call else call
    if "(" in row.form:
        literal = "".join(f", {v}" for v in row.literals.values())
        return f"{row.form.split('(')[0]}({', '.join(names)}{literal})", names
    return {"@": f"{names[0]} @ {names[-1]}", "'": "a'"}[row.name], names


@pytest.mark.parametrize("row", STRUCTURAL, ids=lambda row: f"{row.form} {row.shape}")
def test_pullback_by_differences(row):
    generator = random.Random(row.form)
    values = arguments(row, generator)
    call, names = expression(row)
    at = dict(zip(names, values))
    sample = gradcli.grad(call, at).value
    size = np.size(sample)
    weights = np.sin(1 + np.arange(size)).reshape(np.shape(sample))
    text = f"sum(sin({call}) * weights)" if np.ndim(sample) else f"sin({call}) * weights"
    at["weights"] = weights.tolist() if np.ndim(sample) else float(weights)
    report = gradcli.grad(text, at)
    for name, value in zip(names, values):
        got = np.array(report.partials[name].value)
        want = np.zeros_like(value)
        for index in np.ndindex(*value.shape):
            ends = []
            for h in (1e-5, -1e-5, 5e-6, -5e-6):
                moved = value.copy()
                moved[index] += h
                ends.append(gradcli.grad(text, {**at, name: moved}).value)
            coarse, fine = (ends[0] - ends[1]) / 2e-5, (ends[2] - ends[3]) / 1e-5
            want[index] = (4 * fine - coarse) / 3
        np.testing.assert_allclose(got, want, rtol=2e-7, atol=2e-8, err_msg=f"{row} in {name}")


TWICE = [row for row in STRUCTURAL if row.name not in ("pairs", "adjugate")]  # their rules are differentiated no further


@pytest.mark.parametrize("row", TWICE, ids=lambda row: f"{row.form} {row.shape}")
def test_second_derivatives_by_differences(row):
    generator = random.Random(row.form)
    values = arguments(row, generator)
    call, names = expression(row)
    at = dict(zip(names, values))
    text = f"sum(({call})^2)"
    report = gradcli.grad(text, at, hessian=True)
    name, value = names[0], values[0]
    got = np.array(report.hessian[name][name].value).reshape(value.size, value.size)
    for position, index in enumerate(np.ndindex(*value.shape)):
        ends = []
        for h in (1e-5, -1e-5):
            moved = value.copy()
            moved[index] += h
            ends.append(np.array(gradcli.grad(text, {**at, name: moved}).partials[name].value).ravel())
        np.testing.assert_allclose(got[:, position], (ends[0] - ends[1]) / 2e-5, rtol=1e-5, atol=1e-5, err_msg=f"{row}")


def test_products_with_zeros():
    assert gradcli.grad("prod(x)", x=[0, 3, 2]).partials["x"].value == [6, 0, 0]
    assert gradcli.grad("prod(x)", x=[0, 0, 2]).partials["x"].value == [0, 0, 0]


@pytest.mark.parametrize("text", ["det([[x, 1, 2], [1, x, 3], [1, 1, x]])", "prod([x, x, x])"])
def test_what_is_differentiated_no_further_says_so(text):
    with pytest.raises(GradError, match="differentiated no further"):
        gradcli.grad(text, x=2, order=4)


def test_the_hessian_of_the_determinant_of_a_singular_matrix():
    hessian = gradcli.grad("det(W)", W=[[1, 2], [2, 4]], hessian=True).hessian["W"]["W"].value
    np.testing.assert_allclose(hessian, [[[[0, 0], [0, 1]], [[0, 0], [-1, 0]]], [[[0, -1], [0, 0]], [[1, 0], [0, 0]]]], atol=1e-14)


def test_the_determinant_of_a_singular_matrix_has_a_gradient():
    got = gradcli.grad("det(W)", W=[[1, 2], [2, 4]]).partials["W"].value
    np.testing.assert_allclose(got, [[4, -2], [-2, 1]], atol=1e-14)
