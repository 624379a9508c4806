"""Several labs as one instrument: what is selected, and the settings that they share, follow each other."""

from __future__ import annotations

from typing import Any

from traitlets import TraitError

from .banner import sentence
from .lab import Lab


class LabLink:
    """Labs that are linked; :meth:`unlink` undoes it.

    Attributes
    ----------
    labs : tuple of Lab
    names : dict of Lab to tuple of str
        Which traits of each follow the others.
    """

    def __init__(self, labs: tuple[Lab, ...], selection: bool, settings: bool):
        self.labs = labs
        self._passing_on = False
        self.names = {lab: self._shared(lab, selection, settings) for lab in labs}
        for lab, names in self.names.items():
            if names:
                lab.observe(self._changed, names)
        if selection:
            self._pass_on(labs[0], "selection", labs[0].selection)

    def _shared(self, lab, selection, settings):
        names = [name for name in lab.SETTINGS if settings and self._agreed(name)]
        return (*names, "selection") if selection else tuple(names)

    def _agreed(self, name):
        """Whether two labs or more have this setting, with one value: one that differs is what people compare."""
        values = [getattr(lab, name) for lab in self.labs if name in lab.SETTINGS]
        return len(values) > 1 and all(value == values[0] for value in values)

    def unlink(self) -> None:
        """Let each lab keep its own values from now on; a second call does nothing."""
        for lab, names in self.names.items():
            if names:
                lab.unobserve(self._changed, names)
        self.names = {}

    def _changed(self, change: Any) -> None:
        if not self._passing_on:
            self._pass_on(change.owner, change.name, change.new)

    def _pass_on(self, origin, name, value):
        self._passing_on = True
        try:
            for lab, names in self.names.items():
                if lab is not origin and name in names and getattr(lab, name) != value:
                    try:
                        setattr(lab, name, value)
                    except (TraitError, ValueError) as error:  # another lab, other limits: it keeps its own
                        lab.banner.say(f"not followed: {sentence(error)}")
        finally:
            self._passing_on = False


def link_labs(*labs: Lab, selection: bool = True, settings: bool = True) -> LabLink:
    """Link labs of any kind, the explorer included: they select the same subset, and settings that agree stay so.

    The first one's selection goes to the others at once, later changes from any to all. Settings that differ between
    the labs, as the logit or the layer of two explorers, are what is compared and stay apart. A lab that can not take a
    value (units that it does not have) keeps its own and says so in its banner.

    Parameters
    ----------
    *labs : Lab
        Two or more.
    selection, settings : bool
        What to share.

    Returns
    -------
    LabLink
        With ``.unlink()``.

    Raises
    ------
    TypeError
        If something is no lab.
    ValueError
        If there are fewer than two different labs.

    Examples
    --------
    Two logits, everything else in step: ``link = link_labs(SpectrumExplorer(), SpectrumExplorer(logit=3))``, and later
    ``link.unlink()``.
    """
    for lab in labs:
        if not isinstance(lab, Lab):
            raise TypeError(f"got a {type(lab).__name__}; give labs, such as SpectrumExplorer or RecoveryLab")
    if len(set(map(id, labs))) < max(len(labs), 2):
        raise ValueError(f"got {len(labs)} labs, {len(set(map(id, labs)))} of them different; give two or more")
    return LabLink(labs, selection, settings)
