"""Settings and fixtures that every room's tests share."""

import gc
import os
import sys

# Two processes test at the same time, on two cores. Where each of them lets torch have two threads, these wait for each
# other by spinning: one file took 47 CPU seconds in place of 5. Kernels of notebooks inherit it.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pytest
from hypothesis import settings

import actspec_widgets

# Compiling a kernel takes longer than any deadline, and a suite that gates commits draws the same examples
# every time; HYPOTHESIS_PROFILE=search draws new and more ones.
settings.register_profile("gate", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=1000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "gate"))


@pytest.fixture(scope="session")
def warmed():
    """For tests in which nothing may be said on standard error, as it is where kernels are compiled."""
    actspec_widgets.warm(progress=False)


@pytest.fixture(scope="module", autouse=True)
def widgets_end_with_their_file():
    """Closing an instrument looks at every widget that there is: thousands of earlier files make it slow."""
    yield
    if "ipywidgets" in sys.modules:
        sys.modules["ipywidgets"].Widget.close_all()


@pytest.fixture
def rng():
    """A generator with the same draws in every run."""
    return np.random.default_rng(20250126)


def pytest_collection_finish():
    """What was imported stays to the end, so that rubbish need not be looked for in it each time."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items):
    """Browser tests last: the driver keeps an event loop running in the main thread from its first test on."""
    items.sort(key=lambda item: "browser" in item.path.parts)
