"""Every definition written straight from the book, slow on purpose; nothing here imports the package."""

import itertools
import math


def chi(subset, x):
    """chi_S(x): the product of x_i over i in S (O'Donnell 2014, section 1.2)."""
    result = 1
    for i in subset:
        result *= int(x[i])
    return result


def mean(values):
    values = list(values)
    return math.fsum(values) / len(values)


def subsets_up_to(n, degree):
    """Every non-empty subset of at most ``degree`` units: lowest degree first, then smallest indices."""
    return [s for d in range(1, min(n, degree) + 1) for s in itertools.combinations(range(n), d)]


def character_mean(X, y, subset):
    """E_data[y chi_S]."""
    return mean(float(v) * chi(subset, x) for x, v in zip(X, y, strict=True))


def character_mean_error(X, y, subset):
    """The textbook standard error of that mean: sample standard deviation over sqrt(m)."""
    products = [float(v) * chi(subset, x) for x, v in zip(X, y, strict=True)]
    centre = mean(products)
    m = len(products)
    return math.sqrt(math.fsum((p - centre) ** 2 for p in products) / (m - 1) / m)


def character_mean_error_by_groups(X, y, subset, groups):
    """The error of that mean where only groups are independent: from the sums of deviations over each of them."""
    products = [float(v) * chi(subset, x) for x, v in zip(X, y, strict=True)]
    centre, labels = mean(products), sorted(set(groups))
    sums = [sum(p - centre for p, label in zip(products, groups, strict=True) if label == at) for at in labels]
    return math.sqrt(len(labels) / (len(labels) - 1) * math.fsum(s * s for s in sums)) / len(products)


def covariance(X, y, subset):
    """E_data[(y - mean y) chi_S], the number by which a scan ranks."""
    centre = mean(y)
    return character_mean(X, [float(v) - centre for v in y], subset)


def covariance_error(X, y, subset):
    """Standard error of that covariance, from its influence values (y - mean y)(chi - mean chi)."""
    centre = mean(y)
    signs = [chi(subset, x) for x in X]
    middle = mean(signs)
    influence = [(float(v) - centre) * (s - middle) for v, s in zip(y, signs, strict=True)]
    m = len(influence)
    return math.sqrt(math.fsum((v - mean(influence)) ** 2 for v in influence) / (m - 1) / m)


def scan(X, y, degree, top):
    """The ``top`` largest covariances: ``[(subset, value), ...]``, ties (to eleven digits) simplest first."""
    n = len(X[0])
    scale = mean(abs(float(v) - mean(y)) for v in y)
    rows = [(s, covariance(X, y, s)) for s in subsets_up_to(n, degree)]
    return sorted(rows, key=lambda row: (-round(abs(row[1]) / scale, 11), len(row[0]), row[0]))[:top]


def solve(A, b):
    """Gaussian elimination with partial pivoting."""
    n = len(b)
    rows = [[*map(float, A[i]), float(b[i])] for i in range(n)]
    for i in range(n):
        pivot = max(range(i, n), key=lambda r: abs(rows[r][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for r in range(n):
            if r != i:
                factor = rows[r][i] / rows[i][i]
                rows[r] = [a - factor * c for a, c in zip(rows[r], rows[i], strict=True)]
    return [rows[i][n] / rows[i][i] for i in range(n)]


def least_squares(X, y, subsets):
    """Intercept, coefficients and residuals of ``y`` on the characters, by the normal equations."""
    columns = [[chi(s, x) for x in X] for s in [(), *subsets]]
    gram = [[math.fsum(a * b for a, b in zip(p, q, strict=True)) for q in columns] for p in columns]
    moments = [math.fsum(a * float(v) for a, v in zip(p, y, strict=True)) for p in columns]
    beta = solve(gram, moments)
    fitted = [math.fsum(b * c[i] for b, c in zip(beta, columns, strict=True)) for i in range(len(y))]
    return beta, [float(v) - f for v, f in zip(y, fitted, strict=True)]


def hc3_errors(X, y, subsets):
    """HC3 standard errors (MacKinnon and White 1985): refit without each sample is its leave-one-out residual."""
    _, residual = least_squares(X, y, subsets)
    columns = [[chi(s, x) for x in X] for s in [(), *subsets]]
    k = len(columns)
    gram = [[math.fsum(a * b for a, b in zip(p, q, strict=True)) for q in columns] for p in columns]
    inverse = [solve(gram, [1.0 if i == j else 0.0 for i in range(k)]) for j in range(k)]
    variance = [0.0] * k
    for i in range(len(y)):
        row = [c[i] for c in columns]
        left = [math.fsum(inverse[a][b] * row[b] for b in range(k)) for a in range(k)]
        leverage = math.fsum(a * b for a, b in zip(row, left, strict=True))
        for a in range(k):
            variance[a] += (left[a] * residual[i] / (1 - leverage)) ** 2
    return [math.sqrt(v) for v in variance]


def mutual_information(states, classes):
    """I(state; class) in nats from the empirical joint distribution."""
    m = len(states)
    total = 0.0
    for s in set(states):
        for c in set(classes):
            joint = sum(a == s and b == c for a, b in zip(states, classes, strict=True)) / m
            if joint:
                total += joint * math.log(joint / ((states.count(s) / m) * (classes.count(c) / m)))
    return total


def rank_of_subsets(subsets, n):
    """Rank over GF(2) of subsets as vectors of n units: elimination on lists of zeros and ones."""
    rows = [[int(unit in subset) for unit in range(n)] for subset in subsets]
    rank = 0
    for column in range(n):
        pivot = next((r for r in range(rank, len(rows)) if rows[r][column]), None)
        if pivot is None:
            continue
        rows[rank], rows[pivot] = rows[pivot], rows[rank]
        for r in range(len(rows)):
            if r != rank and rows[r][column]:
                rows[r] = [(a + b) % 2 for a, b in zip(rows[r], rows[rank], strict=True)]
        rank += 1
    return rank


def smallest_cell(X, subset):
    """Rows that show the rarest of the 2^|S| sign patterns of the units in S."""
    patterns = itertools.product((-1, 1), repeat=len(subset))
    return min(sum(tuple(x[i] for i in subset) == pattern for x in X) for pattern in patterns)


def cell_means(X, y, subset):
    """(count, mean) of the target for each on/off combination; bit i of its number: the i-th unit is off."""
    found = []
    for cell in range(2 ** len(subset)):
        wanted = [-1 if cell >> i & 1 else 1 for i in range(len(subset))]
        values = [y[row] for row in range(len(y)) if [X[row][unit] for unit in subset] == wanted]
        found.append((len(values), mean(values) if values else None))
    return found
