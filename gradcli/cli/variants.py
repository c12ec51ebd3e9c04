"""The options of ``gradcli variants`` and their help; what they do is in `variants`."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from gradcli.cli.command import SETTINGS, MathCommand, chosen
from gradcli.cli.options import Lang, Limit

_VARIANTS = """Examples:

\b
  gradcli variants key.grad --students roster.csv -o homework/
  gradcli variants key.grad --students roster.csv -o homework/ --seed "spring"
  gradcli grade homework/keys submissions/          each by the own key

Writes for each student a sheet with numbers of the student's own, and the key to it: FOLDER/sheets and FOLDER/keys.

A roster is a CSV file with a column student, id or name, or a list of names. A name has its numbers whoever else is there.

Numbers are of the kind that stands in the key; where a line says vary x = -5 .. 5, w = -1 .. 1 by 0.1, these vary and no others.
They avoid kinks, values that do not exist, and points at which a mistake gives the right number.

Exit codes: 0 written; 2 bad usage, a key or a roster that is wrong, a file that would be replaced; 4 a limit was hit.
"""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command(cls=MathCommand, help=_VARIANTS, context_settings=SETTINGS)
def variants(
    words: Annotated[Optional[list[str]], typer.Argument(metavar="KEY", show_default=False)] = None,  # noqa: UP045
    students: Annotated[str, typer.Option(help="The roster: CSV with a column student, id or name, or a list.", metavar="FILE")] = "",
    to: Annotated[str, typer.Option("-o", "--output", help="The folder for sheets, keys and manifest.csv.", metavar="FOLDER")] = "",
    seed: Annotated[str, typer.Option(help="Another text, other numbers for everybody.", metavar="TEXT")] = "",
    force: Annotated[bool, typer.Option("--force", help="Replace sheets and keys that are there already.")] = False,
    limit: Limit = None,
    lang: Lang = "",
) -> None:
    """Keep the options for `run_command`."""
    chosen.update(words=words or [], students=students, to=to, seed=seed, force=force, limit=limit, lang=lang)
