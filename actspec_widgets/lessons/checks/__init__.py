"""Tell a learner how a prediction or an exercise went: what is wrong, never the answer."""

from .compare import compare_function, compare_prediction
from .spectra import agreement, character_mean, parity, signs, swing
from .tracing import joint_effect, parity_target

__all__ = [
    "agreement",
    "character_mean",
    "compare_function",
    "compare_prediction",
    "joint_effect",
    "parity",
    "parity_target",
    "signs",
    "swing",
]
