"""``gradcli grade --self-test``: what is wrong with a key before anyone is graded by it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gradcli import output
from gradcli.errors import GradError
from gradcli.limits import Limits
from gradcli.wording import Language, said

if TYPE_CHECKING:
    from gradcli.classroom.key.key import Key
    from gradcli.judge.check import Rules


def self_test(paths: Sequence[str], rules: Rules, limits: Limits, language: Language, *, json: bool = False, color: str = "auto",
              latex: bool = False) -> int:  # fmt: skip
    """Test keys, or all keys of a folder, print what was found, and return the exit code: 1 if anything is wrong, else 0.

    Raises:
        GradError: for a key that cannot be used at all.

    """
    from gradcli.classroom.key.key import read_key, read_keys
    from gradcli.classroom.lint.selftest import self_test as tested
    from gradcli.progress import Progress

    keys: list[Key] = []
    for path in paths:
        if os.path.isdir(path):
            folder = read_keys(path, limits, rules, latex)
            keys += [folder[student] for student in folder]
        else:
            keys.append(read_key(path, limits, rules, latex))
    if not keys:
        raise GradError("bad-usage", said("there is no key here"), hint=said("for example: gradcli grade --self-test key.grad"))
    with Progress(language) as progress:
        progress.expect(sum(len(key.items) for key in keys))
        found = [tested(key, rules, progress.done) for key in keys]
    if json:
        from gradcli.render.grades.selftest import document

        output.write(document(found))
    else:
        from gradcli.render.forms import Look
        from gradcli.render.grades.selftest_table import render

        look = Look(words=language, width=output.width(), color=output.wants_color(color))
        output.show(lambda look: render(found, look), look)
    return 1 if any(one.warnings for one in found) else 0
