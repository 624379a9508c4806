"""The launch button's files, as far as they can be checked without building the image."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
BINDER = PROJECT / "binder"
CONDA_NAMES = {"torch": "pytorch-cpu", "matplotlib": "matplotlib-base"}
REPO2DOCKER = shutil.which("jupyter-repo2docker")


def requirement_names(requirements):
    return {re.match(r"[\w-]+", requirement).group().lower() for requirement in requirements}


@pytest.mark.parametrize("script", ["postBuild", "start"])
def test_scripts_can_be_executed(script):
    path = BINDER / script
    assert os.access(path, os.X_OK)
    assert path.read_text().startswith("#!/bin/bash\n")
    subprocess.run(["bash", "-n", path], check=True)


def test_kernels_compiled_while_building_are_found_when_launched():
    built, launched = (
        re.findall(r"^export (.+)$", (BINDER / script).read_text(), re.MULTILINE) for script in ("postBuild", "start")
    )
    assert built == launched == ['NUMBA_CACHE_DIR="$HOME/.cache/numba" NUMBA_CPU_NAME=generic']


def test_start_hands_over_to_the_server():
    done = subprocess.run([BINDER / "start", "printenv", "NUMBA_CPU_NAME"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "generic\n")


def test_environment_has_everything_the_package_and_its_lessons_need():
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    needed = requirement_names(project["dependencies"] + extras["torch"] + extras["lab"])
    lines = (BINDER / "environment.yml").read_text().splitlines()
    given = requirement_names(line.strip(" -") for line in lines if line.startswith("  "))
    assert "python" in given
    assert {CONDA_NAMES.get(name, name) for name in needed} <= given


@pytest.mark.skipif(REPO2DOCKER is None, reason="jupyter-repo2docker is not installed (pip install it to try)")
def test_image_would_be_built_from_these_files(tmp_path):
    shutil.copytree(BINDER, tmp_path / "binder")
    command = [REPO2DOCKER, "--no-build", "--debug", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "python=3.12" in said
    assert '"binder/environment.yml"' in said
    assert "binder/postBuild" in said
    assert "binder/start" in said
