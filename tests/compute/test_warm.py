"""After ``warm`` no kernel of the method is compiled any more."""

import subprocess
import sys

import pytest

from actspec_widgets import warm

WORK = """
import numpy as np, actspec_widgets as a
from actspec_widgets.compute.kernels import KernelCache
a.warm(progress=False)
assert KernelCache.compiled == 0 < KernelCache.loaded  # each was found where another process had left it
warmed = KernelCache.loaded
p = a.synthetic.planted(12, [(0, 1)], [1.0], samples=300, noise=1, seed=0)
a.activation_spectroscopy(p.patterns, p.target)
a.activation_spectroscopy(p.patterns, p.target, search='beam', max_degree=5)
a.walsh_hadamard(np.ones(16)); a.scan(p.patterns, p.target, max_degree=2)
a.sparse_transform(lambda x: x[:, 0] * 1.0, 40, sparsity=3, seed=0)
print(KernelCache.compiled + KernelCache.loaded - warmed, "beyond those of warm")
"""


@pytest.mark.compiled
@pytest.mark.usefixtures("warmed")
def test_nothing_is_compiled_twice_on_one_machine_and_warm_knows_every_kernel_of_the_method():
    done = subprocess.run([sys.executable, "-c", WORK], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("0 beyond those of warm\n", "")


@pytest.mark.compiled
def test_progress_is_told():
    seen = []
    warm(lambda done, total: seen.append((done, total)))
    assert seen[0][0] == 0 and seen[-1][0] == seen[-1][1] == len(seen) - 1
