"""Records of a graded class, made by hand: what the reports are tested with, without a judge."""

from fractions import Fraction

from gradcli.classroom.marks import Graded, Mark, Problem, Sheet
from gradcli.errors import GradError, Source
from gradcli.judge.verdict import CORRECT, INCORRECT, INVALID, UNANSWERED, UNDECIDED, Diagnosis, Verdict
from gradcli.wording import said

A, B = "x = -2, y = 5, z = -4", "x = 1, y = 1, z = 0"
DIGITS = said("right to every digit written, at least {0} of them unless exact", 3)
FIRST, SECOND = Fraction(3, 4), Fraction(2, 3)  # what a part of each question is worth: 3 points and 2


def correct(target, given, rule=None):
    return _of(target, given, Verdict(CORRECT, rule=rule or said("exact"), method="balls at 128 bits", expected=given))


def wrong(target, given, expected, diagnosis=None, **told):
    told = told or {"error": said("sign"), "hint": said("the sign is wrong")}
    return _of(target, given, Verdict(INCORRECT, expected=expected, rule=DIGITS, method="balls at 128 bits", diagnosis=diagnosis, **told))


def undecided(target, given, expected):
    return _of(target, given, Verdict(UNDECIDED, method="balls at 4096 bits", expected=expected))


def invalid(target, given):
    source = Source(f"answer {target} = {given}", "boris.grad")
    problem = GradError("unmatched-bracket", said("this {0} is never closed", "("), (len(source.text) - 2, len(source.text) - 1), source=source)
    return _of(target, given, Verdict(INVALID, error=problem.message, problem=problem))


def unanswered(target, expected=""):
    return _of(target, "", Verdict(UNANSWERED, expected=expected))


def _of(target, given, verdict):
    verdict.target, verdict.given = target, given
    return verdict


def slip(kind, step, says):
    return Diagnosis(kind, step, says)


def mark(question, where, verdict, worth=Fraction(1), points=None, line=0, follows=""):
    earned = worth if points is None and verdict.verdict == CORRECT else points or Fraction(0)
    return Mark(question, where, verdict.target, verdict, earned, worth, line, follows)


def sheet(student, file, *verdicts, problems=()):
    """Return a sheet of the class below: four parts of question 1, at two points, and three of question 2, in symbols."""
    places = [("1", A, FIRST)] * 3 + [("1", B, FIRST)] + [("2", "", SECOND)] * 3
    lines = [4, 5, 6, 8, 10, 11, 12]
    marks = []
    for (question, where, worth), line, verdict in zip(places, lines, verdicts, strict=True):
        follows = "q = 7" if verdict.target == "df/dz" and verdict.given == "7" else ""
        answered = 0 if verdict.verdict == UNANSWERED else line
        marks.append(mark(question, where, verdict, worth, worth if follows else None, answered, follows))
    return Sheet(student, file, tuple(marks), tuple(problems))


SIGN = slip("sign", "f = q z", said("the sign of {0} is turned", "∂f/∂q"))
ONE_PATH = slip("one-path", "q = x + y", said("at {0} only one of the two paths is used", "q = x + y"))
INNER = slip("inner-derivative", "s = sigmoid(w x)", said("the inner derivative of {0} is missing", "sigmoid(w x)"))

ANN = sheet(
    "Ann Lee", "ann.grad",
    correct("q", "3"), correct("df/dx", "-4"), correct("df/dz", "3"), correct("df/dx", "z"),
    correct("s", "0.9975", DIGITS), correct("dL/ds", "2(s - 1)", said("equal as formulas")), correct("dL/dw", "2(s-1)s(1-s)x", said("equal as formulas")),
)  # fmt: skip
BORIS = sheet(
    "Борис Ковалёв", "boris.grad",
    wrong("q", "7", "3", error=said("value"), hint=said("its absolute value is too large")), wrong("df/dx", "4", "-4", SIGN),
    wrong("df/dz", "7", "3", error=said("value"), hint=said("its absolute value is too large")), invalid("df/dx", "(3"),
    correct("s", "0.998", DIGITS), unanswered("dL/ds"),
    wrong("dL/dw", "2(s - 1)s(1 - s)", "2 (s - 1) s (1 - s) x", INNER, error=said("formula"), hint="",
          witness={"at": {"w": "2", "x": "3"}, "given": "-1.22e-5", "expected": "-3.67e-5"}),
    problems=[Problem("boris.grad", 14, said("there is no question {0}", "7"))],
)  # fmt: skip
CHLOE = sheet(
    "Chloé | O'Brien", "chloe.csv",
    correct("q", "3"), wrong("df/dx", "4", "-4", SIGN), correct("df/dz", "3"), wrong("df/dx", "1", "0", ONE_PATH, error=said("value"), hint=""),
    unanswered("s"), correct("dL/ds", "2 s - 2", said("equal as formulas")), undecided("dL/dw", "2(s-1)s(1-s)x + 0 floor(x)", "2 (s - 1) s (1 - s) x"),
)  # fmt: skip
DORA = Sheet("dora", "dora.toml", tuple(mark(m.question, m.where, unanswered(m.target), m.worth) for m in ANN.marks),
             (Problem("dora.toml", 3, said("a quotation mark is never closed")),))  # fmt: skip

CLASS = Graded("homework.grad", (ANN, CHLOE, DORA, BORIS), (Problem("notes.grad", 0, said("no answer is in this file")),))


def alone(one, *problems):
    """Return a class of one student."""
    return Graded(CLASS.key, (one,), tuple(problems))
