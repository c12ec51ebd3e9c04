"""Plain notation, as students type it: what each spelling means. Notes are tested in test_readings.py."""

import pytest

import gradcli
from gradcli.errors import GradError, Source
from gradcli.notation.text import BRACKETED, text
from gradcli.syntax.reader import read

XYZ = ("x", "y", "z", "a", "b", "c", "t", "w0", "x0", "k")

READINGS = {
    # products without a sign
    "2x": "2*x", "(x+y)z": "(x + y)*z", "z(x+y)": "z*(x + y)", "x y": "x*y", "xy": "x*y", "2(3)": "2*3", "(x)(y)": "x*y", "x2": "x2",
    "2sin(x)cos(x)": "(2*sin(x))*cos(x)", "w0x0": "w0*x0", "w_0x_0": "w_0*x_0", "x(x+1)^2": "x*((x + 1)^2)", "2x^2y": "(2*(x^2))*y",
    "xe^x": "x*exp(x)", "2e": "2*e", "2pi x": "(2*pi)*x", "x^2 3^y": "(x^2)*(3^y)", "-2x": "(-2)*x", "2*-x": "2*(-x)", "x -y": "x - y",
    "5!x": "5!*x", "(x+1)2": "(x + 1)*2", "x[y+1]": "bad-index", "x [y+1]": "x*(y + 1)", "2[x+1]": "2*(x + 1)", "1/[x ln(a)]": "1/(x*ln(a))",
    "{x+1}{y}": "(x + 1)*y", "e^{2x}": "exp(2*x)", "t^{(-{1/2})}": "t^(-(1/2))", "kxy": "(k*x)*y",
    # one rank for * and /
    "1/2x": "(1/2)*x", "1/x y": "(1/x)*y", "x/y/z": "(x/y)/z", "1/4 (1/-5) x^(-5)": "((1/4)*(1/(-5)))*(x^(-5))",
    # functions without brackets
    "sin x": "sin(x)", "sin 2x": "sin(2*x)", "sin 2 pi x": "sin(2*(pi*x))", "sin pi x": "sin(pi*x)", "sin x^2": "sin(x^2)", "sin x y": "sin(x)*y",
    "sin x cos y": "sin(x)*cos(y)", "ln x + 1": "ln(x) + 1", "ln t e^t": "ln(t)*exp(t)", "sin x/2": "sin(x)/2", "sin 2x/3": "sin(2*x)/3",
    "ln sin x": "ln(sin(x))", "2 sin x": "2*sin(x)", "x sin x": "x*sin(x)", "e^sin x": "exp(sin(x))", "sin |x|": "sin(abs(x))", "-sin x": "-sin(x)",
    "ln 2 (x+1)": "ln(2)*(x + 1)", "sqrt x": "sqrt(x)", "tan x(y+1)": "tan(x)*(y + 1)", "sin √x": "sin(sqrt(x))", "2cos 3x": "2*cos(3*x)",
    "∛x": "cbrt(x)", "sin²(x)": "sin(x)^2", "log_2x": "log2(x)", "x ln2": "x*ln(2)", "sqrt2 x": "sqrt(2)*x", "σ²(x)": "sigmoid(x)^2", "sinx": "sin(x)", "xsinx": "x*sin(x)", "cos2x": "cos(2*x)", "xsin(y)": "x*sin(y)", "lnx": "ln(x)",
    # powers of functions, inverses, logarithms
    "sin^2 x": "sin(x)^2", "sin^2(x)": "sin(x)^2", "sin(x)^2": "sin(x)^2", "sin^2 2x": "sin(2*x)^2", "sin^k x": "sin(x)^k", "sin^(k+1) x": "sin(x)^(k + 1)",
    "sin²x": "sin(x)^2", "sin^-1 x": "asin(x)", "sin^-1(x)": "asin(x)", "sin^(-1) x": "asin(x)", "sin⁻¹ x": "asin(x)", "tan^{-1}(x)": "atan(x)",
    "sinh^-1 x": "asinh(x)", "cos^-2 x": "cos(x)^(-2)", "log_2 x": "log2(x)", "log_10(x)": "log10(x)", "log_b(x)": "log(x, b)", "log_{3} x": "log(x, 3)",
    "log(x)": "ln(x)", "log(x, 2)": "log(x, 2)", "lg x": "log10(x)", "arcsin x": "asin(x)", "tg x": "tan(x)",
    # bars, roots, raised exponents, signs
    "|x|": "abs(x)", "2|x|y": "(2*abs(x))*y", "|x||y|": "abs(x)*abs(y)", "|x+|y||": "abs(x + abs(y))", "||x||": "norm(x)", "‖x‖^2": "norm(x)^2",
    "|x-y|^2": "abs(x - y)^2", "√x": "sqrt(x)", "√x y": "sqrt(x)*y", "√(x+1)": "sqrt(x + 1)", "√2": "sqrt(2)", "x²": "x^2", "x²y³": "(x^2)*(y^3)", "e⁻ˣ": "exp(-x)",
    "x¹²": "x^12", "x⁻¹": "x^(-1)", "x·y": "x*y", "x×y": "x*y", "x÷y": "x/y", "x−y": "x - y", "5!": "5!", "x!!": "x!!", "--3": "-(-3)", "+ -3": "-3",
    "𝑥 + 𝐲": "𝑥 + 𝐲", "x₁ + 2x₁": "x₁ + (2*x₁)", "θ": "θ", "π r": "pi*r", "2πx": "(2*pi)*x",
    # towers and signs
    "-x^2": "-(x^2)", "e^-x^2": "exp(-(x^2))", "x^y^z": "x^(y^z)", "2^-x": "2^(-x)", "x^+5": "x^5", "e^2x": "exp(2)*x", "x**2": "x^2",
    # brackets
    "[x]": "x", "[x,]": "[x,]", "[x, y]": "[x, y]", "<x, y>": "[x, y]", "[[x]]": "[[x,],]", "[1,2; 3,4]": "[[1, 2], [3, 4]]", "<1, 2>": "[1, 2]",
    "where(x<y, x, y)": "where(x < y, x, y)",
}  # fmt: skip


@pytest.mark.parametrize(("written", "reading"), READINGS.items())
def test_reading(written, reading):
    names = frozenset(XYZ)
    if reading == "bad-index":
        with pytest.raises(GradError) as caught:
            read(Source(written), names)
        assert caught.value.kind == reading
        return
    shown = text(read(Source(written), names).output, BRACKETED)
    assert shown == reading


def test_a_declared_longer_name_wins():
    assert gradcli.grad("xy + x", xy=5, x=2).value == 7
    assert gradcli.grad("xy + x", x=2, y=3).value == 8
    assert gradcli.grad("f(x, y) = xy", x=2, y=3).value == 6


def test_the_lecture_as_it_is_written():
    report = gradcli.grad("f(w, x) = 1/(1+e^{-(w_0x_0+w_1x_1+w_2)})", w0=2, x0=-1, w1=-3, x1=-2, w2=-3)
    assert report.value == pytest.approx(0.7310585786300049)
    assert list(report.partials) == ["w_0", "w_1", "w_2", "x_0", "x_1"]


def test_in_symbols_letters_that_stand_alone_are_known():
    assert list(gradcli.grad("x^2 + xy + y^2").partials) == ["x", "y"]
    assert list(gradcli.grad("loss*2").partials) == ["loss"]


def test_e_and_pi_are_yours_if_you_bind_them():
    assert gradcli.grad("2e", e=3).value == 6
    assert gradcli.grad("e^x", e=2, x=3).value == 8


MATRIX, VECTOR = [[1.0, 2.0], [3.0, 4.0]], [5.0, 6.0]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("W x", [17, 39]), ("2W x", [34, 78]), ("W W", [[7, 10], [15, 22]]), ("x' x", 61), ("xᵀ W x", 319), ("x x'", [[25, 30], [30, 36]]), ("x·x", 61),
        ("x .* x", [25, 36]), ("x*x", [25, 36]), ("2 x", [10, 12]), ("W²", [[7, 10], [15, 22]]), ("W^2", [[1, 4], [9, 16]]), ("W⁻¹ x", [-4, 4.5]),
        ("Wx", [17, 39]), ("g(u) = W u; f = g(x) + x", [22, 45]), ("u = W x; f = u' u", 1810), ("x [1] + x[2]", 11), ("x_1 x_2", 30), ("W_{1,2}", 2), ("sum(x) sum(x)", 121),
        ("||x||^2", 61), ("x^T x", 61), ("x^TWx", 319), ("x^{T} x", 61), ("<x, x>", 61), ("x₁ x_2", 30), ("[1, 2]' x", 17), ("W [1, 2]", 2),
    ],
)  # fmt: skip
def test_products_of_arrays_follow_mathematics(written, value):
    report = gradcli.grad(written, {k: v for k, v in {"W": MATRIX, "x": VECTOR}.items() if k in written})
    assert report.value == pytest.approx(value) if isinstance(value, int) else _flat(report.value) == pytest.approx(_flat(value))


def _flat(value):
    return [x for row in value for x in (row if isinstance(row, list) else [row])]


@pytest.mark.parametrize("written", ["x x", "x W", "x' x'", "W × W"])
def test_a_product_with_no_meaning_says_what_to_write(written):
    with pytest.raises(GradError, match="this product has no meaning") as caught:
        gradcli.grad(written, {k: v for k, v in {"W": MATRIX, "x": VECTOR}.items() if k in written})
    assert "write" in caught.value.hint
    assert caught.value.labels


@pytest.mark.parametrize(
    ("written", "what"),
    [
        ("1+i", "the imaginary unit i"), ("3 km", "the unit km"), ("52%", "a percentage"), ("∫x", "an integral"), ("int(x)", "an integral"),
        ("diff(x, y)", "a derivative"), ("lim(x)", "a limit"), ("x ± 1", "a value with two signs"), ("(1, 2)", "a point or an interval"),
        ("x and y", "logic"), ("∇x", "the gradient sign"), ("sin'(x)", "a derivative"), ("90°", "a unit"), ("{x, y}", "a comma"), ("mod(x, y)", "a remainder"),
    ],
)  # fmt: skip
def test_what_lies_outside_is_named(written, what):
    with pytest.raises(GradError, match=what) as caught:
        gradcli.grad(written, x=1, y=2)
    assert caught.value.kind in ("outside", "syntax")
    assert caught.value.span is not None
