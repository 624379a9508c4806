"""Frozen results: what was found, how sure, and what was looked at."""

from .coverage import Coverage
from .estimates import Estimates
from .spectrum import Spectrum
from .weights import Concentration

__all__ = ["Concentration", "Coverage", "Estimates", "Spectrum"]
