"""A bag of words on the same sentences: TF-IDF of words and word pairs, and logistic regression."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ...datasets.reviews import Reviews

STRENGTHS = (0.3, 1.0, 3.0, 10.0, 30.0, 100.0)  # C of the logistic regression; the part "val" chooses


def tfidf_correct(reviews: Reviews) -> tuple[NDArray[np.float64], float]:
    """Which test texts it judges rightly, 1 or 0, shape (m,); and the strength C that the part "val" chose.

    Raises
    ------
    ModuleNotFoundError
        If scikit-learn is not installed.
    """
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "the bag of words beside the transformer needs scikit-learn, which is not installed; "
            "pip install 'actspec_widgets[studies]'",
            name=error.name,
        ) from error
    known, choose, test = (reviews.part(name) for name in ("train", "val", "test"))
    vectorise = TfidfVectorizer(ngram_range=(1, 2))
    table = vectorise.fit_transform(known.texts)
    fits = [LogisticRegression(C=strength, max_iter=1000).fit(table, known.labels) for strength in STRENGTHS]
    scores = [fit.score(vectorise.transform(choose.texts), choose.labels) for fit in fits]
    best = int(np.argmax(scores))
    answers = fits[best].predict(vectorise.transform(test.texts))
    return (answers == test.labels).astype(np.float64), STRENGTHS[best]
