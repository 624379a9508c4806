"""Tell a learner how a prediction or an exercise went: what is wrong, never the answer."""

from .compare import compare_function, compare_prediction
from .dropout import noise_operator, slope_over_seeds, subsets_for
from .noise import chance_of_a_false_find, corrected_p, shrunk
from .own_model import pooled, query, share_returned
from .recovery import f1_score, needed_samples, shapley_values
from .sentences import four_coefficients, mean_in_cells, share_explained
from .spectra import agreement, character_mean, parity, signs, swing
from .tracing import joint_effect, parity_target
from .words import joint_share, pair_coefficient, second_difference, xor

__all__ = [
    "agreement",
    "chance_of_a_false_find",
    "character_mean",
    "compare_function",
    "compare_prediction",
    "corrected_p",
    "f1_score",
    "four_coefficients",
    "joint_effect",
    "joint_share",
    "mean_in_cells",
    "needed_samples",
    "noise_operator",
    "pair_coefficient",
    "parity",
    "parity_target",
    "pooled",
    "query",
    "second_difference",
    "shapley_values",
    "share_explained",
    "share_returned",
    "shrunk",
    "signs",
    "slope_over_seeds",
    "subsets_for",
    "swing",
    "xor",
]
