"""`gradcli batch --engine dask`: the same bytes as on this machine, whatever is killed."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from conftest import run_here

pytest.importorskip("gradcli.batching", reason="needs gradcli batch")
pytest.importorskip("distributed", reason="needs dask.distributed: pip install \"gradcli[dask]\"")

from test_cluster import Site

pl = pytest.importorskip("polars", reason="needs polars")

EXPRESSION = "1/(1 + exp(-(w*x + b))) + abs(x) + sqrt(w)"
NAN = float("nan")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Two workers under nannies."""
    site = Site(tmp_path_factory.mktemp("site"))
    site.worker("--nworkers", "2")
    site.address()
    yield site
    site.end()


def some_points(rows, seed):
    """Return points of all sorts: smooth mostly, at kinks, without a value, unreadable."""
    rng = random.Random(seed)
    special = ((0.0, 1.0), (1.0, 0.0), (0.0, 0.0), (2.0, -1.0), (NAN, 1.0), (-1000.0, 1.0))
    return [rng.choice(special) if not row % 11 else (rng.gauss(0, 3), rng.random()) for row in range(rows)]


@pytest.fixture(scope="module")
def points(tmp_path_factory):
    """A folder of Parquet files, in which each group of 40 rows is a part."""
    folder = tmp_path_factory.mktemp("points")
    for part in range(3):
        (folder / f"part={part}").mkdir()
        table = pl.DataFrame(some_points(320, part), schema=["x", "w"], orient="row")
        table.write_parquet(folder / f"part={part}" / "rows.parquet", row_group_size=40)
    return folder


def words(points, *more):
    return ["batch", EXPRESSION, "b=0.5", str(points), "-o", "out.csv", "--status", *more]


def results():
    return {path.name: path.read_bytes() for path in Path().iterdir() if path.is_file()}


@pytest.fixture
def here(points, tmp_path, monkeypatch):
    """The folder of a run, and what a run on this machine writes."""
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    ran = run_here(*words(points, "--jobs", "1"))
    found = results()
    assert (ran.code, len(found)) == (3, 2)  # some rows are rejected
    monkeypatch.chdir(tmp_path / "there")
    return found


def killed_once_they_work(site, victim):
    """Kill a process once the workers have had tasks; return the thread that does."""

    def kill():
        until = time.monotonic() + 30
        while time.monotonic() < until and not list(Path().glob("*out.csv*")):
            time.sleep(0.005)
        for pid in victim():
            os.kill(pid, signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    return thread


def workers(site):
    """Return the processes of the workers, which are children of those that were started."""
    found = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout.splitlines()[1:]
    nannies = {process.pid for process in site.processes}
    return [int(pid) for pid, parent, args in (line.split(maxsplit=2) for line in found) if int(parent) in nannies and "spawn_main" in args]


def test_the_same_bytes_as_here(points, here, site):
    ran = run_here(*words(points, "--engine", "dask", "--scheduler", site.file))
    assert (ran.code, ran.out, results() == here) == (3, "", True), ran.err


def test_standard_input_is_sent_to_the_workers(site, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = "x,w\n" + "\n".join(f"{x},{w}" for x, w in some_points(200, 9)) + "\nno,1\n"
    command = [sys.executable, "-m", "gradcli", "batch", EXPRESSION, "-", "b=1", "-q", "--on-error", "nan"]
    here, there = (
        subprocess.run([*command, *more], env=site.env, input=text.encode(), capture_output=True, check=False)
        for more in (["--jobs", "1"], ["--engine", "dask", "--scheduler", site.file])
    )  # fmt: skip
    assert (there.returncode, there.stdout, there.stderr) == (3, here.stdout, b"")
    assert len(here.stdout.splitlines()) == 202


def test_a_worker_killed_in_the_middle(points, here, site):
    killer = killed_once_they_work(site, lambda: workers(site)[:1])
    ran = run_here(*words(points, "--engine", "dask", "--scheduler", site.file))
    killer.join()
    assert (ran.code, results() == here) == (3, True), ran.err


def test_a_scheduler_that_goes_leaves_nothing_half_written(points, here, tmp_path_factory):
    site = Site(tmp_path_factory.mktemp("short-lived"))
    try:
        site.worker()
        site.address()
        killer = killed_once_they_work(site, lambda: [site.scheduler.pid])
        ran = run_here(*words(points, "--engine", "dask", "--scheduler", site.file))
        killer.join()
        if ran.code == 3:  # it was done before the scheduler was gone
            assert results() == here
        else:
            assert (ran.code, "[no-scheduler]" in ran.err, Path("out.csv").exists()) == (2, True, False)
            assert run_here(*words(points, "--resume")).code == 3  # what was done is kept
            assert results() == here
    finally:
        site.end()


def test_a_file_that_the_workers_do_not_see(site, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("points.csv").write_text("x,w\n1,2\n")
    own = Path("/proc/self/cwd/points.csv")  # the folder of whoever looks
    if not own.exists():
        pytest.skip("needs /proc")
    ran = run_here(*words(own, "--engine", "dask", "--scheduler", site.file))
    assert (ran.code, "does not see /proc/self/cwd/points.csv" in ran.err) == (2, True)
