"""Tables of results: every form says the same numbers, byte for byte the same with and without the library of tables."""

import csv
import io
import json
import math
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcli.batch import extra
from gradcli.batch.points import layout, open_points
from gradcli.batch.points.forms import FORMS
from gradcli.batch.records import Output, Results
from gradcli.batch.results import form_of, open_results, picked
from gradcli.errors import GradError
from gradcli.limits import Limits

OUTPUTS = [Output("f", "", ()), Output("df/dx", "x", ()), Output("df/dv", "v", (2,)), Output("df/dW", "W", (2, 2))]
VECTOR = [Output("f", "", (2,)), Output("df/dx", "x", (2,)), Output("df/dv", "v", (2, 3))]


def results(rows=5, outputs=OUTPUTS, seed=1, kept=(), status=True):
    chance = np.random.default_rng(seed)
    numbers = [chance.integers(0, 2**63, size=(*output.shape, rows), dtype=np.uint64).view(np.float64) for output in outputs]
    for column in numbers:
        np.put(column, [0, 1, 2, 3], [math.nan, math.inf, -0.0, 1e-5])
    return Results({name: [f"{name}{row}" for row in range(rows)] for name in kept}, numbers, ["smooth"] * rows if status else None)


def file_of(writer, *parts):
    joined = writer.joined()
    return writer.header() + b"".join(joined.add(writer.render(part)) for part in parts) + joined.ending()


def without_library(make):
    """Return what is made where the library of tables is not installed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "polars", None)
        extra.polars.cache_clear()
        try:
            return make()
        finally:
            patch.undo()
            extra.polars.cache_clear()


def same(a, b):
    return np.array_equal(a, b, equal_nan=True)


# ---- text ---------------------------------------------------------------------------------------------------


def test_names_of_columns():
    assert open_results("csv", OUTPUTS, ["id"], True).header() == b"id,f,df/dx,df/dv_1,df/dv_2,df/dW_1_1,df/dW_1_2,df/dW_2_1,df/dW_2_2,status\n"
    assert open_results("tsv", VECTOR, [], False).header().split(b"\t") == [
        b"f_1", b"f_2", b"df_1/dx", b"df_2/dx", b"df_1/dv_1", b"df_1/dv_2", b"df_1/dv_3", b"df_2/dv_1", b"df_2/dv_2", b"df_2/dv_3\n",
    ]  # fmt: skip
    with pytest.raises(GradError, match="two columns of the output would be called f"):
        open_results("csv", OUTPUTS, ["f"], False)


@pytest.mark.parametrize("form", ["csv", "tsv"])
def test_rows_of_cells(form):
    found = results(7, VECTOR)
    text = file_of(open_results(form, VECTOR, [], True), found).decode()
    rows = list(csv.reader(io.StringIO(text), delimiter="\t" if form == "tsv" else ","))[1:]
    assert all(row[-1] == "smooth" for row in rows)
    flat = np.concatenate([output.reshape(-1, 7) for output in found.outputs])
    assert same(np.array([[float(cell) for cell in row[:-1]] for row in rows]).T, flat)
    assert "\r" not in text


def test_json_lines():
    found = results(7, kept=["id"])
    lines = file_of(open_results("jsonl", OUTPUTS, ["id"], True), found).decode().splitlines()
    rows = [json.loads(line, parse_constant=pytest.fail) for line in lines]
    assert [list(row) for row in rows] == [["id", "f", "df/dx", "df/dv", "df/dW", "status"]] * 7
    for output, column in zip(OUTPUTS, found.outputs):
        assert same(np.array([np.array(row[output.name], float) for row in rows]), np.moveaxis(column, -1, 0))
    assert rows[0]["f"] == "nan"
    assert rows[1]["f"] == "inf"
    assert lines[3].split(",")[1] == '"f":0.00001'


@pytest.mark.parametrize("form", ["csv", "tsv", "jsonl"])
def test_the_same_bytes_without_the_library(form):
    pytest.importorskip("polars")
    chance = np.random.default_rng(3)
    rows = 50_000
    numbers = np.concatenate([
        chance.integers(0, 2**64, size=2 * rows, dtype=np.uint64).view(np.float64),  # every exponent, subnormal and nan among them
        10.0 ** chance.uniform(-8, 18, rows) * chance.choice([-1, 1], rows),
        np.resize(np.array([0.0, -0.0, 5e-324, 2.0**53, 1e16, 9999999999999998.0, 1e-5, 9.999999999999999e-6, 1e-4, *(10.0**k for k in range(-323, 309))]), rows),
    ]).reshape(4, rows)  # fmt: skip
    outputs = [Output("f", "", ()), Output("df/dx", "x", (3,))]
    texts = ["", "a", "a,b", 'q"q', "two\nlines", "tab\t", "=1+1", "+1", "-x", "@a", "'b", "é", "1.5", "cr\r"]
    found = Results({"id": (texts * rows)[:rows]}, [numbers[0], numbers[1:]], ["smooth"] * rows)
    writer = open_results(form, outputs, ["id"], True)
    text = writer.render(found)
    assert text == without_library(lambda: writer.render(found))
    if form != "jsonl":
        rows = list(csv.reader(io.StringIO(text.decode(), newline=""), delimiter=writer.separator))
        assert same(np.array([[float(cell) for cell in row[1:5]] for row in rows]).T, numbers)


@given(st.lists(st.floats(), min_size=1))
def test_numbers_round_trip(numbers):
    writer = open_results("csv", OUTPUTS[:1], [], False)
    text = writer.render(Results({}, [np.array(numbers)], None)).decode()
    assert same([float(line) for line in text.splitlines()], numbers)
    assert "-0.0\n" not in text


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1), st.sampled_from(["csv", "tsv", "jsonl"]))
def test_copied_texts_round_trip(texts, form):
    found = Results({"t": texts}, [np.ones(len(texts))], None)
    writer = open_results(form, OUTPUTS[:1], ["t"], False)
    text = file_of(writer, found)
    assert text == without_library(lambda: file_of(writer, found))
    if form == "jsonl":
        assert [json.loads(line)["t"] for line in text.decode().split("\n")[:-1]] == texts
        return
    cells = [row[0] for row in csv.reader(io.StringIO(text.decode(), newline=""), delimiter=writer.separator)][1:]
    for cell, given_ in zip(cells, texts, strict=True):
        assert cell in (given_, f"'{given_}")
        assert cell[:1] not in tuple("=@\t\r")
        assert cell[:1] not in tuple("+-") or math.isfinite(float(cell))


# ---- typed columns ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["parquet", "arrow"])
@pytest.mark.parametrize("parts", [0, 1, 2, 7, 40])
def test_parts_become_one_file(tmp_path, form, parts):
    pl = pytest.importorskip("polars")
    writer = open_results(form, OUTPUTS, ["id"], True)
    several = [results(4 + k, kept=["id"], seed=k) for k in range(parts)]
    file = tmp_path / f"o.{form}"
    file.write_bytes(file_of(writer, *several))
    read, scan = (pl.read_parquet, pl.scan_parquet) if form == "parquet" else (pl.read_ipc, pl.scan_ipc)
    table = read(file)
    assert table.equals(scan(file).collect())
    assert table.schema == {"id": pl.String, "f": pl.Float64, "df/dx": pl.Float64, "df/dv": pl.List(pl.Float64), "df/dW": pl.List(pl.List(pl.Float64)), "status": pl.String}
    assert table.height == sum(4 + k for k in range(parts))
    for place, output in enumerate(OUTPUTS if parts else ()):
        expected = np.concatenate([np.moveaxis(part.outputs[place], -1, 0) for part in several])
        assert same(np.array(table[output.name].to_list()), expected)
    assert scan(file).slice(4, 3).collect().equals(table[4:7])


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_other_readers_read_it_too(tmp_path, form):
    pytest.importorskip("polars")
    pytest.importorskip("pyarrow")
    from pyarrow import ipc, parquet

    for parts in (0, 1, 30):
        several = [results(5, seed=k) for k in range(parts)]
        data = file_of(open_results(form, OUTPUTS, [], True), *several)
        table = parquet.read_table(io.BytesIO(data)) if form == "parquet" else ipc.open_file(io.BytesIO(data)).read_all()
        table.validate(full=True)
        assert same(table["f"].to_numpy(), np.concatenate([part.outputs[0] for part in several] or [np.empty(0)]))
    if form == "parquet":
        meta = parquet.ParquetFile(io.BytesIO(data)).metadata
        assert [meta.row_group(k).num_rows for k in range(meta.num_row_groups)] == [5] * 30


def test_typed_columns_that_are_copied_keep_their_kind(tmp_path):
    pl = pytest.importorskip("polars")
    kept = {"n": pl.Series([1, 2, None]), "l": pl.Series([[1], [2, 3], None]), "b": pl.Series([True, False, None]), "d": pl.Series(["2020-01-01", None, None]).str.to_date(),
            "g": pl.Series([1e-5, math.nan, 1e16])}  # fmt: skip
    found = Results(kept, [np.ones(3)], None)
    table = pl.read_parquet(io.BytesIO(file_of(open_results("parquet", OUTPUTS[:1], list(kept), False), found)))
    assert [table[name].dtype for name in kept] == [series.dtype for series in kept.values()]
    text = file_of(open_results("csv", OUTPUTS[:1], list(kept), False), found).decode()
    assert text == 'n,l,b,d,g,f\n1,[1],true,2020-01-01,0.00001,1.0\n2,"[2, 3]",false,,nan,1.0\n,,,,1e+16,1.0\n'
    lines = file_of(open_results("jsonl", OUTPUTS[:1], list(kept), False), found).decode().splitlines()
    assert json.loads(lines[0]) == {"n": 1, "l": [1], "b": True, "d": "2020-01-01", "g": 1e-5, "f": 1.0}
    assert json.loads(lines[1], parse_constant=pytest.fail)["g"] == "nan"


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_words_that_each_part_numbers_anew(form):
    pl = pytest.importorskip("polars")
    parts = [["a", "b", None], ["b", "c", "a"], ["d", None, "d"]]
    several = [Results({"c": pl.Series(words, dtype=pl.Categorical), "e": pl.Series(words, dtype=pl.Enum(list("abcd")))}, [np.ones(3)], None) for words in parts]
    data = io.BytesIO(file_of(open_results(form, OUTPUTS[:1], ["c", "e"], False), *several))
    table = pl.read_parquet(data) if form == "parquet" else pl.read_ipc(data)
    assert table["c"].to_list() == table["e"].to_list() == [word for words in parts for word in words]


def test_rows_are_picked():
    rows = np.array([0, 2])
    assert picked(["a", "b", "c"], rows) == ["a", "c"]
    assert picked(["a", "b"], np.arange(2)) == ["a", "b"]
    pl = pytest.importorskip("polars")
    assert picked(pl.Series(["a", "b", "c"]), rows).to_list() == ["a", "c"]


# ---- from points to results and back ------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_what_is_written_is_read_again(tmp_path, form):
    if form in ("parquet", "arrow"):
        pytest.importorskip("polars")
    chance = np.random.default_rng(5)
    outputs = [Output("x", "", ()), Output("y", "", (3,))]
    numbers = [chance.normal(size=100) * 10.0 ** chance.integers(-300, 300, 100), chance.normal(size=(3, 100))]
    file = tmp_path / f"t{FORMS[form][0]}"
    file.write_bytes(file_of(open_results(form, outputs, [], False), Results({}, numbers, None)))
    points = open_points(str(file), Limits())
    taken = layout(points.columns, points.sizes, ["x", "y"], [])
    [read] = [points.read(part, taken) for part in points.parts()]
    assert not read.unread
    assert same(read.columns["x"], numbers[0])
    assert same(read.columns["y"], numbers[1])


def test_forms_of_what_is_written():
    assert form_of("o.parquet", "", "csv") == "parquet"
    assert form_of("o.parquet", "csv", "tsv") == "csv"
    assert form_of("", "", "tsv") == "tsv"
    with pytest.raises(GradError, match=r"cannot write o\.xlsx: its ending is none of \.csv"):
        form_of("o.xlsx", "", "csv")
    with pytest.raises(GradError, match="there is no form xml"):
        open_results("xml", OUTPUTS, [], False)


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_typed_columns_need_the_extra(form, monkeypatch):
    with pytest.raises(GradError, match=f"{form} needs polars"):
        without_library(lambda: open_results(form, OUTPUTS, [], False))
    pytest.importorskip("polars")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(GradError, match=f"{form} needs pyarrow"):
        open_results(form, OUTPUTS, [], False)
