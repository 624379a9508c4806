"""How long a person waits: from a key or a click to the painted frame, and from Cancel to the stop.

    python benchmarks/latency.py [--rounds 15] [--marks 100 250 500 1000]

A real JupyterLab in headless Chromium (tests extra), by the browser's clock: from the event, through the callback in
Python, to the second animation frame after the last change that it brings to the watched part of the page; see
`tools/jupyter_bed/stopwatch.py`. A mark is one subset drawn: a bar, its whisker and the row behind it to click on,
and while rows are tall enough to tell its shape, a point. "elements" counts what the picture holds in the browser.
A hover needs no Python: it is timed from the movement to the painted frame, with an idle kernel and with a busy one.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
from pathlib import Path

from timing import machine

sys.path.insert(0, str(Path(__file__).parents[1]))
from tools.jupyter_bed import Lab, lab_session
from tools.jupyter_bed.stopwatch import Answer, Stopwatch, hovers

SPECTRUM = """
import numpy as np
from itertools import combinations
from actspec_widgets import Coverage, Spectrum
from actspec_widgets.views import SpectrumExplorer
k, n = {k}, 64
rng = np.random.default_rng(0)
every = [(i,) for i in range(n)] + list(combinations(range(n), 2))
subsets = tuple(every[i] for i in rng.permutation(len(every))[:k])
c = np.sort(rng.exponential(size=k))[::-1] * rng.choice([-1, 1], k)
coverage = Coverage("exhaustive", n, 2, len(every), True)
spectrum = Spectrum(subsets, c, np.full(k, 0.1), c, np.full(k, 1e-3), np.full(k, 0.5 / k), ((),) * k, 0.8, 0.01, 0.0,
                    np.eye(k), coverage, n, 5000, 5000)
explorer = SpectrumExplorer(spectrum)
explorer"""
MOMENTS = (1500, 300, 700, 1100, 1900)
NUMBER = ".actspec-field:has-text('Most subsets') .noUi-handle"
# Each lab, how it is begun, and work of minutes to stop.
LONG = {
    "explorer": (  # a new spectrum first, so that the network is being asked about its subsets when the search begins
        "SpectrumExplorer(layer='pixels')",
        "lab.logit = (lab.logit + 1) % 10; lab.wait(); lab.search = 'exhaustive'; lab.max_degree = 4",
    ),
    "recovery lab": ("RecoveryLab()", "lab.n_units = 2000; lab.max_degree = 4; lab.samples = 50_000"),
    "noise lab": ("NoiseLab(seeds=1, samples=200)", "lab.n_units = 64; lab.seeds = 100; lab.samples = 5000"),
    "dropout lab": ("DropoutLab(max_degree=1)", "lab.layer = 'input'; lab.max_degree = 3"),
}
STOPPED = "document.querySelector('.actspec-job [role=status]')?.textContent.startsWith('Stopped')"  # of the search


def answers(lab: Lab, rounds: int) -> dict[str, list[Answer]]:
    """Every act, several times, on the explorer that is open."""
    page = lab.page
    figure, words = Stopwatch(page, ".actspec-picture"), Stopwatch(page, ".actspec-side")
    slider = page.locator(NUMBER)
    rows = page.locator(".actspec-picture .row")
    found: dict[str, list[Answer]] = {"slider": [], "click on a bar": []}
    for turn in range(rounds):
        key = "ArrowRight" if turn % 2 else "ArrowLeft"
        found["slider"].append(figure.time(lambda key=key: slider.press(key)))
    for turn in range(rounds):
        row = rows.nth((3 * turn + 1) % 60)  # the first is selected on opening: a click on it changes nothing
        row.scroll_into_view_if_needed()
        lab.wait_idle()
        found["click on a bar"].append(
            words.time(lambda row=row: row.click(position={"x": 4, "y": 1}, force=True), "click")
        )
    return found


BUSY = """() => { const { session } = window.jupyterapp.shell.currentWidget.sessionContext;
  session.kernel.requestExecute({code: "sleep(15)"}); }"""


def hovered(lab: Lab) -> dict[str, list[float]]:
    """The pointer over every bar, and over the picture of the units, of an image of 28 by 28."""
    lab.notebook(["from time import sleep\nfrom actspec_widgets.views import SpectrumExplorer\n"
                  "explorer = SpectrumExplorer(layer='pixels')\nexplorer"])  # fmt: skip
    page = lab.page
    lab.until("explorer.effects.found is not None")
    lab.wait_idle()
    found: dict[str, list[float]] = {}
    for state in ("idle", "busy"):
        if state == "busy":
            page.evaluate(BUSY)
        for name, selector in (("a bar", ".actspec-picture .bars svg"), ("a pixel", ".actspec-picture .map svg")):
            page.locator(selector).scroll_into_view_if_needed()
            page.wait_for_timeout(300)
            box = page.locator(selector).bounding_box()
            steps = 60
            places = [
                (
                    box["x"] + box["width"] * (0.3 + 0.4 * (k % 7) / 7),
                    box["y"] + box["height"] * (0.1 + 0.75 * k / steps),
                )
                for k in range(steps)
            ]
            found[f"hover {name}, {state} kernel"] = hovers(page, selector, places)
    return found


def cancelled(lab: Lab, long: str, moment: int = 1500) -> Answer:
    """Begin long work, let it run for some milliseconds, click Cancel."""
    lab.python(long)
    cancel = lab.page.get_by_role("button", name="Cancel").first
    cancel.wait_for()
    lab.page.wait_for_timeout(moment)
    answer = Stopwatch(lab.page, ".actspec-job").time(lambda: cancel.click(), "click", until=STOPPED)
    lab.until("not lab.busy")
    return answer


def row(name: str, times: list[float]) -> str:
    return f"  {name:34s} median {statistics.median(times):5.0f} ms   longest {max(times):5.0f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--marks", type=int, nargs="*", default=[100, 250, 500, 1000])
    parser.add_argument("--cancels", type=int, default=5)
    arguments = parser.parse_args()
    print(machine())
    with lab_session() as lab:
        _report(lab, arguments)


def _report(lab: Lab, arguments: argparse.Namespace) -> None:
    for k in arguments.marks:
        lab.notebook([SPECTRUM.format(k=k)])
        lab.page.wait_for_selector(".actspec-picture .row")
        lab.wait_idle()
        lab.python("explorer.top = min(k, explorer.controls['top'].max)")
        lab.wait_idle()
        drawn = len(lab.python("print(*explorer.bars.drawn.order)").split())
        elements = lab.page.locator(".actspec-picture svg *").count()
        print(f"\nspectrum of {k} subsets: {drawn} marks drawn, {elements} elements")
        for act, times in answers(lab, arguments.rounds).items():
            blocked = max(a.blocked for a in times)
            print(row(act, [a.last for a in times]) + (f"   page blocked for at most {blocked:.0f} ms" * bool(blocked)))
        lab.check()
    print("\nfrom the pointer's movement to the lit picture")
    for act, times in hovered(lab).items():
        late = sorted(times)[int(0.95 * (len(times) - 1))]
        print(f"{row(act, times)}   95 % within {late:.0f} ms, {len(times)} movements")
    lab.check()
    print("\nfrom the click on Cancel to 'Stopped'" * bool(arguments.cancels))
    for name, (call, long) in LONG.items() if arguments.cancels else ():
        kind = re.match(r"\w+", call).group()  # type: ignore[union-attr]
        lab.notebook([f"from actspec_widgets.views import {kind}\nlab = {call}\nlab"])
        lab.until("not lab.busy")
        lab.wait_idle()
        lab.python("saved = lab.settings")
        times = []
        for k in range(arguments.cancels):
            times.append(cancelled(lab, long, MOMENTS[k % len(MOMENTS)]).last)
            lab.python("for name, value in saved.items(): setattr(lab, name, value)")
            lab.until("not lab.busy")
        print(row(name, times))
        lab.check()


if __name__ == "__main__":
    main()
