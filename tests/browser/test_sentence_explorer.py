"""The sentence explorer in a real JupyterLab: click, keys, typing, what cannot be read, no kernel, themes, narrow."""

import nbclient
import nbformat
import pytest
from playwright.sync_api import expect

from browser.looks import width
from browser.names import nameless
from hostile import HOSTILE

START = "from actspec_widgets.views import SentenceExplorer\nexplorer = SentenceExplorer()\nexplorer"
ROOT = ".actspec-sentence"
CUT_OFF = """() => { const root = document.querySelector('.actspec-sentence');
  const edge = root.getBoundingClientRect().right + 1;
  return [...root.querySelectorAll('button, input, select, p, output, [role=option], .value')].filter(
    e => e.getClientRects().length && e.getBoundingClientRect().right > edge).map(e => e.outerHTML.slice(0, 120)); }"""


def test_a_click_drops_a_word_and_everything_in_the_page_agrees_with_python(lab):
    lab.notebook([START])
    page = lab.page
    root = page.locator(ROOT)
    expect(root.locator(".actspec-sentence-headline")).to_contain_text("These words act together: {not, bad} +")
    whole = root.locator("output").inner_text()
    root.get_by_role("button", name="not", exact=True).click()
    expect(root.locator("output")).to_contain_text("“this is a bad film”")
    assert root.locator("output").inner_text() != whole
    lab.until("explorer.off == [2]")
    logit = lab.python("print(f'{explorer.logit:+.2f}'.replace('-', '−'))")
    assert f"logit {logit} (" in root.locator("output").inner_text()
    assert root.locator(".actspec-sentence-stage path.off").count() >= 1
    lab.python("explorer.off = []")
    expect(root.locator("output")).to_have_text(whole)


def test_hovering_and_choosing_light_up_what_belongs_together_while_the_kernel_is_busy(lab):
    lab.notebook([START])
    page, root = lab.page, lab.page.locator(ROOT)
    page.evaluate("""() => { window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestExecute(
        {code: 'import time; time.sleep(600)'}); }""")
    bar = root.get_by_role("option").filter(has_text="{not, bad}")
    bar.hover()
    assert root.locator(".actspec-sentence-chips .hot").all_inner_texts() == ["not", "bad"]
    assert root.locator(".actspec-sentence-stage path.hot").count() == 1
    root.get_by_role("button", name="not", exact=True).hover()
    lit = root.locator(".actspec-sentence-bars .hot .name").all_inner_texts()
    assert lit and all("not" in name for name in lit)
    root.get_by_role("button", name="not", exact=True).click()
    expect(root.locator("output")).to_contain_text("“this is a bad film”")
    root.get_by_role("option").filter(has_text="{film}").click()
    expect(root.locator(".actspec-sentence-detail")).to_contain_text("with it and")
    page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.interrupt()")
    lab.wait_idle()
    lab.until("explorer.selected == [5]")


def test_the_keyboard_alone_reaches_everything(lab):
    lab.notebook([START])
    page, root = lab.page, lab.page.locator(ROOT)
    assert not nameless(page)
    root.get_by_role("button", name="this", exact=True).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    lab.until("explorer.off == [1]")
    assert root.get_by_role("button", name="is", exact=True, pressed=False).count() == 1
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press(" ")
    lab.until("explorer.selected == explorer.content['rows'][1]['subset']")
    assert page.locator(".jp-Cell").count() == 1  # no key has reached JupyterLab's own commands


def test_a_sentence_is_typed_and_what_cannot_be_read_is_refused_in_words(lab):
    lab.notebook([START])
    root = lab.page.locator(ROOT)
    root.get_by_label("Sentence", exact=True).select_option("not funny")
    root.get_by_label("Network").select_option("small transformer")
    expect(root.locator(".actspec-sentence-headline")).to_contain_text("small transformer adds words up")
    typed = root.get_by_label("or type one")
    typed.fill("a long but never dull film")
    typed.press("Enter")
    expect(root.get_by_role("group").get_by_role("button")).to_have_text("a long but never dull film".split())
    typed.fill("")
    typed.press("Enter")
    expect(root.get_by_role("alert")).to_contain_text("no word; give a sentence of 1 to 16 words")
    typed.fill("w " * 17)
    typed.press("Enter")
    expect(root.get_by_role("alert")).to_contain_text("This sentence has 17 words")
    assert root.get_by_role("group").get_by_role("button").count() == 6  # what was shown stays
    root.get_by_label("Sentence", exact=True).select_option("slow but beautiful")
    expect(root.get_by_role("group").get_by_role("button")).to_have_text(["slow", "but", "beautiful"])
    expect(root.get_by_role("alert")).to_be_hidden()


@pytest.mark.parametrize("text", [HOSTILE["script"], HOSTILE["image"], HOSTILE["long"], HOSTILE["right to left"]])
def test_hostile_words_are_text_and_fit(lab, text):
    lab.notebook(
        [
            f"from actspec_widgets.views import SentenceExplorer\ntext = {text!r}",
            "w = SentenceExplorer(\
' '.join(text.split()[:9]), lambda texts: [float(len(t) % 7) for t in texts], network=text[:50])\nw",
        ]
    )
    page = lab.page
    page.wait_for_selector(f"{ROOT} button")
    assert page.evaluate("() => window.harmed ?? null") is None
    assert page.locator(f"{ROOT} img, {ROOT} script").count() == 0
    with width(page, 700):
        assert page.evaluate(CUT_OFF) == []


def test_it_is_legible_in_both_themes_and_fits_a_narrow_page(lab):
    lab.notebook([START + "\nexplorer.show('the plot is thin but the actors are great')\nexplorer"])
    page = lab.page
    page.wait_for_selector(f"{ROOT} button")
    for theme in ("Light", "Dark"):
        with lab.theme(theme):
            assert not (faint := lab.faint_texts(ROOT)), faint
            lab.shot(f"sentence {theme}")
    before = page.locator(f"{ROOT} path[data-row]").first.get_attribute("d")
    for pixels in (1280, 700, 500):
        with width(page, pixels):
            page.wait_for_timeout(300)
            assert page.evaluate(CUT_OFF) == [], pixels
            lab.shot(f"sentence {pixels}")
            if pixels == 500:  # the row of words has wrapped, and the arcs have followed
                assert page.locator(f"{ROOT} path[data-row]").first.get_attribute("d") != before


def test_saved_and_opened_without_a_kernel_it_is_a_picture(lab):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(START)])
    nbclient.NotebookClient(notebook, timeout=600, kernel_name="python3", store_widget_state=False).execute()
    bundle = notebook.cells[0].outputs[-1].data
    assert bundle["text/plain"].startswith("These words act together") and "<svg" in bundle["image/svg+xml"]
    nbformat.write(notebook, lab.server.root / "saved-sentence.ipynb")
    lab.open("saved-sentence.ipynb", run=False)
    picture = lab.page.locator(".actspec-static img")
    expect(picture).to_be_visible()
    assert picture.evaluate("i => i.complete && i.naturalWidth") == 760
    assert lab.page.get_by_text("model not found").filter(visible=True).count() == 0
    lab.shot("sentence without kernel")
