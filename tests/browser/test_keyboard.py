"""Keyboard alone reaches every control of every lab, and every control has a name that a screen reader says."""

import re

import pytest
from playwright.sync_api import expect

from browser.labs import EXPLORER, LABS, begun
from browser.looks import check_fits, check_legible
from browser.names import nameless as unnamed_drawings
from browser.test_explorer import BARS

# What can be operated and is in the page; within a group that arrows walk only one member is a stop of Tab.
STOPS = """() => [...document.querySelectorAll(
  '.actspec :is(a[href], button, select, input, textarea, summary, [contenteditable=true], [tabindex])')]
  .filter(e => e.checkVisibility({visibilityProperty: true}) && !e.disabled && e.tabIndex >= 0)"""
START = f"""() => {{ window.visited = new Set(); ({STOPS})()[0].focus(); visited.add(document.activeElement); }}"""
VISIT = """() => { visited.add(document.activeElement); return !!document.activeElement.closest('.actspec'); }"""
MISSED = f"""() => ({STOPS})().filter(e => !visited.has(e)).map(e => e.outerHTML.slice(0, 160))"""
OPERATED = "button|combobox|slider|textbox|checkbox|tab|spinbutton|listbox|radio|link|img|table|switch|searchbox"
NAMELESS = re.compile(rf"^\s*- (?:{OPERATED})(?![\w\"])(?! \")[^\n]*", re.MULTILINE)

JOB = """
import time
import ipywidgets
from actspec_widgets.views.kit.head import page_head
from actspec_widgets.views.kit.job import Job
def work(report):
    while True:
        time.sleep(0.01)
        report(0, 1)
job = Job(print)
box = ipywidgets.VBox([*page_head(), job])
box.add_class("actspec")
display(box)
job.start(work, print)
"""


def walk(page):
    """Press Tab from the first control until the lab is left; returns the controls that were not met."""
    page.evaluate(START)
    for _ in range(3 * len(page.evaluate(f"() => ({STOPS})().map(e => 1)"))):
        page.keyboard.press("Tab")
        if not page.evaluate(VISIT):
            break
    return page.evaluate(MISSED)


def nameless(page):
    """Lines of the accessibility tree that stand for a control without a name."""
    return NAMELESS.findall(page.locator(".actspec").aria_snapshot())


def checked(lab):
    """Names come a moment after what they name."""
    lab.wait_idle()
    for _ in range(30):
        if not (found := nameless(lab.page) + unnamed_drawings(lab.page)):
            break
        lab.page.wait_for_timeout(100)
    assert found == []
    if walk(lab.page):  # what the network says may have been drawn meanwhile, with controls that are new
        lab.wait_idle()
        assert walk(lab.page) == []


def test_the_finder_of_nameless_controls_finds_them(lab):
    mixed = "w.VBox([w.Button(), w.IntSlider(), w.Button(description='named')])"
    lab.notebook([f"import ipywidgets as w\n{mixed}.add_class('actspec')"])
    expect(lab.page.get_by_role("button", name="named")).to_be_visible()
    assert [line.split()[1].rstrip(":") for line in nameless(lab.page)][:2] == ["button", "slider"]


@pytest.mark.parametrize("start", LABS, ids=lambda start: start.name)
def test_tab_reaches_every_control_and_each_has_a_name(lab, start):
    lab.notebook([start.code])
    begun(lab, start)
    checked(lab)
    tables = lab.page.get_by_role("button", name=re.compile("^Table of"))
    for at in range(tables.count()):
        tables.nth(at).press("Enter")
    checked(lab)


PICTURES = {"By size": "degree", "Influence": "influence", "Redundancy": "redundancy", "Matrix": "matrix",
            "Hypergraph": "hypergraph"}  # fmt: skip


def test_every_tab_of_the_explorer_is_opened_by_keys_legible_and_shares_the_selection(lab):
    lab.notebook([EXPLORER.code])
    begun(lab, EXPLORER)
    lab.python("explorer.selection = next(s for s in explorer.spectrum.subsets if len(s) == 2)")
    page, tabs = lab.page, lab.page.locator(".actspec").get_by_role("tab")
    titles = lab.python("print(*explorer.panels.everything, sep='|')").split("|")
    tabs.first.focus()
    for title in titles[1:]:
        under_more = title not in ("Evidence", "Examples")
        if not under_more or title == "By size":  # the first of those under "More"
            page.keyboard.press("ArrowRight")
            page.keyboard.press("Enter")
        else:
            page.get_by_label("Picture", exact=True).press("ArrowDown")
        lab.until(f"explorer.panels.shown == {title!r} and {title!r} in explorer.panels.made")
        tab = page.get_by_role("tab", name="More" if under_more else title)
        expect(tab).to_have_attribute("aria-selected", "true")
        if title in PICTURES:
            expect(page.locator(f".actspec-tabs .actspec-{PICTURES[title]}.actspec-figure")).to_be_visible()
        lab.wait_idle()
        if title != "Layers":
            assert lab.python("print(explorer.panels.front.selection == explorer.selection)") == "True"
        checked(lab)
        if title == "Influence":
            label = "Save the picture of the map of influences as a PNG file"  # told from that of the bars
            expect(page.get_by_role("button", name=label, exact=True)).to_have_count(1)
        if title in (*PICTURES, "Targets"):
            check_legible(lab, f"tab {title}")
            check_fits(lab, f"tab {title}", 700)
        if not under_more:
            tab.focus()
    lab.python("explorer.panels.shown = 'Subsets'")
    expect(page.locator(BARS)).to_have_count(20)
    expect(page.get_by_role("tab", name="Subsets")).to_have_attribute("aria-selected", "true")


def test_arrows_operate_what_has_the_focus_and_not_the_notebook(lab):
    lab.notebook([EXPLORER.code, "'another cell'"])
    begun(lab, EXPLORER)
    lab.command("notebook:enter-command-mode")
    page = lab.page
    bars = page.locator(".actspec-picture .row")
    bars.first.press("ArrowDown")
    expect(bars.nth(1)).to_be_focused()
    lab.python("f = explorer.bars.figure; f.content = {**f.content, 'axis': 'drawn anew'}")
    lab.wait_idle()
    expect(bars.nth(1)).to_be_focused()
    bars.nth(1).press("Enter")
    lab.until("explorer.selection == explorer.spectrum.subsets[explorer.bars.drawn.order[1]]")
    expect(bars.nth(1)).to_be_focused()
    cells = page.locator(".actspec-picture .map svg")
    cells.focus()
    before = page.locator(".actspec-picture .side output").first.text_content()
    cells.press("ArrowDown")
    expect(page.locator(".actspec-picture .side output").first).not_to_have_text(before)
    slider = page.get_by_role("slider", name="Number")
    slider.press("ArrowDown")
    lab.until("explorer.top == 19")
    expect(slider).to_be_focused()


def test_shift_and_enter_run_the_cell_also_after_a_bar_or_a_slider_was_clicked(lab):
    shown = "from actspec_widgets.views import SpectrumExplorer\nSpectrumExplorer()"
    lab.notebook([f"made = globals().get('made', 0) + 1\n{shown}", "after = made"])
    for count, place in enumerate((".actspec-picture .row >> nth=1", ".actspec [role=slider] >> nth=0"), 2):
        lab.page.locator(place).click(force=True)
        lab.page.keyboard.press("Shift+Enter")
        lab.until(f"made == {count}")
        lab.wait_idle()


def test_after_cancel_the_keyboard_is_at_run_again(lab):
    lab.notebook([JOB])
    page = lab.page
    page.get_by_role("button", name="Cancel").press("Enter")
    expect(page.get_by_role("button", name="Run again")).to_be_focused()
