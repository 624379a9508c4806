"""Fourier estimation, search and selection."""

from .means import character_means
from .scan import scan
from .spectroscopy import activation_spectroscopy

__all__ = ["activation_spectroscopy", "character_means", "scan"]
