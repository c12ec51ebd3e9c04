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
from gradcli.render import svg
from gradcli.render.forms import Look, Part
from gradcli.render.lesson import BACKWARD, FORWARD, Lesson, Stop
from gradcli.render.mathematics import formula, math, text
from gradcli.render.results import results
from gradcli.render.wiring import wiring

_LONG_TITLE = 100  # characters of a formula that can stand in a heading
_REPLIES = {
    "right": "Right.",
    "sign": "Not right: the sign is wrong.",
    "large": "Not right: its absolute value is too large.",
    "small": "Not right: its absolute value is too small.",
    "few": "Right as far as it goes: write at least 3 digits.",
    "unread": "This is no number: write -0.25, -1/4 or 2.5e-3.",
    "blank": "Nothing typed yet.",
    "given": "Here it is.",
}


def render(parts: Sequence[Part], look: Look) -> str:
    """Return reports as a page with a section for each."""
    say = look.words
    title = say("Backpropagation, step by step")
    sections = [_Section(part, look, f"q{index}-" if len(parts) > 1 else "") for index, part in enumerate(parts, 1)]
    if len(parts) == 1:
        title = f"{sections[0].title()}: {title}"
    style, script = _asset("page.css") + svg.style(scope=":root"), _asset("page.js")
    policy = f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; base-uri 'none'; form-action 'none'"
    contents = "".join(f'<li><a href="#{one.prefix}lesson">{text(one.heading())}</a></li>' for one in sections) if len(sections) > 1 else ""
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
        *([f'<header><h1>{text(title)}</h1><ul class="contents">{contents}</ul></header>'] if contents else []),
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

    def heading(self) -> str:
        """Return the name of the question, its points, and where it is computed."""
        part, say = self.part, self.say
        name = say("Question {0}", part.question) if part.question else say("Worksheet")
        worth = "" if part.points is None else " " + say("[1 point]" if part.points == 1 else "[{0} points]", f"{part.points:g}")
        return name + worth + (f", {part.where}" if part.where else "")

    def html(self) -> str:
        """Return the section: the function, its circuit beside its steps, the controls, the results."""
        say, prefix, top = self.say, self.prefix, self.top
        stops = self.lesson.stops
        asks = any(stop.answers for stop in stops)
        circuit = svg.drawing(self.wiring, self.look, prefix, f"<title>{text(say('The circuit of {0}', self.title()))}</title>", tips=False)
        return "\n".join([
            f'<article class="lesson" id="{prefix}lesson" data-prefix="{prefix}" data-place="{text(say("Step {0} of {1}"))}">',
            self._top(),
            '<div class="board">',
            f'<section class="picture"><h{top + 1} class="aloud">{text(say("Circuit"))}</h{top + 1}>',
            f'<div class="scroll" tabindex="0" role="region" aria-label="{text(say("Circuit"))}">{circuit}</div></section>',
            f'<section class="card" id="{prefix}steps" tabindex="-1"><h{top + 1} class="aloud">{text(say("Steps"))}</h{top + 1}>',
            self._phase(FORWARD, say("Forward pass"), say("each gate computes its value")),
            self._phase(BACKWARD, say("Backward pass"), say("local gradient × upstream gradient = contribution")),
            self._question() if asks else "",
            "</section>",
            self._bar(asks),
            "</div>",
            results(self.report, self.lesson, self.look, top + 1),
            self._notes(),
            "</article>",
        ])  # fmt: skip

    def _top(self) -> str:
        report, top = self.report, self.top
        above = f"<h{top}>{text(self.heading())}</h{top}>" if self.prefix else f'<p class="above">{text(self.say("Backpropagation, step by step"))}</p>'
        tag = "p" if self.prefix else f"h{top}"
        reading = formula(report.reading) if report.reading else f"<mtext>{text(self.say('too long to print'))}</mtext>"
        line = math(f"{name(report.output)}<mo>=</mo>{reading}")
        return f'<header class="top">{above}<{tag} class="function" tabindex="0">{line}</{tag}></header>'

    def _phase(self, phase: str, heading: str, motto: str) -> str:
        """Return the steps of one pass as a list; each keeps its number where those before it are hidden."""
        level = self.top + 2
        steps = [self._step(number, stop) for number, stop in enumerate(self.lesson.stops, 1) if stop.phase == phase]
        if not steps:
            return ""
        return f'<div class="phase {phase}"><h{level}>{text(heading)}<small>{text(motto)}</small></h{level}>\n<ol>\n{"".join(steps)}</ol></div>'

    def _step(self, number: int, stop: Stop) -> str:
        data = {
            "values": stop.values, "gradients": stop.gradients, "nodes": stop.nodes, "wires": stop.wires, "answers": stop.answers,
        }  # fmt: skip
        marks = "".join(f' data-{key}="{" ".join(map(str, held))}"' for key, held in data.items() if held)
        if stop.answers:
            marks += f' data-columns="{stop.columns}" data-asked="{stop.asked}"'
        return f'<li value="{number}" id="{self.prefix}step-{number}"{marks}><p class="says">{stop.sentence}</p><div class="work">{stop.mathematics}</div></li>\n'

    def _question(self) -> str:
        """Return the form in which practice asks; the script puts the fields in."""
        say = self.say
        replies = "".join(f' data-{key}="{text(say(words))}"' for key, words in _REPLIES.items())
        return (
            f'<form class="ask" hidden{replies} data-row="{text(say("row {0}"))}" data-column="{text(say("column {0}"))}"><div class="fields"></div>'
            f'<div class="buttons"><button type="submit">{text(say("Check"))}</button><button type="button" class="hint">{text(say("Hint: the local gradient"))}'
            f'</button><button type="button" class="show">{text(say("Show me"))}</button></div><p class="reply" role="status" aria-live="polite"></p></form>'
        )

    def _bar(self, asks: bool) -> str:
        say, prefix, last = self.say, self.prefix, len(self.lesson.stops)
        practice = (
            f'<label class="switch"><input type="checkbox" role="switch" class="practice"><span>{text(say("Practice: I find each gradient myself"))}</span></label>'
            f'<span class="score" data-score="{text(say("{0} of {1} found"))}" aria-live="polite"></span>'
            if asks
            else f'<p class="remark">{text(self._nothing_to_ask())}</p>'
        )

        def button(to: str, sign: str, words: str, wide: bool = False) -> str:
            inside = f'<span aria-hidden="true">{sign}</span>'
            if not wide:
                return f'<button type="button" data-go="{to}" aria-label="{text(words)}" title="{text(words)}">{inside}</button>'
            both = f"{inside} {text(words)}" if to == "back" else f"{text(words)} {inside}"
            return f'<button type="button" class="wide" data-go="{to}">{both}</button>'

        return "\n".join([
            '<div class="bar" hidden>',
            f'<div class="keys" role="group" aria-label="{text(say("Move through the steps"))}">',
            button("first", "⇤", say("First step")),
            button("back", "←", say("Back"), True),
            f'<label class="scrubber"><span class="aloud">{text(say("Step"))}</span><input type="range" min="1" max="{last}" value="1" step="1"></label>',
            button("next", "→", say("Next"), True),
            button("last", "⇥", say("Last step")),
            "</div>",
            f'<div class="more"><p class="status"><span class="where" aria-hidden="true"></span><span class="aloud" role="status" aria-live="polite" id="{prefix}status"></span></p>{practice}</div>',
            "</div>",
        ])  # fmt: skip

    def _nothing_to_ask(self) -> str:
        if not self.lesson.numeric:
            return self.say("Without values there is nothing to type: with values, as in x=2, practice asks for each gradient.")
        return self.say("There is no gradient here that practice could ask for as a number.")

    def _notes(self) -> str:
        if not self.report.notes:
            return ""
        level = self.top + 1
        notes = "".join(f"<li>{text(self.say(note))}</li>" for note in self.report.notes)
        return f'<section class="notes"><h{level}>{text(self.say("Notes"))}</h{level}><ul>{notes}</ul></section>'


def _asset(name: str) -> str:
    return files("gradcli.render").joinpath("assets", name).read_text("utf-8")


def _hash(inside: str) -> str:
    """Return the source of a policy that allows an element with exactly this inside."""
    return f"sha256-{b64encode(sha256(inside.encode()).digest()).decode()}"
