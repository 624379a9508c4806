"""A real JupyterLab in headless Chromium: one server and one page for all tests, a fresh kernel for each.

    def test_slider(lab):
        lab.notebook(["import ipywidgets as w", "s = w.IntSlider(); s"])  # or lab.open("01-....ipynb")
        lab.page.get_by_role("slider").press("ArrowRight")  # lab.page is Playwright's page
        lab.wait_idle()
        assert lab.python("print(s.value)") == "1"  # runs in the notebook's kernel

`notebook` and `open` wait until the last cell has run and fail on a traceback, anything on standard error,
a broken widget, an exception in a callback or an error in the browser's console; the `lab` fixture looks for
the same once more when the test ends. A test that provokes such an error asks for `lab_unchecked` instead and
reads `lab.problems()` and `lab.console_errors` itself.

Colours: ``with lab.theme("Dark"): assert not lab.faint_texts(".my-figure")`` (and "Light").
Pictures: ``SHOTS=some/folder pytest tests/browser`` leaves one of each test's end, ``lab.shot("name")`` more.

The project's lessons lie in the server's folder, made from `notebooks/*.py`. The fixtures are seen in this
folder only, so every browser test lives here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from browser.lab import Lab, LabServer

PROJECT = Path(__file__).parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
CHROMIUM_FLAGS = [
    "--no-sandbox",  # Chromium refuses to run as root with it
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",  # this and the next three: no calls to the internet
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
]


def pytest_collection_modifyitems(items):
    for item in items:
        if "lab_session" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def lab_session(tmp_path_factory):
    if CHROMIUM is None:
        message = "no Chromium found: install it (Debian: apt-get install chromium) or name one in CHROMIUM"
        # `make test` promises the browser tests, so there a missing browser is a failure.
        (pytest.fail if os.environ.get("BROWSER_TESTS") == "required" else pytest.skip)(message)
    from playwright.sync_api import sync_playwright

    folder = tmp_path_factory.mktemp("notebooks")
    subprocess.run([sys.executable, PROJECT / "tools" / "make_notebooks.py", folder], check=True)
    server = LabServer(folder, tmp_path_factory.mktemp("jupyter"))
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
            page = browser.new_page(viewport={"width": 1280, "height": 1000})
            page.set_default_timeout(30_000)
            yield Lab(page, server)
            browser.close()
    finally:
        server.stop()


@pytest.fixture
def lab_unchecked(lab_session, request):
    """`lab` for a test that provokes errors."""
    yield lab_session
    lab_session.shot(request.node.name)


@pytest.fixture
def lab(lab_unchecked):
    """The page; see the top of this file."""
    yield lab_unchecked
    lab_unchecked.check()
