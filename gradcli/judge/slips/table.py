"""Wrong rules of single operators, written as the right ones are in `ops`: in gradcli's own language, read by its own grammar.

A wrong rule is a partial, or with ``g`` the contribution itself; one per argument, None where the argument's own rule is right. ``i`` runs
over the rows of the output. Nothing here is a typed-in wrong answer. Sources: the mistakes that authors of WeBWorK and STACK write by
hand into their problems (AnswerHints, the Diff test), those in the issues of micrograd, and the gates of the CS231n notes, read wrongly.
"""

from __future__ import annotations

from gradcli.wording import said

_LARGER = said("at {0} the gradient goes to the loser: it belongs to the larger one")
_ONE_ROW = said("at {0} the sum over the index is forgotten: one row alone is used")
_SMALLER = said("at {0} the gradient goes to the loser: it belongs to the smaller one")

# fmt: off  (columns: form of the row; kind, wrong rules, what is said of a gate)
WRONG: dict[str, tuple[tuple[str, tuple[str | None, ...], str], ...]] = {
    "x * y": (
        ("inputs-not-swapped", ("x", "y"),        said("at {0} the inputs are not swapped: each local gradient is the other input")),),
    "x / y": (
        ("quotient-square",    ("1", "-out"),     said("at {0} the denominator is not squared")),
        ("quotient-sign",      (None, "out/y"),   said("at {0} the minus of the denominator's derivative is lost")),
        ("quotient-order",     ("-1/y", "out/y"), said("at {0} the terms of the quotient rule are in the wrong order")),
        ("quotient-denominator", ("y", "-x"),     said("at {0} the denominator of the quotient rule is missing")),
        ("quotient-inverted",  ("y", None),       said("at {0} the upstream gradient is multiplied by the denominator, not divided")),),
    "x ^ y": (
        ("power-exponent",     ("y * out", None), said("at {0} the exponent is not reduced by 1")),
        ("power-coefficient",  ("x^(y - 1)", None), said("at {0} the exponent is not brought down as a factor")),
        ("integrated",         ("x^(y + 1)/(y + 1)", None), said("at {0} you have integrated instead")),
        ("exponential-base",   (None, "out"),     said("at {0} the factor ln of the base is missing")),
        ("exponential-power",  (None, "y * x^(y - 1)"), said("at {0} the power rule is used for an exponential")),
        ("log-base",           (None, "out * log10(x)"), said("at {0} the logarithm is to base 10, not natural")),),
    "exp(x)": (
        ("exponential-power",  ("x * exp(x - 1)",), said("at {0} the power rule is used for an exponential")),),
    "exp2(x)": (
        ("exponential-base",   ("out",),          said("at {0} the factor ln of the base is missing")),),
    "ln(x)": (
        ("log-base",           ("1/(x * ln(10))",), said("at {0} the logarithm is natural: there is no factor 1/ln 10")),
        ("integrated",         ("x * ln(x) - x",), said("at {0} you have integrated instead")),),
    "log2(x)": (
        ("log-base",           ("1/x",),          said("at {0} the factor 1/ln of the base is missing")),),
    "log10(x)": (
        ("log-base",           ("1/x",),          said("at {0} the factor 1/ln of the base is missing")),),
    "log(x, y)": (
        ("log-base",           ("1/x", None),     said("at {0} the factor 1/ln of the base is missing")),),
    "sqrt(x)": (
        ("power-exponent",     ("out/2",),        said("at {0} the exponent is not reduced by 1")),
        ("power-coefficient",  ("1/out",),        said("at {0} the exponent is not brought down as a factor")),
        ("integrated",         ("2/3 * x * out",), said("at {0} you have integrated instead")),),
    "cbrt(x)": (
        ("power-exponent",     ("out/3",),        said("at {0} the exponent is not reduced by 1")),
        ("power-coefficient",  ("1/out^2",),      said("at {0} the exponent is not brought down as a factor")),),
    "tan(x)": (
        ("square",             ("sec(x)",),       said("at {0} the derivative is 1/cos², with a square")),),
    "sigmoid(x)": (
        ("sigmoid-derivative", ("out",),          said("at {0} the local gradient is σ(1 − σ), not σ")),
        ("sigmoid-derivative", ("sigmoid(-x)",),  said("at {0} the local gradient is σ(1 − σ), not 1 − σ")),
        ("sigmoid-derivative", ("out * (1 + out)",), said("at {0} the local gradient is σ(1 − σ), not σ(1 + σ)")),),
    "tanh(x)": (
        ("tanh-derivative",    ("1 - out",),      said("at {0} the local gradient is 1 − tanh², not 1 − tanh")),
        ("tanh-derivative",    ("1 + out^2",),    said("at {0} the local gradient is 1 − tanh², not 1 + tanh²")),),
    "relu(x)": (
        ("gate-open",          ("1",),            said("at {0} the gate is closed: nothing flows through it")),
        ("gate-closed",        ("0",),            said("at {0} the gate is open: the upstream gradient flows through it")),),
    "leaky_relu(x)": (
        ("gate-open",          ("1",),            said("at {0} the slope below 0 is not 1")),
        ("gate-closed",        ("where(x > 0, 1, 0)",), said("at {0} the slope below 0 is not 0")),),
    "abs(x)": (
        ("gate-open",          ("1",),            said("at {0} the slope is the sign of the argument")),),
    "max(x, y)": (
        ("max-loser",          ("where(x > y, 0, 1)", "where(y > x, 0, 1)"), _LARGER),
        ("max-both",           ("1", "1"),        said("at {0} the gradient goes to both: it belongs to the larger one")),),
    "min(x, y)": (
        ("max-loser",          ("where(x < y, 0, 1)", "where(y < x, 0, 1)"), _SMALLER),
        ("max-both",           ("1", "1"),        said("at {0} the gradient goes to both: it belongs to the smaller one")),),
    "max(x)": (
        ("max-both",           ("g * ones(x)",),  said("at {0} the gradient goes to all entries: it belongs to the largest")),),
    "min(x)": (
        ("max-both",           ("g * ones(x)",),  said("at {0} the gradient goes to all entries: it belongs to the smallest")),),
    "sum(x)": (
        ("mean-for-sum",       ("g * ones(x) / size(x)",), said("at {0} you took the mean: it is a sum")),),
    "mean(x)": (
        ("sum-for-mean",       ("g * ones(x)",),  said("at {0} the factor 1/n of the mean is missing")),),
    "norm(x)": (
        ("norm-derivative",    ("g * x",),        said("at {0} the local gradient is x/‖x‖, not x")),
        ("norm-derivative",    ("2 * g * x",),    said("at {0} the local gradient is x/‖x‖, not 2x")),),
    "mse(x, y)": (
        ("sum-for-mean",       ("2 * g * (x - y)", "2 * g * (y - x)"), said("at {0} the factor 1/n of the mean is missing")),
        ("factor",             ("g * (x - y) / size(x)", "g * (y - x) / size(x)"), said("at {0} the factor 2 of the square is missing")),),
    "W @ x": (
        ("outer-transposed",   ("outer(x, g)", None), said("at {0} the outer product is transposed")),
        ("not-transposed",     (None, "W @ g"),   said("at {0} the matrix is not transposed")),
        ("sum-forgotten",      (None, "g[i] * W[i]"), _ONE_ROW),),
    "outer(x, y)": (
        ("not-transposed",     ("y @ g", None),   said("at {0} the matrix is not transposed")),
        ("not-transposed",     (None, "g @ x"),   said("at {0} the matrix is not transposed")),
        ("sum-forgotten",      ("(g')[i] * y[i]", None), _ONE_ROW),
        ("sum-forgotten",      (None, "x[i] * g[i]"), _ONE_ROW),),
    "x @ W": (
        ("not-transposed",     ("g @ W", None),   said("at {0} the matrix is not transposed")),
        ("outer-transposed",   (None, "outer(g, x)"), said("at {0} the outer product is transposed")),
        ("sum-forgotten",      ("(W')[i] * g[i]", None), _ONE_ROW),),
    "A @ B": (
        ("not-transposed",     ("g @ B", None),   said("at {0} the matrix is not transposed")),
        ("not-transposed",     (None, "A @ g"),   said("at {0} the matrix is not transposed")),
        ("outer-transposed",   ("B @ g'", None),  said("at {0} the product is transposed")),
        ("outer-transposed",   (None, "g' @ A"),  said("at {0} the product is transposed")),
        ("sum-forgotten",      ("outer((g')[i], (B')[i])", None), _ONE_ROW),
        ("sum-forgotten",      (None, "outer(A[i], g[i])"), said("at {0} the sum over the batch is forgotten: one row alone is used")),),
    "x @ y": (
        ("inputs-not-swapped", ("g * x", "g * y"), said("at {0} the inputs are not swapped: each local gradient is the other input")),),
    "dot(x, y)": (
        ("inputs-not-swapped", ("g * x", "g * y"), said("at {0} the inputs are not swapped: each local gradient is the other input")),),
    "W'": (
        ("not-transposed",     ("g",),            said("at {0} the upstream gradient is not transposed")),),
    "softmax(x)": (
        ("softmax-diagonal",   ("g * out * (1 - out)",), said("at {0} only the diagonal of the softmax's Jacobian is used")),),
    "cross_entropy(x, y)": (
        ("softmax-target",     ("g * softmax(x)", None), said("at {0} the local gradient is softmax(x) − y: y is missing")),),
}

# Right, but not the rules of `ops`: how people write them on paper, and so where a rounded number goes in.
ON_PAPER: dict[str, tuple[str | None, ...]] = {
    "x / y": ("1/y", "-x/y^2"), "sigmoid(x)": ("out * (1 - out)",), "tanh(x)": ("1 - out^2",), "tan(x)": ("1 + out^2",),
}

# Another operation at one gate of the forward pass: another formula of its arguments.
MISREAD: dict[str, tuple[str, ...]] = {
    "x + y": ("x - y", "x * y"),      "x - y": ("x + y", "y - x"),     "x * y": ("x + y",),        "x / y": ("y / x", "x * y"),
    "x ^ y": ("x * y",),              "-x": ("x",),                    "exp(x)": ("exp(-x)",),     "sigmoid(x)": ("sigmoid(-x)",),
    "relu(x)": ("x",),                "abs(x)": ("x",),                "max(x, y)": ("min(x, y)",), "min(x, y)": ("max(x, y)",),
    "sum(x)": ("mean(x)",),           "mean(x)": ("sum(x)",),          "W @ x": ("W' @ x",),       "x @ W": ("W @ x",),
    "sin(x)": ("cos(x)",),            "cos(x)": ("sin(x)",),
}
# fmt: on
