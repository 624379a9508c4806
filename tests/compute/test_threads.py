import threading

import pytest

from actspec_widgets import Cancelled
from actspec_widgets.compute.threads import side_by_side


@pytest.mark.parametrize("threads", [1, 2])
def test_both_pieces_return_and_progress_rises_to_its_end_in_the_calling_thread(threads):
    seen = []

    def progress(done, total):
        seen.append((done / total, threading.current_thread()))

    def piece(answer):
        def work(report):
            report(0, 1)
            report(1, 1)
            return answer

        return work

    assert side_by_side(piece("a"), piece("b"), threads, progress) == ("a", "b")
    shares = [share for share, _ in seen]
    assert shares == sorted(shares) and shares[-1] <= 1
    assert {thread for _, thread in seen} == {threading.current_thread()}


@pytest.mark.parametrize("threads", [1, 2])
def test_what_either_piece_raises_is_raised(threads):
    def wrong(report):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        side_by_side(wrong, lambda report: 1, threads)
    with pytest.raises(ZeroDivisionError):
        side_by_side(lambda report: 1, wrong, threads)


@pytest.mark.parametrize("when", ["in the first piece", "while the second is waited for"])
def test_cancelling_stops_both(when):
    stopped = threading.Event()
    asked = []

    def second(report):
        try:
            while True:
                report(1, 2)
                stopped.wait(0.001)
        except Cancelled:
            stopped.set()
            raise

    def progress(done, total):
        asked.append(done)
        if when == "in the first piece" or done > total / 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        side_by_side(lambda report: report(1, 1), second, 2, progress)
    assert stopped.is_set()
    assert len(asked) >= 1
