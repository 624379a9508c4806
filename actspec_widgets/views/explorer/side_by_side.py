"""Two models, layers, outputs or spectra side by side: the same settings but for one, and what differs."""

from __future__ import annotations

import html
from collections.abc import Sequence

import ipywidgets as widgets
import numpy as np
from traitlets import Instance, Tuple

from ...results import Comparison, Spectrum, compare_spectra
from ...results.digits import decimals
from ..kit.banner import Banner, guarded
from ..kit.closing import close_tree
from ..kit.head import page_head
from ..kit.linking import link_labs
from ..kit.pictured import Pictured
from ..kit.still import paragraphs, still_of
from ..kit.table import Column, Table
from ..kit.twin import TextTwin
from ..kit.words import counted, headline_html, marked_label, percent, tidy
from .explorer import SpectrumExplorer

_NAME = 60  # letters of a side's name


class SideBySide(Pictured, widgets.VBox):
    """Two explorers in step, and a table of what they report differently.

    Of layers with different numbers of units the subsets do not correspond: each side then keeps its own selection, and
    only what is explained is set side by side.

    Parameters
    ----------
    a, b : SpectrumExplorer or Spectrum
    names : two str
        What to call them.
    settings : bool
        Whether settings that agree at first stay so; those that differ are what is compared.

    Attributes
    ----------
    selection : tuple of int or None
        The subset selected in both; can be set.
    comparison : Comparison or None
        Of the two spectra shown; None until both are there, and where their units are not the same number.
    link : LabLink
        Of the settings; ``side_by_side.link.unlink()`` lets each have its own.
    """

    selection = Tuple(default_value=None, allow_none=True)
    comparison = Instance(Comparison, allow_none=True)

    def __init__(
        self,
        a: SpectrumExplorer | Spectrum,
        b: SpectrumExplorer | Spectrum,
        names: Sequence[str] = ("A", "B"),
        *,
        settings: bool = True,
    ):
        if isinstance(names, str) or len(names) != 2:
            raise ValueError(f"names={names!r}; give two names, one for each side")
        self.a, self.b = (s if isinstance(s, SpectrumExplorer) else SpectrumExplorer(s) for s in (a, b))
        self.names = (str(names[0]), str(names[1]))
        self.banner, self.words = Banner(), widgets.HTML()
        self.link = link_labs(self.a, self.b, selection=False, settings=settings)
        self.twin = TextTwin("differences")
        self.twin.downloads.kinds = ["CSV"]  # there is no picture above it
        columns = []
        for name, explorer in zip(self.names, (self.a, self.b), strict=True):
            heading = widgets.HTML(f"<h4><bdi>{html.escape(tidy(name, _NAME))}</bdi></h4>")
            columns.append(widgets.VBox([heading, explorer]))
        both = widgets.Box(columns)
        both.add_class("actspec-beside")
        super().__init__([*page_head(), self.words, self.twin, self.banner, both])
        self.add_class("actspec")
        for explorer in (self.a, self.b):
            explorer.observe(self._compare_sides, "spectrum")
            explorer.observe(self._selected, "selection")
            explorer.observe(self._picture_changed, "busy")
            explorer.bars.observe(self._picture_changed, ["effects", "families"])
        self.observe(self._select, "selection")
        self.twin.observe(self._picked, "selection")
        self.selection = self.a.selection
        self._compare_sides(None)

    def close(self) -> None:
        """Close both explorers and every widget that they alone use."""
        if getattr(self, "comm", None) is None:
            super().close()
        else:
            self.link.unlink()
            self.send_what_waits()
            close_tree(self)

    @property
    def busy(self) -> bool:
        """Whether a side computes."""
        return self.a.busy or self.b.busy

    def _finish(self) -> None:
        self.a._finish()
        self.b._finish()

    @guarded
    def _picture_changed(self, _):
        if not self.busy:
            self.refresh_pictures()

    def sentence(self) -> str:
        """What differs, in plain words."""
        return " ".join(paragraphs(self.words.value))

    def picture(self) -> str:
        """Both sides as an SVG text, for pages without a kernel."""
        return still_of(self, *paragraphs(self.words.value))

    @property
    def _correspond(self) -> bool:
        """Whether a subset of one side is one of the other."""
        a, b = self.a.spectrum, self.b.spectrum
        return a is not None and b is not None and a.n_units == b.n_units

    @guarded
    def _selected(self, change):
        if self._correspond:
            self.selection = change.new

    @guarded
    def _picked(self, change):
        self.selection = change.new

    @guarded
    def _select(self, change):
        if self._correspond:
            self.a.selection = self.b.selection = self.twin.selection = change.new

    @guarded
    def _compare_sides(self, _):
        a, b = self.a.spectrum, self.b.spectrum
        if a is None or b is None:
            self.comparison = None
            self.words.value = headline_html("Waiting for both spectra")
            return
        if not self._correspond:
            self.comparison = self.selection = None
            self.words.value = _apart(a, b, self.names)
            self.twin.tell(lambda: Table(()))
            return
        self.comparison = found = compare_spectra(a, b)
        same = self.a.target == self.b.target
        for mine, other in ((self.a.bars, self.b.bars), (self.b.bars, self.a.bars)):
            mine.beside = (
                other.own_range if same else (0.0, 0.0)
            )  # one axis where the units of measurement are the same
        self.words.value = _sentence(found, self.names, same)
        self.twin.tell(lambda: _table(found, a, b, self.names))


def _names_html(names) -> list[str]:
    return [f"<bdi>{html.escape(tidy(name, _NAME))}</bdi>" for name in names]


def _apart(a: Spectrum, b: Spectrum, names) -> str:
    """What can be said of spectra of different units."""
    sides = [
        f"{counted(len(s), 'subset')} of {counted(s.n_units, 'unit')} {'explains' if len(s) == 1 else 'explain'} "
        f"{percent(s.explained_variance, s.explained_variance_error)} in {name}"
        for s, name in zip((a, b), _names_html(names), strict=True)
    ]
    return headline_html(
        "; ".join(sides), "The units are not the same, so subsets of one side are none of the other's."
    )


def _sentence(found: Comparison, names, same_target: bool) -> str:
    first, second = _names_html(names)
    both, mine = int(found.in_both.sum()), int(found.in_a.sum())
    explained, errors = found.explained_variance, found.explained_variance_error
    shares = " and ".join(f"{percent(explained[at], errors[at])} ({name})" for at, name in enumerate((first, second)))
    # Shares of two outputs are of two variances: their difference says nothing.
    gap = f": {explained[0] - explained[1]:+.1%} ± {np.hypot(*errors):.1%}" if same_target else ", of different outputs"
    twins = sum(twin is not None for twin in found.twins)
    have = "has" if twins == 1 else "have"
    same = f" {counted(twins, 'subset')} of one only {have} an equivalent in the other." if twins else ""
    return headline_html(
        f"{counted(both, 'subset')} in both, {mine - both} only in {first}, {len(found) - mine} only in {second}",
        f"Explained variance {shares}{gap}.{same} Errors of differences are those of independent estimates; on the "
        "same samples they are rather too large. Not reported is not the same as zero.",
    )


def _table(found: Comparison, a: Spectrum, b: Spectrum, names) -> Table:
    owner = [a if mine else b for mine in found.in_a]
    rows = np.arange(len(found))
    digits = max(map(decimals, found.standard_errors[np.isfinite(found.standard_errors)]), default=0)

    def number(value):
        return "–" if np.isnan(value) else f"{value:+.{digits}f}"

    def error(value):
        return "–" if np.isnan(value) else f"{value:.{digits}f}"

    where = [
        "both" if both else f"only {tidy(names[0 if mine else 1], 24)}"
        for both, mine in zip(found.in_both, found.in_a, strict=True)
    ]
    first, second = (tidy(name, 24) for name in names)
    units = Column(
        "units",
        rows.tolist(),
        lambda i: marked_label(owner[i], found.subsets[i], 60),
        lambda i: owner[i].label(found.subsets[i]),
    )
    columns = (
        units,
        Column("reported by", where),
        Column(first, found.coefficients[:, 0], number),
        Column(f"± {first}", found.standard_errors[:, 0], error),
        Column(second, found.coefficients[:, 1], number),
        Column(f"± {second}", found.standard_errors[:, 1], error),
        Column("difference", found.differences, number),
        Column("± error", found.difference_errors, error),
        Column("equivalent there", ["" if t is None else owner[i].label(t) for i, t in enumerate(found.twins)]),
    )
    return Table(columns, keys=found.subsets, caption=f"Coefficients of {first} and {second}.")
