from itertools import pairwise

import numpy as np
import pytest

from actspec_widgets import (
    Cancelled,
    activation_spectroscopy,
    beam,
    best_first,
    block_spectrum,
    by_experiment,
    intervene,
    scan,
    scan_targets,
    synthetic,
)

pytestmark = pytest.mark.once

PROBLEM = synthetic.planted(12, [(0,), (1, 2)], [1.0, 0.5], samples=300, noise=0.1, seed=0)
DATA = PROBLEM.patterns, PROBLEM.target


def planted(points):
    return points[:, 0] + 0.5 * points[:, 1] * points[:, 2]


CALLS = {
    "scan": lambda progress: scan(*DATA, max_degree=2, progress=progress),
    "scan of several targets": lambda progress: scan_targets(
        DATA[0], np.random.default_rng(0).normal(size=(300, 3)), max_degree=2, progress=progress
    ),
    "best_first": lambda progress: best_first(*DATA, top=10, progress=progress),
    "beam": lambda progress: beam(*DATA, width=10, progress=progress),
    "block_spectrum": lambda progress: block_spectrum(*DATA, units=range(8), progress=progress),
    "the method": lambda progress: activation_spectroscopy(*DATA, progress=progress),
    "the method with a beam": lambda progress: activation_spectroscopy(*DATA, search="beam", progress=progress),
    "samples in groups": lambda progress: activation_spectroscopy(*DATA, groups=np.arange(300) // 5, progress=progress),
    "of activations": lambda progress: activation_spectroscopy(
        DATA[0].signs().astype(float), DATA[1], basis="continuous", progress=progress
    ),
    "intervene": lambda progress: intervene(
        planted,
        activation_spectroscopy(*DATA),
        (1, 2),
        patterns=DATA[0],
        progress=progress,
    ),
    "by experiment": lambda progress: by_experiment(
        planted, activation_spectroscopy(*DATA), patterns=DATA[0], samples=100, progress=progress
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_progress_rises_to_its_end_and_can_cancel(name):
    seen = []
    CALLS[name](lambda *now: seen.append(now))
    shares = [done / total for done, total in seen]
    assert seen[-1][0] == seen[-1][1] > 0
    assert name == "beam" or shares == sorted(shares)  # the beam's total grows while new subsets enter it
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)

    def stop(done, total):
        raise Cancelled

    with pytest.raises(Cancelled):
        CALLS[name](stop)


@pytest.mark.parametrize("degree", [1, 2])
def test_cancel_is_heard_wherever_the_method_is(degree):
    rng = np.random.default_rng(1)
    activations = rng.normal(size=(300, 12))
    target = np.sign(activations[:, 0]) + np.sign(activations[:, 1] * activations[:, 2]) + rng.normal(size=300)
    # in one thread: of two pieces of work done at the same time only one is in any one place
    settings = {"max_degree": degree, "search": "beam" if degree == 2 else "auto", "threads": 1}
    seen = []
    activation_spectroscopy(activations, target, **settings, progress=lambda *now: seen.append(now[0] / now[1]))
    assert seen == sorted(seen) and seen[0] == 0 and seen[-1] == 1
    # the search, its starts and the joint parts; classes; the same search on a part, then with single units only
    ends = [0.0, 0.05, 0.1, 0.2, 0.45, 0.5, 0.75, 0.875, 1.0] if degree == 2 else [0.0, 0.5, 0.75, 1.0]
    for low, high in pairwise(ends):
        within = [share for share in seen if low <= share < high]
        assert len(within) > 1, (low, high)
        heard = []

        def stop(done, total, at=within[-1], heard=heard):
            heard.append(done / total)
            if heard[-1] >= at:
                raise Cancelled

        with pytest.raises(Cancelled):
            activation_spectroscopy(activations, target, **settings, progress=stop)
        assert low <= heard[-1] < high
