import inspect

import pytest

import actspec_widgets
from actspec_widgets import Estimates, Spectrum

SAMPLES = ("scan", "best_first", "beam")
QUERIES = ("goldreich_levin", "sparse_transform")


def parameters(name):
    return inspect.signature(getattr(actspec_widgets, name), eval_str=True).parameters


def positional(name):
    return [p.name for p in parameters(name).values() if p.kind is not p.KEYWORD_ONLY]


@pytest.mark.parametrize("name", (*SAMPLES, "activation_spectroscopy", "block_spectrum"))
def test_what_works_on_samples_takes_all_but_these_by_name(name):
    assert positional(name) == ["patterns", "y"]
    assert {"units", "threads", "progress"} <= set(parameters(name))


@pytest.mark.parametrize("name", QUERIES)
def test_a_search_with_queries_takes_all_but_the_function_by_name(name):
    assert positional(name) == ["query", "n_units"]
    assert {"max_degree", "max_queries", "progress"} <= set(parameters(name))
    assert parameters(name)["seed"].default == 0


@pytest.mark.parametrize(
    "name, kind",
    [
        *((name, Estimates) for name in SAMPLES),
        *((name, Spectrum) for name in QUERIES if name != "goldreich_levin"),
        ("goldreich_levin", Spectrum | Estimates),  # over spliced samples (patterns=) it estimates means
    ],
)
def test_a_search_of_samples_returns_estimates_and_one_with_queries_the_whole_answer(name, kind):
    assert inspect.signature(getattr(actspec_widgets, name), eval_str=True).return_annotation == kind
    assert "max_degree" in parameters(name)
