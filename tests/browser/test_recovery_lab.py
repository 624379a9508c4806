"""The recovery lab in JupyterLab: plant, run, compare; from the page and from Python."""

import os
import re
import time

from playwright.sync_api import expect

from browser.looks import check_looks, stops

PROCESSES = """
import os, subprocess
said = subprocess.run(["ps", "--ppid", str(os.getpid()), "-o", "pid=,args="], capture_output=True, text=True).stdout
print(*(line.split()[0] for line in said.splitlines() if "actspec_widgets.studies.worker" in line))
"""
RESTART = "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
START_SLOW = "recovery.n_units = 40; recovery.max_degree = 4; recovery.rival = 'omp'; recovery.run()"
START = "from actspec_widgets.views import RecoveryLab\nrecovery = RecoveryLab()\nrecovery"


def runs(process):
    try:
        os.kill(process, 0)  # signal 0 only asks whether it is there
    except OSError:
        return False
    return True


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
    page.get_by_label("Coefficient", exact=True).fill("0.9")
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
    page.get_by_label("Start from", exact=True).select_option("majority of 5 units")
    lab.python("recovery.noise = 0.2; recovery.samples = 5000; recovery.max_degree = 3")
    expect(page.locator(".actspec-title")).to_contain_text("Found 15 of 16")
    expect(page.locator(".actspec-main")).to_contain_text("of more than 3 units cannot be reported")


def test_a_unit_that_is_none_gets_a_sentence_and_nothing_is_lost(lab):
    page = show(lab)
    page.get_by_label("Plant units", exact=True).fill("3, <b>")
    page.get_by_label("Plant units", exact=True).press("Enter")
    page.get_by_role("button", name=re.compile("Plant$")).click()
    expect(page.locator("[role=alert]")).to_contain_text("'<b>' is no unit; give numbers from 0 to 19")
    expect(page.locator(".actspec-title")).to_contain_text("Found 3 of 3")


def test_the_keyboard_keeps_its_place_when_a_planted_subset_is_removed(lab):
    page = show(lab)
    page.locator(".actspec-units-row").last.get_by_role("button").first.press("Enter")
    expect(page.locator(".actspec-title")).to_contain_text("Found 2 of 2")
    expect(page.get_by_label("Plant units", exact=True)).to_be_focused()


def test_another_method_stands_beside_ours(lab):
    page = show(lab)
    lab.python("recovery.duplicates = 4")
    page.get_by_label("Beside ours", exact=True).select_option("Largest means, no selection")
    other = page.locator(".actspec-part").nth(1)
    expect(other.get_by_role("status").first).to_contain_text("Found 1 of 3 planted subsets; 2 missed")
    expect(page.locator(".actspec-job")).to_contain_text("Done")
    lab.wait_idle()
    assert lab.python("print(recovery.rival, [e.kind for e in recovery.rival_entries].count('hit'))") == "scan 1"
    other.get_by_role("button", name="Table of the").click()
    expect(other.locator(".actspec-table")).to_contain_text("says once more what {0} does")
    lab.python("recovery.rival = 'sparse_transform'")
    expect(other.get_by_role("heading")).to_have_text("Sparse transform, with queries")
    expect(other.get_by_role("status").first).to_contain_text("Found 3 of 3")
    expect(other.get_by_role("status").first).to_contain_text("queries")
    check_looks(lab, "recovery beside")


def test_cancel_stops_another_method_at_once_and_ours_stays(lab):
    page = show(lab)

    def start():
        lab.python(START_SLOW)
        expect(page.locator(".actspec-job")).to_contain_text("Waiting for Orthogonal matching pursuit")

    stops(page, start, "RecoveryLab, another method")
    expect(page.locator(".actspec-job")).to_contain_text("Our answer stays")
    expect(page.locator(".actspec-part").nth(1)).to_contain_text("It has not answered.")
    lab.wait_idle()
    assert lab.python(PROCESSES) == ""
    page.get_by_role("button", name="Run again").click()
    expect(page.locator(".actspec-part").nth(1)).to_contain_text("Told that there are 3")


def test_a_kernel_restarted_meanwhile_leaves_no_process_behind(lab):
    page = show(lab)
    lab.python(START_SLOW)
    expect(page.locator(".actspec-job")).to_contain_text("Waiting for Orthogonal matching pursuit")
    process = int(lab.python(PROCESSES))
    assert runs(process)
    page.evaluate(RESTART)
    lab.wait_idle()
    deadline = time.monotonic() + 5
    while runs(process) and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    assert not runs(process)


def test_cancel_stops_our_own_search_at_once(lab):
    page = show(lab)

    def start():
        lab.python("recovery.samples = 50000; recovery.n_units = 300; recovery.run()")
        expect(page.locator(".actspec-job")).to_contain_text("Searching")

    stops(page, start, "RecoveryLab, 4.5 million subsets of 50,000 samples")


def test_it_looks_right_empty_failed_and_full(lab):
    page = show(lab)
    check_looks(lab, "recovery")
    page.get_by_role("button", name="Table of the planted and found").click()
    page.locator(".actspec-table").get_by_role("button", name="{1, 2}").click()
    lab.until("recovery.selection == (1, 2)")
    lab.python("recovery.planted = ()")
    expect(page.locator(".actspec-title")).to_contain_text("Nothing is planted; nothing is reported.")
    lab.python("recovery.noise = 0.0")
    expect(page.get_by_role("alert")).to_contain_text("plant a subset")
    check_looks(lab, "recovery failed")
