"""The examination of a machine: a sound one, and machines broken in the ways that classrooms know."""

import importlib
import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from actspec_widgets.datasets import checksums
from actspec_widgets.datasets.mnist import FILES
from actspec_widgets.doctor import CHECKS, Finding, __main__, examine
from actspec_widgets.doctor.browser import examine_extension, fits, wait_until_up
from actspec_widgets.doctor.data import bundled_files
from actspec_widgets.doctor.machine import disk, text
from actspec_widgets.doctor.torch_build import torch_build
from actspec_widgets.doctor.versions import packages

DATA = {path.name for path in FILES.iterdir() if path.suffix in {".npz", ".safetensors"}}


def doctor(*arguments, **environment):
    """Exit status and findings by name, from a process of its own."""
    command = [sys.executable, "-m", "actspec_widgets.doctor", "--json", *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=180, env={**os.environ, **environment}, check=False
    )
    report = json.loads(done.stdout)
    return done.returncode, {finding["name"]: finding for finding in report["findings"]}


def statuses(findings):
    return {finding.name: finding.status for finding in findings}


def test_a_sound_machine_has_no_problem_and_every_check_says_something():
    status, found = doctor()
    assert status == 0, found
    assert {"Python", "packages", "data", "kernels", "torch", "notebook kernel", "JupyterLab"} <= set(found)
    assert {"extension bqplot", "extension @jupyter-widgets/jupyterlab-manager"} <= set(found)
    assert not any(finding["status"] == "problem" for finding in found.values())


def test_a_missing_module_is_a_problem_and_the_rest_is_still_looked_at(tmp_path):
    (tmp_path / "numba.py").write_text("raise ModuleNotFoundError('No module named numba', name='numba')")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    status, found = doctor("kernels", "data", "disk", PYTHONPATH=path)
    assert status == 1
    assert found["kernels"]["status"] == "problem" and "numba is missing" in found["kernels"]["said"]
    assert found["kernels"]["mend"]
    assert found["data"]["status"] == found["disk"]["status"] == "ok"


def test_packages_are_held_against_what_the_project_asks_for(tmp_path, monkeypatch):
    info = tmp_path / "workshop-1.0.dist-info"
    info.mkdir()
    lines = ["Metadata-Version: 2.1", "Name: workshop", "Version: 1.0", "Requires-Dist: numpy>=2"]
    lines += [
        "Requires-Dist: scipy>=99",
        "Requires-Dist: no-such-thing>=1",
        'Requires-Dist: torch>=99; extra == "torch"',
    ]
    (info / "METADATA").write_text("\n".join(lines) + "\n")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    found = {finding.name: finding for finding in packages("workshop")}
    assert found["packages"].status == "ok" and "numpy" in found["packages"].said
    assert found["scipy"].status == "problem" and "scipy>=99" in found["scipy"].said
    assert found["no-such-thing"].said.startswith("is missing")
    assert "torch" not in found
    assert statuses(packages("nothing-of-this-name")) == {"packages": "warning"}


def test_kernels_that_are_switched_off_are_a_problem():
    status, found = doctor("kernels", NUMBA_DISABLE_JIT="1")
    assert status == 1
    assert "NUMBA_DISABLE_JIT" in found["kernels"]["mend"]


def test_damaged_and_missing_files_are_named(tmp_path):
    folder = tmp_path / "files"
    shutil.copytree(FILES, folder)
    assert statuses(bundled_files(folder)) == {"data": "ok"}
    damaged = bytearray((folder / "mnist_small.npz").read_bytes())
    damaged[1000] ^= 1
    (folder / "mnist_small.npz").write_bytes(damaged)
    (folder / "digits_family.safetensors").unlink()
    said = [finding.said for finding in bundled_files(folder)]
    assert any("digits_family.safetensors is missing" in sentence for sentence in said)
    assert any("mnist_small.npz is damaged" in sentence for sentence in said)
    assert said[-1].startswith(f"{len(DATA) - 2} of {len(DATA)}")
    checksums.write(folder)
    assert set(checksums.examine(folder).values()) == {"intact"}
    for list_of_sums in ("<html>not found</html>\n", None):
        if list_of_sums is None:
            (folder / checksums.LIST).unlink()
        else:
            (folder / checksums.LIST).write_text(list_of_sums)
        assert statuses(bundled_files(folder)) == {"data": "problem"}


def test_torch_may_be_missing_but_not_broken():
    assert statuses(torch_build("raise ModuleNotFoundError(\"No module named 'torch'\")")) == {"torch": "warning"}
    (broken,) = torch_build("raise OSError('libcudnn.so.9: cannot open shared object file')")
    assert broken.status == "problem" and "libcudnn" in broken.said
    (gpu,) = torch_build("print('2.13.0+cu126 12.6')")
    assert gpu.status == "ok" and "GPU build (12.6)" in gpu.said


def test_a_full_disk_and_another_encoding_are_found(monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=1000))
    assert statuses(disk(Path("/"))) == {"disk": "problem"}
    monkeypatch.setattr("locale.getpreferredencoding", lambda do_setlocale: "cp1252")
    (found,) = text()
    assert found.status == "warning" and "PYTHONUTF8" in found.mend


def test_a_kernel_that_imports_another_package_is_found(tmp_path):
    other = tmp_path / "other" / "actspec_widgets"
    other.mkdir(parents=True)
    (other / "__init__.py").touch()
    kernel = tmp_path / "kernels" / "python3"
    kernel.mkdir(parents=True)
    start = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    description = {"argv": start, "display_name": "other", "env": {"PYTHONPATH": str(other.parent)}}
    (kernel / "kernel.json").write_text(json.dumps(description))
    status, found = doctor("notebook", JUPYTER_PATH=str(tmp_path))
    assert status == 1
    assert str(other) in found["notebook kernel"]["said"] and "ipykernel install" in found["notebook kernel"]["mend"]


def test_a_disabled_extension_is_found_in_a_running_jupyterlab(tmp_path):
    page = tmp_path / "labconfig" / "page_config.json"
    page.parent.mkdir()
    page.write_text(json.dumps({"disabledExtensions": {"bqplot": True}}))
    status, found = doctor("browser", JUPYTER_CONFIG_DIR=str(tmp_path))
    assert status == 1
    assert found["extension bqplot"]["said"].startswith("is disabled")
    assert found["extension bqscales"]["status"] == "ok"


def test_an_extension_must_be_there_be_whole_and_fit():
    config = {"federated_extensions": [{"name": "bqplot", "load": "static/entry.js"}], "disabledExtensions": []}

    def found(name="bqplot", version="0.6.4", wanted="^0.6.1"):
        return examine_extension(name, wanted, config, lambda path: json.dumps({"version": version}))

    def gone(path):
        raise OSError("HTTP Error 404")

    assert found().status == "ok"
    assert "not installed" in found(name="bqscales").said
    assert "its Python half needs ^0.6.1" in found(version="0.5.46").said
    assert "cannot be loaded" in examine_extension("bqplot", "^0.6.1", config, gone).said
    assert fits("1.2.3", "*") and fits("2.0.0", "2.0.0")
    assert not fits("0.6.0", "^0.6.1") and not fits("0.12.0", "~0.11.*")


def test_a_server_that_does_not_come_up_is_a_problem_with_its_last_words(tmp_path):
    (tmp_path / "jupyter_server_config.py").write_text("raise SystemExit('no port left')")
    status, found = doctor("browser", JUPYTER_CONFIG_DIR=str(tmp_path))
    assert status == 1
    (finding,) = found.values()
    assert "did not come up" in finding["said"] and "no port left" in finding["said"]


def test_a_server_that_announces_itself_before_it_listens_is_waited_for(tmp_path):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        (tmp_path / "jpserver-1.json").write_text(json.dumps({"port": listener.getsockname()[1]}))
        asked = []

        def poll():  # what it asks each time round
            asked.append(None)
            if len(asked) == 3:
                listener.listen()

        about = wait_until_up(tmp_path, SimpleNamespace(poll=poll), tmp_path / "log")
    assert about["port"] and len(asked) == 3


def test_a_check_that_fails_is_a_finding():
    def fails():
        raise OSError("no such device")
        yield

    (found,) = examine({"disk": fails})
    assert found.status == "problem" and "no such device" in found.said


def test_text_says_what_to_do_and_the_status_counts_problems_only(monkeypatch, capsys):
    said = {
        "well": Finding("well", "ok", "is well"),
        "so-so": Finding("so-so", "warning", "is old", "renew it"),
        "ill": Finding("ill", "problem", "is gone", "bring it back"),
    }
    checks = {name: (lambda finding=finding: [finding]) for name, finding in said.items()}
    monkeypatch.setattr(__main__, "CHECKS", checks)
    assert __main__.main([]) == 1
    out = capsys.readouterr().out
    assert "problem  ill: is gone\n         -> bring it back" in out
    assert "1 problem, 1 warning" in out
    assert __main__.main(["well", "so-so"]) == 0
    assert __main__.main(["well"]) == 0
    assert "This machine is ready." in capsys.readouterr().out
    with pytest.raises(SystemExit):
        __main__.main(["hearth"])


def test_bundled_files_are_those_of_the_list():
    assert set(checksums.examine(FILES).values()) == {"intact"}
    assert set(checksums.examine(FILES)) == DATA


def test_nothing_heavy_is_imported_before_it_is_looked_at():
    code = "import sys, actspec_widgets.doctor\nprint(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not set(loaded) & {"numpy", "numba", "torch", "ipywidgets", "jupyterlab", "packaging"}
    assert len(CHECKS) == 10
