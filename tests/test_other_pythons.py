"""Other Pythons to test on: taken where they run and are of the version asked for; finding none is no failure."""

import sys

import pytest

from tools import other_pythons

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="make and its tools are for POSIX systems")


def test_a_python_is_taken_only_where_it_runs_and_is_of_that_version(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert other_pythons.main() == 0 and "not found, so not tested" in capsys.readouterr().out
    # a python3.12 like pyenv's where no 3.12 is chosen, and a python3.13 that runs
    for version, answer in (("3.12", "exit 127"), ("3.13", "echo 3.13")):
        (tmp_path / f"python{version}").write_text(f"#!/bin/sh\n{answer}\n")
        (tmp_path / f"python{version}").chmod(0o755)
    assert other_pythons.find("3.12") is None and other_pythons.find("3.13") == str(tmp_path / "python3.13")
