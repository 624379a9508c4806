import numpy as np
import pytest

from actspec_widgets import Cancelled, Patterns, activation_spectroscopy, stability, synthetic


def reruns(problem, **settings):
    spectrum = activation_spectroscopy(problem.patterns, problem.target)
    return spectrum, stability(problem.patterns, problem.target, spectrum, **settings)


@pytest.mark.compiled
def test_strong_subsets_always_return():
    problem = synthetic.planted(10, [(0, 1), (2,), (3, 4, 5)], [1.0, -0.8, 0.6], samples=1500, noise=0.5, seed=0)
    spectrum, found = reruns(problem, resamples=8)
    assert set(found.subsets) == {(0, 1), (2,), (3, 4, 5)} and found.subsets == spectrum.subsets
    assert found.returned.tolist() == [1.0] * 3 == found.returned_exactly.tolist()
    assert (found.standard_errors > 0).all()


@pytest.mark.compiled
def test_a_weak_effect_returns_now_and_then():
    problem = synthetic.planted(10, [(0, 1), (2,)], [1.0, 0.21], samples=1000, noise=1.0, seed=2)
    _, found = reruns(problem, resamples=30)
    share = dict(zip(found.subsets, found.returned, strict=True))
    assert share[(0, 1)] == 1.0
    assert 0.5 < share[(2,)] < 0.95
    assert "{2}" in repr(found) and found.to_frame()["returned"].tolist() == found.returned.tolist()


@pytest.mark.compiled
def test_what_only_reruns_report_is_told():
    problem = synthetic.planted(10, [(0, 1), (2,)], [1.0, 0.21], samples=1000, noise=1.0, seed=0)
    _, found = reruns(problem, resamples=30)
    assert found.subsets == ((0, 1),)
    [(subset, share)] = found.newcomers
    assert subset == (2,) and 0.3 < share < 0.9


@pytest.mark.compiled
def test_smaller_subsamples_are_stricter():
    problem = synthetic.planted(10, [(2,)], [0.3], samples=1000, noise=1.0, seed=1)
    spectrum = activation_spectroscopy(problem.patterns, problem.target)
    full, half = (stability(problem.patterns, problem.target, spectrum, share=share) for share in (1.0, 0.5))
    assert spectrum.subsets == ((2,),) and half.returned[0] < full.returned[0]


@pytest.mark.compiled
def test_an_equivalent_counts_as_a_return():
    rng = np.random.default_rng(0)
    X = rng.choice([-1, 1], (1500, 6))
    X[:, 0] = X[:, 5] * np.where(rng.random(1500) < 0.01, -1, 1)  # the data can hardly tell which one matters
    y = X[:, 5] + X[:, 1] + 0.5 * rng.normal(size=1500)
    patterns = Patterns.from_signs(X)
    spectrum = activation_spectroscopy(patterns, y)
    found = stability(patterns, y, spectrum)
    either = next(i for i, s in enumerate(found.subsets) if s in [(0,), (5,)])
    assert found.returned[either] == 1.0 > found.returned_exactly[either]
    assert found.newcomers == ()


def test_noise_returns_nothing():
    rng = np.random.default_rng(0)
    patterns, y = Patterns.from_signs(rng.choice([-1, 1], (300, 6))), rng.normal(size=300)
    spectrum = activation_spectroscopy(patterns, y)
    found = stability(patterns, y, spectrum, resamples=3)
    assert len(spectrum) == 0 == len(found)


def test_a_seed_gives_the_same_bits():
    problem = synthetic.planted(6, [(0, 1), (2,)], [1.0, 0.2], samples=400, noise=1.0, seed=0)
    spectrum = activation_spectroscopy(problem.patterns, problem.target)
    one, two = (stability(problem.patterns, problem.target, spectrum, resamples=4, seed=3) for _ in range(2))
    assert np.array_equal(one.returned, two.returned) and one.newcomers == two.newcomers


def test_progress_rises_to_its_end_and_can_cancel():
    problem = synthetic.planted(5, [(0,), (1, 2)], [1.0, 0.5], samples=300, noise=0.1, seed=0)
    seen = []
    spectrum, _ = reruns(problem, resamples=3, progress=lambda *now: seen.append(now))
    assert seen == sorted(seen) and seen[-1][0] == seen[-1][1]

    def stop(done, total):
        raise Cancelled

    with pytest.raises(Cancelled):
        stability(problem.patterns, problem.target, spectrum, progress=stop)


def test_what_does_not_fit_is_refused():
    problem = synthetic.planted(5, [(0,)], [1.0], samples=300, noise=0.1, seed=0)
    spectrum = activation_spectroscopy(problem.patterns, problem.target)
    for settings, sentence in [({"resamples": 0}, "at least one rerun"), ({"share": 1.5}, "share=1.5")]:
        with pytest.raises(ValueError, match=sentence):
            stability(problem.patterns, problem.target, spectrum, **settings)
    with pytest.raises(ValueError, match="5 units and 299 samples, the spectrum was computed from 5 and 300"):
        stability(problem.patterns.take(np.arange(299)), problem.target[:299], spectrum)
    with pytest.raises(ValueError, match="each part needs 20 or more"):
        stability(problem.patterns, problem.target, spectrum, share=0.05)
