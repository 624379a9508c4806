"""Other subsets that carry the same information on the data as a reported one."""

from __future__ import annotations

from itertools import islice, product

import numpy as np

from ...patterns.cube import Subset, order_key
from .characters import Characters, relation
from .relations import UnitClasses

_LISTED = 20  # for each subset
_CHUNK = 512  # units whose characters are formed at once


class Equivalents:
    """Looks up, for subsets of these classes of units, those that carry the same information on all samples."""

    def __init__(self, characters: Characters, classes: UnitClasses, rho_max: float):
        self.characters, self.classes, self.rho_max = characters, classes, rho_max
        self.places = {unit: at for at, group in enumerate(classes.members) for unit in group}
        self.near: dict[int, list[tuple[float, int]]] = {}

    def of(self, subset: Subset) -> tuple[Subset, ...]:
        """Duplicates swapped in, then those with one near-duplicate, the closest first."""
        places, members = self.places, self.classes.members
        # a unit that may not take part, which only a subset to include can hold, is not swapped
        swaps = (
            tuple(sorted(units)) for units in product(*(members[places[u]] if u in places else (u,) for u in subset))
        )
        exact = [s for s in islice(swaps, _LISTED + 1) if s != subset and len(set(s)) == len(s)]
        near = []
        for unit in subset:
            for close, other in self._near(places[unit]) if unit in places else ():
                swapped = tuple(sorted((set(subset) - {unit}) | {other}))
                if swapped != subset and len(swapped) == len(subset):
                    near.append((-close, order_key(swapped), swapped))
        found = exact + [s for _, _, s in sorted(near)]
        return tuple(dict.fromkeys(found))[:_LISTED]

    def _near(self, place):
        """Representatives of the classes that nearly agree or disagree with one, and how closely."""
        if place not in self.near:
            characters, units = self.characters, self.classes.representatives
            ones, row = characters.rows(((), (units[place],)))
            total, norm = characters.inner(row[None], ones)[0], characters.norms(row[None])[0]
            found = []
            for at in range(0, len(units), _CHUNK):
                table = characters.rows([(unit,) for unit in units[at : at + _CHUNK]])
                totals = characters.inner(table, ones)
                inner, norms = characters.inner(table, row), characters.norms(table)
                cosine, correlation = relation(inner, norms, norm, totals, total, characters.n_samples)
                close = np.minimum(np.abs(cosine), np.abs(correlation))
                found += [(close[i], units[at + i]) for i in np.flatnonzero(close >= self.rho_max)]
            self.near[place] = found
        return self.near[place]
