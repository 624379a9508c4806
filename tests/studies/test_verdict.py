"""One rule for every verdict: uncertainty counts neither for a claim nor against it."""

from math import nan

import pandas as pd
import pytest

from actspec_widgets.studies.curves import Level
from actspec_widgets.studies.verdict import false_reports, judge, judge_level, over_cases


@pytest.mark.parametrize(
    "value, error, verdict",
    [
        (0.97, 0.01, "holds"),  # 0.95 to 0.99
        (0.97, 0.02, "undecided"),
        (0.90, 0.03, "undecided"),
        (0.90, 0.02, "does not hold"),
        (1.00, nan, "undecided"),  # one seed
        (1.00, 0.0, "holds"),
    ],
)
def test_two_errors_must_clear_the_bound_to_hold_and_miss_it_to_fail(value, error, verdict):
    assert judge_level(Level(value, error), least=0.95) == verdict
    assert judge_level(Level(-value, error), most=-0.95) == verdict


def test_a_larger_error_never_turns_a_verdict_into_its_opposite_nor_doubt_into_a_verdict():
    for value in (-0.2, -0.05, 0.0, 0.05, 0.2):
        found = [judge_level(Level(value, error), least=-0.1, most=0.1) for error in (0.0, 0.01, 0.05, 0.1, 0.5)]
        first_doubt = found.index("undecided")
        assert set(found[:first_doubt]) <= {found[0]} and set(found[first_doubt:]) == {"undecided"}


def test_between_two_bounds_all_or_none_of_the_interval_must_lie():
    assert judge(-0.3, 0.3, least=-0.4, most=0.4) == "holds"
    assert judge(-0.5, 0.3, least=-0.4, most=0.4) == judge(-9, 9, least=-0.4, most=0.4) == "undecided"
    assert judge(0.5, 0.6, least=-0.4, most=0.4) == judge(-0.6, -0.5, least=-0.4, most=0.4) == "does not hold"


@pytest.mark.parametrize(
    "verdicts, whole",
    [
        (["holds", "holds"], "holds"),
        (["holds", "does not hold"], "holds under this reading"),
        (["holds", "undecided", "undecided"], "undecided"),
        (["holds", "does not hold", "does not hold"], "does not hold"),
        (["undecided", "does not hold"], "does not hold"),
    ],
)
def test_a_claim_over_cases_holds_whole_only_where_it_does_in_each(verdicts, whole):
    assert over_cases(verdicts) == over_cases(reversed(verdicts)) == whole


def runs(**wrong):
    """Twenty runs for each level, of which so many are wrong."""
    return pd.DataFrame(
        {"level": level, "wrong_subsets": int(at < count)} for level, count in wrong.items() for at in range(20)
    )


def test_false_reports_of_a_family_are_judged_by_the_interval_of_their_share():
    none = false_reports(runs(**{str(level): 0 for level in range(10)}), "balanced", ["level"])
    assert none.outcome == "holds" and "0 of 200 runs; share between 0.0000 and 0.0183" in none.measured
    assert false_reports(runs(a=0), "balanced", ["level"]).outcome == "undecided"  # 0.168: too few to say
    many = false_reports(runs(a=0, b=14), "skewed", ["level"])
    assert many.outcome == "does not hold" and "level b: 14 of 20" in many.measured
    assert false_reports(runs(a=0).head(0), "nothing", ["level"]) is None


def test_classes_can_be_counted_as_claims():
    rows = runs(a=14).assign(false_claims=0)
    claimed = false_reports(rows, "skewed", ["level"], counted="false_claims")
    assert claimed.claim == "At most 5 % of runs claim anything false (skewed)" and claimed.short == "0 of 20 runs"
    assert false_reports(rows, "skewed", ["level"]).outcome == "does not hold" != claimed.outcome


def test_a_setting_that_fails_by_itself_is_not_hidden_in_an_average():
    found = false_reports(runs(worst=5, **{str(level): 0 for level in range(14)}), "correlated", ["level"])
    assert found.outcome == "holds under this reading"
    assert "on average over the settings; it does not hold for these alone: level worst" in found.reading
