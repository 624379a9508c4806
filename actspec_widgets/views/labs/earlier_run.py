"""A run to compare with: kept from the lab or read from a table, drawn dashed behind the present one."""

from __future__ import annotations

import html
from collections.abc import Callable, Collection, Sequence

import ipywidgets as widgets
from traitlets import Tuple, Unicode

from ...studies.noise.run import DISTURBANCES
from ..kit.banner import Banner, guarded
from ..kit.words import counted, muted_html


class EarlierRun(widgets.VBox):
    """Buttons that keep, read and forget a run, and a sentence about it.

    Parameters
    ----------
    banner : Banner
        Where errors are said.
    keep : callable
        Called by the button that keeps the present run; it sets ``rows`` and ``name``.
    read : callable
        Gets the bytes of a CSV file and returns its rows; raises ValueError for one that does not fit.

    Attributes
    ----------
    rows : tuple of dict
        Empty while there is none.
    name : str
        What it is called in sentences.
    """

    rows = Tuple()
    name = Unicode("")

    def __init__(self, banner: Banner, keep: Callable[[], None], read: Callable[[bytes], Sequence[dict]]):
        self.banner, self._read = banner, read
        self.keep_button = widgets.Button(
            description="Keep to compare", icon="thumbtack", tooltip="Keep these curves, dashed, behind the next ones"
        )
        self.upload = widgets.FileUpload(
            accept=".csv", description="Compare with a table", tooltip="A CSV file of the noise study, drawn dashed"
        )
        self.upload.layout.width = "auto"
        self.forget_button = widgets.Button(
            description="Forget it", icon="times", tooltip="Take the dashed curves of the earlier run away"
        )
        self.words = widgets.HTML()
        self.keep_button.on_click(lambda _: keep())
        self.upload.observe(self._uploaded, "value")
        self.forget_button.on_click(lambda _: self.forget())
        row = widgets.Box([self.keep_button, self.upload, self.forget_button])
        row.add_class("actspec-plant")
        super().__init__([row, self.words])

    def set_run(self, rows: Sequence[dict], name: str) -> None:
        with self.hold_trait_notifications():
            self.rows, self.name = tuple(rows), name

    def forget(self) -> None:
        self.set_run((), "")

    @guarded
    def _uploaded(self, change):
        if change.new:
            name, content = change.new[0]["name"], bytes(change.new[0]["content"])
            self.upload.value = ()
            rows = self._read(content)
            self.banner.clear()
            self.set_run(rows, f"{name}, {counted(len(rows), 'row')}")

    def about(self, disturbance: str) -> list[dict]:
        """The rows on that disturbance."""
        return [row for row in self.rows if row["disturbance"] == disturbance]

    def say(self, disturbance: str, methods: Collection[str]) -> None:
        """Say what is drawn of it where curves of these methods on this disturbance are shown, or why nothing is."""
        (self.forget_button.remove_class if self.rows else self.forget_button.add_class)("actspec-hidden")
        if not self.rows:
            self.words.value = ""
            return
        behind = self.about(disturbance)
        text = f"Dashed: {self.name}."
        if not behind:
            kinds = ", ".join(dict.fromkeys(DISTURBANCES.get(row["disturbance"], "?") for row in self.rows))
            text = f"Not drawn: {self.name}, as it is about {kinds}."
        elif not {row["method"] for row in behind} & set(methods):
            text = f"Not drawn: {self.name}, as it has none of these methods."
        self.words.value = muted_html(html.escape(text), spoken=True)
