"""A page that needs longer to load a widget than anywidget waits shows it, and hears Python nevertheless."""

import pytest
from playwright.sync_api import expect

from browser.test_explorer import ROWS

EXPLORER = """from actspec_widgets import synthetic
from actspec_widgets.views import SpectrumExplorer
hidden = synthetic.planted(8, [(0, 1), (2,), (3, 4)], [1.0, 0.5, 0.3], samples=400, seed=0)
explorer = SpectrumExplorer(activations=hidden.patterns, outputs=hidden.target, max_degree=2)
explorer"""
SENTENCE = "from actspec_widgets.views import SentenceExplorer\nexplorer = SentenceExplorer()\nexplorer"
IMPATIENT = """() => {
  window.patient = AbortSignal.timeout;
  AbortSignal.timeout = ms => window.patient.call(AbortSignal, ms === 2000 ? 0 : ms); }"""


@pytest.fixture
def impatient(lab):
    """The page, with a limit of anywidget's that nothing meets."""
    lab.notebook(["pass"])
    lab.page.evaluate(IMPATIENT)
    yield lab
    lab.page.evaluate("() => { AbortSignal.timeout = window.patient; }")


def test_the_explorer_follows_python_and_its_numbers_are_saved(impatient):
    lab, page = impatient, impatient.page
    lab.notebook([EXPLORER])
    rows = page.locator(ROWS)
    expect(rows).to_have_count(3)
    lab.python("explorer.selection = (3, 4)")
    expect(page.locator(f"{ROWS}.chosen")).to_contain_text("{3, 4}")
    lab.python("explorer.max_degree = 1")
    expect(rows).to_have_count(1)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save the numbers of the coefficients").click()
    assert len(waiting.value.path().read_text().splitlines()) == 2


def test_a_sentence_set_in_python_is_read_in_the_page(impatient):
    lab, page = impatient, impatient.page
    lab.notebook([SENTENCE])
    lab.python("explorer.off = [2]")
    expect(page.locator(".actspec-sentence-chips button[aria-pressed=false]")).to_have_count(1)
