"""A spectrum in three plain sentences, or in full, each with its number; none claims more than was measured."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from .coverage import Coverage, count_in_words
from .evidence import FEWEST
from .summary_of_queries import SENTENCES as _OF_QUERIES
from .summary_of_queries import lines_of_queries

if TYPE_CHECKING:
    from .spectrum import Spectrum

_SHORT = 3  # sentences, unless all are asked for
_NAMED = 3  # strongest subsets, and families, that are spelled out

Say = Callable[..., str]


def summarise(spectrum: Spectrum, language: str = "en", full: bool = False) -> str:
    """Sentences about ``spectrum`` in "en" or "ja"; both say the same. Three at most, unless all are asked for."""
    if language not in _SENTENCES:
        raise ValueError(f"language={language!r} is not known; use one of {', '.join(map(repr, _SENTENCES))}")
    table = {**_SENTENCES[language], **_OF_QUERIES[language]}

    def say(name: str, count: int = 1, **words: object) -> str:
        form = table.get(name, name)  # a search is called by its own name in English
        form = form if isinstance(form, str) else form[count != 1]
        return form.format(count=f"{count:,}", **words)

    def joined(lines: list[str]) -> str:
        return say("between sentences").join(lines if full else lines[:_SHORT])

    if spectrum.exact:
        return joined(_exact(spectrum, say))
    if spectrum.queries is not None:
        return joined(lines_of_queries(spectrum, say))
    lines = _found(spectrum, say) if len(spectrum) else _nothing(spectrum, say)
    if not full:
        return joined(lines)
    lines += [_redundancy(spectrum, say), _coverage(spectrum.coverage, say)]
    if spectrum.encoding.kind != "signs":
        lines.append(spectrum.encoding.describe(language))
    return say("between sentences").join(lines)


def _exact(s: Spectrum, say: Say) -> list[str]:
    """Every answer was asked: shares of single units and of several, and the strongest; nothing is uncertain."""
    several = 1 - s.singles_explain
    lines = [
        say("every answer", len(s), asked=f"{s.n_search:,}", units=say("units", s.coverage.n_units)),
        say("shares", share=f"{s.singles_explain:.1%}", several=f"{several:.1%}"),
    ]
    order = sorted(range(len(s)), key=lambda i: -abs(s.coefficients[i]))[: 2 * _NAMED]
    named = say("between subsets").join(f"{s.label(s.subsets[i])} {s.coefficients[i]:+.3g}" for i in order)
    lines.append(say("strongest", strongest=named, number=f"{s.concentration().effective_number:.1f}"))
    if s.explained_variance < 1 - 1e-9:
        bound = f"{s.coverage.missed_bound:.3g}"
        lines.append(say("shortened", len(s), share=f"{s.explained_variance:.1%}", bound=bound))
    return lines


def _nothing(s: Spectrum, say: Say) -> list[str]:
    """No subset is reported: what that shows, and what would have been seen."""
    samples = f"{s.n_search + s.n_estimate:,}"
    if not s.coverage.examined:
        return [say("none examined", units=say("units", s.n_units), samples=samples), say("no limits"), say("examine")]
    words = {"units": say("units", s.n_units), **_level(s), "samples": samples, "grouped": _grouped(s, say)}
    if s.coverage.undecided:
        return [say("undecided", s.coverage.undecided, **words), say("undecided limits")]
    return [
        say("nothing", **words),
        say("limits"),
        say("detectable", share=f"{_detectable(s):.2g}"),
    ]


def _found(s: Spectrum, say: Say) -> list[str]:
    """What the subsets explain, which act jointly, the strongest, which stand for others, and how certain they are."""
    k, units = len(s), say("units", s.n_units)
    explained, error = f"{s.explained_variance:.1%}", f"{s.explained_variance_error:.1%}"
    alone = say("alone", share=f"{s.singles_explain:.1%}") if math.isfinite(s.singles_explain) else ""
    name = "found by experiment" if s.evidence == "resampled" else "found"
    lines = [say(name, k, units=units, share=explained, error=error, held_out=f"{s.n_estimate:,}", alone=alone)]
    lines.append(_joint(s, say))
    holds = [bool(s.classes[i]) and (len(s.subsets[i]) < 2 or bool(s.joint[i])) for i in range(k)]
    order = sorted(range(k), key=lambda i: (not holds[i], -abs(s.coefficients[i])))[:_NAMED]  # what is claimed first
    claimed = [i for i in order if holds[i]] or order  # what is not claimed is not named beside what is
    named = [f"{s.label(s.subsets[i])} {s.coefficients[i]:+.3g} ± {s.standard_errors[i]:.2g}" for i in claimed]
    strongest = say("between subsets").join(named)
    if k == 1:
        lines.append(say("coefficient", strongest=strongest))
    elif not any(holds):
        lines.append(say("strongest of no claim", strongest=strongest))
    else:
        name = "strongest" if all(holds) else "strongest claims"
        lines.append(say(name, strongest=strongest, number=_measure(s, "effective_number", ".1f")))
    if s.effects is not None and s.effect_errors is not None:  # before the strongest: what the network does
        lines.insert(2, _effects(s, order, s.effects, s.effect_errors, say))
    lines += _classes(s, say)
    asked = int((s.p_values > _alpha(s)).sum())  # reported without being below alpha: those that were asked for
    rate = "fdr" if s.settings.get("error_rate") == "fdr" else "certain"
    lines.append(say(rate, k, **_level(s), but=say("asked", asked) if asked else "", grouped=_grouped(s, say)))
    if s.families:
        returned = [
            say("in halves", family.halves, subset=s.label(family.best), times=round(family.returned * family.halves))
            for family in s.families[:_NAMED]
        ]
        always = sum(family.returned == 1 for family in s.families)
        lines.append(say("families", len(s.families), always=always, first=say("between subsets").join(returned)))
    return lines


def _effects(s: Spectrum, order: list[int], effects, errors, say: Say) -> str:
    """The strongest as recorded and by experiment side by side, and how many of the joint ones act jointly."""
    shown = order[: _NAMED - 1]
    shown += [
        i for i in sorted(np.flatnonzero(s.joint).tolist(), key=lambda i: -abs(s.coefficients[i])) if i not in shown
    ][:1]
    digits = max(2, 2 - math.floor(math.log10(max(abs(s.coefficients).max(), 1e-300))))
    sides = [
        say("side", label=s.label(s.subsets[i]), recorded=f"{s.coefficients[i]:+.{digits}f}",
            effect=f"{effects[i]:+.{digits}f}", error=f"{errors[i]:.{digits}f}")
        for i in shown if math.isfinite(effects[i])
    ]  # fmt: skip
    claimed, acting = int(s.joint.sum()), int((s.joint & s.acting).sum())
    joint = say("acting", claimed, acting=acting) if claimed else ""
    return say("sides", sides=say("between subsets").join(sides), joint=joint)


def _joint(s: Spectrum, say: Say) -> str:
    """How many subsets are claimed as joint, where that comes from binarising, and that nothing is said of the rest."""
    several, joint = sum(len(subset) > 1 for subset in s.subsets), int(s.joint.sum())
    if not several:
        return say("singles", len(s))
    cut = sum(found is True for found, claimed in zip(s.binarisation, s.joint, strict=True) if claimed)
    words = {"binarised": say("binarised", cut) if cut else "", "share": _measure(s, "locality", ".1%")}
    unclaimed = say("not joint", several - joint) if several > joint else ""
    claimed = "jointly by experiment" if s.evidence == "resampled" else "joint"
    return say(claimed if joint else "none joint", joint or several, **words, unclaimed=unclaimed if joint else "")


def _classes(s: Spectrum, say: Say) -> list[str]:
    """Subsets that the data cannot tell from others, and those of which for that reason nothing is claimed."""
    shared, open_ = sum(len(members) > 1 for members in s.classes), sum(not members for members in s.classes)
    return ([say("one of these", shared)] if shared else []) + ([say("no claim", open_)] if open_ else [])


def _redundancy(s: Spectrum, say: Say) -> str:
    """Constants, duplicates and products that never change; equivalents of what is reported, and thin evidence."""
    having, listed = sum(map(bool, s.equivalents)), sum(map(len, s.equivalents))
    thin = 0 if s.smallest_cells is None else int((s.smallest_cells < FEWEST).sum())
    parts = [say("constant", len(s.constant_units))] if s.constant_units else []
    if s.duplicate_units:
        parts.append(say("duplicate", s.duplicate_units))
    if s.relations:
        distinct = s.n_units - len(s.constant_units) - (s.duplicate_units or 0)
        # with too few samples to tell all units apart some products are constant
        forced = say("forced") if s.n_search + s.n_estimate <= distinct else ""
        parts.append(say("product", s.relations, forced=forced))
    if not parts:
        parts.append(say("no constant" if s.duplicate_units is None else "no constant or duplicate"))
    if len(s):
        parts.append(say("equivalents", having, listed=f"{listed:,}") if having else say("no equivalents"))
    if thin:
        parts.append(say("thin", thin, fewest=FEWEST))
    return say("data", parts=say("between parts").join(parts))


def _coverage(c: Coverage, say: Say) -> str:
    """What the search looked at; never more than that."""
    if not c.examined:
        return say("nothing left" if c.n_units else "nothing changes")
    sizes = say("every size") if c.max_degree is None else say("sizes", c.max_degree)
    bound = "" if c.missed_bound is None else say("bound", size=f"{c.missed_bound:.3g}")
    known = "" if c.complete or c.complete_degree is None else say("known", degree=c.complete_degree)
    words = {"examined": count_in_words(c.examined), "sizes": sizes, "known": known, "bound": bound}
    return say("complete" if c.complete else "incomplete", c.n_units, method=say(c.method), **words)


def _alpha(s):
    return s.settings.get("alpha", 0.05)


def _grouped(s, say):
    return "" if s.n_groups is None else say("grouped", s.n_groups)


def _level(s):
    return {"alpha": f"{_alpha(s):g}", "examined": count_in_words(max(s.coverage.examined, 1))}


def _measure(s, name, form):
    """A number read off the spectrum, with its error where the spectrum carries what that needs."""
    measure = s.summary_numbers()[name]
    error = float(measure.standard_error)
    return f"{float(measure.value):{form}}" + (f" ± {error:{form}}" if math.isfinite(error) else "")


def _detectable(s):
    """Share of the variance at which a subset's t value is, in the middle of its distribution, just significant.

    From ``t^2 = n share / (1 - share)`` for a character that takes both signs equally often; n counts groups, if any.
    """
    level = max(_alpha(s) / (2 * float(min(max(s.coverage.examined, 1), 10**300))), 1e-300)
    square = NormalDist().inv_cdf(level) ** 2
    return square / ((s.n_groups or s.n_samples) + square)


# Where there are two forms, the first is for a count of one.
_SENTENCES: dict[str, dict[str, str | tuple[str, str]]] = {
    "en": {
        "between sentences": " ",
        "between subsets": "; ",
        "between parts": "; ",
        "units": ("{count} unit", "{count} units"),
        "nothing": (
            "No subset of the {units} is reported: none was distinguishable from chance at level {alpha} on {samples} "
            "samples{grouped}, after correcting for {examined} examined."
        ),
        "undecided": (
            "No subset of the {units} is reported: {count} passed its test at level {alpha} on {samples} "
            "samples{grouped}, after correcting for {examined} examined, but is less probable than not, since others "
            "could stand in its place.",
            "No subset of the {units} is reported: {count} passed their tests at level {alpha} on {samples} "
            "samples{grouped}, after correcting for {examined} examined, but each is less probable than not, since "
            "others could stand in its place.",
        ),
        "undecided limits": (
            "That does not show that nothing is there. For what error_rate='fwer' finds, it also lists what could "
            "stand in its place."
        ),
        "none examined": "No subset of the {units} is reported: on {samples} samples none was examined.",
        "no limits": "That does not show that nothing is there; there was nothing to look at.",
        "examine": "Let units that change take part, or record samples in which they do.",
        "limits": "That does not show that nothing is there; it shows what this many samples can tell.",
        "detectable": (
            "A subset that explains about {share} of the variance would have been reported with an even chance."
        ),
        "found": (
            "{count} subset of the {units} explains {share} (± {error}) of the target's variance on {held_out} "
            "held-out samples{alone}.",
            "{count} subsets of the {units} explain {share} (± {error}) of the target's variance on {held_out} "
            "held-out samples{alone}.",
        ),
        "found by experiment": (
            "{count} subset of the {units} explains {share} (± {error}) of the variance of the output's change where "
            "units are resampled, on {held_out} draws that took no part in the search.",
            "{count} subsets of the {units} explain {share} (± {error}) of the variance of the output's change where "
            "units are resampled, on {held_out} draws that took no part in the search.",
        ),
        "every answer": (
            "All {asked} answers of the function, one for each on/off combination of {units}, were asked: the "
            "coefficients are exact, so they have no errors and need no p-values."
        ),
        "shares": (
            "Single units hold {share} of the variance over these combinations; the joint share, of subsets of two or "
            "more, is {several}."
        ),
        "shortened": (
            "Only the largest is listed, {share} of the variance; no other is larger than {bound}.",
            "Only the {count} largest are listed, {share} of the variance; no other is larger than {bound}.",
        ),
        "alone": "; a search for single units alone explains {share}",
        "singles": ("It is a single unit.", "All of them are single units."),
        "coefficient": "Its coefficient: {strongest}.",
        "joint": (
            "{count} of them is joint in on/off terms, adding to a model that also holds all smaller subsets "
            "inside it{binarised}{unclaimed}; single units hold {share} of the squared weight.",
            "{count} of them are joint in on/off terms, each adding to a model that also holds all smaller subsets "
            "inside it{binarised}{unclaimed}; single units hold {share} of the squared weight.",
        ),
        "jointly by experiment": (
            "{count} of them acts jointly on the output: changed together its units do what they do not do apart, on "
            "average or in some contexts{binarised}{unclaimed}; single units hold {share} of the squared weight.",
            "{count} of them act jointly on the output: changed together their units do what they do not do apart, on "
            "average or in some contexts{binarised}{unclaimed}; single units hold {share} of the squared weight.",
        ),
        "binarised": (
            "; for {count} that vanishes once the activations are in the model, and so comes from binarising",
            "; for {count} of these that vanishes once the activations are in the model, and so comes from binarising",
        ),
        "not joint": (
            "; {count} other with several units is not claimed to be joint",
            "; {count} others with several units are not claimed to be joint",
        ),
        "none joint": (
            "The one with several units is not claimed to be joint; single units hold {share} of the squared weight.",
            "None of the {count} with several units is claimed to be joint; single units hold {share} of the squared "
            "weight.",
        ),
        "strongest": (
            "The strongest: {strongest}; in effect the weight is spread over {number} equally strong subsets."
        ),
        "strongest claims": (
            "The strongest of those of which something is claimed: {strongest}; in effect the weight is spread over "
            "{number} equally strong subsets."
        ),
        "strongest of no claim": "Nothing is claimed of any of them; the largest coefficients: {strongest}.",
        "sides": (
            "Where only the units of a subset are changed in the network and all else is left as recorded: "
            "{sides}{joint}."
        ),
        "side": "{label} goes with {recorded}; by experiment {effect} ± {error}",
        "acting": (
            "; of the one said to be joint, {acting} acts jointly when its units are changed",
            "; of the {count} said to be joint, {acting} act jointly when their units are changed",
        ),
        "one of these": (
            'For {count} of them read "one of these", as the data cannot tell it from the others of its class.',
            'For {count} of them read "one of these", as the data cannot tell each from the others of its class.',
        ),
        "no claim": (
            "Nothing is claimed of {count} of them: it can be left out, or more than twenty could take its place.",
            "Nothing is claimed of {count} of them: each can be left out, or more than twenty could take its place.",
        ),
        "certain": (
            "Its p-value is below {alpha} after correcting for the {examined} subsets examined{grouped}{but}.",
            "Each p-value is below {alpha} after correcting for the {examined} subsets examined{grouped}{but}.",
        ),
        "fdr": (
            "This is the longer list, in which a share of {alpha} may be false on average; {examined} subsets were "
            "examined{grouped}{but}."
        ),
        "grouped": (", with {count} group of samples as the unit", ", with the {count} groups of samples as units"),
        "families": (
            "Half-samples agree on {count} family of subsets that say nearly the same; it returned so often: {first}.",
            "Half-samples agree on {count} families of subsets that say nearly the same, {always} of which returned in "
            "every half-sample; the first ones returned so often: {first}.",
        ),
        "in halves": "{subset} in {times} of {count} half-samples",
        "asked": (
            ", except {count} that was asked for by name",
            ", except {count} that were asked for by name",
        ),
        "data": "In these data {parts}.",
        "constant": ("{count} unit never changes", "{count} units never change"),
        "duplicate": (
            "{count} always equals another one or its negation",
            "{count} always equal another one or its negation",
        ),
        "product": (
            "{count} product of several units never changes{forced}",
            "{count} independent products of several units never change{forced}",
        ),
        "forced": ", as some must with so few samples",
        "no constant": "no unit is constant",
        "no constant or duplicate": "no unit is constant or repeats another",
        "equivalents": (
            "{count} of the subsets reported has equivalents that carry the same information, {listed} listed in all",
            "{count} of the subsets reported have equivalents that carry the same information, {listed} listed in all",
        ),
        "no equivalents": "no equivalent of a reported subset was found",
        "thin": (
            "{count} of the subsets reported has an on/off combination of units that fewer than {fewest} samples show, "
            "too few to tell a joint effect from separate ones",
            "{count} of the subsets reported have an on/off combination of units that fewer than {fewest} samples "
            "show, too few to tell a joint effect from separate ones",
        ),
        "nothing left": "The search looked at no subset, as nothing was left to search for.",
        "nothing changes": "The search looked at no subset, as no unit that may take part ever changes.",
        "every size": "of every size",
        "sizes": ("of up to {count} unit", "of up to {count} units"),
        "complete": (
            "The {method} search covered all {examined} subsets {sizes} among the {count} distinct unit that took "
            "part{bound}.",
            "The {method} search covered all {examined} subsets {sizes} among the {count} distinct units that took "
            "part{bound}.",
        ),
        "incomplete": (
            "The {method} search looked at {examined} of the subsets {sizes} among the {count} distinct unit that took "
            "part{known}, but not at all of them{bound}.",
            "The {method} search looked at {examined} of the subsets {sizes} among the {count} distinct units that "
            "took part{known}, but not at all of them{bound}.",
        ),
        "known": ", all those up to degree {degree} and larger ones near the best of them",
        "bound": "; no unreported one among them has a coefficient larger than {size}",
    },
    "ja": {
        "between sentences": "",
        "between subsets": "、",
        "between parts": "、",
        "units": "{count} 個のユニット",
        "nothing": (
            "{units}について、{samples} 標本で{grouped}、調べた {examined} 個に対する補正後、"
            "有意水準 {alpha} で偶然と区別できる部分集合はなく、報告するものはありません。"
        ),
        "undecided": (
            "{units}について、{samples} 標本で{grouped}、調べた {examined} 個に対する補正後、"
            "有意水準 {alpha} で {count} 個の部分集合が検定を通りましたが、いずれも他の部分集合と見分けがつかず、"
            "正しい確率が半分に満たないため、報告するものはありません。"
        ),
        "undecided limits": (
            "これは何も存在しないことの証明ではありません。"
            "error_rate='fwer' は、見つけたものに代わりうる部分集合も示します。"
        ),
        "none examined": "{units}について、{samples} 標本で調べた部分集合はなく、報告するものはありません。",
        "no limits": "これは何も存在しないことの証明ではなく、調べる対象がなかったことを示すだけです。",
        "examine": "変化するユニットを対象に加えるか、それらが変化する標本を記録してください。",
        "limits": "これは何も存在しないことの証明ではなく、この標本数で言えることの限界です。",
        "detectable": ("分散の約 {share} を説明する部分集合であれば、およそ五分五分の確率で報告されたはずです。"),
        "found": (
            "{units}のうち {count} 個の部分集合が、取り分けておいた {held_out} 標本で、"
            "目的変数の分散の {share}(標準誤差 {error})を説明します{alone}。"
        ),
        "found by experiment": (
            "{units}のうち {count} 個の部分集合が、検索に使っていない {held_out} 回の試行で、ユニットを再抽出したときの"
            "出力の変化の分散の {share}(標準誤差 {error})を説明します。"
        ),
        "every answer": (
            "{units}のオン・オフの組合せすべてについて関数の値({asked} 個)を求めました。係数は厳密な値で、"
            "誤差も p 値もありません。"
        ),
        "shares": (
            "これらの組合せにわたる分散のうち、単独のユニットが {share}、2 個以上の組(共同の部分)が {several} を"
            "占めます。"
        ),
        "shortened": (
            "大きいものから {count} 個だけを挙げています(分散の {share})。ほかに {bound} を超えるものはありません。"
        ),
        "alone": "(単独のユニットだけの検索では {share})",
        "singles": ("これは単独のユニットです。", "すべて単独のユニットです。"),
        "coefficient": "係数は {strongest} です。",
        "joint": (
            "そのうち {count} 個は、オン・オフの意味で共同に働きます(内側の小さい部分集合をすべて含むモデルに加わる分が"
            "ある{binarised}{unclaimed}、単独のユニットは係数の二乗和の {share} を占める)。"
        ),
        "jointly by experiment": (
            "そのうち {count} 個は出力に共同で作用します(一緒に変えると、平均して、または一部の文脈で、"
            "別々では起きない変化がある{binarised}{unclaimed}、単独のユニットは係数の二乗和の {share} を占める)。"
        ),
        "binarised": "、うち {count} 個では活性値をモデルに入れると消えるため二値化によるもの",
        "not joint": "、ほかの {count} 個の組については共同に働くとは言えない",
        "none joint": (
            "2 個以上のユニットの組 {count} 個について、共同に働くとは言えません"
            "(単独のユニットは係数の二乗和の {share} を占める)。"
        ),
        "strongest": "最も強いもの: {strongest}(重みは、同じ強さの部分集合 {number} 個分に広がっている)。",
        "strongest claims": (
            "何かを主張できるもののうち最も強いもの: {strongest}"
            "(重みは、同じ強さの部分集合 {number} 個分に広がっている)。"
        ),
        "strongest of no claim": "いずれについても何も主張できません。係数の大きいもの: {strongest}。",
        "sides": "実験では(組のユニットだけを変え、ほかは記録のまま): {sides}{joint}。",
        "side": "{label} は記録上 {recorded}、実験では {effect} ± {error}",
        "acting": "、共同とされた {count} 個のうち変えたときに共同で作用するものは {acting} 個",
        "one of these": "うち {count} 個は「これらのうちの一つ」で、どれであるかをデータは区別できません。",
        "no claim": "{count} 個については、なくても足りるか、代わりが 20 個を超えるため、何も主張しません。",
        "certain": (
            "p 値は、調べた {examined} 個の部分集合に対する補正後も{grouped}、{but}{alpha} 以下です。",
            "p 値は、調べた {examined} 個の部分集合に対する補正後も{grouped}、{but}すべて {alpha} 以下です。",
        ),
        "fdr": (
            "これは長いほうのリストで、{but}平均して {alpha} の割合までの誤りを許します"
            "(調べた部分集合 {examined} 個{grouped})。"
        ),
        "grouped": "(標本の {count} グループを単位として)",
        "families": (
            "半分の標本どうしで一致する、ほぼ同じことを述べる部分集合の族は {count} 個"
            "(うち {always} 個はすべてに現れる)です。現れた数: {first}。"
        ),
        "in halves": "{subset} は {count} 組中 {times} 組",
        "asked": "名前で指定された {count} 個を除き、",
        "data": "このデータでの冗長性: {parts}。",
        "constant": "{count} 個のユニットは一度も変化せず対象外",
        "duplicate": "{count} 個は別のユニットまたはその反転と常に一致",
        "product": "複数のユニットの独立な積 {count} 個が一定{forced}",
        "forced": "(標本が少ないため一部は必然)",
        "no constant": "一定のユニットはなし",
        "no constant or duplicate": "一定または重複するユニットはなし",
        "equivalents": ("報告した部分集合のうち {count} 個に、同じ情報をもつ同等な部分集合(計 {listed} 個を記載)あり"),
        "no equivalents": "報告した部分集合と同等なものは見つからず",
        "thin": (
            "報告した部分集合のうち {count} 個は、ユニットのオン・オフの組合せのうち"
            "最も稀なものが {fewest} 標本未満で、共同の効果と個別の効果を区別できない"
        ),
        "nothing left": "調べるべきものが残っていなかったため、部分集合は検索していません。",
        "nothing changes": "対象となるユニットが一度も変化しないため、部分集合は検索していません。",
        "every size": "すべての次数",
        "sizes": "次数 {count} まで",
        "complete": "検索の範囲: {method}により、異なる {count} ユニット、{sizes}の全部分集合 {examined} 個{bound}。",
        "incomplete": (
            "検索の範囲: {method}により、異なる {count} ユニット、{sizes}の部分集合のうち {examined} 個{known}で、"
            "すべてではない{bound}。"
        ),
        "known": "(次数 {degree} までは全部、それより大きいものは周辺のみ)",
        "bound": "、その中に係数が {size} を超える未報告のものはなし",
        "exhaustive": "全数探索",
        "block transform": "ブロック変換",
        "best-first": "最良優先探索",
        "beam": "ビーム探索",
        "experiment": "実験",
    },
}
