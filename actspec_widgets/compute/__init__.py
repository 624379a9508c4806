"""Fourier estimation, search and selection."""

from .effects.distributedness import distributedness
from .effects.experiment import experiment
from .exhaustive.scan import scan, scan_targets
from .exhaustive.together import coactive
from .families.stability import stability
from .means import character_means
from .method.binarisation import binarisation_cost
from .method.explanation import explain
from .method.intervention import by_experiment, flip_one, intervene
from .method.parity_groups import parity_groups
from .method.relations import exact_relations
from .method.spectroscopy import activation_spectroscopy
from .queries.goldreich_levin import goldreich_levin
from .queries.published import published_procedure
from .queries.sparse_transform import sparse_transform
from .samples.beam import beam
from .samples.best_first import best_first
from .transform.block import block_spectrum
from .transform.wht import walsh_hadamard
from .warming import warm

__all__ = [
    "activation_spectroscopy",
    "beam",
    "best_first",
    "binarisation_cost",
    "block_spectrum",
    "by_experiment",
    "character_means",
    "coactive",
    "distributedness",
    "exact_relations",
    "experiment",
    "explain",
    "flip_one",
    "goldreich_levin",
    "intervene",
    "parity_groups",
    "published_procedure",
    "scan",
    "scan_targets",
    "sparse_transform",
    "stability",
    "walsh_hadamard",
    "warm",
]
