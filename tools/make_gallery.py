"""Make the README's gallery, `notebooks/images/*.png`: each lab as somebody who has used it a little sees it.

python tools/make_gallery.py [NAME ...]      for example noise-lab; default all
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[1]
sys.path.insert(0, str(PROJECT))

import actspec_widgets  # noqa: E402
from tools.photographs import photograph, settle, studio  # noqa: E402

IMAGES = PROJECT / "notebooks" / "images"
# Each picture: the lines that open the lab, and what is then done to it.
SCENES = {
    "recovery-lab": (
        "from actspec_widgets.views import RecoveryLab\nlab = RecoveryLab(noise=3.0, samples=800, duplicates=4)\nlab",
        "lab.beside = 'lasso'",
    ),
    "noise-lab": (
        "from actspec_widgets.views import NoiseLab\nlab = NoiseLab(seeds=4, samples=500)\nlab",
        "lab.level = 2.0",
    ),
    "dropout-lab": (
        "from actspec_widgets.views import DropoutLab\nlab = DropoutLab(layer='relu1')\nlab",
        "",
    ),
}


def main() -> int:
    parser = argparse.ArgumentParser(description="Make the README's gallery.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(SCENES)}; default all")
    names = parser.parse_args().names or list(SCENES)
    if unknown := sorted(set(names) - set(SCENES)):
        parser.error(f"there is no picture {unknown[0]!r}; there are {', '.join(SCENES)}")
    actspec_widgets.warm()
    with studio() as lab:
        for name in names:
            opening, then = SCENES[name]
            lab.notebook([opening])
            lab.page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
            settle(lab)
            lab.python(then)
            settle(lab)
            lab.check()
            shot, words = photograph(lab, cell=0)
            (IMAGES / f"{name}.png").write_bytes(shot)
            print(f"{name}: {len(shot) / 1000:.0f} kB, {words}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
