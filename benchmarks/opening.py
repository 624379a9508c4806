"""How long the explorer takes to open on large data, and whether the page stays alive meanwhile.

    python benchmarks/opening.py [--rounds 3]

A real JupyterLab in headless Chromium (tests extra). Measured from the start of the cell to the first painted picture,
and the longest stretch in which the page could react to nothing ("longtask", which the browser reports from 50 ms on).
The digits are the 6,000 bundled ones, ten times, with one pixel in fifty turned over afresh.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path

from timing import machine

sys.path.insert(0, str(Path(__file__).parents[1]))
from tools.jupyter_bed import Lab, lab_session

MANY = """
import numpy as np
from actspec_widgets import Coverage, Spectrum
from actspec_widgets.views import SpectrumExplorer
k, n = 100_000, 784
rng = np.random.default_rng(0)
subsets = list(dict.fromkeys(tuple(sorted(s)) for s in rng.integers(0, n, (110_000, 3)).tolist() if len(set(s)) == 3))
subsets = tuple(subsets[:k])
c = rng.standard_normal(k) * np.exp(-5 * rng.random(k))
coverage = Coverage("exhaustive", n, 3, 80_000_000, True)
spectrum = Spectrum(subsets, c, np.full(k, 0.05), c, np.full(k, 1e-3), np.full(k, 1 / k), ((),) * k, 0.8, 0.02, 0.0,
                    None, coverage, n, 30_000, 30_000)
"""
DIGITS = """
import numpy as np
from actspec_widgets import Patterns, load_mnist
from actspec_widgets.views import SpectrumExplorer
data = load_mnist()
images = np.concatenate([data.x_train, data.x_test]).reshape(6000, 784)
pixels = np.tile(images.astype(np.float32) / 255, (10, 1))
rng = np.random.default_rng(0)
pixels = np.where(rng.random(pixels.shape, np.float32) < 0.02, 1 - pixels, pixels)
is_three = np.tile(np.concatenate([data.y_train, data.y_test]) == 3, 10)
y = 5.0 * is_three + rng.standard_normal(60_000)
patterns = Patterns.from_activations(pixels, 0.5)
"""
SHOW = "explorer = SpectrumExplorer({})\nexplorer"
CASES = {
    "spectrum of 100,000 coefficients": (MANY, SHOW.format("spectrum")),
    "Patterns, 784 units x 60,000 samples": (
        DIGITS,
        SHOW.format("activations=patterns, outputs=y, image_shape=(28, 28)"),
    ),
    "float32 activations, 784 units x 60,000 samples": (
        DIGITS,
        SHOW.format("activations=pixels, outputs=y, threshold=0.5, image_shape=(28, 28)"),
    ),
}
BAR = ".actspec-picture .bar"
RUN = """cell => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  notebook.activeCellIndex = 1;
  notebook.activeCell.model.sharedModel.setSource(cell);
  window.blocked = [];
  new PerformanceObserver(list => window.blocked.push(...list.getEntries().map(e => e.duration)))
    .observe({type: 'longtask'});
  window.began = performance.now();
  window.jupyterapp.commands.execute('notebook:run-cell'); }"""
PAINTED = """() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(
  () => done(performance.now() - window.began))))"""


def open_once(lab: Lab, setup: str, cell: str) -> tuple[float, float]:
    """Milliseconds to the picture, and of the longest block."""
    lab.notebook([setup, ""])
    lab.page.evaluate(RUN, cell)
    lab.page.wait_for_selector(BAR, state="attached", timeout=120_000)
    painted = lab.page.evaluate(PAINTED)
    lab.wait_idle()
    lab.check()
    return painted, lab.page.evaluate("() => Math.max(0, ...window.blocked)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    print(machine())
    with lab_session() as lab:
        for name, (setup, cell) in CASES.items():
            times, blocks = zip(*(open_once(lab, setup, cell) for _ in range(rounds)), strict=True)
            print(
                f"  {name:50s} to the picture: median {statistics.median(times) / 1000:.2f} s, "
                f"longest {max(times) / 1000:.2f} s; page blocked for at most {max(blocks):.0f} ms"
            )


if __name__ == "__main__":
    main()
