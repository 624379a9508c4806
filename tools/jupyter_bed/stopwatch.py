"""How long the page takes to answer, by the browser's own clock.

A person's act (a key, a click) is timed from the event itself to the second animation frame after the last change
that it brings to the watched part of the page: the first frame is the one that applies the change, at the second
it has been painted. Changes are over when nothing has changed for a while; that while is not counted. Where a certain
change is waited for, they are over when that one is painted, whatever else changes later.
"""

from __future__ import annotations

from dataclasses import dataclass

_INSTALL = """() => {
  if (window.stopwatch) return;
  const watch = window.stopwatch = {};
  watch.blocked = [];
  watch.turn = 0;
  new PerformanceObserver(list => watch.blocked.push(...list.getEntries().map(e => [e.startTime, e.duration])))
    .observe({type: 'longtask', buffered: true});
  watch.arm = (selector, acts, until) => {
    Object.assign(watch, {began: null, first: null, painted: null, met: null, changes: 0, pending: 0});
    const there = until ? new Function(`return ${until}`) : null;
    const turn = ++watch.turn;  // frames that an earlier act still waits for are not this one's
    const act = event => {
      watch.began ??= event.timeStamp;
      for (const name of acts) document.removeEventListener(name, act, true); };
    for (const name of acts) document.addEventListener(name, act, true);
    watch.observer?.disconnect();
    watch.observer = new MutationObserver(records => {
      if (watch.began === null) return;
      watch.changes += records.length;
      watch.pending++;
      requestAnimationFrame(() => requestAnimationFrame(() => {
        if (turn !== watch.turn) return;
        watch.painted = performance.now();
        watch.first ??= watch.painted;
        if (there && watch.met === null && there()) watch.met = watch.painted;
        watch.pending--; })); });
    const options = {subtree: true, childList: true, attributes: true, characterData: true};
    for (const part of document.querySelectorAll(selector)) watch.observer.observe(part, options); };
  watch.over = (quiet, until) => until ? watch.met !== null
    : watch.painted !== null && !watch.pending && performance.now() - watch.painted > quiet;
  watch.read = () => {
    const end = watch.met ?? watch.painted;
    const late = watch.blocked.filter(([at, long]) => at + long > watch.began && at < end);
    return {first: watch.first - watch.began, last: end - watch.began, changes: watch.changes,
            blocked: Math.max(0, ...late.map(([, long]) => long))}; };
}"""


_SWEEP = """async ([selector, count]) => {
  const root = document.querySelector(selector), times = [];
  const act = event => { const began = event.timeStamp;
    requestAnimationFrame(() => { const frame = new MessageChannel();
      frame.port1.onmessage = () => times.push(performance.now() - began);
      frame.port2.postMessage(0); }); };
  root.addEventListener('pointermove', act, true);
  window.swept = () => { root.removeEventListener('pointermove', act, true); return times; }; }"""


def hovers(page, selector: str, places: list[tuple[float, float]], pause: int = 40) -> list[float]:
    """Milliseconds from each movement of the pointer to the painted frame: to a message sent in the next one.

    ``places`` are where the pointer goes, in pixels of the page; ``selector`` names what hears it.
    """
    page.evaluate(_SWEEP, [selector, len(places)])
    for x, y in places:
        page.mouse.move(x, y)
        page.wait_for_timeout(pause)
    return page.evaluate("() => swept()")


@dataclass(frozen=True)
class Answer:
    """What one act brought.

    Attributes
    ----------
    first, last : float
        Milliseconds from the event to the first and to the last painted frame that it changed.
    blocked : float
        Milliseconds of the longest stretch in which the page could not react; 0 for less than 50.
    changes : int
        Changes of the page's tree.
    """

    first: float
    last: float
    blocked: float
    changes: int


class Stopwatch:
    """Times acts on a page; ``selector`` names the parts that are watched."""

    def __init__(self, page, selector: str):
        self.page, self.selector = page, selector
        page.evaluate(_INSTALL)

    def time(self, act, *events: str, until: str = "", quiet: int = 250, timeout: float = 60) -> Answer:
        """Do ``act()`` and wait for its answer; ``until`` is JavaScript that is true only once the answer is there."""
        self.page.evaluate(
            "([s, events, until]) => stopwatch.arm(s, events, until)",
            [self.selector, list(events or ("keydown",)), until],
        )
        act()
        self.page.wait_for_function(
            "([quiet, until]) => stopwatch.over(quiet, until)", arg=[quiet, until], timeout=timeout * 1000
        )
        return Answer(**self.page.evaluate("() => stopwatch.read()"))
