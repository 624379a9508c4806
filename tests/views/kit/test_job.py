"""Background work: the newest request wins, it stops when told to, and nothing is lost or left behind."""

import asyncio
import subprocess
import sys
import threading
import time

import pytest

from actspec_widgets import Cancelled
from actspec_widgets.views.kit.job import Job, Report, remaining_words


@pytest.fixture
def errors():
    return []


@pytest.fixture
def job(errors):
    return Job(on_error=errors.append)


def steps(n, seconds=0.0, result="result"):
    """Work of n steps that can be stopped at each."""

    def work(report):
        for done in range(n):
            report(done, n)
            time.sleep(seconds)
        return result

    return work


async def until(condition):
    while not condition():
        await asyncio.sleep(0.01)


def threads():
    return [t for t in threading.enumerate() if t.name == "actspec-job"]


def test_without_an_event_loop_the_work_is_done_when_start_returns(job):
    got = []
    job.start(steps(3), got.append)
    assert got == ["result"] and job.state == "done" and threads() == []


def test_with_an_event_loop_start_returns_at_once_and_the_result_follows(job):
    got = []

    async def main():
        job.start(steps(5, 0.02), got.append)
        assert job.state == "running" and got == []
        await until(lambda: job.state == "done")

    asyncio.run(main())
    assert got == ["result"]


def test_wait_delivers_the_result_without_giving_the_loop_a_turn(job):
    got = []

    async def main():
        job.start(steps(5, 0.01), got.append)
        assert job.wait() and got == ["result"]
        await asyncio.sleep(0.05)  # the pump and the thread's own call come too late and must change nothing

    asyncio.run(main())
    assert got == ["result"] and job.state == "done"


def test_wait_gives_up_after_its_timeout(job):
    async def main():
        job.start(steps(1000, 0.01), print)
        assert not job.wait(0.02)
        job.cancel()
        assert job.wait(5)

    asyncio.run(main())
    assert job.state == "stopped"


def test_newest_of_many_requests_wins_and_the_ones_between_never_start(job):
    started, got = [], []

    def work(number):
        def run(report):
            started.append(number)
            return steps(20, 0.01, number)(report)

        return run

    async def main():
        for number in range(30):
            job.start(work(number), got.append)
        await until(lambda: job.state == "done")

    asyncio.run(main())
    assert got == [29] and started == [0, 29]


def test_work_that_takes_no_notice_of_a_newer_request_is_not_delivered(job):
    got = []

    async def main():
        job.start(lambda report: time.sleep(0.05) or "stale", got.append)
        job.start(lambda report: "fresh", got.append)
        await until(lambda: job.state == "done")

    asyncio.run(main())
    assert got == ["fresh"]


def test_cancel_stops_the_worker_and_delivers_nothing(job, errors):
    got = []

    async def main():
        job.start(steps(1000, 0.01), got.append)
        await asyncio.sleep(0.05)
        job.cancel_button.click()
        assert job.state == "stopping"
        await until(lambda: job.state == "stopped")

    asyncio.run(main())
    assert got == [] and errors == [] and threads() == []


def test_cancel_forgets_the_request_that_waits(job):
    got = []

    async def main():
        job.start(steps(1000, 0.01), got.append)
        job.start(steps(1), got.append)
        job.cancel()
        await until(lambda: job.state == "stopped")
        await asyncio.sleep(0.05)

    asyncio.run(main())
    assert got == []


def test_stopped_work_can_be_run_again(job):
    got = []

    async def main():
        job.start(steps(50, 0.01), got.append)
        job.cancel()
        await until(lambda: job.state == "stopped")
        assert "actspec-hidden" not in job.again_button._dom_classes
        job.again_button.click()
        await until(lambda: job.state == "done")

    asyncio.run(main())
    assert got == ["result"]


@pytest.mark.parametrize("loop", [False, True])
def test_failing_work_is_reported_and_the_job_stays_usable(job, errors, loop):
    def fail(report):
        raise ValueError("ink <spilled>")

    async def main():
        job.start(fail, print)
        await until(lambda: job.state == "failed")

    if loop:
        asyncio.run(main())
    else:
        job.start(fail, print)
    assert job.state == "failed" and [str(e) for e in errors] == ["ink <spilled>"]
    job.start(steps(1), print)
    assert job.state == "done"


def test_failure_to_show_the_result_is_reported(job, errors):
    job.start(steps(1), lambda result: 1 / 0)
    assert job.state == "failed" and isinstance(errors[0], ZeroDivisionError)


def test_interrupt_of_plain_python_leaves_the_job_idle(job, errors):
    def interrupted(report):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        job.start(interrupted, print)
    assert job.state == "stopped" and errors == []


def test_result_may_start_the_next_work(job):
    got = []

    def first(result):
        got.append(result)
        job.start(steps(1, result="second"), got.append)

    job.start(steps(1, result="first"), first)
    assert got == ["first", "second"] and job.state == "done"


def test_closing_stops_the_worker(job):
    async def main():
        job.start(steps(1000, 0.01), print)
        job.close()
        await until(lambda: not threads())

    asyncio.run(main())


def test_the_end_of_python_stops_work_and_waits_for_it():
    code = (
        "import asyncio, time\n"
        "from actspec_widgets.views.kit.job import Job\n"
        "begun = []\n"
        "def work(report):\n"
        "    begun.append(True)\n"
        "    try:\n"
        "        while True:\n"
        "            report.check()\n"
        "            time.sleep(0.01)\n"
        "    finally:\n"
        "        time.sleep(0.2)\n"
        "        print('left in order', flush=True)\n"
        "async def main():\n"
        "    Job(print).start(work, print)\n"
        "    while not begun:\n"
        "        await asyncio.sleep(0.01)\n"
        "asyncio.run(main())\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "left in order\n", "")


def test_report_counts_each_stage_from_zero_and_raises_when_stopped():
    report = Report()
    report.stage("Reading")
    report(3, 4)
    assert report.words() == "Reading: 75%"
    report.stage("Searching")
    assert report.words() == "Searching …"
    report.since -= 3.0
    report(1, 4)
    assert report.words() == "Searching: 25%, about 10 s left"
    report.stop.set()
    with pytest.raises(Cancelled):
        report(2, 4)


def test_remaining_time_is_rounded_up():
    assert [remaining_words(s) for s in (0.0, 1.5, 89, 90, 601)] == ["1 s", "2 s", "90 s", "2 min", "11 min"]
