"""What lies outside this tool, by the sign, word or command people write for it; and the error that says so."""

from __future__ import annotations

from gradcli.errors import GradError, Source, Span
from gradcli.wording import said

_KINDS: dict[str, str] = {
    said("an integral"): "∫ ∬ ∮ int integral integrate \\int \\iint \\iiint \\oint",
    said("a derivative inside an expression"): "∂ ′ diff derivative partialdiff \\partial \\prime",
    said("the gradient sign"): "∇ \\nabla grad \\grad",
    said("a limit"): "→ limit lim \\lim \\to \\rightarrow \\limsup \\liminf",
    said("a value with two signs"): "± ∓ \\pm \\mp",
    said("infinity"): "∞ \\infty infinity",
    said("a percentage"): "% \\%",
    said("a unit"): "° € £ \\degree degrees km cm mm nm kg mg ms ns Hz kHz MHz GHz Pa kPa mol kJ kW kN rad deg eV",
    said("a set or an interval"): "∈ ∉ ∅ ∪ ∩ ⊂ \\in \\cup \\cap \\subset \\setminus \\emptyset \\varnothing union",
    said("logic"): "∧ ∨ ⋀ ⋁ ¬ & ⇒ ⇔ and or not nand nor xor implies \\wedge \\vee \\land \\lor \\neg \\lnot \\implies \\Rightarrow \\iff",
    said("an equation to be solved"): "≈ ∼ ~ ≡ solve \\approx \\sim \\equiv \\propto \\simeq",
    said("the imaginary unit"): "ı ⅈ \\imaginaryunit \\imath",
    said("a remainder"): "mod rem \\mod \\bmod \\pmod gcd lcm \\gcd \\lcm",
    said("a binomial coefficient"): "binomial choose binom \\binom \\dbinom \\tbinom \\choose",
    said("a probability"): "\\Pr \\mathbb",
    said("an argmin or argmax"): "argmin argmax \\argmin \\argmax",
    said("a Bessel, Airy or elliptic function"): "besselj bessely besseli besselk airyai airybi ellipk ellipe",
    said("a plot"): "plot",
}
WHAT = {word: what for what, words in _KINDS.items() for word in words.split(" ")}

# Words that are units only behind a number: 3 km is one, km alone may be a name.
UNITS = frozenset(w for w in _KINDS["a unit"].split() if w.isalpha() and len(w) < 4)


def outside(what: str, span: Span, source: Source, hint: str = "") -> GradError:
    """Return the error for something that this tool does not read: it is named, not guessed."""
    return GradError("outside", said("{0} is outside this tool", what), span, source=source,
                     hint=hint or said("it reads functions and their values: numbers, names, operators, functions, arrays"))  # fmt: skip
