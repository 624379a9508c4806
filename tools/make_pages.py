"""Make each lesson's page, `notebooks/pages/NAME.md`: text, code, printed outputs, and a picture of every widget.

    python tools/make_pages.py [NAME ...]      for example 00-five-minutes; default every lesson

The lessons run untouched in a real JupyterLab in Chromium (that of the browser tests); widgets and figures are
photographed there once nothing moves any more. Says how long each lesson took and how much memory its kernel.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import sys
import tempfile
import time
from pathlib import Path

import jupytext

PROJECT = Path(__file__).parents[1]
sys.path.insert(0, str(PROJECT))

import actspec_widgets  # noqa: E402
from tools.jupyter_bed import Lab, LabServer, chromium_path, launched  # noqa: E402
from tools.lesson_page import page, picture, text_output  # noqa: E402
from tools.make_notebooks import LESSONS, make_all  # noqa: E402

PAGES = LESSONS / "pages"
# High, for an output must be in view as a whole to be photographed as a whole.
WIDTH, HEIGHT = 1100, 5000
MOST_BYTES = 120_000  # of one picture
COLOURS = 64  # flat drawings lose nothing that an eye would see
PHOTOGRAPHED = ("application/vnd.jupyter.widget-view+json", "image/png", "image/svg+xml", "image/jpeg")
PROGRESS_BAR = re.compile(r"\d%\|.*\|")
PEAK = (
    "import resource, sys; "
    "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == 'darwin' else 1024))"
)

OUTPUTS = """() => {
  const cells = window.jupyterapp.shell.currentWidget.content.model.toJSON().cells;
  return cells.filter(cell => cell.cell_type === 'code').map(cell => cell.outputs); }"""

# What a reader sees move: text, sizes, and the drawings' shapes.
APPEARANCE = """() => {
  const notebook = document.querySelector('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook');
  return notebook.innerText + notebook.scrollHeight + notebook.querySelectorAll('svg *').length; }"""


def settle(lab: Lab, quiet: float = 2.0, most: float = 120.0) -> None:
    """Wait until the page has looked the same for a while: widgets may start work of their own when they appear."""
    end, since, before = time.monotonic() + most, time.monotonic(), None
    while time.monotonic() - since < quiet:
        if time.monotonic() > end:
            raise RuntimeError(f"something on the page still moves after {most:.0f} s")
        time.sleep(0.25)
        now = lab.page.evaluate(APPEARANCE)
        if now != before:
            since, before = time.monotonic(), now


def small_png(shot: bytes) -> bytes:
    """The picture with few colours, and smaller as far as its bytes must be fewer."""
    from PIL import Image

    image = Image.open(io.BytesIO(shot)).convert("RGB")
    while True:
        buffer = io.BytesIO()
        image.quantize(COLOURS, dither=Image.Dither.NONE).save(buffer, "PNG", optimize=True)
        if buffer.tell() <= MOST_BYTES:
            return buffer.getvalue()
        image = image.resize((image.width * 4 // 5, image.height * 4 // 5), Image.Resampling.LANCZOS)


def photograph(lab: Lab, cell: int, output: int) -> tuple[bytes, str]:
    """An output as it looks in the page, and the sentence that its text twin says."""
    children = lab.page.locator(".jp-NotebookPanel:visible .jp-CodeCell").nth(cell)
    shown = children.locator(".jp-Cell-outputArea > .jp-OutputArea-child").nth(output)
    shown = shown.locator("> .jp-OutputArea-output").first
    words = [text.strip() for text in shown.locator("[role=status]").all_inner_texts()]
    return shown.screenshot(animations="disabled"), next(filter(None, words), "The picture that the cell above draws.")


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
            if any(mime in output.get("data", {}) for mime in PHOTOGRAPHED):
                shot, words = photograph(lab, number, position)
                name = f"{stem}-{len(pictures) + 1}.png"
                pictures[name] = small_png(shot)
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
    peak = float(lab.python(PEAK))
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


def main() -> int:
    known = [path.stem for path in sorted(LESSONS.glob("[0-9]*.py"))]
    parser = argparse.ArgumentParser(description="Make the lessons' pages, notebooks/pages.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(known)}; default all")
    names = parser.parse_args().names or known
    if unknown := sorted(set(names) - set(known)):
        parser.error(f"there is no lesson {unknown[0]!r}; there are {', '.join(known)}")
    if chromium_path() is None:
        parser.error("no Chromium found; install it or name one in CHROMIUM")
    actspec_widgets.warm()  # in a lesson, compiling would say so on the page
    os.environ.pop("ACTSPEC_REVIEWS", None)  # rated sentences are their authors' and belong on no page
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        root, private = Path(folder, "notebooks"), Path(folder, "jupyter")
        root.mkdir()
        private.mkdir()
        make_all(root)
        server = LabServer(root, private)
        try:
            with launched() as browser:
                lab = Lab(browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}), server)
                for name in names:
                    try:
                        print(make(lab, name), flush=True)
                    except Exception as error:  # the other pages are still wanted
                        failed += 1
                        print(f"{name}: no page made: {error}", file=sys.stderr, flush=True)
        finally:
            server.stop()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
