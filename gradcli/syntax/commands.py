"""The commands of LaTeX that are read, by what they are: tables alone."""

from __future__ import annotations

from gradcli import ops
from gradcli.syntax.names import LETTERS

SPACING = frozenset(
    r"\left \right \mleft \mright \middle \big \Big \bigg \Bigg \bigl \bigr \Bigl \Bigr \biggl \biggr \Biggl \Biggr \bigm \Bigm "
    r"\, \; \: \! \> \quad \qquad \enspace \thinspace \medspace \thickspace \negthinspace \negmedspace \negthickspace "
    r"\displaystyle \textstyle \scriptstyle \limits \nolimits \mathstrut \strut \nonumber \notag \allowbreak \hfill \hspace* \/".split()
)
# Boxes and fonts round a part of a formula: they change how it looks, not what it says.
WRAPPERS = frozenset(r"\boxed \fbox \mathop \mathbin \mathrel \ensuremath \variable".split())
# Fonts and arrows: part of how a name is written, not of what it is called.
FONTS = frozenset(
    r"\vec \mathbf \boldsymbol \bm \pmb \mathrm \mathit \mathsf \mathtt \mathcal \mathfrak \mathscr \overrightarrow \underline \text "
    r"\textrm \textit \textbf \texttt \operatorname \operatorname* \operatornamewithlimits".split()
)
WORDS = frozenset(
    r"\mathrm \mathsf \mathtt \mathit \text \textrm \textit \texttt \operatorname \operatorname* \operatornamewithlimits".split()
)
# Accents: ŷ is another name than y.
ACCENTS = {
    r"\hat": "hat", r"\widehat": "hat", r"\bar": "bar", r"\overline": "bar", r"\tilde": "tilde", r"\widetilde": "tilde", r"\check": "check",
    r"\dot": "dot", r"\ddot": "ddot", r"\breve": "breve",
}  # fmt: skip

_VARIANTS = {
    r"\varepsilon": "epsilon", r"\vartheta": "theta", r"\varphi": "phi", r"\varrho": "rho", r"\varsigma": "sigma", r"\varpi": "pi",
    r"\varkappa": "kappa",
}  # fmt: skip
NAMES = {f"\\{word}": word for word in LETTERS} | _VARIANTS | {r"\ell": "ell", r"\exponentialE": "e", r"\eulerE": "e", r"\hbar": "hbar"}
COMPARISONS = {
    r"\le": "<=", r"\leq": "<=", r"\leqslant": "<=", r"\ge": ">=", r"\geq": ">=", r"\geqslant": ">=", r"\ne": "!=", r"\neq": "!=",
    r"\lt": "<", r"\gt": ">",
}  # fmt: skip
SIGNS = dict.fromkeys(COMPARISONS, "COMPARE") | {
    r"\cdot": "_DOT", r"\bullet": "_DOT", r"\times": "_CROSS", r"\odot": "_DOT_TIMES", r"\circ": "_DOT_TIMES", r"\ast": "_TIMES",
    r"\div": "_OVER",
    r"\frac": "_FRAC", r"\dfrac": "_FRAC", r"\tfrac": "_FRAC", r"\cfrac": "_FRAC", r"\sqrt": "_SQRT", r"\over": "_SPLIT",
    r"\sum": "BIG", r"\prod": "BIG", r"\coloneqq": "_EQUAL", r"\@": "_AT",
    r"\vert": "RAW_BAR", r"\mid": "RAW_BAR", r"\lvert": "_LBAR", r"\rvert": "_RBAR", r"\Vert": "RAW_NORM", r"\|": "RAW_NORM",
    r"\lVert": "_LNORM", r"\rVert": "_RNORM", r"\lfloor": "_LFLOOR", r"\rfloor": "_RFLOOR", r"\lceil": "_LCEIL", r"\rceil": "_RCEIL",
    r"\ulcorner": "_LCEIL", r"\urcorner": "_RCEIL", r"\llcorner": "_LFLOOR", r"\lrcorner": "_RFLOOR",
    r"\langle": "_LANGLE", r"\rangle": "_RANGLE", r"\la": "_LANGLE", r"\ra": "_RANGLE",
    r"\lparen": "LPAR", r"\rparen": "RPAR", r"\lgroup": "LPAR", r"\rgroup": "RPAR", r"\lbrack": "LSQB", r"\rbrack": "RSQB",
    r"\{": "LBRACE", r"\}": "RBRACE", r"\lbrace": "LBRACE", r"\rbrace": "RBRACE",
    r"\infty": "NAME",
}  # fmt: skip
FUNCTIONS = {f"\\{name}": name for name in ops.CALLS if name not in LETTERS and f"\\{name}" not in SIGNS}
MATRICES = frozenset("matrix pmatrix bmatrix Bmatrix smallmatrix array".split())
CASES = frozenset("cases dcases rcases".split())
LINES = frozenset(
    "align align* aligned alignat alignat* gather gather* gathered equation equation* split eqnarray eqnarray* multline multline*".split()
)
TRANSPOSES = frozenset((r"\top", r"\intercal", r"\transpose", r"\mathsf T", r"\mathrm T", "T"))
KNOWN = sorted({*SPACING, *WRAPPERS, *FONTS, *ACCENTS, *NAMES, *FUNCTIONS, *SIGNS, r"\begin", r"\end"})
