"""On/off recordings of units, as bits."""

from .cube import chi, points_from_index
from .table import Patterns

__all__ = ["Patterns", "chi", "points_from_index"]
