"""Which operations count as one gate: "a matter of convenience", say the CS231n notes, and so it is a switch.

FOLDED    constants fold into their gate, as lectures draw it: ×(-1), exp, +1, 1/x
PRIMITIVE every binary operator with its constants
FUSED     well-known functions that are written out become one gate: sigmoid, tanh, softplus, softmax, logsumexp
"""

from __future__ import annotations

from gradcli.expr import NUMBER, Expr, make, number, tape
from gradcli.notation.text import text
from gradcli.report import FOLDED
from gradcli.rules import Rewriting

# What is recognised, as it is written out → the one gate. + and * match in either order.
_fuse = Rewriting("""
    1 / (1 + exp(-x))                                -> sigmoid(x)
    exp(x) / (1 + exp(x))                            -> sigmoid(x)
    1 - sigmoid(x)                                   -> sigmoid(-x)
    (exp(x) - exp(-x)) / (exp(x) + exp(-x))          -> tanh(x)
    (exp(2 * x) - 1) / (exp(2 * x) + 1)              -> tanh(x)
    (1 - exp(-2 * x)) / (1 + exp(-2 * x))            -> tanh(x)
    sinh(x) / cosh(x)                                -> tanh(x)
    2 * sigmoid(2 * x) - 1                           -> tanh(x)
    ln(1 + exp(x))                                   -> softplus(x)
    log1p(exp(x))                                    -> softplus(x)
    ln(sigmoid(x))                                   -> logsigmoid(x)
    exp(x) / sum(exp(x))                             -> softmax(x)
    ln(sum(exp(x)))                                  -> logsumexp(x)
    ln(softmax(x))                                   -> log_softmax(x)
    ln(softmax(x)[i])                                -> log_softmax(x)[i]
    exp(x[i]) / sum(exp(x))                          -> softmax(x)[i]
    max(x, 0)                                        -> relu(x)
    max(0, x)                                        -> relu(x)
""")


def fuse(root: Expr) -> dict[Expr, Expr]:
    """Return every node under root with the gate it becomes, itself where nothing is recognised."""
    new: dict[Expr, Expr] = {}
    for node in tape(root):
        made = node if not node.args else make(node.op, tuple([new[arg] for arg in node.args]), node.leaf)
        again = _fuse(made)
        while again is not made:
            made, again = again, _fuse(again)
        new[node] = _exponentials(made)
    return new


def _exponentials(node: Expr) -> Expr:
    """Recognise ln(e^a + e^b + …) and e^a/(e^a + e^b + …) over any number of terms."""
    if node.op == "ln":
        terms = _terms(node.args[0])
        return make("logsumexp", (make("array", terms),)) if terms else node
    if node.op == "/" and node.args[0].op == "exp":
        terms, own = _terms(node.args[1]), node.args[0].args[0]
        if own in terms and len(set(terms)) == len(terms):
            return make("[]", (make("softmax", (make("array", terms),)), number(terms.index(own) + 1)))
    return node


def _terms(node: Expr) -> tuple[Expr, ...]:
    """Return a, b, … of e^a + e^b + …; nothing if it has another form."""
    out, stack = [], [node]
    while stack:
        part = stack.pop()
        if part.op == "+":
            stack += reversed(part.args)
        elif part.op == "exp":
            out.append(part.args[0])
        else:
            return ()
    return tuple(out) if len(out) > 1 else ()


_NAMES = {"*": "×", "/": "÷", "-": "−"}


def label(node: Expr, mode: str) -> str:
    """Return what stands in the gate: × + exp, and in FOLDED mode its constant too: ×(-1), +1, 1/x."""
    if mode == FOLDED and node.args:
        folded = _folded(node)
        if folded:
            return folded
    if node.op == "array":
        return "[ ]"
    if node.op in ("[]", "[:]"):
        return "[" + ("," if node.op == "[]" else ":").join(map(text, node.args[1:])) + "]"
    return _NAMES.get(node.op, node.op)


def wires(node: Expr, mode: str) -> list[int]:
    """Return the positions of the arguments that are wired into a gate: not the constants that its sign names."""
    if node.op in ("[]", "[:]"):
        return [0]
    named = mode == FOLDED and _folded(node) != ""
    return [position for position, arg in enumerate(node.args) if not (named and arg.op == NUMBER)]


def _folded(node: Expr) -> str:
    if node.op == "-" and len(node.args) == 1:
        return "×(-1)"
    if len(node.args) != 2 or node.op not in ("+", "-", "*", "/", "^"):
        return ""
    left, right = (text(arg) if arg.op == NUMBER else "" for arg in node.args)
    if bool(left) == bool(right):
        return ""
    constant = left or right
    if constant.startswith("-"):
        constant = f"({constant})"
    if node.op in ("+", "*"):
        return f"{_NAMES.get(node.op, node.op)}{constant}"
    if left:
        return f"{constant}{_NAMES.get(node.op, node.op) if node.op != '/' else '/'}x"
    return f"x^{constant}" if node.op == "^" else f"{_NAMES.get(node.op, node.op)}{constant}"
