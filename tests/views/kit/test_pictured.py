"""When the picture for pages without a kernel is made: never while a lab works, and before a program goes on."""

import asyncio
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import IPython
import nbformat
import pytest

from actspec_widgets.views import SideBySide, SpectrumExplorer
from actspec_widgets.views.explorer.asked import Asked
from actspec_widgets.views.kit import pictured
from actspec_widgets.views.kit.banner import Banner
from actspec_widgets.views.kit.pictured import nobody_is_there


@pytest.mark.parametrize(
    ("stdin", "served", "nobody"),
    [(False, False, True), (True, False, False), (False, True, False)],
    ids=["nbclient", "JupyterLab", "voila"],
)
def test_a_program_that_runs_a_notebook_is_told_from_people(monkeypatch, stdin, served, nobody):
    shell = SimpleNamespace(kernel=SimpleNamespace(_allow_stdin=stdin))
    monkeypatch.setattr(IPython, "get_ipython", lambda: shell)
    if served:
        monkeypatch.setenv("VOILA_BASE_URL", "/")
    assert nobody_is_there() is nobody


def test_plain_python_waits_for_nothing(monkeypatch):
    monkeypatch.setattr(IPython, "get_ipython", lambda: None)
    assert not nobody_is_there()


def test_a_notebook_that_is_run_and_exported_shows_the_finished_picture(tmp_path):
    """``jupyter nbconvert --execute --to html``, with a page that needs no network for it."""
    cell = nbformat.v4.new_code_cell("from actspec_widgets.views import SpectrumExplorer\nSpectrumExplorer()")
    kernel = {"name": "python3", "display_name": "Python 3"}
    path = tmp_path / "one.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel}), path)
    command = [sys.executable, "-m", "nbconvert", "--execute", "--to", "html", str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=600)
    page = path.with_suffix(".html").read_text(encoding="utf-8")
    picture = page.partition('class="actspec-static"')[2].partition("</figure>")[0]
    assert "data:image/svg+xml" in picture and "subsets of 12 units explain" in picture
    assert "changed in the network" in picture  # what comes last


class Shown:
    """A picture sent to a page; it counts what takes its place."""

    def __init__(self, lab):
        self.bundles, self.busy = [], []
        self._lab = lab
        lab.__dict__["_pictures"] = [self]

    def update(self, bundle, raw):
        self.bundles.append(bundle["text/plain"])
        self.busy.append(self._lab.busy)


async def until(condition):
    while not condition():
        await asyncio.sleep(0.01)


def test_no_picture_is_made_while_work_runs_and_one_when_it_is_over(monkeypatch):
    """Whatever changes meanwhile: a cancel must not wait for a picture."""
    monkeypatch.setattr(pictured, "_SOON", 0.02)

    async def main():
        lab = SpectrumExplorer()
        await until(lambda: lab.effects.found is not None and lab.distribution.found is not None)
        shown, go_on = Shown(lab), threading.Event()
        work = lab._work

        def held(settings, report):
            while not go_on.is_set():
                report(0, 1)
                time.sleep(0.01)
            return work(settings, report)

        lab._work = held
        lab.max_degree = 3
        for _ in range(3):
            lab.refresh_pictures()
        await asyncio.sleep(0.1)
        assert lab.busy and shown.bundles == []
        lab.cancel()
        await until(lambda: lab.job.state == "stopped")
        assert shown.bundles == []  # "Stopped" comes first
        await until(lambda: shown.bundles)
        await asyncio.sleep(0.1)
        assert len(shown.bundles) == 1 and shown.busy == [False]
        go_on.set()
        lab.max_degree = 1
        await until(lambda: lab.job.state == "done" and len(shown.bundles) > 1)
        assert shown.bundles[-1] == lab.sentence() != shown.bundles[0]

    asyncio.run(main())


def test_an_answer_of_the_network_waits_until_the_search_is_over():
    busy, found = [True], []

    async def main():
        asked = Asked("?", "?", lambda question, report: question, Banner(), gives_way=lambda: busy[0])
        asked.observe(lambda change: found.append(change.new), "found")
        asked.offer("it", at_once=True)
        await asyncio.sleep(0.1)
        assert found == []
        busy[0] = False
        await until(lambda: found == ["it"])

    asyncio.run(main())


def test_what_closes_leaves_its_last_picture_behind():
    async def main():
        lab = SpectrumExplorer()
        await until(lambda: not lab.busy)
        shown = Shown(lab)
        lab.refresh_pictures()
        assert shown.bundles == []
        said = lab.sentence()
        lab.close()
        assert shown.bundles == [said]
        await asyncio.sleep(0.4)
        assert len(shown.bundles) == 1

    asyncio.run(main())


def test_side_by_side_sends_its_picture_when_both_sides_are_there(monkeypatch):
    monkeypatch.setattr(pictured, "_SOON", 0.02)

    async def main():
        both = SideBySide(SpectrumExplorer(), SpectrumExplorer(max_degree=1))
        shown = Shown(both)
        assert "Waiting" in both.sentence()
        await until(lambda: shown.bundles)
        assert "Waiting" not in shown.bundles[0]

    asyncio.run(main())
