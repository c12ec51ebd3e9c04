"""The controls of a page: buttons and a scrubber for its steps, and the form in which practice asks."""

from __future__ import annotations

from gradcli.render.mathematics import text
from gradcli.wording import Language, said

_REPLIES = {
    "right": said("Right."),
    "sign": said("Not right: the sign is wrong."),
    "large": said("Not right: its absolute value is too large."),
    "small": said("Not right: its absolute value is too small."),
    "few": said("Right as far as it goes: write at least 3 digits."),
    "unread": said("This is no number: write -0.25, -1/4 or 2.5e-3."),
    "blank": said("Nothing typed yet."),
    "given": said("Here it is."),
}


def bar(last: int, why_not: str, say: Language) -> str:
    """Return the controls for so many steps; in place of the switch to practice, why there is nothing to ask."""
    switch = text(say("Practice: I find each gradient myself"))
    practice = (
        f'<label class="switch"><input type="checkbox" role="switch" class="practice"><span>{switch}</span></label>'
        f'<span class="score" data-score="{text(say("{0} of {1} found"))}"></span>'
    )
    return "\n".join([
        '<div class="bar" hidden>',
        f'<div class="keys" role="group" aria-label="{text(say("Move through the steps"))}">',
        _button("first", "⇤", say("First step")),
        f'<button type="button" class="wide" data-go="back">{_sign("←")} <span class="word">{text(say("Back"))}</span></button>',
        f'<label class="scrubber"><span class="aloud">{text(say("Step"))}</span>'
        f'<input type="range" min="1" max="{last}" value="1" step="1"></label>',
        f'<button type="button" class="wide" data-go="next"><span class="word">{text(say("Next"))}</span> {_sign("→")}</button>',
        _button("last", "⇥", say("Last step")),
        "</div>",
        '<div class="more"><p class="status"><span class="where" aria-hidden="true"></span>'
        '<span class="aloud" role="status" aria-live="polite"></span></p>',
        f'<p class="remark">{text(why_not)}</p>' if why_not else practice,
        "</div>",
        "</div>",
    ])  # fmt: skip


def question(say: Language) -> str:
    """Return the form in which practice asks; the script puts the fields in."""
    replies = "".join(f' data-{key}="{text(say(words))}"' for key, words in _REPLIES.items())
    return "\n".join([
        f'<form class="ask" hidden{replies} data-row="{text(say("row {0}"))}" data-column="{text(say("column {0}"))}">',
        '<div class="fields"></div>',
        f'<div class="buttons"><button type="submit">{text(say("Check"))}</button>',
        f'<button type="button" class="hint">{text(say("Hint: the local gradient"))}</button>',
        f'<button type="button" class="show">{text(say("Show me"))}</button></div>',
        '<p class="reply" role="status" aria-live="polite"></p>',
        "</form>",
    ])  # fmt: skip


def _button(to: str, sign: str, words: str) -> str:
    return f'<button type="button" data-go="{to}" aria-label="{text(words)}" title="{text(words)}">{_sign(sign)}</button>'


def _sign(sign: str) -> str:
    return f'<span aria-hidden="true">{sign}</span>'
