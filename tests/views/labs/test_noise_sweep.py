"""A sweep of the noise study that stops at any moment and goes on; tables of earlier runs."""

import pandas as pd
import pytest

from actspec_widgets import Cancelled
from actspec_widgets.studies import grid, load, run
from actspec_widgets.studies.methods import METHODS
from actspec_widgets.studies.noise.run import Nuisance
from actspec_widgets.studies.noise.run import run as noise_row
from actspec_widgets.studies.running import compute_cell
from actspec_widgets.views.labs import noise_sweep
from actspec_widgets.views.labs.earlier_table import earlier_rows
from actspec_widgets.views.labs.noise_sweep import Sweep

CELLS = grid(Nuisance, seed=range(2), level=[0.0, 2.0], n=8, samples=200, terms=3, method=("actspec", "scan"))


@pytest.fixture
def computed(monkeypatch):
    cells = []

    def row(cell, progress):
        cells.append(cell)
        return noise_row(cell, progress)

    monkeypatch.setattr(noise_sweep, "run", row)
    return cells


def stop_at(count):
    def progress(done, total):
        if done >= count:
            raise Cancelled

    return progress


def go_on(done, total):
    pass


def test_what_was_computed_before_a_stop_is_kept(computed):
    sweep, news = Sweep(), []
    with pytest.raises(Cancelled):
        sweep.run(CELLS, stop_at(3), lambda: news.append(len(sweep.rows(CELLS))))
    assert computed == list(CELLS[:3]) and news == [1, 2, 3]
    sweep.run(CELLS, go_on)
    assert computed == list(CELLS)
    assert [row["f1"] for row in sweep.rows(CELLS)] == [noise_row(cell)["f1"] for cell in CELLS]


@pytest.mark.parametrize("name", ["actspec", "scan"])
def test_a_stop_is_heard_within_a_cell(name):
    [cell] = grid(Nuisance, n=8, samples=200, terms=3, method=(name,))
    heard = []

    def stop_at_the_third(done, total):
        heard.append((done, total))
        if len(heard) == 3:
            raise Cancelled

    sweep = Sweep()
    with pytest.raises(Cancelled):
        sweep.run((cell,), stop_at_the_third)
    assert heard == [(0, 1)] * 3 and not sweep.known


def test_a_folder_outlives_the_kernel_and_is_a_folder_of_the_study(computed, tmp_path):
    with pytest.raises(Cancelled):
        Sweep(tmp_path).run(CELLS, stop_at(3))
    again = Sweep(tmp_path)
    assert list(again.known) == list(CELLS[:3])
    again.run(CELLS, go_on)
    assert computed == list(CELLS)
    smaller = CELLS[:4]
    again.run(smaller, go_on)  # another grid of known cells: a folder of its own, nothing computed
    assert computed == list(CELLS)
    for cells in (CELLS, smaller):
        table = run(load("noise"), cells=cells, out=again.folder(cells))
        assert table.f1.tolist() == [row["f1"] for row in again.rows(cells)]
        assert len(pd.read_csv(again.folder(cells) / "table.csv")) == len(cells)
    assert computed == list(CELLS)


def test_a_run_of_the_command_line_is_known(computed, tmp_path):
    run(load("noise"), cells=CELLS, out=tmp_path / "results")
    assert set(Sweep(tmp_path / "results").known) == set(CELLS)


def test_a_folder_that_is_none_or_in_use_is_a_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match="is a file; give a folder"):
        Sweep(tmp_path / "file")

    def second(done, total):
        with pytest.raises(ValueError, match="being written by another run"):
            Sweep(tmp_path / "a").run(CELLS, go_on)
        raise Cancelled

    with pytest.raises(Cancelled):
        Sweep(tmp_path / "a").run(CELLS, second)


@pytest.mark.skipif(bool(METHODS["omp"].missing()), reason="scikit-learn is not here")
def test_other_libraries_run_elsewhere_with_the_same_numbers(computed):
    cells = grid(Nuisance, method=("actspec", "omp"), n=8, samples=200, terms=3)
    sweep = Sweep()
    sweep.run(cells, go_on)
    assert computed == [cells[0]]
    here = compute_cell(noise_row, cells[1])[0]
    assert [sweep.known[cells[1]][name] for name in ("f1", "coefficient_error")] == [
        here["f1"], pytest.approx(here["coefficient_error"])
    ]  # fmt: skip


def test_a_stop_does_not_wait_for_the_other_process():
    calls = []

    def progress(done, total):
        calls.append(done)
        if len(calls) == 3:
            raise Cancelled

    sweep = Sweep()
    with pytest.raises(Cancelled):
        sweep.run(grid(Nuisance, method="boosting_machine", n=8, samples=200, terms=3), progress)
    assert calls == [0, 0, 0] and not sweep.known


def table(**changes):
    rows = [
        {"method": "actspec", "disturbance": "noise", "level": 1.0, "n": n, "samples": 200, "seed": 0, "f1": 0.5,
         "precision": 1.0, "recall": 0.3, "coefficient_error": 0.1, "more": "x"}
        for n in (8, 12)
    ]  # fmt: skip
    return pd.DataFrame(rows).assign(**changes)


def test_an_earlier_table_comes_as_frame_file_or_folder(tmp_path):
    one = table().iloc[:1]
    assert [row["f1"] for row in earlier_rows(one, 30, 30)] == [0.5]
    one.to_csv(tmp_path / "table.csv")
    assert earlier_rows(tmp_path, 30, 30) == earlier_rows(tmp_path / "table.csv", 30, 30) == earlier_rows(one, 1, 1)
    assert [row["n"] for row in earlier_rows(table(), 12, 200)] == [12]


@pytest.mark.parametrize(
    "given, sentence",
    [
        (table().drop(columns=["f1", "seed"]), "no column seed, f1; give one of the noise study"),
        (table().iloc[:0], "no rows"),
        (table(), "8 units and 200 samples, 12 units and 200 samples, and this run has 30 and 30"),
        (table(f1="good"), "the column f1 holds words"),
        ("nowhere.csv", "there is no file nowhere.csv"),
    ],
)
def test_a_table_that_does_not_fit_is_a_sentence(given, sentence):
    with pytest.raises(ValueError, match=sentence):
        earlier_rows(given, 30, 30)


def test_a_file_that_is_no_table_is_a_sentence(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "b.csv").write_bytes(b"")
    for name in ("a.csv", "b.csv"):
        with pytest.raises(ValueError, match="can not be read as a CSV table"):
            earlier_rows(tmp_path / name, 1, 1)
