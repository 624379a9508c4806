"""The launch button's files, as far as they can be checked without building the image."""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
BINDER = PROJECT / "binder"
REPO2DOCKER = shutil.which("jupyter-repo2docker")
ON_CONDA_FORGE = {"torch": "pytorch-cpu", "matplotlib": "matplotlib-base"}
OPENS_ON = "lab/tree/notebooks/00-five-minutes.ipynb"


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
    assert {ON_CONDA_FORGE.get(name, name) for name in needed} <= given


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


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """The project as an image would hold it after `postBuild`, but with the packages of the running tests.

    A copy of the tree, a home of its own, and a virtual environment of its own: what is installed, written or
    configured there touches nothing else. Its packages are found through a path file, their data files (JupyterLab's
    page, the extensions) through links. The build of the environment itself (conda) cannot be tried this way.
    """
    if sys.platform != "linux":
        pytest.skip("an image is a Linux system, and so are its scripts")
    folder = tmp_path_factory.mktemp("image")
    tree, home, prefix = folder / "tree", folder / "home", folder / "environment"
    home.mkdir()
    ignored = shutil.ignore_patterns(".*", "__pycache__", "*.ipynb", "build", "dist")
    shutil.copytree(PROJECT, tree, ignore=ignored)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", prefix], check=True)
    packages = Path(json.__file__).parents[1].name, "site-packages"
    (prefix / "lib" / Path(*packages) / "tests.pth").write_text(f"{Path(pytest.__file__).parents[1]}\n")
    (prefix / "share").mkdir(exist_ok=True)
    (prefix / "share" / "jupyter").symlink_to(Path(sys.prefix, "share", "jupyter"))
    without_settings = shutil.ignore_patterns("labconfig", "jupyter_config.json")
    shutil.copytree(Path(sys.prefix, "etc", "jupyter"), prefix / "etc" / "jupyter", ignore=without_settings)
    for command in ("pip", "jupyter", "jupyter-lab", "jupyter-labextension"):
        _, _, script = Path(sys.prefix, "bin", command).read_text().partition("\n")
        (prefix / "bin" / command).write_text(f"#!{prefix / 'bin' / 'python'}\n{script}")
        (prefix / "bin" / command).chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "NUMBA", "JUPYTER"))}
    environment = {**kept, "HOME": str(home), "PATH": f"{prefix / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["./binder/postBuild"], cwd=tree, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return tree, environment


@pytest.mark.compiled
def test_launched_the_kernels_are_loaded_not_compiled(image):
    tree, environment = image
    command = ["./binder/start", "python", "-m", "actspec_widgets.doctor", "--json", "kernels"]
    done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, timeout=120)
    (kernels,) = json.loads(done.stdout)["findings"]
    assert kernels["status"] == "ok"
    assert "loaded from" in kernels["said"] and environment["HOME"] in kernels["said"], kernels


@pytest.mark.compiled
def test_launched_it_is_quiet_and_opens_on_the_first_lesson(image, tmp_path):
    tree, environment = image
    command = ["./binder/start", "jupyter", "lab", "--no-browser", "--ip=127.0.0.1", "--port=0", "--allow-root"]
    started = time.monotonic()
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(
            command,
            cwd=tree,
            env={**environment, "JUPYTER_RUNTIME_DIR": str(tmp_path), "JUPYTER_TOKEN": "launched"},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        about = tmp_path / f"jpserver-{server.pid}.json"  # `start` ends in exec, so the server has its process id
        url = ""
        while not url and time.monotonic() < started + 60 and server.poll() is None:
            with contextlib.suppress(OSError, ValueError):  # not there yet, half written, or written before it listens
                said = json.loads(about.read_text())
                with socket.create_connection(("127.0.0.1", said["port"]), timeout=5):
                    url = said["url"]
            time.sleep(0.05)
        assert url, (tmp_path / "log").read_text()
        with urllib.request.urlopen(f"{url}?token=launched", timeout=30) as page:
            assert page.url.partition("?")[0] == url + OPENS_ON
            config = re.search(r'<script id="jupyter-config-data"[^>]*>(.*?)</script>', page.read().decode(), re.DOTALL)
        seconds = time.monotonic() - started
        assert "@jupyterlab/apputils-extension:announcements" in json.loads(config.group(1))["disabledExtensions"]
        lesson = OPENS_ON.removeprefix("lab/tree/")
        with urllib.request.urlopen(f"{url}api/contents/{lesson}?token=launched", timeout=30) as answer:
            assert json.load(answer)["type"] == "notebook"
        print(f"the server answered after {seconds:.1f} s")
    finally:
        server.terminate()
        server.wait(20)
