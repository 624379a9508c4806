import numpy as np
import pytest

from actspec_widgets import (
    Cancelled,
    activation_spectroscopy,
    beam,
    best_first,
    block_spectrum,
    intervene,
    scan,
    scan_targets,
    synthetic,
)

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
