"""A spectrum as one HTML page that opens anywhere: no network, no scripts, every name as text; two sheets in print."""

from __future__ import annotations

import base64
import html
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from ...files import write_whole
from ...results import Spectrum
from ...results.digits import decimals
from ..kit.drawn import choose
from ..kit.lab import Lab
from ..kit.words import label_html, name_html, spread, tidy
from . import decision
from .exhibit import Exhibit
from .pictures import DRAWN, coefficients_svg, degree_weights_svg, image_svg, redundancy_svg
from .wording import WORDS

_ROWS = 1000  # rows of the table; a longer one is for a file
_ON_PAPER = 12  # rows of it that are printed
_IN_PICTURE = 12  # subsets of the first picture
_MOST_CELLS = 292 * 292  # of an image that is drawn
_PER_SIDE = 4  # examples on each side of a parity
_LIBRARIES = ("actspec_widgets", "numpy", "numba", "scipy", "matplotlib")
_CSS = Path(__file__).with_name("page.css").read_text(encoding="utf-8")


def report(
    spectrum: Spectrum | Lab,
    path: str | os.PathLike[str],
    *,
    title: str = "Activation spectroscopy",
    language: str = "en",
) -> Path:
    """Write one self-contained HTML page that a team can decide on; in print it is two sheets of A4.

    The first sheet has one headline, one picture, what holds, what does not, what it cost, what to do next, and limits
    and rules for reading. The second has the numbers (joint part, rarest combination, returns, effect) and, of the
    explorer, examples. On the screen all pictures, the whole table, settings and versions follow.

    Parameters
    ----------
    spectrum : Spectrum or lab
        Of a lab, such as the explorer, the spectrum that it shows, with the layer, the output and the threshold; of the
        explorer also the map, the examples and what the network said.
    path : path
        The file to write; an existing one is replaced only when the new one is whole.
    title : str
    language : str
        "en" or "ja".

    Returns
    -------
    Path
        The file. It loads nothing from elsewhere and runs no script.

    Raises
    ------
    ValueError
        If the language is not known, or a lab shows no spectrum yet.
    TypeError
        If something else came.
    ImportError
        If matplotlib is not installed.
    OSError
        If the file can not be written.

    Examples
    --------
    >>> import tempfile
    >>> from actspec_widgets import activation_spectroscopy, synthetic
    >>> hidden = synthetic.planted(6, [(0, 1)], [1.0], samples=400, noise=0.5, seed=0)
    >>> spectrum = activation_spectroscopy(hidden.patterns, hidden.target)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     report(spectrum, f"{folder}/page.html").read_text(encoding="utf-8")[:15]
    '<!doctype html>'
    """
    if language not in WORDS:
        raise ValueError(f"language={language!r} is not known; use one of {', '.join(map(repr, WORDS))}")
    target = Path(path)
    write_whole(target, _page(Exhibit.of(spectrum), title, language))
    return target


def _page(shown: Exhibit, title: str, language: str) -> str:
    words = WORDS[language]
    body = "".join([*_first_sheet(shown, words, title), *_second_sheet(shown, words), *_more(shown, words, language)])
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{html.escape(title[:200])}</title>'
        '<meta name="viewport" content="width=device-width">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        f'img-src data:"><style>{_CSS}</style></head><body><main>{body}</main></body></html>\n'
    )


def _first_sheet(shown: Exhibit, words, title):
    """What a team decides on."""
    lists = [
        _section(words["holds"], decision.listed(decision.what_holds(shown, words))),
        _section(words["does not"], decision.listed(decision.what_does_not(shown, words))),
        _section(words["cost"], decision.listed(decision.what_it_cost(shown, words))),
        _section(words["next"], decision.listed(decision.what_next(shown, words))),
    ]
    if not len(shown.spectrum):
        lists = lists[2:]
    return [
        f"<h1>{name_html(title, 200)}</h1>",
        decision.headline(shown, words),
        _one_picture(shown, words),
        f"<div class=columns>{''.join(lists)}</div>",
        _section(words["limits"], decision.listed([*_limits(shown.spectrum, words), *words["rules"]]), "small"),
    ]


def _one_picture(shown, words):
    s = shown.spectrum
    if not len(s):
        return f"<p>{words['nothing']}</p>"
    order = shown.ranked(_IN_PICTURE)
    pictures = [_image(coefficients_svg(s, words, order, shown.stands), words["coefficients"])]
    if shown.image_shape is not None:
        values = _backdrop(shown)
        chosen = [s.subsets[i] for i in order if shown.stands[i]]
        drawn = _image(image_svg(values.reshape(shown.image_shape), chosen, 240), words["map"])
        below = words["map caption" if chosen else "map empty"]
        pictures.append(f"<figure>{drawn}<figcaption>{below}</figcaption></figure>")
    return f"<div class=picture>{''.join(pictures)}</div>"


def _backdrop(shown):
    if shown.computed is None:
        return shown.spectrum.influences()
    return shown.computed.recording.backdrop(shown.computed.settings["logit"])[0]


def _second_sheet(shown: Exhibit, words):
    """The numbers, what returns, and examples."""
    s = shown.spectrum
    summary = f"<p>{html.escape(shown.told.summary(words['language']))}</p>"
    parts = [f"<h2 class=sheet>{words['summary']}</h2>{summary}"]
    if len(s):
        parts.append(f"<h2>{words['table']}</h2>{_table(shown, words)}")
        if s.evidence != "uniform":
            parts.append(f"<h2>{words['stability']}</h2><p>{decision.stability(shown, words)}</p>")
        parts += _examples(shown, words)
    return parts


def _examples(shown, words):
    """Samples on both sides of the first subset that holds, or of the first; nobody picked them."""
    if shown.computed is None:
        return []
    from ...compute import parity_groups

    at = shown.ranked(1)[0]
    subset, computed, s = shown.spectrum.subsets[at], shown.computed, shown.spectrum
    groups = parity_groups(computed.patterns, computed.target, subset, samples=computed.held_out, shown=_PER_SIDE)
    sides = []
    for side, sign in ((groups.even, "+"), (groups.odd, "−")):
        d = decimals(side.standard_error)
        mean = f"{side.mean:.{d}f}{spread(side.standard_error, d)}" if side.n_samples > 1 else "–"
        figures = [
            _sample(sample, f"{words['number']} {at_sample:,}: {computed.target[at_sample]:.3g}", shown, subset)
            for at_sample, sample in zip(side.shown.tolist(), computed.recording.shown(side.shown), strict=True)
        ]
        size = min(len(subset), 3) - 1
        case = words["sides"][side.sign > 0][size].format(n=len(subset), unit=words["units"][shown.unit])
        about = words["side"].format(sign=sign, case=case, count=f"{side.n_samples:,}", mean=mean)
        sides.append(f"<div><p>{about}</p><div class=samples>{''.join(figures)}</div></div>")
    named = label_html(s, subset, 60)
    return [f"<h2>{words['examples'].format(named)}</h2><div class=columns>{''.join(sides)}</div>"]


def _sample(sample, caption, shown, subset):
    below = f"<figcaption>{html.escape(caption)}</figcaption>"
    if isinstance(sample, str):
        return (
            f'<figure class=text><blockquote dir="auto">{html.escape(tidy(sample, 160))}</blockquote>{below}</figure>'
        )
    if sample is None or sample.size > _MOST_CELLS:
        return ""
    marked = [subset] if shown.image_shape is not None else []
    return f"<figure>{_image(image_svg(sample, marked, 60), caption)}{below}</figure>"


def _more(shown: Exhibit, words, language):
    """What is on the screen only: all pictures, settings, versions."""
    s = shown.spectrum
    parts = [f"<h2>{words['in full']}</h2><p>{html.escape(shown.told.summary(language, full=True))}</p>"]
    if len(s):
        drawn = choose(s, None, DRAWN)
        if len(drawn.order) > _IN_PICTURE:
            every = coefficients_svg(s, words, stands=shown.stands)
            parts.append(f"<h2>{words['coefficients']}</h2>{_image(every, words['coefficients'])}")
        if drawn.too_many:
            parts.append(f"<p class=muted>{words['not_drawn'].format(drawn.too_many, drawn.share_left_out)}</p>")
        parts.append(f"<h2>{words['degrees']}</h2>{_image(degree_weights_svg(s, words), words['degrees'])}")
        if len(s) > 1 and s.gram is not None:
            parts.append(f"<h2>{words['redundancy']}</h2>{_image(redundancy_svg(s, words), words['redundancy'])}")
    parts += [
        f"<h2>{words['settings']}</h2>{_pairs(shown.settings)}",
        f'<p class=muted lang="en">{html.escape(str(s.coverage))}</p>',
        f"<h2>{words['versions']}</h2>{_pairs(_versions())}",
    ]
    return [f"<div class=more>{''.join(parts)}</div>"]


def _limits(spectrum, words):
    """Sentences on what does not follow, as the evidence has it."""
    return words["limit_lines"][spectrum.evidence if spectrum.queries is None else "uniform"]


def _section(heading, content, kind=""):
    return f"<section class='{kind}'><h2>{heading}</h2>{content}</section>"


def _image(svg, words):
    data = base64.b64encode(svg.encode()).decode()
    return f'<img alt="{html.escape(words)}" src="data:image/svg+xml;base64,{data}">'


def _table(shown, words):
    s, stands, returned = shown.spectrum, shown.stands, shown.returned()
    order = shown.ranked(_ROWS)
    digits = min(max((decimals(s.standard_errors[i]) for i in order), default=0), 4)
    other = shown.effects is not None
    heads = [*words["heads"], *([words["other evidence"][shown.effects.name]] if other else [])]
    table = []
    for i in order:
        share = returned.get(s.subsets[i], np.nan)
        cells = [
            f"{s.coefficients[i]:+.{digits}f} ± {s.standard_errors[i]:.{digits}f}",
            _joint_part(s, i, digits),
            "" if s.smallest_cells is None else f"{s.smallest_cells[i]:,}",
            "" if np.isnan(share) else f"{share:.0%}",
            "" if np.isnan(s.p_values[i]) else f"{s.p_values[i]:.2g}",
            f"{s.gains[i]:.2%}",
            f"{len(s.equivalents[i]) or ''}",
        ]
        if other:
            value, error = shown.effect(s.subsets[i])
            cells.append(f"{value:+.{digits}f} ± {error:.{digits}f}" if np.isfinite(value) else "–")
        table.append([label_html(s, s.subsets[i], 120), *cells])
    filled = [column for column in range(len(heads)) if any(cells[column] for cells in table)]
    rows = []
    for place, (i, cells) in enumerate(zip(order, table, strict=True)):
        kind = " ".join([*([] if stands[i] else ["faint"]), *(["more"] if place >= _ON_PAPER else [])])
        rows.append(f"<tr class='{kind}'>{''.join(f'<td>{cells[column]}</td>' for column in filled)}</tr>")
    head = "".join(f'<th scope="col">{heads[column]}</th>' for column in filled)
    below = []
    if len(order) > _ON_PAPER:
        below.append(f"<p class='muted paper'>{words['on screen'].format(len(s) - _ON_PAPER)}</p>")
    if cut := len(s) - len(order):
        below.append(f"<p class='muted more'>{words['cut'].format(cut)}</p>")
    return f"<div class=scroll tabindex=0><table><tr>{head}</tr>{''.join(rows)}</table></div>{''.join(below)}"


def _joint_part(spectrum, at, digits):
    """The joint part with its error, in bold where it is a claim; empty for single units and where nobody can tell."""
    part, error = spectrum.joint_parts[at], spectrum.joint_errors[at]
    if np.isnan(part):
        return ""
    text = f"{part:+.{digits}f} ± {error:.{digits}f}"
    return f"<b>{text}</b>" if spectrum.joint[at] else text


def _pairs(values):
    rows = "".join(
        f"<tr><td>{name_html(str(k), 60)}</td><td>{name_html(str(v), 400)}</td></tr>" for k, v in values.items()
    )
    return f"<div class=scroll><table>{rows}</table></div>"


def _versions():
    found = {"python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
