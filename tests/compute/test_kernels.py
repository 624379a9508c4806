"""Compiled code belongs to one version of the package, survives damage to its files, and is not needed to compute."""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from actspec_widgets.compute import kernels

PROJECT = Path(__file__).parents[2]
pytestmark = pytest.mark.compiled

PROBLEM = (
    "import numpy as np, actspec_widgets as a\n"
    "signs = np.array([[1, 1, -1, -1], [1, -1, 1, -1]], np.int8).T.repeat(16, axis=0)\n"
    "problem = a.Patterns.from_signs(signs), signs[:, 0] * signs[:, 1] * 2.0\n"
)
MEAN = PROBLEM + "print(a.character_means(*problem, [(0, 1)]).values[0])\n"  # its kernels are compiled in a second
SCAN = PROBLEM + "print(a.scan(*problem, max_degree=2, top=1).values[0])\n"


@pytest.fixture
def twice(tmp_path, monkeypatch):
    """A new kernel each time it is called, as a new process would have it; its folder is of this test."""
    monkeypatch.setattr(kernels, "folder", lambda: tmp_path)

    def make():
        @kernels.kernel
        def twice(x):
            return 2 * x

        return twice

    return make


def compiled(kernel):
    return sum(kernel.stats.cache_misses.values())


def test_a_kernel_is_compiled_once_for_each_signature(twice, tmp_path):
    for times_compiled in (2, 0):
        kernel = twice()
        assert (kernel(2), kernel(0.5)) == (4, 1.0)
        assert compiled(kernel) == times_compiled
    assert len(list(tmp_path.iterdir())) == 2


def half(content):
    return content[: len(content) // 2]


def one_bit(content):
    return content[:-9] + bytes([content[-9] ^ 1]) + content[-8:]


@pytest.mark.parametrize("damage", [half, one_bit, lambda content: b"", lambda content: bytes(len(content))])
def test_a_damaged_file_is_thrown_away_and_made_again(twice, tmp_path, damage):
    twice()(2)
    (path,) = tmp_path.iterdir()
    path.write_bytes(damage(path.read_bytes()))
    for times_compiled in (1, 0):
        kernel = twice()
        assert kernel(2) == 4
        assert compiled(kernel) == times_compiled


def test_the_file_of_another_signature_is_not_taken(twice, tmp_path):
    twice()(2)
    (whole,) = tmp_path.iterdir()
    twice()(0.5)
    (real,) = set(tmp_path.iterdir()) - {whole}
    shutil.copy(whole, real)
    assert twice()(0.5) == 1.0


def test_something_that_cannot_be_read_in_the_place_of_a_file_does_not_matter(twice, tmp_path, capsys):
    twice()(2)
    (path,) = tmp_path.iterdir()
    path.unlink()
    path.mkdir()
    assert twice()(2) == twice()(2) == 4
    assert capsys.readouterr().err.count("not kept") == 1


def test_old_versions_are_forgotten_all_but_the_last_few(tmp_path, monkeypatch):
    monkeypatch.setattr(kernels.config, "CACHE_DIR", str(tmp_path))
    base = tmp_path / "actspec_widgets"
    for age in range(10):
        (base / f"kernels-{age}").mkdir(parents=True)
        os.utime(base / f"kernels-{age}", (1e9 - age, 1e9 - age))
    own = kernels.folder.__wrapped__()
    assert own.parent == base
    assert {path.name for path in base.iterdir()} == {own.name, "kernels-0", "kernels-1"}


def run(python, code=MEAN, **environment):
    """What a new process prints, and what it says on standard error."""
    environment = {**os.environ, "PYTHONSAFEPATH": "1", "PYTHONPATH": "", "NUMBA_CACHE_DIR": "", **environment}
    done = subprocess.run([python, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return done.stdout, done.stderr


@pytest.fixture
def environment(tmp_path):
    """A Python with the libraries of this one, and a way to install a wheel of the package for it."""
    prefix = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", prefix], check=True)
    (site,) = prefix.glob("lib/python*/site-packages")
    (site / "libraries.pth").write_text(f"{Path(pytest.__file__).parents[1]}\n")

    def install(change=lambda package: None):
        """Build a wheel from changed sources and install it; returns the folder of the package."""
        source, wheels = tmp_path / "source", tmp_path / "wheels"
        for folder in (source, wheels):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
        for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
            shutil.copy(PROJECT / name, source)
        ignored = shutil.ignore_patterns("__pycache__", "files")
        shutil.copytree(PROJECT / "actspec_widgets", source / "actspec_widgets", ignore=ignored)
        change(source / "actspec_widgets")
        subprocess.run(
            [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", wheels], cwd=source, check=True
        )
        pip = [sys.executable, "-m", "pip", "--python", prefix / "bin" / "python", "install", "-q", "--no-index"]
        subprocess.run([*pip, "--no-deps", "--force-reinstall", *wheels.glob("*.whl")], check=True)
        return site / "actspec_widgets"

    return prefix / "bin" / "python", install


def negate_parities(package):
    helper = package / "compute" / "parity.py"
    source = helper.read_text()
    assert source.count("    out[:] = 0\n") == 1
    helper.write_text(source.replace("    out[:] = 0\n", "    out[:] = ~np.uint64(0)\n"))


def test_after_an_upgrade_no_kernel_runs_the_old_code_of_a_helper(environment):
    python, install = environment
    package = install()
    answer, said = run(python, SCAN)
    assert answer == "2.0\n"
    assert said.count("\n") == said.count("compiling kernels for this machine, once") == 1
    assert run(python, SCAN) == ("2.0\n", "")  # loaded: nothing is compiled, so nothing is said
    install(negate_parities)  # a helper in another file than the scan's kernel
    assert run(python, SCAN)[0] == "-2.0\n"
    assert len(list(package.glob("__pycache__/kernels-*"))) == 2  # the old code was there


def test_files_replaced_under_a_running_process_leave_nothing_behind(environment):
    python, install = environment
    package = install()
    replace = f"import actspec_widgets.compute, pathlib; pathlib.Path({str(package / 'compute/means.py')!r}).touch()\n"
    answer, said = run(python, replace + MEAN)
    assert answer == "2.0\n"
    assert said.count("\n") == 1 and "have changed" in said
    assert [path for path in package.rglob("kernels-*/*")] == []


def test_where_nothing_can_be_written_the_answer_is_the_same_and_it_is_said_once(environment, tmp_path):
    python, install = environment
    package = install()
    shutil.rmtree(package / "__pycache__", ignore_errors=True)
    for nowhere in (package / "__pycache__", tmp_path / "file"):
        nowhere.touch()  # a file, so that no folder can be made there: permissions do not stop the superuser
    homes = dict.fromkeys(
        ("HOME", "XDG_CACHE_HOME", "ACTSPEC_CACHE", "NUMBA_CACHE_DIR"), str(tmp_path / "file" / "home")
    )
    answer, said = run(python, **homes)
    assert answer == "2.0\n"
    assert said.count("\n") == 1 and "NUMBA_CACHE_DIR" in said


def test_eight_cold_processes_at_once_do_not_disturb_each_other(tmp_path):
    cache = {"NUMBA_CACHE_DIR": str(tmp_path), "PYTHONPATH": str(PROJECT)}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: run(sys.executable, **cache)[0], range(8)))
    assert answers == ["2.0\n"] * 8
    assert run(sys.executable, **cache) == ("2.0\n", "")
    assert not list(tmp_path.rglob(".*"))  # nothing half-written is left
