"""Interfaces for programs: JSON with a schema, plain lines, CSV. Numbers round-trip; nothing is cut."""

import csv
import io
import json
import math

import pytest
from conftest import run_here

from gradcli.nested import Far
from gradcli.render.lines import number
from gradcli.render.numbers import Format, aligned

ONE = ["(x+y)*z", "x=-2", "y=5", "z=-4"]


def document(*args):
    ran = run_here(*args, "--json")
    assert not ran.err
    return json.loads(ran.out, parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))


def test_json_has_the_documented_keys():
    data = document(*ONE)
    assert data["schema"] == "gradcli/grad/1"
    assert set(data) == {
        "schema", "expression", "source", "output", "shape", "gates", "bindings", "seed", "value", "partials", "forward", "backward",
        "notes",
    }  # fmt: skip
    assert data["partials"]["x"] == {
        "value": -4.0, "formula": "z", "index_form": None, "shape": [], "status": "smooth", "entries": None, "left": None, "right": None,
        "cause": None, "certified": None,
    }  # fmt: skip
    assert {"name", "formula", "value", "shape"} <= set(data["forward"][0])
    assert {"of", "through", "local_formula", "local", "upstream", "contribution"} <= set(data["backward"][0])


def test_json_of_a_jacobian_is_nested_output_by_variable():
    data = document("W@x", "W=[[1,2],[3,4]]", "x=[5,6]")
    assert data["partials"]["W"]["value"] == [[[5, 6], [0, 0]], [[0, 0], [5, 6]]]


def test_json_without_a_point_has_formulas_and_no_numbers():
    data = document("(x+y)*z")
    assert (data["value"], data["partials"]["z"]["value"], data["partials"]["z"]["formula"]) == (None, None, "x + y")


def test_json_keeps_greek_and_russian_text():
    assert "θ" in document("θ^2", "θ=3")["partials"]
    assert document("x # привет\n", "x=1")["source"] == "x # привет\n"


@pytest.mark.parametrize("value", ["0.1", "1/3", "1e-310", "123456789.123456789", "-2.5e300"])
def test_numbers_round_trip(value):
    data = document("x*1", f"x={value}")
    plain = dict(line.split("\t") for line in run_here("x*1", f"x={value}", "--plain").out.splitlines())
    assert float(plain["f"]) == data["value"] == data["bindings"]["x"]


def test_plain_is_one_name_and_value_a_line():
    assert run_here(*ONE, "--plain").out == "f\t-12.0\ndf/dx\t-4.0\ndf/dy\t-4.0\ndf/dz\t3.0\n"


def test_csv_reads_back():
    rows = list(csv.DictReader(io.StringIO(run_here("sum(W@x)", "W=[[1,2],[3,4]]", "x=[5,6]", "--csv").out)))
    assert [row["kind"] for row in rows] == ["seed", "edge", "edge", "edge"]
    assert json.loads(rows[2]["contribution"]) == [[5, 6], [5, 6]]


def test_notes_of_a_machine_format_go_to_stderr():
    ran = run_here("relu(x)", "x=0", "--plain")
    assert "kink" in ran.err
    assert "kink" not in ran.out


def test_digits_and_full():
    assert "0.333333 " not in run_here("x/3", "x=1", "--full").out
    assert "0.3333333333333333" in run_here("x/3", "x=1", "--full").out
    assert "0.33\n" in run_here("x/3", "x=1", "--digits", "2").out


def test_numbers_for_people():
    six = Format()
    assert [six.number(v) for v in (-4.0, 0.1, 1e-10, 123456789.0, -0.0, 1e22)] == ["-4", "0.1", "1e-10", "1.23457e8", "0", "1e22"]
    assert [six.number(Far(math.inf, d)) for d in ("-9.9999999999999995e599", "1.234567e400")] == ["-1e600", "1.23457e400"]
    assert Format(None).number(0.1 + 0.2) == "0.30000000000000004"
    assert six.lines([[1.0, -2.5], [10.0, 3.0]]) == ["[[ 1, -2.5],", " [10,    3]]"]
    assert six.lines([[[1.0]], [[2.0]]]) == ["[[[1]],", " [[2]]]"]
    assert number([[1.0, -0.0]]) == "[[1.0, 0.0]]"


def test_columns_are_aligned_on_the_point():
    assert aligned(["1", "-10.25", "3e-5", "[1, 2]", ""]) == ["  1   ", "-10.25", "  3e-5", "[1, 2]", ""]
