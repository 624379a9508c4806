"""What people do to notebooks: close and open them, reload the page, restart the kernel, click like mad."""

import os

import pytest
from playwright.sync_api import expect

from browser.labs import DROPOUT, HIDDEN, NOISE, RECOVERY, SINGLES, at_rest, begun
from browser.test_explorer import turn_to

CLOSE = "() => { const panel = window.jupyterapp.shell.currentWidget; panel.close(); }"
RESTART = "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
CLICK_IF_THERE = """names => { for (const name of names) {
  const shown = [...document.querySelectorAll('.actspec button')].filter(button => button.offsetParent);
  shown.find(button => button.textContent.includes(name))?.click(); } }"""
NUMBER = ".actspec-field:has-text('Most subsets to report') .noUi-handle"


def current(page):
    return page.evaluate("() => window.jupyterapp.shell.currentWidget.context.path")


def close(page):
    """Close the notebook in front, and say yes where JupyterLab asks whether to save it first."""
    page.evaluate(CLOSE)
    gone = "() => !document.querySelector('.jp-NotebookPanel')"
    page.wait_for_function(f"() => ({gone})() || document.querySelector('.jp-Dialog')")
    if not page.evaluate(gone):
        page.locator(".jp-Dialog button:has-text('Save')").last.click()
    page.wait_for_function(gone)


def test_a_closed_and_reopened_notebook_shows_its_labs_and_they_work(lab):
    lab.notebook([SINGLES.code, RECOVERY.code])
    page = lab.page
    begun(lab, SINGLES, RECOVERY)
    name = current(page)
    at_rest(lab, SINGLES, RECOVERY)
    close(page)
    lab.command("filebrowser:open-path", path=name)
    expect(page.locator(".actspec-title")).to_have_count(2)
    lab.wait_idle()
    page.locator(NUMBER).first.press("Home")
    expect(page.locator(".actspec-title").first).to_contain_text("1 subset of 784 pixels explains")
    at_rest(lab, SINGLES, RECOVERY)
    assert lab.python("print(explorer.top)") == "1"
    lab.python("old = explorer; " + SINGLES.long)
    lab.command("notebook:run-all-cells")  # the same cells again: new labs in place of the old ones, whose work stops
    lab.until("not old.busy")
    begun(lab, SINGLES, RECOVERY)
    expect(page.locator(".actspec-title")).to_have_count(2)
    at_rest(lab, SINGLES, RECOVERY)
    assert lab.python("print(explorer.top, len(explorer.spectrum))") == "20 20"


def test_a_reloaded_page_finds_its_labs_as_they_were_and_a_job_still_running(lab):
    lab.notebook([SINGLES.code])
    page = lab.page
    begun(lab, SINGLES)
    lab.command("docmanager:save")
    lab.python("explorer.selection = explorer.spectrum.subsets[3]")
    lab.python(SINGLES.long)
    expect(page.get_by_role("button", name="Cancel").first).to_be_enabled()
    lab.reload()
    expect(page.locator(".actspec-title")).to_contain_text("20 subsets of 784 pixels")
    expect(page.locator(".actspec-side h4")).to_be_visible()
    page.get_by_role("button", name="Cancel").first.click()
    expect(page.locator(".actspec-job [role=status]").first).to_contain_text("Stopped.")
    lab.python("explorer.search, explorer.max_degree = 'auto', 1")
    expect(page.locator(".actspec-title")).to_contain_text("20 subsets")
    at_rest(lab, SINGLES)


CONTENTS = """() => [...document.querySelectorAll('.actspec, .actspec *')]
  .filter(e => e.matches('.jupyter-widgets-disconnected')).map(e => getComputedStyle(e, '::before').content)
  .filter(text => text !== 'none')"""


def test_a_kernel_restarted_in_the_middle_of_a_job_leaves_nothing_behind_and_the_lab_says_so_once(lab):
    lab.notebook([SINGLES.code])
    page = lab.page
    begun(lab, SINGLES)
    lab.python(SINGLES.long)
    expect(page.get_by_role("button", name="Cancel").first).to_be_enabled()
    before = int(lab.python("import os; print(os.getpid())"))
    page.evaluate(RESTART)
    lab.wait_idle()
    with pytest.raises(ProcessLookupError):
        os.kill(before, 0)  # signal 0 only asks whether the process is there
    expect(page.locator(".actspec.jupyter-widgets-disconnected")).to_have_count(1)
    (said,) = page.evaluate(CONTENTS)
    assert "Run the cell again" in said
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    lab.shot("kernel gone")
    lab.command("notebook:run-all-cells")
    begun(lab, SINGLES)
    expect(page.locator(".actspec-title")).to_have_count(1)
    assert page.evaluate(CONTENTS) == []
    at_rest(lab, SINGLES)
    assert lab.python("import os; print(os.getpid())") != str(before)


@pytest.mark.parametrize("start", (HIDDEN, RECOVERY, NOISE, DROPOUT), ids=lambda start: start.name)
def test_a_storm_of_clicks_ends_with_what_was_asked_for_last(lab, start):
    lab.notebook([start.code])
    page = lab.page
    begun(lab, start)
    sliders = page.locator(".actspec-field .noUi-handle")
    for turn in range(3):
        for at in range(sliders.count()):
            for key in ("ArrowRight", "ArrowRight", "ArrowLeft"):
                sliders.nth(at).press(key)
            if turn < 2:
                page.evaluate(CLICK_IF_THERE, ["Cancel", "Run again"])
    at_rest(lab, start)
    assert lab.python(f"print({start.name}.job.state, repr({start.name}.banner.text))") == "done ''"


def test_a_storm_over_the_tabs_leaves_the_last_one_in_front(lab):
    lab.notebook([HIDDEN.code])
    begun(lab, HIDDEN)
    at_rest(lab, HIDDEN)
    for _ in range(3):
        for title in ("By size", "Influence", "Redundancy", "Matrix", "Hypergraph"):
            turn_to(lab.page, title)
    at_rest(lab, HIDDEN)
    expect(lab.page.locator(".actspec-tabs .actspec-figure:visible")).to_have_count(1)
    expect(lab.page.locator(".actspec-tabs .actspec-hypergraph:visible")).to_have_count(1)


def test_two_labs_and_the_same_lab_twice_keep_to_themselves(lab):
    second = "other = SpectrumExplorer(layer='hidden', top=5)\nother"
    plain = "import ipywidgets as w\nw.VBox([w.IntSlider(description='plain'), w.Button(), w.HTML('<p>x</p>')])"
    lab.notebook([f"{plain}.add_class('plain')"])
    looks = """() => [...document.querySelectorAll('.plain, .plain *')].map(e => {
        const {font, color, margin, padding, width, height, overflow} = getComputedStyle(e);
        return [e.tagName, font, color, margin, padding, width, height, overflow].join(' '); })"""
    before = lab.page.evaluate(looks)
    lab.notebook([SINGLES.code, f"{plain}.add_class('plain')", second, RECOVERY.code, NOISE.code])
    page = lab.page
    begun(lab, SINGLES)
    lab.until("not other.busy")
    at_rest(lab, RECOVERY, NOISE)
    assert page.evaluate(looks) == before  # the style sheet stays in the labs
    lab.python("explorer.selection = explorer.spectrum.subsets[0]")
    chosen = "print(explorer.selection == explorer.spectrum.subsets[0], other.selection == other._first)"
    assert lab.python(chosen) == "True True"  # each its own
    assert lab.python("print(recovery.selection, len(other.spectrum))") == "None 5"
    page.locator(".actspec").nth(1).get_by_label("Logit", exact=True).select_option("4")
    expect(page.locator(".actspec-title").nth(1)).to_contain_text("logit 4")
    expect(page.locator(".actspec-title").nth(0)).to_contain_text("logit 0")
    styled = "() => getComputedStyle(document.querySelector('.actspec-title')).fontSize"
    size = page.evaluate(styled)
    lab.python("other.close()")
    expect(page.locator(".actspec-title")).to_have_count(3)
    assert page.evaluate(styled) == size
    at_rest(lab, SINGLES, RECOVERY, NOISE)
