"""What every instrument must look like, and how soon its Cancel stops the work."""

from __future__ import annotations

import contextlib

from playwright.sync_api import TimeoutError

from browser.names import nameless

# What of an instrument reaches beyond its right edge; figures follow a new width a moment later.
CUT_OFF = """() => {
  const root = document.querySelector('.actspec');
  const edge = root.getBoundingClientRect().right + 1;
  const scrolls = e => e.closest('.actspec-table, .actspec-scrolls');
  const own = e => !scrolls(e) && (e.matches('.actspec-figure > svg') || !e.closest('svg, style, option'));
  const outside = [...root.querySelectorAll('*')].filter(e => own(e) && e.getBoundingClientRect().right > edge);
  return outside.map(e => [e.tagName, e.className, e.parentElement.className, e.textContent.slice(0, 40),
                           Math.round(e.getBoundingClientRect().right), Math.round(edge)].join(' | ')); }"""

# Whether all texts of a drawing are inside of it. bqplot lays it out anew 0.3 s after it came into view.
INSIDE = """figure => { const edge = figure.getBoundingClientRect().right + 1;
  return [...figure.querySelectorAll('text')].every(t => t.getBoundingClientRect().right <= edge); }"""

# Clicks a button at its first sight, and gives the milliseconds until the job's line says "Stopped.".
CLICK_TO_STOPPED = """() => new Promise((done, failed) => {
  const job = [...document.querySelectorAll('.actspec-job')].find(e => e.classList.contains('actspec-running'));
  const cancel = job && [...job.querySelectorAll('button')].find(e => e.textContent.includes('Cancel'));
  if (!cancel) return failed(new Error('no job runs here'));
  const stopped = () => job.querySelector('[role=status]').textContent.startsWith('Stopped.');
  const start = performance.now();
  const look = new MutationObserver(() => {
    if (!stopped()) return;
    look.disconnect();
    requestAnimationFrame(() => done(performance.now() - start));
  });
  look.observe(job, {childList: true, subtree: true, characterData: true, attributes: true});
  cancel.click();
  setTimeout(() => failed(new Error('not stopped after 20 s: ' + job.textContent)), 20_000); })"""


def click_to_stopped(page) -> float:
    """Milliseconds from the click on Cancel of the job that runs to the frame that says it has stopped."""
    page.wait_for_selector(".actspec-job.actspec-running")
    return page.evaluate(CLICK_TO_STOPPED)


def stops(page, start, what: str) -> None:
    """Start work and cancel it. How soon it stops is printed here, and measured by `benchmarks/latency.py`."""
    start()
    print(f"{what}: click to stopped {click_to_stopped(page):.0f} ms")


@contextlib.contextmanager
def width(page, pixels: int):
    """The page as wide as that, and afterwards as wide as ever."""
    page.set_viewport_size({"width": pixels, "height": 1000})
    try:
        yield
    finally:
        page.set_viewport_size({"width": 1280, "height": 1000})


def check_legible(lab, name: str) -> None:
    """Every text has the contrast that it needs in both themes; leaves pictures."""
    for theme in ("Light", "Dark"):
        with lab.theme(theme):
            assert not (faint := lab.faint_texts(".actspec")), faint
            lab.shot(f"{name} {theme}")


def check_fits(lab, name: str, *widths: int) -> None:
    """Nothing sticks out of the page at 1280 and 700 pixels, or at the widths given; leaves pictures."""
    for pixels in widths or (1280, 700):
        with width(lab.page, pixels):
            with contextlib.suppress(TimeoutError):
                lab.page.wait_for_function(f"() => ({CUT_OFF})().length === 0")
            lab.shot(f"{name} {pixels}")
            assert not (cut := lab.page.evaluate(CUT_OFF)), cut


def check_looks(lab, name: str) -> None:
    """Legible in both themes, nothing cut off at 1280 and 700 pixels, no control without a name; leaves pictures."""
    page = lab.page
    assert not (missing := nameless(page)), missing
    check_legible(lab, name)
    for pixels in (1280, 700):
        with width(page, pixels):
            for at, drawing in enumerate(page.query_selector_all(".actspec-figure")):
                drawing.scroll_into_view_if_needed()
                page.wait_for_function(INSIDE, arg=drawing)
                lab.shot(f"{name} {pixels} {at}")
    check_fits(lab, name)
    page.locator(".actspec").first.scroll_into_view_if_needed()
