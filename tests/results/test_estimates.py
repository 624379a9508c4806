import pytest

from actspec_widgets import Coverage, Estimates
from actspec_widgets.results.coverage import count_in_words


def test_a_table_of_estimates():
    found = Estimates(((0,), (1, 2)), [0.5, -0.25], [0.1, 0.1])
    assert len(found) == 2 and "2 subsets" in repr(found)
    assert found.to_frame()["degree"].tolist() == [1, 2]
    assert found._repr_html_().count("<tr>") == 3


def test_lengths_must_agree():
    with pytest.raises(ValueError, match="2 subsets need 2 values"):
        Estimates(((0,), (1,)), [0.5], [0.1])


def test_coverage_in_words():
    text = str(Coverage("exhaustive", 10, 2, 55, True, 0.125, ("Left out: nothing.",)))
    assert text == (
        "Exhaustive search over all subsets of 10 units, up to degree 2: 55 examined. "
        "No unreported one in that range is larger than 0.125. Left out: nothing."
    )


def test_huge_counts_stay_readable():
    assert count_in_words(166_750) == "166,750"
    assert count_in_words(2**1000 - 1) == "2^1000 - 1"
    assert count_in_words(3 * 10**20) == "about 10^21"
