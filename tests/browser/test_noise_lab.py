"""The noise lab in JupyterLab: curves grow, a stop keeps them, the earlier run stays to compare."""

from playwright.sync_api import expect

START = "from actspec_widgets.views import NoiseLab\nnoise = NoiseLab(seeds=3, samples=500)\nnoise"


def test_a_sweep_grows_is_compared_and_read(lab):
    lab.notebook([START])
    page = lab.page
    expect(page.locator(".actspec-title")).to_contain_text("F1 of the subsets against noise", timeout=60_000)
    expect(page.locator(".actspec-job")).to_contain_text("Done", timeout=60_000)
    lab.wait_idle()
    page.get_by_role("button", name="Keep to compare").click()
    page.get_by_label("What gets worse").select_option("duplicated units added")
    expect(page.locator(".actspec-title")).to_contain_text("duplicated units", timeout=60_000)
    expect(page.locator(".actspec-legend")).to_contain_text("the earlier run")
    expect(page.locator(".actspec-job")).to_contain_text("Done", timeout=60_000)
    lab.wait_idle()
    assert lab.python("print(noise.disturbance, len(noise.rows))") == "duplicates 24"
    for theme in ("Dark", "Light"):
        with lab.theme(theme):
            assert not lab.faint_texts(".actspec")
            lab.shot(f"noise-{theme}")
    page.set_viewport_size({"width": 700, "height": 1000})
    try:
        lab.shot("noise-narrow")
    finally:
        page.set_viewport_size({"width": 1280, "height": 1000})


def test_cancel_stops_a_long_sweep_and_keeps_its_curves(lab):
    lab.notebook([START.replace("seeds=3, samples=500", "seeds=100, samples=5000")])
    page = lab.page
    page.get_by_role("button", name="Cancel").click(timeout=60_000)
    expect(page.locator(".actspec-job")).to_contain_text("Stopped", timeout=5_000)
    lab.wait_idle()
    kept = int(lab.python("print(len(noise._done))"))
    assert 0 < kept < 1200
