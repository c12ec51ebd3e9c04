"""A folder of Parquet files is one long table, its files in the order of their names."""

import pytest

from gradcli.batch.points import layout, open_points
from gradcli.errors import GradError
from gradcli.limits import Limits

pl = pytest.importorskip("polars", reason="needs polars")

NAMES = ("b.parquet", "a=1/part-0.parquet", "a=1/part-1.parquet", "a=10/x.pq", "a=2/part-0.parquet", "c.parquet", "c=1/d/e.PARQUET")


def write(path, start, rows, **more):
    path.parent.mkdir(parents=True, exist_ok=True)
    frame = pl.DataFrame({"x": [float(start + row) for row in range(rows)], "v": [[1.0, float(start + row)] for row in range(rows)], **more})
    frame.write_parquet(path, row_group_size=7)


@pytest.fixture
def folder(tmp_path):
    """Seven files of 0 to 60 rows; x counts the rows through, if the files are read in the order of their names."""
    start = 0
    for place, name in enumerate(sorted(NAMES, key=lambda name: name.split("/"))):
        write(tmp_path / name, start, 10 * place)
        start += 10 * place
    (tmp_path / "_SUCCESS").touch()
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "notes.txt").touch()
    return tmp_path


def everything(points):
    """Return x, the second entries of v, and how many rows each part has."""
    found = layout(points.columns, points.sizes, ["x", "v"], [])
    parts = list(points.parts())
    assert [part.number for part in parts] == list(range(len(parts)))
    reads = [points.read(part, found) for part in parts]
    assert [read.rows for read in reads] == [part.end - part.start for part in parts]
    return [x for read in reads for x in read.columns["x"]], [v for read in reads for v in read.columns["v"][1]], len(parts)


@pytest.mark.parametrize("size", [None, 4, 1000])
def test_the_rows_are_counted_through(folder, size):
    points = open_points(str(folder), Limits(), size=size)
    x, v, parts = everything(points)
    assert x == v == [float(row) for row in range(210)]
    assert parts > 7
    assert list(points.parts())[-1].end == 210


def test_it_travels(folder):
    from multiprocessing.reduction import ForkingPickler
    from pickle import loads

    points = open_points(f"{folder}/", Limits())
    assert everything(loads(ForkingPickler.dumps(points))) == everything(points)


def test_what_tells_one_folder_from_another(folder):
    points = open_points(str(folder), Limits())
    first = points.identity()
    assert open_points(str(folder), Limits()).identity() == first
    assert points.bytes == sum(path.stat().st_size for path in folder.rglob("*.p*") if path.is_file()) + (folder / "c=1/d/e.PARQUET").stat().st_size
    (folder / "c.parquet").rename(folder / "c2.parquet")
    assert open_points(str(folder), Limits()).identity() != first


def test_a_file_that_is_changed_meanwhile_is_an_error(folder):
    points = open_points(str(folder), Limits())
    write(folder / "b.parquet", 0, 3)
    with pytest.raises(GradError, match="was changed while it was read"):
        everything(points)


def test_what_is_no_parquet_is_not_passed_over(folder):
    (folder / "a=1" / "late.csv").write_text("x\n1\n")
    with pytest.raises(GradError, match=r"late\.csv is no Parquet file"):
        open_points(str(folder), Limits())


def test_other_columns_are_an_error(folder):
    write(folder / "d.parquet", 0, 3, y=[1, 2, 3])
    with pytest.raises(GradError, match=r"d\.parquet has other columns than the first file") as other:
        open_points(str(folder), Limits())
    assert "x, v" in other.value.hint


def test_an_empty_folder_is_an_error(tmp_path):
    with pytest.raises(GradError, match="there are no Parquet files in"):
        open_points(str(tmp_path), Limits())
    with pytest.raises(GradError, match="is a folder"):
        open_points(str(tmp_path), Limits(), form="csv")
