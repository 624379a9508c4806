"""Make each lesson's page, `notebooks/pages/NAME.md`: text, code, printed outputs, and a picture of every widget.

    python tools/make_pages.py [--stale] [NAME ...]      for example 00-words-that-act-together; default every lesson

The lessons run untouched in a real JupyterLab in Chromium (that of the browser tests); widgets and figures are
photographed there once nothing moves any more. Says how long each lesson took and how much memory its kernel.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from pathlib import Path

import jupytext

PROJECT = Path(__file__).parents[1]
sys.path.insert(0, str(PROJECT))

import actspec_widgets  # noqa: E402
from tools.jupyter_bed import Lab, chromium_path  # noqa: E402
from tools.lesson_page import missing, page, picture, text_output  # noqa: E402
from tools.make_notebooks import LESSONS  # noqa: E402
from tools.peak_memory import PEAK_MIB  # noqa: E402
from tools.photographs import photograph, settle, studio  # noqa: E402

PAGES = LESSONS / "pages"
PHOTOGRAPHED = ("application/vnd.jupyter.widget-view+json", "image/png", "image/svg+xml", "image/jpeg")
PROGRESS_BAR = re.compile(r"\d%\|.*\|")

OUTPUTS = """() => {
  const cells = window.jupyterapp.shell.currentWidget.content.model.toJSON().cells;
  return cells.filter(cell => cell.cell_type === 'code').map(cell => cell.outputs); }"""


def outputs_of(lab: Lab, stem: str) -> tuple[list[list[str]], dict[str, bytes]]:
    """Each code cell's outputs as Markdown, and the pictures by file name."""
    pictures: dict[str, bytes] = {}
    cells = []
    for number, outputs in enumerate(lab.page.evaluate(OUTPUTS)):
        said = []
        for position, output in enumerate(outputs):
            data = {mime: text if isinstance(text, str) else "".join(text) for mime, text in
                    output.get("data", {}).items() if isinstance(text, str | list)}  # fmt: skip
            if PROGRESS_BAR.search(data.get("text/plain", "")):
                continue
            if "actspec-static" in data.get("text/html", ""):  # stands in for a widget that is alive here
                continue
            if any(mime in output.get("data", {}) for mime in PHOTOGRAPHED):
                shot, words = photograph(lab, number, position)
                name = f"{stem}-{len(pictures) + 1}.png"
                pictures[name] = shot
                said.append(picture(f"images/{name}", words))
            elif "text/markdown" in data:
                said.append(data["text/markdown"])
            else:
                text = output.get("text", data.get("text/plain", ""))
                said.append(text_output(text if isinstance(text, str) else "".join(text)))
        cells.append(said)
    return cells, pictures


def make(lab: Lab, stem: str) -> str:
    """Write one page and its pictures; returns the sentence that says what it took."""
    source = LESSONS / f"{stem}.py"
    lab.open(f"{stem}.ipynb", run=False)
    lab.page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    started = time.perf_counter()
    lab.command("notebook:run-all-cells")
    lab.wait_idle(600)
    seconds = time.perf_counter() - started
    settle(lab)
    lab.check()
    peak = float(lab.python(PEAK_MIB).removeprefix("peak MiB"))
    cells, pictures = outputs_of(lab, stem)
    text = page(jupytext.read(source), source.name, cells)
    (PAGES / "images").mkdir(parents=True, exist_ok=True)
    for old in (PAGES / "images").glob(f"{stem}-*.png"):
        old.unlink()
    for name, content in pictures.items():
        (PAGES / "images" / name).write_bytes(content)
    (PAGES / f"{stem}.md").write_text(text, encoding="utf-8")
    kilobytes = sum(map(len, pictures.values())) / 1000
    return f"{stem}: {seconds:.0f} s, kernel {peak:.0f} MiB, {len(pictures)} pictures ({kilobytes:.0f} kB)"


def is_stale(stem: str) -> bool:
    target = PAGES / f"{stem}.md"
    lesson = jupytext.read(LESSONS / f"{stem}.py")
    return not target.exists() or missing(lesson, target.read_text(encoding="utf-8")) is not None


def main() -> int:
    known = [path.stem for path in sorted(LESSONS.glob("[0-9]*.py"))]
    parser = argparse.ArgumentParser(description="Make the lessons' pages, notebooks/pages.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(known)}; default all")
    parser.add_argument("--stale", action="store_true", help="only pages that do not say what their lesson says now")
    options = parser.parse_args()
    names = options.names or [name for name in known if not options.stale or is_stale(name)]
    if unknown := sorted(set(names) - set(known)):
        parser.error(f"there is no lesson {unknown[0]!r}; there are {', '.join(known)}")
    if chromium_path() is None:
        parser.error("no Chromium found; install it or name one in CHROMIUM")
    actspec_widgets.warm()  # in a lesson, compiling would say so on the page
    os.environ.pop("ACTSPEC_REVIEWS", None)  # rated sentences are their authors' and belong on no page
    failed = 0
    with studio() as lab:
        for name in names:
            try:
                print(make(lab, name), flush=True)
            except Exception as error:  # the other pages are still wanted
                failed += 1
                print(f"{name}: no page made: {error}", file=sys.stderr, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
