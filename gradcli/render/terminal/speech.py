"""Numbers, arrays and formulas as words that a screen reader reads well: no signs, no brackets that it would swallow."""

from __future__ import annotations

from gradcli.errors import safe
from gradcli.light import re
from gradcli.nested import Nested
from gradcli.notation import Formula
from gradcli.render.forms import Look

_NAME = r"[^\W\d]\w*?(?:_\{[^}]*\}|(?!\w))"
_GRADIENT = re.compile(rf"∂({_NAME})/∂({_NAME})")
_TOKEN = re.compile(rf"\s*(\x00\d+\x00|1_\{{[^}}]*\}}|Σ_\w+|\d+(?:\.\d*)?(?:e[+-]?\d+)?|\.\*|<=|>=|!=|==|{_NAME}|\S)")
_SIGNS = {
    "+": "plus", "-": "minus", "*": "times", "·": "times", "/": "divided by", "@": "matrix times", ".*": "times, entry by entry,",
    "<": "less than", ">": "greater than", "<=": "at most", ">=": "at least", "=": "equals", "==": "equals", "!=": "other than",
    "'": "transposed",
}  # fmt: skip
_FUNCTIONS = {
    "sin": "the sine", "cos": "the cosine", "tan": "the tangent", "sinh": "the hyperbolic sine", "cosh": "the hyperbolic cosine",
    "tanh": "the hyperbolic tangent", "exp": "the exponential", "ln": "the natural logarithm", "sqrt": "the square root",
    "abs": "the absolute value", "sigmoid": "the sigmoid", "sum": "the sum", "max": "the largest", "min": "the smallest",
    "outer": "the outer product", "sign": "the sign",
}  # fmt: skip


class Speech:
    """Says things in the language of a look."""

    def __init__(self, look: Look) -> None:
        self.words, self.numbers = look.words, look.numbers

    def number(self, text: str) -> str:
        """Say a number that is written in digits."""
        if text.endswith("undefined"):
            return self.words("undefined")
        negative, digits = text.startswith("-"), text.removeprefix("-")
        mantissa, mark, exponent = digits.partition("e")
        if digits == "∞":
            digits = self.words("infinity")
        elif mark:
            digits = self.words("{0} times 10 to the power {1}", mantissa, self.number(exponent.removeprefix("+")))
        return self.words("minus {0}", digits) if negative else digits

    def value(self, value: Nested) -> str:
        """Say a number, or an array by its shape and its rows."""
        if not isinstance(value, list):
            return self.number(self.numbers.number(value))
        shape, rows = [len(value)], value
        while isinstance(rows[0], list):
            shape.append(len(rows[0]))
            if not isinstance(rows[0][0], list):
                break
            rows = [part for row in rows for part in row]
        said = "; ".join(", ".join(map(self.value, row if isinstance(row, list) else [row])) for row in rows)
        if len(shape) == 1:
            return self.words("the vector {0}", ", ".join(map(self.value, value)))
        return self.words("the {0} array {1}", self.words(" by ").join(map(str, shape)), said)

    def name(self, name: str) -> str:
        """Say a name, and the indices behind it if it has some in braces."""
        letters, mark, indices = name.partition("_{")
        return self.words("{0} index {1}", safe(letters), safe(indices.removesuffix("}")).replace(",", ", ")) if mark else safe(name)

    def gradients(self, text: str) -> str:
        """Say ∂f/∂x wherever it stands in a text."""
        return _GRADIENT.sub(lambda found: self.words("the gradient of {0} with respect to {1}", *map(self.name, found.groups())), text)

    def formula(self, formula: Formula | str) -> str:
        """Say a formula; nothing if it is too long to be read."""
        text = formula.written("plain") if isinstance(formula, Formula) else formula
        gradients: list[str] = []  # each is one word of the formula, whatever it takes to say it

        def put_aside(found: re.Match[str]) -> str:
            gradients.append(self.gradients(found[0]))
            return f" \0{len(gradients) - 1}\0 "

        tokens = _TOKEN.findall(_GRADIENT.sub(put_aside, safe(text)))
        said: list[str] = []
        closing: list[str] = []  # what to say where each open bracket closes
        for index, token in enumerate(tokens):
            before, behind = tokens[index - 1] if index else "", tokens[index + 1] if index + 1 < len(tokens) else ""
            if token.startswith("\0"):
                said.append(gradients[int(token.strip("\0"))])
            elif token.startswith("1_{"):
                said.append(self.words("1 if {0} else 0", self.formula(token[3:-1])) + (f", {self.words('times')}" if behind else ""))
            elif token.startswith("Σ_"):
                said.append(self.words("the sum over {0} of", token[2:]))
            elif token == "^":
                said.append("" if _squared(behind, tokens, index) else self.words("to the power"))
            elif before == "^" and _squared(token, tokens, index - 1):
                said.append(self.words("squared" if token == "2" else "cubed"))
            elif token in "([{":
                simple = tokens[index + 2 : index + 3] == [")"]  # one word in brackets: nothing to keep together
                called = token == "(" and re.fullmatch(_NAME, before)
                closing.append("" if token == "{" or simple else self.words("end of list" if token == "[" else "close bracket"))
                opening = "" if token == "{" or simple else self.words("the list" if token == "[" else "open bracket")
                said.append(f"{self.words('of')} {opening}".strip() if called else opening)
            elif token in ")]}":
                said.append(closing.pop() if closing else "")
            elif token == ",":
                said[-1] += ","
            elif token in _SIGNS:
                said.append(self.words(_SIGNS[token]))
            elif behind == "(" and token in _FUNCTIONS:
                said.append(self.words(_FUNCTIONS[token]))
            else:
                said.append(self.number(token) if token[0].isdigit() else self.name(token))
        return " ".join(filter(None, said))


def _squared(token: str, tokens: list[str], power: int) -> bool:
    """Tell whether a power is a square or a cube, and not a longer exponent that begins so."""
    return token in ("2", "3") and tokens[power + 2 : power + 3] != ["^"]
