"""The explorer in JupyterLab: what a person does there reaches Python, and what Python does is seen there."""

import ast
import re
from xml.etree import ElementTree

from playwright.sync_api import expect

from browser.looks import check_fits, check_legible, check_looks, width

BUILT_IN = "from actspec_widgets.views import SpectrumExplorer\nexplorer = SpectrumExplorer(layer='pixels')\nexplorer"
SINGLES = BUILT_IN.replace("'pixels'", "'pixels', max_degree=1")  # a tenth of the work, where pairs say no more
ROWS = ".actspec-picture .row"
BARS = ROWS + " .bar"
SMALL = """
import numpy as np
from actspec_widgets.views import SpectrumExplorer
signs = np.random.default_rng(0).choice([-1.0, 1.0], (400, 6))
y = signs[:, 0] * signs[:, 1] + 0.5 * signs[:, 2]
"""


def show(lab, *cells):
    lab.notebook(list(cells))
    expect(lab.page.locator(BARS).first).to_be_attached()
    lab.wait_idle()
    return lab.page


def turn_to(page, title):
    """A view of the explorer: a tab, or a picture of the menu under "More"."""
    tab = page.get_by_role("tab", name=title, exact=True)
    if tab.count():
        tab.click()
        return
    page.get_by_role("tab", name="More", exact=True).click()
    page.get_by_label("Picture", exact=True).select_option(title)


def widths(page):
    return page.eval_on_selector_all(BARS, "bars => bars.map(b => Math.round(b.getBoundingClientRect().width))")


def test_built_in_example_appears_with_what_holds_first_and_then_the_largest(lab):
    page = show(lab, BUILT_IN)
    expect(page.locator(".actspec-title")).to_contain_text("of 784 pixels explain")
    faint = page.eval_on_selector_all(ROWS, "rows => rows.map(r => r.classList.contains('faint'))")
    assert len(faint) == 20 and faint == sorted(faint)  # what holds comes first
    for one in set(faint):
        alike = [width for width, mine in zip(widths(page), faint, strict=True) if mine == one]
        assert alike == sorted(alike, reverse=True)
    expect(page.locator(".actspec-picture mask image")).to_have_count(1)
    expect(page.locator(".row.chosen")).to_have_attribute("data-k", "0")  # the first one is selected
    lab.shot("explorer")


def test_slider_moved_in_the_browser_changes_the_picture(lab):
    page = show(lab, SINGLES)
    page.locator(".noUi-handle").nth(1).press("Home")
    expect(page.locator(".actspec-title")).to_contain_text("1 subset of 784 pixels explains")
    expect(page.locator(BARS)).to_have_count(1)
    assert lab.python("print(explorer.top, len(explorer.spectrum))") == "1 1"


def test_other_logit_and_target_chosen_in_the_browser_are_computed_and_shown(lab):
    page = show(lab, SINGLES)
    page.get_by_label("Logit", exact=True).select_option("3")
    expect(page.locator(".actspec-title")).to_contain_text("logit 3")
    lab.wait_idle()
    assert lab.python("print(explorer.logit, explorer.spectrum.settings['max_degree'])") == "3 1"
    page.get_by_label("Target", exact=True).select_option("log-probability")
    expect(page.locator(".actspec-title")).to_contain_text("the log-probability of 3")
    lab.wait_idle()
    tops = page.eval_on_selector_all(".actspec-one-line > *", "all => all.map(e => e.getBoundingClientRect().top)")
    assert len(tops) == 8 and len(set(tops)) == 1  # one line of controls


def test_click_on_a_bar_or_beside_it_selects_its_subset(lab):
    page = show(lab, SINGLES)
    lab.until("explorer.effects.found is not None")  # what the network says puts rows into another order
    lab.wait_idle()
    page.wait_for_timeout(800)
    for mark, at in [(BARS, 4), (ROWS, 11)]:
        page.locator(mark).nth(at).click(position={"x": 3, "y": 6}, force=True)
        expect(page.locator(ROWS).nth(at)).to_have_attribute("aria-selected", "true")
        lab.until(f"explorer.selection == explorer.spectrum.subsets[explorer.bars.drawn.order[{at}]]")
        expect(page.locator(".actspec-side h4")).to_be_visible()
    shape = page.locator(".actspec-picture .shape.chosen .cell")
    assert shape.count() == int(lab.python("print(len(explorer.selection))"))


def test_selection_set_in_python_moves_the_page_and_escape_takes_it_away(lab):
    page = show(lab, SINGLES)
    lab.python("explorer.selection = explorer.spectrum.subsets[7]")
    name = lab.python("print(explorer.spectrum.label(explorer.selection))")
    expect(page.locator(".actspec-side h4")).to_have_text(name)
    chosen = page.locator(".row.chosen")
    expect(chosen).to_have_attribute("aria-label", re.compile(re.escape(name)))
    chosen.press("Escape")
    expect(page.locator(".actspec-side h4")).to_have_count(0)
    assert lab.python("print(explorer.selection)") == "None"


def test_work_shows_progress_and_cancel_keeps_the_picture(lab):
    page = show(lab, SINGLES)
    lab.until("explorer.effects.found is not None")  # or its circles would come between
    lab.wait_idle()
    page.wait_for_timeout(800)  # bars move to their new places
    lab.python("explorer.search = 'exhaustive'; explorer.max_degree = 4")  # some 6e9 subsets
    expect(page.locator(".actspec-job").first).to_contain_text(re.compile(r"Searching: \d+%|Searching …"))
    before = widths(page)
    own = page.locator(".actspec-job").first  # the network may be asked in the background at the same time
    own.get_by_role("button", name="Cancel").click()
    expect(page.locator(".actspec-job [role=status]").first).to_contain_text(
        "Stopped. The picture is the one from before."
    )
    assert widths(page) == before
    assert lab.python("print(explorer.job.state)") == "stopped"
    expect(own.get_by_role("button", name="Run again")).to_be_visible()
    expect(own.get_by_role("button", name="Cancel")).to_be_hidden()


def test_failure_is_a_sentence_above_the_last_good_picture(lab):
    page = show(lab, SMALL + "explorer = SpectrumExplorer(activations=signs, outputs=y)\nexplorer")
    lab.python("explorer.search = 'dowsing'")
    expect(page.get_by_role("alert")).to_contain_text("dowsing")
    expect(page.locator(BARS)).to_have_count(2)
    lab.python("explorer.search = 'auto'")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_text_is_readable_in_both_themes_and_nothing_is_cut_off(lab):
    page = show(lab, BUILT_IN)
    page.get_by_role("button", name="Table of the coefficients").click()
    lab.python("explorer.selection = explorer.spectrum.subsets[0]")
    lab.python("explorer.banner.say('A sentence that says what went wrong.')")
    expect(page.locator(".actspec-table").first.locator("tr")).to_have_count(21)
    check_looks(lab, "explorer")


def test_finished_spectrum_is_filtered_in_the_browser(lab):
    page = show(
        lab,
        SMALL + "spectrum = SpectrumExplorer(activations=signs, outputs=y).wait().spectrum",
        "explorer = SpectrumExplorer(spectrum)\nexplorer",
    )
    expect(page.locator(BARS)).to_have_count(2)
    expect(page.get_by_label("Logit", exact=True)).to_have_count(0)
    page.locator(".noUi-handle").first.press("Home")
    expect(page.locator(".actspec-bars")).to_contain_text("Not drawn: 1 subset of more than 1 unit")
    expect(page.locator(BARS)).to_have_count(1)


def test_bars_are_sorted_and_filtered_copied_as_code_and_shown_on_the_whole_screen(lab):
    page = show(lab, SMALL + "explorer = SpectrumExplorer(activations=signs, outputs=y)\nexplorer")
    sizes = "rows => rows.map(r => JSON.parse(r.dataset.k))"
    assert page.eval_on_selector_all(ROWS, sizes) == [0, 1]
    page.get_by_label("Sort the bars").select_option("Fewest units first")
    assert page.eval_on_selector_all(ROWS, sizes) == [1, 0]
    pairs = page.get_by_role("button", name="Show subsets of 2 units")
    pairs.click()
    expect(page.locator(ROWS)).to_have_count(1)
    expect(page.locator(".actspec-picture .told")).to_have_text("1 of 2 bars shown")
    pairs.click()
    expect(page.locator(ROWS)).to_have_count(2)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy code").click()
    expect(page.locator(".actspec-picture .told")).to_have_text("The code is copied; paste it into a cell.")
    assert page.evaluate("navigator.clipboard.readText()").strip() == lab.python("print(explorer.code())")
    whole = page.get_by_role("button", name="Full screen")
    for shown in (True, False):
        whole.click()
        page.wait_for_function(f"!!document.fullscreenElement?.matches('.actspec-picture') === {str(shown).lower()}")
    page.get_by_label("Find a unit").fill("2")
    expect(page.locator(ROWS)).to_have_count(1)


def test_nothing_found_is_said_without_a_figure(lab):
    noise = "noise = np.random.default_rng(1).normal(size=400)\n"
    lab.notebook([SMALL + noise + "explorer = SpectrumExplorer(activations=signs, outputs=noise)\nexplorer"])
    expect(lab.page.locator(".actspec-title")).to_contain_text("No subset of 6 units")
    expect(lab.page.locator(".actspec-picture")).to_have_count(0)
    lab.python("explorer.spectrum = SpectrumExplorer(activations=signs, outputs=y).wait().spectrum")
    expect(lab.page.locator(BARS)).to_have_count(2)


def test_two_explorers_and_two_views_of_one_do_not_disturb_each_other(lab):
    page = show(lab, SINGLES, "explorer", "other = SpectrumExplorer(layer='hidden', top=5)\nother")
    expect(page.locator(".actspec-title")).to_have_count(3)
    lab.python("other.wait(); explorer.wait(); explorer.selection = explorer.spectrum.subsets[1]")
    expect(page.locator(".actspec-side h4")).to_have_count(3)
    assert lab.python("print(other.selection == other.spectrum.subsets[0], len(other.spectrum))") == "True 5"


def test_families_are_looked_for_when_asked_can_be_stopped_and_are_shown(lab):
    page = show(lab, BUILT_IN)
    turn_to(page, "Evidence")
    ask = page.get_by_role("button", name="Does this return?")
    ask.click()
    row = page.locator(".actspec-returning .actspec-job .actspec-job")
    expect(row).to_contain_text("Looking at half-samples")
    row.get_by_role("button", name="Cancel").click()
    expect(row.get_by_role("status")).to_contain_text("Stopped.")
    assert lab.python("print(explorer.returning.families)") == "None"
    lab.python("explorer.max_degree = 1; explorer.top = 8; explorer.wait()")
    ask.click()
    expect(page.get_by_text("On two halves that share no sample")).to_be_visible()
    turn_to(page, "Subsets")
    page.get_by_role("button", name="Table of the coefficients").click()
    expect(page.locator(".actspec-table thead").first).to_contain_text("returned in 20 half-samples")
    expect(page.locator(".actspec-picture .bars")).to_contain_text("returns")
    expect(page.locator(ROWS)).to_have_count(8)
    check_legible(lab, "families")
    with width(page, 1000):  # a width in between, which the figures have not yet followed
        page.wait_for_timeout(300)
    check_fits(lab, "families", 700)


def test_bars_pixels_and_groups_light_up_while_the_kernel_is_busy_and_a_pixel_asks_the_network(lab, tmp_path):
    page = show(lab, BUILT_IN)
    lab.until("explorer.effects.found is not None")  # what the network says puts rows into another order
    lab.wait_idle()
    pair = int(lab.python("print([len(explorer.spectrum.subsets[at]) for at in explorer.bars.drawn.order].index(2))"))
    units = ast.literal_eval(lab.python(f"print(explorer.bars.figure.content['rows'][{pair}]['subset'])"))
    over = tmp_path / "over"
    busy = f"import time, os\nwhile not os.path.exists({str(over)!r}): time.sleep(0.05)"
    page.evaluate(
        """code => { const { session } = window.jupyterapp.shell.currentWidget.sessionContext;
      session.kernel.requestExecute({code}); }""",
        busy,
    )
    page.locator(ROWS).nth(pair).hover(force=True)
    expect(page.locator(".actspec-picture .glow")).to_have_count(2)
    expect(page.locator(".row.lit")).to_have_count(1)
    groups = page.locator(".actspec-picture .groups > svg")
    for name in ("both on", f"only {units[1]} on", f"only {units[0]} on", "neither on", "if they added up"):
        expect(groups).to_contain_text(name)
    expect(groups.locator("image").first).to_be_attached()
    cells = page.locator(".actspec-picture .map svg")
    side = cells.bounding_box()["width"] / 28
    cells.hover(position={"x": (units[0] % 28 + 0.5) * side, "y": (units[0] // 28 + 0.5) * side}, force=True)
    expect(page.locator(f".row.lit[data-k='{pair}']")).to_have_count(1)
    assert "Busy" in page.locator("#jp-main-statusbar").inner_text()  # all of that without the kernel
    over.touch()
    cells.click(position={"x": (units[0] % 28 + 0.5) * side, "y": (units[0] // 28 + 0.5) * side}, force=True)
    expect(page.locator(".answer")).to_contain_text(re.compile(rf"Switched on in the network, pixel {units[0]} moves"))
    move = ast.literal_eval(lab.python("print(explorer.bars.figure.answer)"))
    assert move["unit"] == units[0] and move["said"] in page.locator(".answer").inner_text()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save the picture of the coefficients as a SVG file").click()
    saved = ElementTree.fromstring(waiting.value.path().read_text(encoding="utf-8"))
    assert len([e for e in saved.iter() if e.get("href", "").startswith("data:image/png")]) > 2 and saved.get("width")
    page.get_by_label("Find a pixel").fill(str(units[1]))
    expect(page.locator(ROWS).first).to_have_attribute("aria-label", re.compile(rf"\b{units[1]}\b"))
    assert page.locator(ROWS).count() < 20
