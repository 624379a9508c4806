"""A cell that runs again stops the work of what it made before."""

import pytest

from actspec_widgets.views.kit import job as jobs


class Job:
    stopped = False

    def cancel(self):
        self.stopped = True


@pytest.fixture
def made(monkeypatch):
    """``made(cell, run)`` is a job made in that run of that cell."""
    monkeypatch.setattr(jobs, "_made", {})

    def make(cell, run):
        monkeypatch.setattr(jobs, "_running", lambda: (cell, run))
        jobs._made_here(job := Job())
        return job

    return make


def test_only_another_run_of_the_same_cell_stops_what_it_made(made):
    first, beside, elsewhere = made("a", "1"), made("a", "1"), made("b", "2")
    assert not (first.stopped or beside.stopped or elsewhere.stopped)
    again = made("a", "3")
    assert first.stopped and beside.stopped and not elsewhere.stopped and not again.stopped


def test_outside_of_a_notebook_nothing_is_remembered(monkeypatch):
    monkeypatch.setattr(jobs, "_made", {})
    jobs._made_here(Job())
    assert jobs._made == {}
