"""`voila notebooks/explorer.ipynb`: the explorer as a page without code."""

import os
import re
import time

import pytest
from playwright.sync_api import expect

from browser.test_explorer import BARS
from tools.jupyter_bed import VoilaServer, faint_texts

# Voila fetches its icons from elsewhere, and the extension of jupytext, made for JupyterLab, does not start in it.
OF_OTHERS = ("Failed to load resource: net::", "@jupyterlab/docmanager")


@pytest.fixture
def served(browser, notebooks, tmp_path):
    """Serve the explorer with some options, and open it: ``page, server``."""
    pytest.importorskip("voila")
    servers, pages = [], []

    def serve(*options):
        servers.append(VoilaServer(notebooks / "explorer.ipynb", tmp_path, *options))
        return opened(servers[-1].url), servers[-1]

    def opened(url):
        pages.append(page := browser.new_page(viewport={"width": 1280, "height": 1000}))
        page.errors = []
        page.on("console", lambda m: page.errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: page.errors.append(f"uncaught: {e}"))
        page.goto(url)
        return page

    serve.opened = opened
    yield serve
    for page in pages:
        page.close()
    for server in servers:
        server.stop()


def test_the_explorer_is_served_drawn_readable_in_both_themes_and_answers(served):
    page, server = served("--theme=dark")
    expect(page.locator(BARS)).to_have_count(20)
    assert page.evaluate("() => document.body.dataset.jpThemeLight") == "false"
    assert faint_texts(page, ".actspec") == []
    shot(page, "voila-dark")
    assert [e for e in page.errors if not any(known in e for known in OF_OTHERS)] == []
    page = served.opened(f"{server.url}?theme=light")
    expect(page.locator(BARS)).to_have_count(20)
    assert page.evaluate("() => document.body.dataset.jpThemeLight") == "true"
    expect(page.locator(".actspec-title")).to_contain_text("20 subsets of 784 pixels explain")
    assert "SpectrumExplorer()" not in page.content()  # the code stays behind
    assert faint_texts(page, ".actspec") == []
    expect(page.get_by_role("listbox", name=re.compile("^20 coefficients"))).to_have_count(1)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save the numbers of the coefficients").click()
    assert len(waiting.value.path().read_text().splitlines()) == 21
    shot(page, "voila-light")
    page.get_by_label("Logit", exact=True).select_option("3")
    expect(page.locator(".actspec-title")).to_contain_text("logit 3")
    page.locator(".noUi-handle").nth(1).press("Home")
    expect(page.locator(BARS)).to_have_count(1)
    assert [e for e in page.errors if not any(known in e for known in OF_OTHERS)] == []


def shot(page, name):
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png")


def test_the_option_that_the_notebook_advises_stops_the_kernel_of_a_page_that_was_closed(served):
    # Seconds in place of its ten minutes. Nothing is asked of the page: one that takes longer to load than that has
    # lost its kernel before it is drawn.
    page, server = served("--MappingKernelManager.cull_idle_timeout=2", "--MappingKernelManager.cull_interval=1")
    page.close()
    end = time.monotonic() + 60
    while "Kernel shutdown" not in server.log() and time.monotonic() < end:
        time.sleep(0.2)
    assert "Kernel shutdown" in server.log()
