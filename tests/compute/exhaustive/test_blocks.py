"""A recording in a file is scanned piece by piece: the list is that of memory, bit for bit."""

import itertools
import pickle
import tracemalloc
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import naive
from actspec_widgets import Cancelled, Patterns, beam, best_first, coactive, scan
from actspec_widgets.compute import means, parity
from actspec_widgets.compute.exhaustive import blocks, screen
from actspec_widgets.compute.exhaustive.screen import quantised
from actspec_widgets.patterns import stretches


def small_pieces():
    """A few words at a time, and few sums held."""
    return patch.multiple(blocks, _SCORES=20), patch.object(stretches, "_BYTES", 1)


def mapped(patterns, folder):
    patterns.save(folder / "a.safetensors")
    return Patterns.open(folder / "a.safetensors")


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(2, 1500), st.integers(1, 7), st.integers(1, 4), st.booleans())
def test_the_list_is_the_one_that_the_definition_gives(tmp_path_factory, seed, m, n, degree, binary):
    rng = np.random.default_rng(seed)
    X = rng.choice([-1, 1], (m, n), p=[0.3, 0.7])
    X[:, -1] = X[:, 0]
    y = (rng.random(m) < 0.5) * 1.0 if binary else rng.standard_t(2, size=m)
    y[0] = y[1] + 1.0
    patterns = mapped(Patterns.from_signs(X), tmp_path_factory.mktemp("mapped"))
    with small_pieces()[0], small_pieces()[1]:
        found = scan(patterns, y, max_degree=degree, top=25)
    expected = naive.scan(X[:60].tolist(), y[:60].tolist(), degree, 25) if m <= 60 else None
    inside = scan(Patterns.from_signs(X), y, max_degree=degree, top=25)
    assert found.subsets == inside.subsets and found.coverage == inside.coverage
    assert np.array_equal(found.values, inside.values)
    assert np.array_equal(found.standard_errors, inside.standard_errors)
    assert expected is None or found.subsets == tuple(s for s, _ in expected)


@pytest.mark.compiled
def test_long_recordings_add_up_the_same_in_pieces_of_any_length_and_for_some_units(tmp_path):
    rng = np.random.default_rng(0)
    m = 3 * 64 * parity.BLOCK + 1000
    X = rng.random((m, 9)) < 0.4
    y = rng.normal(size=m) + 0.1 * (X[:, 3] ^ X[:, 7])
    patterns = Patterns.from_signs(X)
    there = mapped(patterns, tmp_path)
    asked = {"max_degree": 3, "top": 30, "units": [0, 2, 3, 6, 7, 8]}
    inside = scan(patterns, y, **asked)
    for size in (1, 1 << 26):
        with patch.object(stretches, "_BYTES", size):
            found = scan(there, y, **asked)
        assert found.subsets == inside.subsets and found.subsets[0] == (3, 7)
        assert np.array_equal(found.values, inside.values)
        assert np.array_equal(found.standard_errors, inside.standard_errors)
    assert there.inactive_counts().tolist() == patterns.inactive_counts().tolist()


@pytest.mark.compiled
def test_memory_holds_a_piece_of_the_file_at_a_time(tmp_path):
    rng, n, m = np.random.default_rng(0), 1024, 1 << 17
    planes = rng.integers(0, 2**64, (n, m // 64), dtype=np.uint64)
    there = mapped(Patterns(planes, m), tmp_path)
    y = rng.normal(size=m)
    with patch.object(stretches, "_BYTES", 1 << 20):
        scan(there, y, max_degree=1, top=10)  # compiles
        tracemalloc.start()
        scan(there, y, max_degree=2, top=10)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert planes.nbytes == 2**24 and peak < 14 * 2**20  # of which the target and its order take half
    if Path("/proc/self/smaps").exists():
        text = Path("/proc/self/smaps").read_text().split("a.safetensors")
        resident = [int(line.split()[1]) for part in text[1:] for line in part.splitlines() if line.startswith("Rss:")]
        assert resident[0] < 2**24 // 1024 // 2  # opening looks at the end of each row


@pytest.mark.compiled
def test_a_cancel_is_heard_while_bits_are_sorted_screened_and_summed_up(tmp_path):
    rng = np.random.default_rng(0)
    signs = rng.choice([-1, 1], (3000, 12))
    inside, y = Patterns.from_signs(signs), rng.normal(size=3000)
    for patterns in (inside, mapped(inside, tmp_path)):
        with patch.object(screen, "_BITS", 3000), patch.object(means, "_CHUNK", 1):
            times = []
            scan(patterns, y, max_degree=2, top=20, progress=lambda *now, times=times: times.append(now))
            # twelve units sorted, at least one chunk, and every subset of the list summed up twice
            assert len(times) > 12 + 1 + 2 * 20 and times[-1][0] == times[-1][1]
            for at in range(0, len(times), 7):

                def stop(*now, left=[at]):  # noqa: B006
                    left[0] -= 1
                    if left[0] < 0:
                        raise Cancelled

                with pytest.raises(Cancelled):
                    scan(patterns, y, max_degree=2, top=20, progress=stop)


def test_what_does_not_fit_is_said_before_it_is_taken(tmp_path):
    patterns = mapped(Patterns.from_signs(np.random.default_rng(0).choice([-1, 1], (3000, 12))), tmp_path)
    full = type("usage", (), {"free": 100})
    with patch("shutil.disk_usage", lambda folder: full), pytest.raises(OSError, match=r"takes 0\.00 GiB and .* has 0"):
        scan(patterns, np.arange(3000.0), max_degree=2)
    with (
        patch("actspec_widgets.compute.memory._UNASKED", 0),
        patch("actspec_widgets.compute.memory.available_bytes", lambda: 10_000),
    ):
        with pytest.raises(MemoryError, match="screen of 12 units on 3,000 samples needs"):
            scan(Patterns(np.array(patterns.planes), 3000), np.arange(3000.0), max_degree=2, top=2)
        with pytest.raises(MemoryError, match="a sorted target of 3,000 samples needs"):
            scan(patterns, np.arange(3000.0), max_degree=2, top=2)
        with pytest.raises(MemoryError, match=r"lists of .* active units needs"):
            coactive(patterns, np.arange(3000.0), top=2)


def test_a_list_is_never_longer_than_there_are_subsets(monkeypatch):
    asked = []
    real = np.full
    monkeypatch.setattr(np, "full", lambda shape, *rest, **more: (asked.append(shape), real(shape, *rest, **more))[1])
    patterns, y = Patterns.from_signs([[1, -1, 1], [-1, -1, 1], [1, 1, -1]]), [0.0, 1.0, 3.0]
    for found in (
        scan(patterns, y, max_degree=2, top=10**7),
        coactive(patterns, y, max_degree=2, top=10**7),
        beam(patterns, y, max_degree=2, top=10**7),
        best_first(patterns, y, max_degree=2, top=10**7),
    ):
        assert len(found) <= 6
    assert max(np.prod(shape) for shape in asked) < 10**6


def test_groups_of_chunks_hold_every_subset_once():
    search = blocks.BlockSearch.__new__(blocks.BlockSearch)
    search.rows = range(9)
    chunks = [(1, 0, 1), (2, 0, 4), (2, 4, 5), (3, 0, 30), (3, 30, 6)]
    with patch.object(blocks, "_SCORES", 40):
        groups = search.groups(chunks)
    assert [chunk for group in groups for chunk in group] == chunks and len(groups) > 2
    sizes = [blocks.entries(9, *chunk) for chunk in chunks]
    assert sum(sizes) == 9 + 36 + 84
    assert sizes[1] == sum(9 - first - 1 for first in range(4))


@given(st.integers(0, 999), st.integers(1, 700))
def test_bits_are_sorted_as_samples_are(seed, m):
    rng = np.random.default_rng(seed)
    on, order = rng.random(m) < 0.5, rng.permutation(m)
    row, out = Patterns.from_signs(on[:, None]).planes[0], np.empty_like(Patterns.from_signs(on[:, None]).planes[0])
    blocks.reorder_row(row, order.astype(np.uint32), out)
    assert np.array_equal(Patterns(out[None], m).signs()[:, 0] > 0, on[order])


def test_levels_of_one_plane_bound_what_is_left():
    rng = np.random.default_rng(3)
    y = rng.standard_t(2, size=777)
    y -= y.mean()
    levels = quantised(y, 16, 1)
    assert len(levels.signs) == len(levels.errors) == 1
    for size, _ in itertools.product((1, 2), range(20)):
        X = rng.choice([-1, 1], (777, size))
        plane = Patterns.from_signs(X.prod(axis=1)[levels.order][:, None]).planes[0]
        score = levels.bases[0] - 2 * (levels.weights[0] * np.bitwise_count(plane)).sum()
        assert abs(score - (y * X.prod(axis=1)).sum()) <= levels.errors[0]


def test_mapped_patterns_are_sent_as_a_path_and_a_file_that_became_shorter_is_a_sentence(tmp_path):
    patterns = Patterns.from_signs(np.random.default_rng(0).choice([-1, 1], (100_000, 3)))
    there = mapped(patterns, tmp_path)
    sent = pickle.dumps(there)
    assert len(sent) < 300 and pickle.loads(sent) == patterns
    with open(tmp_path / "a.safetensors", "r+b") as file:
        file.truncate(5000)
    with pytest.raises(OSError, match="shorter since it was opened"):
        scan(there, np.arange(100_000.0), max_degree=1)
