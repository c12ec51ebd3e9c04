"""Workers: whoever does the work, the results come in the order of the tasks, and few are under way at once."""

import os
import threading
import time
from concurrent.futures import CancelledError
from functools import partial

import pytest

from gradcli.errors import GradError
from gradcli.wording import said
from gradcli.workers import Here, Threads
from gradcli.workers.processes import TRIES, Processes

CREWS = {"here": Here, "threads": lambda: Threads(3), "processes": lambda: Processes(2)}


@pytest.fixture(params=CREWS)
def crew(request):
    workers = CREWS[request.param]()
    yield workers
    workers.close()


def uneven(number):
    """Return a square, the sooner the larger the number is."""
    time.sleep(0.002 * (5 - number % 6))
    return number * number


def test_results_come_in_the_order_of_the_tasks(crew):
    assert list(crew.results(uneven, range(20), 6)) == [n * n for n in range(20)]
    assert list(crew.results(abs, [-3], 1)) == [3]
    assert list(crew.results(abs, [], 4)) == []


def test_no_more_tasks_are_taken_than_asked(crew):
    taken = []

    def tasks():
        for number in range(30):
            taken.append(number)
            yield number

    for done, _ in enumerate(crew.results(abs, tasks(), 4)):
        assert len(taken) <= done + 5


def broken(number):
    if number == 5:
        raise GradError("limit", said("{0} is too many", number), (0, 1), code=4)
    return number


def test_errors_come_as_they_are(crew):
    results = crew.results(broken, range(10), 3)
    assert [next(results) for _ in range(5)] == list(range(5))
    with pytest.raises(GradError) as caught:
        next(results)
    assert (caught.value.kind, caught.value.code, caught.value.span) == ("limit", 4, (0, 1))
    assert caught.value.message.parts == (5,)
    assert list(crew.results(uneven, range(4), 2)) == [0, 1, 4, 9]  # they go on working


def ends_once(folder, number):
    """End the process of the one who does task 3 and 4 for the first time."""
    mark = folder / str(number)
    if number in (3, 4) and not mark.exists():
        mark.touch()
        os._exit(1)
    return number


def test_a_killed_process_is_replaced_and_its_task_done_again(tmp_path):
    workers = Processes(2)
    assert list(workers.results(partial(ends_once, tmp_path), range(8), 5)) == list(range(8))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["3", "4"]
    workers.close()


def ends(folder, number):
    (folder / f"{number}-{time.time_ns()}").touch()
    os._exit(1)


def test_a_task_that_kills_everyone_is_given_up(tmp_path):
    workers = Processes(1)
    with pytest.raises(GradError, match="process after process"):
        list(workers.results(partial(ends, tmp_path), range(3), 1))
    assert len(list(tmp_path.iterdir())) == TRIES
    workers.close()


def test_a_bug_in_a_process_is_told_as_one():
    workers = Processes(1)
    with pytest.raises(GradError, match="TypeError") as caught:
        list(workers.results(len, [3], 1))
    assert caught.value.code == 70
    workers.close()


def test_whoever_waits_hears_that_the_processes_are_closed():
    workers, heard = Processes(2), []

    def wait():
        try:
            list(workers.results(time.sleep, [60, 60], 2))
        except CancelledError:
            heard.append("closed")

    waiting = threading.Thread(target=wait)
    waiting.start()
    while len(workers._workers) < 2 or any(worker.task is None for worker in workers._workers):
        time.sleep(0.01)
    workers.close()
    waiting.join(30)
    assert heard == ["closed"]
    with pytest.raises(CancelledError):
        list(workers.results(abs, [1], 1))


def test_what_nobody_waits_for_any_more_is_not_taken_for_an_answer(crew):
    results = crew.results(uneven, range(10), 4)
    assert next(results) == 0
    if hasattr(results, "close"):
        results.close()
    assert list(crew.results(abs, [-7, -8, -9], 3)) == [7, 8, 9]
