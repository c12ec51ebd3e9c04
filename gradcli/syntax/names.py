"""Names: which spellings are one name, and what is near a name that nobody knows."""

from __future__ import annotations

from gradcli.light import cache, re

# In the order of their code points; the place after rho is the final sigma's.
_LETTERS = """
    alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho _ sigma tau upsilon phi chi psi omega
""".split()
GREEK = {chr(0x3B1 + i): word for i, word in enumerate(_LETTERS) if word != "_"}
GREEK |= {chr(0x391 + i): word.capitalize() for i, word in enumerate(_LETTERS) if word != "_"}
GREEK |= {"ς": "sigma", "ϑ": "theta", "ϕ": "phi", "ϖ": "pi", "ϱ": "rho", "ϵ": "epsilon", "ℼ": "pi"}
# A name as it stands left of an =: a letter, then letters, digits and subscripts.
NAME = r"[^\W\d](?:\w|\{[\w,]+\})*"
LETTERS = frozenset(GREEK.values())
SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


def _plain_letter(char: str) -> str:
    """Return a letter as one would type it: θ as theta, x₁ as x1, 𝑥 (copied out of a formula) as x."""
    if char in GREEK:
        return GREEK[char]
    if char >= "\U0001d400":
        from unicodedata import normalize

        letter = normalize("NFKC", char)  # of one letter of the mathematical alphabets: never of a whole text, where x² is x2
        return GREEK.get(letter, letter)
    return char.translate(SUBSCRIPTS)


@cache
def canonical(name: str) -> str:
    """Return the one form of a name: θ is theta; w0, w_0 and w_{0} are w0; W_{1,2} and W_1,2 are one."""
    if not name.isascii():
        parted = re.sub("(?<=[₀-₉])(?![₀-₉]|$)", "_", name) if any("₀" <= char <= "₉" for char in name) else name
        name = "".join(map(_plain_letter, parted))
    if "_" not in name and "{" not in name:
        return name
    name = name.replace("{", "").replace("}", "")
    stem, _, digits = name.rpartition("_")
    return stem + digits if digits.isdecimal() and stem[-1:].isascii() and stem[-1:].isalpha() else name


def loose(name: str) -> str:
    """Return a name without what is often left out or turned round: x_max as xmax, bar_x and xbar as xbar."""
    bare = "".join(char for char in canonical(name) if char not in "_{}," and not char.isspace())
    for accent in ("hat", "bar", "tilde"):
        letter = bare.removeprefix(accent)[:1] if bare.startswith(accent) else ""
        if letter.isascii() and letter.isalpha():
            return letter + accent + bare[len(accent) + 1 :]
    return bare
