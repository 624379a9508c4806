"""How distributed a function is, against its Efron-Stein decomposition written down or summed up by hand."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import naive_effects
from actspec_widgets import Cancelled, distributedness
from actspec_widgets.compute.effects.rest import KEEP, Donors

pytestmark = pytest.mark.once

SIGNS = np.random.default_rng(0).choice([-1.0, 1.0], (1000, 4))
TOGETHER = np.sign(np.random.default_rng(1).normal(size=(500, 1)) + np.random.default_rng(2).normal(size=(500, 4)))
TOGETHER = np.r_[TOGETHER, -TOGETHER]  # balanced, correlated by a third


def near(measure, truth, slack=1e-9):
    assert np.all(np.abs(np.asarray(measure.value) - truth) <= 5 * np.asarray(measure.standard_error) + slack)


@pytest.mark.parametrize("recorded", [SIGNS, TOGETHER], ids=["independent", "correlated"])
@pytest.mark.parametrize(
    ("function", "degree", "joint", "effective"),
    [
        (lambda a: a[:, :2].prod(axis=1), 2, 1, 2),
        (lambda a: a[:, :3].prod(axis=1), 3, 1, 3),
        (lambda a: np.sign(a[:, :3].sum(axis=1)), 1.5, 0.25, 3),  # majority: 3/4 at degree 1, 1/4 at 3
        (lambda a: a[:, 0] + 0.5 * a[:, 1] * a[:, 2], 1.2, 0.2, 1.5**2 / (1 + 2 / 16)),
        (lambda a: np.maximum(a[:, 0], a[:, 1]), 4 / 3, 1 / 3, 2),  # (1 + x + y - xy) / 2
        (lambda a: ((a[:, 0] > 0) & (a[:, 1] > 0)) * 1.0, 4 / 3, 1 / 3, 2),
    ],
    ids=["pair", "parity", "majority", "mixture", "max", "and"],
)
def test_functions_whose_decomposition_is_known(function, degree, joint, effective, recorded):
    found = distributedness(function, activations=recorded)
    near(found.mean_degree, degree, 0.01)  # the recorded columns are not exactly balanced
    near(found.joint_share, joint, 0.01)
    near(found.effective_units, effective, 0.02)
    assert found.mean_degree.standard_error <= 0.02 and found.joint_share.standard_error <= 0.02


@pytest.mark.parametrize("units", [5, 300], ids=["one by one", "in groups"])
def test_a_sum_has_no_joint_part_and_no_doubt_about_it_whatever_the_units_do_together(units):
    rng = np.random.default_rng(1)
    A = rng.normal(size=(500, 1)) + rng.normal(size=(500, units))  # correlated 0.5
    slopes = rng.normal(size=units)
    found = distributedness(lambda a: np.exp(a[:, 0] / 3) + a @ slopes, activations=A, draws=800)
    assert abs(found.mean_degree.value - 1) < 1e-9 and abs(found.joint_share.value) < 1e-9
    assert found.mean_degree.standard_error < 1e-9 and "add up" in found.summary()


@given(st.integers(0, 2**32 - 1), st.integers(2, 3), st.sampled_from([1.0, 0.4]))
@settings(max_examples=20, deadline=None)
def test_any_function_of_few_values_agrees_with_the_sum_over_all_mixtures(seed, n, share):
    rng = np.random.default_rng(seed)
    table = rng.integers(0, 3, (4, n)).astype(float)
    answers = rng.normal(size=(3,) * n)
    f = lambda a: answers[tuple(a.astype(int).T)]  # noqa: E731
    weights = naive_effects.component_variances(f, table)
    if share < 1:  # what is kept comes from one sample: only where units are independent is that a mixture too
        table = table[np.array(list(np.ndindex(*(4,) * n))), np.arange(n)]
    if min(np.ptp(table, axis=0)) == 0 or sum(weights.values()) < 1e-9:
        return
    found = distributedness(f, activations=table, draws=4000, share=share, seed=seed)
    influence, variance = naive_effects.at_share(weights, share)
    alone = sum(w * len(s) * share * (1 - share) ** (len(s) - 1) for s, w in weights.items())  # one unit in play
    each = np.array([sum(w for s, w in weights.items() if i in s) for i in range(n)])
    near(found.variance, variance)
    near(found.mean_degree, influence / variance)
    near(found.joint_share, 1 - alone / variance)
    near(found.influences, share * each)
    if share == 1:
        near(found.first_order, np.array([weights[i,] for i in range(n)]))


def test_nearer_to_the_data_a_parity_reads_its_ceiling():
    for share in (1.0, 0.5, 0.2):
        found = distributedness(lambda a: a[:, :3].prod(axis=1), activations=SIGNS, share=share)
        near(found.mean_degree, found.ceiling(3))
    assert round(found.ceiling(3), 2) == 1.23 and "do not compare" in found.summary()


def test_what_bypasses_the_units_is_no_interaction():
    class Bypassed:
        activations, lengths = SIGNS, np.ones(1000, dtype=np.int64)

        def resample(self, base, donors):
            assert donors.shape == (len(base), 4)
            own = np.where(donors == KEEP, base[:, None], donors)
            return SIGNS[own[:, 0], 0] + 2 * np.sin(base)

    found = distributedness(Bypassed(), draws=400)
    assert found.mean_degree.value == pytest.approx(1)
    near(found.variance, 1.0, 0.01)


@pytest.mark.parametrize(("size", "degree"), [(2, 2), (3, 3), (6, 6)])
def test_many_units_are_exchanged_in_groups_and_read_the_same(size, degree):
    rng = np.random.default_rng(2)
    A = rng.choice([-1.0, 1.0], (2000, 240))
    blocks = np.arange(120).reshape(-1, size)

    def f(a):
        return a[:, 120:].sum(axis=1) / np.sqrt(120) + a[:, blocks].prod(axis=2).sum(axis=1) / np.sqrt(len(blocks))

    found = distributedness(f, activations=A, tolerance=0.05)
    near(found.joint_share, 0.5, 0.01)
    near(found.mean_degree, (1 + degree) / 2, 0.02)
    # influence 1/120 of each unit that stands alone, 1/(number of blocks) of each in a block
    influences = np.r_[np.full(120, 1 / len(blocks)), np.full(120, 1 / 120)]
    near(found.effective_units, influences.sum() ** 2 / (influences**2).sum())
    rows = list(found.measured)
    assert len(rows) == 100 and np.isnan(found.influences.value).sum() == 140
    assert np.abs(found.influences.value[rows] - influences[rows]).max() < 0.02


def test_the_leading_units_are_among_those_measured():
    rng = np.random.default_rng(3)
    A = rng.normal(size=(1000, 400))
    slopes = np.r_[np.full(20, 1.0), np.full(380, 0.05)]
    found = distributedness(lambda a: a @ slopes, activations=A)
    assert set(range(20)) <= set(found.measured)
    near(found.effective_units, (slopes**2).sum() ** 2 / (slopes**4).sum(), 0.5)


def test_several_outputs_come_from_one_pass_and_equal_single_ones():
    f = lambda a: np.stack([a.sum(axis=1), a[:, 0] * a[:, 1]], axis=1)  # noqa: E731
    both = distributedness(f, activations=SIGNS, draws=500)
    for k in range(2):
        one = distributedness(lambda a, k=k: f(a)[:, k], activations=SIGNS, draws=500)
        for name in ("mean_degree", "joint_share", "effective_units", "variance", "off_data"):
            assert getattr(both, name).value[k] == pytest.approx(getattr(one, name).value, nan_ok=True)
        np.testing.assert_allclose(both.influences.value[:, k], one.influences.value)
        assert one.runs == both.runs
    assert both.summary().count("mean degree") == 2


def test_the_answer_depends_on_the_seed_alone():
    f = lambda a: a[:, 0] * a[:, 1] + a[:, 2]  # noqa: E731
    plain = distributedness(f, activations=SIGNS, seed=5)
    with ThreadPoolExecutor(3) as pool:
        shared = distributedness(f, activations=SIGNS, seed=5, executor=pool)
    assert plain.mean_degree.value == shared.mean_degree.value and plain.draws == shared.draws
    assert distributedness(f, activations=SIGNS, seed=6).mean_degree.value != plain.mean_degree.value


def test_too_few_changes_of_the_output_are_said_and_not_read():
    A = (np.random.default_rng(4).random((5000, 2)) < 0.03) * 1.0
    found = distributedness(lambda a: a[:, 0] * a[:, 1], activations=A, draws=2000)
    assert found.too_rare and np.isnan(found.mean_degree.value)
    assert "too rare to say" in found.summary() and found.draws_needed > 10_000
    enough = distributedness(lambda a: a[:, 0] * a[:, 1], activations=A)
    p = A.mean(axis=0)
    near(enough.mean_degree, (p[0] * p[1] * (2 - p.sum())) / (p[0] * p[1] * (1 - p[0] * p[1])))
    never = np.zeros((1000, 2))
    never[0] = 1
    gave_up = distributedness(lambda a: a[:, 0] * a[:, 1], activations=never)
    assert gave_up.too_rare and gave_up.runs < 1_000_000  # seen early, not drawn to the bitter end


def test_a_share_of_single_units_that_no_draw_has_shown_is_not_said_to_be_zero():
    A = np.random.default_rng(0).choice([0.0, 1.0], (4000, 10))
    found = distributedness(lambda a: a.prod(axis=1), activations=A, draws=60_000, seed=15)  # the truth is 1 %
    assert found.too_rare and found.draws_needed > 1_000_000


def test_units_left_out_keep_the_values_of_the_base():
    found = distributedness(lambda a: a[:, 0] * a[:, 1], activations=SIGNS, units=[0])
    assert found.mean_degree.value == pytest.approx(1)  # given x1, a function of x0 alone
    assert found.measured == (0,) and np.isnan(found.influences.value[1])


def test_units_that_never_change_have_no_influence():
    A = np.c_[SIGNS[:, :2], np.ones(1000)]
    found = distributedness(lambda a: a.sum(axis=1), activations=A)
    assert found.constant_units == (2,) and found.influences.value[2] == 0 and "never change" in found.summary()


def test_another_recording_would_change_what_rests_on_few_samples():
    rng = np.random.default_rng(5)
    A = np.where(rng.random((300, 2)) < 0.05, 5.0, rng.normal(size=(300, 2)) * 0.1)
    f = lambda a: a[:, 0] + a[:, 1] + a[:, 0] * a[:, 1]  # noqa: E731
    few, many = (
        distributedness(f, activations=table, draws=20_000).recording_errors[0]
        for table in (A, rng.permutation(np.tile(A, (100, 1))))
    )
    assert few > 3 * many and few > 0.02


def test_table_of_indices():
    table = distributedness(lambda a: a[:, 0] + a[:, 1] * a[:, 2], activations=SIGNS).to_frame()
    assert list(table.columns) == ["S1", "S1_error", "ST", "ST_error"]
    np.testing.assert_allclose(table["S1"], [0.5, 0, 0, 0], atol=0.06)
    np.testing.assert_allclose(table["ST"], [0.5, 0.5, 0.5, 0], atol=0.06)


def noisy():
    rng = np.random.default_rng(0)
    return lambda a: a[:, 0] + rng.normal(size=len(a))


def fails_later():
    asked = []

    def f(a):
        asked.append(1)
        return np.full(len(a), np.nan) if len(asked) > 3 else a[:, 0]

    return f


@pytest.mark.parametrize(
    ("rest", "change", "sentence"),
    [
        (lambda a: a[:, 0], {"activations": None}, "nothing says at which activations"),
        (3, {}, "give a SubNetwork, or a function"),
        (lambda a: a[:, 0], {"activations": SIGNS[0]}, r"shape \(4,\)"),
        (lambda a: a[:, 0], {"activations": SIGNS[:1]}, "1 sample"),
        (lambda a: a[:, 0], {"activations": np.where(SIGNS > 0, np.nan, 1)}, "NaN or infinity"),
        (lambda a: a[:, 0], {"activations": np.ones((10, 2))}, "ever changes"),
        (lambda a: a[:, 0], {"share": 0}, "share=0"),
        (lambda a: a[:, 0], {"share": float("nan")}, "share=nan"),
        (lambda a: a[:, 0], {"tolerance": 0}, "tolerance=0"),
        (lambda a: a[:, 0], {"draws": 1}, "draws=1"),
        (lambda a: a[:, 0], {"units": [7]}, "outside 0..3"),
        (lambda a: a[:, 0], {"units": []}, "none of 0 units"),
        (lambda a: a[0], {}, "return numbers of shape"),
        (lambda a: a[:, 0] / 0, {}, "must be finite"),
        (lambda a: np.ones(len(a)), {}, "one answer in all"),
        (noisy(), {}, "answers the same"),
        (fails_later(), {}, "must be finite"),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_what_does_not_fit_is_refused(rest, change, sentence):
    with pytest.raises((ValueError, TypeError), match=sentence):
        distributedness(rest, **{"activations": SIGNS} | change)


def test_what_the_function_raises_comes_through_and_cancel_stops():
    asked = []

    def broken(a):
        asked.append(1)
        if len(asked) > 3:
            raise RuntimeError("no memory")
        return a[:, 0]

    with pytest.raises(RuntimeError, match="no memory"):
        distributedness(broken, activations=SIGNS)

    def stop(done, total):
        assert 0 < done <= total
        raise Cancelled

    with pytest.raises(Cancelled):
        distributedness(lambda a: a[:, 0], activations=SIGNS, progress=stop)


def test_donors_are_as_long_as_their_base_and_each_that_is_comes_as_often():
    lengths = np.repeat([2, 5, 7], [50, 60, 20])
    donors = Donors(np.arange(130), lengths)
    assert donors.left_out == 20 and lengths[donors.bases].max() == 5  # 20 samples are no choice
    rng = np.random.default_rng(0)
    bases = rng.choice(donors.bases, 4000)
    drawn = donors.draw(bases, (3,), rng)
    assert (lengths[drawn] >= lengths[bases][:, None]).all()
    counts = np.bincount(drawn[lengths[bases] == 5].ravel(), minlength=130)
    assert counts[:50].sum() == 0 and counts[50:].std() < 4 * np.sqrt(counts[50:].mean())


@pytest.mark.parametrize(("part", "said"), [(0, "add up"), (0.004, "nearly add up"), (0.01, "act jointly in part")])
def test_how_units_act_is_said_by_the_joint_share(part, said):
    A = np.random.default_rng(0).normal(size=(2000, 20))
    f = lambda a: a.sum(axis=1) * np.sqrt(1 - part) + np.sqrt(20 * part) * a[:, 0] * a[:, 1]  # noqa: E731
    found = distributedness(f, activations=A, draws=4000)
    near(found.joint_share, part, 0.001)
    assert f"which {said}:" in found.summary()


def test_an_error_that_leaves_room_for_a_joint_part_lets_nobody_say_that_units_add_up():
    found = distributedness(lambda a: a.sum(axis=1), activations=SIGNS, draws=400)
    few = replace(found, joint_share=replace(found.joint_share, value=0.028, standard_error=0.04))
    assert "which show no joint part, though up to 10.8 % may be:" in few.summary()


@pytest.mark.parametrize(
    "tails", [lambda r, s: r.standard_t(2.5, s), lambda r, s: np.exp(1.2 * r.normal(size=s))], ids=["t", "lognormal"]
)
def test_a_sum_of_heavy_tails_is_too_rare_to_say_or_adds_up(tails):
    rng = np.random.default_rng(2)
    A = tails(rng, (1000, 1)) + tails(rng, (1000, 8))
    for draws in (300, 3000):
        found = distributedness(lambda a: (a**3).sum(axis=1), activations=A, draws=draws)
        assert found.too_rare or "which add up:" in found.summary()


@pytest.mark.parametrize("offset", [1e5, 1e6, 1e7])
def test_the_rounding_of_large_answers_is_no_joint_part(offset):
    rng = np.random.default_rng(3)
    A, slopes = rng.normal(size=(1000, 64)), rng.normal(size=64).astype(np.float32)
    f = lambda a: np.float32(offset) + a.astype(np.float32) @ slopes  # noqa: E731
    said = distributedness(f, activations=A, draws=3000).summary()
    assert "act jointly" not in said and "nearly" not in said
    assert ("add up:" in said) == (offset == 1e5) == ("rounding" not in said)
    exact = distributedness(lambda a: offset + a @ slopes.astype(float), activations=A, draws=300)
    assert "which add up:" in exact.summary() and exact.rounding < 1e-6
