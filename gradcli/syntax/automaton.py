"""The terminals of a grammar as a table: what Python's re does with their alternation, and what a start can afford.

Each terminal is a regular expression; a text is cut at each place by the first one that fits, as far as it fits. A
program of one character at a time that keeps its choices in order of preference (Pike's machine; R. Cox, *Regular
expression matching: the virtual machine approach*, 2009) finds the same, and is made deterministic here, at build time:
its states are the lists of choices that are still open, cut behind the first that has come to its end.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache
from re import _constants, _parser
from sys import maxunicode
from typing import TYPE_CHECKING, Any

from gradcli.syntax.tables import NOWHERE

if TYPE_CHECKING:
    from gradcli.syntax.tables import Automaton

Chars = tuple[int, ...]  # a set of characters: where it begins, ends, begins again …
# An instruction: ("one of", characters, next), ("either", nexts in order), ("behind", characters, next), ("end", terminal).
Instruction = tuple[Any, ...]


class TooRich(Exception):  # noqa: N818  (such a grammar is cut by re itself)
    """A terminal looks further than at one character before it: no such table exists."""


def automaton(terminals: list[tuple[str, str]]) -> Automaton:
    """Return the deterministic automaton of terminals, the first that fits winning.

    ``ranges`` gives each character its class: that of the last range that begins at it or before. ``begin`` is the state
    to begin in, behind a character of each class; its last item, at the beginning of the text. ``moves`` of a state are
    the next states by class, NOWHERE for none, and ``accepts`` is the terminal that ends there, if one does.

    Raises:
        TooRich: if a terminal looks ahead, or further back than one character.

    """
    program: list[Instruction] = []
    entries = []
    for name, pattern in terminals:
        program.append(("end", name))
        entries.append(_sequence(list(_parser.parse(pattern)), len(program) - 1, program))
    sets = list(dict.fromkeys(step[1] for step in program if step[0] in ("one of", "behind")))
    ranges, members = _classes(sets)
    starts = [_closure(program, entries, kind) for kind in [*members, frozenset[Chars]()]]
    numbered = {state: number for number, state in enumerate(dict.fromkeys(starts))}
    moves = []
    for state in (queue := list(numbered)):
        row = []
        for kind in members:
            then = _closure(program, [program[place][2] for place in state if program[place][0] == "one of" and program[place][1] in kind])
            if then and then not in numbered:
                numbered[then] = len(numbered)
                queue.append(then)
            row.append(numbered[then] if then else NOWHERE)
        moves.append(bytes(row))
    accepts = tuple(next((program[place][1] for place in state if program[place][0] == "end"), "") for state in numbered)
    return {"ranges": ranges, "begin": tuple(numbered[state] for state in starts), "moves": moves, "accepts": accepts}


def _closure(program: list[Instruction], places: list[int], before: frozenset[Chars] | None = None) -> tuple[int, ...]:
    """Return what can be waited for at these places, in order; nothing behind an end, which wins over it."""
    found: dict[int, None] = {}
    stack = places[::-1]
    while stack:
        place = stack.pop()
        step = program[place]
        if step[0] == "either":
            stack += reversed(step[1])
        elif step[0] == "behind":
            if before is None:
                raise TooRich
            if step[1] not in before:
                stack.append(step[2])
        elif place not in found:
            found[place] = None
            if step[0] == "end":
                break
    return tuple(found)


def _sequence(parts: list[tuple[Any, Any]], then: int, program: list[Instruction]) -> int:
    for kind, given in reversed(parts):
        then = _part(kind, given, then, program)
    return then


def _part(kind: Any, given: Any, then: int, program: list[Instruction]) -> int:
    name = str(kind)
    if name in ("LITERAL", "NOT_LITERAL", "IN", "ANY"):
        program.append(("one of", _characters(kind, given), then))
    elif name == "SUBPATTERN":
        return _sequence(list(given[-1]), then, program)
    elif name == "BRANCH":
        program.append(("either", [_sequence(list(branch), then, program) for branch in given[1]]))
    elif name == "MAX_REPEAT":
        return _repeated(given, then, program)
    elif name == "ASSERT_NOT" and given[0] < 0 and len(given[1]) == 1:
        program.append(("behind", _characters(*given[1][0]), then))
    else:
        raise TooRich
    return len(program) - 1


def _repeated(given: tuple[int, int, Any], then: int, program: list[Instruction]) -> int:
    least, most, inside = given
    if most is _constants.MAXREPEAT:
        program.append(())
        loop = len(program) - 1
        program[loop] = ("either", [_sequence(list(inside), loop, program), then])
        then = loop
    else:
        for _ in range(most - least):
            program.append(("either", [_sequence(list(inside), then, program), then]))
            then = len(program) - 1
    for _ in range(least):
        then = _sequence(list(inside), then, program)
    return then


def _characters(kind: Any, given: Any) -> Chars:
    """Return the characters that a part of a pattern stands for."""
    name = str(kind)
    if name in ("LITERAL", "NOT_LITERAL"):
        found: Chars = (given, given + 1)
    elif name == "ANY":
        found = (0, ord("\n"), ord("\n") + 1)
    elif name == "RANGE":
        found = (given[0], given[1] + 1)
    elif name == "CATEGORY":
        found = _category(str(given).replace("_NOT", ""))
    else:
        assert name == "IN", name
        found = _union([_characters(*item) for item in given if str(item[0]) != "NEGATE"])
    turned = name == "NOT_LITERAL" or (name == "CATEGORY" and "_NOT" in str(given)) or (name == "IN" and str(given[0][0]) == "NEGATE")
    return found if not turned else found[1:] if found[0] == 0 else (0, *found)


@cache
def _category(name: str) -> Chars:
    r"""Return the characters of \s, \d or \w."""
    member = re.compile({"CATEGORY_SPACE": r"\s", "CATEGORY_DIGIT": r"\d", "CATEGORY_WORD": r"\w"}[name])
    inside = [member.match(chr(code)) is not None for code in range(maxunicode + 1)]
    return tuple(code for code, fit in enumerate(inside) if fit != (code > 0 and inside[code - 1]))


def _union(sets: list[Chars]) -> Chars:
    edges: list[int] = []
    for code in sorted({edge for chars in sets for edge in chars}):
        if any(_holds(chars, code) for chars in sets) != len(edges) % 2:
            edges.append(code)
    return tuple(edges)


def _holds(chars: Chars, code: int) -> bool:
    return bisect_right(chars, code) % 2 == 1


def _classes(sets: list[Chars]) -> tuple[list[tuple[int, int]], list[frozenset[Chars]]]:
    """Return ranges of characters as (first, class), and of each class the sets that hold its characters."""
    number: dict[frozenset[Chars], int] = {}
    ranges: list[tuple[int, int]] = []
    for first in sorted({0, *(edge for chars in sets for edge in chars if edge <= maxunicode)}):
        kind = number.setdefault(frozenset(chars for chars in sets if _holds(chars, first)), len(number))
        if not ranges or ranges[-1][1] != kind:
            ranges.append((first, kind))
    return ranges, list(number)
