"""A spectrum in plain sentences; each holds its number and its uncertainty, none claims more than was measured."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .coverage import count_in_words

if TYPE_CHECKING:
    from .spectrum import Spectrum

_NAMED = 3  # strongest subsets that are spelled out


def summarise(spectrum: Spectrum, language: str = "en") -> str:
    """Sentences about ``spectrum`` in "en" or "ja"."""
    if language not in _WRITERS:
        raise ValueError(f"language={language!r} is not known; use one of {', '.join(map(repr, _WRITERS))}")
    return _WRITERS[language](spectrum)


def _facts(s):
    strongest = sorted(range(len(s)), key=lambda i: -abs(s.coefficients[i]))[:_NAMED]
    joint = sum(len(subset) > 1 for subset in s.subsets)
    return strongest, joint, s.settings.get("alpha", 0.05)


def _spread(s):
    """The effective number of subsets, with its error where the spectrum carries what that needs."""
    measure = s.summary_numbers()["effective_number"]
    error = float(measure.standard_error)
    return f"{float(measure.value):.1f}" + (f" ± {error:.1f}" if math.isfinite(error) else "")


def _not_significant(s, alpha):
    """How many subsets are reported without being below ``alpha``: those that were asked for."""
    return int((s.p_values > alpha).sum())


def _english(s: Spectrum) -> str:
    strongest, joint, alpha = _facts(s)
    if not len(s):
        lines = [
            f"No subset of the {s.n_units} units is reported: none was distinguishable from chance "
            f"at level {alpha:g} on {s.n_estimate:,} held-out samples, after correcting for the "
            f"{count_in_words(s.coverage.examined)} subsets examined.",
            "That does not show that nothing is there; it shows what this many samples can tell.",
        ]
    else:
        lines = [
            f"{len(s)} subsets of the {s.n_units} units explain {s.explained_variance:.1%} "
            f"(± {s.explained_variance_error:.1%}) of the target's variance on {s.n_estimate:,} held-out samples.",
            f"{joint} of them join two or more units.",
            "The strongest: "
            + "; ".join(
                f"{s.label(s.subsets[i])} at {s.coefficients[i]:+.3g} ± {s.standard_errors[i]:.2g}" for i in strongest
            )
            + ".",
            f"In effect the weight is spread over {_spread(s)} equally strong subsets.",
            f"Each is below {alpha:g} after correcting for the {count_in_words(s.coverage.examined)} subsets examined"
            + (f", except {named} that were asked for by name." if (named := _not_significant(s, alpha)) else "."),
        ]
    if s.constant_units:
        lines.append(f"{len(s.constant_units)} units never change in these data and take no part.")
    return " ".join([*lines, str(s.coverage)])


def _japanese(s: Spectrum) -> str:
    strongest, joint, alpha = _facts(s)
    examined = count_in_words(s.coverage.examined)
    if not len(s):
        lines = [
            f"{s.n_units} 個のユニットについて、報告できる部分集合はありません。検索用と別の {s.n_estimate:,} 標本で、"
            f"調べた {examined} 個に対する補正後、有意水準 {alpha:g} で偶然と区別できるものはありませんでした。",
            "これは何も存在しないことの証明ではなく、この標本数で言えることの限界です。",
        ]
    else:
        lines = [
            f"{s.n_units} 個のユニットのうち {len(s)} 個の部分集合が、検索に使っていない {s.n_estimate:,} 標本で、"
            f"目的変数の分散の {s.explained_variance:.1%}(標準誤差 {s.explained_variance_error:.1%})を説明します。",
            f"そのうち {joint} 個は 2 個以上のユニットの組です。",
            "最も強いもの: "
            + "、".join(
                f"{s.label(s.subsets[i])} {s.coefficients[i]:+.3g} ± {s.standard_errors[i]:.2g}" for i in strongest
            )
            + "。",
            f"重みは、同じ強さの部分集合 {_spread(s)} 個分に広がっています。",
            f"調べた {examined} 個の部分集合に対する補正後も、"
            + (f"指定された {named} 個を除き" if (named := _not_significant(s, alpha)) else "すべて")
            + f"有意水準 {alpha:g} 以下です。",
        ]
    if s.constant_units:
        lines.append(f"{len(s.constant_units)} 個のユニットはこのデータで一度も変化せず、対象外です。")
    sizes = "すべての次数" if s.coverage.max_degree is None else f"次数 {s.coverage.max_degree} まで"
    scope = "の全部分集合" if s.coverage.complete else "の一部の部分集合"
    lines.append(f"検索の範囲: {s.coverage.n_units} ユニット、{sizes}{scope}。")
    return "".join(lines)


_WRITERS = {"en": _english, "ja": _japanese}
