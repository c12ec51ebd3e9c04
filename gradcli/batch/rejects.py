"""Rows without a result, as a table: where each stands in the source, why, and as what."""

from __future__ import annotations

from collections.abc import Sequence

from gradcli.batch.records import Reject
from gradcli.batch.results.text import cell, encoded
from gradcli.errors import harmless
from gradcli.wording import Language, said

ENDING = ".rejects.csv"  # behind the name of the output
_SHOWN = 200  # characters of a row that people are told
HEADER = (",".join(Reject._fields) + "\n").encode()


def table(rejects: Sequence[Reject]) -> bytes:
    """Return lines of the table of rejects, whose texts no spreadsheet computes. What was not UTF-8 in the source is spelt out."""
    return encoded("".join(f"{reject.line},{reject.byte},{cell(reject.reason, ',')},{cell(reject.text, ',')}\n" for reject in rejects))


def sentence(reject: Reject, words: Language) -> str:
    """Return a reject as a line for people, of a long row its beginning."""
    text = reject.text if len(reject.text) <= _SHOWN else reject.text[:_SHOWN] + "..."
    return harmless(words(said("rejected: line {0}, byte {1}: {2}: {3}", reject.line, reject.byte, reject.reason, text)))
