"""Work in the background that can be watched and stopped, one piece at a time, the newest request first.

The worker thread never touches a widget: it writes plain attributes, and a pump on the event loop that started
it copies them into the page. Where no loop runs (plain Python) the work is done before ``start`` returns.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import contextvars
import html
import sys
import threading
import time
from collections.abc import Callable
from typing import Any
from weakref import WeakSet

import ipywidgets as widgets
from traitlets import Unicode

from ...progress import Cancelled
from .one_thread import running_loop

_REFRESH = 0.1  # seconds between two looks at the worker
_AT_EXIT = 2.0  # seconds that the end of Python waits for each piece of work, at most
_GUESS_AFTER = 0.7  # seconds of work before the remaining time is worth showing


class Report:
    """What a piece of work is given as ``progress``: a call records ``(done, total)`` and raises Cancelled on request.

    ``report.stage("Recording")`` names what follows and starts its count at zero.
    """

    def __init__(self, refresh: Callable[[], None] | None = None):
        self.stop = threading.Event()
        self.name, self.fraction, self.since = "Working", 0.0, time.monotonic()
        self.news: Any = None  # what is known so far; a new object is shown while the work goes on
        self._refresh = refresh

    def stage(self, name: str) -> None:
        self.name, self.fraction, self.since = name, 0.0, time.monotonic()
        self.check()

    def __call__(self, done: int, total: int) -> None:
        self.fraction = min(done / total, 1.0) if total > 0 else 0.0
        self.check()

    def check(self) -> None:
        """Raise Cancelled where stopping was asked for."""
        if self.stop.is_set():
            raise Cancelled
        if self._refresh is not None:
            self._refresh()

    def words(self) -> str:
        """``Searching: 40 %, about 3 s left``."""
        elapsed, f = time.monotonic() - self.since, self.fraction
        text = f"{self.name}: {f:.0%}" if f else f"{self.name} …"
        if f > 0.02 and elapsed > _GUESS_AFTER:
            text += f", about {remaining_words(elapsed * (1 - f) / f)} left"
        return text


def remaining_words(seconds: float) -> str:
    """Rounded up, so that it is rarely too short.

    Examples
    --------
    >>> remaining_words(2.2), remaining_words(200)
    ('3 s', '4 min')
    """
    return f"{int(seconds) + 1} s" if seconds < 90 else f"{int(seconds / 60) + 1} min"


class _Run:
    """One piece of work and how it went."""

    def __init__(self, work, done, meanwhile, report):
        self.work, self.done, self.meanwhile, self.report = work, done, meanwhile, report
        self.told: Any = None
        self.result: Any = None
        self.error: BaseException | None = None
        self.thread: threading.Thread | None = None
        self.finished = False
        self.started = time.monotonic()

    def execute(self) -> None:
        try:
            self.result = self.work(self.report)
        except BaseException as error:
            self.error = error
        finally:
            self.finished = True


# Python ends without its daemon threads, and one that is inside torch then takes the process down with it.
_at_work: dict[threading.Thread, Report] = {}


@atexit.register
def _stop_at_exit() -> None:
    there = list(_at_work.items())
    for _, report in there:
        report.stop.set()
    for thread, _ in there:
        thread.join(_AT_EXIT)


class Job(widgets.HBox):
    """A row with a progress bar, the remaining time, and Cancel.

    Parameters
    ----------
    on_error : callable
        Gets the exception of work that failed, or of what was to be done with its result.

    Attributes
    ----------
    aftermath : str
        What to add to "Stopped." and "Failed.".
    state : str
        "idle", "running", "stopping", "done", "stopped" or "failed".
    """

    state = Unicode("idle", read_only=True)

    def __init__(self, on_error: Callable[[BaseException], None]):
        self._on_error = on_error
        self._run: _Run | None = None
        self._next: tuple[Callable, Callable, Callable | None] | None = None
        self._last: tuple[Callable, Callable, Callable | None] | None = None
        self._task: asyncio.Task | None = None
        self._refreshed = 0.0
        self._cancelled_here: _Run | None = None  # by its own button
        self.aftermath = ""
        self.bar = widgets.FloatProgress(min=0.0, max=1.0, tooltip="How much of the work is done")
        self.cancel_button = widgets.Button(
            description="Cancel", icon="stop", tooltip="Stop the work and keep the picture as it is"
        )
        self.again_button = widgets.Button(
            description="Run again", icon="repeat", tooltip="Start the same work once more"
        )
        self.progress_text = widgets.HTML()
        self.status = widgets.HTML()
        self.cancel_button.on_click(self._cancel_clicked)
        self.again_button.on_click(lambda _: self.again())
        for late in (self.bar, self.progress_text, self.cancel_button):
            late.add_class("actspec-late")
        super().__init__([self.bar, self.cancel_button, self.progress_text, self.again_button, self.status])
        self.add_class("actspec-job")
        self._show("idle", "")
        _made_here(self)

    # What the outside calls, on the event loop's thread.

    def start(
        self,
        work: Callable[[Report], Any],
        done: Callable[[Any], None],
        meanwhile: Callable[[Any], None] | None = None,
    ) -> None:
        """Run ``work(report)``, then ``done(result)``; work still running is stopped and its result dropped.

        ``meanwhile(news)`` is called, on the event loop's thread, for what the work puts into ``report.news``.
        """
        self._last = (work, done, meanwhile)
        if self._run is None:
            self._launch(work, done, meanwhile)
        else:
            self._next = (work, done, meanwhile)
            self._run.report.stop.set()

    def again(self) -> None:
        """Start what was stopped or failed once more."""
        if self._last is not None and self._run is None:
            self._launch(*self._last)

    def cancel(self) -> None:
        """Stop; what is shown stays."""
        self._next = None
        if self._run is not None:
            self._run.report.stop.set()
            self._show("stopping", "Stopping …")

    def wait(self, timeout: float | None = None) -> bool:
        """Block until nothing runs any more and the result is delivered; False if that took too long."""
        end = None if timeout is None else time.monotonic() + timeout
        while (run := self._run) is not None and run.thread is not None:
            run.thread.join(None if end is None else max(end - time.monotonic(), 0.0))
            if not run.finished:
                return False
            self._settle(run)
        return True

    def close(self) -> None:
        self.cancel()
        super().close()

    # Behind it.

    def _cancel_clicked(self, _):
        self._cancelled_here = self._run
        self.cancel()

    def _launch(self, work, done, meanwhile):
        if (loop := running_loop()) is None:
            self._run = run = _Run(work, done, meanwhile, Report(refresh=self._refresh_now_and_then))
            self._show("running")
            run.execute()
            self._settle(run)
            return
        self._run = run = _Run(work, done, meanwhile, Report())
        self._show("running")
        # The callback keeps the caller's context: the kernel finds there which cell's output it belongs to.
        context = contextvars.copy_context()

        def body():
            run.execute()
            _at_work.pop(thread)
            with contextlib.suppress(RuntimeError):  # the loop has been closed, so there is no page to tell
                loop.call_soon_threadsafe(self._settle, run, context=context)

        run.thread = thread = threading.Thread(target=body, name="actspec-job", daemon=True)
        _at_work[thread] = run.report
        thread.start()
        self._task = loop.create_task(self._pump(run))  # kept here: a loop holds its tasks weakly

    async def _pump(self, run):
        while self._run is run and not run.finished:
            self._refresh(run)
            await asyncio.sleep(_REFRESH)

    def _refresh_now_and_then(self):
        if time.monotonic() - self._refreshed > _REFRESH and self._run is not None:
            self._refreshed = time.monotonic()
            self._refresh(self._run)

    def _refresh(self, run):
        if run.report.stop.is_set():
            return  # nothing is drawn between Cancel and "Stopped"
        self.bar.value = run.report.fraction
        if run.meanwhile is not None and run.report.news is not run.told:
            run.told = run.report.news
            try:
                run.meanwhile(run.told)
            except Exception as error:  # a picture that fails must not stop the work
                self._on_error(error)
        self.progress_text.value = html.escape(run.report.words())

    def _settle(self, run):
        """Deliver what a run came to, once; a stopped one has nothing to deliver."""
        if run is not self._run:
            return
        self._run = None
        if self._next is not None:
            following, self._next = self._next, None
            self._launch(*following)
            return
        error = run.error
        stopped = run.report.stop.is_set() or isinstance(error, (Cancelled, KeyboardInterrupt))
        if error is None and not stopped:
            try:
                run.done(run.result)
            except Exception as raised:
                error = raised
            if self._run is not None:
                return  # what was done with the result has started the next piece of work
        if stopped:
            self._show("stopped", f"Stopped. {self.aftermath}")
            if run is self._cancelled_here:
                self.again_button.focus()  # the keyboard's place went with the Cancel button
        elif error is not None:
            self._on_error(error)
            self._show("failed", f"Failed. {self.aftermath}")
        else:
            self._show("done", f"Done in {time.monotonic() - run.started:.1f} s.")
        if isinstance(error, (KeyboardInterrupt, SystemExit)) and run.thread is None:
            raise error

    def _show(self, state, text=""):
        self.set_trait("state", state)
        busy = state in ("running", "stopping")
        self.cancel_button.disabled = state != "running"
        if state == "running":
            self.bar.value, self.progress_text.value = 0.0, ""
        (self.add_class if busy else self.remove_class)("actspec-running")
        for part in (self.bar, self.progress_text, self.cancel_button):
            (part.remove_class if busy else part.add_class)("actspec-hidden")
        again = state in ("stopped", "failed") and self._last is not None
        (self.again_button.remove_class if again else self.again_button.add_class)("actspec-hidden")
        # While work runs the line beside the bar tells how far it is; only screen readers need a word more.
        spoken = '<span class="actspec-spoken">Working</span>' if state == "running" else html.escape(text)
        self.status.value = f'<span role="status">{spoken}</span>'


# A cell that runs again replaces what it made before; nothing can reach the old work any more, so it is stopped.
_made: dict[str, tuple[str, WeakSet[Job]]] = {}  # by cell: the run of it, and the jobs made in that run


def _made_here(job: Job) -> None:
    """Remember that the running cell has made ``job``; stop the jobs that an earlier run of the same cell made."""
    if (running := _running()) is None:
        return
    cell, run = running
    known = _made.get(cell)
    if known is None or known[0] != run:
        for old in known[1] if known else ():
            old.cancel()
        known = _made[cell] = run, WeakSet()
    known[1].add(job)


def _running() -> tuple[str, str] | None:
    """The running cell and which run of it this is; None outside of a notebook, and in a widget's callback."""
    if "IPython" not in sys.modules:
        return None
    from IPython import get_ipython

    parent: dict[str, Any] = getattr(get_ipython(), "get_parent", dict)() or {}
    header, cell = parent.get("header", {}), parent.get("metadata", {}).get("cellId")
    return (cell, header["msg_id"]) if cell and header.get("msg_type") == "execute_request" else None
