"""What a user gets: the wheel, the pinned versions, the citation."""

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import actspec_widgets

PROJECT = Path(__file__).parents[1]
PACKAGE = PROJECT / "actspec_widgets"
TABLE = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]


def packaged_files(root):
    found = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    return {path for path in found if "__pycache__" not in path}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    # Built from a copy, so that nothing lying about in the working folder gets in, and nothing is left there.
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        shutil.copy(PROJECT / name, source)
    shutil.copytree(PACKAGE, source / PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__"))
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "-w", target, source], check=True)
    (path,) = target.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        yield archive


def test_wheel_has_every_file_of_the_package_and_nothing_else(wheel):
    names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert names == {f"{PACKAGE.name}/{path}" for path in packaged_files(PACKAGE)}


def test_wheel_has_the_digits_and_the_licence(wheel):
    names = wheel.namelist()
    assert any(re.fullmatch(r"actspec_widgets/datasets/files/.+\.npz", name) for name in names)
    assert any(name.endswith("/licenses/LICENSE") for name in names)


def test_wheel_carries_the_version_of_the_package(wheel):
    assert f"actspec_widgets-{actspec_widgets.__version__}.dist-info/METADATA" in wheel.namelist()


def test_torch_is_never_a_core_dependency():
    assert not [name for name in TABLE["dependencies"] if name.startswith("torch")]


def test_every_declared_dependency_is_pinned_once_per_python():
    lines = (PROJECT / "constraints.txt").read_text().splitlines()
    pins = [line.partition("==")[0] for line in lines if line and not line.startswith("#")]
    # shapiq is for people who hand results over to it; nothing here installs it
    extras = [r for name, extra in TABLE["optional-dependencies"].items() if name != "shapiq" for r in extra]
    declared = [*TABLE["dependencies"], *extras]
    named = {re.match(r"[\w-]+", requirement).group() for requirement in declared} - {"actspec_widgets"}
    assert named <= set(pins)
    assert not [line for line in lines if "://" in line or "@" in line]


def test_citation_names_the_version_and_the_paper():
    text = (PROJECT / "CITATION.cff").read_text()
    assert f"\nversion: {actspec_widgets.__version__}\n" in text
    assert "Making Sense Of Distributed Representations With Activation Spectroscopy" in text
    assert "arXiv:2501.15435" in text
