"""A question that takes long: a button, the work with progress and Cancel, and the answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import ipywidgets as widgets
from traitlets import Any as AnyTrait

from ..kit.banner import guarded, sentence
from ..kit.job import Job, Report
from ..kit.one_thread import running_loop

_REST = 0.05  # seconds


class Asked(widgets.HBox):
    """A button that starts one piece of work; it takes no room once the answer is there.

    Parameters
    ----------
    description, tooltip : str
        Of the button.
    work : callable
        ``work(question, report)`` gives the answer; it runs in the background.
    banner : Banner
        Where an error goes.
    gives_way : callable
        True while other work goes on that people wait for; this one then rests.

    Attributes
    ----------
    question
        What is asked about; None where there is nothing to ask.
    found
        The answer; None until it is there. What is shown beside it stays while another question is worked on.
    """

    found = AnyTrait(None, allow_none=True)

    def __init__(
        self,
        description: str,
        tooltip: str,
        work: Callable[[Any, Report], Any],
        banner: widgets.Widget,
        gives_way: Callable[[], bool] = lambda: False,
    ) -> None:
        self._work, self.banner, self._gives_way = work, banner, gives_way
        self.question: Any = None
        self._tried: Any = None  # the question that the job is about
        self.button = widgets.Button(
            description=description, icon="refresh", tooltip=tooltip, layout=widgets.Layout(width="auto", margin="0")
        )
        self.job = Job(on_error=lambda error: banner.say(sentence(error)))
        super().__init__([self.button, self.job])
        self.add_class("actspec-job")
        self.button.on_click(self._pressed)
        self.job.observe(self._arrange, "state")
        self._arrange(None)

    def offer(self, question: Any, known: Any = None, at_once: bool = False) -> None:
        """Another question, with its answer if that is known.

        Otherwise it is worked on ``at_once``, where an event loop runs and so nobody has to wait; or when the button is
        pressed. The same question once more changes nothing.
        """
        if question == self.question:
            return
        self.job.cancel()
        self.question, self.found = question, known
        if question is not None and known is None and at_once and running_loop() is not None:
            self.ask()
        self._arrange(None)

    def ask(self) -> None:
        """Start the work, as a press on the button does."""
        self._tried = self.question
        self.job.start(partial(self._in_turn, self.question), partial(self._deliver, self.question))

    def _in_turn(self, question, report):
        """The work, resting whenever it reports while it gives way; nor is its answer handed over meanwhile."""
        check = report.check

        def rest():
            check()
            while self._gives_way():
                time.sleep(_REST)
                check()

        report.check = rest
        answer = self._work(question, report)
        rest()
        return answer

    @guarded
    def _pressed(self, _):
        self.ask()

    def _deliver(self, question, answer):
        if question == self.question:
            self.found = answer
        self._arrange(None)

    def _arrange(self, _):
        """Show only what there is to do or to watch; the banner says what has failed."""
        busy = self.job.state in ("running", "stopping")
        open_ = self.question is not None and self.found is None
        stopped = open_ and self._tried == self.question and self.job.state == "stopped"
        self.button.layout.display = "" if open_ and not busy and not stopped else "none"
        self.job.layout.display = "" if busy or stopped else "none"
        self.layout.display = "" if busy or open_ else "none"
