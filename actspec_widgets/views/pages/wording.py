"""What a page says, in each of its languages."""

from __future__ import annotations

from typing import Any

WORDS: dict[str, dict[str, Any]] = {
    "en": {
        "summary": "In words", "coefficients": "The subsets", "degrees": "Weight by size", "table": "The numbers",
        "redundancy": "How much they repeat each other", "settings": "Settings", "versions": "Versions",
        "limits": "What this does not tell",
        "heads": (
            "units", "size", "coefficient", "± error", "joint part", "p, corrected", "variance added", "equivalents",
        ),
        "cut": "{0:,} more rows are left out here; Spectrum.to_frame() holds them all.",
        "nothing": "There is nothing to draw: no subset is reported.",
        "not_drawn": "{0:,} weaker subsets, {1:.2g} of the squared weight, are not drawn.",
        "x_coefficients": "coefficient ± standard error (units of the target)",
        "x_hollow": "; hollow: no claim, or not called joint",
        "x_sizes": "size of the subsets", "y_sizes": "sum of squared coefficients",
        "shade": "|E[product of two characters]|",
        "limit_lines": (
            "A large coefficient on recorded data is an association, not a cause; intervening in the network tells.",
            "On/off loses information, and another threshold can give another answer.",
            "What was not searched is not absent: the coverage says what was looked at.",
            "Numbers are means over these data, not over all patterns alike; other data give other numbers.",
        ),
        "limit_lines_of_queries": (
            "Numbers are means over all on/off patterns alike, most of which never occur in data.",
            "On/off loses information: each unit was set to one of two values.",
            "What was not searched is not absent: the coverage says what was looked at.",
        ),
    },
    "ja": {
        "summary": "要約", "coefficients": "部分集合", "degrees": "大きさごとの重み", "table": "数値",
        "redundancy": "部分集合どうしの重複", "settings": "設定", "versions": "バージョン",
        "limits": "この結果からは言えないこと",
        "heads": ("ユニット", "個数", "係数", "± 標準誤差", "共同の分", "補正後の p 値", "加わる分散", "同等なもの"),
        "cut": "残り {0:,} 行は省略しました。全部は Spectrum.to_frame() にあります。",
        "nothing": "報告できる部分集合がないため、図はありません。",
        "not_drawn": "弱い部分集合 {0:,} 個(係数の二乗和の {1:.2g})は図にありません。",
        "x_coefficients": "係数 ± 標準誤差(目的変数の単位)",
        "x_hollow": "、白抜き: 主張なし、または共同とは言えない",
        "x_sizes": "部分集合の大きさ", "y_sizes": "係数の二乗和",
        "shade": "|E[2 つの指標の積]|",
        "limit_lines": (
            "記録データ上の大きな係数は関連であって原因ではありません。原因かどうかは、ネットワークへの介入で確かめます。",
            "オン・オフ化で情報は失われます。別のしきい値では別の答えになることがあります。",
            "調べていないものが存在しないとは言えません。検索の範囲を確認してください。",
            "数値はこのデータでの平均であり、すべてのパターンを等しく扱った値ではありません。",
        ),
        "limit_lines_of_queries": (
            "数値はすべてのオン・オフのパターンを等しく扱った平均です。大半はデータに現れず、データの上では異なることがあります。",
            "オン・オフ化で情報は失われます。各ユニットは 2 つの値のどちらかに固定されました。",
            "調べていないものが存在しないとは言えません。検索の範囲を確認してください。",
        ),
    },
}  # fmt: skip
