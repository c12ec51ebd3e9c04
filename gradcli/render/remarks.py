"""What is said below a report: its notes, and why its partials have no formulas."""

from __future__ import annotations

from gradcli.report import Report
from gradcli.wording import Language


def remarks(report: Report, words: Language) -> list[str]:
    """Return the notes of a report in a language, and one that says what is left out."""
    notes = [words.told(note) for note in report.notes]
    partials = report.partials.values()
    if report.value is not None and partials and not any(p.formula or p.index_form for p in partials):
        notes.append(words("the partials have no formulas here: with {0} values nobody would read them", len(report.forward)))
    return notes
