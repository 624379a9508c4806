"""Fourier estimation, search and selection."""

from .beam import beam
from .best_first import best_first
from .block import block_spectrum
from .block_top import block_top
from .goldreich_levin import goldreich_levin
from .means import character_means
from .scan import scan
from .sparse_transform import sparse_transform
from .spectroscopy import activation_spectroscopy
from .warming import warm
from .wht import walsh_hadamard

__all__ = [
    "activation_spectroscopy",
    "beam",
    "best_first",
    "block_spectrum",
    "block_top",
    "character_means",
    "goldreich_levin",
    "scan",
    "sparse_transform",
    "walsh_hadamard",
    "warm",
]
