"""A study that is quick and leaves a trace of every cell that it computes."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from actspec_widgets.studies import Study, grid


@dataclass(frozen=True)
class Toy:
    seed: int = 0
    scale: float = 1.0
    trace: str = ""
    wait: float = 0.0


def toy_run(settings: Toy) -> list[dict]:
    """Two rows a cell; with ``trace`` a line in that folder says that the cell was computed, and by whom."""
    if settings.trace:
        (Path(settings.trace) / f"{settings.seed}-{os.getpid()}-{time.time_ns()}").touch()
    time.sleep(settings.wait)
    draws = settings.scale * np.random.default_rng(settings.seed).normal(size=3)
    return [{"draw": i, "mean_logit": float(draws[i]), "time_s": time.perf_counter()} for i in range(2)]


def failing_run(settings: Toy) -> dict:
    """Leaves its trace and fails."""
    toy_run(settings)
    raise ArithmeticError(f"seed {settings.seed} fails")


def stubborn_run(settings: Toy) -> dict:
    """Fails for odd seeds as long as the trace folder holds no file called ``mended``."""
    if settings.seed % 2 and not (Path(settings.trace) / "mended").exists():
        raise ArithmeticError(f"seed {settings.seed} is odd")
    return {"double": 2 * settings.seed}


def deadly_run(settings: Toy) -> dict:
    """The first process that gets cell 3 dies of it."""
    if settings.seed == 3 and not (Path(settings.trace) / "died").exists():
        (Path(settings.trace) / "died").touch()
        os._exit(1)
    (Path(settings.trace) / f"{settings.seed}-{os.getpid()}").touch()
    time.sleep(settings.wait)
    return {"double": 2 * settings.seed}


def attentive_run(settings: Toy, progress=None) -> dict:
    """Asks three times whether to go on."""
    for step in range(3):
        progress(step, 3)
    return {"double": 2 * settings.seed}


def study(run=toy_run, **changes) -> Study:
    given = {
        "name": "toy",
        "title": "A toy",
        "version": 1,
        "settings": Toy,
        "run": run,
        "full": grid(Toy, seed=range(6)),
        "quick": grid(Toy, seed=range(2)),
    }
    return Study(**(given | changes))
