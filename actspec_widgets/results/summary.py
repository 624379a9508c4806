"""A spectrum in five to eight plain sentences, each with its number; none claims more than was measured."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING

from .coverage import count_in_words
from .evidence import FEWEST

if TYPE_CHECKING:
    from .spectrum import Spectrum

_NAMED = 3  # strongest subsets that are spelled out


def summarise(spectrum: Spectrum, language: str = "en") -> str:
    """Sentences about ``spectrum`` in "en" or "ja"."""
    if language not in _WRITERS:
        raise ValueError(f"language={language!r} is not known; use one of {', '.join(map(repr, _WRITERS))}")
    return _WRITERS[language](spectrum)


def _alpha(s):
    return s.settings.get("alpha", 0.05)


def _splits(s):
    return s.settings.get("splits", 1)


def _strongest(s, between):
    order = sorted(range(len(s)), key=lambda i: -abs(s.coefficients[i]))[:_NAMED]
    return between.join(f"{s.label(s.subsets[i])} {s.coefficients[i]:+.3g} ± {s.standard_errors[i]:.2g}" for i in order)


def _measure(s, name, form):
    """A number read off the spectrum, with its error where the spectrum carries what that needs."""
    measure = s.summary_numbers()[name]
    error = float(measure.standard_error)
    return f"{float(measure.value):{form}}" + (f" ± {error:{form}}" if math.isfinite(error) else "")


def _examined(s):
    return count_in_words(max(s.coverage.examined, 1))


def _not_significant(s):
    """How many subsets are reported without being below alpha: those that were asked for."""
    return int((s.p_values > _alpha(s)).sum())


def _detectable(s):
    """Share of the variance at which a subset's t value is, in the middle of its distribution, just significant.

    From ``t^2 = n share / (1 - share)`` for a character that takes both signs equally often.
    """
    level = max(_alpha(s) / (2 * float(min(max(s.coverage.examined, 1), 10**300))), 1e-300)
    square = NormalDist().inv_cdf(level) ** 2
    return square / (s.n_estimate + square)


def _redundant(s):
    """``(constants, duplicates, products, subsets with equivalents, equivalents)``; None where not looked at."""
    listed = [len(others) for others in s.equivalents]
    return len(s.constant_units), s.duplicate_units, s.relations, sum(n > 0 for n in listed), sum(listed)


def _thin(s):
    """How many subsets have a combination of their units that hardly a sample, or none, shows."""
    return 0 if s.smallest_cells is None else int((s.smallest_cells < FEWEST).sum())


def _few_samples(s):
    """Whether some products must be constant, there being too few samples to tell all units apart."""
    return s.n_search + s.n_estimate <= s.n_units - len(s.constant_units) - (s.duplicate_units or 0)


def _english(s: Spectrum) -> str:
    k, alpha = len(s), _alpha(s)
    lines = []
    if not k:
        lines += [
            f"No subset of the {_count(s.n_units, 'unit')} is reported: none was distinguishable from chance at level "
            f"{alpha:g} on {s.n_estimate:,} held-out samples, after correcting for {_examined(s)} examined.",
            "That does not show that nothing is there; it shows what this many samples can tell.",
        ]
        if _splits(s) == 1:
            lines.append(
                f"A subset that explains about {_detectable(s):.2g} of the variance, and that the search had put "
                "forward, would have been reported with an even chance."
            )
        lines.append(f"The search used {s.n_search:,} other samples.")
    else:
        lines.append(
            f"{_count(k, 'subset')} of the {_count(s.n_units, 'unit')} {'explains' if k == 1 else 'explain'} "
            f"{s.explained_variance:.1%} (± {s.explained_variance_error:.1%}) of the target's variance on "
            f"{s.n_estimate:,} held-out samples."
        )
        joint = sum(len(subset) > 1 for subset in s.subsets)
        if k == 1:
            size = len(s.subsets[0])
            lines.append(f"It {'is a single unit' if size == 1 else f'joins {size} units'}.")
            lines.append(f"Its coefficient: {_strongest(s, '; ')}.")
        else:
            lines += [
                f"{joint} of them {'joins' if joint == 1 else 'join'} two or more units; single units hold "
                f"{_measure(s, 'locality', '.1%')} of the squared weight.",
                f"The strongest: {_strongest(s, '; ')}.",
                f"In effect the weight is spread over {_measure(s, 'effective_number', '.1f')} equally strong subsets.",
            ]
        named = _not_significant(s)
        lines.append(
            f"{'It' if k == 1 else 'Each'} is below {alpha:g} after correcting for the {_examined(s)} subsets examined"
            + (f", except {named} that {'was' if named == 1 else 'were'} asked for by name." if named else ".")
        )
    lines += [_redundant_english(s), _coverage_english(s.coverage)]
    if s.encoding.kind != "signs":
        lines.append(s.encoding.describe())
    if _splits(s) > 1:
        lines.append(f"Repeated on {_splits(s)} random splits, p-values combined and estimates averaged over them.")
    return " ".join(lines)


def _count(number, noun):
    return f"{number:,} {noun if number == 1 else noun + 's'}"


def _redundant_english(s):
    constants, duplicates, products, having, listed = _redundant(s)
    parts = [f"{_count(constants, 'unit')} never {'changes' if constants == 1 else 'change'}"] if constants else []
    if duplicates:
        parts.append(f"{duplicates:,} always {'equals' if duplicates == 1 else 'equal'} another one or its negation")
    if products:
        forced = ", as some must with so few samples" if _few_samples(s) else ""
        several = "product" if products == 1 else "independent products"
        parts.append(
            f"{products:,} {several} of several units never {'changes' if products == 1 else 'change'}{forced}"
        )
    if not parts:
        none = "no unit is constant" if duplicates is None else "no unit is constant or repeats another"
        parts.append(none)
    if len(s):
        parts.append(
            f"{having} of the subsets reported {'has' if having == 1 else 'have'} equivalents that carry the same "
            f"information, {listed:,} listed in all"
            if having
            else "no equivalent of a reported subset was found"
        )
    if thin := _thin(s):
        parts.append(
            f"{thin} of the subsets reported {'has' if thin == 1 else 'have'} an on/off combination of units that "
            f"fewer than {FEWEST} samples show, too few to tell a joint effect from separate ones"
        )
    return f"In these data {'; '.join(parts)}."


def _coverage_english(c):
    if not c.examined:
        why = "nothing was left to search for" if c.n_units else "no unit that may take part ever changes"
        return f"The search looked at no subset, as {why}."
    sizes = "of every size" if c.max_degree is None else f"of up to {_count(c.max_degree, 'unit')}"
    among = f"among the {_count(c.n_units, 'distinct unit')} that took part"
    examined = count_in_words(c.examined)
    bound = "" if c.missed_bound is None else f"; no unreported one of these is larger than {c.missed_bound:.3g}"
    if c.complete:
        return f"The {c.method} search covered all {examined} subsets {sizes} {among}{bound}."
    known = "" if c.complete_degree is None else f", all those up to degree {c.complete_degree} and larger ones around"
    return f"The {c.method} search looked at {examined} of the subsets {sizes} {among}{known}, not at all{bound}."


def _japanese(s: Spectrum) -> str:
    k, alpha = len(s), _alpha(s)
    lines = []
    if not k:
        lines += [
            f"{s.n_units} 個のユニットについて、報告できる部分集合はありません。検索用と別の {s.n_estimate:,} 標本で、"
            f"調べた {_examined(s)} 個に対する補正後、有意水準 {alpha:g} で偶然と区別できるものはありませんでした。",
            "これは何も存在しないことの証明ではなく、この標本数で言えることの限界です。",
        ]
        if _splits(s) == 1:
            lines.append(
                f"検索で候補に挙がり、分散の約 {_detectable(s):.2g} を説明する部分集合であれば、"
                "およそ五分五分の確率で報告されたはずです。"
            )
        else:
            lines.append(f"検索には別の {s.n_search:,} 標本を使いました。")
    else:
        lines.append(
            f"{s.n_units} 個のユニットのうち {k} 個の部分集合が、検索に使っていない {s.n_estimate:,} 標本で、"
            f"目的変数の分散の {s.explained_variance:.1%}(標準誤差 {s.explained_variance_error:.1%})を説明します。"
        )
        joint = sum(len(subset) > 1 for subset in s.subsets)
        if k == 1:
            size = len(s.subsets[0])
            lines.append("これは単独のユニットです。" if size == 1 else f"これは {size} 個のユニットの組です。")
            lines.append(f"係数は {_strongest(s, '、')} です。")
        else:
            lines += [
                f"そのうち {joint} 個は 2 個以上のユニットの組で、単独のユニットは係数の二乗和の "
                f"{_measure(s, 'locality', '.1%')} を占めます。",
                f"最も強いもの: {_strongest(s, '、')}。",
                f"重みは、同じ強さの部分集合 {_measure(s, 'effective_number', '.1f')} 個分に広がっています。",
            ]
        named = _not_significant(s)
        lines.append(
            f"調べた {_examined(s)} 個の部分集合に対する補正後も、"
            + (f"指定された {named} 個を除き" if named else "すべて")
            + f"有意水準 {alpha:g} 以下です。"
        )
    lines += [_redundant_japanese(s), _coverage_japanese(s.coverage)]
    if s.encoding.kind != "signs":
        lines.append(s.encoding.describe("ja"))
    if _splits(s) > 1:
        lines.append(f"{_splits(s)} 通りの無作為な分割で繰り返し、p 値を統合し、推定値を平均しました。")
    return "".join(lines)


def _redundant_japanese(s):
    constants, duplicates, products, having, listed = _redundant(s)
    parts = [f"{constants} 個のユニットは一度も変化せず対象外"] if constants else []
    if duplicates:
        parts.append(f"{duplicates} 個は別のユニットまたはその反転と常に一致")
    if products:
        forced = "(標本が少ないため一部は必然)" if _few_samples(s) else ""
        parts.append(f"複数のユニットの独立な積 {products} 個が一定{forced}")
    if not parts:
        parts.append("一定のユニットはなし" if duplicates is None else "一定または重複するユニットはなし")
    if len(s):
        parts.append(
            f"報告した部分集合のうち {having} 個に、同じ情報をもつ同等な部分集合(計 {listed} 個を記載)あり"
            if having
            else "報告した部分集合と同等なものは見つからず"
        )
    if thin := _thin(s):
        parts.append(
            f"うち {thin} 個は、ユニットのオン・オフの組合せのうち最も稀なものが {FEWEST} 標本未満で、"
            "共同の効果と個別の効果を区別できない"
        )
    return f"このデータでの冗長性: {'、'.join(parts)}。"


def _coverage_japanese(c):
    if not c.examined:
        why = "調べるべきものが残っていなかった" if c.n_units else "対象となるユニットが一度も変化しない"
        return f"{why}ため、部分集合は検索していません。"
    sizes = "すべての次数" if c.max_degree is None else f"次数 {c.max_degree} まで"
    examined = count_in_words(c.examined)
    bound = "" if c.missed_bound is None else f"、その中に係数が {c.missed_bound:.3g} を超える未報告のものはなし"
    if c.complete:
        return f"検索の範囲: 異なる {c.n_units} ユニット、{sizes}の全部分集合 {examined} 個{bound}。"
    known = "" if c.complete_degree is None else f"(次数 {c.complete_degree} までは全部、それより大きいものは周辺のみ)"
    return f"検索の範囲: 異なる {c.n_units} ユニット、{sizes}の部分集合のうち {examined} 個{known}{bound}。"


_WRITERS = {"en": _english, "ja": _japanese}
