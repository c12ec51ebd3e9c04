"""What lies outside this tool, by the sign, word or command people write for it; and the error that says so."""

from __future__ import annotations

from gradcli.errors import GradError, Source, Span

_KINDS = {
    "an integral": "∫ ∬ ∮ int integral integrate \\int \\iint \\iiint \\oint",
    "a derivative inside an expression": "∂ ′ diff derivative partialdiff \\partial \\prime",
    "the gradient sign": "∇ \\nabla grad \\grad",
    "a limit": "→ limit lim \\lim \\to \\rightarrow \\limsup \\liminf",
    "a value with two signs": "± ∓ \\pm \\mp",
    "infinity": "∞ \\infty infinity",
    "a percentage": "% \\%",
    "a unit": "° € £ \\degree degrees km cm mm nm kg mg ms ns Hz kHz MHz GHz Pa kPa mol kJ kW kN rad deg eV",
    "a set or an interval": "∈ ∉ ∅ ∪ ∩ ⊂ \\in \\cup \\cap \\subset \\setminus \\emptyset \\varnothing union",
    "logic": "∧ ∨ ⋀ ⋁ ¬ & ⇒ ⇔ and or not nand nor xor implies \\wedge \\vee \\land \\lor \\neg \\lnot \\implies \\Rightarrow \\iff",
    "an equation to be solved": "≈ ∼ ~ ≡ solve \\approx \\sim \\equiv \\propto \\simeq",
    "the imaginary unit": "ı ⅈ \\imaginaryunit \\imath",
    "a remainder": "mod rem \\mod \\bmod \\pmod gcd lcm \\gcd \\lcm",
    "a binomial coefficient": "binomial choose binom \\binom \\dbinom \\tbinom \\choose",
    "a probability": "\\Pr \\mathbb",
    "an argmin or argmax": "argmin argmax \\argmin \\argmax",
    "a Bessel, Airy or elliptic function": "besselj bessely besseli besselk airyai airybi ellipk ellipe",
    "a plot": "plot",
}
WHAT = {word: what for what, words in _KINDS.items() for word in words.split(" ")}

# Words that are units only behind a number: 3 km is one, km alone may be a name.
UNITS = frozenset(w for w in _KINDS["a unit"].split() if w.isalpha() and len(w) < 4)


def outside(what: str, span: Span, source: Source, hint: str = "") -> GradError:
    """Return the error for something that this tool does not read: it is named, not guessed."""
    return GradError("outside", f"{what} is outside this tool", span, source=source,
                     hint=hint or "it reads functions and their values: numbers, names, operators, functions, arrays")  # fmt: skip
