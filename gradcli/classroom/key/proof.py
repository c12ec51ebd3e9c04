"""A key is checked before anyone is graded: at its points there are right answers, and it grades itself fully correct."""

from __future__ import annotations

from gradcli.classroom.key.wanted import Wanted, placed
from gradcli.errors import GradError, Source, Span
from gradcli.judge.check import Rules, judge
from gradcli.judge.expected import expected
from gradcli.judge.truth import Truth
from gradcli.judge.verdict import CORRECT, INVALID, UNDECIDED
from gradcli.limits import Limits
from gradcli.report import WITHOUT_NUMBER
from gradcli.syntax.worksheet import Answer
from gradcli.wording import said

_DIGITS = 15  # of a truth that is written out, those that are certainly there


class Proof:
    """What a key is checked with: its text, and how answers are judged."""

    def __init__(self, source: Source, rules: Rules, limits: Limits, latex: bool) -> None:
        self.source, self.rules, self.limits, self.latex = source, rules, limits, latex

    def check(self, one: Wanted, truth: Truth, point: Span | None) -> None:
        """Refuse a part that nobody could answer right, or that the key itself answers wrong.

        Raises:
            GradError: for a value or a partial that does not exist or cannot be told, and for a typed answer that is wrong.

        """
        for answer in one.typed:
            self._typed(one, truth, answer)
        if truth.broken is not None and not one.typed:
            raise GradError(truth.broken.kind, said("at this point there is no right answer: {0}", truth.broken.message),
                            point, source=self.source)  # fmt: skip
        if truth.broken is None and not self._without_number(one, truth):
            self._computed(one, truth)

    def _typed(self, one: Wanted, truth: Truth, answer: Answer) -> None:
        """Judge an answer that is typed in the key as a student's is judged."""
        verdict = judge(truth, answer.target, self.source, *answer.span, self.rules, self.limits, self.latex)
        if verdict.verdict == CORRECT:
            return
        with placed(self.source, answer.span):
            if verdict.verdict == INVALID and verdict.problem:
                raise verdict.problem
            if verdict.verdict == UNDECIDED:
                raise GradError("undecided", said("nobody can tell whether this answer is right"), hint=verdict.hint)
            what = said("the answer typed in the key is wrong: {0} is {1}", one.target.name, verdict.expected)
            raise GradError("wrong-key", what if verdict.expected else said("the answer typed in the key is wrong"), hint=verdict.hint)

    def _without_number(self, one: Wanted, truth: Truth) -> bool:
        """Tell whether there is no number to be asked for; that must be what the key says."""
        if truth.point is None or not one.target.partial:
            return False
        status = truth.status(one.target.node)
        kinds = set(status.entries or [status.status]) & set(WITHOUT_NUMBER)
        if "undecided" in kinds:
            raise GradError("undecided", said("{0} cannot be told at this point", one.target.name), one.span, source=self.source)
        if kinds and not one.typed:
            raise GradError("no-derivative", said("{0} does not exist: {1}", one.target.name, status.note), one.span,
                            source=self.source, hint=said("if that is what is asked: answer {0} = undefined", one.target.name))  # fmt: skip
        return bool(kinds)

    def _computed(self, one: Wanted, truth: Truth) -> None:
        """Judge the truth, written out, as a student's answer is judged."""
        node, partial = one.target.node, one.target.partial
        if truth.point is not None:
            written = str(expected(truth, one.target, strict=True))
        else:
            question = truth.question(node, partial)
            if question is None:
                raise GradError("nothing-asked", said("a Jacobian by an array is judged at a point"), one.span, source=self.source,
                                hint=said("give the variables values"))  # fmt: skip
            written = question.written
        tolerance = self.rules.tolerance
        rules = self.rules._replace(tolerance=tolerance._replace(digits=min(tolerance.digits, _DIGITS)))
        verdict = judge(truth, one.target.name, Source(written), 0, len(written), rules, self.limits)
        if verdict.verdict != CORRECT:
            what = said("nobody could answer {0} right: what is computed, {1}, is judged {2}", one.target.name, written, verdict.verdict)
            raise GradError("wrong-key", what, one.span, source=self.source, hint=verdict.hint)
