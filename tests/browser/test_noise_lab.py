"""The noise lab in JupyterLab: curves grow, a stop keeps them, an earlier run is compared, one problem seen close."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from actspec_widgets.studies.methods import METHODS
from browser.looks import check_looks, stops

START = "from actspec_widgets.views import NoiseLab\nnoise = NoiseLab(seeds=3, samples=500)\nnoise"
RESULTS = Path(__file__).parents[2] / "notebooks" / "results" / "noise.csv"


def show(lab, start=START, fresh=False):
    lab.notebook([start], fresh=fresh)
    expect(lab.page.locator(".actspec-job")).to_contain_text("Done")
    lab.wait_idle()
    return lab.page


def upload(page, file):
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Compare with a table").click()
    chooser.value.set_files(file)


def test_a_sweep_is_compared_looked_at_and_read(lab):
    page = show(lab)
    expect(page.locator(".actspec-title")).to_contain_text("against noise on the target: actspec 1.00 →")
    page.get_by_role("button", name="Keep to compare").click()
    lab.python("noise.n_units = 8")
    expect(page.locator(".actspec-main")).to_contain_text("Dashed: the run kept, 12 units, 500 samples, 3 problems")
    page.get_by_label("Level", exact=True).select_option("8")
    expect(page.locator(".actspec-side")).to_contain_text("missed")
    lab.wait_idle()
    lab.python("noise.wait(60)")
    assert lab.python("print(noise.level, len(noise.rows), noise.spectrum.n_units)") == "8.0 36 8"
    check_looks(lab, "noise")
    page.get_by_label("What gets worse", exact=True).select_option("duplicated units added")
    expect(page.locator(".actspec-title")).to_contain_text("duplicated units added")
    expect(page.locator(".actspec-main")).to_contain_text("Not drawn: the run kept")
    page.get_by_role("button", name="Forget it").click()
    lab.until("noise.earlier == ()")
    assert lab.python("print(noise.disturbance, noise.earlier, noise.level)") == "duplicates () 8.0"


def test_a_table_of_the_study_is_drawn_behind(lab):
    page = show(lab)
    upload(page, str(RESULTS))
    expect(page.locator(".actspec-main")).to_contain_text("Dashed: noise.csv, 2,968 rows")
    lab.wait_idle()
    assert lab.python("print(len(noise.figure.earlier), noise.figure.dashed[0].y.size)") == "2 6"
    upload(page, {"name": "a.csv", "mimeType": "text/csv", "buffer": b"a,b\n1,2\n"})
    expect(page.get_by_role("alert")).to_contain_text("The table has no column method, disturbance")
    expect(page.locator(".actspec-main")).to_contain_text("Dashed: noise.csv, 2,968 rows")
    check_looks(lab, "noise failed")


@pytest.mark.parametrize("method", ["actspec", "boosting_machine"])
def test_cancel_stops_a_long_sweep_at_once_and_keeps_its_curves(lab, method):
    if sentence := METHODS[method].missing():
        pytest.skip(sentence)
    start = f"noise = NoiseLab(seeds=100, samples=5000, methods=('scan', {method!r}))"
    lab.notebook([START.replace("noise = NoiseLab(seeds=3, samples=500)", start)])
    page = lab.page
    expect(page.locator(".actspec-main .actspec-part").first).to_contain_text("curve")
    lab.shot(f"noise running {method}")

    def start():
        if (again := page.get_by_role("button", name="Run again")).is_visible():
            again.click()

    stops(page, start, f"NoiseLab, {method}")
    lab.wait_idle()
    kept = int(lab.python("print(len(noise.rows))"))
    assert 0 < kept < 1200
    page.get_by_role("button", name="Run again").click()
    for _ in range(60):
        page.wait_for_timeout(500)
        if int(lab.python("print(len(noise.rows))")) > kept:
            break
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".actspec-job")).to_contain_text("Stopped")
    lab.wait_idle()
    assert int(lab.python("print(len(noise.rows))")) > kept


def test_a_sweep_goes_on_after_the_kernel_was_restarted(lab, tmp_path):
    start = START.replace("samples=500", f"samples=500, out={str(tmp_path / 'sweep')!r}")
    show(lab, start)
    first = lab.python("print([row['time_s'] for row in noise.rows])")
    lab.python("noise.close()")
    show(lab, start, fresh=True)
    assert lab.python("print([row['time_s'] for row in noise.rows])") == first
