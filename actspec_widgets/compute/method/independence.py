"""Linear independence of subsets over GF(2): vectors of units, whose sum is the symmetric difference."""

from __future__ import annotations

from collections.abc import Iterable

from ...patterns.cube import Subset


class Span:
    """All symmetric differences of some subsets, kept as vectors in echelon form.

    Examples
    --------
    >>> span = Span([(0, 1), (1, 2)])
    >>> (0, 2) in span, (0,) in span, span.made_of((0, 2))
    (True, False, ((0, 1), (1, 2)))
    """

    def __init__(self, subsets: Iterable[Subset] = ()):
        # leading unit of a reduced vector -> that vector, and which of the subsets added up to it
        self._rows: dict[int, tuple[int, int]] = {}
        self._subsets: list[Subset] = []
        for subset in subsets:
            self.add(subset)

    def add(self, subset: Subset) -> None:
        """Widen the span by a subset; one that it holds already changes nothing."""
        vector, parts = self._reduced(subset)
        if vector:
            self._rows[vector.bit_length()] = vector, parts | 1 << len(self._subsets)
            self._subsets.append(subset)

    def __contains__(self, subset: Subset) -> bool:
        return not self._reduced(subset)[0]

    def made_of(self, subset: Subset) -> tuple[Subset, ...]:
        """Those of the subsets added whose symmetric difference is ``subset``, which the span must hold."""
        _, parts = self._reduced(subset)
        return tuple(added for at, added in enumerate(self._subsets) if parts >> at & 1)

    def _reduced(self, subset):
        vector, parts = sum(1 << unit for unit in subset), 0
        # from the highest unit down: what a row clears it may set again only below its leading unit
        while vector and vector.bit_length() in self._rows:
            row, made_of = self._rows[vector.bit_length()]
            vector, parts = vector ^ row, parts ^ made_of
        return vector, parts
