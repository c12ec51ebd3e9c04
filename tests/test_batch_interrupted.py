"""A batch that is stopped, however and whenever: the file is whole or as it was, and --resume goes on to the same bytes."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from conftest import run_here

from gradcli.batch import drafts, extra, journal, points, sinks
from gradcli.batch.points import fast
from gradcli.batch.records import Counts
from gradcli.batch.results import objects, text
from gradcli.errors import GradError

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

KILLED = 9
OLD = b"old\n"
ROWS = 60
WORDS = ["batch", "x*log(x)", "points.csv", "-o", "out.csv", "--keep", "k", "--jobs", "1", "-q"]
TABLE = "k,x\n" + "".join(f"{k},{'no' if k % 11 == 5 else (k % 7) / 4}\n" for k in range(ROWS))


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Where every test works, with a table that has several parts, and what a run that is not stopped makes of it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(points, "open_points", partial(points.open_points, size=70))
    for module in (fast, text, objects):  # whose threads a child does not have
        monkeypatch.setattr(module, "polars", lambda: None)
    Path("points.csv").write_text(TABLE)
    return tmp_path


def files():
    """Return what there is, but for the table."""
    return {path.name: path.read_bytes() for path in Path().iterdir() if path.name != "points.csv"}


@pytest.fixture
def wanted():
    """Return the files that a run makes which is not stopped."""
    return made_by(WORDS)


def made_by(words):
    """Return the files that a run makes, and remove them."""
    assert run_here(*words).code == 3
    made = files()
    out = words[words.index("-o") + 1]
    assert set(made) == {out, f"{out}.rejects.csv"}
    for name in made:
        Path(name).unlink()
    return made


def in_a_child(words, prepare=lambda: None):
    """Run a command line in a child of this process, and return the child."""
    child = os.fork()
    if not child:
        code = 99
        try:
            with open("err", "w") as err:
                os.dup2(err.fileno(), 2)
            prepare()
            code = run_here(*words).code
        finally:
            os._exit(code)
    return child


def ended(child):
    """Wait for a child, and return its exit code, negative if a signal has ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def check_whole_or_old(wanted, old=None):
    """Check that every file with a name of its own is what it was, or all that it should be."""
    for name, content in wanted.items():
        found = Path(name).read_bytes() if Path(name).exists() else None
        assert found in (content, old if name == "out.csv" else None), name


def check_resumed(wanted, words=(*WORDS, "--resume")):
    """Go on, and check that all is as if nothing had happened."""
    Path("err").unlink(missing_ok=True)
    assert run_here(*words).code == 3
    assert files() == wanted


# ---- killed at every step of the way to the disk ---------------------------------------------------------------

CALLS = ("write", "fsync", "replace", "unlink", "ftruncate", "chmod", "open", "close")


def killing(at, half, count_into=None):
    """Let the process be killed at a call to the system: before it, or, of a write, when half is written."""
    count = 0

    def watched(name, call):
        def watching(*args, **options):
            nonlocal count
            count += 1
            if count_into is not None:
                Path(count_into).write_text(str(count))
            elif count == at:
                if half and name == "write":
                    call(args[0], bytes(args[1])[: len(args[1]) // 2])
                os._exit(KILLED)
            return call(*args, **options)

        return watching

    class System:
        """The module os, watched."""

        def __getattr__(self, name):
            found = getattr(os, name)
            return watched(name, found) if name in CALLS else found

    system = System()
    for module in (drafts, journal):
        module.os = system


@pytest.mark.parametrize("old", [None, OLD], ids=["new", "replaced"])
def test_killed_at_every_call_to_the_system(wanted, old):
    if old:
        Path("out.csv").write_bytes(old)
    assert ended(in_a_child(WORDS, lambda: killing(0, False, "calls"))) == 3
    calls = int(Path("calls").read_text())
    assert calls > 30
    stopped = 0
    for at in range(1, calls + 1):
        for half in (False, True):
            for name in files():
                Path(name).unlink()
            if old:
                Path("out.csv").write_bytes(old)
            assert ended(in_a_child(WORDS, lambda at=at, half=half: killing(at, half))) == KILLED
            check_whole_or_old(wanted, old)
            stopped += "out.csv.gradcli-journal" in files()
            check_resumed(wanted)
    assert stopped > calls


def test_killed_again_and_again(wanted):
    draw = random.Random(3)
    for _ in range(6):
        for name in files():
            Path(name).unlink()
        for _ in range(6):
            code = ended(in_a_child([*WORDS, "--resume"], lambda: killing(draw.randrange(1, 40), True)))
            assert code in (KILLED, 3)
            check_whole_or_old(wanted)
            draw.random()
        check_resumed(wanted)


@pytest.mark.parametrize("form", ["parquet", "arrow", "jsonl"])
def test_a_file_with_an_index_at_its_end(form, monkeypatch):
    """Its index has every part, once, whether it was written before or after."""
    if not extra.polars():
        pytest.skip("needs polars")
    for module in (fast, text, objects):
        monkeypatch.setattr(module, "polars", extra.polars)
    words = [*WORDS[:4], f"out.{form}", *WORDS[5:]]
    wanted = made_by(words)
    add = journal.Journal.add
    for stop in range(1, 7):

        def stopping(self, line, stop=stop):
            add(self, line)
            if line.far.parts == stop:
                raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(journal.Journal, "add", stopping)
            assert run_here(*words).code == 130
        assert Path(f"out.{form}.gradcli-journal").read_bytes().count(b"\n") == 1 + stop
        assert run_here(*words, "--resume").code == 3
        assert files() == wanted


def test_no_part_is_done_twice(wanted, monkeypatch):
    assert ended(in_a_child(WORDS, lambda: killing(24, False))) == KILLED
    parts = Path("out.csv.gradcli-journal").read_bytes().count(b"\n") - 1
    assert parts > 2
    add, begun = journal.Journal.add, []
    monkeypatch.setattr(journal.Journal, "add", lambda self, line: begun.append(line.far.parts) or add(self, line))
    check_resumed(wanted)
    assert begun[0] == parts + 1


@pytest.mark.parametrize("lost", ["out.csv.gradcli-part", "out.csv.rejects.csv.gradcli-part"])
@pytest.mark.parametrize("damage", ["cut", "zeros", "gone"])
def test_a_draft_that_the_machine_has_not_kept(wanted, lost, damage):
    assert ended(in_a_child(WORDS, lambda: killing(24, False))) == KILLED
    draft = Path(lost)
    content = draft.read_bytes()
    assert len(content) > 60
    if damage == "gone":
        draft.unlink()
    else:
        draft.write_bytes(content[:-40] + (b"\0" * 40 if damage == "zeros" else b""))
    check_resumed(wanted)


@pytest.mark.parametrize("damage", [b'{"parts": 3, "si', b"\0" * 30, b"\0" * 30 + b"\n", b"[]\n", b"\xff\n"])
def test_a_journal_with_half_a_line(wanted, damage):
    assert ended(in_a_child(WORDS, lambda: killing(24, False))) == KILLED
    with open("out.csv.gradcli-journal", "ab") as file:
        file.write(damage)
    check_resumed(wanted)


def stopping(after):
    """Return a way to write parts that is interrupted behind so many of them."""
    add, number = sinks.Files.add, 0

    def stopped(self, *part):
        nonlocal number
        if number == after:
            raise KeyboardInterrupt
        number += 1
        return add(self, *part)

    return stopped


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet", "arrow"])
def test_each_form_is_gone_on_with(ending, monkeypatch):
    if ending in ("parquet", "arrow"):
        pytest.importorskip("polars")
    words = ["batch", "x*log(x)", "points.csv", "-o", f"out.{ending}", "--keep", "k", "-q", "--resume"]
    assert run_here(*words).code == 3
    whole = files()
    for after in (1, 2, 3, 5):
        for name in whole:
            Path(name).unlink()
        for more in (after, 1):  # and once more on the way
            with monkeypatch.context() as patched:
                patched.setattr(sinks.Files, "add", stopping(more))
                assert run_here(*words).code == 130
        lines = Path(f"out.{ending}.gradcli-journal").read_text().count("\n")
        assert lines == 1 + after + 1  # what it is, and each part once
        assert run_here(*words).code == 3
        assert files() == whole


# ---- killed at any time ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_killed_at_random(wanted, jobs):
    draw, words = random.Random(jobs), [*WORDS, "--jobs", jobs]
    began = time.monotonic()
    run_here(*words)
    span = time.monotonic() - began
    caught = 0
    for _ in range(15):
        for name in files():
            Path(name).unlink()
        child = in_a_child(words)
        time.sleep(draw.random() * span * 1.2)
        os.kill(child, signal.SIGKILL)
        caught += ended(child) == -signal.SIGKILL
        check_whole_or_old(wanted)
        check_resumed(wanted, [*words, "--resume"])
    assert caught


def begun(count):
    """Wait until the journal has so many lines."""
    name = Path("out.csv.gradcli-journal")
    for _ in range(3000):
        if name.exists() and name.read_bytes().count(b"\n") >= count:
            return
        time.sleep(0.01)
    raise AssertionError("the run does not begin")


def slowly():
    """Let every row take its time."""
    from gradcli.batch.work import Settler

    settle = Settler.__call__

    def slow(self, some):
        time.sleep(0.02)
        return settle(self, some)

    Settler.__call__ = slow


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "SIGTERM"])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_stopped(number, code, jobs):
    words = [*WORDS, "--certify", "--jobs", jobs]
    wanted = made_by(words)
    child = in_a_child(words, slowly)
    begun(3)
    os.kill(child, number)
    assert ended(child) == code
    assert set(files()) - {"err"} == {"out.csv.gradcli-part", "out.csv.rejects.csv.gradcli-part", "out.csv.gradcli-journal"}
    done = Path("out.csv.gradcli-part").read_bytes()
    assert done.count(b"\n") > 3
    check_resumed(wanted, [*words, "--resume"])
    assert wanted["out.csv"].startswith(done)


def test_what_is_said_of_a_run_that_is_stopped(wanted):
    def prepare():
        slowly()
        number = 0
        add = journal.Journal.add

        def stop(self, line):
            nonlocal number
            number += 1
            add(self, line)
            if number == 3:
                os.kill(os.getpid(), signal.SIGINT)

        journal.Journal.add = stop

    def told():
        prepare()
        ran = run_here(*WORDS)
        Path("told").write_text(ran.err)
        os._exit(ran.code)

    assert ended(in_a_child(WORDS, told)) == 130
    rows = Path("told").read_text().split()[0]
    assert Path("told").read_text() == f"{rows} rows are done and kept: the same command with --resume goes on from there\n"
    assert 10 < int(rows) < ROWS
    Path("told").unlink()
    check_resumed(wanted)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "SIGTERM"])
def test_stopped_while_it_waits_for_standard_input(number, code):
    gradcli = Path(sys.executable).with_name("gradcli")
    with open("out", "wb") as out, open("err", "wb") as err:
        waiting = subprocess.Popen([gradcli, "batch", "x^2", "-"], stdin=subprocess.PIPE, stdout=out, stderr=err)
    waiting.stdin.write(b"x\n" + b"3\n" * 700_000)
    waiting.stdin.flush()
    for _ in range(3000):
        if Path("out").stat().st_size > 1000:
            break
        time.sleep(0.01)
    waiting.send_signal(number)
    assert waiting.wait(60) == code
    waiting.stdin.close()
    assert Path("out").read_bytes().startswith(b"f,df/dx\n9.0,6.0\n9.0,6.0\n")
    assert "Traceback" not in Path("err").read_text()


@pytest.mark.parametrize("size", [1, 32767, 32768, 32769, 200_000])
@pytest.mark.parametrize("content", [b"0.25,-1.5\n", np.float64(1.0).tobytes(), np.float64(-0.1).tobytes()], ids=["text", "ones", "numbers"])
def test_pages_that_are_lost_are_noticed(size, content):
    """Where the machine has stopped: whole pages of zeros, one or several, also of columns that are the same number everywhere."""
    data = (content * (size // len(content) + 1))[:size]
    right = journal.entry(journal.Far(1, 0, 0, 0, Counts()), data, b"").crc
    for first in range(0, size, 4096):
        for pages in (1, 2, 8, 16, 64):
            lost = data[:first] + bytes(min(4096 * pages, size - first)) + data[first + 4096 * pages :]
            assert lost == data or journal.entry(journal.Far(1, 0, 0, 0, Counts()), lost, b"").crc != right, (first, pages)


# ---- files that are made of their parts --------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["parquet", "arrow"])
@pytest.mark.parametrize("stopped", [(journal.Journal, "add", 2), (journal.Journal, "add", 4), (journal.Journal, "renaming", 1), (drafts.Draft, "publish", 1), (drafts.Draft, "publish", 2)],
                         ids=["at the second part", "at the fourth", "at the end", "before it has its name", "when the rejects have"])  # fmt: skip
@pytest.mark.parametrize("lost", [0, 30, 5000], ids="{} bytes lost".format)
def test_parquet_and_arrow_are_made_again_of_their_parts(form, stopped, lost, monkeypatch):
    pytest.importorskip("polars")
    pytest.importorskip("pyarrow")
    words, out = [*WORDS[:4], f"out.{form}", *WORDS[5:]], Path(f"out.{form}")
    assert run_here(*words).code == 3
    wanted = files()
    for name in wanted:
        Path(name).unlink()
    of, method, at = stopped
    call, calls = getattr(of, method), iter(range(1, 100))

    def stopping(*args):
        if method != "add" and next(calls) == at:
            raise KeyboardInterrupt
        call(*args)
        if method == "add" and next(calls) == at:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(of, method, stopping)
        assert run_here(*words).code == 130
    assert not out.exists()
    if lost and method == "add":
        part = Path(f"{out}.gradcli-part")
        part.write_bytes(part.read_bytes()[:-lost])
    assert run_here(*words, "--resume").code == 3
    assert files() == wanted


# ---- a disk that is full ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [1, 2, 3, 10, 17, 18, 19])
def test_a_full_disk(wanted, at, monkeypatch):
    Path("out.csv").write_bytes(OLD)
    left = at
    append = drafts.append

    def full(file, data):
        nonlocal left
        left -= 1
        if left <= 0:
            os.write(file, data[: len(data) // 2])
            raise OSError(28, os.strerror(28))
        append(file, data)

    with monkeypatch.context() as patched:
        for module in (drafts, journal):
            patched.setattr(module, "append", full)
        ran = run_here(*WORDS)
    assert ran.code == 2
    assert ran.err.startswith("error[cannot-write]: out.csv: No space left on device\n") or "rejects.csv: No space" in ran.err
    assert ("--resume" in ran.err) == ("out.csv.gradcli-journal" in files())
    assert Path("out.csv").read_bytes() == OLD
    check_resumed(wanted)


@pytest.mark.parametrize("at", [1, 2, 4, 7, 8])
def test_a_disk_that_is_full_when_a_file_is_put_together(at, monkeypatch):
    """Which is done behind the run: it is heard all the same, and nothing is lost."""
    pytest.importorskip("polars")
    pytest.importorskip("pyarrow")
    words = [*WORDS[:4], "out.parquet", *WORDS[5:]]
    wanted, write, calls = made_by(words), drafts.Draft.write, iter(range(1, 100))

    def full(draft, data):
        if draft.name.endswith(drafts.WHOLE) and next(calls) == at:
            raise GradError("cannot-write", "out.parquet: No space left on device")
        return write(draft, data)

    with monkeypatch.context() as patched:
        patched.setattr(drafts.Draft, "write", full)
        ran = run_here(*words)
    assert (ran.code, ran.err.splitlines()[0]) == (2, "error[cannot-write]: out.parquet: No space left on device")
    assert "out.parquet" not in files()
    check_resumed(wanted, (*words, "--resume"))


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_what_is_written_comes_to_the_disk_on_the_way(form, monkeypatch):
    synced, fsync = [], os.fsync
    monkeypatch.setattr(drafts, "_MUCH", 100)
    monkeypatch.setattr(drafts.os, "fsync", lambda file: synced.append(threading.current_thread().name) or fsync(file))
    if form == "parquet":
        pytest.importorskip("polars")
    assert run_here(*WORDS[:4], f"out.{form}", *WORDS[5:]).code == 3
    assert sum(name.startswith("behind") for name in synced) > 3


# ---- what is gone on with --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["batch", "x*log(x)+1", *WORDS[2:]], "the expression"), ([*WORDS, "--wrt", "x"], "--wrt"), ([*WORDS, "--status"], "--status"),
        ([*WORDS, "--on-error", "nan"], "--on-error"), ([*WORDS, "--to", "tsv"], "--to"), ([*WORDS, "--convention", "jax", "--certify"], "--certify, --convention"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_another_run_is_not_gone_on_with(words, what):
    assert ended(in_a_child(WORDS, lambda: killing(24, False))) == KILLED
    before = files()
    ran = run_here(*words, "--resume")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"error[another-run]: the run that was interrupted was another one; what differs: {what}\n")
    assert files() == before


def test_another_table_is_not_gone_on_with():
    assert ended(in_a_child(WORDS, lambda: killing(24, False))) == KILLED
    Path("points.csv").write_text(TABLE + "1,1\n")
    assert "what differs: the table of points\n" in run_here(*WORDS, "--resume").err


def test_without_resume_it_begins_anew(wanted):
    assert ended(in_a_child(WORDS, lambda: killing(24, False))) == KILLED
    Path("points.csv").write_text("k,x\n1,1\n")
    assert run_here(*WORDS).code == 0
    assert set(files()) == {"err", "out.csv"}


def test_resume_with_nothing_to_go_on_with_begins(wanted):
    check_resumed(wanted)
    check_resumed(wanted)


def test_two_runs_do_not_write_to_one_file():
    wanted = made_by([*WORDS, "--certify"])
    child = in_a_child([*WORDS, "--certify"], slowly)
    begun(2)
    ran = run_here(*WORDS)
    assert (ran.code, ran.err) == (2, "error[cannot-write]: out.csv is being written by another run\n")
    assert ended(child) == 3
    Path("err").unlink()
    assert files() == wanted
