"""The summary: three sentences, or five to nine in full, each with its number."""

import re
from dataclasses import replace

import numpy as np
import pytest

from actspec_widgets import Patterns, activation_spectroscopy, stability, synthetic


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
    "longer list": {"error_rate": "fdr"},
    "in groups": {"groups": np.repeat(np.arange(40), 20)},
    "beam": {"search": "beam", "max_degree": 4},
    "one": {"top": 1},
    "one unit": {"max_degree": 1},
    "one asked for": {"must_include": [(2, 4)], "top": 1},
    "none": {"units": [2]},
    "none in groups": {"units": [2], "groups": np.repeat(np.arange(40), 20)},
    "none to look at": {"units": [6]},
}


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("case", CASES)
def test_there_are_five_to_nine_sentences(many, case, language):
    found = activation_spectroscopy(*many, **CASES[case])
    said = sentences(found.summary(language, full=True), language)
    assert 5 <= len(said) <= 9, said
    if len(found):
        assert f"{found.explained_variance:.1%}" in said[0] and f"{found.explained_variance_error:.1%}" in said[0]
        assert found.summary(language, full=True).count("±") >= (3 if len(found) > 1 else 1)


@pytest.mark.parametrize("case", CASES)
def test_both_languages_say_the_same_numbers(many, case):
    found = activation_spectroscopy(*many, **CASES[case])
    english, japanese = (
        set(re.findall(r"\d[\d.,]*\b", found.summary(language, full=True))) for language in ("en", "ja")
    )
    assert english and english <= japanese, english - japanese
    assert {"exhaustive": "全数探索", "beam": "ビーム探索"}[found.coverage.method] in found.summary(
        "ja", full=True
    ) or (not found.coverage.examined)


def test_redundancy_is_counted(many):
    found = activation_spectroscopy(*many)
    assert (found.constant_units, found.duplicate_units, found.relations) == ((6,), 2, 1)
    listed = sum(map(len, found.equivalents))
    text = found.summary(full=True)
    assert "1 unit never changes; 2 always equal another one or its negation" in text
    assert "1 product of several units never changes;" in text
    assert f"1 of the subsets reported has equivalents that carry the same information, {listed} listed" in text
    assert "1 個のユニットは一度も変化せず対象外、2 個は別のユニット" in found.summary("ja", full=True)


def test_without_redundancy_that_is_said():
    planted = synthetic.planted(5, [(0,), (1, 2)], [1.0, 1.0], samples=500, seed=0)
    found = activation_spectroscopy(planted.patterns, planted.target)
    assert "no unit is constant or repeats another; no equivalent of a reported subset was found" in found.summary(
        full=True
    )


def test_too_few_samples_are_blamed_for_products():
    rng = np.random.default_rng(0)
    found = activation_spectroscopy(Patterns.from_signs(rng.choice([-1, 1], (60, 90))), rng.normal(size=60))
    assert found.relations >= 31 and "never change, as some must with so few samples" in found.summary(full=True)


def test_the_coverage_is_not_overstated(many):
    patterns, y = many
    assert "covered all 7 subsets of up to 1 unit among the 7 distinct" in activation_spectroscopy(
        patterns, y, max_degree=1
    ).summary(full=True)
    beam = activation_spectroscopy(patterns, y, search="beam", max_degree=4)
    assert beam.coverage.complete_degree == 2
    assert "all those up to degree 2 and larger ones near the best of them, but not at all of them" in beam.summary(
        full=True
    )


def test_the_share_that_could_have_been_seen_is_seen_half_of_the_time():
    n, runs, hits = 400, 60, 0
    rng = np.random.default_rng(5)
    X = rng.choice([-1, 1], (n, 3))
    nothing = activation_spectroscopy(Patterns.from_signs(X), rng.normal(size=n), must_include=(), max_degree=1)
    assert len(nothing) == 0
    share = float(re.search(r"about ([\d.]+) of the variance", nothing.summary(full=True)).group(1))
    for _ in range(runs):
        X = rng.choice([-1, 1], (n, 3))
        y = X[:, 1] * (share / (1 - share)) ** 0.5 + rng.normal(size=n)
        found = activation_spectroscopy(
            Patterns.from_signs(X), y, must_include=[(1,)], max_degree=1, top=1, seed=int(rng.integers(99))
        )
        hits += found.p_values[0] * 3 / max(found.coverage.examined, 1) <= 0.05
    assert 0.2 < hits / runs < 0.8


def test_joint_is_said_by_the_joint_part_only(many):
    found = activation_spectroscopy(*many)
    assert found.joint.tolist() == [True, False]
    assert "1 of them is joint in on/off terms" in found.summary(full=True) and "共同に働きます" in found.summary(
        "ja", full=True
    )
    sum_only = replace(found, joint_p_values=np.array([0.2, np.nan]))
    assert "The one with several units is not claimed to be joint" in sum_only.summary(full=True)
    assert "is joint" not in sum_only.summary(full=True) and "共同に働くとは言えません" in sum_only.summary(
        "ja", full=True
    )
    cut = replace(found, binarisation=(True, None))
    assert "for 1 that vanishes once the activations are in the model" in cut.summary(
        full=True
    ) and "二値化" in cut.summary("ja")


def test_classes_are_said_as_one_of_these(many):
    found = activation_spectroscopy(*many)
    shared = replace(found, classes=((found.subsets[0], (2, 4)), (found.subsets[1],)))
    assert 'For 1 of them read "one of these"' in shared.summary(full=True) and "これらのうちの一つ" in shared.summary(
        "ja", full=True
    )
    single = replace(found, classes=((found.subsets[0], (2,)), (found.subsets[1],)))
    assert "is joint" not in single.summary(full=True)
    silent = replace(found, classes=((), (found.subsets[1],)))
    assert "Nothing is claimed of 1 of them" in silent.summary(full=True) and "何も主張しません" in silent.summary(
        "ja", full=True
    )


def test_families_are_said_where_they_were_looked_for(many):
    without = activation_spectroscopy(*many, halves=0)
    assert "families" not in without.summary(full=True) and "族" not in without.summary("ja", full=True)
    for found, halves in (
        (activation_spectroscopy(*many), 10),
        (without.with_families(stability(*many, without).families), 20),
    ):
        assert "Half-samples agree on 2 families" in found.summary(
            full=True
        ) and "2 of which returned in every" in found.summary(full=True)
        assert f"{{0, 1}} in {halves} of {halves} half-samples" in found.summary(full=True)
        assert "族は 2 個" in found.summary(
            "ja", full=True
        ) and f"{{0, 1}} は {halves} 組中 {halves} 組" in found.summary("ja", full=True)


def test_groups_and_the_longer_list_are_named(many):
    grouped = activation_spectroscopy(*many, **CASES["in groups"])
    assert "with the 40 groups of samples as units" in grouped.summary(full=True) and "40 グループ" in grouped.summary(
        "ja", full=True
    )
    longer = activation_spectroscopy(*many, error_rate="fdr").summary(full=True)
    assert "the longer list, in which a share of 0.1 may be false on average" in longer


def test_an_experiment_speaks_of_effects_and_of_no_other_model(many):
    found = replace(activation_spectroscopy(*many), evidence="resampled")
    assert "of the output's change where units are resampled" in found.summary(full=True) and "再抽出" in found.summary(
        "ja", full=True
    )
    assert "1 of them acts jointly on the output" in found.summary(full=True) and "on/off terms" not in found.summary(
        full=True
    )
    assert "共同で作用します" in found.summary("ja", full=True)


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("case", CASES)
def test_three_sentences_say_the_first_things_and_the_rest_is_on_demand(many, case, language):
    found = activation_spectroscopy(*many, **CASES[case])
    short = found.summary(language)
    assert len(sentences(short, language)) <= 3
    assert found.summary(language, full=True).startswith(short)


def test_a_long_bar_of_which_nothing_is_claimed_is_not_named_before_those_that_hold(many):
    found = activation_spectroscopy(*many)
    longest = int(np.argmax(abs(found.coefficients)))
    open_ = replace(found, classes=tuple(() if i == longest else c for i, c in enumerate(found.classes)))
    first = sorted(set(range(len(found))) - {longest}, key=lambda i: -abs(found.coefficients[i]))[0]
    said = sentences(open_.summary(), "en")[2]
    assert said.startswith(
        f"The strongest of those of which something is claimed: {open_.label(open_.subsets[first])} "
    )


def test_where_nothing_can_be_claimed_nothing_is_said_to_be():
    rng = np.random.default_rng(0)
    X, y = Patterns.from_signs(rng.choice([-1, 1], (600, 12))), rng.normal(size=600)
    asked = activation_spectroscopy(X, y, must_include=[(3,), (1, 2)])  # two subsets asked for by name, and noise
    assert asked.classes == ((), ()) and not asked.joint.any() and not asked.families
    assert abs(asked.explained_variance) < 3 * asked.explained_variance_error
    text = asked.summary(full=True)
    assert "Nothing is claimed of any of them; the largest coefficients: {3}" in text
    assert "of which something is claimed" not in text and "何も主張できません" in asked.summary("ja", full=True)


def test_units_that_never_change_promise_no_chance_of_a_report():
    y = np.random.default_rng(0).normal(size=300)
    found = activation_spectroscopy(Patterns.from_signs(np.ones((300, 3), int)), y)
    text = found.summary(full=True)
    assert len(found) == 0 == found.coverage.examined and found.explained_variance == 0
    assert "on 300 samples none was examined" in text and "even chance" not in text
