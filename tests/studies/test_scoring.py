"""Scores by hand."""

import pytest

from actspec_widgets.compute.method.relations import UnitClasses
from actspec_widgets.studies.methods import Found
from actspec_widgets.studies.scoring import canonical, score

# units 1 and 4 agree, unit 2 never changes
CLASSES = UnitClasses((0, 1, 3), ((0,), (1, 4), (3,)), (2,))


def test_one_hit_one_wrong_one_missed():
    result = score(Found(((0, 1), (2,)), (0.7, 5.0)), {(): 9.0, (0, 1): 1.0, (3,): -0.4})
    assert result["precision"] == result["recall"] == result["f1"] == 0.5
    assert result["coefficient_error"] == pytest.approx(((0.3**2 + 0.4**2) / 2) ** 0.5)
    assert (result["found_subsets"], result["true_subsets"], result["wrong_subsets"]) == (2, 2, 1)


def test_nothing_found_is_nothing_wrong():
    result = score(Found((), ()), {(0,): 2.0})
    assert (result["precision"], result["recall"], result["f1"], result["coefficient_error"]) == (1.0, 0.0, 0.0, 2.0)


def test_the_empty_subset_counts_neither_way():
    assert score(Found(((), (0,)), (3.0, 1.0)), {(0,): 1.0})["precision"] == 1.0


def test_equivalents_are_hits_and_repetitions_are_not():
    truth = {(0, 4): 1.0, (3,): 0.5}
    once = score(Found(((0, 1), (2, 3)), (1.0, 0.5)), truth, CLASSES)
    assert once["f1"] == 1.0 and once["coefficient_error"] == 0.0
    twice = score(Found(((0, 1), (0, 4), (3,)), (1.0, 1.0, 0.5)), truth, CLASSES)
    assert twice["recall"] == 1.0 and twice["precision"] == pytest.approx(2 / 3)
    assert score(Found(((0, 1),), (1.0,)), truth)["recall"] == 0.0


def test_a_claim_is_false_where_none_of_its_subsets_is_true():
    truth = {(0,): 1.0, (1, 3): 0.5}
    claims = (((0, 3), (0,)), ((3,),), ((0,), (1, 3)))
    result = score(Found(((0, 3), (3,), (0,)), (1.0, 1.0, 1.0), claims=claims), truth)
    assert (result["claims"], result["false_claims"], result["claims_f1"]) == (3, 1, pytest.approx(2 * 2 / (3 + 2)))
    # both claims hold the one true subset: neither is false, and it is found once
    twice = score(Found(((0, 1), (1,)), (1.0, 1.0), claims=(((0, 1), (0, 4)), ((1,), (0, 1)))), {(0, 4): 1.0}, CLASSES)
    assert (twice["claims"], twice["false_claims"], twice["claims_f1"]) == (2, 0, pytest.approx(2 / 3))


def test_without_groups_each_subset_is_a_claim():
    result = score(Found(((), (0, 1), (2,)), (9.0, 0.7, 5.0)), {(0, 1): 1.0, (3,): -0.4})
    assert result["claims_f1"] == result["f1"] and result["false_claims"] == result["wrong_subsets"] == 1
    nothing = score(Found((), (), claims=()), {(0,): 1.0})
    assert (nothing["claims"], nothing["false_claims"], nothing["claims_f1"]) == (0, 0, 0.0)


@pytest.mark.parametrize(("subset", "simplest"), [((1, 4), ()), ((2,), ()), ((0, 2, 4), (0, 1)), ((3, 0), (0, 3))])
def test_canonical_forms(subset, simplest):
    assert canonical(subset, CLASSES) == simplest


def test_a_truth_without_subsets_is_refused():
    with pytest.raises(ValueError, match="no subset that ever changes"):
        score(Found((), ()), {(2,): 1.0}, CLASSES)
