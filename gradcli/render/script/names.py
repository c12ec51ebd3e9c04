"""Names of a report as identifiers of Python: valid, distinct, and nobody else's."""

from __future__ import annotations

import builtins
import keyword
import re
from unicodedata import normalize

from gradcli.errors import safe
from gradcli.notation.code import LIBRARIES, helpers
from gradcli.syntax.names import canonical

# What the scripts call their own; a user's name that is one of these gets an underscore behind it.
_OWN = """
    math np numpy torch jax jnp sympy agree agreed agreement flat opinion same number exact forward circuit point values rates gates
    seed rows row pulled pull nan inf above below weight wanted rate gate formula inputs total
""".split()
_MARK = re.compile("‹([^›]*)›")


class Names:
    """Gives every name of a report its identifier: the same one each time it is asked."""

    def __init__(self) -> None:
        self.given: dict[str, str] = {}
        self.taken = {*_OWN, *keyword.kwlist, *keyword.softkwlist, *dir(builtins), *(w for lib in LIBRARIES for w in helpers(lib))}

    def __call__(self, name: str) -> str:
        """Return the identifier of a name: θ is theta, w_{1,2} is w_1_2, lambda is lambda_, ∂f/∂q is df_dq."""
        if name not in self.given:
            self.given[name] = self.new(_plain(name))
        return self.given[name]

    def new(self, wanted: str) -> str:
        """Return an identifier like this one that nothing else has."""
        while wanted in self.taken:
            wanted += "_"
        self.taken.add(wanted)
        return wanted

    def filled(self, code: str) -> str:
        """Return code with every mark of a name replaced by its identifier."""
        return _MARK.sub(lambda mark: self(mark[1]), code)


def _plain(name: str) -> str:
    """Return the nearest identifier. Python itself reads identifiers in their NFKC form, so that is the form to tell apart."""
    if name.startswith("∂") and "/∂" in name:
        above, below = name[1:].split("/∂")
        return f"d{_plain(above)}_d{_plain(below)}"
    letters = "".join("_" if safe(char) != char else char for char in normalize("NFKC", canonical(name)))
    word = re.sub(r"\W", "_", letters)
    return word if word.isidentifier() else f"v_{word}" if f"v_{word}".isidentifier() else "v_" + re.sub(r"[^A-Za-z0-9_]", "_", word)
