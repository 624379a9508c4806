"""Hostile names are text wherever a name can come from: units, outputs, layers, samples, typed words, errors."""

import pytest
from playwright.sync_api import expect

from browser.labs import DROPOUT, LABS, NOISE, RECOVERY, begun
from browser.looks import check_fits
from browser.test_explorer import turn_to
from hostile import HOSTILE

NAMES = list(HOSTILE.values())
EXPLORER = f"""
import numpy as np
from actspec_widgets.views import SpectrumExplorer
names = {NAMES!r}
n = len(names)
rng = np.random.default_rng(0)
signs = rng.choice([-1.0, 1.0], (3000, n))
y = signs @ np.linspace(2, 1, n) + signs[:, 0] * signs[:, 1] + 2 * signs[:, 2] * signs[:, 3] * signs[:, 6]
outputs = y[:, None] + 0.1 * rng.normal(size=(3000, n))
explorer = SpectrumExplorer(activations=signs, outputs=outputs, unit_names=names, output_names=names, max_degree=3,
                            top=40, examples=[names[i % n] for i in range(3000)])
explorer"""
MODEL = """
from collections import OrderedDict
import torch
torch.manual_seed(0)
layers = [name.replace(".", "") for name in names if name][:6]  # torch allows anything but a dot
parts = [(name, torch.nn.Linear(6, 6)) for name in layers]
model = torch.nn.Sequential(OrderedDict([*parts, ("last", torch.nn.Tanh())]))
modelled = SpectrumExplorer(model=model, layer=layers[0], inputs=torch.randn(500, 6), output_names=layers, max_degree=2)
modelled"""
FOREIGN = ".actspec script, .actspec img, .actspec iframe, .actspec h1, .actspec [onerror], .actspec [onload]"


@pytest.fixture
def watched(lab):
    """The lab, with what a harmed page would show: dialogs opened, flags set, elements that a name brought."""
    dialogs = []

    def dialog(opened):
        dialogs.append(opened.message)
        opened.dismiss()

    lab.page.on("dialog", dialog)

    def harm():
        foreign = lab.page.eval_on_selector_all(FOREIGN, "all => all.map(e => e.outerHTML.slice(0, 200))")
        return [*dialogs, lab.page.evaluate("() => window.harmed ?? null"), foreign]

    lab.harm = harm
    yield lab
    lab.page.remove_listener("dialog", dialog)
    del lab.harm


def wander(lab, explorer):
    """Look at every tab, and at every subset in each."""
    titles = lab.python(f"print(*{explorer}.panels.everything, sep='|')").split("|")
    for title in titles:
        turn_to(lab.page, title)
        lab.until(f"{title!r} in {explorer}.panels.made")
        lab.wait_idle()
        lab.python(f"for subset in {explorer}.spectrum.subsets:\n    {explorer}.selection = subset")
        lab.wait_idle()
    turn_to(lab.page, titles[0])


def options(page, label):
    """The choices of a dropdown; ipywidgets makes their spaces unbreakable."""
    return [text.replace("\xa0", " ") for text in page.get_by_label(label).locator("option").all_inner_texts()]


def test_names_of_units_outputs_and_samples_are_text_in_every_tab_of_the_explorer(watched):
    lab, page = watched, watched.page
    lab.notebook([EXPLORER])
    expect(page.locator(".actspec-title")).to_contain_text("<script>window.harmed = 1; alert(1)</script>")
    lab.until("not explorer.busy")
    wander(lab, "explorer")
    page.get_by_role("button", name="Table of the coefficients").click()
    lab.python("explorer.selection = (0, 1)")
    expect(page.locator(".actspec-side h4")).to_contain_text(NAMES[0])
    expect(page.locator(".actspec-picture .row text").filter(has_text="<").first).to_be_attached()
    expect(page.locator(".actspec-table").first).to_contain_text("<")
    offered = options(page, "Logit")
    assert len(offered) == len(NAMES) and any(text.startswith("<svg onload") for text in offered)
    for at in range(len(NAMES)):  # each output's name is the headline once
        lab.python(f"explorer.logit = {at}; explorer.wait()")
    lab.python("explorer.logit = 4; explorer.wait()")
    expect(page.locator(".actspec-title")).to_contain_text("a\"b'c`d\\e")
    lab.wait_idle()
    assert watched.harm() == [None, []]
    check_fits(lab, "hostile")
    expect(page.get_by_label("Logit", exact=True)).to_be_visible()  # no style came in that hides everything


def test_names_of_layers_are_text(watched):
    pytest.importorskip("torch")
    lab, page = watched, watched.page
    lab.notebook([EXPLORER.rpartition("explorer = ")[0], MODEL])
    expect(page.locator(".actspec-title")).to_be_visible()
    lab.until("not modelled.busy")
    for at in range(3):
        lab.python(f"modelled.layer = layers[{at}]; modelled.wait()")
        lab.wait_idle()
    wander(lab, "modelled")
    assert any(text.startswith("<script>") for text in options(page, "Layer"))
    assert watched.harm() == [None, []]
    check_fits(lab, "hostile")


def test_errors_and_typed_words_are_text_in_every_lab(watched):
    lab, page = watched, watched.page
    lab.notebook([start.code for start in LABS])
    begun(lab, *LABS)
    for start in LABS:
        lab.python(f"for name in {[*NAMES, 'It: ' + HOSTILE['image']]!r}:\n    {start.name}.banner.say(name)")
    expect(page.get_by_role("alert")).to_have_count(len(LABS))
    for at in range(len(LABS)):
        expect(page.get_by_role("alert").nth(at)).to_contain_text("<img src=x onerror=")
    units = page.get_by_label("Plant units", exact=True)
    for name in (HOSTILE["script"], HOSTILE["image"], HOSTILE["right to left"], HOSTILE["long"]):
        units.fill(f"3, {name}")
        units.press("Enter")
        page.locator(".actspec-plant button:has-text('Plant')").click()
        expect(page.locator(".actspec").nth(1).get_by_role("alert")).to_contain_text("is no unit")
    for start in (RECOVERY, NOISE, DROPOUT):  # a name that is no setting: the kernel's own error, in no page
        with pytest.raises(AssertionError, match=r"TraitError|TypeError"):
            lab.python(f"{start.kind}(**{{{HOSTILE['script']!r}: 1}})")
    lab.wait_idle()
    assert watched.harm() == [None, []]
    check_fits(lab, "hostile")
