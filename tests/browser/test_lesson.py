"""The first lesson as a reader meets it: opened, run from top to bottom, its picture there."""

from playwright.sync_api import expect


def test_first_lesson_runs_and_shows_its_explorer(lab):
    lab.open("01-signs-parities-spectra.ipynb", timeout=300)
    expect(lab.page.locator(".actspec-title")).to_contain_text("subsets of 784 pixels", timeout=60_000)
    assert "not attempted yet" in lab.page.locator(".jp-Notebook").inner_text()
