"""What every lab is: settings as traits, controls that follow them, one piece of work at a time, errors in the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as widgets
from traitlets import Bool, Int, TraitError, Tuple, validate

from ...patterns.cube import as_subset
from .accessible import page_head
from .banner import Banner, guarded, sentence
from .controls import Choice, field
from .job import Job, Report


class Lab(widgets.VBox):
    """A lab computes ``work(settings, report)`` whenever a setting changes, and shows what comes back.

    A subclass names its setting traits in ``SETTINGS``, gives controls and parts to :meth:`_assemble` and
    has ``_work(settings, report)``, run in the background, and ``_deliver(settings, result)``, run in the page: at the
    end, and before it with what the work puts into ``report.news``.

    ``settings``, ``selection`` and results, as ``spectrum``, come back as data, and follow those of other labs after
    :func:`actspec_widgets.views.link_labs`; ``code()`` gives the lines of Python that reproduce what is shown.

    Attributes
    ----------
    busy : bool
        Whether a computation runs. Where an event loop runs, as in a notebook, it goes on in the background and
        :meth:`wait` waits for it; elsewhere it is over when the setting has been set.
    selection : tuple of int or None
        The selected subset; clicks set it, and it can be set.
    """

    SETTINGS: tuple[str, ...] = ()
    SHOWN: tuple[str, ...] = ()  # traits that choose what is drawn of the result, which may be given as well
    AFTERMATH = "What is shown is from before."

    busy = Bool(False, read_only=True)
    selection = Tuple(default_value=None, allow_none=True)
    seed = Int(0, min=0)

    def __init__(self, **settings: Any):
        known = (*self.SETTINGS, *self.SHOWN)
        if unknown := sorted(set(settings) - set(known)):
            raise TypeError(f"{type(self).__name__} has no setting {unknown[0]!r}; it has {', '.join(known)}")
        self._ready = False
        self._shown: dict[str, Any] = {}  # the settings of what is shown
        self.banner, self.job = Banner(), Job(on_error=self._failed)
        self.job.aftermath = self.AFTERMATH
        super().__init__()
        self.add_class("actspec")
        for name, value in settings.items():
            setattr(self, name, value)

    def _assemble(self, controls: Mapping[str, tuple[widgets.Widget, str]], *parts: widgets.Widget) -> None:
        """Bind the controls, by setting name, each with its line of help; lay out; compute for the first time."""
        fields = []
        for name, (control, help_line) in controls.items():
            self._bind(name, control)
            fields.append(field(control, help_line))
        self.controls = {name: control for name, (control, _) in controls.items()}
        self.control_box = widgets.Box(fields)
        self.control_box.add_class("actspec-controls")
        self.children = [*page_head(), *self._top(), self.control_box, self.job, self.banner, *parts]
        self.job.observe(self._job_changed, "state")
        self.observe(self._setting_changed, list(self.SETTINGS))
        self._ready = True
        self.run()

    def _top(self) -> tuple[widgets.Widget, ...]:
        """What stands above the controls."""
        return ()

    def _bind(self, name: str, control: widgets.Widget) -> None:
        trait = "choice" if isinstance(control, Choice) else "value"
        _show(control, getattr(self, name))

        @guarded
        def turned(self, change):
            try:
                setattr(self, name, change.new)
            except Exception:
                _show(control, getattr(self, name))  # what is refused is not left standing in the control
                raise

        control.observe(lambda change: turned(self, change), trait)
        self.observe(lambda change: _show(control, change.new), name)

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
        self.job.start(
            self._worker(settings),
            lambda result: self._finished(settings, result),
            lambda news: self._show_result(settings, news),
        )

    def _worker(self, settings: dict[str, Any]) -> Callable[[Report], Any]:
        return lambda report: self._work(settings, report)

    def _work(self, settings: dict[str, Any], report: Report) -> Any:
        raise NotImplementedError

    def _deliver(self, settings: dict[str, Any], result: Any) -> None:
        raise NotImplementedError

    def _finished(self, settings, result):
        self.banner.clear()
        self._show_result(settings, result)

    def _show_result(self, settings, result):
        self._shown = settings
        self._deliver(settings, result)

    def _setting_changed(self, change):
        if self._ready:
            self.run()

    @guarded
    def _job_changed(self, change):
        self.set_trait("busy", change.new in ("running", "stopping"))

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
        if hasattr(self, "job"):  # Python closes a widget also when its constructor has failed
            self.job.close()
        super().close()


def _show(control: widgets.Widget, value: Any) -> None:
    """Move a control to a value set from Python, widening its range where needed."""
    if isinstance(control, Choice):
        known = value in [v for _, v in control.options]
        control.offer(control.options if known else [*control.options, (str(value), value)], value)
        return
    if isinstance(control, widgets.SelectionSlider) and value not in [v for _, v in control.options]:
        control.options = sorted([*control.options, (f"{value:,}", value)], key=lambda option: option[1])
    if hasattr(control, "max"):
        control.max, control.min = max(control.max, value), min(control.min, value)
    control.value = value
