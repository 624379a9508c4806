"""Small dense algebra whose bits do not depend on how many threads a linear algebra library uses."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .kernels import kernel

_ONE_THREAD = 64  # rows up to which LAPACK does not spread its work


def inverse(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Inverse of a positive definite matrix: by LAPACK where it uses one thread only."""
    if len(matrix) > _ONE_THREAD:
        return _sweep(np.array(matrix, dtype=np.float64))
    return np.asarray(np.linalg.inv(matrix), dtype=np.float64)


def times(matrix: NDArray, vector: NDArray) -> NDArray[np.float64]:
    """Matrix times vector."""
    return (matrix * vector).sum(axis=1)


@kernel
def sequential_projections(gram, moments):
    """Length of a target's projection on each column with those before it projected out (Cholesky)."""
    k = gram.shape[0]
    lower, out = np.zeros((k, k)), np.empty(k)
    for i in range(k):
        for j in range(i + 1):
            rest = gram[i, j]
            for p in range(j):
                rest -= lower[i, p] * lower[j, p]
            lower[i, j] = np.sqrt(rest) if i == j else rest / lower[j, j]
        total = moments[i]
        for p in range(i):
            total -= lower[i, p] * out[p]
        out[i] = total / lower[i, i]
    return out


@kernel
def cholesky(matrix):
    """Lower triangular L with ``L L' = matrix``, positive definite."""
    k = matrix.shape[0]
    lower = np.zeros((k, k))
    for i in range(k):
        for j in range(i + 1):
            rest = matrix[i, j]
            for p in range(j):
                rest -= lower[i, p] * lower[j, p]
            lower[i, j] = np.sqrt(rest) if i == j else rest / lower[j, j]
    return lower


@kernel
def _sweep(matrix):
    """Gauss-Jordan elimination in place; positive definite matrices need no pivoting."""
    k = matrix.shape[0]
    for p in range(k):
        pivot = 1.0 / matrix[p, p]
        matrix[p, p] = 1.0
        matrix[p] *= pivot
        for i in range(k):
            if i != p:
                factor = matrix[i, p]
                matrix[i, p] = 0.0
                matrix[i] -= factor * matrix[p]
    return matrix
