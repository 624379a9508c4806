"""The rooms that need no torch, tested on each other supported Python found here: ``python tools/other_pythons.py``.

Each gets an environment of its own, .venv-3.12 and so on, with the versions of constraints.txt; it is kept until these
change. All that are found run at the same time, without the tests that are marked ``compiled``, which take long. The
exit status is 1 where a test fails or an environment can not be made, and 0 where no other Python is found.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PROJECT = Path(__file__).parents[1]
CONSTRAINTS = PROJECT / "constraints.txt"
SUPPORTED = ("3.11", "3.12", "3.13")
PLACES = (".pyenv/versions/{}.*/bin/python", ".local/share/uv/python/cpython-{}.*/bin/python")  # in the home
PACKAGES = "numpy numba scipy pooch tqdm pandas scikit-learn pytest hypothesis safetensors".split()
TESTS = "tests/test_files.py tests/patterns tests/results tests/datasets tests/lessons tests/compute".split()
DOCTESTS = [f"actspec_widgets/{room}" for room in ("files.py", "patterns", "results", "datasets", "lessons", "compute")]


def find(version):
    """A Python of this version that can make environments, or None."""
    on_path = shutil.which(f"python{version}")
    elsewhere = [str(path) for place in PLACES for path in sorted(Path.home().glob(place.format(version)))]
    question = "import ensurepip, sys, venv; print('{}.{}'.format(*sys.version_info))"
    for python in filter(None, [on_path, *elsewhere]):
        # pyenv puts a python3.12 on the path that does not run where 3.12 is not chosen
        if subprocess.run([python, "-c", question], capture_output=True, text=True).stdout.strip() == version:
            return python
    return None


def environment(version, python):
    """The Python of the environment for this version, which is made where it is not there or not of today's packages.

    Raises
    ------
    RuntimeError
        If that fails.
    """
    folder = PROJECT / f".venv-{version}"
    inside, done = folder / "bin" / "python", folder / "made-from"
    wanted = hashlib.sha256(CONSTRAINTS.read_bytes() + repr(PACKAGES).encode()).hexdigest()
    if not done.is_file() or done.read_text() != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        install = [inside, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-c", CONSTRAINTS, *PACKAGES]
        for command in ([python, "-m", "venv", folder], install):
            run = subprocess.run(command, capture_output=True, text=True)
            if run.returncode:
                raise RuntimeError(f"{folder.name} could not be made\n{run.stdout}{run.stderr}")
        done.write_text(wanted)
    return inside


def tested(version, python):
    """Whether all tests pass, and the last line of what pytest says, or all of it where they do not."""
    try:
        inside = environment(version, python)
    except RuntimeError as error:
        return False, str(error)
    command = [inside, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not compiled", *TESTS, *DOCTESTS]
    run = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": "."})
    said = run.stdout.strip()
    return (True, said.splitlines()[-1]) if run.returncode == 0 else (False, said + run.stderr)


def main():
    here = "{}.{}".format(*sys.version_info)
    found = {version: find(version) for version in SUPPORTED if version != here}
    for version, python in found.items():
        print(f"Python {version}: {python or 'not found, so not tested'}", flush=True)
    present = {version: python for version, python in found.items() if python}
    with ThreadPoolExecutor(len(SUPPORTED)) as pool:
        results = list(pool.map(tested, present, present.values()))
    for version, (passed, said) in zip(present, results, strict=True):
        print(f"Python {version}: {'passed' if passed else 'FAILED'}, {said}")
    return 0 if all(passed for passed, _ in results) else 1


if __name__ == "__main__":
    sys.exit(main())
