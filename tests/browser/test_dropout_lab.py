"""The dropout lab in JupyterLab."""

from playwright.sync_api import expect

START = "from actspec_widgets.views import DropoutLab\ndropout = DropoutLab(max_degree=1)\ndropout"


def test_layer_digit_measure_and_network_are_chosen_and_seen(lab):
    lab.notebook([START])
    page = lab.page
    expect(page.locator(".actspec-title")).to_contain_text("second hidden layer", timeout=60_000)
    lab.wait_idle()
    page.get_by_label("Shown against the rate", exact=True).select_option("redundancy between subsets")
    expect(page.locator(".actspec-title")).to_contain_text("Redundancy between subsets")
    page.get_by_label("Network", exact=True).select_option("dropout 0.5, seed 2")
    lab.wait_idle()
    assert lab.python("print(dropout.rate, dropout.member, dropout.measure)") == "0.5 2 redundancy between subsets"
    page.get_by_label("Layer", exact=True).select_option("first hidden layer")
    expect(page.locator(".actspec-title")).to_contain_text("first hidden layer", timeout=60_000)
    lab.python("dropout.digit = 7")
    expect(page.locator(".actspec-side")).to_contain_text("of logit 7", timeout=60_000)
    lab.wait_idle()
    for theme in ("Dark", "Light"):
        with lab.theme(theme):
            assert not lab.faint_texts(".actspec")
            lab.shot(f"dropout-{theme}")
    page.set_viewport_size({"width": 700, "height": 1000})
    try:
        lab.shot("dropout-narrow")
    finally:
        page.set_viewport_size({"width": 1280, "height": 1000})
