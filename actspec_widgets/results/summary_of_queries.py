"""What a summary says of a function that was asked at random patterns, in the place of recorded ones."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from .weights import concentration, locality

_NAMED = 3  # strongest subsets that are spelled out


def lines_of_queries(s: Any, say: Callable[..., str]) -> list[str]:
    """Sentences about a spectrum whose evidence is "uniform"; ``say`` fills in those of a language."""
    found = [i for i, subset in enumerate(s.subsets) if subset]
    units, exact = say("units", s.n_units), s.coverage.method == "exhaustive"
    held_out = say("all patterns" if exact else "fresh patterns", s.n_estimate)
    share, error = f"{s.explained_variance:.1%}", f"{s.explained_variance_error:.1%}"
    lines = [
        say("found by queries", len(found), units=units, share=share, error=error, held_out=held_out)
        if found and math.isfinite(s.explained_variance)
        else say("listed by queries" if found else "none by queries", len(found), units=units)
    ]
    lines.append(say("uniform"))
    if found:
        lines += _joint(s, found, say) + _strongest(s, found, say)
    if () in s.subsets:
        at = s.subsets.index(())
        lines.append(say("mean", mean=f"{s.coefficients[at]:+.3g} ± {s.standard_errors[at]:.2g}"))
    if s.error is not None:
        lines.append(say("stopped", s.queries, error=type(s.error).__name__))
    else:
        lines.append(say("asked for", s.queries))
    return [*lines, *_promise(s, exact, say)]


def _joint(s, found, say):
    several, joint = sum(len(s.subsets[i]) > 1 for i in found), int(s.joint.sum())
    if not several:
        return [say("singles", len(found))]
    share = f"{locality([s.subsets[i] for i in found], s.coefficients[found]):.1%}"
    return [say("jointly by queries", joint, share=share)]


def _strongest(s, found, say):
    order = sorted(found, key=lambda i: -abs(s.coefficients[i]))[:_NAMED]
    named = [f"{s.label(s.subsets[i])} {s.coefficients[i]:+.3g} ± {s.standard_errors[i]:.2g}" for i in order]
    strongest = say("between subsets").join(named)
    if len(found) == 1:
        return [say("coefficient", strongest=strongest)]
    return [
        say("strongest", strongest=strongest, number=f"{concentration(s.coefficients[found]).effective_number:.1f}")
    ]


def _promise(s, exact, say):
    """What may be missing: as the method promises, and where it promises nothing that too."""
    if exact and s.coverage.complete:
        return [say("exact")]
    if not s.coverage.complete:
        return [say("unresolved")]
    if s.coverage.missed_bound is None:
        return [say("resolved")]
    return [say("promised", size=f"{s.coverage.missed_bound:.3g}", chance=f"{1 - s.settings['delta']:.0%}")]


# Where there are two forms, the first is for a count of one.
SENTENCES: dict[str, dict[str, str | tuple[str, str]]] = {
    "en": {
        "found by queries": (
            "{count} subset of the {units} explains {share} (± {error}) of the output's variance over all on/off "
            "patterns, each equally likely, {held_out}.",
            "{count} subsets of the {units} explain {share} (± {error}) of the output's variance over all on/off "
            "patterns, each equally likely, {held_out}.",
        ),
        "fresh patterns": ("measured on {count} fresh one", "measured on {count} fresh ones"),
        "all patterns": "computed from all {count}",
        "listed by queries": (
            "{count} subset of the {units} was found; how much it explains was not measured.",
            "{count} subsets of the {units} were found; how much they explain was not measured.",
        ),
        "none by queries": "No subset of the {units} was found.",
        "uniform": (
            "The patterns are random, not recorded: most of them never occur in data, and what the function does there "
            "need not be what it does on data."
        ),
        "jointly by queries": (
            "{count} of them acts jointly in on/off terms, as units are independent in random patterns; single units "
            "hold {share} of the squared weight.",
            "{count} of them act jointly in on/off terms, as units are independent in random patterns; single units "
            "hold {share} of the squared weight.",
        ),
        "mean": "The mean of the output over all patterns is {mean}.",
        "asked for": "The function was asked {count} times.",
        "stopped": "The function failed ({error}) after {count} answers, and the search ended there.",
        "exact": "The function was asked at all patterns, so no subset was left out.",
        "resolved": "What the subsets leave unexplained is spread as evenly as noise, so little can be missing.",
        "unresolved": "The search stopped before its end: a subset that is not listed may still be there.",
        "promised": (
            "With a probability of at least {chance} no subset with a coefficient of {size} or more is missing."
        ),
    },
    "ja": {
        "found by queries": (
            "{units}のうち {count} 個の部分集合が、すべてのオン・オフのパターンを等確率とした出力の分散の "
            "{share}(標準誤差 {error})を説明します({held_out})。"
        ),
        "fresh patterns": "検索に使っていない {count} 個のパターンで測定",
        "all patterns": "全 {count} 個のパターンから計算",
        "listed by queries": "{units}のうち {count} 個の部分集合が見つかりましたが、説明する割合は測定していません。",
        "none by queries": "{units}について、見つかった部分集合はありません。",
        "uniform": (
            "パターンは記録したものではなく無作為に作ったもので、大半はデータに現れず、そこでの関数の振る舞いは"
            "データの上での振る舞いと同じとは限りません。"
        ),
        "jointly by queries": (
            "そのうち {count} 個は、オン・オフの意味で共同に働きます(無作為なパターンではユニットは独立。"
            "単独のユニットは係数の二乗和の {share} を占める)。"
        ),
        "mean": "全パターンでの出力の平均は {mean} です。",
        "asked for": "関数への問い合わせは {count} 回です。",
        "stopped": "関数は {count} 回答えた後に失敗し({error})、検索はそこで終わりました。",
        "exact": "すべてのパターンを問い合わせて変換したため、調べ残した部分集合はありません。",
        "resolved": "残りは雑音と同じように一様に広がっているため、漏れはあってもわずかです。",
        "unresolved": "検索は最後まで終わっておらず、ここにない部分集合が存在する可能性があります。",
        "promised": "係数が {size} 以上の部分集合に漏れがない確率は {chance} 以上です。",
    },
}
