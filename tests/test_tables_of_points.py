"""Tables of points as text: every row is read or has a reason, with its line and byte, wherever the table is cut."""

import csv
import io
import math
import pickle
import random
import sys
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcli.batch import extra
from gradcli.batch.points import layout, open_points
from gradcli.batch.points.files import Place
from gradcli.batch.points.objects import Objects
from gradcli.batch.points.quoting import bare
from gradcli.batch.points.text import Text
from gradcli.errors import GradError
from gradcli.limits import Limits


@pytest.mark.parametrize("digits", [308, 309, 350, 399, 400, 5000])
def test_a_whole_number_of_many_digits(digits):
    points = table('{"x": 1, "y": 2}\n{"x": %s, "y": 2}\n' % ("9" * digits), "jsonl")
    first, second = told(points)
    assert first[0] == (1, 2)
    if digits == 308:
        assert second[0] == (1e308, 2)
    else:
        assert second[0] is None
        assert "too large for a float64" in second[3]


@pytest.fixture(params=["polars", "numpy"])
def library(request, monkeypatch):
    """With the library of tables, and without."""
    if request.param == "polars":
        pytest.importorskip("polars")
    else:
        monkeypatch.setitem(sys.modules, "polars", None)
    extra.polars.cache_clear()
    yield request.param
    monkeypatch.undo()
    extra.polars.cache_clear()


def table(text, form="csv", size=None, longest=1 << 20):
    """Open a text as from standard input, cut into parts of about so many bytes."""
    data = text if isinstance(text, bytes) else text.encode()
    place = Place("-", io.BytesIO(data))
    return Objects(place, Limits(), size, longest) if form == "jsonl" else Text(place, form, size, longest)


def told(points, wanted="xy", keep=()):
    """Return all rows of a table in order: (numbers or None, line, byte, reason, text)."""
    taken = layout(points.columns, points.sizes, list(wanted), [], keep)
    rows, lines = [], points.header_lines
    for part in points.parts():
        read = points.read(part, taken)
        good = dict(zip(read.good.tolist(), zip(*(np.moveaxis(column, -1, 0).tolist() for column in read.columns.values()))))
        assert sorted([*good, *read.unread]) == list(range(read.rows))
        assert all(len(column) == read.rows for column in read.kept.values())
        for row in range(read.rows):
            if row in good:
                rows.append((good[row], None, None, None, None))
            else:
                reject = read.unread[row]
                rows.append((None, lines + reject.line, part.start + reject.byte, str(reject.reason), reject.text))
        lines += read.lines
    return rows


def numbers(points, wanted="xy"):
    return [row[0] for row in told(points, wanted)]


def reasons(points, wanted="xy"):
    return [row[3] for row in told(points, wanted)]


# ---- what is a number ---------------------------------------------------------------------------------------

ACCEPTED = ["1", "+1", "-1", "007", "1.", ".5", "-.5", "+.5", "1e5", "1E5", "1e+05", "1e-5", " 1", "1 ", "\t1", " 1 ", "1e-400", "-0", "0e0",
            "0e99999", "9007199254740993", "0." + "0" * 400 + "1", "1" * 30 + "." + "1" * 700, "2.2250738585072011e-308", "1e23"]  # fmt: skip
REFUSED = ["", " ", "nan", "NaN", "inf", "-Infinity", "1_000", "true", "0x10", "１", "١", "1e", "e5", "--1", "1 2", "1d5", "1f", "1.5.2", "-", "+", ".",
           "1e5.0", "null", "NA", "1e+", "1\0", "1\xa0", "+-1", "1e 5", "- 1", "1\v", "1\f", "1\r2", "1e400", "-1e400", "9" * 400]  # fmt: skip


@pytest.mark.parametrize("cell", ACCEPTED)
def test_a_number_is_the_nearest_float(library, cell):
    assert numbers(table(f"x,y\n{cell},2\n3,4\n")) == [(float(cell), 2.0), (3.0, 4.0)]


@pytest.mark.parametrize("cell", REFUSED)
def test_what_is_no_number_is_refused(library, cell):
    filler = "".join(f"{k},{k}\n" for k in range(20))
    rows = told(table(f"x,y\n{filler}{cell},2\n3,4\n"))
    assert rows[20][0] is None
    assert rows[21][0] == (3.0, 4.0)
    assert rows[20][3].startswith("column x: ")


def test_reasons():
    rows = ["abc,2", ",2", "1e400,2", '"1,5",2', "1", "1,2,3", '"1,2', '"1"2,3', "１,1"]
    assert reasons(table("x,y\n" + "\n".join(rows) + "\n")) == [
        "column x: 'abc' is not a number",
        "column x: the cell is empty",
        "column x: 1e400 is too large for a float64",
        "column x: '1,5' is not a number: a decimal point is wanted, not a comma",
        "1 cells where the header has 2",
        "3 cells where the header has 2",
        "a quote is never closed",
        "there is text behind a closing quote",
        "column x: '１' is not a number",
    ]


NUMBERS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.from_regex(r"[+-]?([0-9]{1,30}\.?[0-9]{0,30}|\.[0-9]{1,30})([eE][+-]?[0-9]{1,3})?", fullmatch=True),
    st.integers(0, 2**64).map(lambda bits: f"{Fraction(bits, 2**40).limit_denominator()}".replace("/", "1")),
)


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=30))
def test_fast_and_careful_readers_give_the_same_floats(rows):
    text = "x,y\n" + "".join(f"{x},{y}\n" for x, y in rows)
    found = numbers(table(text))
    for row, cells in zip(found, rows):
        expected = tuple(map(float, cells))
        assert row == (expected if all(map(math.isfinite, expected)) else None)


CELLS = st.text(st.sampled_from(list("0123456789+-.eE \t_naifx\r\v\"',;\0é１")), max_size=6)


@given(st.lists(st.lists(CELLS, min_size=1, max_size=3).map(",".join), min_size=1, max_size=6), st.sampled_from(["\n", "\r\n"]))
def test_fast_and_careful_readers_accept_the_same_cells(lines, end):
    filler = [f"{k},{k}" for k in range(60)]
    points = table("x,y" + end + end.join(filler[:30] + lines + filler[30:]))
    taken = layout(points.columns, {}, "xy", [], ["y"])
    [part] = points.parts()
    fast, careful = points.read(part, taken), points._careful.read(part.data, taken)
    assert fast.unread == careful.unread
    assert fast.good.tolist() == careful.good.tolist()
    assert list(fast.kept["y"]) == list(careful.kept["y"])
    for name in "xy":
        assert fast.columns[name].tobytes() == careful.columns[name].tobytes()


# ---- rows ---------------------------------------------------------------------------------------------------

def test_ways_to_write_one_table(library):
    plain = "x,y\n1,2\n3,4\n"
    for text in (plain, plain[:-1], "\ufeff" + plain, plain.replace("\n", "\r\n"), "x,y\r\n1,2\n3,4\r\n", plain.replace("\n", "\n\n"),
                 "\n\n" + plain, "sep=,\n" + plain, "sep=;\r\n" + plain.replace(",", ";"), plain.replace(",", ";"), '"x","y"\n"1",2\n3," 4 "\n',
                 ' x , y \n1,2\n3,4\n', plain + "  \n", "y,x\n2,1\n4,3\n", 'name,x,y\n"a,\nb",1,2\n"""",3,4\n', "a,x,b,y,c\n,1,,2,\n,3,é,4,ü\n"):  # fmt: skip
        assert numbers(table(text)) == [(1.0, 2.0), (3.0, 4.0)], text
    assert numbers(table(plain.replace(",", "\t"), "tsv")) == [(1.0, 2.0), (3.0, 4.0)]


def test_a_quote_that_is_never_closed_costs_one_record(library):
    rows = 'x,y,t\n1,2,"abc\n3,4,def\n5,6,"ghi"\n7,8,""\n'
    assert [row[:4] for row in told(table(rows))] == [
        (None, 2, 6, "a quote is never closed"), ((3.0, 4.0), None, None, None), ((5.0, 6.0), None, None, None), ((7.0, 8.0), None, None, None),
    ]  # fmt: skip


def test_a_record_over_lines_that_swallows_numbers_is_read_line_by_line(library):
    assert [row[:4] for row in told(table('x,y\n0,0\n1,"2\n3,4\n5,"\n7,8\n'))] == [
        ((0.0, 0.0), None, None, None), (None, 3, 8, "a quote is never closed"), ((3.0, 4.0), None, None, None),
        (None, 5, 17, "a quote is never closed"), ((7.0, 8.0), None, None, None),
    ]  # fmt: skip


def test_a_row_that_is_too_long_is_one_reject(library):
    points = table("x,y\n1,2\n" + "0" * 300 + "1,2\n3,4\n" + "9" * 5000 + "\n5,6", size=1 << 16, longest=256)
    assert [(row[0], row[1], row[3]) for row in told(points)] == [
        ((1.0, 2.0), None, None), (None, 3, "a row of more than 256 bytes"), ((3.0, 4.0), None, None), (None, 5, "a row of more than 256 bytes"),
        ((5.0, 6.0), None, None),
    ]  # fmt: skip


def test_a_line_without_an_end_takes_no_memory(tmp_path):
    class Endless(io.RawIOBase):
        left, begun, most = 1 << 27, False, 0

        def readinto(self, room):
            text = b"1" * min(self.left, len(room)) if self.begun else b"x,y\n"
            self.begun, self.left, self.most = True, self.left - len(text), max(self.most, len(room))
            room[: len(text)] = text
            return len(text)

    stream = Endless()
    points = Text(Place("-", stream), "csv")
    [(_, line, byte, reason, text)] = told(points)
    assert (line, byte, reason, len(text)) == (2, 4, "a row of more than 1048576 bytes", 1 << 20)
    assert stream.most <= 6 << 20


MESSY = b"""name,x,y\r
a,1,2
"b
,"",c",3,4\r

d,5
"never closed,6,7
e,8,9\r
5" wide,10,11
"f",12,"13"
"g"h,14,15
"two
lines,16,17
i,nan,18
j,19,20,21
\xff\xfe,22,23
"last","24","25\"""".replace(b'25\\"', b'25"')


def expected_of(text):
    """Return what the whole table says, cut nowhere."""
    return told(table(text, size=1 << 20))


def test_every_cut_gives_the_same_rows(library):
    whole = expected_of(MESSY)
    assert sum(row[0] is not None for row in whole) == 8
    for size in range(1, len(MESSY) + 9):
        assert told(table(MESSY, size=size)) == whole, size


def test_every_reject_points_at_its_row(library):
    for size in (1, 7, 30, 1 << 20):
        for _, line, byte, reason, text in told(table(MESSY, size=size)):
            if reason:
                raw = text.encode().replace(b"\\xff\\xfe", b"\xff\xfe")
                assert MESSY[byte:].startswith(raw)
                assert MESSY.count(b"\n", 0, byte) == line - 1


@pytest.mark.parametrize("shift", range(-8, 9))
def test_a_quoted_line_end_at_the_edge_of_a_part(library, shift):
    size = 200
    head = b"x,y,t\n"
    text = head + b"1,2,a\n" * ((size + shift - 20) // 6)
    text += b"3,4," + b"b" * (len(head) + size + shift - len(text) - 10) + b"\n" + b'5,6,"c\nd\n"\n7,8,e\n' + b"9,10,f\n" * 40
    whole = told(table(text, size=1 << 20))
    assert None not in [row[0] for row in whole]
    points = table(text, size=size)
    assert len(list(table(text, size=size).parts())) > 2
    assert told(points) == whole


@given(st.data())
def test_mutated_tables_lose_no_row(data):
    """Conservation: what is not read is a reject, and the bytes of rows and blank lines are all bytes there are."""
    text = bytearray(b"x,y,t\n" + MESSY.split(b"\n", 1)[1])
    for _ in range(data.draw(st.integers(0, 6))):
        place = data.draw(st.integers(6, len(text)))
        text[place : place + data.draw(st.integers(0, 3))] = data.draw(st.sampled_from([b'"', b"\n", b"\r", b"\r\n", b"\0", b",", b"", b"\xef\xbb\xbf", b'""', b"1"]))
    text = bytes(text)
    rows = told(table(text, size=1 << 20))
    assert told(table(text, size=data.draw(st.integers(1, 80)))) == rows
    places = [row[2] for row in rows if row[2] is not None]
    assert places == sorted(set(places))
    for _, line, byte, reason, _ in rows:
        if reason:
            assert text.count(b"\n", 0, byte) == line - 1
    records = list(table(text)._careful.records(text[6:] + b"\n"))
    assert records[0][0] == 0
    assert all(a[1] == b[0] for a, b in pairwise(records))
    assert len([1 for a, b in records if bare((text[6:] + b"\n")[a:b]).strip(b" ")]) == len(rows)


def test_plain_tables_are_read_as_the_csv_module_reads_them():
    chance = random.Random(7)
    cells = ["1", "-2.5", "a", "a,b", 'q"q', "two\nlines", "", "3e5", " 7"]
    for _ in range(200):
        rows = [[chance.choice(cells) for _ in range(3)] for _ in range(chance.randrange(1, 12))]
        file = io.StringIO()
        csv.writer(file, lineterminator=chance.choice(["\n", "\r\n"])).writerows([["t", "u", "x"], *([*row[:2], "1"] for row in rows)])
        points = table(file.getvalue(), size=chance.randrange(1, 200))
        kept = [[], []]
        taken = layout(points.columns, {}, ["x"], [], ["t", "u"])
        for part in points.parts():
            read = points.read(part, taken)
            for column, name in zip(kept, "tu"):
                column += list(read.kept[name])
        assert list(map(list, zip(*kept))) == [row[:2] for row in rows]


def test_a_row_without_a_value_is_found_again(library):
    points = table(MESSY, size=60)
    taken, line = layout(points.columns, {}, "xy", []), points.header_lines
    for part in points.parts():
        read = points.read(part, taken)
        again = points.rejected(part, dict.fromkeys(range(read.rows), "no value"))
        assert list(again) == list(range(read.rows))
        for row, reject in read.unread.items():
            assert again[row] == reject._replace(reason="no value")
        for reject in again.values():
            place = part.start + reject.byte
            assert MESSY.count(b"\n", 0, place) == line + reject.line - 1
        line += read.lines


# ---- files --------------------------------------------------------------------------------------------------

def opened(tmp_path, name, data, **options):
    file = tmp_path / name
    file.write_bytes(data if isinstance(data, bytes) else data.encode())
    return open_points(str(file), Limits(), **options)


def test_points_travel(tmp_path):
    points = opened(tmp_path, "p.csv", "x,y\n" + "1,2\n" * 1000, size=500)
    again = pickle.loads(pickle.dumps(points))
    assert numbers(again) == [(1.0, 2.0)] * 1000
    assert again.identity() == points.identity()
    assert set(points.identity()) == {"size", "mtime_ns", "head"}
    assert (points.form, points.columns, points.bytes, points.header_lines) == ("csv", ["x", "y"], 4004, 1)


def test_a_file_that_changes_on_the_way_is_noticed(tmp_path):
    points = opened(tmp_path, "p.csv", "x,y\n1,2\n")
    part = next(points.parts())
    (tmp_path / "p.csv").write_text("x,y\n1,2\n3,4\n")
    with pytest.raises(GradError, match="was changed while it was read"):
        points.read(part, layout(points.columns, {}, "xy", []))


@pytest.mark.parametrize(
    ("name", "data", "problem"),
    [
        ("p.csv", b"", "it is empty"),
        ("p.csv", b"\n\n", "it is empty"),
        ("p.csv", b"1,2\n3,4\n", "its first line is numbers"),
        ("p.csv", b"x,y\r1,2\r", "CR alone"),
        ("p.csv", "x,y\n1,2\n".encode("utf-16"), "it is UTF-16"),
        ("p.csv", b'"x,y\n1,2\n', "a quote in the header is never closed"),
        ("p.csv", b"\xff,y\n1,2\n", "not UTF-8"),
        ("p.csv", b"x,\0y\n1,2\n", "it is no text"),
        ("p.csv", b"PAR1....PAR1", "by its first bytes it is Parquet"),
        ("p.tsv", b"\x1f\x8b\x08\0", "by its first bytes it is gzip"),
        ("p.jsonl", b"ARROW1\0\0", "by its first bytes it is Arrow"),
        ("p.parquet", b"x,y\n1,2\n", "its first bytes are not those of one"),
        ("p.arrow", b"PAR1....PAR1", "by its first bytes it is Parquet"),
        ("p.jsonl", b"[1]\n2\n", "none of its first lines is a JSON object"),
        ("p.xlsx", b"x,y\n1,2\n", "its ending is none of"),
    ],
)
def test_files_that_are_no_tables(tmp_path, name, data, problem):
    with pytest.raises(GradError, match=problem) as caught:
        opened(tmp_path, name, data)
    assert name in caught.value.message


def test_folders_and_files_that_are_not_there(tmp_path):
    with pytest.raises(GradError, match="is a folder"):
        open_points(str(tmp_path), Limits(), "csv")
    with pytest.raises(GradError, match="No such file"):
        open_points(str(tmp_path / "none.csv"), Limits())


# ---- JSON Lines ---------------------------------------------------------------------------------------------

def test_json_lines(library):
    text = """\ufeff{"x": 1, "v": [1, 2], "W": [[1, 2], [3, 4]], "more": {"a": null}}
{"W": [[5, 6], [7, 8]], "v": [3.5, 4e0], "x": 12345678901234567890}\r

{"x": null, "v": [1, 2], "W": [[1, 2], [3, 4]]}
{"x": 1, "x": 2, "v": [1, 2], "W": [[1, 2], [3, 4]]}
{"x": NaN, "v": [1, 2], "W": [[1, 2], [3, 4]]}
{"x": "1", "v": [1, 2], "W": [[1, 2], [3, 4]]}
{"x": true, "v": [1, 2], "W": [[1, 2], [3, 4]]}
{"x": 1, "v": [1], "W": [[1, 2], [3, 4]]}
{"x": 1, "v": [1, 2], "W": [[1, 2], [3]]}
{"x": 1, "W": [[1, 2], [3, 4]]}
{"x": 1e400, "v": [1, 2], "W": [[1, 2], [3, 4]]}
[1]
nonsense
"""
    text += "[" * 100_000 + "\n" + '{"x": ' + "9" * 5000 + ', "v": [1, 2], "W": [[1, 2], [3, 4]]}'
    rows = told(table(text, "jsonl"), ["x", "v", "W"])
    assert [row[0] for row in rows if row[0]] == [(1.0, [1.0, 2.0], [[1.0, 2.0], [3.0, 4.0]]), (float("12345678901234567890"), [3.5, 4.0], [[5.0, 6.0], [7.0, 8.0]])]
    assert [row[3] for row in rows if row[3]] == [
        "column x: null is not a number", "x is there twice", "NaN is not a number", 'column x: "1" is not a number', "column x: true is not a number",
        "column v: it is not a list of 2 numbers", "column W: it is not a list of 2×2 numbers", "there is no v", "column x: Infinity is too large for a float64",
        "it is no JSON object", "it is no JSON: Expecting value: line 1 column 1 (char 0)", "it is nested too deeply",
        "column x: Infinity is too large for a float64",
    ]  # fmt: skip
    data = text.encode()
    for _, line, byte, reason, row in rows:
        if reason:
            assert data[byte:].startswith(row.encode())
            assert data.count(b"\n", 0, byte) == line - 1
    for size in range(1, 400, 7):
        assert told(table(text, "jsonl", size), ["x", "v", "W"]) == rows


def test_texts_that_are_copied_from_json_lines(library):
    points = table('{"x": 1, "t": "\\ud83d\\ude00"}\n{"x": 2, "t": "\\ud83d"}\n{"x": 3, "t": [1, null]}\n{"x": 4}\n', "jsonl")
    read = points.read(next(points.parts()), layout(points.columns, points.sizes, ["x"], [], ["t"]))
    assert list(read.kept["t"]) == ["\N{GRINNING FACE}", None, [1, None], None]
    assert {row: str(reject.reason) for row, reject in read.unread.items()} == {1: "it is not UTF-8"}
