"""A command whose operands may look like options, and whose help is said in the language asked for."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand

from gradcli.errors import GradError
from gradcli.wording import ENGLISH, Language, recognised, said

FORMATS = said("The format outright: {0}.")
REPORT = said("A report in a file, as in junit=report.xml: {0}.")
SHOWN = said("The report on standard output: {0}.")
PATTERNS = (FORMATS, REPORT, SHOWN)  # lines of help with parts
SETTINGS = {"help_option_names": ["-h", "--help"]}

# What was chosen on the command line; the answer is given outside Typer.
chosen: dict[str, Any] = {}


class MathCommand(TyperCommand):
    """A command whose operands may begin with a minus: only its own options, spelt exactly, are options.

    Click would take -x^2 for a bundle of short options, and told to ignore unknown ones would silently drop letters
    from the expression. So everything that is not exactly an option goes behind ``--``.
    """

    def get_help(self, ctx: Any) -> str:
        """Return the help in the language asked for: ours line by line, and the words that Click puts around it."""
        words: Language = ctx.obj or Language()
        if words.name == ENGLISH:
            return super().get_help(ctx)
        self.help = "\n".join(_translated(line, words) for line in (self.help or "").split("\n"))
        parameters: list[Any] = self.get_params(ctx)
        for parameter in parameters:
            if parameter.help:
                parameter.help = words(recognised(parameter.help, PATTERNS))
        text = super().get_help(ctx)
        for word in (said("Usage:"), said("Arguments:"), said("Options:"), said("[default:"), said("[env var:")):
            text = text.replace(word, words(word))
        return text

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Sort the words into options and operands before Click sees them."""
        parameters: list[Any] = self.get_params(ctx)
        takes = {name: 0 if p.is_flag else p.nargs for p in parameters if p.param_type_name == "option"
                 for name in (*p.opts, *p.secondary_opts)}  # fmt: skip
        options: list[str] = []
        operands: list[str] = []
        rest = list(args)
        while rest:
            word = rest.pop(0)
            name = word.partition("=")[0]
            if word == "--":
                operands += rest
                break
            if word in takes:
                if takes[word] > len(rest):
                    if ctx.resilient_parsing:  # a shell asks which values there are
                        break
                    raise GradError("bad-usage", said("{0} needs a value", word))
                options += [word, *rest[: takes[word]]]
                del rest[: takes[word]]
            elif name in takes and name.startswith("--"):
                options.append(word)
            elif word.startswith("--") and len(name) > 3 and name[2].isalpha() and name[2:].replace("-", "").isalpha():
                options.append(word)  # a mistyped option: Click says so, and what it may have meant
            else:
                operands.append(word)
        return super().parse_args(ctx, [*options, "--", *operands])


def _translated(line: str, words: Language) -> str:
    """Return a line of help in a language; of an example, what stands behind it."""
    example, gap, remark = line.rpartition("  ")
    if example.startswith("  gradcli "):
        return f"{example}{gap}{words(remark)}"
    return line if line.startswith("  ") else words(line)
