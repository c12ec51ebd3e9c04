"""The light stand-ins for names of the standard library do what those do."""

import json
import pickle
import random
import re
from typing import NamedTuple

import pytest

from gradcli import light
from gradcli.errors import _HIDDEN, escaped, safe
from gradcli.nested import Far
from gradcli.operands import _BINDING, _WORD, _name, _names_in
from gradcli.render.json import written
from gradcli.syntax.names import GREEK, LETTERS, canonical
from gradcli.syntax.words import SIMPLE, _simple


class Ours(light.Record):
    """A record."""

    first: int
    second: str = "b"
    third: tuple[int, ...] = ()

    def both(self):
        return f"{self.first}{self.second}"


class Theirs(NamedTuple):
    """A record."""

    first: int
    second: str = "b"
    third: tuple[int, ...] = ()

    def both(self):
        return f"{self.first}{self.second}"


@pytest.mark.parametrize(("values", "named"), [((1,), {}), ((1, "x"), {}), ((1,), {"third": (2,)}), ((), {"second": "y", "first": 3}), ((1, "x", (3,)), {})])
def test_a_record_is_a_named_tuple(values, named):
    one, other = Ours(*values, **named), Theirs(*values, **named)
    assert one == other
    assert hash(one) == hash(other)
    assert repr(one) == repr(other).replace("Theirs", "Ours")
    assert one.both() == other.both()
    assert one._replace(second="z") == other._replace(second="z")
    assert Ours.__doc__ == Theirs.__doc__
    assert Ours._fields == Ours.__match_args__ == Theirs._fields
    match one:
        case Ours(first, _, third):
            assert (first, third) == (other.first, other.third)
    copied = pickle.loads(pickle.dumps(one))
    assert (type(copied), copied) == (Ours, one)


@pytest.mark.parametrize(("values", "named"), [((), {}), ((1, "x", (), 4), {}), ((1,), {"fourth": 4}), ((), {"second": "x"})])
def test_a_record_with_the_wrong_fields(values, named):
    for kind in (Ours, Theirs):
        with pytest.raises(TypeError):
            kind(*values, **named)


def test_a_record_cannot_be_changed():
    for record in (Ours(1), Theirs(1)):
        with pytest.raises(AttributeError):
            record.first = 2
        with pytest.raises(AttributeError):
            record.other = 2


def test_a_pattern_is_compiled_when_it_is_needed():
    pattern = light.re.compile(r"(?i)(a)b")
    assert pattern.fullmatch("AB")[1] == "A"
    assert pattern.sub("x", "ab cab") == "x cx"
    assert light.re.split("b", "abc") == ["a", "c"]
    with pytest.raises(re.error):
        light.re.compile("(").match("")


def test_what_a_function_returned_is_kept():
    calls = []

    @light.cache
    def double(x, y=0):
        """Say what."""
        calls.append(x)
        return 2 * x + y

    assert (double(2), double(2), double(3, 1), double.__doc__) == (4, 4, 7, "Say what.")
    assert calls == [2, 3]


def test_suppress():
    with light.suppress(OSError, ValueError):
        raise FileNotFoundError
    with pytest.raises(TypeError), light.suppress(OSError):
        raise TypeError


# ---- what is told by hand, for most texts, is what the patterns tell -----------------------------------------


def texts(pieces, longest, seed):
    generator = random.Random(seed)
    return ("".join(generator.choices(pieces, k=generator.randint(1, longest))) for _ in range(50_000))


def test_simple_words_and_their_one_form():
    pieces = [*sorted(LETTERS)[:8], *"xyw019__₀₁θβ𝑥²½T", "_{1}", "_{a,2}", "max", "ab", "12"]
    for text in texts(pieces, 5, "words"):
        assert _simple(text) == bool(SIMPLE.fullmatch(text)), text
        if text.isascii():
            assert canonical(text) == re.sub(r"(?<=[A-Za-z])_(\d+)$", r"\1", text.replace("{", "").replace("}", "")), text
    assert [canonical(name) for name in ("θ₁", "θ₁₂x", "w₀", "W_{1,2}")] == ["theta1", "theta12_x", "w0", "W_1,2"]
    assert {canonical(letter) for letter in GREEK} == LETTERS


def test_values_by_name():
    pieces = ["x", " ", "=", "==", "w_{0}", "θ", "1", "-2", "[", "]", ",", "1e-3", "@a.csv", "(", "y", "sin", "\n", "2.5", "_", "½", "inf"]
    for text in texts(pieces, 6, "values"):
        found = _BINDING.fullmatch(text)
        assert _name(text) == ((found[1], found.start(2)) if found else ("", 0)), repr(text)
        assert _names_in(text) == _WORD.findall(text), repr(text)


def test_every_hidden_character_is_spelt_out():
    hidden = {code for first, last in _HIDDEN for code in range(first, last + 1)}
    near = {code + step for code in hidden for step in (-1, 0, 1)} - {-1}
    for code in near:
        assert (safe(chr(code)) != chr(code)) == (code in hidden)
        assert (escaped(chr(code)) != chr(code)) == (code in hidden - {ord("\n")})
    assert safe("a\x1b[2Jb\u202e") == "a\\x1b[2Jb\\u202e"
    assert json.loads('"' + escaped("a\x1b\U000e0001b") + '"') == "a\x1b\U000e0001b"


# ---- JSON ---------------------------------------------------------------------------------------------------


def document(generator, depth=0):
    kind = generator.choice("sfinbldld" if depth < 4 else "sfinb")
    if kind == "s":
        return "".join(generator.choices('az"\\/\n\t\r\b\f\x00\x1f\x7fθ\u2028\ue000𝑥', k=generator.randint(0, 8)))
    if kind == "f":
        return generator.choice([0.0, -0.0, 1.5, 1e22, 1e-7, 5e-324, 0.1, generator.uniform(-1e3, 1e3), Far(5e-324, "4.1e-324")])
    if kind == "l":
        return [document(generator, depth + 1) for _ in range(generator.randint(0, 4))]
    if kind == "d":
        return {str(generator.random()): document(generator, depth + 1) for _ in range(generator.randint(0, 4))}
    return {"i": generator.randint(-(10**20), 10**20), "n": None, "b": generator.random() < 0.5}[kind]


def test_json_is_what_the_library_writes():
    generator = random.Random("documents")
    for _ in range(5_000):
        given = {"document": document(generator), 'a "name"\n': document(generator)}
        assert written(given) == json.dumps(given, ensure_ascii=False, indent=2, allow_nan=False)


def test_what_json_has_no_number_for_is_spelt_out():
    given = [float("nan"), float("inf"), -float("inf"), Far(float("inf"), "1e400"), "a\ud800"]
    assert json.loads(written(given)) == ["nan", "inf", "-inf", "1e400", "a\\ud800"]
