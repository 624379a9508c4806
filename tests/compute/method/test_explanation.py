"""One input, explained: all coefficients from all answers, or the largest by a sparse transform."""

import itertools

import numpy as np
import pytest

import naive_query
from actspec_widgets import Cancelled, Patterns, Spectrum, explain, sparse_transform
from actspec_widgets.datasets import load_sentence_example
from actspec_widgets.datasets.sentence_example import ENCODER
from actspec_widgets.results import shapley_values

WORDS = ["never", "boring", "and", "always", "funny"]


def sentence(points):
    """A score of five words in which "never" turns "boring" over."""
    never, boring, _, always, funny = (np.asarray(points) > 0).T
    return 1.5 * funny + 0.5 * (always & funny) - 2.0 * (boring & ~never) + 0.7 * (boring & never)


def random_function(n, seed):
    table = np.random.default_rng(seed).normal(size=1 << n)

    def f(points):
        index = ((np.asarray(points) < 0) << np.arange(n)).sum(axis=1)
        return table[index]

    return f


@pytest.mark.parametrize("n", [1, 3, 6])
def test_all_coefficients_are_those_of_the_definition(n):
    f = random_function(n, seed=n)
    found = explain(f, np.ones(n, int))
    expected = naive_query.f_hat(lambda x: float(f(np.array([x]))[0]), n)
    got = dict(zip(found.subsets, found.coefficients, strict=True)) | {(): found.intercept}
    assert set(got) == set(expected)
    for subset, value in expected.items():
        assert got[subset] == pytest.approx(value, abs=1e-12)
    assert not found.standard_errors.any() and np.isnan(found.p_values).all()
    assert found.explained_variance == pytest.approx(1) and found.explained_variance_error == 0
    points = np.random.default_rng(0).choice([-1, 1], (20, n))
    np.testing.assert_allclose(found.predict(Patterns.from_signs(points)), f(points))


def test_words_have_their_names_and_the_joint_share_is_what_single_ones_leave():
    found = explain(sentence, [1] * 5, unit_names=WORDS)
    by_name = {found.label(s): c for s, c in zip(found.subsets, found.coefficients, strict=True)}
    assert by_name == pytest.approx(
        {
            "{boring}": -0.325,
            "{never}": 0.675,
            "{never, boring}": 0.675,
            "{always}": 0.125,
            "{funny}": 0.875,
            "{always, funny}": 0.125,
        }
    )
    weights = found.degree_weights() / np.square(found.coefficients).sum()
    assert 1 - found.singles_explain == pytest.approx(weights[2:].sum())
    assert set(itertools.compress(found.subsets, found.joint)) == {(0, 1), (3, 4)}
    assert found.evidence == "uniform" and found.exact


def test_it_is_a_spectrum_like_any_other(tmp_path):
    found = explain(sentence, [1] * 5, unit_names=WORDS)
    text = found.summary(full=True)
    assert text.startswith("All 32 answers of the function, one for each on/off combination of 5 units, were asked")
    assert "no errors and need no p-values" in text and "{funny} +0.875" in text and "±" not in text
    assert "32 個" in found.summary("ja", full=True)
    assert len(found.to_frame()) == len(found) == 6
    found.save(tmp_path / "one.npz")
    again = Spectrum.load(tmp_path / "one.npz")
    assert again.exact and again.subsets == found.subsets and again.summary(full=True) == text
    numbers = found.summary_numbers()
    assert numbers["effective_degree"].standard_error == 0 and not numbers["subsets_for"].standard_error.any()
    np.testing.assert_allclose(found.shapley_values(), shapley_values(found.subsets, found.coefficients, 5))
    everything, nothing = (float(sentence(np.full((1, 5), s))[0]) for s in (1, -1))
    assert found.shapley_values().sum() == pytest.approx(everything - nothing)
    assert not found.interactions().standard_errors.any()


def test_only_the_largest_are_listed_where_asked():
    found = explain(sentence, [1] * 5, top=2)
    assert len(found) == 2 and found.explained_variance < 1
    assert found.coverage.missed_bound == pytest.approx(0.675)
    assert "Only the 2 largest are listed" in found.summary(full=True)
    assert found.singles_explain == explain(sentence, [1] * 5).singles_explain


def test_units_that_do_not_take_part_stay_as_the_base_has_them():
    for never in (-1, 1):
        found = explain(sentence, [never, 1, 1, 1, 1], units=[1, 4])
        assert dict(zip(found.subsets, found.coefficients, strict=True)) == pytest.approx(
            {(1,): 0.35 if never > 0 else -1.0, (4,): 1.0}
        )
        assert found.n_units == 5 and found.coverage.n_units == 2


def test_rounding_of_answers_is_no_coefficient():
    found = explain(lambda x: (0.1 * x.sum(axis=1) + 30).astype(np.float32), [1] * 8)
    assert set(found.subsets) == {(i,) for i in range(8)} and found.singles_explain == pytest.approx(1, abs=1e-9)


def planted(x):
    return 2.0 * x[:, 3] - 1.0 * x[:, 0] * x[:, 25] + 0.1 * x[:, 7] * x[:, 8] * x[:, 9]


def test_of_more_than_sixteen_units_the_answer_is_that_of_a_sparse_transform():
    found = explain(planted, [1] * 30, seed=1)
    same = sparse_transform(planted, 30, sparsity=32, max_degree=3, max_queries=10_000, seed=1)
    for name in ("coefficients", "standard_errors", "p_values", "joint", "explained_variance", "queries", "coverage"):
        np.testing.assert_equal(getattr(found, name), getattr(same, name))
    assert found.subsets == same.subsets and found.summary() == same.summary()
    assert set(found.subsets) == {(3,), (0, 25), (7, 8, 9)} and found.evidence == "uniform" and not found.exact
    assert set(itertools.compress(found.subsets, found.joint)) == {(0, 25), (7, 8, 9)}
    np.testing.assert_allclose(found.coefficients, [2.0, -1.0, 0.1], atol=1e-9)
    again = explain(planted, [1] * 30, seed=1)
    assert np.array_equal(found.coefficients, again.coefficients)


def test_units_beyond_what_is_exact_keep_their_numbers_and_names():
    names = [f"w{i}" for i in range(30)]
    some = explain(planted, [1] * 30, units=[3, 0, 25], exact_up_to=2, unit_names=names)
    assert set(some.subsets) == {(), (3,), (0, 25)} and some.n_units == 30 and some.coverage.n_units == 3
    many = explain(planted, [1] * 30, units=[i for i in range(30) if i != 8], unit_names=names)
    assert list(map(many.label, many.subsets)) == ["{w3}", "{w0, w25}", "{w7, w9}"]
    assert many.settings["seed"] == 0 and len(many.settings["units"]) == 29


def noisy():
    rng = np.random.default_rng(0)
    return lambda x: rng.normal(size=len(x))


@pytest.mark.parametrize(
    ("function", "settings", "sentence"),
    [
        (lambda x: np.full(len(x), np.nan), {}, r"returned nan at point 0 of a batch .*must be finite everywhere"),
        (lambda x: np.ones(len(x)), {}, "gives 1 at all of 32 combinations; it does not depend on these 5 units"),
        (lambda x: np.ones((len(x), 2)), {}, r"return shape \(32,\), one number a point"),
        (noisy(), {}, "answers the same 16 points differently"),
        (sentence, {"base": None}, "nothing says how many units there are; give base="),
        (sentence, {"base": 3}, "base=3 for a function of on/off patterns; give its units' states"),
        (sentence, {"base": [1, 0, 1, 1, 1]}, "only -1 and"),
        (sentence, {"units": [5]}, r"units \(5,\) has a unit outside"),
        (sentence, {"unit_names": ["a"]}, "1 unit_names came for 5 units"),
        (sentence, {"exact_up_to": 40}, "exact_up_to=40"),
        (sentence, {"exact_up_to": 1, "max_queries": 0}, "max_queries=0"),
        (
            planted,
            {"base": [1] * 30, "max_queries": 500},
            "max_queries=500 is too small: 32 coefficients over 30 units",
        ),
        (planted, {"base": [1] * 30, "top": 0}, "top=0"),
        (lambda x: np.ones(len(x)), {"base": [1] * 30}, r"gives 1 at all of [\d,]+ combinations; it does not depend"),
        (noisy(), {"base": [1] * 30}, "answers the same 16 points differently"),
        (sentence, {"top": 0}, "top=0"),
    ],
)
def test_what_does_not_fit_gets_a_sentence(function, settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        explain(function, **({"base": [1] * 5} | settings))


def breaks_down(after):
    asked = 0

    def f(x):
        nonlocal asked
        asked += len(x)
        return planted(x) if asked <= after else 1 // 0

    return f


def test_what_is_no_function_gets_a_sentence_and_what_it_raises_comes_through():
    with pytest.raises(TypeError, match="rest is int; give a SubNetwork"):
        explain(3, [1, 1])
    with pytest.raises(ZeroDivisionError):
        explain(lambda x: 1 // 0, [1, 1])
    with pytest.raises(ZeroDivisionError):
        explain(breaks_down(after=40), [1] * 30)

    def stop(done, total):
        raise Cancelled

    with pytest.raises(Cancelled):
        explain(sentence, [1] * 5, progress=stop)


def test_progress_reaches_its_end():
    seen = []
    explain(sentence, [1] * 5, progress=lambda done, total: seen.append(done / total))
    assert seen == sorted(seen) and seen[-1] == 1


def test_shapley_values_are_those_of_shapiq():
    shapiq = pytest.importorskip("shapiq")
    found = explain(sentence, [1] * 5, unit_names=WORDS)
    computer = shapiq.ExactComputer(n_players=5, game=lambda present: sentence(np.where(present, 1, -1)))
    for index in ("SV", "k-SII", "STII"):
        order = 1 if index == "SV" else 2
        theirs = {s: v for s, v in computer(index, order).dict_values.items() if s}
        ours = found.interactions("SII" if index == "SV" else index, order)
        for subset, value in zip(ours.subsets, ours.values, strict=True):
            assert theirs.get(subset, 0.0) == pytest.approx(value, abs=1e-9)
    handed = found.to_shapiq("k-SII", 2)
    assert handed[(3, 4)] == pytest.approx(computer("k-SII", 2)[(3, 4)], abs=1e-9)


def test_shapley_values_are_those_of_shap():
    shap = pytest.importorskip("shap")
    found = explain(sentence, [1] * 5)
    explainer = shap.explainers.Exact(lambda z: sentence(np.where(z > 0.5, 1, -1)), np.zeros((1, 5)))
    np.testing.assert_allclose(explainer(np.ones((1, 5))).values[0], found.shapley_values(), atol=1e-9)


def present_words(text):
    """What the sentence encoder says of a sentence, by which of its words are there."""
    n, answers = len(text.split()), load_sentence_example().answer(ENCODER, text)
    return n, lambda present: answers[~np.asarray(present, bool) @ (1 << np.arange(n))]


@pytest.mark.parametrize(
    ("text", "known", "joint_share"),
    [
        ("hardly a masterpiece but not bad", {"{masterpiece}": 1.90, "{not, bad}": 0.83}, 0.27),
        ("the film is not good at all", {"{not}": -2.05, "{not, good}": -0.90}, 0.22),
        ("never boring and always funny", {"{boring}": -1.07, "{never, boring}": 0.76}, 0.32),
    ],
)
def test_in_sentences_of_the_encoder_a_negation_acts_with_its_word(text, known, joint_share):
    n, f = present_words(text)
    found = explain(lambda points: f(np.asarray(points) > 0), np.ones(n, int), unit_names=text.split())
    named = dict(zip(map(found.label, found.subsets), found.coefficients, strict=True))
    assert {label: round(named[label], 2) for label in known} == known
    assert round(1 - found.singles_explain, 2) == joint_share and found.label(found.subsets[0]) == next(iter(known))
    pairs = {label: abs(value) for label, value in named.items() if label.count(",") == 1}
    assert max(pairs, key=pairs.__getitem__) in known


@pytest.mark.parametrize("text", ["hardly a masterpiece but not bad", "never boring and always funny"])
def test_of_such_a_sentence_shapiq_and_shap_say_the_same(text):
    shapiq, shap = pytest.importorskip("shapiq"), pytest.importorskip("shap")
    n, f = present_words(text)
    found = explain(lambda points: f(np.asarray(points) > 0), np.ones(n, int))
    ours, theirs = found.interactions("k-SII", 2), shapiq.ExactComputer(n_players=n, game=f)("k-SII", 2)
    assert len(ours.subsets) == n * (n + 1) / 2
    for subset, value in zip(ours.subsets, ours.values, strict=True):
        assert theirs[subset] == pytest.approx(value, abs=1e-6)
    attributed = shap.explainers.Exact(lambda z: f(z > 0.5), np.zeros((1, n)))(np.ones((1, n)))
    np.testing.assert_allclose(attributed.values[0], found.shapley_values(), atol=1e-6)


@pytest.mark.once
def test_a_sum_of_words_has_no_joint_share_whether_all_or_some_combinations_are_asked():
    def sums(x):
        return x[:, :5] @ np.array([1.0, -0.8, 0.6, 0.5, 0.7])

    for n in (6, 30):
        found = explain(sums, [1] * n, seed=0)
        assert set(found.subsets) == {(i,) for i in range(5)} and not found.joint.any()
        assert found.singles_explain == pytest.approx(1, abs=1e-9)
    assert "the joint share, of subsets of two or more, is 0.0%" in explain(sums, [1] * 6).summary()


def test_what_a_summary_rests_on_is_on_off_combinations_and_no_samples():
    found = explain(lambda x: x[:, 0] * x[:, 1] + x[:, 2], np.ones(18, int), max_degree=2)
    said = found.summary(full=True)
    assert "over all on/off patterns, each equally likely, measured on 64 fresh ones" in said and "sample" not in said
    assert f"The function was asked {found.queries:,} times." in said and "1 of them acts jointly" in said
    assert "検索に使っていない 64 個のパターンで測定" in found.summary(language="ja")
    rng = np.random.default_rng(0)
    noise = {}
    nothing = explain(lambda x: [noise.setdefault(row.tobytes(), rng.normal()) for row in x], [1] * 18)
    assert nothing.summary().startswith("No subset of the 18 units was found.") and "sample" not in nothing.summary()
