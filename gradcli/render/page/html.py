"""Report → a page to step through: one file that asks nobody for anything, in a browser, on paper, or read aloud.

All of it stands in the HTML: without its script it is the circuit, every step and the results. Its style and its
script are the files in assets/, the same in every page, so that the policy in its head names them by their hashes
and nothing else can run.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from importlib.resources import files

from gradcli.notation.mathml import name
from gradcli.notation.text import UNICODE
from gradcli.render.forms import Look, Part
from gradcli.render.heading import heading
from gradcli.render.page.controls import bar, question
from gradcli.render.page.lesson import BACKWARD, FORWARD, Lesson, Stop
from gradcli.render.page.mathematics import line, text
from gradcli.render.page.results import results
from gradcli.render.picture import svg
from gradcli.render.remarks import remarks
from gradcli.render.wiring import wiring

_LONG_TITLE = 100  # characters of a formula that can stand in a heading


def render(parts: Sequence[Part], look: Look) -> str:
    """Return reports as a page with a section for each."""
    say = look.words
    title = say("Backpropagation, step by step")
    sections = [_Section(part, look, f"q{index}-" if len(parts) > 1 else "") for index, part in enumerate(parts, 1)]
    if len(parts) == 1:
        title = f"{sections[0].title()}: {title}"
    style, script = _asset("page.css") + svg.style(scope=":root"), _asset("page.js")
    policy = f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; base-uri 'none'; form-action 'none'"
    links = "".join(f'<li><a href="#{one.prefix}lesson">{text(heading(one.part, say))}</a></li>' for one in sections)
    contents = f'<header><h1>{text(title)}</h1><ul class="contents">{links}</ul></header>'
    return "\n".join([
        "<!DOCTYPE html>",
        f'<html lang="{say.name}">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>{text(title)}</title>",
        f"<style>{style}</style>",
        f"<script>{script}</script>",
        "</head>",
        "<body>",
        f'<a class="skip" href="#{sections[0].prefix}steps">{text(say("Skip to the steps"))}</a>',
        *([contents] if len(parts) > 1 else []),
        "<main>",
        *(one.html() for one in sections),
        "</main>",
        "</body>",
        "</html>",
        "",
    ])  # fmt: skip


class _Section:
    """One question of the page. Its ids begin with ``prefix``; alone on the page its heading is that of the page."""

    def __init__(self, part: Part, look: Look, prefix: str) -> None:
        self.part, self.report, self.look, self.say, self.prefix = part, part.report, look, look.words, prefix
        self.wiring = wiring(self.report)
        self.lesson = Lesson(self.report, self.wiring, look)
        self.top = 2 if prefix else 1

    def title(self) -> str:
        """Return the function in plain text, or only its name where it is long."""
        reading = self.report.reading.written(UNICODE)
        return f"{self.report.output} = {reading}" if 0 < len(reading) <= _LONG_TITLE else self.report.output

    def html(self) -> str:
        """Return the section: the function, its circuit beside its steps, the controls, the results."""
        say, prefix, top = self.say, self.prefix, self.top
        asks = any(stop.answers for stop in self.lesson.stops)
        made = "\n".join([
            f'<article class="lesson" id="{prefix}lesson" data-prefix="{prefix}" data-place="{text(say("Step {0} of {1}"))}">',
            self._top(),
            '<div class="board">',
            f'<section class="picture"><h{top + 1} class="aloud">{text(say("Circuit"))}</h{top + 1}>',
            f'<div class="scroll" tabindex="0" role="region" aria-label="{text(self._label())}">{self._circuit()}</div></section>',
            f'<section class="card" id="{prefix}steps" tabindex="-1"><h{top + 1} class="aloud">{text(say("Steps"))}</h{top + 1}>',
            self._phase(FORWARD, say("Forward pass"), say("each gate computes its value")),
            self._phase(BACKWARD, say("Backward pass"), say("local gradient × upstream gradient = contribution")),
            question(say) if asks else "",
            "</section>",
            bar(len(self.lesson.stops), "" if asks else self._nothing_to_ask(), say),
            "</div>",
            results(self.report, self.lesson, self.look, top + 1),
            self._notes(),
            "</article>",
        ])  # fmt: skip
        return made.replace("<mtext>otherwise</mtext>", f"<mtext>{text(say('otherwise'))}</mtext>")

    def _label(self) -> str:
        return f"{self.say('Circuit')}: {heading(self.part, self.say)}" if self.prefix else self.say("Circuit")

    def _circuit(self) -> str:
        title = f"<title>{text(self.say('The circuit of {0}', self.title()))}</title>"
        return svg.drawing(self.wiring, self.look, self.prefix, title, tips=False)

    def _top(self) -> str:
        report, level = self.report, self.top
        shown = line(name(report.output), report.reading) if report.reading else text(self.say("{0}: too long to print", report.output))
        title = heading(self.part, self.say) if self.prefix else self.say("Backpropagation, step by step")
        return f'<header class="top"><h{level}>{text(title)}</h{level}><p class="function" tabindex="0">{shown}</p></header>'

    def _phase(self, phase: str, caption: str, motto: str) -> str:
        """Return the steps of one pass as a list; each keeps its number where those before it are hidden."""
        level = self.top + 2
        steps = [self._step(number, stop) for number, stop in enumerate(self.lesson.stops, 1) if stop.phase == phase]
        if not steps:
            return ""
        title = f"<h{level}>{text(caption)}<small>{text(motto)}</small></h{level}>"
        return f'<div class="phase {phase}">{title}\n<ol>\n{"".join(steps)}</ol></div>'

    def _step(self, number: int, stop: Stop) -> str:
        data: dict[str, Sequence[object]] = {
            "values": stop.values, "gradients": stop.gradients, "nodes": stop.nodes, "wires": stop.wires, "answers": stop.answers,
        }  # fmt: skip
        marks = "".join(f' data-{key}="{" ".join(map(str, held))}"' for key, held in data.items() if held)
        if stop.answers:
            marks += f' data-columns="{stop.columns}" data-asked="{stop.asked}"'
        inside = f'<p class="says">{stop.sentence}</p><div class="work">{stop.mathematics}</div>'
        return f'<li value="{number}" id="{self.prefix}step-{number}"{marks}>{inside}</li>\n'

    def _nothing_to_ask(self) -> str:
        if not self.lesson.numeric:
            return self.say("Without values there is nothing to type: with values, as in x=2, practice asks for each gradient.")
        return self.say("There is no gradient here that practice could ask for as a number.")

    def _notes(self) -> str:
        level, notes = self.top + 1, remarks(self.report, self.say)
        if not notes:
            return ""
        items = "".join(f"<li>{text(note)}</li>" for note in notes)
        return f'<section class="notes"><h{level}>{text(self.say("Notes"))}</h{level}><ul>{items}</ul></section>'


def _asset(name: str) -> str:
    return files("gradcli.render.page").joinpath("assets", name).read_text("utf-8")


def _hash(inside: str) -> str:
    """Return the source of a policy that allows an element with exactly this inside."""
    return f"sha256-{b64encode(sha256(inside.encode()).digest()).decode()}"
