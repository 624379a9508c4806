"""The examination of a machine: a sound one, and machines broken in the ways that classrooms know."""

import importlib
import json
import os
import shutil
import subprocess
import sys
from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pytest

from actspec_widgets.compute.kernels import KernelCache, folder
from actspec_widgets.datasets import checksums
from actspec_widgets.datasets.mnist import FILES
from actspec_widgets.doctor import LOOKS, Check, __main__, examine
from actspec_widgets.doctor.jupyter import extension
from actspec_widgets.doctor.machine import bundled_files, packages, room, torch

DATA = {path.name for path in FILES.iterdir() if path.suffix in {".npz", ".safetensors"}}


def doctor(*arguments, **environment):
    """Exit status and checks by name, from a process of its own."""
    command = [sys.executable, "-m", "actspec_widgets.doctor", "--json", *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=180, env={**os.environ, **environment}, check=False
    )
    report = json.loads(done.stdout)
    return done.returncode, {check["name"]: check for check in report["checks"]}


def statuses(checks):
    return {check.name: check.status for check in checks}


def test_a_sound_machine_has_no_problem_and_everything_is_looked_at():
    status, found = doctor()
    assert status == 0, found
    assert {"packages", "data", "kernels", "disk", "memory", "torch", "notebook kernel", "JupyterLab"} <= set(found)
    assert {"extension bqplot", "extension @jupyter-widgets/jupyterlab-manager"} <= set(found)
    assert not any(check["status"] == "problem" for check in found.values())


def test_a_missing_module_is_a_problem_and_the_rest_is_still_looked_at(tmp_path):
    (tmp_path / "numba.py").write_text("raise ModuleNotFoundError('No module named numba', name='numba')")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    status, found = doctor("kernels", "data", "notebook", PYTHONPATH=path)
    assert status == 1
    assert found["kernels"]["status"] == "problem" and "numba is missing" in found["kernels"]["said"]
    assert found["kernels"]["mend"]
    assert found["data"]["status"] == found["notebook kernel"]["status"] == "ok"


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
    found = {check.name: check for check in packages("workshop")}
    assert found["packages"].status == "ok" and "numpy" in found["packages"].said
    assert found["scipy"].status == "problem" and "scipy>=99" in found["scipy"].said
    assert found["no-such-thing"].status == "problem" and found["no-such-thing"].said.startswith("is missing")
    assert "torch" not in found
    assert statuses(packages("nothing-of-this-name")) == {"packages": "warning"}


def test_kernels_that_are_switched_off_are_a_problem():
    status, found = doctor("kernels", NUMBA_DISABLE_JIT="1")
    assert status == 1
    assert "NUMBA_DISABLE_JIT" in found["kernels"]["mend"]


def test_a_kernel_that_gives_wrong_answers_is_a_problem(monkeypatch):
    monkeypatch.setattr("actspec_widgets.compute.scan", lambda *args, **options: wrong)
    monkeypatch.setattr("actspec_widgets.compute.warm", lambda progress: None)
    subsets = [s for degree in (1, 2, 3, 4) for s in combinations(range(4), degree)]
    wrong = SimpleNamespace(subsets=subsets, values=np.zeros(15))
    (found,) = examine("kernels")
    assert found.status == "problem" and "is right" in found.said and "remove" in found.mend


@pytest.mark.parametrize(
    ("compiled", "said"), [(2, "2 compiled just now in 0 s and kept in"), (0, "all 7 loaded from")]
)
def test_kernels_were_compiled_just_now_or_found_in_their_folder(compiled, said, monkeypatch):
    monkeypatch.setattr("actspec_widgets.compute.warm", lambda progress: None)
    monkeypatch.setattr(KernelCache, "compiled", compiled)
    monkeypatch.setattr(KernelCache, "loaded", 7)
    (found,) = examine("kernels")
    assert found.status == "ok" and f"{said} {folder()}" in found.said


def test_damaged_and_missing_files_are_named(tmp_path):
    folder = tmp_path / "files"
    shutil.copytree(FILES, folder)
    assert statuses(bundled_files(folder)) == {"data": "ok"}
    damaged = bytearray((folder / "mnist_small.npz").read_bytes())
    damaged[1000] ^= 1
    (folder / "mnist_small.npz").write_bytes(damaged)
    (folder / "digits_family.safetensors").unlink()
    said = sorted(check.said for check in bundled_files(folder))
    assert said == [f"digits_family.safetensors is missing in {folder}", f"mnist_small.npz is damaged in {folder}"]
    checksums.write(folder)
    assert set(checksums.examine(folder).values()) == {"intact"}
    for list_of_sums in ("<html>not found</html>\n", None):
        if list_of_sums is None:
            (folder / checksums.LIST).unlink()
        else:
            (folder / checksums.LIST).write_text(list_of_sums)
        assert statuses(bundled_files(folder)) == {"data": "problem"}


def test_torch_may_be_missing_but_not_broken():
    assert statuses(torch("raise ModuleNotFoundError(\"No module named 'torch'\")")) == {"torch": "warning"}
    (broken,) = torch("raise OSError('libcudnn.so.9: cannot open shared object file')")
    assert broken.status == "problem" and "libcudnn" in broken.said
    (gpu,) = torch("print('2.13.0+cu126 12.6')")
    assert gpu.status == "ok" and "GPU build (12.6)" in gpu.said


def test_a_full_disk_is_a_problem_and_little_memory_a_warning(monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=1000))
    monkeypatch.setattr("actspec_widgets.compute.memory.available_bytes", lambda: 2**30)
    assert statuses(room()) == {"disk": "problem", "memory": "warning"}


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


def test_a_disabled_extension_is_found(tmp_path):
    page = tmp_path / "labconfig" / "page_config.json"
    page.parent.mkdir()
    page.write_text(json.dumps({"disabledExtensions": {"bqplot": True}}))
    status, found = doctor("browser", JUPYTER_CONFIG_DIR=str(tmp_path))
    assert status == 1
    assert found["extension bqplot"]["said"].startswith("is disabled")
    assert found["extension bqscales"]["status"] == "ok"


def test_an_extension_must_be_there_be_whole_and_fit(tmp_path):
    (tmp_path / "entry.js").touch()

    def found(name="bqplot", version="0.6.4", wanted="^0.6.1", load="entry.js"):
        there = {"version": version, "ext_path": str(tmp_path), "jupyterlab": {"_build": {"load": load}}}
        return extension(name, wanted, {"federated_extensions": {"bqplot": there}, "disabled": {}})

    assert found().status == "ok"
    assert "not installed" in found(name="bqscales").said
    assert "its Python half needs ^0.6.1" in found(version="0.5.46").said
    assert "cannot be loaded" in found(load="gone.js").said
    assert "needs ~0.11.*" in found(version="0.12.0", wanted="~0.11.*").said


def test_a_server_that_does_not_come_up_is_a_problem_with_its_last_words(tmp_path):
    (tmp_path / "jupyter_server_config.py").write_text("raise SystemExit('no port left')")
    status, found = doctor("browser", JUPYTER_CONFIG_DIR=str(tmp_path))
    assert status == 1
    (check,) = found.values()
    assert "did not come up" in check["said"] and "no port left" in check["said"]


def test_a_look_that_fails_is_a_problem_not_a_crash(monkeypatch):
    def fails():
        raise OSError("no such device")
        yield

    monkeypatch.setitem(LOOKS, "room", fails)
    (found,) = examine("room")
    assert found.status == "problem" and "no such device" in found.said


def test_text_says_what_to_do_and_the_status_counts_problems_only(monkeypatch, capsys):
    said = {
        "well": Check("well", "ok", "is well"),
        "so-so": Check("so-so", "warning", "is old", "renew it"),
        "ill": Check("ill", "problem", "is gone", "bring it back"),
    }
    monkeypatch.setattr(__main__, "examine", lambda *names: [said[name] for name in names or said])
    monkeypatch.setattr(__main__, "LOOKS", said)
    assert __main__.main([]) == 1
    out = capsys.readouterr().out
    assert "problem  ill: is gone\n         -> bring it back" in out
    assert "1 problem(s), 1 warning(s)" in out
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
