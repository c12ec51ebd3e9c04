"""LaTeX, pasted from lecture notes: the same expressions as plain notation."""

import pytest

import gradcli
from gradcli.errors import GradError, Source
from gradcli.notation.text import BRACKETED, text
from gradcli.syntax.reader import read

READINGS = {
    # fractions, roots, powers, subscripts, with and without braces
    r"\frac{a}{b}": "a/b", r"\dfrac12": "1/2", r"\tfrac12 x": "(1/2)*x", r"\frac1x": "1/x", r"\frac xy": "x/y", r"\frac{1}2": "1/2", r"\cfrac{\frac ab}{c}": "(a/b)/c",
    r"{x+1 \over y}": "(x + 1)/y", r"\sqrt{x}": "sqrt(x)", r"\sqrt2 y": "sqrt(2)*y", r"\sqrt ab^x": "sqrt(a)*(b^x)", r"\sqrt[3]{x}": "cbrt(x)", r"\sqrt[n]{x}": "x^(1/n)",
    r"\sqrt[2]{x}": "sqrt(x)", r"x^2y\,": "(x^2)*y", r"x^{2y}\,": "x^(2*y)", r"x^\frac12": "x^(1/2)", r"2^{-x}\,": "2^(-x)", r"x^\pi": "x^pi", r"e^{-x}\,": "exp(-x)",
    r"x_0^2\,": "x0^2", r"x^2_0\,": "x0^2", r"\sigma^2_X": "sigma_X^2", r"x_{max}\,": "x_max", r"W_{1,2}\,": "W_{1,2}", r"x_{aa_{bb}}\,": "x_aabb", r"w_0x_0\,": "w0*x0",
    r"x_i\,": "x_i", r"s_{t+1}\,": "s_{t+1}", r"y_{\text{pred}}": "y_pred", r"\theta_0": "theta0", r"x2\,": "x*2", r"abc\,": "(a*b)*c",
    # functions
    r"\sin^2 x": "sin(x)^2", r"\sin^{-1} x": "asin(x)", r"\sin x\cos y": "sin(x)*cos(y)", r"\sin x^2": "sin(x^2)", r"\sin\pi x": "sin(pi*x)", r"\ln te^t": "ln(t)*exp(t)",
    r"\ln{x}": "ln(x)", r"\sin\left(x\right)^2": "sin(x)^2", r"\tan^{-1}\left(\frac{x}{3}\right)": "atan(x/3)", r"\operatorname{softplus}(x)": "softplus(x)", r"\exp3": "exp(3)",
    r"\mathrm{ReLU}(x)": "relu(x)", r"\max(0, x)": "max(0, x)", r"\max\{0, x\}": "max(0, x)", r"\min(x, y, z)": "min([x, y, z])", r"\sigma(x)": "sigmoid(x)", r"\sin[x]": "sin(x)",
    r"2\sigma": "2*sigma", r"\log_2 x": "log2(x)", r"\log_{10}{x}": "log10(x)", r"\log_a{x}": "log(x, a)", r"\arcsin x": "asin(x)", r"\Gamma(x)": "gamma(x)", r"\ln^3 x": "ln(x)^3",
    r"\text{Tanh}(x)": "tanh(x)", r"\sin\frac{x}{2}": "sin(x/2)", r"\cos{9 x}": "cos(9*x)", r"\sin\sqrt{x}": "sin(sqrt(x))", r"\det\begin{pmatrix}1&2\\3&4\end{pmatrix}": "det([[1, 2], [3, 4]])",
    # delimiters, spacing, signs
    r"\left(x+y\right)z": "(x + y)*z", r"\bigl(x\bigr)\Bigl(y\Bigr)": "x*y", r"\left|x\right|": "abs(x)", r"|x||y|\,": "abs(x)*abs(y)", r"\lvert x\rvert": "abs(x)",
    r"\|x\|_2^2": "norm(x)^2", r"\|x\|_1": "norm(x, 1)", r"\lVert x\rVert_\infty": "norm(x, inf)", r"\lfloor x\rfloor": "floor(x)", r"\lceil x\rceil": "ceil(x)", r"\{1+x\}\{y\}": "(1 + x)*y",
    r"\left[x+1\right]y": "(x + 1)*y", r"\langle x, y\rangle": "[x, y]", r"a\,b\;c\!d\quad e": "(((a*b)*c)*d)*e", r"x\cdot y": "x*y", r"x\times y": "x*y", r"x\odot y": "x*y", r"x\div y": "x/y",
    r"\displaystyle x^{2}": "x^2", r"x \circ y": "x*y", r"-\frac{1}{2}": "-(1/2)", r"x\cdot -y": "x*(-y)", r"2^x3^x4^x\,": "((2^x)*(3^x))*(4^x)", r"4!\,": "4!",
    r"$x y$": "x*y", r"$$x^2$$": "x^2", r"\[x\]": "x", r"\(x\)": "x", r"x^2.\,": "x^2", "x % a comment\n + \\pi": "x + pi",
    # names with accents and fonts, transposes
    r"\vec{x}": "x", r"\mathbf x": "x", r"\hat{y}": "yhat", r"\hat y_i": "yhat_i", r"\bar{x}_n": "xbar_n", r"\hat{\mathbf{y}}": "yhat", r"\mathrm{loss}": "loss", r"\boldsymbol{\theta}": "theta",
    r"\varepsilon": "epsilon", r"x^T\,": "x'", r"x^\top": "x'", r"x^{\intercal}": "x'", r"x^{\mathsf{T}}": "x'", r"x^\mathsf{T}": "x'",
    # matrices, cases, sums
    r"\begin{pmatrix}1&2\\3&4\end{pmatrix}": "[[1, 2], [3, 4]]", r"\begin{bmatrix}x\\y\end{bmatrix}": "[x, y]", r"\begin{pmatrix}x & y\end{pmatrix}": "[[x, y],]",
    r"\begin{cases} x & x > 0 \\ -x & \text{otherwise}\end{cases}": "where(x > 0, x, -x)", r"\begin{cases} x, & \text{if } x \ge 0, \\ 0, & x < 0 \\ 1\end{cases}": "where(x >= 0, x, where(x < 0, 0, 1))",
    r"\sum_{i=1}^2 x_{2i}": "x2 + x4", r"\sum_{i=1}^2 x_{in}": "x_in + x_in", r"\sin\frac12 x": "sin((1/2)*x)", r"\cos\frac{\pi}{2}x": "cos((pi/2)*x)",
    r"\left|x\left|y\right|\right|": "abs(x*abs(y))", r"\begin{align} f(x) &= x^2 \\ &+ 2x \end{align}": "(x^2) + (2*x)",
    r"\begin{cases} x & x \ge 0 \\ -x & x < 0 \end{cases}": "where(x >= 0, x, -x)", r"\sum_{i=1}^{3} x_i": "(x1 + x2) + x3", r"\sum_{i=1}^2 w_i x_i + b": "((w1*x1) + (w2*x2)) + b", r"2\sum_{k=0}^{1} kx^k": "2*((0*(x^0)) + (1*(x^1)))", r"\prod\limits_{i=1}^{2} x_i": "x1*x2",
    r"\sum_{i=1}^{2}\sum_{j=1}^{2} W_{ij}": "(W_{1,1} + W_{1,2}) + (W_{2,1} + W_{2,2})", r"-\sum_{i=1}^{2} x_{i+1}": "-(x2 + x3)", r"\frac1n\sum_{i=1}^{2} x_i^2": "(1/n)*((x1^2) + (x2^2))",
}  # fmt: skip


@pytest.mark.parametrize(("written", "reading"), READINGS.items())
def test_reading(written, reading):
    assert text(read(Source(written), latex=True).output, BRACKETED) == reading


LECTURES = [
    (r"f(w,x) = \frac{1}{1 + e^{-(w_0 x_0 + w_1 x_1 + w_2)}}", {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3}, 0.7310585786300049),
    (r"f(\vec{x}, W, \vec{\theta}) = W\vec{x} + \vec{\theta}", {"x": [5, 6], "W": [[1, 2], [3, 4]], "theta": [7, 8]}, [24, 47]),
    (r"f(x,y,z) = (x + y) z", {"x": -2, "y": 5, "z": -4}, -12),
    (r"\sigma(x) = \frac{1}{1+e^{-x}}", {"x": 0}, 0.5),
    (r"$$L = \frac{1}{2}\|W\vec{x} - \hat{y}\|_2^2$$", {"W": [[1, 0], [0, 2]], "x": [1, 1], "yhat": [0, 0]}, 2.5),
    (r"\begin{align} q &= x + y \\ f &= q z \end{align}", {"x": -2, "y": 5, "z": -4}, -12),
    (r"\max(0, w^\top x + b)", {"w": [1, 2], "x": [3, -1], "b": 1}, 2),
    (r"\vec x^T W \vec x", {"x": [1, 2], "W": [[1, 2], [3, 4]]}, 27),
    (r"W^{-1}\vec b", {"W": [[2, 0], [0, 4]], "b": [2, 4]}, [1, 1]),
    (r"x \cdot y + \vec a\times\vec b \cdot \vec c", {"x": [1, 2], "y": [3, 4], "a": [1, 0, 0], "b": [0, 1, 0], "c": [0, 0, 2]}, 13),
    (r"\sum_{i=1}^{2} w_i x_i", {"w": [1, 2], "x": [3, 4]}, 11),
    (r"o_t \odot \tanh(c_t)", {"o_t": [1, 2], "c_t": [0, 0]}, [0, 0]),
]


@pytest.mark.parametrize(("written", "at", "value"), LECTURES, ids=[case[0] for case in LECTURES])
def test_a_formula_of_the_lectures(written, at, value):
    assert gradcli.grad(written, at).value == pytest.approx(value)


def test_the_lecture_is_the_plain_one():
    at = {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3}
    one = gradcli.grad(r"\frac{1}{1 + e^{-(w_0 x_0 + w_1 x_1 + w_2)}}", at)
    other = gradcli.grad("1/(1+e^{-(w0x0+w1x1+w2)})", at)
    assert one.expression == other.expression
    assert {name: p.value for name, p in one.partials.items()} == {name: p.value for name, p in other.partials.items()}


def test_it_is_recognised_by_itself_or_asked_for():
    assert gradcli.grad(r"\frac{x}{2}", x=1).value == 0.5
    assert gradcli.grad("xy2", x=3, y=5, latex=True).value == 30


def test_a_variable_wins_over_a_function_and_over_the_transpose():
    assert gradcli.grad(r"\sigma(x+1)", sigma=2, x=3).value == 8
    assert gradcli.grad(r"x^T\,", x=2, T=3).value == 8


def test_entries_of_a_bound_matrix():
    report = gradcli.grad(r"\sum_{i=1}^{2}\sum_{j=1}^{2} W_{ij} x_i x_j", W=[[1, 2], [3, 4]], x=[1, 10])
    assert report.value == 451
    assert gradcli.grad(r"\sum_{i=1}^{2}\sum_{j=1}^{2} W_{ij}", W11=1, W12=2, W21=3, W22=4).value == 10


def test_names_may_be_given_as_they_are_often_typed():
    assert gradcli.grad(r"\bar{x}_n + y_i", {"barxn": 1, "yi": 2}).value == 3
    assert gradcli.grad(r"\hat y\,", hat_y=4).value == 4


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        (r"\frac{x}", "syntax"), (r"\foo{x}", "unknown-command"), (r"\lamda", "unknown-command"), (r"\int x\,dx", "outside"), (r"\lim_{x\to 0} x", "outside"), (r"x \pm 1", "outside"),
        (r"\frac{d}{dx} \sin x + \partial x", "outside"), (r"x^12\,", "missing-braces"), (r"w_10\,", "missing-braces"), (r"\sum_i x_i", "endless-sum"), (r"\sum_{i=1}^{n} x_i", "endless-sum"),
        (r"\left(x", "unmatched-bracket"), (r"\begin{pmatrix}1", "unmatched-bracket"), (r"\begin{foo}x\end{foo}", "unknown-command"), (r"\sqrt", "syntax"), (r"x\,y $z$", "syntax"),
        (r"x_1 + \dots + x_n", "outside"), (r"90^\circ", "outside"), (r"\begin{cases} x & x>0 \\ y & x<0\end{cases}", "syntax"), (r"\frac{dy}{dx}", "outside"), (r"\frac{d}{dx}x^2", "outside"), (r"\overline{x+y}", "syntax"),
        (r"\begin{vmatrix}1\end{vmatrix}", "unknown-command"), (r"x^{a}^{b}\,", "syntax"), (r"\binom{n}{k}", "outside"),
        (r"\ln^{-1} x", "ambiguous-inverse"), (r"1\,000", "missing-operator"), (r"\mathbb{E}[x]", "outside"), (r"\%x", "outside"), (r"\max_i x_i", "outside"),
    ],
)  # fmt: skip
def test_what_is_refused(written, kind):
    with pytest.raises(GradError) as caught:
        gradcli.grad(written)
    assert caught.value.kind == kind, str(caught.value)
    assert caught.value.span is not None or caught.value.labels
