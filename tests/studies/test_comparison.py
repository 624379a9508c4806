"""The comparison: other libraries' methods on known truth, a cell in a process of its own, and when a claim holds."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from actspec_widgets.studies import load
from actspec_widgets.studies.comparison import Comparison, table
from actspec_widgets.studies.comparison.cells import comparison_rows
from actspec_widgets.studies.comparison.table import findings
from actspec_widgets.studies.methods import method
from actspec_widgets.studies.neighbours import METHODS, missing
from actspec_widgets.studies.neighbours.common import fourier_of_faithful, n_terms, order_within, subsets_up_to
from actspec_widgets.studies.problems import make_problem
from actspec_widgets.studies.scoring import score

STUDY = load("comparison")
QUICK = ["banzhaf_interactions_exact", "banzhaf_regression", "lasso", "omp"]  # SPEX compiles for half a minute


def asked(name):
    if sentence := missing(METHODS[name].library):
        pytest.skip(sentence)
    return method(name)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", QUICK)
def test_methods_that_can_name_the_subsets_do(name):
    problem, truth = make_problem("mixed", n=8, samples=512, degree=3, terms=4, noise=0.1, seed=101)
    found = asked(name).find(problem)
    result = score(found, truth)
    assert (result["precision"], result["recall"]) == (1, 1)
    assert result["coefficient_error"] < 0.05
    assert found.queries <= 512


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["shapley_exact", "kernel_shap", "integrated_gradients", "feature_ablation"])
def test_attributions_name_single_units_of_an_additive_function(name):
    problem, truth = make_problem("mixed", n=8, samples=512, degree=1, terms=3, noise=0.0, seed=101)
    assert set(asked(name).find(problem).subsets) == set(truth)


@pytest.mark.filterwarnings("ignore")
def test_pairs_are_detected_by_boosting():
    problem, truth = make_problem("mixed", n=8, samples=1000, degree=2, terms=4, noise=0.1, seed=101)
    for name in ("fast", "boosting_machine"):
        assert set(asked(name).find(problem).subsets) == set(truth)


def test_integrated_gradients_to_all_active_are_the_shapley_values():
    asked("integrated_gradients")
    from actspec_widgets.networks.attribution import integrated_gradients

    # x0 + x0 x1 changes by 2 + 0: by hand, half of each ordering gives unit 0 the values (2 - 2) and (2 + 2)
    value = lambda x: x[:, 0] + 1.0 * x[:, 0] * x[:, 1]  # noqa: E731
    points = np.ones((4000, 2), np.int8)
    found = integrated_gradients(value, points, steps=5, rng=np.random.default_rng(0))
    error = found.std(axis=0) / np.sqrt(len(found))
    assert (abs(found.mean(axis=0) - [2.0, 0.0]) <= 6 * error + 1e-9).all()


def test_a_method_without_queries_says_so():
    problem, _ = make_problem("mixed", n=8, samples=64, degree=1, terms=2, seed=0)
    with pytest.raises(ValueError, match="only samples"):
        asked("kernel_shap").find(replace(problem, query=None))


def test_a_missing_library_is_named_with_what_to_install():
    assert missing("no_such_library_here").endswith("pip install 'actspec_widgets[neighbours]'")


def test_faithful_polynomials_become_fourier_coefficients():
    values = {(): 1.0, (0,): -2.0, (0, 2): 3.0}
    found = fourier_of_faithful(values)
    for z in ((0, 0), (0, 1), (1, 0), (1, 1)):
        x = (2 * z[0] - 1, None, 2 * z[1] - 1)
        there = sum(a * np.prod([(1 + x[i]) / 2 for i in s]) for s, a in values.items())
        assert sum(a * np.prod([x[i] for i in s]) for s, a in found.items()) == pytest.approx(there)


def test_orders_are_the_largest_that_fit():
    assert n_terms(5, 2) == len(list(subsets_up_to(5, 2))) == 15
    assert [order_within(5, 3, most) for most in (1, 14, 15, 1000)] == [1, 1, 2, 3]


def test_a_cell_measures_in_a_process_of_its_own():
    cell = Comparison(method="scan", scene="tiny", n=8, degree=2, terms=3, samples=200, seeds=2)
    first, second = comparison_rows(cell)
    assert (first["status"], first["queries"], first["samples_used"], first["seed"]) == ("ok", 0, 200, 0)
    assert first["recall"] == 1 and first["time_s"] >= 0 and second["seed"] == 1


def test_a_method_that_does_not_apply_and_one_that_is_too_slow_give_rows():
    query = Comparison(method="sparse_transform", kind="copies", n=6, degree=2, samples=50, seeds=1)
    assert comparison_rows(query)[0]["status"] == "does not apply"
    slow = Comparison(method="actspec", n=60, degree=3, samples=4000, seeds=2, limit=-3.99)
    assert [row["status"] for row in comparison_rows(slow)] == ["timeout", "timeout"]


def rows(scores):
    """A table of two seeds from (scene, method, access, f1, seconds)."""
    return pd.DataFrame(
        {
            "scene": scene, "method": name, "access": access, "told": name != "actspec", "seed": seed, "status": "ok",
            "note": None, "precision": f1, "recall": f1, "f1": f1, "coefficient_error": 0.1, "queries": 0,
            "samples_used": 100, "time_s": seconds, "peak_MiB": 1.0,
        }
        for scene, name, access, f1, seconds in scores for seed in range(2)
    )  # fmt: skip


def test_the_table_says_where_others_win():
    df = rows([("a", "actspec", "samples", 0.8, 1.0), ("a", "spex", "queries", 1.0, 2.0),
               ("b", "actspec", "samples", 0.8, 1.0), ("b", "lasso", "samples", 1.0, 2.0),
               ("c", "actspec", "samples", 0.8, 1.0), ("c", "lasso", "samples", 0.8, 0.5)])  # fmt: skip
    verdicts = [f.verdict for f in findings(df)]
    assert verdicts == ["holds under this reading", "does not hold", "holds"]
    assert "quicker: lasso" in findings(df)[2].measured
    assert list(table(df).finished) == ["2/2"] * 6
    page = STUDY.overview(df.assign(library=df.method.map({"spex": "shapiq 1.8.0"})))
    assert "| `actspec` | samples | no | 6 of 6 | 0.80 | 0.20 | 0 | 100 | 1 | 1 |" in page
    assert "| `lasso` | – | 1.00 ± 0.00 | 0.80 ± 0.00 |" in page and page.endswith("Libraries: shapiq 1.8.0.")
    assert STUDY.figure(df).axes
