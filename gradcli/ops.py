"""The operators: one row each, written as formulas in gradcli's own language and read by its own grammar.

In scope in a rule: the formal arguments of the form, ``out`` (the value just computed), and in a pullback ``g``
(the upstream gradient). Two kinds of rule and no third:

* ``partials`` for elementwise operators: ∂out/∂argument, one formula per argument;
* ``pullbacks`` for structural ones: the contribution to each argument, given ``g``.

``None`` in place of a rule: nothing flows to this argument (a condition, an index, a count).
UNWRITTEN: no rule exists yet, and whoever needs it is told so.
``value`` is a formula too; a row without one is a primitive, with a kernel in every arithmetic.
``shape`` is a signature as in NumPy's generalised ufuncs; without one the operator is elementwise.
``kink`` and ``jump`` say where it is not differentiable; the rule then gives the subgradient of least norm.
``domain`` says in words where it is defined, if not everywhere.
``at`` is a box of arguments that is safe to sample; the tests loop over these rows and need nothing else.

A row costs one line here and nothing elsewhere. Sources: the derivatives are in any calculus book; the stable
forms follow Higham, *Accuracy and Stability of Numerical Algorithms* (2002), chapters 1 and 3, and for softmax
Blanchard, Higham & Higham, *Accurately computing the log-sum-exp and softmax functions* (2021).
"""

from __future__ import annotations

from gradcli.light import cache

# Signs written between, before and after their arguments, with their rank: how tightly they bind (see plain.lark).
COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
INFIX = {**dict.fromkeys(COMPARISONS, 0), "+": 1, "-": 1, "*": 2, "/": 2, "@": 2, "^": 4}
PREFIX = {"-": 3}
POSTFIX = {"'": 5, "!": 5}
ATOM = 6
# Products whose meaning depends on the shapes, and what they are between numbers (see gradcli/products.py).
UNSETTLED = {"juxtapose": "*", "cdot": "*", "times": "*", "script": "^"}


UNWRITTEN = "?"
LITERALS = frozenset(("1", "inf"))  # last arguments that are no variables: norm(x, inf)


class Op:
    """A row of the table. ``name`` and ``formals`` are read off the form; the rest is described above."""

    __slots__ = (
        "about", "aliases", "at", "domain", "form", "formals", "jump", "kink", "literals", "name", "partials", "pretty",
        "pullbacks", "rank", "shape", "value",
    )  # fmt: skip

    def __init__(
        self,
        form: str,
        *,
        partials: tuple[str | None, ...] = (),
        pullbacks: tuple[str | None, ...] = (),
        value: str | None = None,
        shape: str | None = None,
        kink: str | None = None,
        jump: str | None = None,
        at: tuple[tuple[float, float], ...] = (),
        domain: str = "",
        pretty: str | None = None,
        aliases: tuple[str, ...] = (),
        about: str = "",
    ) -> None:
        self.form, self.partials, self.pullbacks, self.value = form, partials, pullbacks, value
        self.shape, self.kink, self.jump, self.at, self.domain = shape, kink, jump, at, domain
        self.pretty, self.aliases, self.about = pretty, aliases, about
        self.name, self.rank, arguments = _read_form(form)
        self.literals = {len(arguments) - 1: arguments.pop()} if arguments and arguments[-1] in LITERALS else {}
        self.formals = tuple(arguments)

    @property
    def rules(self) -> tuple[str | None, ...]:
        """Return the partials of an elementwise operator, the pullbacks of a structural one."""
        return self.pullbacks if self.shape else self.partials

    def __repr__(self) -> str:
        return f"<Op {self.form}>"


def _read_form(form: str) -> tuple[str, int, list[str]]:
    """Return (name, rank, arguments) of a form such as ``x / y``, ``-x``, ``W'``, ``sin(x)``, ``x[i]``."""
    if form[-1] == ")":
        name, _, inside = form[:-1].partition("(")
        arguments = inside.split(", ")
        return name + arguments[-1] if arguments[-1] in LITERALS else name, ATOM, arguments
    left, _, right = form.partition(" ")
    sign, _, right = right.partition(" ")
    if sign in INFIX:
        return sign, INFIX[sign], [left, right]
    if form[0] in PREFIX:
        return form[0], PREFIX[form[0]], [form[1:]]
    if form[-1] in POSTFIX:
        return form[-1], POSTFIX[form[-1]], [form[:-1]]
    if form[0] == "[":
        return "array", ATOM, [form[1:].partition(",")[0]]
    if form[-1] == "]":
        array, _, inside = form[:-1].partition("[")
        return ("[:]" if ":" in form else "[]"), POSTFIX["'"], [array, *inside.replace(":", ", ").split(", ")]
    return form, ATOM, []


R, POSITIVE, UNIT = (-3.0, 3.0), (0.1, 4.0), (-0.95, 0.95)

# fmt: off  (columns: form, value, rules, the rest)
TABLE: tuple[Op, ...] = (
    # ---- constants ------------------------------------------------------------------------------------------
    Op("pi", pretty="π", about="the ratio of a circle's circumference to its diameter"),
    Op("e", about="Euler's number, unless you give e a value"),

    # ---- arithmetic -----------------------------------------------------------------------------------------
    Op("x + y", partials=("1", "1"),        at=(R, R), about="distributes the upstream gradient"),
    Op("x - y", partials=("1", "-1"),       at=(R, R), about="distributes it, with the sign turned on the right"),
    Op("x * y", partials=("y", "x"),        at=(R, R), pretty="$x·$y", about="swaps its inputs"),
    Op("x / y", partials=("1/y", "-out/y"), at=(R, (0.5, 3)), domain="y is not 0", about="1/y and -x/y^2, the latter as -(x/y)/y"),
    Op("-x",    partials=("-1",),           at=(R,), about="turns the sign"),
    Op("x ^ y", partials=("unless(abs(x) + abs(y) == 0, 0, y * x^(y - 1))", "unless(where(y > 0, x, 1) == 0, 0, out * ln(x))"), at=(POSITIVE, R), aliases=("pow",),
       domain="x > 0, or y is a whole number (and not both x = 0 and y < 0)", about="the power rule in x, the exponential rule in y"),

    # ---- exponentials and logarithms ------------------------------------------------------------------------
    Op("exp(x)",     partials=("out",),            at=(R,), pretty="e^$x", about="its own derivative"),
    Op("exp2(x)",    value="2^x", partials=("out * ln(2)",), at=(R,), about="2 to the power x"),
    Op("expm1(x)",   partials=("exp(x)",),         at=(R,), about="e^x - 1, accurate near 0"),
    Op("ln(x)",      partials=("1/x",),            at=(POSITIVE,), aliases=("log",), domain="x > 0", about="natural logarithm"),
    Op("log2(x)",    partials=("1/(x * ln(2))",),  at=(POSITIVE,), domain="x > 0", about="logarithm to base 2"),
    Op("log10(x)",   partials=("1/(x * ln(10))",), at=(POSITIVE,), aliases=("lg",), domain="x > 0", about="logarithm to base 10"),
    Op("log1p(x)",   partials=("1/(1 + x)",),      at=((-0.9, 4),), domain="x > -1", about="ln(1 + x), accurate near 0"),
    Op("log(x, y)",  value="ln(x) / ln(y)", partials=("1/(x * ln(y))", "-out/(y * ln(y))"),
       at=(POSITIVE, (1.5, 4)), domain="x > 0, y > 0 and y is not 1", about="logarithm of x to base y"),

    # ---- roots and pieces -----------------------------------------------------------------------------------
    Op("sqrt(x)",  partials=("1/(2 * out)",),   at=(POSITIVE,), pretty="√$x", domain="x >= 0", about="square root"),
    Op("cbrt(x)",  partials=("1/(3 * out^2)",), at=(POSITIVE,), pretty="∛$x", about="real cube root"),
    Op("abs(x)",   partials=("sign(x)",),       at=(R,), kink="x == 0", pretty="|$x|", about="absolute value"),
    Op("sign(x)",  partials=("0",),             at=(R,), jump="x == 0", aliases=("sgn", "signum"), about="-1, 0 or 1"),
    Op("floor(x)", partials=("0",), at=((0.1, 0.9),), jump="x == floor(x)", pretty="⌊$x⌋", about="round down"),
    Op("ceil(x)",  partials=("0",), at=((0.1, 0.9),), jump="x == floor(x)", aliases=("ceiling",), pretty="⌈$x⌉", about="round up"),
    Op("round(x)", partials=("0",), at=((0.6, 1.4),), jump="x - floor(x) == 0.5",
       about="round to nearest, halves to even"),
    Op("max(x, y)", partials=("where(x > y, 1, where(x == y, 0.5, 0))", "where(y > x, 1, where(x == y, 0.5, 0))"),
       at=(R, R), kink="x == y", about="routes the gradient to the winner; a tie shares it"),
    Op("min(x, y)", partials=("where(x < y, 1, where(x == y, 0.5, 0))", "where(y < x, 1, where(x == y, 0.5, 0))"),
       at=(R, R), kink="x == y", about="routes the gradient to the loser; a tie shares it"),
    Op("clip(x, a, b)", value="min(max(x, a), b)",
       partials=("where(x > a, where(x < b, 1, 0), 0)", "where(x < a, where(a < b, 1, 0), 0)", "where(max(x, a) > b, 1, 0)"),
       at=(R, (-2, -1), (1, 2)), kink="(x - a) * (max(x, a) - b) == 0", about="x held between a and b"),
    Op("where(c, a, b)", partials=(None, "where(c, 1, 0)", "where(c, 0, 1)"), at=((0, 1), R, R),
       about="a where the condition holds, else b; the other branch does not count"),
    Op("x < y",  partials=(None, None), at=(R, R), kink="x == y", about="1 where true, else 0"),
    Op("x <= y", partials=(None, None), at=(R, R), kink="x == y", pretty="$x ≤ $y", about="1 where true, else 0"),
    Op("x > y",  partials=(None, None), at=(R, R), kink="x == y", about="1 where true, else 0"),
    Op("x >= y", partials=(None, None), at=(R, R), kink="x == y", pretty="$x ≥ $y", about="1 where true, else 0"),
    Op("x == y", partials=(None, None), at=(R, R), kink="x == y", pretty="$x = $y", about="1 where true, else 0"),
    Op("x != y", partials=(None, None), at=(R, R), kink="x == y", pretty="$x ≠ $y", about="1 where true, else 0"),

    # ---- circular functions and their inverses --------------------------------------------------------------
    Op("sin(x)",  partials=("cos(x)",),                           at=(R,), about="sine, x in radians"),
    Op("cos(x)",  partials=("-sin(x)",),                          at=(R,), about="cosine, x in radians"),
    Op("tan(x)",  partials=("sec(x)^2",),                         at=((-1.4, 1.4),), aliases=("tg",), domain="x is finite", about="tangent"),
    Op("sec(x)",  value="1/cos(x)", partials=("out * tan(x)",),   at=((-1.4, 1.4),), about="secant"),
    Op("csc(x)",  value="1/sin(x)", partials=("-out * cot(x)",),  at=((0.2, 2.9),), aliases=("cosec",), domain="sin(x) is not 0", about="cosecant"),
    Op("cot(x)",  value="cos(x)/sin(x)", partials=("-csc(x)^2",),      at=((0.2, 1.4),), aliases=("ctg",), domain="sin(x) is not 0", about="cotangent"),
    Op("asin(x)", partials=("1/sqrt((1 - x) * (1 + x))",),  at=(UNIT,), aliases=("arcsin",), domain="-1 <= x <= 1", about="inverse sine"),
    Op("acos(x)", partials=("-1/sqrt((1 - x) * (1 + x))",), at=(UNIT,), aliases=("arccos",), domain="-1 <= x <= 1", about="inverse cosine"),
    Op("atan(x)", partials=("1/(1 + x^2)",), at=(R,), aliases=("arctan", "arctg"), about="inverse tangent"),
    Op("asec(x)", value="atan2(sqrt(abs(x) - 1) * sqrt(abs(x) + 1), sign(x))",
       partials=("1/(abs(x) * sqrt(abs(x) - 1) * sqrt(abs(x) + 1))",), at=((1.1, 4),), aliases=("arcsec",),
       domain="|x| >= 1", about="inverse secant, in [0, π]"),
    Op("acsc(x)", value="sign(x) * atan2(1, sqrt(abs(x) - 1) * sqrt(abs(x) + 1))",
       partials=("-1/(abs(x) * sqrt(abs(x) - 1) * sqrt(abs(x) + 1))",), at=((1.1, 4),), aliases=("arccsc",),
       domain="|x| >= 1", about="inverse cosecant, in [-π/2, π/2]"),
    Op("acot(x)", value="atan2(where(x < 0, -1, 1), abs(x))", partials=("-1/(1 + x^2)",), at=(R,), aliases=("arccot", "arcctg"),
       jump="x == 0", about="inverse cotangent as atan(1/x), in (-π/2, π/2]"),
    Op("atan2(y, x)", partials=("x/hypot(x, y)/hypot(x, y)", "-y/hypot(x, y)/hypot(x, y)"), at=(R, POSITIVE),
       jump="where(x < 0, abs(y), 1) == 0", domain="x and y are not both 0", about="angle of the point (x, y), in (-π, π]"),
    Op("hypot(x, y)", partials=("unless(out == 0, 0, x/out)", "unless(out == 0, 0, y/out)"), at=(R, R),
       kink="out == 0", about="√(x² + y²) without overflow"),

    # ---- hyperbolic functions and their inverses ------------------------------------------------------------
    Op("sinh(x)",  partials=("cosh(x)",), at=(R,), aliases=("sh",), about="hyperbolic sine"),
    Op("cosh(x)",  partials=("sinh(x)",), at=(R,), aliases=("ch",), about="hyperbolic cosine"),
    Op("tanh(x)",  partials=("sech(x)^2",), at=(R,), aliases=("th",), about="hyperbolic tangent; not 1 - out^2: 0 at 20"),
    Op("sech(x)",  value="2 * exp(-abs(x)) / (1 + exp(-2 * abs(x)))", partials=("-out * tanh(x)",), at=(R,),
       about="hyperbolic secant"),
    Op("csch(x)",  value="where(abs(x) < 1, 1/sinh(x), -2 * sign(x) * exp(-abs(x)) / expm1(-2 * abs(x)))",
       partials=("-out * coth(x)",), at=(POSITIVE,), aliases=("cosech",), domain="x is not 0", about="hyperbolic cosecant"),
    Op("coth(x)",  value="1/tanh(x)", partials=("-csch(x)^2",), at=(POSITIVE,), aliases=("cth",), domain="x is not 0", about="hyperbolic cotangent"),
    Op("asinh(x)", partials=("1/hypot(1, x)",), at=(R,), aliases=("arcsinh", "arsinh"), about="inverse of sinh"),
    Op("acosh(x)", partials=("1/(sqrt(x - 1) * sqrt(x + 1))",), at=((1.1, 4),), aliases=("arccosh", "arcosh"),
       domain="x >= 1", about="inverse of cosh"),
    Op("atanh(x)", partials=("1/((1 - x) * (1 + x))",), at=(UNIT,), aliases=("arctanh", "artanh"), domain="-1 < x < 1", about="inverse of tanh"),
    Op("asech(x)", value="asinh(sqrt((1 - x) * (1 + x)) / where(x > 0, x, 0))", partials=("-1/(x * sqrt((1 - x) * (1 + x)))",),
       at=((0.1, 0.9),), aliases=("arcsech", "arsech"), domain="0 < x <= 1", about="inverse of sech"),
    Op("acsch(x)", value="asinh(1/x)", partials=("-1/(abs(x) * hypot(1, x))",), at=(POSITIVE,),
       aliases=("arccsch", "arcsch"), domain="x is not 0", about="inverse of csch"),
    Op("acoth(x)", value="sign(x) * log1p(2/(abs(x) - 1)) / 2", partials=("1/((1 - x) * (1 + x))",), at=((1.1, 4),),
       aliases=("arccoth", "arcoth"), domain="|x| > 1", about="inverse of coth"),

    # ---- neurons --------------------------------------------------------------------------------------------
    Op("sigmoid(x)",    value="where(x >= 0, 1, exp(-abs(x))) / (1 + exp(-abs(x)))", at=(R,), pretty="σ($x)", aliases=("sigma", "expit", "logistic"),
       partials=("sigmoid(x) * sigmoid(-x)",), about="1/(1 + e^-x); (1-σ)σ, where 1-σ(x) is σ(-x): not 0 at 40"),
    Op("logsigmoid(x)", value="min(x, 0) - log1p(exp(-abs(x)))", partials=("sigmoid(-x)",), at=(R,), about="ln σ(x)"),
    Op("softplus(x)",   value="max(x, 0) + log1p(exp(-abs(x)))", partials=("sigmoid(x)",), at=(R,), about="ln(1 + e^x)"),
    Op("relu(x)",       value="max(x, 0)", partials=("where(x > 0, 1, 0)",), at=(R,), kink="x == 0", aliases=("ReLU",), about="max(0, x)"),
    Op("leaky_relu(x)", value="where(x > 0, x, 0.01 * x)", partials=("where(x > 0, 1, 0.01)",), at=(R,), kink="x == 0",
       about="x, or x/100 below 0"),
    Op("leaky_relu(x, a)", value="where(x > 0, x, a * x)", partials=("where(x > 0, 1, a)", "where(x > 0, 0, x)"),
       at=(R, (0.1, 0.5)), kink="x == 0", about="x, or a·x below 0"),
    Op("elu(x)",  value="where(x > 0, x, expm1(x))", partials=("where(x > 0, 1, exp(x))",), at=(R,), about="x, or e^x - 1 below 0"),
    Op("elu(x, a)", value="where(x > 0, x, a * expm1(x))", partials=("where(x > 0, 1, a * exp(x))", "where(x > 0, 0, expm1(x))"),
       at=(R, (0.5, 2)), kink="where(a == 1, 1, x) == 0", about="x, or a·(e^x - 1) below 0"),
    Op("selu(x)", value="1.0507009873554805 * where(x > 0, x, 1.6732632423543772 * expm1(x))", at=(R,), kink="x == 0",
       partials=("1.0507009873554805 * where(x >= 0, 1, 1.6732632423543772 * exp(x))",),
       about="scaled elu (Klambauer et al. 2017)"),
    Op("gelu(x)", value="x * normcdf(x)", partials=("normcdf(x) + x * normpdf(x)",), at=(R,), about="x·Φ(x), Φ the normal distribution"),
    Op("silu(x)", value="x * sigmoid(x)", partials=("sigmoid(x) * (1 + x * sigmoid(-x))",), at=(R,),
       aliases=("swish",), about="x·σ(x)"),

    # ---- special functions ----------------------------------------------------------------------------------
    Op("erf(x)",     partials=("2/sqrt(pi) * gauss(x)",),   at=(R,), about="error function"),
    Op("erfc(x)",    partials=("-2/sqrt(pi) * gauss(x)",),  at=(R,), about="1 - erf(x), accurate for large x"),
    Op("gauss(x)",   partials=("-2 * x * out",),            at=(R,), pretty="e^(-$x²)", about="e^(-x²), accurate for large x"),
    Op("normcdf(x)", partials=("normpdf(x)",),              at=(R,), pretty="Φ($x)", about="distribution function of the normal law"),
    Op("normpdf(x)", partials=("-x * out",),                at=(R,), pretty="φ($x)", about="density of the normal law"),
    Op("gamma(x)",   partials=("out * digamma(x)",), at=((0.5, 4),), aliases=("Gamma",), pretty="Γ($x)", domain="x is not 0, -1, -2, …", about="gamma function"),
    Op("lgamma(x)",  partials=("digamma(x)",),              at=((0.5, 4),), domain="x is not 0, -1, -2, …", about="ln |Γ(x)|"),
    Op("digamma(x)", partials=("polygamma(1, x)",),         at=((0.5, 4),), pretty="ψ($x)", domain="x is not 0, -1, -2, …", about="derivative of ln Γ"),
    Op("polygamma(n, x)", partials=("outside(1)", "polygamma(n + 1, x)"), at=((1, 3), (0.5, 4)), domain="n is a whole number and x is not 0, -1, -2, …", about="n-th derivative of digamma"),
    Op("x!",         value="gamma(x + 1)", partials=("out * digamma(x + 1)",), at=((0.5, 4),), aliases=("factorial",),
       domain="x is not -1, -2, …", about="factorial, as Γ(x + 1)"),

    # ---- sums, means, extremes of all entries ---------------------------------------------------------------
    Op("sum(x)",  shape="any->()", pullbacks=("g * ones(x)",), about="the upstream gradient goes to every entry"),
    Op("mean(x)", shape="any->()", value="sum(x) / size(x)", pullbacks=("g * ones(x) / size(x)",), about="arithmetic mean"),
    Op("prod(x)", shape="any->()", pullbacks=("g * others(x)",), about="product; others(x) holds the products of the rest"),
    Op("max(x)",  shape="any->()", pullbacks=("g * where(x == out, 1, 0) / sum(where(x == out, 1, 0))",),
       kink="sum(where(x == out, 1, 0)) > 1", about="largest entry; a tie shares the gradient"),
    Op("min(x)",  shape="any->()", pullbacks=("g * where(x == out, 1, 0) / sum(where(x == out, 1, 0))",),
       kink="sum(where(x == out, 1, 0)) > 1", about="smallest entry; a tie shares the gradient"),
    Op("norm(x)",      shape="any->()", pullbacks=("unless(out == 0, 0, g * x / out)",), kink="out == 0", pretty="‖$x‖",
       about="Euclidean (Frobenius) norm"),
    Op("norm(x, 1)",   shape="any->()", value="sum(abs(x))", pullbacks=("g * sign(x)",), kink="sum(where(x == 0, 1, 0)) > 0",
       pretty="‖$x‖₁", about="sum of absolute values"),
    Op("norm(x, inf)", shape="any->()", value="max(abs(x))", pretty="‖$x‖∞",
       pullbacks=("g * sign(x) * where(abs(x) == out, 1, 0) / sum(where(abs(x) == out, 1, 0))",),
       kink="sum(where(abs(x) == out, 1, 0)) > where(out == 0, 0, 1)", about="largest absolute value"),
    Op("mse(x, y)", shape="any,any->()", value="mean((x - y)^2)", pullbacks=("2 * g * (x - y) / size(x - y)", "2 * g * (y - x) / size(x - y)"),
       about="mean squared error"),

    # ---- vectors and matrices -------------------------------------------------------------------------------
    Op("W @ x", shape="(m,n),(n)->(m)",     pullbacks=("outer(g, x)", "W' @ g"), pretty="$W $x", about="matrix times vector"),
    Op("A @ B", shape="(m,n),(n,p)->(m,p)", pullbacks=("g @ B'", "A' @ g"),      pretty="$A $B", about="matrix product"),
    Op("x @ W", shape="(m),(m,n)->(n)",     pullbacks=("W @ g", "outer(x, g)"),  pretty="$xᵀ $W", about="row times matrix"),
    Op("x @ y", shape="(n),(n)->()",        pullbacks=("g * y", "g * x"),        pretty="$xᵀ $y", about="inner product"),
    Op("dot(x, y)",   shape="(n),(n)->()",  pullbacks=("g * y", "g * x"), value="x @ y", pretty="$xᵀ $y", about="inner product"),
    Op("outer(x, y)", shape="(m),(n)->(m,n)", pullbacks=("g @ y", "x @ g"), pretty="$x $yᵀ", about="x yᵀ: entry i, j is x_i y_j"),
    Op("W'",          shape="(m,n)->(n,m)", pullbacks=("g'",), pretty="$Wᵀ", aliases=("transpose",), about="transpose"),
    Op("cross(x, y)", shape="(3),(3)->(3)", pullbacks=("cross(y, g)", "cross(g, x)"), pretty="$x × $y", about="vector product"),
    Op("trace(W)",    shape="(n,n)->()",    pullbacks=("g * eye(W)",), aliases=("tr",), about="sum of the diagonal"),
    Op("diag(x)",     shape="(n)->(n,n)",   pullbacks=("diag(g)",), about="matrix with diagonal x"),
    Op("diag(W)",     shape="(n,n)->(n)",   pullbacks=("diag(g)",), about="diagonal of W"),
    Op("det(W)",      shape="(n,n)->()",    pullbacks=("g * adjugate(W)'",), about="determinant"),
    Op("logdet(W)",   shape="(n,n)->()",    pullbacks=("g * inv(W)'",), domain="the determinant is positive", about="ln det W, for a positive determinant"),
    Op("inv(W)",      shape="(n,n)->(n,n)", pullbacks=("-(out' @ g @ out')",), pretty="$W⁻¹", domain="the determinant is not 0", about="inverse"),
    Op("adjugate(W)", shape="(n,n)->(n,n)", about="det(W)·inv(W), defined for singular W too",
       pullbacks=("adjugate_pullback(W, g)",)),

    # ---- softmax and its family -----------------------------------------------------------------------------
    Op("softmax(x)",     shape="(n)->(n)", pullbacks=("out * centred(g, out)",), about="e^x / sum(e^x), shifted by the maximum"),
    Op("log_softmax(x)", shape="(n)->(n)", pullbacks=("exchange(g, softmax(x))",), about="ln softmax(x)"),
    Op("logsumexp(x)",   shape="(n)->()",  pullbacks=("g * softmax(x)",), about="ln sum(e^x), shifted by the maximum"),
    Op("cross_entropy(x, y)", shape="(n),(n)->()", value="-sum(y * log_softmax(x))",
       pullbacks=("g * exchange(softmax(x), y)", "-g * log_softmax(x)"), about="of logits x against the distribution y"),

    # ---- taking apart and putting together ------------------------------------------------------------------
    Op("x[i]",          shape="index",     pullbacks=("place(g, x, i)", None), about="entry i, counted from 1; of a matrix, row i"),
    Op("W[i, j]",       shape="index",     pullbacks=("place(g, W, i, j)", None, None), about="entry in row i, column j"),
    Op("x[a:b]",        shape="slice",     pullbacks=("place_slice(g, x, a, b)", None, None), about="entries (or rows) a to b, both included"),
    Op("[x, ...]",      shape="array",     pullbacks=("g[i]",), about="vector of numbers, or matrix of rows"),
    Op("concat(x, y)",  shape="(m),(n)->(m+n)", pullbacks=("g[1:size(x)]", "g[size(x) + 1:size(g)]"), about="x, then y"),

    # ---- for the rules above --------------------------------------------------------------------------------
    Op("unless(c, a, b)", value="where(c, a, b)", partials=(None, None, "outside(c)"), at=((0, 0), R, R),
       about="b, but a where b has no value: a convention, so that it has no derivative there"),
    Op("outside(c)", value="1 / where(c, 0, 1)", partials=(None,), at=((0, 0),), about="1, but undefined where c holds"),
    Op("flow(x, y)", partials=("y", "x"), at=(R, R), pretty="$x·$y", about="x·y, but 0 where x is 0 and y has no value: a branch not taken"),
    Op("centred(x, y)",  shape="(n),(n)->(n)", pullbacks=("g * sum(y) - y * sum(g)", "sum(g * x) * ones(y) - x * sum(g)"),
       about="entry i is the sum of y_j (x_i - x_j): x - sum(x y) without cancellation where y sums to 1"),
    Op("exchange(x, y)", shape="(n),(n)->(n)", pullbacks=("g * sum(y) - sum(g * y)", "sum(g * x) - g * sum(x)"),
       about="entry i is the sum of x_i y_j - y_i x_j, without cancellation"),
    Op("adjugate_pullback(W, Y)", shape="(n,n),(n,n)->(n,n)", pullbacks=(UNWRITTEN, UNWRITTEN),
       about="gradient of sum(Y * adjugate(W)) in W; differentiated no further"),
    Op("ones(x)",   partials=(None,), at=(R,), pretty="𝟏", about="ones in the shape of x"),
    Op("eye(W)",    shape="(n,n)->(n,n)", pullbacks=(None,), pretty="I", about="identity matrix in the shape of W"),
    Op("size(x)",   shape="any->()", pullbacks=(None,), about="number of entries"),
    Op("others(x)", shape="any->any", pullbacks=("pairs(x, g)",), about="entry i is the product of all entries but i"),
    Op("pairs(x, y)", shape="any,any->any", about="entry i is the sum over k ≠ i of y_k times the product of all but i, k",
       pullbacks=("pairs_pullback(x, y, g)", "pairs(x, g)")),
    Op("pairs_pullback(x, y, z)", shape="any,any,any->any", pullbacks=(UNWRITTEN, UNWRITTEN, UNWRITTEN),
       about="gradient of sum(z * pairs(x, y)) in x; differentiated no further"),
    Op("place(y, x, i)",    shape="place",  pullbacks=("g[i]", None, None), about="zeros in the shape of x, but y at i"),
    Op("place(y, W, i, j)", shape="place",  pullbacks=("g[i, j]", None, None, None), about="zeros in the shape of W, but y at i, j"),
    Op("place_slice(y, x, a, b)", shape="place", pullbacks=("g[a:b]", None, None, None), about="zeros in the shape of x, but y at a to b"),
)
# fmt: on


OPS: dict[str, tuple[Op, ...]] = {}
# What can be called, and the rows it may mean: `log` is `ln` with one argument and `log` with two.
CALLS: dict[str, tuple[Op, ...]] = {}
for _row in TABLE:
    OPS[_row.name] = (*OPS.get(_row.name, ()), _row)
    for _name in (_row.form.partition("(")[0], *_row.aliases) if _row.form[-1] == ")" else _row.aliases:
        CALLS[_name] = (*CALLS.get(_name, ()), _row)
CONSTANTS = tuple(name for name, found in OPS.items() if found[0].form == name)


@cache
def rows(op: str, arity: int) -> tuple[Op, ...]:
    """Return the rows of an operator that take so many arguments: several where the shapes decide."""
    return tuple(row for row in OPS.get(op, ()) if len(row.formals) == arity or row.name == "array")
