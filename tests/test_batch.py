"""gradcli batch: a table of points in, a table of values and partials out, and no row is ever lost."""

import csv
import io
import itertools
import os
import pickle
import random
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from conftest import run_here, run_there

from gradcli import batching
from gradcli.batch import points
from gradcli.batch import work as working
from gradcli.progress import Flow
from gradcli.wording import Language, language

POINTS = "id,x,y,z\na,-2,5,-4\nb,1,2,3\nc,0.5,0.25,8\n"
GRADIENTS = "f,df/dx,df/dy,df/dz\n-12.0,-4.0,-4.0,3.0\n9.0,3.0,3.0,3.0\n6.0,8.0,8.0,0.75\n"
CIRCUIT = "(x+y)*z"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Where every test works, with a table in it."""
    monkeypatch.chdir(tmp_path)
    Path("points.csv").write_text(POINTS)
    return tmp_path


@pytest.fixture
def small_parts(monkeypatch):
    """Cut tables into parts of a few rows."""

    def cut(size):
        monkeypatch.setattr(points, "open_points", partial(points.open_points, size=size))

    return cut


def files():
    """Return the names of the files there are."""
    return sorted(path.name for path in Path().iterdir())


def table(text, name="points.csv"):
    Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())


# ---- a gradient for each row ----------------------------------------------------------------------------------


def test_a_gradient_for_each_row():
    ran = run_here("batch", CIRCUIT, "points.csv", "-o", "out.csv")
    assert (ran.out, ran.code) == ("", 0)
    assert Path("out.csv").read_text() == GRADIENTS
    assert files() == ["out.csv", "points.csv"]


def test_to_standard_output():
    assert run_here("batch", CIRCUIT, "points.csv").out == GRADIENTS
    assert run_here("batch", CIRCUIT, "points.csv", "-o", "-").out == GRADIENTS
    assert files() == ["points.csv"]


def test_from_standard_input():
    done = run_there("batch", CIRCUIT, "-", stdin=POINTS.encode())
    assert (done.stdout.decode(), done.returncode) == (GRADIENTS, 0)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pipe with a name")
def test_from_a_pipe_with_a_name():
    os.mkfifo("points")
    writer = subprocess.Popen(["sh", "-c", "cat points.csv > points"])
    assert run_here("batch", CIRCUIT, "points", "-o", "out.csv", "--from", "csv").code == 0
    writer.wait()
    assert Path("out.csv").read_text() == GRADIENTS


@pytest.mark.parametrize("words", list(itertools.permutations([f"f = {CIRCUIT}*k", "points.csv", "k=1"])), ids=" ".join)
def test_the_order_of_the_operands_is_free(words):
    assert run_here("batch", *words).out == GRADIENTS


def test_a_table_without_a_known_ending_is_one_that_is_there():
    Path("points.csv").rename("points")
    assert run_here("batch", CIRCUIT, "points", "--from", "csv").out == GRADIENTS
    assert run_here("batch", "points", "-x", "--wrt", "x", "--from", "csv").out.splitlines()[1] == "2.0,-1.0"


def test_an_expression_may_be_called_as_a_file_is():
    table("x\n3\n", "x")
    assert run_here("batch", "x", "points.csv", "--wrt", "x").out == "f,df/dx\n-2.0,1.0\n1.0,1.0\n0.5,1.0\n"


@pytest.mark.parametrize("jobs", ["1", "2", "3"])
@pytest.mark.parametrize("size", [1, 7, 40, 1000])
def test_the_bytes_depend_neither_on_the_workers_nor_on_the_parts(jobs, size, small_parts):
    draw = random.Random(5)
    rows = [[draw.choice(["0", "-1", "x", "2.5", "1e3"]) for _ in "xy"] for _ in range(60)]
    table("x,y\n" + "".join(",".join(row) + "\n" for row in rows))
    words = ["batch", "log(x)*|y|", "points.csv", "--keep", "y,x", "--status"]
    whole = run_here(*words, "-o", "whole.csv", "--jobs", "1")
    small_parts(size)
    ran = run_here(*words, "-o", "out.csv", "--jobs", jobs)
    assert (ran.code, whole.code) == (3, 3)
    for name in ("{0}.csv", "{0}.csv.rejects.csv"):
        assert Path(name.replace("{0}", "out")).read_bytes() == Path(name.replace("{0}", "whole")).read_bytes()


def test_other_processes_settle_the_same_rows_to_the_same_numbers(monkeypatch):
    table("x\n" + "".join(f"{k % 90}e-2\n" for k in range(300)))
    words = ["batch", "sin(x)^x", "points.csv", "--certify", "--status", "--jobs", "2"]
    alone = run_here(*words)
    monkeypatch.setattr(working, "PATIENCE", 0)
    helped = run_here(*words)
    assert helped.out == alone.out
    assert helped.code == alone.code


def test_equal_rows_are_settled_once(monkeypatch):
    asked = []
    settle = working.Settler.__call__
    monkeypatch.setattr(working.Settler, "__call__", lambda self, some: asked.extend(some) or settle(self, some))
    table("x\n" + "0\n3\n-0\n" * 20)
    ran = run_here("batch", "|x|", "points.csv", "--certify", "--jobs", "1")
    assert len(asked) == 3
    assert "60 settled by balls, 40 at a kink" in ran.err


def test_what_works_on_parts_travels():
    opened = points.open_points("points.csv", batching.Limits())
    asked = batching._Asked(None, ["id"], True, "reject", False, False, "min-norm", False, batching.Limits())
    work, _ = batching._work(opened, [f"{CIRCUIT}*k", "k=0.1"], asked, "", "out.csv")
    [part] = opened.parts()
    there = pickle.loads(pickle.dumps(work))
    assert there(part) == work(part)
    assert work(part).payload.startswith(b"a,-1.2")
    assert len(pickle.dumps(work)) < 5000


# ---- names ----------------------------------------------------------------------------------------------------


def test_constants_are_the_same_in_each_row():
    assert run_here("batch", "w*x+b", "points.csv", "w=1/4", "b=-1").out == "f,df/dx\n-1.5,0.25\n-0.75,0.25\n-0.875,0.25\n"
    table("[2, 3]", "w.json")
    assert run_here("batch", "sum(w)*x", "points.csv", "w=@w.json").out == "f,df/dx\n-10.0,5.0\n5.0,5.0\n2.5,5.0\n"


def test_columns_with_numbers_are_a_vector():
    table("x_1,x_2,x_3,k\n1,2,3,4\n0,1,0,2\n")
    assert run_here("batch", "k*sum(x^2)", "points.csv", "--wrt", "x").out == "f,df/dx_1,df/dx_2,df/dx_3\n56.0,8.0,16.0,24.0\n2.0,0.0,4.0,0.0\n"
    assert run_here("batch", "x_1*k", "points.csv", "--wrt", "x_1").out == "f,df/dx_1\n4.0,4.0\n0.0,2.0\n"
    assert run_here("batch", "q = k*x", "points.csv", "--wrt", "k").out == "q_1,q_2,q_3,dq_1/dk,dq_2/dk,dq_3/dk\n4.0,8.0,12.0,1.0,2.0,3.0\n0.0,2.0,0.0,0.0,1.0,0.0\n"


def test_products_without_a_sign_know_the_columns():
    table("x,w,xw\n2,3,100\n")
    assert run_here("batch", "2x w", "points.csv").out == "f,df/dx,df/dw\n12.0,6.0,4.0\n"
    assert run_here("batch", "xw", "points.csv").out == "f,df/dxw\n100.0,1.0\n"


def test_latex_and_greek():
    table("theta,w_0\n3,5\n")
    assert run_here("batch", r"\frac{\theta^2}{w_{0}}", "points.csv").out.splitlines()[0] == "f,df/dtheta,df/dw0"


def test_wrt_keep_and_status():
    table("id,x,note\n7,2,hello\n8,0,\n9,-3,bye\n")
    ran = run_here("batch", "b*|x|", "points.csv", "b=2", "--wrt", "x", "--keep", "note,id", "--status")
    assert ran.out == "note,id,f,df/dx,status\nhello,7,4.0,2.0,smooth\n,8,0.0,0.0,kink\nbye,9,6.0,-2.0,smooth\n"
    assert run_here("batch", "b*x", "points.csv", "b=2", "--wrt", "b").out == "f,df/db\n4.0,2.0\n0.0,0.0\n-6.0,-3.0\n"


def test_conventions():
    table("x\n0\n")
    assert run_here("batch", "|x|", "points.csv").out == "f,df/dx\n0.0,0.0\n"
    assert run_here("batch", "|x|", "points.csv", "--convention", "jax").out == "f,df/dx\n0.0,1.0\n"


# ---- rows without a result ------------------------------------------------------------------------------------

WRONG = "x,y\n4,1\nfour,1\n-4,1\n0,2\n9,1,1\n"


def test_rejects():
    table(WRONG)
    ran = run_here("batch", "log(x)*y", "points.csv", "-o", "out.csv", "--keep", "y", "--wrt", "y")
    assert ran.code == 3
    assert Path("out.csv").read_text() == "y,f,df/dy\n1,1.3862943611198906,1.3862943611198906\n"
    assert Path("out.csv.rejects.csv").read_text() == (
        "line,byte,reason,text\n"
        "3,8,column x: 'four' is not a number,\"four,1\"\n"
        '4,15,ln(x) is undefined at x = -4,"-4,1"\n'
        '5,20,ln(x) is undefined at x = 0,"0,2"\n'
        '6,24,3 cells where the header has 2,"9,1,1"\n'
    )
    assert re.match(r"5 rows in, 1 written, 4 rejected, \d settled by balls, 0 at a kink; ", ran.err)


def test_rejects_of_standard_output_are_told():
    table(WRONG)
    ran = run_here("batch", "log(x)*y", "points.csv", "-q", "--wrt", "y")
    assert ran.code == 3
    assert ran.out == "f,df/dy\n1.3862943611198906,1.3862943611198906\n"
    assert ran.err.splitlines()[:2] == [
        "rejected: line 3, byte 8: column x: 'four' is not a number: four,1", "rejected: line 4, byte 15: ln(x) is undefined at x = -4: -4,1",
    ]  # fmt: skip
    ran = run_here("batch", "log(x)*y", "points.csv", "-q", "--rejects", "bad.csv")
    assert ran.err == ""
    assert len(Path("bad.csv").read_text().splitlines()) == 5


def test_a_hostile_reject_does_nothing_in_a_terminal():
    table("x\n\x1b[31m::error::\n")
    assert run_here("batch", "x", "points.csv", "-q").err == "rejected: line 2, byte 2: column x: '\\x1b[31m\\x3a:error\\x3a:' is not a number: \\x1b[31m\\x3a:error\\x3a:\n"


@pytest.mark.parametrize("text", ["8\r;4", '"a\rb";4', "=cmd|' /C calc'!A0;4", "-4;x", "@x;4", "'1;4"], ids=repr)
def test_the_table_of_rejects_is_read_by_others_and_computed_by_none(text):
    table(f"x;y\n{text}\n")
    run_here("batch", "x*y", "points.csv", "-o", "out.csv")
    with open("out.csv.rejects.csv", newline="") as file:
        [row] = csv.DictReader(file)
    assert (row["line"], row["byte"]) == ("2", "4")
    assert row["text"] == ("'" if text[0] in "=-@'" else "") + text


def test_a_row_of_numbers_among_the_rejects_is_no_formula():
    table("x,y\n-4,-1e3\n")
    run_here("batch", "ln(x)*y", "points.csv", "-o", "out.csv")
    assert Path("out.csv.rejects.csv").read_text().endswith(',"-4,-1e3"\n')


def test_a_long_cell_that_begins_as_a_number_is_copied_at_once():
    table(f"name,x\n+{'1' * 300_000}x,2\n")
    assert run_here("batch", "x^2", "points.csv", "--keep", "name").out.endswith("1x,4.0,4.0\n")


def test_what_is_long_is_not_all_told():
    table(f"x\n{'a' * 100_000}\n")
    ran = run_here("batch", "x", "points.csv", "-q")
    assert ran.err.startswith("rejected: line 2, byte 2: column x: 'aaa")
    assert ran.err.endswith("aaa...\n")
    assert len(ran.err) < 400
    table(f"{'a' * 100_000},y\n1,2\n")
    assert len(run_here("batch", "x", "points.csv").err) < 400


def test_a_key_that_is_missing_is_copied_as_null():
    table('{"n":1,"x":2}\n{"x":3}\n{"n":5,"x":"no"}\n[\n', "points.jsonl")
    ran = run_here("batch", "x", "points.jsonl", "--keep", "n", "--wrt", "x", "--on-error", "nan")
    assert [line.split(",")[0] for line in ran.out.splitlines()] == ['{"n":1', '{"n":null', '{"n":5', '{"n":null']
    assert run_here("batch", "x", "points.jsonl", "--keep", "n", "--to", "csv").out == "n,f,df/dx\n1,2.0,1.0\n,3.0,1.0\n"


def test_nan_keeps_every_row_in_its_place():
    table(WRONG)
    ran = run_here("batch", "log(x)*y", "points.csv", "-o", "out.csv", "--on-error", "nan", "--status", "--wrt", "y")
    assert ran.code == 3
    assert Path("out.csv").read_text().splitlines()[2:] == ["nan,nan,unreadable", "nan,nan,undefined", "nan,nan,undefined", "nan,nan,unreadable"]
    assert "5 rows in, 5 written, 4 without a value" in ran.err
    assert files() == ["out.csv", "points.csv"]


@pytest.mark.parametrize(("rows", "said"), [("4,1\nfour,1\n", "line 3: column x: 'four' is not a number"), ("4,1\n5,2\n0,1\n", "line 4: ln(x) is undefined at x = 0")])
def test_stop_ends_at_the_first_and_leaves_nothing(rows, said):
    table(f"x,y\n{rows}")
    table("old", "out.csv")
    ran = run_here("batch", "log(x)*y", "points.csv", "-o", "out.csv", "--on-error", "stop")
    assert (ran.code, ran.err) == (3, f"error[row-without-result]: {said}\n")
    assert Path("out.csv").read_text() == "old"
    assert files() == ["out.csv", "points.csv"]


def test_lines_and_bytes_count_from_the_start_of_the_table(small_parts):
    text = "x\n" + "".join(f"{k}\n" if k % 7 else f"no{k}\n" for k in range(100))
    table(text)
    for size in (1, 30, 10_000):
        small_parts(size)
        assert run_here("batch", "x", "points.csv", "-o", "out.csv").code == 3
        for reject in Path("out.csv.rejects.csv").read_text().splitlines()[1:]:
            line, byte, _, found = reject.split(",")
            assert text.splitlines()[int(line) - 1] == found == text[int(byte) :].splitlines()[0]


def test_a_partial_that_does_not_exist_is_no_reason_to_reject():
    table("x\n0\n4\n")
    ran = run_here("batch", "sqrt(x)", "points.csv", "--status")
    assert ran.code == 0
    assert re.fullmatch(r"f,df/dx,status\n0\.0,(inf|nan),vertical\n2\.0,0\.25,smooth\n", ran.out)
    assert "1 with a partial that does not exist" in ran.err
    table("x\n0.5\n1\n")
    assert run_here("batch", "floor(x)", "points.csv", "--status").out == "f,df/dx,status\n0.0,0.0,smooth\n1.0,nan,jump\n"


def test_what_is_left_of_an_earlier_run_does_not_mislead():
    table(WRONG)
    run_here("batch", "x+y", "points.csv", "-o", "out.csv")
    assert "out.csv.rejects.csv" in files()
    table(POINTS)
    run_here("batch", "x+y", "points.csv", "-o", "out.csv")
    assert files() == ["out.csv", "points.csv"]
    run_here("batch", "x+y", "points.csv", "-o", "out.csv", "--rejects", "none.csv")
    assert Path("none.csv").read_text() == "line,byte,reason,text\n"


@pytest.mark.parametrize("how", ["reject", "nan"])
@pytest.mark.parametrize("seed", range(8))
def test_no_row_is_lost_and_none_is_invented(seed, how, small_parts):
    draw = random.Random(seed)
    cells = ["1", "-2", "0", "", "x", "1e999", "nan", " 3 ", "4,5", '"6"', '"7', "8\r", "é", "9\0"]
    rows = [f"{k},{draw.choice(cells)}" for k in range(draw.randrange(80))]
    table("k,x\n" + "".join(row + "\n" for row in rows))
    small_parts(draw.choice([1, 20, 100]))
    ran = run_here("batch", "1/x", "points.csv", "-o", "out.csv", "--keep", "k", "--wrt", "x", "--on-error", how)
    found = [int(line.split(",")[0]) for line in Path("out.csv").read_text().splitlines()[1:] if line[0].isdigit()]
    told = Path("out.csv.rejects.csv")
    total, written, lost = map(int, re.match(r"(\d+) rows in, (\d+) written, (\d+) ", ran.err).groups())
    assert total == len(rows) == written + (lost if how == "reject" else 0)
    assert found == sorted(found)
    if how == "reject":
        with told.open(newline="") if told.exists() else open(os.devnull) as file:
            rejected = [int(row["text"].split(",")[0]) for row in csv.DictReader(file)]
        assert sorted([*found, *rejected]) == list(range(len(rows)))
        assert rejected == sorted(rejected)


def test_a_table_without_rows():
    table("x,y,z\n")
    ran = run_here("batch", CIRCUIT, "points.csv", "-o", "out.csv")
    assert (Path("out.csv").read_text(), ran.code) == ("f,df/dx,df/dy,df/dz\n", 0)
    assert files() == ["out.csv", "points.csv"]


# ---- what is said ---------------------------------------------------------------------------------------------


def test_the_last_line():
    words = ["batch", CIRCUIT, "points.csv", "-o", "out.csv"]
    ran = run_here(*words)
    assert re.fullmatch(r"3 rows in, 3 written, 0 rejected, \d settled by balls, 0 at a kink; \d+ rows a second\n", ran.err)
    assert run_here(*words, "--quiet").err == ""
    assert "строк прочитано: 3, записано: 3" in run_here(*words, "--lang", "ru").err


@pytest.mark.parametrize("name", ["points.csv", "points.jsonl", "points.parquet", "points.arrow", "folder"])
def test_the_bar_is_full_when_the_table_is_at_its_end(name, small_parts, monkeypatch):
    pl = pytest.importorskip("polars")
    frame = pl.DataFrame({"x": [1.0, 2, 3] * 50})
    Path("folder").mkdir()
    for where, write in (("points.csv", frame.write_csv), ("points.jsonl", frame.write_ndjson), ("points.arrow", frame.write_ipc)):
        write(where)
    for where in ("points.parquet", "folder/0.parquet", "folder/1.parquet"):
        frame.write_parquet(where, row_group_size=40)
    flows = []
    monkeypatch.setattr("gradcli.progress.Flow", lambda words: flows.append(Flow(words)) or flows[-1])
    small_parts(30)
    assert run_here("batch", "x^2", name, "-o", "out.csv").code == 0
    assert 0 < flows[0].total == flows[0].count


@pytest.mark.parametrize(("total", "shown"), [(200, "25%"), (0, "3 rows")])
def test_the_bar_is_drawn_without_markup(total, shown, monkeypatch):
    screen = io.StringIO()
    screen.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", screen)
    for name, value in (("TERM", "xterm"), ("COLUMNS", "80"), ("NO_COLOR", "1")):
        monkeypatch.setenv(name, value)
    with Flow(Language()) as flow:
        flow.rows, flow._since, flow._shown = 3, 0, 0
        flow.expect(total)
        flow.done(50)
    drawn = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.getvalue())
    assert shown in drawn
    assert "[" not in drawn
    assert "\x1b[3" not in screen.getvalue()


def test_progress_says_how_many_rows_and_how_fast():
    flow = Flow(Language())
    flow.rows, flow._since = 3000, flow._since - 10
    assert re.fullmatch(r"3000 rows, (300|299) a second", flow.description())
    flow.words = language("ru")
    assert "3000" in flow.description()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([CIRCUIT], "there is no table of points here"), ([CIRCUIT, "points.cvs"], "its name ends with one of .csv"),
        (["x+w", "points.csv"], "the table has id, x, y, z; or give it a value: w=..."), ([CIRCUIT, "points.csv", "-o", "out"], "hint: --to csv"), (["points.csv"], "there is no expression here"), ([], "there is no table of points here"),
        ([CIRCUIT, "points.csv", "-"], "there are two tables of points here: points.csv, -"), (["x", "y", "points.csv"], "there are two expressions here"),
        ([CIRCUIT, "nowhere.csv"], "cannot read nowhere.csv: No such file"), ([CIRCUIT, "points.csv", "--on-error", "skip"], "--on-error skip: there are reject, nan, stop"),
        ([CIRCUIT, "points.csv", "--convention", "x"], "--convention x: there are min-norm"), ([CIRCUIT, "points.csv", "--engine", "spark"], "--engine spark: there are local, dask"),
        ([CIRCUIT, "points.csv", "--engine", "dask"], "needs --scheduler"), ([CIRCUIT, "points.csv", "--scheduler", "tcp://x:1"], "is for --engine dask"),
        ([CIRCUIT, "points.csv", "--rejects", "r.csv", "--on-error", "nan"], "--rejects goes with --on-error reject"),
        ([CIRCUIT, "points.csv", "--resume"], "--resume goes on with a file"), ([CIRCUIT, "-", "-o", "out.csv", "--resume"], "--resume goes on with a file"),
        ([CIRCUIT, "points.csv", "-o", "points.csv"], "points.csv and points.csv are one file"), ([CIRCUIT, "points.csv", "-o", "link.csv"], "points.csv and link.csv are one file"),
        ([CIRCUIT, "points.csv", "-o", "twin.csv"], "are one file"), ([CIRCUIT, "points.csv", "-o", "out.csv", "--rejects", "./out.csv"], "out.csv and ./out.csv are one file"),
        ([CIRCUIT, "out.csv.rejects.csv", "-o", "out.csv"], "are one file"), ([CIRCUIT, "points.csv", "-o", "nowhere/out.csv"], "nowhere/out.csv: No such file"),
        ([CIRCUIT, "points.csv", "-o", "folder.csv"], "folder.csv: Is a directory"), ([CIRCUIT, "folder.csv"], "folder.csv"), (["x+q", "points.csv"], "q"),
        (["x", "points.csv", "x=3"], "x"), (["x", "points.csv", "q=3"], "q has a value but does not occur"), (["x", "points.csv", "--wrt", "q"], "q"), (["x", "points.csv", "--keep", "q"], "q"),
        (["log(", "points.csv"], "error["), (["sheet.grad", "points.csv"], "sheet.grad is a worksheet"), (["x", "points.csv", "--jobs", "-1"], "--jobs"),
    ],
)  # fmt: skip
def test_what_cannot_be(words, said):
    Path("link.csv").symlink_to("points.csv")
    os.link("points.csv", "twin.csv")
    Path("folder.csv").mkdir()
    before = files()
    ran = run_here("batch", *words)
    assert (ran.out, ran.code) == ("", 2)
    assert said in ran.err
    assert Path("points.csv").read_text() == POINTS
    assert files() == before


def test_limits_are_those_of_every_command():
    ran = run_here("batch", CIRCUIT, "points.csv", "--limit", "nodes=2")
    assert ran.code == 4
    assert "--limit nodes=" in ran.err


def test_help():
    text = run_here("batch", "--help").out
    words = " ".join(text.split())
    assert text.startswith("Usage: gradcli batch [OPTIONS] [EXPR POINTS [NAME=VALUE]...]")
    for command in re.findall(r"^  (gradcli batch .*?)  ", text, re.MULTILINE):
        assert "points.csv" in command or "-o" in command
    assert "rows in = rows out + rejects" in words
    assert "Exit codes: 0 each row has its result; 2 bad usage or input; 3 some rows have none" in words
    assert "gradcli batch" in run_here("--help").out


# ---- where it goes --------------------------------------------------------------------------------------------


def test_the_file_behind_a_link_is_replaced_and_keeps_its_mode():
    table("old", "old.csv")
    os.chmod("old.csv", 0o640)
    Path("link.csv").symlink_to("old.csv")
    assert run_here("batch", CIRCUIT, "points.csv", "-o", "link.csv").code == 0
    assert Path("link.csv").is_symlink()
    assert Path("old.csv").read_text() == GRADIENTS
    assert Path("old.csv").stat().st_mode & 0o777 == 0o640
    assert files() == ["link.csv", "old.csv", "points.csv"]


def test_a_draft_is_never_written_through_a_link():
    table("precious", "other")
    Path("out.csv.gradcli-part").symlink_to("other")
    ran = run_here("batch", CIRCUIT, "points.csv", "-o", "out.csv")
    assert ran.code == 2
    assert Path("other").read_text() == "precious"
    Path("out.csv.gradcli-part").unlink(missing_ok=True)
    os.link("other", "out.csv.gradcli-part")
    assert run_here("batch", CIRCUIT, "points.csv", "-o", "out.csv").code == 2
    assert Path("other").read_text() == "precious"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_device_and_one_that_takes_all():
    ran = run_here("batch", CIRCUIT, "points.csv", "-o", "/dev/full", "--to", "csv")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "No space left on device" in ran.err
    assert run_here("batch", CIRCUIT, "points.csv", "-o", "/dev/null", "--to", "csv").code == 0


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell")
def test_a_reader_that_has_gone():
    table("x\n" + "1\n" * 300_000)
    gradcli = Path(sys.executable).with_name("gradcli")
    done = subprocess.run(f"{gradcli} batch x points.csv | head -1; exit ${{PIPESTATUS[0]}}", shell=True, executable="/bin/bash", capture_output=True, timeout=100, check=False)
    assert (done.stdout, done.stderr, done.returncode) == (b"f,df/dx\n", b"", 141)


def test_only_what_is_needed_is_imported():
    code = "import sys; from gradcli.__main__ import run; run(['batch', 'x+y', 'points.csv', '-o', 'out.csv', '-q', '--jobs', '1']); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stderr.split())
    assert not loaded & {"rich", "dask", "distributed", "sympy", "gradcli.workers.processes", "gradcli.languages.ru", "numba"}


def test_the_libraries_below_are_asked_before_they_are_loaded():
    """Or else it is too late: NumPy starts its threads when it is loaded."""
    code = "import sys\nfrom gradcli.batch import below\nbelow.prepare = lambda: print({'numpy', 'polars', 'pyarrow'} & set(sys.modules))\n"
    code += "sys.argv = ['gradcli', 'batch', 'x^2', '-', '-q']\nfrom gradcli.__main__ import main\nmain()"
    done = subprocess.run([sys.executable, "-c", code], input="x\n3\n", capture_output=True, text=True, check=True)
    assert done.stdout == "set()\nf,df/dx\n9.0,6.0\n"
