"""A spectrum as one HTML page that opens anywhere: no network, no scripts, every name as text."""

from __future__ import annotations

import base64
import html
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from ...files import write_whole
from ...results import Spectrum
from ..kit.drawn import choose
from ..kit.lab import Lab
from ..kit.words import decimals, label_html, name_html
from .pictures import DRAWN, coefficients_svg, degree_weights_svg, redundancy_svg
from .wording import WORDS

_ROWS = 1000  # rows of the table; a longer one is for a file
_LIBRARIES = ("actspec_widgets", "numpy", "numba", "scipy", "matplotlib")
_CSS = Path(__file__).with_name("page.css").read_text(encoding="utf-8")


def report(
    spectrum: Spectrum | Lab,
    path: str | os.PathLike[str],
    *,
    title: str = "Activation spectroscopy",
    language: str = "en",
) -> Path:
    """Write one self-contained HTML page: pictures, numbers, settings, versions, the findings in words, the limits.

    Parameters
    ----------
    spectrum : Spectrum or lab
        Of a lab, such as the explorer, the spectrum that it shows, with the layer, the output and the threshold.
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
    text = _page(*_shown(spectrum), title, language)
    write_whole(target, text)
    return target


def _shown(given) -> tuple[Spectrum, dict[str, Any]]:
    """The spectrum, and what it was computed from and with."""
    if isinstance(given, Lab):
        spectrum = getattr(given, "spectrum", None)
        if spectrum is None:
            raise ValueError("the lab shows no spectrum yet; wait() for it, or choose one of what it found")
        return spectrum, given.about()
    if not isinstance(given, Spectrum):
        raise TypeError(f"got a {type(given).__name__}; give a spectrum, or a lab that shows one")
    settings = dict(given.settings)
    if settings.get("threshold", "") is None:  # patterns came on and off already, or "zero" is what None stands for
        settings.pop("threshold")
        if given.encoding.thresholds is not None:
            settings["threshold"] = "zero"
    return given, settings


def _page(spectrum, settings, title, language):
    words = WORDS[language]
    heading = name_html(title, 200)
    parts = [
        f"<h1>{heading}</h1>",
        f"<h2>{words['summary']}</h2><p>{html.escape(spectrum.summary(language, full=True))}</p>",
        *_pictures(spectrum, words),
        f"<h2>{words['table']}</h2>{_table(spectrum, words)}",
        f"<h2>{words['limits']}</h2><ul>{''.join(f'<li>{line}</li>' for line in _limits(spectrum, words))}</ul>",
        f"<h2>{words['settings']}</h2>{_pairs(settings)}",
        f'<p class=muted lang="en">{html.escape(str(spectrum.coverage))}</p>',
        f"<h2>{words['versions']}</h2>{_pairs(_versions())}",
    ]
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{html.escape(title[:200])}</title>'
        '<meta name="viewport" content="width=device-width">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        f'img-src data:"><style>{_CSS}</style></head><body><main>{"".join(parts)}</main></body></html>\n'
    )


def _limits(spectrum, words):
    """Sentences on what does not follow, as the evidence has it."""
    return words["limit_lines_of_queries" if spectrum.queries is not None else "limit_lines"]


def _pictures(spectrum, words):
    if not len(spectrum):
        return [f"<p>{words['nothing']}</p>"]
    drawn = choose(spectrum, None, DRAWN)
    pictures = [
        f"<h2>{words['coefficients']}</h2>{_image(coefficients_svg(spectrum, words), words['coefficients'])}",
        *(
            [f"<p class=muted>{words['not_drawn'].format(drawn.too_many, drawn.share_left_out)}</p>"]
            if drawn.too_many
            else []
        ),
        f"<h2>{words['degrees']}</h2>{_image(degree_weights_svg(spectrum, words), words['degrees'])}",
    ]
    if len(spectrum) > 1 and spectrum.gram is not None:
        pictures.append(f"<h2>{words['redundancy']}</h2>{_image(redundancy_svg(spectrum, words), words['redundancy'])}")
    return pictures


def _image(svg, words):
    data = base64.b64encode(svg.encode()).decode()
    return f'<img alt="{html.escape(words)}" src="data:image/svg+xml;base64,{data}">'


def _table(spectrum, words):
    order = choose(spectrum, None, _ROWS).order
    digits = max((decimals(spectrum.standard_errors[i]) for i in order), default=0)
    rows = [
        f"<tr><td>{label_html(spectrum, spectrum.subsets[i], 120)}</td><td>{len(spectrum.subsets[i])}</td>"
        f"<td>{spectrum.coefficients[i]:+.{digits}f}</td><td>{spectrum.standard_errors[i]:.{digits}f}</td>"
        f"<td>{_joint_part(spectrum, i, digits)}</td>"
        f"<td>{spectrum.p_values[i]:.2g}</td><td>{spectrum.gains[i]:.2%}</td>"
        f"<td>{len(spectrum.equivalents[i])}</td></tr>"
        for i in order
    ]
    head = "".join(f'<th scope="col">{word}</th>' for word in words["heads"])
    cut = len(spectrum) - len(order)
    more = f"<p class=muted>{words['cut'].format(cut)}</p>" if cut else ""
    return f"<div class=scroll tabindex=0><table><tr>{head}</tr>{''.join(rows)}</table></div>{more}"


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
