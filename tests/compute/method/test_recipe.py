"""The whole method can be followed: few files from the recipe to a kernel, and few returns to a file that was left."""

import json
import os
import subprocess
import sys
from itertools import groupby

import pytest

# Prints the files on the stack, of the package alone, where Python calls a kernel; the recipe first.
PROGRAM = """
import json, sys
import numba, numpy as np

kernels, called = set(), set()
numba.njit = lambda **options: lambda function: (kernels.add(function.__code__), function)[1]  # uncompiled

from actspec_widgets import Patterns, activation_spectroscopy
from actspec_widgets.compute.inference import feed

def look(frame, event, arg):
    if event == "call" and frame.f_code in kernels and frame.f_back.f_code not in kernels:
        files = []
        while frame is not None:
            files.append(frame.f_code.co_filename)
            frame = frame.f_back
        called.add(tuple(file for file in reversed(files) if "actspec_widgets" in file))

rng = np.random.default_rng(0)
X = rng.choice([-1, 1], (200, 8))
y = X[:, 0] + X[:, 1] * X[:, 2] + 0.5 * rng.normal(size=200)
for feed._ALL in (20_000, 5):  # a pool of all subsets, and one that scans feed
    sys.setprofile(look)
    activation_spectroscopy(Patterns.from_signs(X), y, max_degree=2, threads=1)
    sys.setprofile(None)
print(json.dumps(sorted(called)))
"""


@pytest.mark.once
def test_a_call_passes_eight_files_and_comes_back_to_one_that_it_had_left_three_times_at_most():
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, env=environment)
    paths = [[file for file, _ in groupby(files)] for files in json.loads(run.stdout)]
    assert {"scan_kernel.py", "moves.py", "errors.py"} <= {os.path.basename(path[-1]) for path in paths}
    for path in paths:
        files = set(path)
        assert len(files) <= 8, path
        assert len(path) - len(files) <= 3, path
