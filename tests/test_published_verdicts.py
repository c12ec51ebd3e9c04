"""Answers that other graders judged wrongly, by their own issues and fixtures or by a run, as gradients and values of ours.

A line is: the question and its values | the answer | the verdict | where it comes from.
"""

import shlex

import pytest

from gradcli.checking import _ratio
from gradcli.judge.check import Rules, judge
from gradcli.judge.numbers import Tolerance
from gradcli.judge.truth import Truth
from gradcli.limits import Limits
from gradcli.operands.answers import read_answers

CASES = """
# mitx-grading-library: points in [1, 5] only, 0.01 % relative
'x*|x|/2'                        | df/dx=x                                 | incorrect | mitx: x for |x|, no point is negative
'x*|x|/2'                        | df/dx=|x|                               | correct   | mitx: and this is right
'x^2/2'                          | df/dx=sqrt(x^2)                         | incorrect | mitx: x for sqrt(x^2), the other way round
'x*ln|x| - x'                    | df/dx=ln|x|                             | correct   | mitx: ln|x| itself
'ln(cosh(10x))/10'               | df/dx=1                                 | incorrect | mitx: 1 for tanh(10x)
'ln(cosh(10x))/10'               | df/dx=tanh(10x)                         | correct   | mitx: and this is right
'x - e^(-20x)/20'                | df/dx=1                                 | incorrect | mitx: 1 for e^(-20x) + 1
'x - e^(-20x)/20'                | df/dx=1 + e^(-20x)                      | correct   | mitx: and this is right
'softplus(x)'                    | df/dx=1/(1 + e^-x) + 0.00001            | incorrect | mitx: sigma + 1e-5
'softplus(x)'                    | df/dx=1/(1 + e^-x) + 0.000000001        | incorrect | mitx: and a smaller one
'1/(1 + e^(-(w*x + b)))'         | df/dw=x*e^(-(w*x + b))/(1 + e^(-(w*x + b)))   | incorrect | mitx: the square is missing, seen in saturation only
'1/(1 + e^(-(w*x + b)))'         | df/dw=x*e^(-(w*x + b))/(1 + e^(-(w*x + b)))^2 | correct   | mitx: and this is right
'cos(x)' x=pi                    | df/dx=0                                 | correct   | mitx #109: sin(pi) and 0
'x^2/2' x=0                      | df/dx=sin(pi)                           | correct   | mitx #109: the other way round
'x^2/2' x=0                      | df/dx=sin(3.14)                         | incorrect | mitx #109: an expected 0 has no tolerance
'3x^2'                           | df/dx=2x                                | incorrect | mitx LinearComparer: credit for proportional answers
'w·v' w=[1,100] v=[1,1]          | df/dv=[0,100]                           | incorrect | mitx: a tolerance relative to the norm hides a small entry
'w·v' w=[1,100] v=[1,1]          | df/dv=[1.04,100]                        | incorrect | mitx: 5 % by default
'w·v' w=[1,100] v=[1,1]          | df/dv=[1,100]                           | correct   | mitx: and this is right
# WeBWorK: points in [-2, 2], 0.1 %, zero tolerances
'x^2*y/2'                        | df/dx=x*y + 1                           | incorrect | OPL #911: off by ±1 taken for right with some seeds
'x^2*y/2'                        | df/dx=x*y - 1                           | incorrect | OPL #911
'x^2*y/2'                        | df/dx=x*y + y                           | incorrect | OPL #911: off by ±y
'x^2*y/2'                        | df/dx=x*y - y                           | incorrect | OPL #911
'1e-13*x^2' x=1                  | df/dx=0                                 | incorrect | OPL #1112: below zeroLevel everything is 0
'1e-13*x^2' x=1                  | df/dx=2e-13                             | correct   | OPL #1112: and this is right
'1e-13*x^2'                      | df/dx=0                                 | incorrect | OPL #1112, as a formula
'x^2/6'                          | df/dx=x/3                               | correct   | pg #1204: fractions
'x^2/6' x=1                      | df/dx=1/3                               | correct   | pg #1204
'x^2/6' x=1                      | df/dx=2/6                               | correct   | pg #1204: not in lowest terms
'100*x' x=1                      | df/dx=100.05                            | incorrect | WeBWorK: within 0.1 % by default
'2/3*x^(3/2)'                    | df/dx=sqrt(x)                           | correct   | WeBWorK: points only where the right formula is defined
# STACK: Maxima, and a relative 0.05 by default
'x^2/2 + x'                      | df/dx=1=1                               | invalid   | STACK #167: 1=1 was always correct
'x^2/2 + x'                      | df/dx=x=x                               | invalid   | STACK #167
'x^2/2 + x' x=1                  | df/dx=1=1                               | invalid   | STACK #167, at a point
'x*atan(x) - ln(1 + x^2)/2'      | df/dx=atan(x)                           | correct   | STACK #614: atan was rejected
'x*atan(x) - ln(1 + x^2)/2'      | df/dx=asin(x/sqrt(1 + x^2))             | correct   | STACK #614: as an arcsine
'3/4*x^(4/3)'                    | df/dx=x^(1/3)                           | correct   | STACK #614: fractional powers were rejected
'x^(5/2)/5'                      | df/dx=x^(3/2)/2                         | correct   | STACK #614
'x^(5/2)/5'                      | df/dx=x*sqrt(x)/2                       | correct   | STACK #614
'452*x' x=1                      | df/dx=4.52*10^2                         | correct   | STACK fixture: 452 and 4.52*10^2 were unequal
'452*x'                          | df/dx=4.52*10^2                         | correct   | STACK fixture, as a formula
'99999998/99999999*x'            | df/dx=0.99999999                        | incorrect | STACK fixture: accepted as a formula
'99999998/99999999*x' x=1        | df/dx=99999998/99999999                 | correct   | STACK fixture: and this is right
'9*x' x=1                        | df/dx=9.4                               | incorrect | STACK NumRelative: within 0.05 by default
'(x+1)^3/3'                      | df/dx=x^2 + 2x + 1                      | correct   | STACK: nothing is expanded before the difference is taken
# Numbas: five points in [0, 1], 1e-4 absolute
'x^2'                            | df/dx=2x > 0                            | invalid   | Numbas #788: inequalities were marked correct
'x^2' x=1                        | df/dx=2 > 1                             | invalid   | Numbas #788
'(-6)^5*x' x=1                   | df/dx=(-6)^5                            | correct   | Numbas #1012: powers of a negative number were rejected
'(-6)^5*x'                       | df/dx=-7776                             | correct   | Numbas #1012
'(-6)^4*x' x=1                   | df/dx=(-6)^4                            | correct   | Numbas #1012
'(-6)^4*x' x=1                   | df/dx=-6^4                              | incorrect | Numbas #1012: without the brackets it is negative
'x^2'                            | df/dx=x + x                             | correct   | Numbas #1181: not in simplest form
'x^2'                            | df/dx=(4x^2)/(2x)                       | correct   | Numbas #1181: not in simplest form
'x/100000'                       | df/dx=0                                 | incorrect | Numbas: within an absolute 1e-4
'x + relu(x - 2)'                | df/dx=1                                 | incorrect | Numbas: no point beyond 1
'x^2/2 + relu(-x)'               | df/dx=x                                 | incorrect | Numbas: no point below 0
# PrairieLearn: SymPy with assumptions, a time limit, rtol = 1e-2 and atol = 1e-8
'(x^2)^(3/2)/3'                  | df/dx=x*|x|                             | correct   | PrairieLearn #5542: sqrt(x^2) is |x|
'(x^2)^(3/2)/3'                  | df/dx=x^2                               | incorrect | PrairieLearn #5542: and not x
'sqrt(x^2*y^2)'                  | df/dx=x*y^2/(|x|*|y|)                   | correct   | PrairieLearn #5542
'x^2/12'                         | df/dx=(x - 0)/6                         | correct   | PrairieLearn #15841: rejected now and then
'x^2/12' x=3                     | df/dx=(3 - 0)/6                         | correct   | PrairieLearn #15841
'1000*x' x=1                     | df/dx=1009                              | incorrect | PrairieLearn: within rtol = 1e-2
'1e-9*x' x=1                     | df/dx=0                                 | incorrect | PrairieLearn: within atol = 1e-8
'1e-9*x' x=1                     | df/dx=-1e-9                             | incorrect | PrairieLearn: the other sign, within atol = 1e-8
'1e-9*x' x=1                     | df/dx=5e-9                              | incorrect | PrairieLearn: five times as much, within atol = 1e-8
# Math-Verify
'x/2004!' x=1                    | df/dx=1/2006!                           | incorrect | Math-Verify #14: both are 0 after rounding
'x*2^-99' x=1                    | df/dx=2^-98                             | incorrect | Math-Verify #14
'x*2^-99'                        | df/dx=2^-98                             | incorrect | Math-Verify #14, as a formula
'x*2^-99' x=1                    | df/dx=2^-99                             | correct   | Math-Verify #14: and this is right
'0*x' x=1                        | df/dx=                                  | invalid   | Math-Verify #60: what cannot be read was [0], and right
'0*x' x=1                        | df/dx=???                               | invalid   | Math-Verify #60
'0*x' x=1                        | df/dx=]                                 | invalid   | Math-Verify #60
'0*x' x=1                        | df/dx=[0]                               | invalid   | Math-Verify #60: a list is no number
# edX
'4*x' x=1                        | df/dx=4.44 --rtol=0.1                   | incorrect | edX #3489: 10 % of the larger of the two
'4*x' x=1                        | df/dx=4.4  --rtol=0.1                   | correct   | edX #3489: the very edge
'4*x' x=1                        | df/dx=3.6  --rtol=0.1                   | correct   | edX #3489: the very edge
'4*x' x=1                        | df/dx=3.5999999999 --rtol=0.1           | incorrect | edX #3489: just outside
# SymPy
'x*(sqrt(2) + sqrt(3))'          | df/dx=sqrt(5 + 2*sqrt(6))               | correct   | SymPy equals: a nested root
'x*(sqrt(2) + sqrt(3))'          | df/dx=sqrt(5 + 2*sqrt(6)) + 10^-30      | incorrect | SymPy #17448: a wrong True from numbers that are close
'x*cos(pi/7)'                    | df/dx=cos(pi/7) + sin(1)^2 + cos(1)^2 - 1 | correct | SymPy #19584: a wrong False for a constant
'sin(x)^2/2'                     | df/dx=sin(2x)/2                         | correct   | SymPy #27796: a wrong False
"""
LINES = [line for line in CASES.splitlines() if line.strip() and not line.startswith("#")]


def verdict(question, answer):
    answer, _, rtol = answer.partition(" --rtol=")
    task = read_answers(shlex.split(question), [answer.strip()], Limits())[0]
    given = task.answers[0]
    rules = Rules(Tolerance(rtol=_ratio(rtol)))
    return judge(Truth(task.program, task.bindings, Limits()), given.target, given.source, given.start, given.end, rules, Limits())


def test_there_are_sixty():
    assert len(LINES) >= 60


@pytest.mark.parametrize("line", LINES)
def test_published_wrong_verdicts(line):
    question, answer, wanted, _ = (cell.strip() for cell in line.split(" | "))
    assert verdict(question, answer).verdict == wanted
