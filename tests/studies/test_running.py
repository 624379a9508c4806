"""A study run here or anywhere, stopped and gone on with: the same table, and no finished cell computed twice."""

import json
import os
import signal
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path

import pandas as pd
import pytest

from actspec_widgets import Cancelled
from actspec_widgets.studies import StudyIncomplete, grid, run
from studies.toy import Toy, attentive_run, deadly_run, failing_run, stubborn_run, study


def seeds_computed(folder):
    return sorted(int(path.name.split("-")[0]) for path in Path(folder).iterdir() if path.name[0].isdigit())


def same(left, right):
    measured = [name for name in left.columns if name.endswith(("_s", "_MiB"))]
    pd.testing.assert_frame_equal(left.drop(columns=measured), right.drop(columns=measured), check_exact=True)


def stop_after(count):
    def progress(done, total):
        if done >= count:
            raise Cancelled

    return progress


def test_the_table_has_a_row_a_run_in_the_order_of_the_grid():
    table = run(study())
    assert list(table.columns) == ["seed", "scale", "trace", "wait", "draw", "mean_logit", "time_s"]
    assert table.seed.tolist() == [s for s in range(6) for _ in range(2)]
    assert run(study(), quick=True).seed.tolist() == [0, 0, 1, 1]


def test_any_executor_gives_the_same_table():
    here = run(study())
    with ThreadPoolExecutor(3) as threads, ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
        same(here, run(study(), executor=threads))
        same(here, run(study(), executor=processes))


def test_a_stopped_study_goes_on_where_it_stopped(tmp_path):
    cells = grid(Toy, seed=range(8), trace=str(tmp_path))
    out = tmp_path / "out"
    with pytest.raises(Cancelled):
        run(study(), cells=cells, out=out, progress=stop_after(3))
    assert seeds_computed(tmp_path) == [0, 1, 2]
    assert len(pd.read_csv(out / "table.csv")) == 6
    seen = []
    table = run(study(), cells=cells, out=out, progress=lambda done, total: seen.append((done, total)))
    assert seeds_computed(tmp_path) == list(range(8))
    assert seen == [(d, 8) for d in range(3, 9)]
    same(table, run(study(), cells=grid(Toy, seed=range(8), trace=str(tmp_path))))
    assert (out / "table.csv").read_text() == table.to_csv(index=False)


def test_cancelling_takes_back_what_an_executor_has_not_begun(tmp_path):
    cells = grid(Toy, seed=range(40), trace=str(tmp_path), wait=0.01)
    with ThreadPoolExecutor(1) as threads, pytest.raises(Cancelled):
        run(study(), cells=cells, out=tmp_path / "out", executor=threads, progress=stop_after(2))
    assert len(seeds_computed(tmp_path)) < 30


def test_a_run_that_takes_progress_can_be_stopped_inside_a_cell():
    calls = []

    def progress(done, total):
        calls.append((done, total))
        if len(calls) == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        run(study(attentive_run), progress=progress)
    assert calls == [(0, 6)] * 3


def test_half_a_line_left_by_a_crash_is_cut_off_and_its_cell_computed_again(tmp_path):
    first = run(study(), out=tmp_path / "out")
    rows = tmp_path / "out" / "rows.jsonl"
    rows.write_bytes(rows.read_bytes()[:-30])
    again = run(study(), out=tmp_path / "out")
    same(first, again)
    assert len(rows.read_text().splitlines()) == 6


def test_a_damaged_line_is_named_and_nothing_is_thrown_away(tmp_path):
    run(study(), out=tmp_path / "out")
    rows = tmp_path / "out" / "rows.jsonl"
    lines = rows.read_text().splitlines()
    rows.write_text("\n".join([lines[0], "{oh", *lines[2:]]) + "\n")
    with pytest.raises(ValueError, match=r"line 2 of .* is damaged; delete that line"):
        run(study(), out=tmp_path / "out")
    assert len(rows.read_text().splitlines()) == 6


@pytest.mark.parametrize(
    "other, sentence",
    [
        ({"version": 2}, "another version"),
        ({"name": "other"}, "another study"),
        ({"full": grid(Toy, seed=range(7))}, "another grid"),
        ({"full": grid(Toy, seed=range(6), scale=2.0)}, "another grid"),
    ],
)
def test_a_folder_of_another_grid_or_version_is_refused_and_left_alone(tmp_path, other, sentence):
    run(study(), out=tmp_path / "out")
    before = {p.name: p.read_bytes() for p in (tmp_path / "out").iterdir()}
    with pytest.raises(ValueError, match=sentence + ".*give another folder"):
        run(study(**other), out=tmp_path / "out")
    assert {p.name: p.read_bytes() for p in (tmp_path / "out").iterdir()} == before


def test_a_folder_with_other_files_a_file_and_a_damaged_description_are_refused(tmp_path):
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(ValueError, match="holds other files and no study"):
        run(study(), out=tmp_path)
    with pytest.raises(ValueError, match="is a file; give a folder"):
        run(study(), out=tmp_path / "letter.txt")
    run(study(), out=tmp_path / "out")
    (tmp_path / "out" / "study.json").write_text(json.dumps(["?"]))
    with pytest.raises(ValueError, match="is damaged"):
        run(study(), out=tmp_path / "out")


def test_two_runs_never_write_into_one_folder(tmp_path):
    cells = grid(Toy, seed=range(2))

    def meanwhile(done, total):
        with pytest.raises(ValueError, match="being written by another run"):
            run(study(), cells=cells, out=tmp_path / "out")

    run(study(), cells=cells, out=tmp_path / "out", progress=meanwhile)


def test_failed_cells_are_reported_at_the_end_and_tried_again(tmp_path):
    cells = grid(Toy, seed=range(5), trace=str(tmp_path))
    with pytest.raises(StudyIncomplete, match=r"2 of 5 cells failed.*ArithmeticError: seed 1 is odd") as caught:
        run(study(stubborn_run), cells=cells, out=tmp_path / "out")
    assert caught.value.table.double.tolist() == [0, 4, 8]
    assert [cell.seed for cell, _ in caught.value.failures] == [1, 3]
    (tmp_path / "mended").touch()
    assert run(study(stubborn_run), cells=cells, out=tmp_path / "out").double.tolist() == [0, 2, 4, 6, 8]


def test_a_full_disk_is_said_and_leaves_what_was_kept(tmp_path, monkeypatch):
    from actspec_widgets.studies import store

    real, calls = os.fsync, []

    def full(descriptor):
        calls.append(descriptor)
        if len(calls) == 4:  # the description, two cells, and then the disk is full
            raise OSError(28, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(store.os, "fsync", full)
    with pytest.raises(OSError, match=r"No space left on device.*; 2 finished cells are kept"):
        run(study(), out=tmp_path / "out")
    monkeypatch.undo()
    assert len((tmp_path / "out" / "rows.jsonl").read_bytes().splitlines()) == 2
    same(run(study(), out=tmp_path / "out"), run(study()))


def test_a_worker_process_that_dies_is_said_and_the_next_run_finishes(tmp_path):
    cells = grid(Toy, seed=range(6), trace=str(tmp_path))
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        with pytest.raises(RuntimeError, match="a worker process died"):
            run(study(deadly_run), cells=cells, out=tmp_path / "out", executor=pool)
    kept = len((tmp_path / "out" / "rows.jsonl").read_text().splitlines())
    table = run(study(deadly_run), cells=cells, out=tmp_path / "out")
    assert table.double.tolist() == [0, 2, 4, 6, 8, 10]
    assert kept <= 3


def test_a_pool_found_broken_when_the_next_cell_is_handed_over_is_said_in_the_same_words(tmp_path):
    class Broken(Executor):
        def submit(self, *call):
            raise BrokenProcessPool("A child process terminated abruptly")

    with pytest.raises(RuntimeError, match=r"a worker process died.*run the same again") as caught:
        run(study(), out=tmp_path / "out", executor=Broken())
    assert not isinstance(caught.value, BrokenProcessPool)


@pytest.mark.parametrize("place", ["file/inside", "/proc/nowhere"])
def test_a_folder_that_cannot_be_made_is_said(tmp_path, place):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match=r"cannot keep results in .*; give a folder you can write to"):
        run(study(), out=tmp_path / place)


def test_what_a_study_lacks_is_said_before_anything_is_written(tmp_path):
    with pytest.raises(ValueError, match="get the data"):
        run(study(needs=lambda: "get the data first"), out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


class Unsteady(ThreadPoolExecutor):
    """Gives an error of its own for the first ``losses`` cells that are done, as dask's does where a worker is lost."""

    def __init__(self, losses):
        super().__init__(1)
        self.losses = losses

    def submit(self, *given):
        if self.losses:
            self.losses -= 1
            return super().submit(lambda: (_ for _ in ()).throw(ValueError("not enough values to unpack")))
        return super().submit(*given)


def test_a_cell_that_an_executor_loses_is_handed_over_once_more():
    with Unsteady(3) as executor:
        same(run(study(), executor=executor), run(study()))
    with Unsteady(10**6) as executor, pytest.raises(StudyIncomplete, match="not enough values") as caught:
        run(study(), executor=executor)
    assert len(caught.value.failures) == 6
    assert executor.losses == 10**6 - 12


class Forgetful(ThreadPoolExecutor):
    """Takes back the first cell that it is given."""

    def __init__(self):
        super().__init__(1)
        self.first = True

    def submit(self, *given):
        if not self.first:
            return super().submit(*given)
        self.first = False
        future = Future()
        future.cancel()
        future.set_running_or_notify_cancel()
        return future


def test_a_cell_that_an_executor_takes_back_is_handed_over_once_more():
    with Forgetful() as executor:
        same(run(study(), executor=executor), run(study()))


def test_a_cell_that_fails_by_itself_is_computed_once_and_its_error_says_which(tmp_path):
    cells = grid(Toy, seed=range(3), trace=str(tmp_path))
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool, pytest.raises(StudyIncomplete) as caught:
        run(study(failing_run), cells=cells, executor=pool)
    assert seeds_computed(tmp_path) == [0, 1, 2]
    for cell, error in caught.value.failures:
        assert isinstance(error, ArithmeticError)
        assert error.__notes__ == [f"while computing {cell!r}"]


def test_a_cluster_that_loses_a_worker_in_the_middle_loses_nothing(tmp_path):
    distributed = pytest.importorskip("distributed", reason="the extra [distributed] is not installed")
    cells = grid(Toy, seed=range(12), trace=str(tmp_path), wait=0.2)
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, worker_dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        killed = []

        def progress(done, total):
            if done >= 3 and not killed:
                killed.append(next(iter(cluster.workers.values())).pid)
                os.kill(killed[0], signal.SIGKILL)

        table = run(study(), cells=cells, out=tmp_path / "out", executor=client.get_executor(), progress=progress)
    assert killed
    same(table, run(study(), cells=cells))
    lines = [json.loads(line) for line in (tmp_path / "out" / "rows.jsonl").read_text().splitlines()]
    assert sorted(line["cell"] for line in lines) == list(range(12))
