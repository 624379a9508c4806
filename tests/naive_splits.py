"""Combining p-values over splits, straight from Meinshausen, Meier and Bühlmann (2009), section 2.2."""

import math


def quantile(values, share):
    """Empirical quantile: the smallest value that at least this share of the values does not exceed."""
    for value in sorted(values):
        if sum(v <= value for v in values) / len(values) >= share:
            return value
    raise ValueError(share)


def aggregated(p_values, gamma_min):
    """``min(1, (1 - log gamma_min) * inf Q(gamma))`` for one subset, the infimum over a fine grid of gamma."""
    splits = len(p_values)
    grid = [gamma_min + (1 - gamma_min) * i / 400 for i in range(1, 400)]
    grid += [k / splits for k in range(1, splits) if k / splits > gamma_min] + [1 - 1e-12]
    best = min(min(1.0, quantile([p / gamma for p in p_values], gamma)) for gamma in grid)
    return min(1.0, (1 - math.log(gamma_min)) * best)
