"""The transform and the block spectrum straight from their definitions; nothing here imports the package."""

import math


def coordinate(index, i):
    """x_i of a table entry: -1 where bit i of the index is set."""
    return -1 if index >> i & 1 else 1


def subset(mask, n):
    return tuple(i for i in range(n) if mask >> i & 1)


def fourier_coefficient(values, S):
    """f_hat(S) = E_x[f(x) chi_S(x)] over the uniform cube (O'Donnell 2014, proposition 1.8)."""
    terms = (float(v) * math.prod(coordinate(index, i) for i in S) for index, v in enumerate(values))
    return math.fsum(terms) / len(values)


def spectrum(values):
    n = len(values).bit_length() - 1
    return [fourier_coefficient(values, subset(mask, n)) for mask in range(len(values))]


def character_mean(X, y, S):
    return math.fsum(float(v) * math.prod(int(x[i]) for i in S) for x, v in zip(X, y, strict=True)) / len(y)


def block_spectrum(X, y, units):
    """E_data[(y - mean y) chi_S] for every S inside ``units``; bit k of the position is set where S holds units[k]."""
    k = len(units)
    mean = math.fsum(map(float, y)) / len(y)
    y = [float(v) - mean for v in y]
    return [character_mean(X, y, [units[i] for i in subset(mask, k)]) for mask in range(1 << k)]
