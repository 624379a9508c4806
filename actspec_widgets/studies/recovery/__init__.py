"""Recovery on known truth: are planted subsets found, and from how many samples?"""

from __future__ import annotations

from ..study import Study, grid
from . import figure, findings, run
from .run import Recovery

__all__ = ["STUDY", "Recovery"]

SAMPLES = (52, 64, 90, 128, 180, 256, 360, 512, 1024, 4096)
MORE_SAMPLES = (128, 256, 512, 1024, 2048, 4096, 8192)
FEW_AND_MANY = (256, 1024, 4096)
# A feature is two units in some encodings, and both then have subsets of four units for two features.
KIND_DEGREES = {
    "and": 3, "or": 3, "majority": 5, "address": 3, "tree": 3, "junta": 4,
    "onehot": 3, "distributed": 2, "superposed": 2, "copies": 3,
}  # fmt: skip


def _cells(seeds: int, thin: int = 1) -> tuple[Recovery, ...]:
    """One question after the other, all around the same setting; every ``thin``-th value of each long axis."""
    seed = range(seeds)
    cells = grid(Recovery, degree=range(1, 7), samples=SAMPLES[::thin], seed=seed)
    cells += grid(Recovery, n=(32, 64, 128), samples=SAMPLES[::thin], seed=seed)
    for kind, degree in KIND_DEGREES.items():
        cells += grid(Recovery, kind=kind, degree=degree, samples=MORE_SAMPLES[::thin], seed=seed)
    cells += grid(Recovery, bias=(0.2, 0.4, 0.6, 0.8, 0.9)[::thin], samples=FEW_AND_MANY, seed=seed)
    cells += grid(Recovery, correlation=(0.1, 0.2, 0.4, 0.6, 0.8)[::thin], samples=FEW_AND_MANY, seed=seed)
    lonely = (12, 16, 18, 24, 32, 64, 128, 256)[::thin]  # all subsets of five of 256 units are too many to look at
    cells += grid(
        Recovery, degree=5, terms=1, samples=4096, n=lonely, method=("actspec", "sparse_transform"), seed=seed
    )
    return tuple(dict.fromkeys(cells + grid(Recovery, samples=FEW_AND_MANY, seed=seed)))


STUDY = Study(
    name="recovery",
    title="Recovery on known truth",
    version=6,  # classes count as claims
    settings=Recovery,
    run=run.run,
    full=_cells(20),
    quick=_cells(4, thin=2),
    figure=figure.figure,
    findings=findings.findings,
)
