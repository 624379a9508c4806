"""Sentences made by rule: four words say good or bad, and "not" before one of them turns it over."""

import numpy as np

from actspec_widgets.datasets.reviews import Reviews

GOOD, BAD = ("great", "lovely"), ("awful", "boring")
FILLERS = ("the", "film", "is", "a", "story", "with", "actors", "and", "music", "scene")


def small_reviews(count=600, seed=0, negated=0.3):
    rng = np.random.default_rng(seed)
    texts, scores = [], []
    for _ in range(count):
        good, negate = rng.random() < 0.5, rng.random() < negated
        said = list(rng.choice(FILLERS, rng.integers(2, 6)))
        place = int(rng.integers(0, len(said)))
        said[place:place] = (["not"] if negate else []) + [str(rng.choice(GOOD if good else BAD))]
        texts.append(" ".join(said))
        scores.append(2.0 if good != negate else -2.0)
    parts = np.array(["train", "train", "train", "val", "test"])[np.arange(count) % 5]
    return Reviews(tuple(texts), np.array(scores), parts, "made", "0" * 64)


SMALL = {"width": 16, "heads": 2, "units": 16, "hidden": 8, "length": 10, "batch_size": 32, "learning_rate": 5e-3}
EASY = {**SMALL, "dropout": 0.0, "word_dropout": 0.0, "weight_decay": 0.01, "epochs": 12, "progress": None}
