"""The summary: five to eight sentences in every case, each with its number."""

import re

import numpy as np
import pytest

from actspec_widgets import Patterns, activation_spectroscopy, synthetic


def sentences(text, language):
    if language == "ja":
        assert text.endswith("。")
        return text.split("。")[:-1]
    assert text.endswith(".")
    return re.split(r"(?<=\.) (?=[A-Z0-9])", text)


@pytest.fixture(scope="module")
def many():
    """Two planted subsets among units of which some are constant, repeated, or the product of others."""
    planted = synthetic.planted(6, [(0, 1), (3,)], [1.0, -0.5], samples=800, noise=0.5, seed=0)
    X = planted.patterns.signs()
    more = [np.ones(800, int), -X[:, 0], X[:, 0], X[:, 4] * X[:, 5]]
    return Patterns.from_signs(np.column_stack([X, *more])), planted.target


CASES = {
    "many": {},
    "beam": {"search": "beam", "max_degree": 4},
    "one": {"top": 1},
    "one unit": {"max_degree": 1},
    "one asked for": {"must_include": [(2, 4)], "top": 1},
    "none": {"units": [2]},
    "none to look at": {"units": [6]},
}


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("case", CASES)
def test_there_are_five_to_eight_sentences(many, case, language):
    found = activation_spectroscopy(*many, **CASES[case])
    said = sentences(found.summary(language), language)
    assert 5 <= len(said) <= 8, said
    if len(found):
        assert f"{found.explained_variance:.1%}" in said[0] and f"{found.explained_variance_error:.1%}" in said[0]
        assert sum("±" in sentence for sentence in said) >= (3 if len(found) > 1 else 1)


@pytest.mark.parametrize("case", CASES)
def test_both_languages_say_the_same_numbers(many, case):
    found = activation_spectroscopy(*many, **CASES[case])
    english, japanese = (set(re.findall(r"\d[\d.,]*\b", found.summary(language))) for language in ("en", "ja"))
    assert english and english <= japanese, english - japanese
    assert {"exhaustive": "全数探索", "beam": "ビーム探索"}[found.coverage.method] in found.summary("ja") or (
        not found.coverage.examined
    )


def test_redundancy_is_counted(many):
    found = activation_spectroscopy(*many)
    assert (found.constant_units, found.duplicate_units, found.relations) == ((6,), 2, 1)
    listed = sum(map(len, found.equivalents))
    text = found.summary()
    assert "1 unit never changes; 2 always equal another one or its negation" in text
    assert "1 product of several units never changes;" in text
    assert f"1 of the subsets reported has equivalents that carry the same information, {listed} listed" in text
    assert "1 個のユニットは一度も変化せず対象外、2 個は別のユニット" in found.summary("ja")


def test_without_redundancy_that_is_said():
    planted = synthetic.planted(5, [(0,), (1, 2)], [1.0, 1.0], samples=500, seed=0)
    found = activation_spectroscopy(planted.patterns, planted.target)
    assert "no unit is constant or repeats another; no equivalent of a reported subset was found" in found.summary()


def test_too_few_samples_are_blamed_for_products():
    rng = np.random.default_rng(0)
    found = activation_spectroscopy(Patterns.from_signs(rng.choice([-1, 1], (60, 90))), rng.normal(size=60))
    assert found.relations >= 31 and "never change, as some must with so few samples" in found.summary()


def test_the_coverage_is_not_overstated(many):
    patterns, y = many
    assert (
        "covered all 7 subsets of up to 1 unit among the 7 distinct"
        in activation_spectroscopy(patterns, y, max_degree=1).summary()
    )
    beam = activation_spectroscopy(patterns, y, search="beam", max_degree=4)
    assert beam.coverage.complete_degree == 2
    assert "all those up to degree 2 and larger ones around, not at all" in beam.summary()


def test_the_share_that_could_have_been_seen_is_seen_half_of_the_time():
    n, runs, hits = 400, 60, 0
    rng = np.random.default_rng(5)
    X = rng.choice([-1, 1], (n, 3))
    nothing = activation_spectroscopy(Patterns.from_signs(X), rng.normal(size=n), must_include=(), max_degree=1)
    assert len(nothing) == 0
    share = float(re.search(r"about ([\d.]+) of the variance", nothing.summary()).group(1))
    for _ in range(runs):
        X = rng.choice([-1, 1], (n, 3))
        y = X[:, 1] * (share / (1 - share)) ** 0.5 + rng.normal(size=n)
        found = activation_spectroscopy(
            Patterns.from_signs(X), y, must_include=[(1,)], max_degree=1, top=1, seed=int(rng.integers(99))
        )
        hits += found.p_values[0] * 3 / max(found.coverage.examined, 1) <= 0.05
    assert 0.2 < hits / runs < 0.8
