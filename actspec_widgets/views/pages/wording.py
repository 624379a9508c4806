"""What a page says, in each of its languages."""

from __future__ import annotations

from typing import Any

WORDS: dict[str, dict[str, Any]] = {
    "en": {
        "language": "en", "colon": ": ", "comma": ", ", "number": "no.",
        "units": {"unit": "unit", "pixel": "pixel"},
        "singles": {
            "unit": ("{0} single unit", "{0} single units"), "pixel": ("{0} single pixel", "{0} single pixels"),
        },
        "beside": ", beside {0}",
        "the output": "the output",
        "headlines": {
            "joint": (  # for one subset, and for more
                "{joint} of {count} subsets acts jointly on {target}{beside}.",
                "{joint} of {count} subsets act jointly on {target}{beside}.",
            ),
            "joint as recorded": (
                "{joint} of {count} subsets goes jointly with {target}, in on/off terms{beside}.",
                "{joint} of {count} subsets go jointly with {target}, in on/off terms{beside}.",
            ),
            "adds up": (
                "Only {singles} holds for {target}; nothing joint does.",
                "Only {singles} hold for {target}; nothing joint does.",
            ),
            "nothing holds": (
                "The one subset found for {target} does not hold.",
                "None of the {count} subsets found for {target} holds.",
            ),
            "nothing reported": "Nothing was found that goes with {target}.",
        },
        "share": {
            "recorded": "All subsets together explain {share} of the variance on held-out samples{alone}.",
            "resampled": "All subsets together explain {share} of the output's changes, on draws not searched{alone}.",
            "uniform": "All subsets together explain {share} of the variance over all patterns{alone}.",
        },
        "share alone": "; single units alone explain {0}",
        "of units": {"unit": "{0} units", "pixel": "{0} pixels"},
        "extent": {
            "network": (
                " In the network the output is spread over {0:.{digits}f} ± {1:.{digits}f} of {units}, mean degree "
                "{2:.3f} ± {3:.3f}."
            ),
            "recorded": (
                " As recorded, the list is spread over {0:.3g} of {units}, mean degree {1:.2f}; what a network "
                "does can be far from that."
            ),
            "resampled": " By experiment, the list is spread over {0:.3g} of {units}, mean degree {1:.2f}.",
            "uniform": " Over on/off patterns, the list is spread over {0:.3g} of {units}, mean degree {1:.2f}.",
        },
        "exact shares": (
            "Every answer was asked: single units hold {single} of the variance, several together {joint}, without "
            "error."
        ),
        "holds": "What holds", "does not": "What does not hold", "cost": "What it cost", "next": "What to do next",
        "more hold": "and {0:,} more, on the next sheet", "more do not": "and {0:,} more",
        "none holds": "Nothing.", "all hold": "Every subset that is reported holds.",
        "one of": "read: one of {0}", "returns": "returns in {0} of half-samples",
        "other evidence": {"by experiment": "by experiment", "as recorded": "as recorded"},
        "objections": {
            "no claim": "it can be left out of the answer, or too many others could take its place",
            "not joint": "what its product adds to its {unit}s cannot be told from chance",
            "binarised": "joint only because units were cut into on and off; with their activations it vanishes",
            "seldom": "returns in fewer than half of the half-samples",
            "ignored": "when its {unit}s are changed, the network hardly follows",
        },
        "samples": {
            "recorded": "{0} recorded samples.", "resampled": "{0} draws in the network, units resampled.",
            "uniform": "{0} questions to the function.",
        },
        "examined": "{0} subsets of {1} units examined; p-values are corrected for all of them.",
        "most": "No more than {0:,} subsets were asked for.",
        "asked": "{0} subsets changed in the real network.",
        "steps": {
            "more samples": "Record more samples, or cut at another threshold, before saying that nothing is there.",
            "ask": "Change the units in the network (experiment, by_experiment): a recording shows association only.",
            "ignored": "Explain nothing with the {0:,} subsets that the network does not follow.",
            "classes": "Where it reads “one of”, treat all of them as one finding; these data cannot tell which it is.",
            "rare": "Record more: {0:,} subsets rest on fewer than {1} samples in their rarest combination.",
            "larger": "Subsets of more than {0} units were not looked at; raise max_degree if they matter to you.",
            "again": "Repeat it on a second training before you speak of networks like this one.",
        },
        "limits": "What this does not tell, and how to read it",
        "limit_lines": {
            "recorded": (
                "A large coefficient on recorded data is an association, not a cause.",
                "On/off loses information, and another threshold can give another answer.",
                "What was not searched is not absent: the coverage says what was looked at.",
                "Numbers are means over these data, and not over all patterns equally; other data give other numbers.",
            ),
            "resampled": (
                "Each unit was given its value in another sample of its own; such mixtures seldom occur in data.",
                "What was not searched is not absent: the coverage says what was looked at.",
                "Numbers are means over these samples; other data give other numbers.",
            ),
            "uniform": (
                "Numbers are means over all on/off patterns equally, most of which never occur in data.",
                "On/off loses information: each unit was set to one of two values.",
                "What was not searched is not absent: the coverage says what was looked at.",
            ),
        },
        "rules": (
            "± is one standard error. A coefficient is half of the output's difference between the two sides.",
            "“Holds” means: something is claimed of it; where it has several units, it is called joint; it returns in "
            "half of the half-samples or more; and the network follows. Each counts where it is known.",
        ),
        "map": "Where the subsets lie",
        "map caption": "Outlined: the pixels of the subsets that hold. A line joins the pixels of one subset.",
        "map empty": "No subset holds, so no pixel is outlined.",
        "summary": "In words", "in full": "In full", "coefficients": "The subsets", "degrees": "Weight by size",
        "table": "The numbers", "redundancy": "How much they repeat each other", "settings": "Settings",
        "versions": "Versions", "stability": "Does it return?",
        "stable subsets": "{0} of {1} subsets, or one nearly the same, return in half or more of {2} half-samples.",
        "families": "{2} half-samples agree on {0} families of subsets that say nearly the same; {1} return in each.",
        "no families": "Half-samples were not looked at, or agree on nothing.",
        "examples": "Samples on both sides of {0}",
        # For one unit, two, and more of them; False: the product is -1.
        "sides": {
            True: ("this {unit} is on", "both {unit}s are on, or both are off", "an even number of these {n} is off"),
            False: ("this {unit} is off", "exactly one is off", "an odd number of these {n} is off"),
        },
        "side": "<b>{sign}</b> {case}: {count} samples, mean {mean}. Evenly spaced by the output, nobody picked them.",
        "heads": (
            "units", "coefficient", "joint part", "rarest combination", "returns", "p, corrected", "variance added",
            "equivalents",
        ),
        "on screen": "{0:,} more rows, all pictures, settings and versions are in the file.",
        "cut": "{0:,} more rows are left out here; Spectrum.to_frame() holds them all.",
        "nothing": "There is nothing to draw: no subset is reported.",
        "not_drawn": "{0:,} weaker subsets, {1:.2g} of the squared weight, are not drawn.",
        "x_coefficients": "coefficient ± standard error (units of the target)",
        "x_hollow": "\nhollow: does not hold",
        "x_sizes": "size of the subsets", "y_sizes": "sum of squared coefficients",
        "shade": "|E[product of two characters]|",
    },
    "ja": {
        "language": "ja", "colon": ": ", "comma": "、", "number": "番号",
        "units": {"unit": "ユニット", "pixel": "画素"},
        "singles": {
            "unit": ("単独のユニット {0} 個", "単独のユニット {0} 個"),
            "pixel": ("単独の画素 {0} 個", "単独の画素 {0} 個"),
        },
        "beside": "、ほかに{0}",
        "the output": "出力",
        "headlines": {
            "joint": "{target} に共同で作用する組: {count} 個中 {joint} 個{beside}。",
            "joint as recorded": "{target} とオン・オフの意味で共同の関連をもつ組: {count} 個中 {joint} 個{beside}。",
            "adds up": "{target} について確かなのは{singles}で、共同のものはありません。",
            "nothing holds": (
                "{target} について見つかった 1 個は、確かなものではありません。",
                "{target} について見つかった {count} 個のうち、確かなものはありません。",
            ),
            "nothing reported": "{target} と関連するものは見つかりませんでした。",
        },
        "share": {
            "recorded": "取り分けておいた標本で、全体として分散の {share} を説明します{alone}。",
            "resampled": "検索に使っていない試行で、全体として出力の変化の分散の {share} を説明します{alone}。",
            "uniform": "すべてのパターンで、全体として分散の {share} を説明します{alone}。",
        },
        "share alone": "(単独のユニットだけでは {0})",
        "of units": {"unit": "{0} 個のユニット", "pixel": "{0} 個の画素"},
        "extent": {
            "network": (
                "ネットワークでは、出力は {units}のうち {0:.{digits}f} ± {1:.{digits}f} 個分に広がり、"
                "平均次数は {2:.3f} ± {3:.3f} です。"
            ),
            "recorded": (
                "記録上、この一覧は {units}のうち {0:.3g} 個分に広がり、平均次数は {1:.2f} です"
                "(ネットワークでの作用は、これと大きく異なることがあります)。"
            ),
            "resampled": "実験では、この一覧は {units}のうち {0:.3g} 個分に広がり、平均次数は {1:.2f} です。",
            "uniform": (
                "オン・オフのパターンでは、この一覧は {units}のうち {0:.3g} 個分に広がり、平均次数は {1:.2f} です。"
            ),
        },
        "exact shares": (
            "すべての入力で値を求めました。分散のうち単独のユニットが {single}、共同の部分が {joint} です(誤差なし)。"
        ),
        "holds": "確かなこと", "does not": "確かでないこと", "cost": "かかった手間", "next": "次にすること",
        "more hold": "ほか {0:,} 個(次のページ)", "more do not": "ほか {0:,} 個",
        "none holds": "ありません。", "all hold": "報告した部分集合はすべて確かです。",
        "one of": "{0} 個のうちの一つ", "returns": "半分の標本の {0} で再現",
        "other evidence": {"by experiment": "実験", "as recorded": "記録"},
        "objections": {
            "no claim": "なくても足りるか、代わりになるものが多すぎます",
            "not joint": "積が{unit}それぞれの分に加えるものを、偶然と区別できません",
            "binarised": "共同に見えるのはオン・オフ化のためで、活性値を入れると消えます",
            "seldom": "再現するのは半分の標本のうち半数未満です",
            "ignored": "{unit}を変えても、ネットワークの出力はほとんど変わりません",
        },
        "samples": {
            "recorded": "記録した標本 {0} 個。", "resampled": "ユニットを再抽出した試行 {0} 回。",
            "uniform": "関数への問い合わせ {0} 回。",
        },
        "examined": "{1} 個のユニットの部分集合を {0} 個調べ、p 値はそのすべてに対して補正しています。",
        "most": "報告する部分集合は {0:,} 個までとしました。",
        "asked": "実際のネットワークで {0} 個の部分集合を変えました。",
        "steps": {
            "more samples": "「何もない」と言う前に、標本を増やすか、別のしきい値で試してください。",
            "ask": (
                "ネットワークのユニットを実際に変えて確かめてください(experiment, by_experiment)。"
                "記録が示すのは関連だけです。"
            ),
            "ignored": "ネットワークの出力が変わらない {0:,} 個を、説明に使わないでください。",
            "classes": (
                "「うちの一つ」とあるものは、まとめて一つの発見として扱ってください。"
                "どれであるかは、このデータでは区別できません。"
            ),
            "rare": "標本を増やしてください。{0:,} 個は、最も稀な組合せの標本が {1} 個未満です。",
            "larger": "{0} 個より多いユニットの組は調べていません。必要なら max_degree を上げてください。",
            "again": "「このようなネットワーク」について述べる前に、別の学習でも繰り返してください。",
        },
        "limits": "この結果からは言えないことと、読み方",
        "limit_lines": {
            "recorded": (
                "記録データ上の大きな係数は関連であって、原因ではありません。",
                "オン・オフ化で情報は失われます。別のしきい値では別の答えになることがあります。",
                "調べていないものが存在しないとは言えません。検索の範囲を確認してください。",
                "数値はこのデータでの平均であり、すべてのパターンを等しく扱った値ではありません。"
                "別のデータでは別の値になります。",
            ),
            "resampled": (
                "各ユニットには別々の標本の値を入れました。そのような組合せがデータに現れることは、あまりありません。",
                "調べていないものが存在しないとは言えません。検索の範囲を確認してください。",
                "数値はこの標本での平均です。別のデータでは別の値になります。",
            ),
            "uniform": (
                "数値はすべてのオン・オフのパターンを等しく扱った平均です。その大半はデータに現れません。",
                "オン・オフ化で情報は失われます。各ユニットは 2 つの値のどちらかに固定されました。",
                "調べていないものが存在しないとは言えません。検索の範囲を確認してください。",
            ),
        },
        "rules": (
            "± は標準誤差です。係数は、二つの側での出力の差の半分です。",
            "「確か」とは、主張があり、組なら共同と言え、半分の標本の半数以上で再現し、ネットワークの出力も"
            "変わることです(それぞれ、わかっている場合)。",
        ),
        "map": "部分集合の位置",
        "map caption": "枠は確かな部分集合の画素です。線は同じ部分集合の画素を結びます。",
        "map empty": "確かな部分集合がないため、枠はありません。",
        "summary": "要約", "in full": "詳しい要約", "coefficients": "部分集合", "degrees": "大きさごとの重み",
        "table": "数値", "redundancy": "部分集合どうしの重複", "settings": "設定", "versions": "バージョン",
        "stability": "再現性",
        "stable subsets": "{1} 個のうち {0} 個は、それ自身かほぼ同じものが、{2} 組の半分の標本の半数以上で再現します。",
        "families": (
            "{2} 組の半分の標本は、ほぼ同じことを述べる部分集合の族 {0} 個で一致し、うち {1} 個はすべてに現れます。"
        ),
        "no families": "半分の標本での再現は調べていないか、一致するものがありません。",
        "examples": "{0} の両側の標本",
        "sides": {
            True: ("この{unit}がオン", "両方がオン、または両方がオフ", "{n} 個のうちオフが偶数個"),
            False: ("この{unit}がオフ", "一方だけがオフ", "{n} 個のうちオフが奇数個"),
        },
        "side": "<b>{sign}</b> {case}: 標本 {count} 個、平均 {mean}。出力の順に等間隔で取り出し、選んではいません。",
        "heads": (
            "ユニット", "係数", "共同の分", "最も稀な組合せ", "再現", "補正後の p 値", "加わる分散", "同等なもの",
        ),
        "on screen": "残り {0:,} 行と、すべての図、設定、バージョンはファイルにあります。",
        "cut": "残り {0:,} 行は省略しました。全部は Spectrum.to_frame() にあります。",
        "nothing": "報告できる部分集合がないため、図はありません。",
        "not_drawn": "弱い部分集合 {0:,} 個(係数の二乗和の {1:.2g})は図にありません。",
        "x_coefficients": "係数 ± 標準誤差(目的変数の単位)",
        "x_hollow": "\n白抜き: 確かでない",
        "x_sizes": "部分集合の大きさ", "y_sizes": "係数の二乗和",
        "shade": "|E[2 つの指標の積]|",
    },
}  # fmt: skip
