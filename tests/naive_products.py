"""Products of standardised units, and what is read off them, straight from the definitions; slow on purpose."""

import itertools
import math


def mean(values):
    values = list(values)
    return math.fsum(values) / len(values)


def deviation(values):
    """Standard deviation over the samples themselves."""
    values = list(values)
    middle = mean(values)
    return math.sqrt(mean((v - middle) ** 2 for v in values))


def product(row, subset, centres, scales):
    """prod over i in S of (x_i - mu_i) / sigma_i (O'Donnell 2014, definition 8.39)."""
    result = 1.0
    for i in subset:
        result *= (float(row[i]) - centres[i]) / scales[i]
    return result


def moments(X):
    """Means and standard deviations of the columns."""
    columns = list(zip(*X, strict=True))
    return [mean(map(float, c)) for c in columns], [deviation(map(float, c)) for c in columns]


def character_mean(X, y, subset, centres, scales):
    """E_data[y chi_S]."""
    return mean(float(v) * product(row, subset, centres, scales) for row, v in zip(X, y, strict=True))


def score(X, y, subset, centres, scales):
    """Covariance of y with a product, over the product's standard deviation."""
    values = [product(row, subset, centres, scales) for row in X]
    middle, level = mean(values), mean(y)
    covariance = mean((v - middle) * (float(t) - level) for v, t in zip(values, y, strict=True))
    return covariance / deviation(values)


def effective_samples(values):
    """(sum d^2)^2 / sum d^4 of the deviations from the mean."""
    middle = mean(values)
    squares = [(v - middle) ** 2 for v in values]
    return math.fsum(squares) ** 2 / math.fsum(s * s for s in squares)


def subsets_up_to(n, degree):
    return [s for d in range(1, min(n, degree) + 1) for s in itertools.combinations(range(n), d)]


def solve(A, b):
    """Gauss elimination with the largest pivot."""
    k = len(A)
    rows = [[*map(float, A[i]), float(b[i])] for i in range(k)]
    for p in range(k):
        best = max(range(p, k), key=lambda i: abs(rows[i][p]))
        rows[p], rows[best] = rows[best], rows[p]
        for i in range(p + 1, k):
            factor = rows[i][p] / rows[p][p]
            rows[i] = [a - factor * b for a, b in zip(rows[i], rows[p], strict=True)]
    out = [0.0] * k
    for p in reversed(range(k)):
        out[p] = (rows[p][k] - math.fsum(rows[p][j] * out[j] for j in range(p + 1, k))) / rows[p][p]
    return out


def least_squares(X, y, subsets, centres, scales):
    """Coefficients, intercept first, by the normal equations."""
    table = [[product(row, s, centres, scales) for s in ((), *subsets)] for row in X]
    k = len(subsets) + 1
    gram = [[math.fsum(row[a] * row[b] for row in table) for b in range(k)] for a in range(k)]
    return solve(gram, [math.fsum(row[a] * float(v) for row, v in zip(table, y, strict=True)) for a in range(k)])


def hc3_errors(X, y, subsets, centres, scales):
    """Standard errors, intercept first: (Z'Z)^-1 Z' diag(e^2 / (1 - h)^2) Z (Z'Z)^-1."""
    table = [[product(row, s, centres, scales) for s in ((), *subsets)] for row in X]
    k = len(subsets) + 1
    gram = [[math.fsum(row[a] * row[b] for row in table) for b in range(k)] for a in range(k)]
    inverse = [solve(gram, [1.0 if i == j else 0.0 for i in range(k)]) for j in range(k)]
    beta = least_squares(X, y, subsets, centres, scales)
    variances = [0.0] * k
    for row, v in zip(table, y, strict=True):
        pull = [math.fsum(inverse[a][b] * row[b] for b in range(k)) for a in range(k)]
        leverage = math.fsum(p * r for p, r in zip(pull, row, strict=True))
        left = (float(v) - math.fsum(b * r for b, r in zip(beta, row, strict=True))) / (1 - leverage)
        variances = [a + (p * left) ** 2 for a, p in zip(variances, pull, strict=True)]
    return [math.sqrt(v) for v in variances]
