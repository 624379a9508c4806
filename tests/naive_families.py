"""Families, small steps and shares of return, written from their definitions; slow, and nothing from the package."""

from itertools import combinations


def mean(values):
    return sum(values) / len(values)


def correlation(a, b):
    """Of two columns; 0 where one never changes."""
    a, b = [v - mean(a) for v in a], [v - mean(b) for v in b]
    size = (sum(v * v for v in a) * sum(v * v for v in b)) ** 0.5
    return 0.0 if size < 1e-9 else sum(u * v for u, v in zip(a, b, strict=True)) / size


def character(subset, signs):
    column = []
    for row in signs:
        product = 1
        for unit in subset:
            product *= row[unit]
        column.append(product)
    return column


def families(signs, lists, level, least):
    """``[(best, members, share)]``: the subset with which the most lists agree, then the same in what is left."""
    lists = [set(found) for found in lists]
    everything = set().union(*lists)
    near = {(s, t): abs(correlation(character(s, signs), character(t, signs))) for s in everything for t in everything}
    times = {s: sum(s in found for found in lists) for s in everything}
    found = []
    left = set(everything)
    while left:

        def agreeing(s, left=left):
            return sum(any(t in left and near[s, t] >= level for t in listed) for listed in lists)

        def closeness(s, left=left):
            return round(sum(near[s, t] * times[t] for t in left if near[s, t] >= level), 9)

        best = min(left, key=lambda s: (-agreeing(s), -closeness(s), len(s), s))
        if agreeing(best) < least * len(lists) or not agreeing(best):
            break
        members = {t for t in left if near[best, t] >= level}
        others = sorted(members - {best}, key=lambda t: (-times[t], len(t), t))
        found.append((best, tuple(others), agreeing(best) / len(lists)))
        left -= members
    return found


def small_steps(signs, y, candidates, per_unit, step, most_steps, longest):
    """Coefficients after many small steps, each towards the candidate that correlates most with what is left."""
    columns = {}
    for subset in candidates:
        column = character(subset, signs)
        middle = mean(column)
        size = sum((v - middle) ** 2 for v in column) ** 0.5
        if size > 1e-9:
            columns[subset] = [(v - middle) / size for v in column]
    left = [v - mean(y) for v in y]
    coefficients = {}
    for _ in range(most_steps):
        products = {s: sum(u * v for u, v in zip(column, left, strict=True)) for s, column in columns.items()}
        best = max(products, key=lambda s: abs(products[s]) * per_unit ** (len(s) - 1))
        if best not in coefficients and len(coefficients) == longest:
            break
        change = step * products[best]
        coefficients[best] = coefficients.get(best, 0.0) + change
        left = [v - change * u for u, v in zip(columns[best], left, strict=True)]
    return coefficients


def subsets_up_to(n, degree):
    return [s for d in range(1, degree + 1) for s in combinations(range(n), d)]
