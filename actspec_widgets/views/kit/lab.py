"""What every lab is: settings as traits, controls that follow them, one piece of work at a time, errors in the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as widgets
from traitlets import Bool, Int, TraitError, Tuple, validate

from ...patterns.cube import as_subset
from .banner import Banner, guarded, sentence
from .closing import close_tree
from .controls import Field, bind, fields_box
from .head import page_head
from .job import Job, Report
from .pictured import Pictured
from .still import paragraphs, still_of


class Lab(Pictured, widgets.VBox):
    """A lab computes ``_work(settings, report)`` whenever a setting changes, and shows what comes back.

    A subclass names its setting traits in ``SETTINGS``, gives :meth:`_assemble` a field for each that people can move
    and the parts that it draws, and has ``_work(settings, report)``, run in the background, and
    ``_deliver(settings, result)``, run in the page: at the end, and before it with what the work puts into
    ``report.news``.

    ``settings``, ``selection`` and results, as ``spectrum``, come back as data, and follow those of other labs after
    :func:`actspec_widgets.views.link_labs`; ``code()`` gives the lines of Python that reproduce what is shown.

    Attributes
    ----------
    busy : bool
        Whether a computation runs. Where an event loop runs, as in a notebook, it goes on in the background and
        :meth:`wait` waits for it; elsewhere it is over when the setting has been set.
    selection : tuple of int or None
        The selected subset; clicks set it, and it can be set.
    controls : dict of str to Widget
        The control of each setting that has one.
    """

    SETTINGS: tuple[str, ...] = ()
    SHOWN: tuple[str, ...] = ()  # traits that choose what is drawn of the result, which may be given as well
    AFTERMATH = "What is shown is from before."
    _ready = False  # nothing is computed or drawn before every part is there

    title: widgets.HTML  # a subclass's headline
    busy = Bool(False, read_only=True)
    selection = Tuple(default_value=None, allow_none=True)
    seed = Int(0, min=0)

    def __init__(self, **settings: Any):
        known = (*self.SETTINGS, *self.SHOWN)
        if unknown := sorted(set(settings) - set(known)):
            raise TypeError(f"{type(self).__name__} has no setting {unknown[0]!r}; it has {', '.join(known)}")
        self._shown: dict[str, Any] = {}  # the settings of what is shown
        self.banner, self.job = Banner(), Job(on_error=self._failed)
        self.job.aftermath = self.AFTERMATH
        super().__init__()
        self.add_class("actspec")
        for name, value in settings.items():
            setattr(self, name, value)

    def _assemble(
        self,
        fields: Mapping[str, Field],
        *parts: widgets.Widget,
        above: tuple[widgets.Widget, ...] = (),
        status: widgets.Widget | None = None,
        changed: Callable[[], None] | None = None,
    ) -> None:
        """Bind the controls, lay out, and compute for the first time.

        Parameters
        ----------
        fields : mapping of str to Field
            By setting.
        *parts : Widget
            What stands below the controls.
        above : tuple of Widget
            What stands above them.
        status : Widget, optional
            In place of the job's row.
        changed : callable, optional
            Called now and whenever a setting has changed, in place of :meth:`run`.
        """
        self.fields = dict(fields)
        self.controls = {name: field.control for name, field in self.fields.items()}
        for name, control in self.controls.items():
            bind(self, name, control)
        self.control_box = fields_box(*self.fields.values())
        self._fixed = (*page_head(), *above, self.control_box, self.job if status is None else status, self.banner)
        self._put_below(*parts)
        self.job.observe(self._job_changed, "state")
        changed = self.run if changed is None else changed
        self.observe(lambda _: changed(), list(self.SETTINGS))
        self._ready = True
        changed()

    def _put_below(self, *parts: widgets.Widget) -> None:
        """Replace what stands below the controls."""
        self.children = [*self._fixed, *parts]

    def _take_out(self, name: str) -> None:
        """Take away the field of a setting that no longer means anything."""
        self.control_box.children = [f for n, f in self.fields.items() if n != name and f in self.control_box.children]

    @validate("selection")
    def _check_selection(self, proposal):
        spectrum = getattr(self, "spectrum", None)
        if proposal.value is None or spectrum is None:
            return proposal.value
        try:
            return as_subset(proposal.value, spectrum.n_units) or None
        except (TypeError, ValueError) as error:
            raise TraitError(str(error)) from None

    # Settings -> work -> result.

    @property
    def settings(self) -> dict[str, Any]:
        """The settings as they stand."""
        return {name: getattr(self, name) for name in self.SETTINGS}

    def run(self) -> None:
        """Compute with the settings as they stand."""
        settings = self.settings

        def show(result):
            self._shown = settings
            self._deliver(settings, result)

        def finish(result):
            self.banner.clear()
            show(result)

        self.job.start(lambda report: self._work(settings, report), finish, meanwhile=show)

    def _work(self, settings: dict[str, Any], report: Report) -> Any:
        raise NotImplementedError

    def _deliver(self, settings: dict[str, Any], result: Any) -> None:
        raise NotImplementedError

    @guarded
    def _job_changed(self, change):
        self.set_trait("busy", change.new in ("running", "stopping"))
        if not self.busy:
            self.refresh_pictures()

    # Without a kernel.

    def sentence(self) -> str:
        """What the lab found, in plain words."""
        return " ".join(paragraphs(self.title.value)) or "Nothing has been computed yet."

    def picture(self) -> str:
        """What the lab shows as an SVG text, for pages without a kernel."""
        return still_of(self, *paragraphs(self.title.value))

    def _finish(self) -> None:
        self.job.wait()

    def _failed(self, error):
        self.banner.say(sentence(error))

    def code(self) -> str:
        """Lines of Python that reproduce what is shown, whatever the controls say meanwhile.

        Raises
        ------
        ValueError
            If there is nothing to show yet.
        """
        raise NotImplementedError

    def _settings_shown(self) -> dict[str, Any]:
        if not self._shown:
            raise ValueError("nothing has been computed yet; wait() for it, or run() again")
        return self._shown

    def about(self) -> dict[str, Any]:
        """What the result shown was computed from and with, for a page about it."""
        return dict(self._settings_shown())

    def exhibits(self) -> dict[str, Any]:
        """What such a page shows beside the spectrum, where the lab has it: fields of ``pages.exhibit.Exhibit``."""
        return {}

    def wait(self, timeout: float | None = None) -> Lab:
        """Block until the newest settings are computed and shown.

        Raises
        ------
        TimeoutError
            If that takes longer than ``timeout`` seconds.
        """
        if not self.job.wait(timeout):
            raise TimeoutError(f"still computing after {timeout:g} s; wait longer, or call cancel()")
        return self

    def cancel(self) -> None:
        """Stop the computation that runs; what is shown stays."""
        self.job.cancel()

    def close(self) -> None:
        """Stop what runs, and close every widget that this lab alone uses."""
        if getattr(self, "comm", None) is None:
            super().close()  # closed before, or its constructor has failed
        else:
            self.send_what_waits()
            close_tree(self)
