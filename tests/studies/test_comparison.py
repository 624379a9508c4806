"""The comparison: other libraries' methods on known truth, a cell in a process of its own, and when a claim holds."""

from dataclasses import asdict, dataclass, replace
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

from actspec_widgets.compute.method.relations import UnitClasses, unit_classes
from actspec_widgets.patterns import Patterns
from actspec_widgets.studies import StudyIncomplete, load, run
from actspec_widgets.studies.comparison import Comparison
from actspec_widgets.studies.comparison import run as comparison
from actspec_widgets.studies.comparison.findings import findings
from actspec_widgets.studies.comparison.scenes import SCENES
from actspec_widgets.studies.comparison.table import table
from actspec_widgets.studies.methods import Found, Method, Problem, method
from actspec_widgets.studies.methods.shapiq import fourier_of_faithful, order_within
from actspec_widgets.studies.methods.shared import distinct, in_problem
from actspec_widgets.studies.problems import make_problem
from actspec_widgets.studies.scoring import outranking, score, single_unit_ceiling

STUDY = load("comparison")
QUICK = ["banzhaf_interactions_exact", "banzhaf_regression", "lasso", "omp"]  # SPEX compiles for half a minute


def asked(name):
    if sentence := method(name).missing():
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
@pytest.mark.parametrize(
    "name", ["shapley_exact", "kernel_shap", "poly_shap", "odd_shap", "integrated_gradients", "feature_ablation"]
)
def test_attributions_name_single_units_of_an_additive_function(name):
    problem, truth = make_problem("mixed", n=8, samples=512, degree=1, terms=3, noise=0.0, seed=101)
    try:
        found = asked(name).find(problem)
    except ImportError as error:
        pytest.skip(str(error))  # an older shapiq
    assert set(found.subsets) == set(truth)


@pytest.mark.filterwarnings("ignore")
def test_methods_that_are_not_told_how_many_report_what_they_keep():
    problem, truth = make_problem("mixed", n=8, samples=512, degree=3, terms=4, noise=0.1, seed=101)
    untold = replace(problem, n_subsets=1)  # nobody looks at it
    assert set(asked("omp_bic").find(untold).subsets) == set(truth)
    for name, most in (("lasso_cv", 60), ("omp_cv", 6)):  # of 92 columns
        result = score(asked(name).find(untold), truth)
        assert not method(name).told and result["recall"] == 1 and result["found_subsets"] <= most
    noise = replace(problem, target=np.random.default_rng(0).normal(size=512))
    assert asked("omp_bic").find(noise).subsets == ()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["omp", "omp_cv", "omp_bic"])
def test_pursuit_stops_where_nothing_is_left(name):
    problem, truth = make_problem("mixed", n=8, samples=512, degree=3, terms=4, noise=0.0, seed=101)
    assert set(truth) <= set(asked(name).find(problem).subsets)
    assert asked(name).find(replace(problem, target=np.ones(512))).subsets == ()


def test_units_that_are_rarely_on_do_not_make_a_sum_of_them_look_joint():
    problem, truth, _ = comparison._problem(Comparison(**SCENES["sparse_additive"]), 0)
    assert problem.max_degree == 2 and set(map(len, truth)) == {1}
    assert set(method("actspec").find(problem).subsets) == set(truth)


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
    with pytest.raises(ModuleNotFoundError, match="no_such_library is not installed here; run pip install"):
        Lacking("lacking", "A method without its library").find(None)


def test_faithful_polynomials_become_fourier_coefficients():
    values = {(): 1.0, (0,): -2.0, (0, 2): 3.0}
    found = fourier_of_faithful(values)
    for z in ((0, 0), (0, 1), (1, 0), (1, 1)):
        x = (2 * z[0] - 1, None, 2 * z[1] - 1)
        there = sum(a * np.prod([(1 + x[i]) / 2 for i in s]) for s, a in values.items())
        assert sum(a * np.prod([x[i] for i in s]) for s, a in found.items()) == pytest.approx(there)


def test_orders_are_the_largest_that_fit():
    assert [order_within(5, 3, most) for most in (1, 14, 15, 1000)] == [1, 1, 2, 3]


def test_a_cell_measures_in_a_process_of_its_own():
    cell = Comparison(method="scan", scene="tiny", n=8, degree=2, terms=3, samples=200, seeds=2)
    first, second = comparison.run(cell)
    assert (first["status"], first["queries"], first["samples_used"], first["seed"]) == ("ok", 0, 200, 0)
    assert first["recall"] == 1 and first["time_s"] >= 0 and second["seed"] == 1


def test_a_method_that_does_not_apply_and_one_that_is_too_slow_give_rows():
    query = Comparison(method="sparse_transform", kind="copies", n=6, degree=2, samples=50, seeds=1)
    assert comparison.run(query)[0]["status"] == "does not apply"
    slow = Comparison(method="actspec", n=60, degree=3, samples=4000, seeds=2, limit=-3.99)
    first, second = comparison.run(slow)
    assert (first["status"], first["note"]) == ("timeout", "not done after 0.0125 s")
    assert (second["status"], second["note"]) == ("not tried", "not tried after a timeout")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["lasso", "omp", "fast", "boosting_machine"])
@pytest.mark.parametrize("added", [{"constants": 24}, {"duplicates": 12}, {"constants": 6, "duplicates": 6}])
def test_constant_and_repeated_units_do_not_change_what_other_libraries_find(name, added):
    settings = {"n": 10, "samples": 1000, "degree": 2, "terms": 4, "noise": 0.1, "seed": 102}
    problem, truth = make_problem("mixed", **settings, **added)
    result = score(asked(name).find(problem), truth, unit_classes(problem.patterns))
    assert result["f1"] == 1 and result["coefficient_error"] < 0.05


def test_distinct_units_leave_out_constants_copies_and_negations():
    signs = np.array([[1, 1, -1, 1, -1], [1, -1, 1, 1, -1], [1, 1, -1, -1, -1]], np.int8)
    problem = Problem(Patterns.from_signs(signs), np.zeros(3), None, n_subsets=1, max_degree=1, seed=0)
    shown, units = distinct(problem)
    assert units == (1, 3) and (shown == signs[:, [1, 3]]).all()
    assert in_problem(Found(((0,), (0, 1)), (1.0, 0.5)), units).subsets == ((1,), (1, 3))


@pytest.mark.filterwarnings("ignore")
def test_every_unit_gets_an_importance_from_methods_of_single_units():
    problem, truth = make_problem("mixed", n=8, samples=512, degree=2, terms=3, noise=0.0, seed=101)
    classes = unit_classes(problem.patterns)
    spectrum = method("actspec").spectrum(problem)
    ours = method("actspec").find(problem).importances
    assert ours == pytest.approx(spectrum.influences()) and outranking(ours, truth, classes) == 1
    for name in ("shapley_exact", "kernel_shap", "feature_ablation"):
        found = asked(name).find(problem)
        assert len(found.importances) == 8
        assert {(int(i),) for i in np.argsort(np.abs(found.importances))[-len(found.subsets) :]} == set(found.subsets)


def test_importances_that_are_blind_right_or_wrong():
    classes = UnitClasses((0, 1, 2), ((0, 3), (1,), (2,)), (4,))
    assert outranking([1.0, 1.0, 1.0, 1.0, 1.0], [(0, 1)], classes) == 0.5
    assert outranking([0.0, -3.0, 0.1, 2.0, 0.0], [(0, 1)], classes) == 1
    assert outranking([0.1, 0.2, 1.0, 0.1, 0.3], [(0, 1)], classes) == 0
    assert (
        outranking([1.0, 1.0, 1.0, 1.0, 1.0], [(0, 1), (2,)], UnitClasses((0, 1, 2), ((0, 3), (1,), (2,)), ())) is None
    )
    assert single_unit_ceiling([(0,), (1, 4), (0, 2), (1, 2)], classes) == 0.5


@dataclass(frozen=True)
class Lacking(Method):
    """A method whose library is not installed."""

    library: ClassVar[str] = "no_such_library"

    def search(self, problem):
        pytest.fail("it can not be asked")


@dataclass(frozen=True)
class Broken(Method):
    """A method whose library needs another one."""

    def search(self, problem):
        raise ImportError("SPEX needs more of shapiq; pip install 'shapiq[sparse]'")


TINY = Comparison(method="scan", scene="tiny", n=8, degree=2, terms=3, samples=200, seeds=1)


def said_by(method, monkeypatch):
    """The rows of a cell's process where its method is this one."""
    said = []
    monkeypatch.setattr(comparison, "method", lambda name: method)
    comparison.measured(asdict(TINY), said.append)
    return said


def test_a_missing_library_is_told_of_and_its_cell_is_tried_again(monkeypatch, tmp_path):
    with monkeypatch.context() as without:
        said = iter(said_by(Lacking("scan", ""), without))
        without.setattr(comparison.WorkerProcess, "answer", lambda self, limit: next(said))
        with pytest.raises(StudyIncomplete, match=r"1 of 1 cells failed.*scan was not tried: no_such_library is not"):
            run(STUDY, cells=(TINY,), out=tmp_path / "a")
    assert run(STUDY, cells=(TINY,), out=tmp_path / "a").status.tolist() == ["ok"]


def test_what_a_library_itself_lacks_is_told_of_too(monkeypatch):
    _, said = said_by(Broken("scan", ""), monkeypatch)
    assert said == {"status": "unavailable", "note": "SPEX needs more of shapiq; pip install 'shapiq[sparse]'"}


def rows(scores):
    """A table from (scene, method, access, f1 of each seed, seconds)."""
    return pd.DataFrame(
        {
            "scene": scene, "method": name, "access": access, "told": name != "actspec", "seed": seed, "status": "ok",
            "note": None, "precision": f1, "recall": f1, "f1": f1, "coefficient_error": 0.1,
            "claims": 10, "false_claims": round(10 - 10 * f1), "claims_f1": f1,
            "queries": 7000 if access == "queries" else 0, "samples_used": 100, "time_s": seconds, "peak_MiB": 1.0,
            "limit": 60.0,
        }
        for scene, name, access, f1s, seconds in scores for seed, f1 in enumerate(f1s)
    )  # fmt: skip


def verdicts(*scores):
    return [found.outcome for found in findings(rows(scores))]


OURS = ("a", "actspec", "samples", (0.8, 0.7, 0.9), 1.0)


def test_verdicts_are_paired_by_problem():
    # 0.1 ahead on every problem is better, whatever the spread between problems
    assert verdicts(OURS, ("a", "lasso", "samples", (0.9, 0.8, 1.0), 2.0)) == ["does not hold"]
    assert verdicts(OURS, ("a", "spex", "queries", (0.9, 0.8, 1.0), 2.0)) == ["holds under this reading"]
    assert verdicts(OURS, ("a", "lasso", "samples", (0.8, 0.7, 0.9), 2.0)) == ["holds"]
    assert verdicts(OURS, ("a", "lasso", "samples", (0.6, 0.6, 0.6), 2.0)) == ["holds"]
    assert verdicts(OURS, ("a", "lasso", "samples", (0.6, 1.0, 0.9), 2.0)) == ["undecided"]
    one = (("a", "actspec", "samples", (0.8,), 1.0), ("a", "lasso", "samples", (1.0,), 1.0))
    assert verdicts(*one) == ["undecided"]


def test_where_both_find_everything_nothing_is_decided():
    all_found = ("a", "actspec", "samples", (1.0, 1.0), 1.0)
    df = rows((all_found, ("a", "omp", "samples", (1.0, 1.0), 0.5), ("a", "spex", "queries", (0.5, 0.5), 0.5)))
    (found,) = findings(df)
    assert found.outcome == "undecided" and "undecided, as these find everything too: omp;" in found.measured
    assert found.measured.endswith(
        "no difference shown, and quicker: omp (samples, told how many) 1.00, +0.00 ± 0.00, 0.5 s"
    )
    assert verdicts(all_found, ("a", "omp", "samples", (0.5, 0.6), 0.5)) == ["holds"]


def test_a_winner_is_named_with_its_queries():
    (found,) = findings(rows((OURS, ("a", "spex", "queries", (1.0, 0.9, 1.0), 2.0))))
    assert "better: spex (queries, told how many) 0.97, +0.17 ± 0.03, 2 s, 7,000 queries;" in found.measured


def test_a_timeout_is_no_score_of_three_problems():
    df = rows(
        (OURS, ("a", "spex", "queries", (0.5, 0.5, 0.5), 2.0), ("a", "svarm_iq", "queries", (0.5, 0.5, 0.5), 2.0))
    )
    slow = (df.method == "spex") & (df.seed > 0) | (df.method == "svarm_iq")
    df.loc[slow, ["f1", "claims_f1", "false_claims", "recall", "precision", "time_s", "queries"]] = np.nan
    df.loc[slow, "status"] = "timeout"
    df.loc[(df.method == "svarm_iq") & (df.seed > 0), "status"] = "not tried"
    summary = table(df).set_index("method")
    assert summary.silent.tolist() == ["", "timeout (2 runs)", "timeout (1 run)"]
    assert summary.finished.tolist() == ["3/3", "1/3", "0/3"] and np.isnan(summary.f1_error["svarm_iq"])
    assert np.isinf(summary.time_s[["spex", "svarm_iq"]]).all() and summary.time_s["actspec"] == 1
    page = STUDY.overview(df)
    assert "| `svarm_iq` | timeout (1 run) |" in page and "± 0.17 (timeout (2 runs)) |" in page
    assert "| `svarm_iq` | queries | yes | 0 of 3 | 0.00 | – | – | – | – | > 80 |" in page
    drawn = [text.get_text() for text in STUDY.figure(df).axes[0].texts]
    assert drawn == ["0.80", "0.17", "timeout"]


def test_importances_are_wrong_only_where_they_are_behind_ours():
    df = rows((OURS, ("a", "kernel_shap", "queries", (0.3, 0.3, 0.3), 2.0)))
    df["single_unit_ceiling"] = 0.5
    for blind, verdict in ((0.5, "holds"), (1.0, "does not hold")):
        given = df.assign(outranking=np.where(df.method == "actspec", 1.0, blind))
        found = findings(given)[0]
        assert "Importances of single units are wrong" in found.claim and found.outcome == verdict
        assert "(F1 0.30, at best 0.50)" in found.measured and "our influences 1.00 ± 0.00" in found.measured
        assert f"| `kernel_shap` | {blind:.2f} ± 0.00 |" in STUDY.overview(given)


def test_the_pages_tables():
    df = rows((OURS, ("a", "spex", "queries", (1.0, 1.0, 1.0), 2.0), ("b", "spex", "queries", (0.5, 0.5, 0.5), 4.0)))
    page = STUDY.overview(df.assign(library=df.method.map({"spex": "shapiq 1.8.0"})))
    assert "| `actspec` | samples | no | 3 of 3 | 0.80 | 0.20 | 0.20 | 0 | 100 | 1 | 1 |" in page
    assert "| `spex` | 1.00 ± 0.00 | 0.50 ± 0.00 |" in page and page.endswith("Libraries: shapiq 1.8.0.")
    assert "| `actspec` | 0.80 ± 0.06 | – |" in page
