import numpy as np
import pytest

from actspec_widgets import Cancelled, synthetic


def test_the_target_is_the_planted_sum():
    problem = synthetic.planted(5, [(3, 1), (0,)], [2.0, -1.0], samples=50, seed=0)
    X = problem.patterns.signs().astype(float)
    assert problem.subsets == ((1, 3), (0,))
    assert problem.target == pytest.approx(2 * X[:, 1] * X[:, 3] - X[:, 0])


def test_added_units_are_what_they_are_called():
    problem = synthetic.planted(4, [(0,)], [1.0], samples=60, constants=2, duplicates=3, seed=1)
    X = problem.patterns.signs()
    assert problem.constants == (4, 5) and problem.duplicates == (6, 7, 8)
    assert problem.patterns.constant_units() == (4, 5)
    for copy, source in zip(problem.duplicates, problem.duplicate_of, strict=True):
        assert source < 4 and np.array_equal(X[:, copy], X[:, source])


def test_bias_and_noise_have_the_size_asked_for():
    problem = synthetic.planted(3, [], [], samples=40_000, noise=2.0, bias=0.5, seed=0)
    assert problem.patterns.signs().mean() == pytest.approx(0.5, abs=6 * 0.87 / np.sqrt(120_000))
    assert problem.target.std() == pytest.approx(2.0, abs=6 * 2 / np.sqrt(80_000))


def test_a_seed_gives_the_same_problem():
    a, b, c = (synthetic.planted(4, [(0,)], [1.0], samples=30, noise=1, seed=s) for s in (0, 0, 1))
    assert a.patterns == b.patterns and np.array_equal(a.target, b.target)
    assert a.patterns != c.patterns


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"n": 0}, "must be 1 or more"),
        ({"samples": 0}, "must be 1 or more"),
        ({"noise": -1}, "none may be negative"),
        ({"bias": 1.0}, "between -1 and 1"),
        ({"coefficients": [1.0, 2.0]}, "give one for each"),
        ({"subsets": [(9,)]}, r"outside 0\.\.3"),
    ],
)
def test_impossible_problems_are_refused(change, sentence):
    given = {"n": 4, "subsets": [(0,)], "coefficients": [1.0], "samples": 10, "seed": 0} | change
    with pytest.raises(ValueError, match=sentence):
        synthetic.planted(**given)


def test_progress_rises_to_its_end_can_cancel_and_changes_nothing(monkeypatch):
    monkeypatch.setattr(synthetic, "_PIECE", 64)
    given = dict(samples=100, noise=0.5, bias=0.2, constants=2, duplicates=2, seed=3)
    heard = []
    in_pieces = synthetic.planted(7, [(0, 1)], [1.0], **given, progress=lambda done, total: heard.append((done, total)))
    assert [done for done, _ in heard] == list(range(24)) and {total for _, total in heard} == {24}
    monkeypatch.undo()
    at_once = synthetic.planted(7, [(0, 1)], [1.0], **given)
    assert in_pieces.patterns == at_once.patterns and (in_pieces.target == at_once.target).all()

    def stop(done, total):
        raise Cancelled

    with pytest.raises(Cancelled):
        synthetic.planted(7, [(0, 1)], [1.0], **given, progress=stop)
