"""Names: which spellings are one name, and what is near a name that nobody knows."""

from __future__ import annotations

import re
from functools import lru_cache

# In the order of their code points; the place after rho is the final sigma's.
_LETTERS = """
    alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho _ sigma tau upsilon phi chi psi omega
""".split()
GREEK = {chr(0x3B1 + i): word for i, word in enumerate(_LETTERS) if word != "_"}
GREEK |= {chr(0x391 + i): word.capitalize() for i, word in enumerate(_LETTERS) if word != "_"}
GREEK |= {"ς": "sigma", "ϑ": "theta", "ϕ": "phi", "ϖ": "pi", "ϱ": "rho", "ϵ": "epsilon"}


@lru_cache(maxsize=4096)
def canonical(name: str) -> str:
    """Return the one form of a name: θ is theta; w0, w_0 and w_{0} are w0; W_{1,2} and W_1,2 are one."""
    if not name.isascii():
        for sign, word in GREEK.items():
            name = name.replace(sign, word)
    name = name.replace("{", "").replace("}", "")
    return re.sub(r"(?<=[A-Za-z])_(\d+)$", r"\1", name)


def split_into(name: str, known: list[str]) -> list[str]:
    """Return the known names a word is made of (w0x0 → w0, x0), or nothing; longer names win."""
    parts: list[str] = []
    rest = name
    while rest:
        part = next((k for k in sorted(known, key=len, reverse=True) if rest.startswith(k)), None)
        if part is None:
            return []
        parts.append(part)
        rest = rest[len(part) :]
    return parts
