"""Lessons 0 to 4 as a learner meets them: run, an exercise wrong and right, the widget moved."""

import re

from playwright.sync_api import expect

from browser.lessons import OpenLesson


def size_slider(explorer):
    return explorer.locator(".actspec-field", has_text="Largest size").locator(".noUi-handle")


def test_words_that_act_together(lab):
    lesson = OpenLesson(lab, "00-words-that-act-together")
    said = lesson.try_out("my_pair_coefficient", "both - first - second + neither")
    assert "case 0: shape right; yours -4.000, definition gives -1.000" in said
    assert "✓" in lesson.solve("my_pair_coefficient")
    lamp, sentence = lesson.page.locator(".actspec-sentence").all()
    expect(lamp.locator(".actspec-sentence-headline")).to_contain_text("{upstairs, downstairs} +1.00; joint share 1.00")
    lamp.get_by_role("button", name="upstairs", exact=True).click()
    expect(lamp.locator("output")).to_contain_text("lamp −1.00 (dark): “downstairs”")
    sentence.get_by_label("Sentence", exact=True).select_option("not funny")
    expect(sentence.locator(".actspec-sentence-headline")).to_contain_text("{not, funny} +0.93")


def test_layers_that_act_together(lab):
    lesson = OpenLesson(lab, "01-layers-that-act-together")
    assert "case 0: shape right; coordinate 3: yours 2.000, definition gives 0.000" in lesson.try_out("my_xor", "a + b")
    assert "✓" in lesson.solve("my_xor")
    explorer = lesson.page.locator(".actspec").first
    title = explorer.locator(".actspec-title")
    expect(title).to_contain_text("4 subsets of 8 units explain 100")
    expect(explorer.locator(".actspec-picture .row").first).to_have_attribute("aria-label", re.compile("{E, G}: -0.5"))
    explorer.get_by_label("Layer", exact=True).select_option("relu")
    expect(title).to_contain_text("of 9 units")


def test_when_pairs_deceive(lab):
    lesson = OpenLesson(lab, "02-when-pairs-deceive")
    assert "case 1: shape right; coordinate" in lesson.try_out("my_parity", "X[:, list(subset)].sum(axis=1)")
    assert "✓" in lesson.solve("my_parity")
    explorer = lesson.page.locator(".actspec").first
    title = explorer.locator(".actspec-title")
    expect(title).to_contain_text("20 subsets of 784 pixels")
    with_pairs = title.inner_text()
    size_slider(explorer).press("Home")
    expect(title).not_to_have_text(with_pairs)
    lab.wait_idle()
    assert lab.python("print(max(map(len, explorer.spectrum.subsets)))") == "1"


def test_signs_parities_spectra(lab):
    lesson = OpenLesson(lab, "03-signs-parities-spectra")
    said = lesson.try_out("my_signs", "np.where(A >= threshold, 1, -1)")
    assert "case 0: shape right; coordinate (0, 0): yours 1.000, definition gives -1.000" in said
    assert "✓" in lesson.solve("my_signs")
    voting, digits = lesson.page.locator(".actspec").all()[:2]
    expect(voting.locator(".actspec-title")).to_contain_text("3 subsets of 6 units explain 74.8%")
    size_slider(voting).press("End")
    expect(voting.locator(".actspec-title")).to_contain_text("100")
    expect(digits.locator(".actspec-title")).to_contain_text("subsets of 784 pixels")


def test_find_what_was_hidden(lab):
    lesson = OpenLesson(lab, "04-find-what-was-hidden")
    assert "case 1: shape right; yours 1.000" in lesson.try_out(
        "my_f1_score", "len(set(found) & set(truth)) / len(found)"
    )
    assert "✓" in lesson.solve("my_f1_score")
    page = lesson.page
    expect(page.locator(".actspec-title")).to_contain_text("Found 3 of 3 planted subsets")
    for unit in ("7", "11"):
        page.get_by_role("button", name=unit, exact=True).click()
    lab.wait_idle()
    page.get_by_label("Coefficient", exact=True).fill("0.9")
    page.get_by_role("button", name=re.compile("Plant$")).click()
    expect(page.locator(".actspec-title")).to_contain_text("Found 4 of 4")
