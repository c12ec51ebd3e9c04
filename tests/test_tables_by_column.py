"""Tables of points: which columns make which variable, and typed columns in Parquet and Arrow."""

import io
import pickle
import random
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from test_startup import imported
from test_tables_of_points import numbers, told

from gradcli.batch.points import layout, offered, open_points
from gradcli.batch.points.files_by_column import Parquet
from gradcli.errors import GradError
from gradcli.limits import Limits

# ---- names --------------------------------------------------------------------------------------------------


def shapes(columns, wanted, constants=(), keep=(), sizes=None):
    return layout(columns, sizes or {}, wanted, constants, keep).varying


@pytest.mark.parametrize(
    ("columns", "wanted", "expected"),
    [
        (["x", "y"], ["y"], {"y": ()}),
        (["θ", "w_{0}"], ["theta", "w0"], {"theta": (), "w0": ()}),
        (["x_1", "x_2", "x_3"], ["x"], {"x": (3,)}),
        (["x2", "x1"], ["x"], {"x": (2,)}),
        (["x_1", "x_2"], ["x1"], {"x1": ()}),
        (["x_1", "x_2"], ["x", "x2"], {"x": (2,), "x2": ()}),
        (["x", "x_1", "x_2"], ["x"], {"x": ()}),
        (["W_1_1", "W_1_2", "W_2_1", "W_2_2"], ["W"], {"W": (2, 2)}),
        (["W_{1,1}", "W_1,2"], ["W"], {"W": (1, 2)}),
        (["θ_1", "θ_2"], ["theta"], {"theta": (2,)}),
        (["x_1"], ["x"], {"x": (1,)}),
        (["a", "b"], ["a", "c"], {"a": ()}),
    ],
)
def test_columns_make_variables(columns, wanted, expected):
    assert shapes(columns, wanted, ["c"]) == expected


def test_entries_are_taken_in_their_order():
    found = layout(["W_2_1", "x2", "W_1_2", "x1", "W_1_1", "W_2_2"], {}, ["W", "x"], []).sources
    assert found["W"].places == (4, 2, 0, 5)
    assert found["x"].places == (3, 1)


@pytest.mark.parametrize(
    ("columns", "wanted", "constants", "problem"),
    [
        (["alpha", "y"], ["alpa", "y"], [], "there is no column alpa.*did you mean alpha.*the table has alpha, y"),
        (["x_1", "x_3"], ["x"], [], "there is no column x_2, an entry of x"),
        (["W_1_1", "W_2_2"], ["W"], [], "there is no column W_1_2, an entry of W"),
        (["x_0", "x_1"], ["x"], [], "count from 1"),
        (["W_1_1", "W_999999_999999"], ["W"], [], "there is no column W_1_2"),
        (["x", "x"], ["x"], [], "two columns are x: 'x', 'x'"),
        (["w0", "w_0"], ["w0"], [], "two columns are w0: 'w0', 'w_0'"),
        (["x", "y"], ["x", "y"], ["y"], "y is a column of the table, and is given a value"),
        (["x", "w_1", "w_2"], ["x", "w"], ["w"], "w is a column of the table, and is given a value"),
        (["a"], ["x"], ["x"], "no column of the table is a variable"),
    ],
)
def test_columns_that_make_no_variable(columns, wanted, constants, problem):
    with pytest.raises(GradError, match=f"(?s){problem}"):
        layout(columns, {}, wanted, constants)


def test_columns_that_are_copied():
    assert layout(["x", "name", "w_0"], {}, ["x"], [], ["name", "w0", "x"]).kept == {"name": 1, "w0": 2, "x": 0}
    with pytest.raises(GradError, match="there is no column nam"):
        layout(["x", "name"], {}, ["x"], [], ["nam"])
    assert shapes(["", "", "x"], ["x"]) == {"x": ()}  # nobody needs the two without a name


def test_what_a_table_offers():
    assert offered(["x_1", "x_2", "y", "θ", "v", "W_1_1"], {"v": (3,)}) == {"x1": (), "x2": (), "x": (2,), "y": (), "theta": (), "v": (3,), "W_1_1": (), "W": (1, 1)}
    assert "x" not in offered(["x_1", "x_3"], {})


# ---- typed columns ------------------------------------------------------------------------------------------

pl = pytest.importorskip("polars")


def frame():
    return pl.DataFrame({
        "x": [1.5, None, float("nan"), 4.0, float("inf"), 6.0, 7.0],
        "k": pl.Series([1, 2, 3, 4, 5, 2**53 + 1, 7], dtype=pl.Int64),
        "v": [[1.0, 2.0], [1.0, 2.0], [1.0, 2.0], [3.0], [1.0, 2.0], [5.0, 6.0], [7.0, None]],
        "W": pl.Series([[[1, 2], [3, 4]]] * 6 + [[[1, 2], [3]]], dtype=pl.List(pl.List(pl.Int32))),
        "a": pl.Series([[1.0, 2.0, 3.0]] * 7, dtype=pl.Array(pl.Float32, 3)),
        "s": list("abcdefg"),
        "d": pl.Series(["1.5"] * 7).cast(pl.Decimal(10, 2)),
    })  # fmt: skip


def written(path, table, form, **options):
    {"parquet": table.write_parquet, "arrow": table.write_ipc, "arrows": table.write_ipc_stream}[form](path, **options)
    return str(path)


@pytest.mark.parametrize("form", ["parquet", "arrow", "arrows"])
def test_typed_columns(tmp_path, form):
    points = open_points(written(tmp_path / f"p.{form}", frame(), form), Limits())
    points = pickle.loads(pickle.dumps(points))
    assert (points.columns, points.sizes) == (list("xkvWasd"), {"v": (2,), "W": (2, 2), "a": (3,)})
    rows = told(points, ["x", "k", "v", "W", "a"], ["s", "d"])
    assert [row[0] for row in rows if row[0]] == [
        (1.5, 1.0, [1.0, 2.0], [[1.0, 2.0], [3.0, 4.0]], [1.0, 2.0, 3.0]), (6.0, 2.0**53, [5.0, 6.0], [[1.0, 2.0], [3.0, 4.0]], [1.0, 2.0, 3.0]),
    ]  # fmt: skip
    assert [(row[1], row[2], row[3]) for row in rows if row[3]] == [
        (2, 0, "column x: null is not a number"), (3, 0, "column x: NaN is not a number"), (4, 0, "column v: it is not a list of 2 numbers"),
        (5, 0, "column x: Infinity is too large for a float64"), (7, 0, "column v: it is not a list of 2 numbers"),
    ] or form == "arrows"  # fmt: skip
    assert '"k": 2' in rows[1][4]


@pytest.mark.parametrize(("name", "holds"), [("s", "String"), ("d", "Decimal")])
def test_columns_without_numbers_are_refused(tmp_path, name, holds):
    points = open_points(written(tmp_path / "p.parquet", frame(), "parquet"), Limits())
    with pytest.raises(GradError, match=f"column {name} holds {holds}"):
        points.read(next(points.parts()), layout(points.columns, points.sizes, [name], []))


@pytest.mark.parametrize("form", ["parquet", "arrow", "arrows"])
def test_every_cut_gives_the_same_rows(tmp_path, form):
    table = pl.DataFrame({"x": np.arange(100.0), "y": np.arange(100)})
    options = {"row_group_size": 30} if form == "parquet" else {}
    name = written(tmp_path / f"p.{form}", table, form, **options)
    for size in (1, 7, 29, 30, 31, 99, 100, 101):
        points = open_points(name, Limits(), size=size)
        parts = list(points.parts())
        assert [part.number for part in parts] == list(range(len(parts)))
        assert form == "arrows" or max(part.end - part.start for part in parts) <= size
        assert numbers(points) == [(float(k), float(k)) for k in range(100)]


@pytest.fixture
def one_group(tmp_path, monkeypatch):
    """A table of one row group in many parts, and how often it was read from its beginning."""
    begun, batches = [], Parquet._batches
    monkeypatch.setattr(Parquet, "_batches", lambda self, *args: begun.append(args) or batches(self, *args))
    table = pl.DataFrame({"x": np.arange(1000.0), "y": np.arange(1000)})
    points = open_points(written(tmp_path / "p.parquet", table, "parquet", row_group_size=1000), Limits(), size=70)
    return points, layout(points.columns, points.sizes, ["x", "y"], []), begun


def row_of(read):
    return [read.columns["x"].tolist(), read.columns["y"].tolist()]


def test_a_row_group_is_read_once(one_group):
    points, wanted, begun = one_group
    assert [row_of(points.read(part, wanted)) for part in points.parts()] == [[[*map(float, range(k, min(k + 70, 1000)))]] * 2 for k in range(0, 1000, 70)]
    assert len(begun) == 1


def test_neighbours_that_are_asked_for_in_turn_cost_nothing(one_group):
    points, wanted, begun = one_group
    parts = list(points.parts())
    for first, second in zip(parts[::2], parts[1::2]):
        assert row_of(points.read(second, wanted))[0][0] == second.start
        assert row_of(points.read(first, wanted))[0][0] == first.start
    assert len(begun) == 1


@pytest.mark.parametrize("seed", range(5))
def test_a_part_is_what_it_is_in_whatever_order(one_group, seed):
    points, wanted, _ = one_group
    parts = list(points.parts()) * 2
    random.Random(seed).shuffle(parts)
    with ThreadPoolExecutor(4) as pool:
        for part, read in zip(parts, pool.map(lambda part: points.read(part, wanted), parts)):
            assert row_of(read) == [[*map(float, range(part.start, part.end))]] * 2


def test_plain_numbers_are_read_and_written_without_the_library_of_tables(tmp_path):
    name = written(tmp_path / "p.parquet", pl.DataFrame({"x": [1.0, 2.0], "y": [3, 4]}), "parquet")
    assert not any(module.startswith("polars") for module in imported("batch", "x*y", name, "-o", str(tmp_path / "o.parquet"), "-q"))
    assert pl.read_parquet(tmp_path / "o.parquet").to_dict(as_series=False) == {"f": [3.0, 8.0], "df/dx": [3.0, 4.0], "df/dy": [1.0, 2.0]}


def test_a_stream_of_arrow_comes_through_a_pipe():
    file = io.BytesIO()
    pl.DataFrame({"x": np.arange(1000.0), "y": np.arange(1000.0), "v": [[1.0, 2.0]] * 1000}).write_ipc_stream(file)
    points = open_points("-", Limits(), "arrow", io.BytesIO(file.getvalue()))
    assert points.sizes == {"v": (2,)}
    assert numbers(points, "xyv") == [(float(k), float(k), [1.0, 2.0]) for k in range(1000)]


def test_parquet_does_not_come_through_a_pipe():
    file = io.BytesIO()
    frame().write_parquet(file)
    with pytest.raises(GradError, match="cannot be read from a pipe"):
        open_points("-", Limits(), "parquet", io.BytesIO(file.getvalue()))


@pytest.mark.parametrize("form", ["parquet", "arrow", "arrows"])
def test_damaged_files_lose_no_row(tmp_path, form):
    """Either the file is refused, or every row its index speaks of is read or has a reason."""
    whole = (tmp_path / "whole").with_suffix(f".{form}")
    written(whole, pl.DataFrame({"x": np.arange(300.0), "y": np.arange(300)}), form, **({"row_group_size": 50} if form == "parquet" else {}))
    data, chance, refused, damaged = whole.read_bytes(), random.Random(form), [], 0
    for _ in range(150):
        broken = bytearray(data)
        for _ in range(chance.randrange(1, 4)):
            broken[chance.randrange(8, len(data))] = chance.randrange(256)
        if chance.random() < 0.2:
            del broken[chance.randrange(8, len(data)) :]
        file = tmp_path / f"broken.{form}"
        file.write_bytes(broken)
        try:
            points = open_points(str(file), Limits())
            if points.columns != ["x", "y"] or points.sizes:
                continue
            rows = told(points)
        except GradError as error:
            refused.append(error.kind)
        else:
            damaged += any(row[3] for row in rows)
    assert set(refused) <= {"cannot-read", "unknown-format", "not-a-number"}
    assert refused
    assert damaged or form != "parquet"


def test_typed_columns_need_the_extra(tmp_path, monkeypatch):
    import sys

    from gradcli.batch import extra

    name = written(tmp_path / "p.parquet", frame(), "parquet")
    monkeypatch.setitem(sys.modules, "polars", None)
    extra.polars.cache_clear()
    try:
        with pytest.raises(GradError, match=r"(?s)parquet needs polars.*gradcli\[batch\]"):
            open_points(name, Limits())
    finally:
        monkeypatch.undo()
        extra.polars.cache_clear()
