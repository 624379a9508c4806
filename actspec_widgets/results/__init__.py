"""Frozen results: what was found, how sure, and what was looked at."""

from .binarisation import BinarisationCost
from .comparison import Comparison, compare_spectra
from .coverage import Coverage
from .distributedness import Distributedness
from .encoding import Encoding
from .estimates import Estimates
from .experiment import Experiment
from .families import Families
from .family import Family
from .indices import banzhaf_values, interactions, moebius, shapley_values
from .intervention import Flip, Intervention
from .layers import DistributedLayers
from .measures import Measure
from .parity_groups import ParityGroup, ParityGroups
from .spectrum import Spectrum
from .target_comparison import TargetComparison
from .trace import Trace, TraceEdge, TraceNode
from .weights import Concentration, Extent

__all__ = [
    "BinarisationCost",
    "Comparison",
    "Concentration",
    "Coverage",
    "DistributedLayers",
    "Distributedness",
    "Encoding",
    "Estimates",
    "Experiment",
    "Extent",
    "Families",
    "Family",
    "Flip",
    "Intervention",
    "Measure",
    "ParityGroup",
    "ParityGroups",
    "Spectrum",
    "TargetComparison",
    "Trace",
    "TraceEdge",
    "TraceNode",
    "banzhaf_values",
    "compare_spectra",
    "interactions",
    "moebius",
    "shapley_values",
]
