"""What an answer is to: the value of a stage or of the output, or the partial in a variable or a stage."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from gradcli.errors import GradError, suggest
from gradcli.expr import Expr, symbol, tape
from gradcli.judge.truth import Truth
from gradcli.syntax.names import NAME, canonical
from gradcli.wording import said

_PARTIAL = re.compile(rf"\s*[d∂]\s*({NAME})\s*/\s*[d∂]\s*({NAME})\s*")
_SHORT = re.compile(rf"\s*[d∂]\s*({NAME})\s*")


class Target(NamedTuple):
    """What is answered: the value of a node, or the partial in it."""

    node: Expr
    partial: bool
    name: str


def target_of(written: str, truth: Truth) -> Target:
    """Return what an answer is to: ``df/dx``, ``dx`` where that is no name, ``q``; raise a GradError where it is nothing."""
    output, nodes = canonical(truth.output), truth.nodes
    if found := _PARTIAL.fullmatch(written):
        if canonical(found[1]) != output:
            raise unknown(said("gradients are of {0}", truth.output), said("write d{0}/d{1}", truth.output, found[2]))
        if not truth.program.variables:  # a constant, by any name
            return Target(symbol(found[2]), True, f"d{truth.output}/d{found[2]}")
        if canonical(found[2]) in nodes:
            return Target(nodes[canonical(found[2])], True, f"d{truth.output}/d{found[2]}")
        raise unknown(said("there is nothing called {0} to differentiate by", found[2]), known_names(found[2], truth))
    name = written.strip()
    if canonical(name) in nodes:
        return Target(nodes[canonical(name)], False, name)
    found = _SHORT.fullmatch(written)
    if found and canonical(found[1]) in nodes:
        return Target(nodes[canonical(found[1])], True, f"d{truth.output}/d{found[1]}")
    raise unknown(said("{0} is neither a variable of the expression nor anything to answer", name), known_names(name, truth))


def begged(truth: Truth, asked: Target, names: Sequence[str]) -> str:
    """Return a name in an answer to a value that is this value, or was made of it later: ``q = q`` says nothing, nor does ``q = f/z``."""
    if asked.partial:
        return ""
    own, stages = canonical(asked.name), [*map(canonical, truth.program.stage_nodes), canonical(truth.output)]
    later = stages[stages.index(own) if own in stages else 0 :]
    return next((name for name in names if canonical(name) == own or (
        canonical(name) in later and asked.node in tape(truth.nodes[canonical(name)]))), "")  # fmt: skip


def unknown(message: str, hint: str) -> GradError:
    """Return the error for a name that nothing has."""
    return GradError("unknown-name", message, hint=hint)


def known_names(name: str, truth: Truth) -> str:
    """Return a hint: the name that was probably meant, or those there are."""
    names = [str(symbol) for symbol in truth.nodes]
    return suggest(name, names) or said("there are {0}", ", ".join(names))
