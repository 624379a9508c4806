"""Pictures of what a notebook shows in the browser: taken once nothing moves, small enough for a repository."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from contextlib import contextmanager

from .jupyter_bed import Lab, lab_session
from .make_notebooks import make_all

# High, for an output must be in view as a whole to be photographed as a whole.
WIDTH, HEIGHT = 1100, 5000
MOST_BYTES = 120_000  # of one picture
COLOURS = 128  # spread over all that occur, so that a rare one (a small blue point) is not made grey

# What a reader sees move: text, sizes, and the drawings' shapes.
APPEARANCE = """() => {
  const notebook = document.querySelector('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook');
  return notebook.innerText + notebook.scrollHeight + notebook.querySelectorAll('svg *').length; }"""


@contextmanager
def studio(width: int = WIDTH) -> Iterator[Lab]:
    """A JupyterLab with the lessons in it, in a browser window as wide as a page."""
    with lab_session(width, HEIGHT) as lab:
        make_all(lab.server.root)
        yield lab


def settle(lab: Lab, quiet: float = 2.0, most: float = 300.0) -> None:
    """Wait until nothing runs and the page has looked the same for a while: widgets may start work when they appear."""
    running = lab.page.locator(".jp-NotebookPanel:visible .actspec-running")
    end, since, before = time.monotonic() + most, time.monotonic(), None
    while time.monotonic() - since < quiet:
        if time.monotonic() > end:
            raise RuntimeError(f"something on the page still moves after {most:.0f} s")
        time.sleep(0.25)
        now = lab.page.evaluate(APPEARANCE)
        if now != before or running.count():
            since, before = time.monotonic(), now


def photograph(lab: Lab, cell: int, output: int = 0) -> tuple[bytes, str]:
    """An output of a code cell as it looks in the page, and the sentence that its text twin says."""
    children = lab.page.locator(".jp-NotebookPanel:visible .jp-CodeCell").nth(cell)
    shown = children.locator(".jp-Cell-outputArea > .jp-OutputArea-child").nth(output)
    shown = shown.locator("> .jp-OutputArea-output").first
    words = [text.strip() for text in shown.locator("[role=status]").all_inner_texts()]
    shot = small_png(shown.screenshot(animations="disabled"))
    return shot, next(filter(None, words), "The picture that the cell above draws.")


def small_png(shot: bytes) -> bytes:
    """The picture with few colours, and smaller as far as its bytes must be fewer."""
    from PIL import Image

    image = Image.open(io.BytesIO(shot)).convert("RGB")
    while True:
        buffer = io.BytesIO()
        image.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(buffer, "PNG", optimize=True)
        if buffer.tell() <= MOST_BYTES:
            return buffer.getvalue()
        image = image.resize((image.width * 4 // 5, image.height * 4 // 5), Image.Resampling.LANCZOS)
