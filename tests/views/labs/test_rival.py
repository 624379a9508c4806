"""Any method on a planted problem, in a process of its own."""

import numpy as np
import pytest

from actspec_widgets import Cancelled, synthetic
from actspec_widgets.studies.methods import method
from actspec_widgets.studies.problems import as_problem
from actspec_widgets.views.labs.rival import Answer, answer

ARGUMENTS = {
    "n": 8, "subsets": [(0,), (1, 2)], "coefficients": [1.0, -0.8], "samples": 500, "noise": 0.3, "bias": 0.0,
    "constants": 1, "duplicates": 2, "seed": 4,
}  # fmt: skip


@pytest.mark.parametrize("name", ["scan", "sparse_transform"])
def test_the_answer_of_the_process_is_the_methods_own(name):
    said = answer(name, ARGUMENTS, max_degree=2)
    here = method(name).find(as_problem(synthetic.planted(**ARGUMENTS), noise=0.3, max_degree=2, seed=4))
    assert said == Answer(here, said.seconds) and said.seconds > 0


def test_queries_get_the_true_function_with_its_noise():
    truth = synthetic.planted(**ARGUMENTS)
    points = np.random.default_rng(0).choice(np.array([-1, 1], np.int8), (4000, 11))
    exact = points[:, 0] - 0.8 * points[:, 1] * points[:, 2]
    assert as_problem(truth, max_degree=2).query(points) == pytest.approx(exact)
    noise = as_problem(truth, noise=0.3, max_degree=2).query(points) - exact
    assert abs(noise.std() - 0.3) < 6 * 0.3 / np.sqrt(2 * 4000)


def test_what_can_not_be_asked_is_a_sentence():
    with pytest.raises(ValueError, match="there is no method 'nix'"):
        answer("nix", ARGUMENTS, max_degree=2)
    if not method("shapley_exact").missing():
        with pytest.raises(ValueError, match=r"asks for all 2\^23 values"):
            answer("shapley_exact", ARGUMENTS | {"n": 20}, max_degree=2)


def test_telling_stops_it():
    def stop():
        raise Cancelled

    with pytest.raises(Cancelled):
        answer("scan", ARGUMENTS, max_degree=2, tell=stop)
