"""The picture of subsets as SVG elements, drawn from the values of its drawing without a browser."""

from __future__ import annotations

import base64
from itertools import pairwise
from typing import Any

import numpy as np

from ..kit.still import fixed, png, svg_line, svg_text
from ..kit.theme import DEGREES, INK, MUTED, RULE

_ROW, _TALLEST, _LEGIBLE, _HEAD, _FOOT, _GAP = 22, 640, 15, 24, 40, 10  # pixels, as in the browser
_SIDE, _UNIT, _LINE = 300, 60, 46


def picture_svg(drawing: Any, width: float) -> tuple[str, float]:
    """Bars with what is known of each; below them the units, and the groups of the selected subset."""
    rows = drawing.content.get("rows")
    if not rows:
        return "", 0.0
    bars, height = _bars(drawing.content, drawing.chosen, width)
    place, low = _place(drawing, rows)
    groups, high = _groups(drawing, rows)
    top = height + 8
    below = ((0, place), (_SIDE + 40, groups))
    moved = "".join(f'<g transform="translate({x} {top:.0f})">{drawn}</g>' for x, drawn in below)
    return bars + moved, top + max(low, high)


def _bars(content, chosen, width):
    rows = content["rows"]
    height = max(min(_ROW, _TALLEST / len(rows)), 3.0)
    legible, step = height >= _LEGIBLE, max(1, -(-_LEGIBLE // int(height)))
    heads = content["heads"] if legible else []
    left, right = content["labels"], width - sum(head["width"] + _GAP for head in heads) - 8
    high = _HEAD + len(rows) * height
    span = content["high"] - content["low"]
    x = lambda value: left + (value - content["low"]) / span * (right - left)  # noqa: E731
    drawn = []
    for tick in content["ticks"]:
        drawn.append(svg_line(x(tick["value"]), _HEAD, x(tick["value"]), high, RULE))
        drawn.append(svg_text(x(tick["value"]), high + 15, tick["text"], anchor="middle"))
    drawn.append(svg_text((left + right) / 2, high + 33, content["axis"], anchor="middle"))
    edge, edges = right + 8, []
    for head in heads:
        edge += head["width"] + _GAP
        edges.append(edge)
        drawn.append(svg_text(edge, _HEAD - 9, head["text"], anchor="end"))
    for i, row in enumerate(rows):
        y, colour = _HEAD + i * height, DEGREES[row["style"]].colour
        middle, end = y + height / 2, x(row["value"])
        pale = ' fill-opacity="0.65" font-style="italic"' if row["faint"] else ""
        if i == chosen:
            drawn.append(
                f'<rect x="0" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}" opacity="0.15"/>'
            )
        if i % step == 0:
            drawn.append(svg_text(left - 8, middle + 4, row["name"], anchor="end", more=pale))
        start, length = min(x(0.0), end), abs(end - x(0.0))
        look = (
            'fill-opacity="0.12" stroke-dasharray="3 3" stroke-opacity="0.6"' if row["faint"] else 'fill-opacity="0.5"'
        )
        drawn.append(
            f'<rect x="{start:.1f}" y="{y + 0.15 * height:.1f}" width="{length:.1f}" height="{0.7 * height:.1f}" '
            f'fill="{colour}" stroke="{colour if row["faint"] else "none"}" {look}/>'
        )
        if row["error"]:
            drawn.append(svg_line(x(row["value"] - row["error"]), middle, x(row["value"] + row["error"]), middle, INK))
        if row["other"] is not None:
            drawn.append(svg_line(end, middle, x(row["other"]), middle, MUTED))
            drawn.append(f'<circle cx="{x(row["other"]):.1f}" cy="{middle:.1f}" r="4" fill="#fff" stroke="#222"/>')
        if height > 8:
            fill = f'fill="#fff" stroke="{colour}"' if row["faint"] else f'fill="{colour}"'
            outline = DEGREES[row["style"]].outline
            drawn.append(
                f'<path transform="translate({end - 5:.1f} {middle - 5:.1f}) scale(.83)" d="{outline}" {fill}/>'
            )
        drawn += [
            svg_text(at, middle + 4, fact, anchor="end", more=pale)
            for at, fact in zip(edges, row["facts"], strict=False)
        ]
    return "".join(drawn), high + _FOOT


def _place(drawing, rows):
    known = drawing.place
    if known.get("kind") == "image":
        cell = _SIDE / max(known["rows"], known["columns"])
        width, height = known["columns"] * cell, known["rows"] * cell
        shades = np.frombuffer(drawing.shades, np.uint8).reshape(known["rows"], known["columns"]).astype(float)
        link = base64.b64encode(png(shades)).decode()
        drawn = [
            f'<image width="{width:.0f}" height="{height:.0f}" preserveAspectRatio="none" opacity="0.62" '
            f'style="image-rendering:pixelated" href="data:image/png;base64,{link}"/>'
            f'<rect width="{width:.0f}" height="{height:.0f}" fill="none" stroke="{fixed(RULE)}"/>'
        ]
        across = known["columns"]

        def box(unit):
            return (unit % across * cell, unit // across * cell, cell, cell)

        def join(boxes):
            ends = "L".join(f"{x + w / 2:.1f} {y + h / 2:.1f}" for x, y, w, h in boxes)
            return f"M{ends}{'Z' if len(boxes) > 2 else ''}"
    elif known.get("kind") == "strip":
        units, labels = known["units"], known["labels"]
        each = max(min(_ROW - 4, 460 / max(len(units), 1)), 4)
        height, where = len(units) * each, {unit: i for i, unit in enumerate(units)}
        drawn = []
        for i, (name, shade) in enumerate(zip(known["names"], known["shades"], strict=True)):
            drawn.append(
                f'<rect x="{labels}" y="{i * each + 1:.1f}" width="{max(_UNIT * shade, 1):.1f}" '
                f'height="{each - 2:.1f}" fill="{fixed(MUTED)}" fill-opacity="0.55"/>'
            )
            if i % max(1, -(-13 // int(each))) == 0:
                drawn.append(svg_text(labels - 6, (i + 0.5) * each + 4, name, anchor="end"))

        def box(unit):
            return (labels, where[unit] * each, _UNIT, each) if unit in where else None

        def join(boxes):
            start, middles = labels + _UNIT + 6, [y + h / 2 for _, y, _, h in boxes]
            arcs = []
            for one, other in pairwise(middles):
                reach = start + min(10 + 0.6 * abs(other - one), 1.3 * (_SIDE - start))
                arcs.append(f"M{start} {one:.1f}C{reach:.1f} {one:.1f} {reach:.1f} {other:.1f} {start} {other:.1f}")
            return "".join(arcs)
    else:
        return "", 0.0
    for k in [
        *(k for k in reversed(range(len(rows))) if k != drawing.chosen),
        *([drawing.chosen] if drawing.chosen >= 0 else []),
    ]:
        row, bold = rows[k], k == drawing.chosen
        boxes = [b for b in map(box, row["subset"]) if b]
        wide = 3 if bold else 1 if row["faint"] else 1.8
        look = (
            f'fill="none" stroke="{DEGREES[row["style"]].colour}" stroke-width="{wide}" '
            f'stroke-opacity="{0.6 if row["faint"] and not bold else 1}"'
        )
        drawn += [f'<rect x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}" {look}/>' for x, y, w, h in boxes]
        if len(boxes) > 1:
            dashes = ' stroke-dasharray="3 3"' if row["faint"] else ""
            drawn.append(f'<path d="{join(boxes)}" {look}{dashes}/>')
    return "".join(drawn), height + 6


def _groups(drawing, rows):
    if not 0 <= drawing.chosen < len(rows):
        return "", 0.0
    row = rows[drawing.chosen]
    known = drawing.groups.get(",".join(map(str, row["subset"])))
    if known is None:
        return "", 0.0
    start, end = 150, 270
    x = lambda value: start + (value - known["low"]) / (known["high"] - known["low"]) * (end - start)  # noqa: E731
    drawn = [svg_text(0, 12, row["name"], weight="bold"), svg_text(0, 30, known["head"])]
    for i, cell in enumerate(known["cells"]):
        y = 38 + i * _LINE
        middle = y + 17
        drawn += [
            svg_text(0, y + 14, cell["name"]),
            svg_text(0, y + 30, cell["text"]),
            svg_line(start, middle, end, middle, RULE),
        ]
        if cell["mean"] is not None:
            if cell["error"] is not None:
                drawn.append(
                    svg_line(x(cell["mean"] - cell["error"]), middle, x(cell["mean"] + cell["error"]), middle, INK)
                )
            drawn.append(
                f'<circle cx="{x(cell["mean"]):.1f}" cy="{middle}" r="4.5" fill="{DEGREES[row["style"]].colour}"/>'
            )
        if i == 0 and known["added"] is not None:
            drawn.append(svg_line(x(known["added"]), middle - 7, x(known["added"]), middle + 7, INK))
            drawn.append(svg_text(x(known["added"]), middle - 9, "if they added up", size=10, anchor="middle"))
    below = 38 + _LINE * len(known["cells"]) + 12
    drawn.append(svg_text(0, below, known["said"]))
    return "".join(drawn), below + 8
