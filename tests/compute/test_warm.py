import os
import subprocess
import sys

import pytest

from actspec_widgets import warm


@pytest.mark.compiled
def test_nothing_is_compiled_twice_on_one_machine(tmp_path):
    """After ``warm`` a new process finds every kernel of the method on disk."""
    code = (
        "import numpy as np, actspec_widgets as a; from numba.core import event\n"
        "compiled = []\n"
        "class Listener(event.Listener):\n"
        "    def on_start(self, e): compiled.append(str(e.data['dispatcher'].py_func.__name__))\n"
        "    def on_end(self, e): pass\n"
        "event.register('numba:compile', Listener())\n"
        "{}\n"
        "print(len(compiled), compiled[:5])\n"
    )
    work = (
        "p = a.synthetic.planted(12, [(0, 1)], [1.0], samples=300, noise=1, seed=0)\n"
        "a.activation_spectroscopy(p.patterns, p.target)\n"
        "a.activation_spectroscopy(p.patterns, p.target, search='beam', max_degree=5)\n"
        "a.walsh_hadamard(np.ones(16)); a.scan(p.patterns, p.target, max_degree=2)\n"
        "a.sparse_transform(lambda x: x[:, 0] * 1.0, 40, sparsity=3, seed=0)"
    )
    env = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    said = [
        subprocess.run([sys.executable, "-c", code.format(body)], env=env, capture_output=True, text=True, check=True)
        for body in ("a.warm(progress=False)", work)
    ]
    first, second = (int(done.stdout.split()[0]) for done in said)
    assert first > 20
    assert second == 0, said[1].stdout
    assert not any("compiling kernels" in done.stderr for done in said)


@pytest.mark.compiled
def test_compiling_says_so_once(tmp_path):
    code = "import actspec_widgets as a; a.walsh_hadamard([1.0, 2.0]); a.walsh_hadamard([1.0] * 4096)"
    env = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    said = [
        subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True).stderr
        for _ in range(2)
    ]
    assert said[0].count("compiling kernels for this machine") == 1
    assert said[1] == ""


@pytest.mark.compiled
def test_progress_is_told():
    seen = []
    warm(lambda done, total: seen.append((done, total)))
    assert seen[0][0] == 0 and seen[-1][0] == seen[-1][1] == len(seen) - 1
