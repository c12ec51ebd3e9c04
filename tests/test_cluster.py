"""`--engine dask`: a real scheduler and two worker processes on this machine give the same bytes, whatever is killed."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from functools import cache
from pathlib import Path

import errands
import pytest
from conftest import run_here

from gradcli.classroom.grading.elsewhere import PACKET, packets
from gradcli.errors import GradError
from gradcli.workers import Here
from gradcli.workers.alike import compare, facts
from gradcli.workers.cluster import Cluster
from gradcli.workers.scheduler import dask, unhelpful

pytest.importorskip("distributed", reason="needs dask.distributed: pip install \"gradcli[dask]\"")

TESTS = Path(__file__).parent


class Site:
    """A scheduler and its workers, each a process of its own in a folder of its own."""

    def __init__(self, folder, **settings):
        self.folder, self.processes = folder, []
        path = os.pathsep.join([str(TESTS.parent), str(TESTS)])
        self.env = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", **settings}
        self.file = str(folder / "scheduler.json")
        self.scheduler = self.start("scheduler", "--host", "127.0.0.1", "--port", "0")

    def start(self, what, *words):
        command = [sys.executable, "-m", "dask", what, "--scheduler-file", self.file, "--no-dashboard", *words]
        with open(self.folder / f"{what}{len(self.processes)}.log", "wb") as log:
            process = subprocess.Popen(command, cwd=self.folder, env=self.env, stdout=log, stderr=log, start_new_session=True)
        self.processes.append(process)
        return process

    def worker(self, *words):
        return self.start("worker", "--nthreads", "1", "--memory-limit", "0", *words)

    def address(self):
        until = time.monotonic() + 20
        while time.monotonic() < until:
            if os.path.exists(self.file) and (text := Path(self.file).read_text()).rstrip().endswith("}"):
                return json.loads(text)["address"]
            time.sleep(0.05)
        raise AssertionError("the scheduler has not started")

    def end(self):
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Two workers under nannies, who start another one for one that dies; a task at which two have died is given up."""
    site = Site(tmp_path_factory.mktemp("site"), DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="1")
    site.worker("--nworkers", "2")
    site.address()
    yield site
    site.end()


@pytest.fixture
def cluster(site):
    """A connection to both workers."""
    with Cluster(site.file, patience=30) as cluster:
        until = time.monotonic() + 30
        while len(cluster._client.nthreads()) < 2 and time.monotonic() < until:  # one that has died is not back yet
            time.sleep(0.05)
        yield cluster


# ---- tasks --------------------------------------------------------------------------------------------------


def test_results_come_in_the_order_of_the_tasks(cluster):
    for ahead, count in ((1, 20), (5, 100), (500, 200)):
        assert list(cluster.results(errands.square, range(count), ahead)) == list(Here().results(errands.square, range(count), ahead))
    assert list(cluster.results(errands.square, [], 4)) == []


def test_so_many_tasks_are_under_way_and_no_more(cluster):
    begun = 0

    def tasks():
        nonlocal begun
        for task in range(1, 101):
            begun = task
            yield task

    results = cluster.results(errands.square, tasks(), 8)
    for taken in range(1, 101):
        next(results)
        assert begun <= min(100, taken - 1 + 8)


def test_both_work_and_the_function_travels_to_each_once(cluster):
    calls = defaultdict(list)
    for process, call in cluster.results(errands.Counting(), range(60), 60):
        calls[process].append(call)
    assert len(calls) == 2
    assert [sorted(counted) for counted in calls.values()] == [list(range(1, len(counted) + 1)) for counted in calls.values()]


def test_a_worker_killed_in_the_middle_loses_nothing(cluster, tmp_path):
    found = list(cluster.results(errands.Once(str(tmp_path / "mark")), range(100), 20))
    assert (tmp_path / "mark").exists()
    assert found == [errands.square(number) for number in range(100)]


def test_a_task_at_which_worker_after_worker_ends(cluster):
    with pytest.raises(GradError, match="worker after worker ends at the same task"):
        list(cluster.results(errands.deadly, [1], 1))


def test_an_error_of_a_task_is_the_error_of_the_run(cluster):
    with pytest.raises(GradError, match="3: no") as refused:
        list(cluster.results(errands.refuse, [3], 1))
    assert (refused.value.kind, refused.value.code) == ("refused", 3)
    results, found = cluster.results(errands.mistaken, range(9), 9), []
    with pytest.raises(GradError, match="ZeroDivisionError") as mistaken:
        found.extend(results)
    assert mistaken.value.code == 70
    assert found == [0, -0.5, -2]  # what was done before it


def test_what_nobody_waits_for_is_not_begun(cluster, tmp_path):
    marks = [str(tmp_path / str(number)) for number in range(200)]
    results = cluster.results(errands.mark, marks, 200)
    next(results)
    results.close()
    assert list(cluster.results(errands.square, [4], 1)) == [16]  # it has not waited for 20 seconds of marks
    assert len(list(tmp_path.iterdir())) < 20


# ---- machines that are not alike ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["gradcli", "numpy", "python-flint", "Python", "libc"])
def test_other_versions_are_an_error(site, monkeypatch, name):
    monkeypatch.setitem(facts(), name, "0.0")
    with pytest.raises(GradError, match=rf"tcp://127.0.0.1:\d+ has {name} \S.*, and this machine has 0.0") as unlike:
        Cluster(site.file)
    assert unlike.value.kind == "not-alike"


def test_another_processor_is_an_error():
    with pytest.raises(GradError, match="another processor") as unlike:
        compare({"processor": "x86_64 SSE2 AVX2"}, {"processor": "x86_64 SSE2 AVX2 AVX512F"}, "a worker")
    assert "NPY_DISABLE_CPU_FEATURES" in unlike.value.hint
    assert unlike.value.hint.endswith(": AVX512F")


def test_a_worker_that_lacks_a_library(cluster, tmp_path, monkeypatch):
    (tmp_path / "only_here.py").write_text("def task(number):\n    return number\n")
    monkeypatch.syspath_prepend(tmp_path)
    import only_here

    with pytest.raises(GradError, match="has no only_here"):
        list(cluster.results(only_here.task, [1], 1))
    missing = ModuleNotFoundError("No module named 'numpy'", name="numpy")
    assert unhelpful(missing, "tcp://10.0.0.2:1").message == "tcp://10.0.0.2:1 has no numpy"


def test_a_file_that_is_not_shared(cluster, site, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("points.csv").write_text("x\n1\n")
    cluster.sees(["points.csv"])
    per_process = Path("/proc/self/cwd/points.csv")  # the folder of whoever looks: so it is another for each
    if not per_process.exists():
        pytest.skip("needs /proc")
    with pytest.raises(GradError, match=r"does not see .*points.csv") as unseen:
        cluster.sees([str(per_process)])
    assert "standard input" in unseen.value.hint
    for folder in cluster._client.run(os.getcwd).values():
        Path(folder, "points.csv").write_text("x\n1\n2\n")
    with pytest.raises(GradError, match=r"sees another .*points.csv"):
        cluster.sees([str(per_process)])


# ---- no cluster ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["nowhere", "tcp://", "tcp://x:y", "foo://x:1", "[cyan]x"])
def test_what_is_no_address(address):
    with pytest.raises(GradError, match="this is no address"):
        Cluster(address)


def test_what_is_no_file_of_a_scheduler(tmp_path):
    for text, kind in (("{", "bad-usage"), ("[]", "bad-usage"), ("{}", "bad-usage"), (None, "cannot-read")):
        file = tmp_path / "s.json"
        file.unlink(missing_ok=True)
        if text is not None:
            file.write_text(text)
        with pytest.raises(GradError) as problem:
            Cluster(str(file))
        assert problem.value.kind == kind


def test_nobody_at_the_address(site, cluster):
    started = time.monotonic()
    with pytest.raises(GradError, match=r"there is no dask scheduler at tcp://127\.0\.0\.1:1"):
        Cluster("127.0.0.1:1", patience=1)
    assert time.monotonic() - started < 8
    worker = next(iter(cluster._client.nthreads()))
    with pytest.raises(GradError, match="there is no dask scheduler"):  # somebody, but no scheduler
        Cluster(worker, patience=1)


def test_a_scheduler_without_workers(tmp_path):
    alone = Site(tmp_path)
    try:
        with pytest.raises(GradError, match="has no workers") as deserted:
            Cluster(alone.address(), patience=1)
        assert deserted.value.hint.startswith("start some: dask worker tcp://127.0.0.1:")
        worker = alone.worker("--no-nanny")
        with Cluster(alone.file, patience=30, deserted=1.5) as cluster:
            results = cluster.results(errands.slowly, range(1000), 10)
            next(results)
            os.killpg(worker.pid, signal.SIGKILL)
            with pytest.raises(GradError, match="has no workers any more"):
                list(results)
            alone.scheduler.kill()
            with pytest.raises(GradError, match="is gone"):
                list(cluster.results(errands.square, range(10), 10))
    finally:
        alone.end()


def test_without_the_library(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    dask.cache_clear()
    with pytest.raises(GradError, match=r"needs the library dask\.distributed") as missing:
        Cluster("127.0.0.1:1")
    assert missing.value.hint == 'install it: pip install "gradcli[dask]"'


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--engine", "spark"], "--engine spark: there are local, dask"),
        (["--engine", "dask"], "--engine dask needs --scheduler ADDRESS"),
        (["--scheduler", "x:1"], "--scheduler is for --engine dask"),
        (["--engine", "dask", "--scheduler", "x:1", "--jobs", "2"], "--jobs and --engine dask exclude each other"),
    ],
)
def test_options_that_do_not_go_together(classroom, words, said):
    ran = run_here("grade", "key.grad", "class.csv", *words)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


# ---- a class ------------------------------------------------------------------------------------------------

SLOW = "sin(sin(x) + x^2)^7 cos(x)^5 / (1 + x^2 + e^x)"
KEY = f"""question 1 [4 points]
q = x + y
f = q z
at x = -2, y = 5, z = -4
ask q, f, df/dx, df/dz

question 2 [3 points]
f(x) = {SLOW}
ask df/dx
"""
REPORTS = ("-o", "a.json", "-o", "a.csv", "-o", "a.xml", "-o", "a.md", "--report", "markdown=pages", "--follow-through")


@pytest.fixture
def classroom(tmp_path, monkeypatch):
    """A class that is work for a few seconds: all sorts of answers, some that take too long."""
    monkeypatch.chdir(tmp_path)
    Path("key.grad").write_text(KEY)
    rng, right = random.Random(0), {"q": "3", "f": "-12", "df/dx": "-4", "df/dz": "3"}
    rows = [
        f"s{student},1,{target},{rng.choice([text, text, f'-{text}', f'{text} + {rng.randrange(300)}', '(', 'x', ''])}"
        for student in range(100) for target, text in right.items()
    ]  # fmt: skip
    rows += [f"s{student},2,df/dx,{SLOW} + {student}" for student in range(60)]
    Path("class.csv").write_text("student,question,target,answer\n" + "\n".join(rows) + "\n")
    return tmp_path


def written():
    return {str(path): path.read_bytes() for path in [*Path().glob("a.*"), *Path("pages").glob("*")]}


@cache
def locally():
    """Grade on this machine, once: a class is the same in every folder. Return what is written, and leave nothing behind."""
    ran = run_here("grade", "key.grad", "class.csv", *REPORTS)
    found = written()
    for path in found:
        os.unlink(path)
    return ran, found


def test_the_same_bytes_as_here(classroom, site):
    here, files = locally()
    there = run_here("grade", "key.grad", "class.csv", *REPORTS, "--engine", "dask", "--scheduler", site.file)
    assert there == here
    assert (there.err, written() == files, len(files) > 50) == ("", True, True)


def test_a_key_for_each_student(classroom, site):
    Path("keys").mkdir()
    for student in range(30):
        Path("keys", f"s{student}.grad").write_text(KEY[: KEY.index("question 2")].replace("x = -2", f"x = {student % 7}"))
    words = ["grade", "keys", "class.csv", "--json"]
    here = run_here(*words)
    assert run_here(*words, "--engine", "dask", "--scheduler", site.file) == here
    assert here.code == 1


def judges(site):
    """Return the processes in which workers judge, and the worker each belongs to."""
    found = subprocess.run(["ps", "-eo", "pid,ppid"], capture_output=True, text=True, check=True).stdout.split()[2:]
    parents = dict(zip(map(int, found[::2]), map(int, found[1::2])))
    nannies = {process.pid for process in site.processes}
    return [(pid, worker) for pid, worker in parents.items() if parents.get(worker) in nannies]


def test_a_worker_killed_while_it_judges(classroom, site):
    here, files = locally()
    before, killed = judges(site), []

    def kill():
        until = time.monotonic() + 30
        while not killed and time.monotonic() < until:
            for judge in judges(site):
                if judge not in before and not killed:
                    killed.append(judge)
                    os.kill(judge[1], signal.SIGKILL)
            time.sleep(0.02)

    thread = threading.Thread(target=kill)
    thread.start()
    there = run_here("grade", "key.grad", "class.csv", *REPORTS, "--engine", "dask", "--scheduler", site.file)
    thread.join()
    assert killed
    assert there == here
    assert written() == files


def grading(site, *words):
    """Start to grade in a process of its own; return it once a worker judges for it."""
    before = judges(site)
    command = [sys.executable, "-m", "gradcli", "grade", "key.grad", "class.csv", "-o", "a.json", "-o", "a.csv", *words]
    run = subprocess.Popen(
        [*command, "--engine", "dask", "--scheduler", site.file], env={**site.env, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    until = time.monotonic() + 30
    while not set(judges(site)) - set(before) and time.monotonic() < until:
        time.sleep(0.02)
    assert run.poll() is None
    return run


def test_ctrl_c(classroom, site):
    run = grading(site)
    os.killpg(run.pid, signal.SIGINT)
    out, err = run.communicate(timeout=20)
    assert (run.returncode, out, err, list(Path().glob("a.*"))) == (130, b"", b"", [])


def test_a_scheduler_that_goes_in_the_middle(classroom, tmp_path_factory):
    site = Site(tmp_path_factory.mktemp("short-lived"))
    try:
        site.worker()
        address = site.address()
        run = grading(site, "--lang", "ru")
        site.scheduler.kill()
        out, err = run.communicate(timeout=30)
        told = f"ошибка[no-scheduler]: планировщик dask {address} исчез, или связь с ним потеряна\n"
        assert (run.returncode, out, err.decode(), list(Path().glob("a.*"))) == (2, b"", told, [])
    finally:
        site.end()


def test_packets_are_smaller_towards_the_end():
    for count, places in ((0, 2), (1, 8), (5, 2), (4321, 3), (100_000, 64)):
        sizes = [len(packet) for packet in packets(range(count), places)]
        assert sum(sizes) == count
        assert sizes == sorted(sizes, reverse=True)
        assert max(sizes, default=0) <= PACKET
        assert sizes[-1:] == [1] * bool(count)
