"""Two explorers side by side in JupyterLab: one selection, one set of settings, what differs."""

from playwright.sync_api import expect

from browser.looks import check_fits, check_legible
from browser.test_explorer import BARS

START = """
from actspec_widgets.views import SideBySide, SpectrumExplorer
pair = SideBySide(SpectrumExplorer(layer="hidden", max_degree=1), SpectrumExplorer(layer="hidden", logit=3),
                  names=("first", "<script>second</script>"), settings=False)
pair"""


def test_a_row_chosen_in_the_page_is_selected_in_both_and_settings_stay_apart(lab):
    lab.notebook([START])
    page = lab.page
    expect(page.locator(".actspec-beside .actspec-title")).to_have_count(2)
    title = page.locator(".actspec-title").first
    expect(title).to_contain_text("only in first")
    expect(title).to_contain_text("<script>second</script>")
    page.get_by_role("button", name="Table of the differences").click()
    page.locator(".actspec-table tbody tr").nth(1).locator("button").first.click()
    lab.until("pair.a.selection == pair.b.selection == pair.comparison.subsets[1]")
    assert lab.python("print(pair.a.logit, pair.b.logit)") == "0 3"
    expect(page.locator(".actspec-side h4")).to_have_count(2)
    lab.python("pair.selection = None")
    expect(page.locator(".actspec-side h4")).to_have_count(0)
    lab.python("pair.selection = pair.comparison.subsets[0]")
    check_legible(lab, "side by side")
    expect(page.get_by_role("alert")).to_have_count(0)
    lab.python("pair.twin.button.value = False")
    page.locator(".actspec-beside").scroll_into_view_if_needed()
    lab.shot("side by side explorers")
    check_fits(lab, "side by side", 700)


def test_linked_settings_move_the_other_side(lab):
    linked = START.replace("settings=False", "settings=True").replace(", logit=3", "")
    lab.notebook([linked])
    page = lab.page
    expect(page.locator(BARS).first).to_be_attached()
    lab.wait_idle()
    page.get_by_label("Logit", exact=True).last.select_option("2")
    expect(page.locator(".actspec-beside .actspec-title").first).to_contain_text("logit 2")
    lab.until("(pair.a.logit, pair.b.logit) == (2, 2)")
