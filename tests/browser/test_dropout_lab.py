"""The dropout lab in JupyterLab."""

import re
from functools import partial

import pytest
from playwright.sync_api import expect

from browser.looks import check_looks, stops

START = "from actspec_widgets.views import DropoutLab\ndropout = DropoutLab(max_degree=2, layer='relu1')\ndropout"


def show(lab):
    lab.notebook([START])
    expect(lab.page.locator(".actspec-title")).to_contain_text("first hidden layer")
    lab.wait_idle()
    return lab.page


def test_layer_digit_measure_shape_and_network_are_chosen_and_seen(lab):
    page = show(lab)
    page.get_by_label("Shown against the rate", exact=True).select_option("Redundancy between subsets")
    expect(page.locator(".actspec-title")).to_contain_text("Redundancy between subsets")
    page.get_by_label("Rate", exact=True).select_option("0.5")
    lab.wait_idle()
    page.get_by_label("Seed", exact=True).select_option("2")
    page.get_by_label("Shown network by network", exact=True).select_option("Variance explained by the first subsets")
    expect(page.locator(".actspec-part h4").nth(1)).to_have_text("Variance explained by the first subsets")
    lab.wait_idle()
    assert lab.python("print(dropout.rate, dropout.member, dropout.measure)") == "0.5 2 redundancy between subsets"
    page.locator(".actspec-rate path.element").nth(1).click()  # the first is the ring around the chosen one
    lab.until("(dropout.rate, dropout.member) == (0.0, 0)")
    page.get_by_label("Layer", exact=True).select_option("second hidden layer")
    expect(page.locator(".actspec-title")).to_contain_text("second hidden layer")
    lab.python("dropout.digit = 7; dropout.measure = 'effective degree'")
    expect(page.locator(".actspec-side")).to_contain_text("of logit 7")
    expect(page.locator(".actspec-main")).to_contain_text("noise operator from rate 0")


def test_it_looks_right(lab):
    page = show(lab)
    lab.python("dropout.measure = 'effective degree'; dropout.selection = dropout.spectrum.subsets[0]")
    check_looks(lab, "dropout")
    page.locator(".actspec-multiples").scroll_into_view_if_needed()
    for theme in ("Dark", "Light"):
        with lab.theme(theme):
            page.locator(".actspec-multiples").scroll_into_view_if_needed()
            lab.shot(f"dropout below {theme}")


def test_cancel_stops_looking_at_the_networks_at_once(lab):
    page = show(lab)

    def start():
        lab.python("dropout.max_degree = 3; dropout.layer = 'input'; dropout.run()")
        page.wait_for_timeout(1500)

    stops(page, start, "DropoutLab, 80 million triples of pixels")


def test_cancel_stops_training_at_once_and_nothing_half_trained_stays(lab):
    pytest.importorskip("torch", reason="training needs torch")
    page = show(lab)
    page.get_by_label("Passes", exact=True).fill("200")
    page.get_by_label("Passes", exact=True).press("Tab")

    def start(after_ms):
        page.get_by_role("button", name=re.compile("Train one more")).click()
        page.wait_for_selector(".actspec-job.actspec-running")
        page.wait_for_timeout(after_ms)
        lab.shot(f"dropout training {after_ms}")

    for after_ms in (150, 3500):  # while torch loads, and while it trains
        stops(page, partial(start, after_ms), f"DropoutLab, {after_ms} ms into training")
        expect(page.locator(".actspec-job")).to_contain_text("Nothing was trained")
        lab.wait_idle()
        assert lab.python("print(len(dropout.readings), len(dropout._members), dropout._trained)") == "18 18 {}"


def test_a_setting_changed_while_a_network_is_trained_waits_for_it(lab):
    pytest.importorskip("torch")
    page = show(lab)
    networks = int(lab.python("print(len(dropout.readings))"))
    page.get_by_label("Passes", exact=True).fill("60")
    page.get_by_label("Passes", exact=True).press("Enter")
    page.get_by_role("button", name="Train one more").click()
    expect(page.locator(".actspec-job")).to_contain_text("Training")
    expect(page.get_by_role("button", name="Train one more")).to_be_disabled()
    lab.python("dropout.digit = 5")
    expect(page.locator(".actspec-side")).to_contain_text("of logit 5")
    assert lab.python("print(len(dropout.readings), len(dropout._trained))") == f"{networks + 1} 1"
    expect(page.get_by_role("button", name="Train one more")).to_be_enabled()
