"""Interventions in a network: real activations, each sample its own base, the joint effect beside the total."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import small_models as models  # noqa: E402
from actspec_widgets import SubNetwork, activation_spectroscopy, by_experiment, intervene  # noqa: E402
from actspec_widgets.compute import flip_one  # noqa: E402
from actspec_widgets.compute.method import intervention  # noqa: E402


def head(last, units=8, samples=3000):
    """A ReLU layer of units that go together, and what is read off it."""
    torch.manual_seed(0)
    first = torch.nn.Linear(6, units)
    x = torch.randn(samples, 6, generator=torch.Generator().manual_seed(1)) + torch.randn(samples, 1)
    return SubNetwork(torch.nn.Sequential(first, torch.nn.ReLU(), last), "1", x, 0)


class Product(torch.nn.Module):
    def forward(self, a):
        return (a[:, :1] + a[:, 1:2] * a[:, 2:3]).double()


@pytest.mark.compiled
def test_on_a_linear_head_recorded_joint_parts_are_no_effects():
    torch.manual_seed(0)
    rest = head(torch.nn.Linear(8, 1))
    recorded = activation_spectroscopy(rest.activations, rest.target, max_degree=2)
    assert recorded.joint.sum() >= 3, "recorded units go together, so that their products are claimed"
    both = by_experiment(rest, recorded, samples=300)
    assert not both.acting.any()
    several = np.array([len(s) > 1 for s in both.subsets])
    assert np.abs(both.effects[several]).max() < 1e-5 and np.abs(both.superset_importance[several]).max() < 1e-9
    weight = rest.model[2].weight[0].detach().numpy()
    on = rest.activations > 0
    for subset, effect, error in zip(both.subsets, both.effects, both.effect_errors, strict=True):
        if len(subset) == 1:
            a = rest.activations[:, subset[0]]
            truth = weight[subset[0]] * (a[on[:, subset[0]]].mean() - a[~on[:, subset[0]]].mean()) / 2
            assert abs(effect - truth) < 5 * error
    pair = next(s for s, claimed in zip(recorded.subsets, recorded.joint, strict=True) if claimed)
    check = intervene(rest, recorded, pair, samples=300)
    assert abs(check.joint.value) <= 2 * check.joint.standard_error + 1e-6 and np.abs(check.joint_measured).max() < 1e-5
    assert abs(check.joint_predicted.mean()) > 0.01 and abs(check.slope) > 0.05  # the total moves single units' terms
    text = both.summary(full=True)
    assert "goes with" in text and f"of the {recorded.joint.sum()} said to be joint, 0 act jointly" in text
    assert "実験では" in both.summary("ja", full=True)


@pytest.mark.compiled
def test_a_product_is_measured_as_the_definition_has_it(tmp_path):
    rest = head(Product(), units=3, samples=400)
    recorded = activation_spectroscopy(rest.activations, rest.target, max_degree=2, must_include=[(1, 2)])
    table, on = rest.activations, rest.activations > 0
    steps = [table[on[:, i], i].mean() - table[~on[:, i], i].mean() for i in (1, 2)]
    both = by_experiment(rest, recorded, samples=4000)
    at = both.subsets.index((1, 2))
    truth = steps[0] * steps[1] / 4  # the same in every context
    assert abs(both.effects[at] - truth) < 5 * both.effect_errors[at] and both.acting[at]
    check = intervene(rest, recorded, (1, 2), samples=400)
    assert abs(check.joint.value - truth) < 5 * check.joint.standard_error
    both.save(tmp_path / "both.npz")
    again = type(both).load(tmp_path / "both.npz")
    assert np.array_equal(again.effects, both.effects) and "effect" in again.to_frame()
    assert again.summary(full=True) == both.summary(full=True)


def test_one_sample_keeps_its_own_activations_and_borrows_the_other_state():
    rest = head(torch.nn.Linear(8, 1))
    recorded = activation_spectroscopy(rest.activations, rest.target, max_degree=1)
    unit = recorded.subsets[0][0]
    flip = flip_one(rest, recorded, (unit,), 5)
    assert flip.before == pytest.approx(rest.target[5], abs=1e-5)
    on = rest.activations[:, unit] > 0
    others = rest.activations[on != on[5], unit]
    weight = rest.model[2].weight[0, unit].item()
    assert abs(flip.measured - weight * (others.mean() - rest.activations[5, unit])) < 5 * flip.after_error + 1e-5


def test_positions_come_from_samples_that_are_long_enough():
    model, inputs = models.Encoder().eval(), models.sentences(200, 6)
    rest = SubNetwork(model, "blocks.1.act", inputs, 1, threshold="median")
    recorded = activation_spectroscopy(
        rest.activations, rest.target, threshold="median", max_degree=1, top=2, alpha=0.9
    )
    check = intervene(rest, recorded, recorded.subsets[0], samples=50)
    assert np.isfinite(check.measured).all() and check.joint.standard_error > 0


def test_what_does_not_fit_gets_a_sentence(monkeypatch):
    rest = head(torch.nn.Linear(8, 1), samples=200)
    recorded = activation_spectroscopy(rest.activations, rest.target, max_degree=1)
    with pytest.raises(ValueError, match="the recorded layer has 3 units, the spectrum 8"):
        intervene(head(Product(), units=3), recorded, (0,))
    with pytest.raises(ValueError, match="nothing says at which activations"):
        intervene(lambda a: a[:, 0], recorded, (0,))
    from actspec_widgets import Patterns

    with pytest.raises(ValueError, match="the patterns hold 5 samples and the network 200"):
        intervene(rest, recorded, (0,), patterns=Patterns.from_signs(np.ones((5, 8))))
    always = np.abs(rest.activations) + 1
    with pytest.raises(ValueError, match="unit 0 is on in all 200 samples"):
        intervene(lambda a: a[:, 0], recorded, (0,), activations=always)
    monkeypatch.setattr(intervention, "_MOST_IN_ALL", 1000)
    with pytest.raises(ValueError, match="takes 256 runs in each of 200 samples, more than 1,000"):
        intervene(rest, recorded, range(8))
