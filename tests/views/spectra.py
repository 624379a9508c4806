"""Spectra made by hand for the tests of views."""

import numpy as np

from actspec_widgets import Coverage, Spectrum


def make(subsets, coefficients=None, n_units=8, **changes):
    """A spectrum whose only story is its coefficients."""
    k = len(subsets)
    values = np.linspace(1.0, 0.5, k) if coefficients is None else np.asarray(coefficients, dtype=float)
    joint = np.array([len(subset) > 1 for subset in subsets], dtype=bool)
    parts = {
        "joint_parts": np.where(joint, values, np.nan),
        "joint_errors": np.where(joint, 0.05, np.nan),
        "joint_p_values": np.where(joint, 1e-3, np.nan),
        "subsets": tuple(subsets),
        "coefficients": values,
        "standard_errors": np.full(k, 0.05),
        "character_means": values,
        "p_values": np.full(k, 1e-3),
        "gains": np.full(k, 0.1),
        "equivalents": ((),) * k,
        "explained_variance": 0.8,
        "explained_variance_error": 0.02,
        "intercept": 0.0,
        "gram": np.eye(k),
        "coverage": Coverage("exhaustive", n_units, 2, 36, True),
        "n_units": n_units,
        "n_search": 500,
        "n_estimate": 500,
    }
    return Spectrum(**(parts | changes))


def values(picture):
    """Of the bars of a picture of subsets, from the top."""
    return [row["value"] for row in picture.figure.content.get("rows", ())]


def column(picture, head):
    """What a picture of subsets writes beside its bars, from the top; None where it has no such column."""
    content = picture.figure.content
    heads = [known["text"] for known in content["heads"]]
    return [row["facts"][heads.index(head)] for row in content["rows"]] if head in heads else None
