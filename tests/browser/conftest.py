"""A real JupyterLab in headless Chromium: one server and one page for all tests, one kernel for those of a file.

    def test_slider(lab):
        lab.notebook(["import ipywidgets as w", "s = w.IntSlider(); s"])  # or lab.open("01-....ipynb")
        lab.page.get_by_role("slider").press("ArrowRight")  # lab.page is Playwright's page
        lab.wait_idle()
        assert lab.python("print(s.value)") == "1"  # runs in the notebook's kernel

`notebook` and `open` wait until the last cell has run and fail on a traceback, anything on standard error,
a broken widget, an exception in a callback or an error in the browser's console; the `lab` fixture looks for
the same once more when the test ends. A test that provokes such an error asks for `lab_unchecked` instead and
reads `lab.problems()` and `lab.console_errors` itself.

The tests of a file share a kernel, which is cleaned before each `notebook`: no widget, no name and no thread of the
test before is left. `lab.notebook(cells, fresh=True)` insists on a new one.

Colours: ``with lab.theme("Dark"): assert not lab.faint_texts(".my-figure")`` (and "Light").
Pictures: ``SHOTS=some/folder pytest tests/browser`` leaves one of each test's end, ``lab.shot("name")`` more.

The project's lessons lie in the server's folder, made from `notebooks/*.py`. The fixtures are seen in this
folder only, so every browser test lives here.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tools.jupyter_bed import PATIENCE, Lab, LabServer, chromium_path, launched
from tools.jupyter_bed.chromium import NONE_FOUND

PROJECT = Path(__file__).parents[2]


def pytest_collection_modifyitems(items):
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def notebooks(tmp_path_factory):
    """A folder with the project's notebooks, made from their sources."""
    folder = tmp_path_factory.mktemp("notebooks")
    subprocess.run([sys.executable, PROJECT / "tools" / "make_notebooks.py", folder], check=True)
    return folder


@pytest.fixture(scope="session")
def browser():
    """Chromium; a test skips without one, or fails where `make test` has promised the browser tests."""
    if chromium_path() is None:
        (pytest.fail if os.environ.get("BROWSER_TESTS") == "required" else pytest.skip)(NONE_FOUND)
    expect.set_options(timeout=PATIENCE * 1000)
    with launched() as chromium:
        yield chromium


@pytest.fixture(scope="session")
def lab_session(browser, notebooks, warmed, tmp_path_factory):
    server = LabServer(notebooks, tmp_path_factory.mktemp("jupyter"))
    try:
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        yield Lab(page, server)
        page.close()
    finally:
        server.stop()


@pytest.fixture
def lab_unchecked(lab_session, request):
    """`lab` for a test that provokes errors; what comes after it gets another kernel."""
    lab_session.shared_by(request.node.path)
    yield lab_session
    lab_session.shot(request.node.name)
    if "lab" not in request.fixturenames:
        lab_session.shared_by(None)


@pytest.fixture
def lab(lab_unchecked):
    """The page; see the top of this file."""
    yield lab_unchecked
    lab_unchecked.check()
