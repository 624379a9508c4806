"""After ``warm`` no kernel of the method is compiled any more."""

import json
import os
import subprocess
import sys

import pytest

from actspec_widgets import warm

WORK = (
    "import numpy as np, actspec_widgets as a\n"
    "p = a.synthetic.planted(12, [(0, 1)], [1.0], samples=300, noise=1, seed=0)\n"
    "a.activation_spectroscopy(p.patterns, p.target)\n"
    "a.activation_spectroscopy(p.patterns, p.target, search='beam', max_degree=5)\n"
    "a.walsh_hadamard(np.ones(16)); a.scan(p.patterns, p.target, max_degree=2)\n"
    "a.sparse_transform(lambda x: x[:, 0] * 1.0, 40, sparsity=3, seed=0)"
)


@pytest.mark.compiled
def test_nothing_is_compiled_twice_on_one_machine(tmp_path):
    """The doctor warms an empty cache; the next processes find every kernel there, and compiling would be said."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}

    def run(*arguments):
        command = [sys.executable, *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True)

    first, second = (run("-m", "actspec_widgets.doctor", "--json", "kernels") for _ in range(2))
    for done, said in ((first, "compiled just now"), (second, "loaded from")):
        (found,) = json.loads(done.stdout)["checks"]
        assert found["status"] == "ok"
        assert said in found["said"] and str(tmp_path) in found["said"]
    assert run("-c", WORK).stderr == ""


@pytest.mark.compiled
def test_progress_is_told():
    seen = []
    warm(lambda done, total: seen.append((done, total)))
    assert seen[0][0] == 0 and seen[-1][0] == seen[-1][1] == len(seen) - 1
