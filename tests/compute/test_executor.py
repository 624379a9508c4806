"""Work on the processes of an executor: the same bits as here, also where one of them dies."""

import os
import pickle
import signal
import sys
import threading
import time
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from importlib.util import find_spec
from multiprocessing import get_context
from unittest.mock import patch

import numpy as np
import pytest

from actspec_widgets import (
    Cancelled,
    Patterns,
    activation_spectroscopy,
    distributedness,
    experiment,
    scan,
    scan_targets,
)
from actspec_widgets.compute.exhaustive import coactive
from actspec_widgets.compute.threads import in_order
from remote import DiesOnce, joint

RNG = np.random.default_rng(0)
SIGNS = RNG.choice([-1.0, 1.0], (400, 30))
TARGET = SIGNS[:, 0] * SIGNS[:, 1] + SIGNS[:, 2] + RNG.normal(size=400)


@pytest.fixture(scope="module")
def processes():
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        yield pool


@pytest.fixture(autouse=True)
def nothing_is_too_small(monkeypatch):
    monkeypatch.setattr(sys.modules["actspec_widgets.compute.exhaustive.scan"], "_THREADED", 0)
    monkeypatch.setattr(sys.modules["actspec_widgets.compute.exhaustive.scan"], "_CHUNK_WORDS", 1e3)


def same(a, b):
    assert a.subsets == b.subsets and a.coverage == b.coverage
    assert np.array_equal(a.values, b.values) and np.array_equal(a.standard_errors, b.standard_errors)


@pytest.mark.compiled
def test_a_scan_on_processes_is_the_scan_here_bit_for_bit(processes, tmp_path):
    patterns = Patterns.from_signs(SIGNS)
    here = scan(patterns, TARGET, max_degree=3, top=40)
    same(here, scan(patterns, TARGET, max_degree=3, top=40, executor=processes))
    patterns.save(tmp_path / "a.safetensors")
    same(here, scan(Patterns.open(tmp_path / "a.safetensors"), TARGET, max_degree=3, top=40, executor=processes))
    few = Patterns.from_signs(RNG.random((3000, 60)) < 0.02)
    y = RNG.normal(size=3000)
    with patch.object(coactive, "_GAIN", 0.0):
        same(scan(few, y, max_degree=2, top=40), scan(few, y, max_degree=2, top=40, executor=processes))
    units = [1, 2, 3, 5, 8]
    two = np.stack([TARGET, -TARGET], axis=1)
    for a, b in zip(
        scan_targets(patterns, two, max_degree=2, units=units),
        scan_targets(patterns, two, max_degree=2, units=units, executor=processes),
        strict=True,
    ):
        same(a, b)


@pytest.mark.compiled
def test_the_method_and_effects_are_the_same_on_processes(processes):
    patterns = Patterns.from_signs(SIGNS)
    settings = {"max_degree": 3, "search": "exhaustive", "halves": 0}
    with patch("actspec_widgets.compute.inference.feed._ALL", 5):
        here = activation_spectroscopy(patterns, TARGET, **settings)
        there = activation_spectroscopy(patterns, TARGET, executor=processes, **settings)
    assert here.subsets == there.subsets and np.array_equal(here.coefficients, there.coefficients)
    assert np.array_equal(here.p_values, there.p_values) and here.settings == there.settings
    for measure in ("mean_degree", "joint_share", "influences"):
        one, other = (
            getattr(distributedness(joint, activations=SIGNS, draws=300, executor=e), measure)
            for e in (None, processes)
        )
        assert np.array_equal(one.value, other.value) and np.array_equal(one.standard_error, other.standard_error)
    one, other = (experiment(joint, activations=SIGNS, threshold=0, draws=500, executor=e) for e in (None, processes))
    assert one.in_play == other.in_play and np.array_equal(one.change, other.change)


@pytest.mark.compiled
def test_a_process_that_dies_loses_nothing(tmp_path):
    here = distributedness(joint, activations=SIGNS, draws=300)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        with pytest.warns(UserWarning, match="a worker process died"):
            found = distributedness(DiesOnce(tmp_path / "died"), activations=SIGNS, draws=300, executor=pool)
        assert (tmp_path / "died").exists()
        assert np.array_equal(found.influences.value, here.influences.value)
        with pytest.warns(UserWarning, match="a worker process died"):  # as before the first chunk
            again = scan(Patterns.from_signs(SIGNS), TARGET, max_degree=2, top=9, executor=pool)
    same(again, scan(Patterns.from_signs(SIGNS), TARGET, max_degree=2, top=9))


@pytest.mark.compiled
def test_a_cluster_of_dask_gives_the_same_bits_and_survives_a_killed_worker():
    distributed = pytest.importorskip("distributed", reason="the extra [distributed] is not installed")
    patterns = Patterns.from_signs(SIGNS)
    here = scan(patterns, TARGET, max_degree=3, top=40)
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

        there = scan(patterns, TARGET, max_degree=3, top=40, executor=client.get_executor(), progress=progress)
        workers = client.get_executor()
        effects = distributedness(joint, activations=SIGNS, draws=300, executor=workers)
        made = [experiment(joint, activations=SIGNS, threshold=0, draws=500, executor=e) for e in (None, workers)]
        with patch("actspec_widgets.compute.inference.feed._ALL", 5):
            whole = [
                activation_spectroscopy(patterns, TARGET, max_degree=2, search="exhaustive", halves=0, executor=e)
                for e in (None, workers)
            ]
        recorded = recordings(None, workers) if find_spec("torch") else None
    assert killed
    if recorded:
        assert recorded[0].activations == recorded[1].activations
        assert np.array_equal(recorded[0].target, recorded[1].target)
    assert made[0].in_play == made[1].in_play and np.array_equal(made[0].change, made[1].change)
    assert whole[0].subsets == whole[1].subsets and np.array_equal(whole[0].p_values, whole[1].p_values)
    same(here, there)
    assert np.array_equal(
        effects.influences.value, distributedness(joint, activations=SIGNS, draws=300).influences.value
    )


def recordings(*executors):
    from torch import from_numpy, nn

    from actspec_widgets import record

    model, inputs = nn.Sequential(nn.Linear(30, 9), nn.ReLU(), nn.Linear(9, 1)), from_numpy(SIGNS).float()
    return [record(model, "1", inputs, output=0, to=0.0, batch_size=10, executor=e) for e in executors]


class Counting(Executor):
    """Runs what it gets at once, and counts the bytes that would be sent."""

    def __init__(self):
        self.sent, self.tasks = 0, 0

    def submit(self, function, *given):
        self.sent, self.tasks = self.sent + len(pickle.dumps((function, given))), self.tasks + 1
        future = Future()
        future.set_result(pickle.loads(pickle.dumps(function))(*given))
        return future


@pytest.mark.compiled
def test_tasks_carry_neither_patterns_nor_target():
    signs = RNG.choice([-1, 1], (20_000, 12))
    counting = Counting()
    found = scan(Patterns.from_signs(signs), RNG.normal(size=20_000), max_degree=3, top=5, executor=counting)
    assert len(found.subsets) == 5 and counting.tasks > 2
    assert counting.sent < 1000 * counting.tasks


def test_threads_as_an_executor_need_no_pickle_and_what_cannot_be_sent_is_a_sentence(processes):
    lock = threading.Lock()

    def locked(chunk):
        with lock:
            return chunk + 1

    with ThreadPoolExecutor(2) as threads:
        assert list(in_order(locked, range(9), 9, executor=threads)) == list(range(1, 10))
    with pytest.raises(TypeError, match="cannot be sent to other processes"):
        list(in_order(locked, range(9), 9, executor=processes))
    with pytest.raises(TypeError, match=r"executor is a int; give one of concurrent\.futures"):
        scan(Patterns.from_signs(SIGNS), TARGET, max_degree=1, executor=2)


def test_cancelling_does_not_wait_for_an_executor():
    def stop(done, total):
        if time.monotonic() > began + 0.2:
            raise Cancelled

    with ThreadPoolExecutor(1) as threads:
        release = threading.Event()
        began = time.monotonic()
        with pytest.raises(Cancelled):
            list(in_order(lambda chunk: release.wait(20), range(3), 3, progress=stop, executor=threads))
        waited = not release.is_set()
        release.set()
    assert waited
