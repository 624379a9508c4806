"""The first sheet in words: one headline, what holds and what does not, what it cost, and what to do next."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from ...results.coverage import count_in_words
from ...results.digits import decimals
from ...results.evidence import FEWEST
from ..kit.words import label_html, name_html, with_error
from .exhibit import Exhibit

_HOLDING, _FALLING, _STEPS = 5, 4, 4  # lines of each list on the sheet

Words = Mapping[str, Any]


def headline(shown: Exhibit, words: Words) -> str:
    """The one sentence, and a second one with the shares of the variance; HTML."""
    s, stands = shown.spectrum, shown.stands
    target = name_html(shown.target, 60) if shown.target else words["the output"]
    several = np.array([len(subset) > 1 for subset in s.subsets], bool)
    together, alone = int((stands & several).sum()), int((stands & ~several).sum())
    if not len(s):
        said = "nothing reported"
    elif together:
        said = "joint" if s.evidence != "recorded" else "joint as recorded"
    else:
        said = "adds up" if alone else "nothing holds"
    singles = words["singles"][shown.unit][alone != 1].format(f"{alone:,}")
    beside = words["beside"].format(singles) if alone else ""
    form = words["headlines"][said]
    form = form if isinstance(form, str) else form[(together or alone or len(s)) != 1]
    first = form.format(target=target, joint=f"{together:,}", count=f"{len(s):,}", singles=singles, beside=beside)
    return f"<p class=headline>{first}</p>" + (
        f"<p class=lead>{_shares(s, words)}{_extent(shown, words)}</p>" if len(s) else ""
    )


def _shares(s, words):
    if s.exact:
        return words["exact shares"].format(single=f"{s.singles_explain:.1%}", joint=f"{1 - s.singles_explain:.1%}")
    share = f"{s.explained_variance:.1%}"
    share += f" ± {s.explained_variance_error:.1%}" if math.isfinite(s.explained_variance_error) else ""
    alone = words["share alone"].format(f"{s.singles_explain:.1%}") if _known(s.singles_explain) else ""
    return words["share"][s.evidence].format(share=share, alone=alone)


def _extent(shown, words):
    """Over how many units the output is spread, and its mean degree: the network's numbers, else those of the list."""
    s, units = shown.spectrum, words["of units"][shown.unit].format(f"{shown.spectrum.n_units:,}")
    if shown.measured is not None:
        found, at = shown.measured
        if not np.atleast_1d(found.too_rare)[at]:
            spread, degree = found.effective_units, found.mean_degree
            numbers = [np.atleast_1d(each)[at] for m in (spread, degree) for each in (m.value, m.standard_error)]
            return words["extent"]["network"].format(*numbers, units=units, digits=decimals(numbers[1]))
    of_list = s.extent()
    if not math.isfinite(of_list.mean_degree):
        return ""
    return words["extent"][s.evidence].format(of_list.effective_units, of_list.mean_degree, units=units)


def _known(value):
    return value is not None and math.isfinite(value)


def what_holds(shown: Exhibit, words: Words) -> list[str]:
    """A line for each of the strongest subsets that hold; HTML."""
    stands = shown.stands
    places = [i for i in shown.ranked(1000) if stands[i]]
    lines = [_line(shown, i, words) for i in places[:_HOLDING]]
    if len(places) > _HOLDING:
        lines.append(words["more hold"].format(len(places) - _HOLDING))
    return lines or [words["none holds"]]


def what_does_not(shown: Exhibit, words: Words) -> list[str]:
    """Subsets that do not hold, first those that look as if they did, each with what speaks against it; HTML."""
    stands = shown.stands
    places = [i for i in shown.ranked(1000) if not stands[i]]
    places.sort(key=lambda i: shown.objection(i) in ("no claim", "not joint"))  # first those that look like findings
    lines = [
        f"{_named(shown, i)}: {words['objections'][shown.objection(i)].format(unit=words['units'][shown.unit])}"
        for i in places[:_FALLING]
    ]
    if len(places) > _FALLING:
        lines.append(words["more do not"].format(len(places) - _FALLING))
    return lines or [words["all hold"]]


def _named(shown, at):
    s = shown.spectrum
    number = with_error(float(s.coefficients[at]), float(s.standard_errors[at]) or math.nan)
    return f"<b>{label_html(s, s.subsets[at], 60)}</b> {number}"


def _line(shown, at, words):
    s, subset = shown.spectrum, shown.spectrum.subsets[at]
    facts = []
    if len(s.classes[at]) > 1:
        facts.append(words["one of"].format(len(s.classes[at])))
    if _known(returned := shown.returned().get(subset, np.nan)):
        facts.append(words["returns"].format(f"{returned:.0%}"))
    value, error = shown.effect(subset)
    if _known(value) and shown.effects is not None:
        facts.append(f"{words['other evidence'][shown.effects.name]} {with_error(value, error)}")
    return _named(shown, at) + (f"{words['colon']}{words['comma'].join(facts)}" if facts else "")


def what_it_cost(shown: Exhibit, words: Words) -> list[str]:
    """Samples, subsets examined, questions asked."""
    s = shown.spectrum
    lines = [
        words["samples"][s.evidence].format(f"{s.queries if s.evidence == 'uniform' and s.queries else s.n_samples:,}")
    ]
    lines.append(words["examined"].format(count_in_words(s.coverage.examined), f"{s.coverage.n_units:,}"))
    if s.settings.get("top") == len(s) > 1:
        lines.append(words["most"].format(len(s)))
    if shown.effects is not None and shown.effects.name == "by experiment":
        lines.append(words["asked"].format(f"{len(shown.effects.found):,}"))
    return lines


def what_next(shown: Exhibit, words: Words) -> list[str]:
    """Steps that follow from what is known, the most useful first."""
    s, steps = shown.spectrum, words["steps"]
    found = []
    if not len(s):
        found.append(steps["more samples"])
    if s.evidence == "recorded" and len(s) and (shown.effects is None or shown.effects.name != "by experiment"):
        found.append(steps["ask"])
    against = [shown.objection(i) for i in range(len(s))]
    if ignored := against.count("ignored"):
        found.append(steps["ignored"].format(ignored))
    if any(len(group) > 1 for group in s.classes):
        found.append(steps["classes"])
    if s.smallest_cells is not None and (rare := int((s.smallest_cells < FEWEST).sum())):
        found.append(steps["rare"].format(rare, FEWEST))
    if s.coverage.max_degree is not None and len(s):
        found.append(steps["larger"].format(s.coverage.max_degree))
    found.append(steps["again"])
    return found[:_STEPS]


def stability(shown: Exhibit, words: Words) -> str:
    """What half-samples agree on; HTML."""
    s = shown.spectrum
    if shown.families is not None and shown.families.subsets == s.subsets:
        often = int((shown.families.returned >= 0.5).sum())
        return words["stable subsets"].format(f"{often:,}", f"{len(s):,}", f"{shown.families.halves:,}")
    if not s.families:
        return words["no families"]
    always = sum(family.returned >= 1 for family in s.families)
    return words["families"].format(f"{len(s.families):,}", f"{always:,}", f"{s.families[0].halves:,}")


def listed(lines: list[str]) -> str:
    return f"<ul>{''.join(f'<li>{line}</li>' for line in lines)}</ul>"
