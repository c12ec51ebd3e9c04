"""Make the LALR tables with Lark: ``python -m gradcli.syntax.build`` writes ``generated.py`` anew.

``grammar/*.lark`` is the single source. The tables are kept beside the code because making them at every start
costs more than everything else the program does; `tables` notices when a grammar has changed since.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from zlib import crc32

from lark import Lark
from lark.parsers.lalr_analysis import Shift

from gradcli.syntax.tables import GRAMMARS, Tables, grammar_text


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
    origin to the state to go to. A rule is (origin, length, node name, indices of the children it keeps); the
    name is None where the only child stands for itself.
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
        {str(kind): order[arg] if action is Shift else -numbered[arg] - 1 for kind, (action, arg) in sorted(table.states[old].items())}
        for old in order
    ]
    return {
        "checksum": crc32(grammar_text(grammar).encode()),
        "terminals": [(t.name, t.pattern.to_regexp()) for t in terminals if t.pattern is not None],
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


def generated_text() -> str:
    """Return the text of ``generated.py``."""
    lines = ['"""LALR tables of grammar/*.lark. Written by `python -m gradcli.syntax.build`; do not edit."""', ""]
    for grammar in GRAMMARS:
        lines.append(f"{grammar.upper()} = {{")
        for key, value in make_tables(grammar).items():
            if isinstance(value, list):
                lines += [f"    {key!r}: ["] + [f"        {item!r}," for item in value] + ["    ],"]
            else:
                lines.append(f"    {key!r}: {value!r},")
        lines += ["}", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    Path(__file__).with_name("generated.py").write_text(generated_text(), encoding="utf-8")
