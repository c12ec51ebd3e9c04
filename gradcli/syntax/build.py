"""Make the tables of the grammars with Lark: ``python -m gradcli.syntax.build`` writes ``…_tables.py`` anew.

``grammar/*.lark`` is the single source, of the rules and of the terminals. The tables are kept beside the code because
making them at every start costs more than everything else the program does; `tables` notices when a grammar has changed
since.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lark import Lark
from lark.parsers.lalr_analysis import Shift

from gradcli.syntax.automaton import TooRich, automaton
from gradcli.syntax.tables import GRAMMARS, checksum, grammar_text, kept_in

if TYPE_CHECKING:
    from gradcli.syntax.tables import Automaton, Tables


class _Raw:
    """Keeps the terminals RAW_…, which no rule mentions: `arrange` makes others of them."""

    def __init__(self, grammar: str) -> None:
        self.always_accept = re.findall(r"^RAW_\w+", grammar_text(grammar), re.MULTILINE)

    def process(self, stream: Any) -> Any:
        return stream


def lark_parser(grammar: str, lexer: Any = "basic", debug: bool = False) -> Lark:
    """Return Lark's own parser of a grammar: the reference that the tables are tested against."""
    return Lark(grammar_text(grammar), parser="lalr", lexer=lexer, debug=debug, start=grammar_start(grammar), postlex=_Raw(grammar),
                maybe_placeholders=False, propagate_positions=True)  # fmt: skip


def grammar_start(grammar: str) -> str:
    """Return the start rule of a grammar: its first one."""
    text = grammar_text(grammar)
    return next(line.split(":")[0] for line in text.splitlines() if line[:1].isalpha())


def make_tables(grammar: str) -> Tables:
    """Return the tables of one grammar as plain data.

    A state maps a terminal to the state to shift to (≥ 0), or to −(rule number + 1) to reduce by; and a rule's
    origin to the state to go to. It is kept as words and numbers in turn: `lalr.States` reads the few that a text
    needs. A rule is (origin, length, node name, indices of the children it keeps); the name is None where the only
    child stands for itself.
    """
    parser = lark_parser(grammar)
    frontend: Any = parser.parser  # Lark has no public way to its tables: hence the pin to 1.3
    table, terminals = frontend.parser._parse_table, frontend.lexer.lexer.terminals
    numbered = {rule: index for index, rule in enumerate(parser.rules)}
    rules = []
    for rule in parser.rules:
        parts: list[Any] = list(rule.expansion)
        keep = tuple(i for i, part in enumerate(parts) if not (part.is_term and part.filter_out))
        stands_for_itself = rule.options.expand1 and rule.alias is None and len(keep) == 1
        name = None if stands_for_itself else (rule.alias or rule.origin.name)
        rules.append((str(rule.origin.name), len(rule.expansion), name and str(name), keep))
    start = grammar_start(grammar)
    order = _visiting_order(table.states, table.start_states[start])
    states = [
        " ".join(
            f"{kind} {order[arg] if action is Shift else -numbered[arg] - 1}" for kind, (action, arg) in sorted(table.states[old].items())
        )
        for old in order
    ]
    patterns = [(t.name, t.pattern.to_regexp()) for t in terminals if t.pattern is not None]
    return {
        "checksum": checksum(grammar_text(grammar)),
        "terminals": patterns,
        "automaton": _automaton(patterns),
        "ignore": sorted(parser.ignore_tokens),
        "rules": rules,
        "states": states,
        "start": 0,
        "end": order[table.end_states[start]],
    }


def _visiting_order(states: dict[int, dict[str, tuple[Any, Any]]], start: int) -> dict[int, int]:
    """Number the states as they are met from the start: Lark's own numbers change with the hash seed."""
    order = {start: 0}
    for old in (queue := [start]):
        for _, (action, new) in sorted(states[old].items()):
            if action is Shift and new not in order:
                order[new] = len(order)
                queue.append(new)
    return order


def _automaton(patterns: list[tuple[str, str]]) -> Automaton | None:
    """Return the automaton of the terminals; None where they look ahead, as those of a worksheet do."""
    try:
        return automaton(patterns)
    except TooRich:
        return None


def kept_text(grammar: str) -> str:
    """Return the text of the file that keeps the tables of a grammar."""
    lines = [f'"""Tables of grammar/{grammar}.lark. Written by `python -m gradcli.syntax.build`; do not edit."""', "", "TABLES = {"]
    for key, value in make_tables(grammar).items():
        if isinstance(value, list):
            lines += [f"    {key!r}: ["] + [f"        {item!r}," for item in value] + ["    ],"]
        elif isinstance(value, dict):
            lines += [f"    {key!r}: {{"] + [f"        {name!r}: {item!r}," for name, item in value.items()] + ["    },"]
        else:
            lines.append(f"    {key!r}: {value!r},")
    return "\n".join([*lines, "}", ""])


if __name__ == "__main__":
    for written in GRAMMARS:
        Path(kept_in(written)).write_text(kept_text(written), encoding="utf-8")
