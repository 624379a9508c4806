"""The recovery lab in JupyterLab: plant, run, compare; from the page and from Python."""

import re

from playwright.sync_api import expect

START = "from actspec_widgets.views import RecoveryLab\nrecovery = RecoveryLab()\nrecovery"


def show(lab):
    lab.notebook([START])
    expect(lab.page.locator(".actspec-title")).to_contain_text("Found 3 of 3 planted subsets")
    lab.wait_idle()
    return lab.page


def test_what_is_planted_by_clicks_is_found(lab):
    page = show(lab)
    for unit in ("7", "11"):
        page.get_by_role("button", name=unit, exact=True).click()
    lab.wait_idle()
    page.get_by_label("Coefficient").fill("0.9")
    page.get_by_role("button", name=re.compile("Plant$")).click()
    expect(page.locator(".actspec-title")).to_contain_text("Found 4 of 4")
    lab.wait_idle()
    assert lab.python("print((7, 11) in recovery.spectrum.subsets, dict(recovery.planted)[(7, 11)])") == "True 0.9"
    lab.shot("recovery")
    page.get_by_role("button", name="{7, 11} +0.9").click()
    expect(page.locator(".actspec-title")).to_contain_text("Found 3 of 3")


def test_python_moves_the_page_and_the_page_moves_python(lab):
    page = show(lab)
    lab.python("recovery.noise = 4.0; recovery.samples = 200")
    expect(page.locator(".actspec-title")).to_contain_text("missed")
    expect(page.locator(".actspec-table")).to_contain_text("miss")
    page.get_by_label("Start from").select_option("majority of 5 units")
    lab.python("recovery.noise = 0.2; recovery.samples = 5000; recovery.max_degree = 3")
    expect(page.locator(".actspec-title")).to_contain_text("Found 15 of 16")
    expect(page.locator(".actspec-main")).to_contain_text("of more than 3 units cannot be reported")


def test_a_unit_that_is_none_gets_a_sentence_and_nothing_is_lost(lab):
    page = show(lab)
    page.get_by_label("Units", exact=True).first.fill("3, <b>")
    page.get_by_label("Units", exact=True).first.press("Enter")
    page.get_by_role("button", name=re.compile("Plant$")).click()
    expect(page.locator("[role=alert]")).to_contain_text("'<b>' is no unit; give numbers from 0 to 19")
    expect(page.locator(".actspec-title")).to_contain_text("Found 3 of 3")


def test_both_themes_and_a_narrow_page(lab):
    page = show(lab)
    for theme in ("Dark", "Light"):
        with lab.theme(theme):
            assert not lab.faint_texts(".actspec")
            lab.shot(f"recovery-{theme}")
    page.set_viewport_size({"width": 700, "height": 1000})
    try:
        lab.shot("recovery-narrow")
    finally:
        page.set_viewport_size({"width": 1280, "height": 1000})
