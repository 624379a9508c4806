"""What of a network's output is explained."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import small_models as models  # noqa: E402
from actspec_widgets import compare_targets, record, targets  # noqa: E402

LOGITS = torch.tensor([[1.0, 4.0, 1.0], [0.0, 0.0, -3.0]])


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (targets.logit(1), [4, 0]),
        (targets.centred(1), [2, 1]),
        (targets.margin(0, 2), [0, 3]),
        (targets.is_class(1), [1, -1]),
        (targets.is_class(0), [-1, 1]),
        (targets.log_probability(1), [4 - np.log(np.exp(4) + 2 * np.e), -np.log(2 + np.exp(-3))]),
    ],
)
def test_targets_by_hand(target, expected):
    np.testing.assert_allclose(target(LOGITS), expected, rtol=1e-6)
    np.testing.assert_allclose(target({"logits": LOGITS}), expected, rtol=1e-6)


def test_recorded_logits_give_the_values_of_the_model_and_the_name_makes_the_target_again():
    for target in (targets.centred(1), targets.margin(0, 2), targets.logit(2, position="last")):
        assert eval(repr(target), {"targets": targets}) == target
    np.testing.assert_array_equal(targets.log_probability(1).values(LOGITS.numpy()), targets.log_probability(1)(LOGITS))


def test_a_shift_of_all_logits_changes_the_logit_only():
    shifted = LOGITS + torch.tensor([[5.0], [-2.0]])
    for target in (targets.centred(1), targets.log_probability(1), targets.margin(1, 0), targets.is_class(1)):
        np.testing.assert_allclose(target(shifted), target(LOGITS), rtol=1e-5)
    assert not torch.equal(targets.logit(1)(shifted), targets.logit(1)(LOGITS))


def test_several_targets_come_from_one_pass():
    model, x = models.mlp(), torch.randn(20, 6)
    chosen = [0, targets.logit(0), targets.margin(0, 2), lambda out: out[:, 1]]
    both = record(model, "1", x, output=chosen).target
    for column, output in enumerate(chosen):
        np.testing.assert_array_equal(both[:, column], record(model, "1", x, output=output).target)


def test_targets_say_what_they_are():
    assert [str(t) for t in (targets.logit(3), targets.centred(3), targets.margin(3, 8), targets.is_class(3))] == [
        "logit 3",
        "logit 3 less the mean logit",
        "logit 3 less logit 8",
        "whether the class is 3",
    ]


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: targets.logit(-1), "logit of class -1; count classes from 0"),
        (lambda: targets.margin(2, 2), r"margin\(2, 2\) is 0 in every sample"),
        (lambda: targets.logit(0, position="first"), "position='first'"),
        (lambda: targets.centred(3)(LOGITS), "asks for class 3 of a model with 3 outputs"),
        (lambda: targets.centred(0)(LOGITS[:, 0]), "compares classes, and the model has one output"),
        (lambda: targets.logit(0, position="last")(LOGITS), "leave position=None"),
    ],
)
def test_wrong_targets_get_a_sentence(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()


def test_subsets_that_every_target_has_survive():
    x = torch.tensor([[1.0, 1, 1], [1, -1, 1], [-1, 1, -1], [-1, -1, 1], [1, 1, -1], [-1, 1, 1]]).repeat(60, 1)
    x = x * (1 + torch.rand(len(x), 3, generator=torch.Generator().manual_seed(0)))
    model = torch.nn.Sequential(torch.nn.Identity(), torch.nn.Linear(3, 3))
    with torch.no_grad():
        model[1].weight.copy_(torch.tensor([[2.0, 0.0, 1.0], [0.0, 1.0, 1.0], [0.0, 0.0, 1.0]]))
    found = compare_targets(model, "0", x, [0, targets.margin(0, 1), lambda out: out[:, 1]], max_degree=1)
    assert found.names == ("logit 0", "logit 0 less logit 1", "<lambda>")
    assert [set(s.subsets) for s in found.spectra] == [{(0,), (2,)}, {(0,), (1,)}, {(1,), (2,)}]
    np.testing.assert_allclose(found.overlaps, [[1, 1 / 3, 1 / 3], [1 / 3, 1, 1 / 3], [1 / 3, 1 / 3, 1]])
    reported = dict(zip(found.spectra[0].subsets, found.reported.tolist(), strict=True))
    assert reported == {(0,): [True, True, False], (2,): [True, False, True]}
    assert found.surviving == () and repr(found).startswith("Found for all of 3 outputs: none")
    assert compare_targets(model, "0", x, [0, 0], max_degree=1).surviving == found.spectra[0].subsets
    with pytest.raises(ValueError, match="outputs holds 1; give two or more"):
        compare_targets(model, "0", x, [0])
