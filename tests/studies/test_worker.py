"""A function in a process of its own: rows one by one, errors as sentences, and an end at any moment."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from actspec_widgets import Cancelled
from actspec_widgets.studies.worker import WorkerDied, WorkerProcess

TESTS = Path(__file__).parents[1]


def rows(request, tell):
    for i in range(request["count"]):
        print("a library that chatters", flush=True)
        tell({"i": i, "process": os.getpid()})
    if request.get("fail"):
        raise ArithmeticError("it can not be done")


def stuck(request, tell):
    tell({"process": os.getpid()})
    while True:  # for ever, and deaf
        pass


def deadly(request, tell):
    os._exit(7)


@pytest.fixture
def worker(monkeypatch):
    """Makes a process that knows this file."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")]))
    made = []

    def start(function):
        function.__module__ = "studies.test_worker"
        made.append(WorkerProcess(function))
        return made[-1]

    yield start
    for process in made:
        process.close()


def runs(process):
    try:
        os.kill(process, 0)
    except OSError:
        return False
    return True


def test_one_process_answers_one_request_after_another(worker):
    process = worker(rows)
    process.ask({"count": 2})
    first, second = process.answer(30), process.answer(30)
    assert (first["i"], second["i"], process.answer(30)) == (0, 1, None)
    assert first["process"] != os.getpid()
    process.ask({"count": 1})
    assert process.answer(30) == {"i": 0, "process": first["process"]}


def test_an_error_is_the_askers_and_the_process_goes_on(worker):
    process = worker(rows)
    process.ask({"count": 0, "fail": True})
    with pytest.raises(RuntimeError, match="ArithmeticError: it can not be done"):
        process.answer(30)
    process.ask({"count": 1})
    assert process.answer(30)["i"] == 0


def test_a_process_that_dies_says_so_each_time(worker):
    process = worker(deadly)
    process.ask({})
    for _ in range(2):
        with pytest.raises(WorkerDied, match=r"ended early \(status 7\)"):
            process.answer(30)


def test_it_can_be_stopped_while_it_is_deaf(worker):
    process = worker(stuck)
    process.ask({})
    there = process.answer(30)["process"]
    with pytest.raises(TimeoutError, match=r"not done after 0\.1 s"):
        process.answer(0.1)

    def stop():
        raise Cancelled

    with pytest.raises(Cancelled), process:
        process.answer(tell=stop)
    assert not runs(there)


def test_nothing_is_left_when_the_asker_is_killed(worker):
    code = (
        "import sys; from studies import test_worker; from actspec_widgets.studies.worker import WorkerProcess\n"
        "process = WorkerProcess(test_worker.stuck); process.ask({})\n"
        "print(process.answer(30)['process'], flush=True)\n"
        "sys.stdin.read()"
    )
    asker = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    there = int(asker.stdout.readline())
    asker.kill()
    asker.communicate()
    deadline = time.monotonic() + 5
    while runs(there) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not runs(there)
