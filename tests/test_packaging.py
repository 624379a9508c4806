"""What a user gets: the wheel has every file of the package."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

PROJECT = Path(__file__).parents[1]
PACKAGE = PROJECT / "actspec_widgets"


def test_wheel_has_every_file_of_the_package_its_licence_and_nothing_else(tmp_path):
    # Built from a copy, so that nothing lying about in the working folder gets in, and nothing is left there.
    source = tmp_path / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        shutil.copy(PROJECT / name, source)
    shutil.copytree(PACKAGE, source / PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__"))
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path]
    subprocess.run(build, cwd=source, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    files = {path.relative_to(PROJECT).as_posix() for path in PACKAGE.rglob("*") if path.is_file()}
    assert {name for name in names if ".dist-info/" not in name} == {f for f in files if "__pycache__" not in f}
    assert any(name.endswith("/licenses/LICENSE") for name in names)
