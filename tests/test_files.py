"""Values from files: .csv, .json, .npy. A pickle is never loaded."""

import numpy as np
import pytest
from conftest import run_here


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("w.csv", "1,2\n3,4\n", "[[1.0, 2.0], [3.0, 4.0]]"),
        ("w.csv", "\ufeff1, 2 \r\n 3,4e0", "[[1.0, 2.0], [3.0, 4.0]]"),
        ("w.csv", "1\n2\n3\n", "[1.0, 2.0, 3.0]"),
        ("w.csv", "1,2,3\n", "[1.0, 2.0, 3.0]"),
        ("w.json", "[[1, 2], [3, 4.5]]", "[[1.0, 2.0], [3.0, 4.5]]"),
        ("w.json", "2.5", "2.5"),
    ],
)
def test_text_files(tmp_path, name, text, value):
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    ran = run_here("w*1", f"w=@{file}", "--plain")
    assert ran.out.splitlines()[0] == f"f\t{value}", ran.err


def test_npy(tmp_path):
    np.save(tmp_path / "w.npy", np.array([[1, 2], [3, 4]], dtype=np.int32))
    assert run_here("sum(w)", f"w=@{tmp_path / 'w.npy'}", "-q").out == "df/dw\t[[1.0, 1.0], [1.0, 1.0]]\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("w.csv", "1,2\n3\n"), ("w.csv", "1,two\n"), ("w.csv", ""), ("w.csv", "1_000"), ("w.csv", "nan"), ("w.csv", "１"), ("w.csv", '"1'),
        ("w.csv", "1e400"), ("w.json", "[1, NaN]"), ("w.json", "{}"), ("w.json", "[[1], [2, 3]]"), ("w.json", "[true]"), ("w.json", "["),
        ("w.json", "[" * 100_000), ("w.json", "[[[1]]]"), ("w.json", "[]"),
    ],
)  # fmt: skip
def test_bad_files(tmp_path, name, text):
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    ran = run_here("w*1", f"w=@{file}")
    assert ran.code == 2, ran
    assert "error[not-a-number]" in ran.err


def test_a_pickle_is_refused(tmp_path):
    np.save(tmp_path / "w.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    ran = run_here("w", f"w=@{tmp_path / 'w.npy'}")
    assert ran.code == 2
    assert "error[not-a-number]" in ran.err


def test_a_folder_and_a_missing_file(tmp_path):
    (tmp_path / "w.csv").mkdir()
    assert run_here("w", f"w=@{tmp_path / 'w.csv'}").code == 2
    assert run_here("w", "w=@nowhere.npy").code == 2
