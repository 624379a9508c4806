"""How probable each column is, from the definition: all sets of columns, and all values of g."""

import itertools
import math

import numpy as np

from naive_inference import rss


def probabilities(rows, y, examined, most, log_g):
    """The share of all sets that hold a column, each set as often as it is probable; shape (p,)."""
    n, total = len(y), float(((y - y.mean()) ** 2).sum())
    weights, held = [], []
    for size in range(most + 1):
        for chosen in itertools.combinations(range(len(rows)), size):
            left = rss([rows[i] for i in chosen], y) / total
            for value in log_g:
                g = math.exp(value)
                likelihood = (n - 1 - size) / 2 * math.log(1 + g) - (n - 1) / 2 * math.log(1 + g * left)
                weights.append(likelihood - math.log(math.comb(examined, size)))
                held.append([i in chosen for i in range(len(rows))])
    share = np.exp(np.array(weights) - max(weights))
    return share @ np.array(held, float) / share.sum()
