"""``gradcli variants``: a sheet and a key for each student of a roster. The options are those of `cli`."""

from __future__ import annotations

import csv
import os
from io import StringIO
from typing import TYPE_CHECKING

from gradcli import output
from gradcli.errors import NO_VERDICT, USAGE, GradError, reason, safe
from gradcli.limits import Limits
from gradcli.wording import Language, said

if TYPE_CHECKING:
    from gradcli.classroom.variants.variants import Variants

SHEETS, KEYS, MANIFEST = "sheets", "keys", "manifest.csv"
_HEADER = "student,sheet,key"
_HINT = said("for example: gradcli variants key.grad --students roster.csv -o homework/")


def variants(
    words: list[str],
    *,
    students: str = "",
    to: str = "",
    seed: str = "",
    force: bool = False,
    limit: list[str] | None = None,
    lang: str = "",
) -> int:
    """Read a key and a roster, write the folder, say in a line what it holds, and return the exit code.

    The folder has sheets/STUDENT.grad and keys/STUDENT.grad, and manifest.csv that says which are whose. A sheet or key that is
    there already and is another one is kept, with all the rest of the folder, unless ``force`` is given.

    Raises:
        GradError: for what is wrong with the key, the roster or the options, and for a question of which there is no variant.

    """
    from gradcli.classroom.key.key import read_key
    from gradcli.classroom.slugs import slug
    from gradcli.classroom.variants.roster import read_roster
    from gradcli.classroom.variants.variants import Variants
    from gradcli.judge.check import Rules
    from gradcli.progress import Progress
    from gradcli.render.forms import Look
    from gradcli.values.files import source_of

    language, limits = output.spoken("--lang", lang), Limits.asked(limit or [])
    if len(words) != 1 or not students or not to:
        what = said("there is no key here") if not words else said("this needs one key, --students FILE and -o FOLDER")
        raise GradError("bad-usage", what, hint=_HINT)
    if words[0] == students == "-":
        raise GradError("bad-usage", said("standard input is read once"))

    key, names = source_of(words[0], limits), read_roster(source_of(students, limits))
    try:
        read_key(key, limits, Rules())
        made = Variants(key, limits, seed)
        files: dict[str, str] = {}
        rows: list[tuple[str, str, str]] = []
        with Progress(language) as progress:
            progress.expect(len(names))
            for name in names:
                variant = made.of(name)
                own = f"{SHEETS}/{slug(name)}.grad", f"{KEYS}/{slug(name)}.grad"
                files |= dict(zip(own, (variant.sheet, variant.key)))
                rows.append((name, *own))
                progress.done()
    except GradError as problem:
        problem.code = USAGE if problem.code == NO_VERDICT else problem.code
        raise
    files[MANIFEST] = _manifest(rows)
    if not force:
        _refuse_what_differs(to, files)
    for folder in (SHEETS, KEYS):
        output.make_folder(os.path.join(to, folder))
    for name, text in files.items():
        output.save(os.path.join(to, *name.split("/")), [text])
    output.show(lambda look: _summary(made, len(names), to, look.words), Look(words=language))
    return 0


def _manifest(rows: list[tuple[str, str, str]]) -> str:
    """Return which files are whose; a name that a spreadsheet would compute has an apostrophe before it."""
    from gradcli.render.grades.csv import cell

    file = StringIO()
    csv.writer(file, lineterminator="\n").writerows([_HEADER.split(","), *((cell(name), *files) for name, *files in rows)])
    return file.getvalue()


def _refuse_what_differs(folder: str, files: dict[str, str]) -> None:
    """Raise a GradError if a file of the folder would be replaced by another: students may have it already."""
    different = []
    for name, text in files.items():
        found = _text_of(os.path.join(folder, *name.split("/")))
        if found is not None and found != text.encode() and not (name == MANIFEST and found.startswith(_HEADER.encode())):
            different.append(name)
    if different:
        what = said("{0} is there already, and is another one", os.path.join(folder, different[0]))
        more = said("{0}, as are {1} more files", what, len(different) - 1)
        raise GradError("file-exists", more if len(different) > 1 else what,
                        hint=said("nothing was written: choose another folder, or replace them by --force"))  # fmt: skip


def _text_of(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise GradError("cannot-read", said("cannot read {0}: {1}", path, reason(problem))) from None


def _summary(made: Variants, students: int, folder: str, words: Language) -> str:
    """Return in lines what was written, how many points differ, and what does not differ."""
    lines = [words("1 sheet, its key and manifest.csv are in {0}", folder) if students == 1
             else words("{0} sheets, their keys and manifest.csv are in {1}", students, folder)]  # fmt: skip
    for exercise, points in zip(made.exercises, made.distinct):
        name = words("question {0}", exercise.name) if exercise.name else words("the question")
        if not exercise.at:
            lines.append(words("{0}: the same for everybody, as it has no point", name))
        elif exercise.name in made.fixed:
            lines.append(words("{0}: the same for everybody, as its own point is special, or nothing in it varies", name))
        else:
            lines.append(words("{0}: {1} different versions", name, len(points)))
    if made.poor:
        more = words("at {0} of the points two variables may be taken for each other: --self-test says at which", made.poor)
        lines.append(f"{words('note')}: {more}")
    return "".join(safe(line) + "\n" for line in lines)
