"""What the explorer says of a spectrum, and of one of its subsets. Everything is HTML, with every name escaped."""

from __future__ import annotations

import html
from math import isfinite
from typing import Any

import numpy as np

from ...patterns.cube import Subset
from ...results import Spectrum
from ...results.digits import decimals
from ...results.evidence import FEWEST
from ...results.unit_move import UnitMove
from ..kit.evidence import Effects, objections
from ..kit.theme import degree_mark
from ..kit.words import (
    counted,
    digits_of,
    headline_html,
    label_html,
    muted_html,
    name_html,
    percent,
    tidy,
    with_error,
)

INVITATION = muted_html("Click a bar to read all that is known of its subset.")
NEEDS_DATA = (
    '<p class="actspec-muted actspec-hint">Made from a finished spectrum: size and number choose what is drawn of it. '
    "To change the logit, the redundancy or the threshold, give the explorer the data: activations= and outputs=, "
    "or model=, layer= and inputs=.</p>"
)


def waiting_html(busy: bool) -> str:
    """The title before there is a spectrum."""
    if busy:
        return headline_html("Looking for the subsets that matter", "The first picture follows in a moment.")
    return headline_html("No subsets found yet", "Change a setting, or run again.")


def title_html(
    spectrum: Spectrum,
    target: str,
    unit: str,
    axes: str = "",
    effects: Effects | None = None,
    asking: bool = False,
) -> str:
    """What was found as one sentence beside what single units alone explain, and what it rests on as another.

    ``axes`` says how many units carry the output and how far they act jointly, where that was measured; elsewhere the
    same is said of the list, but not while the network is being asked (``asking``). ``effects`` are those
    of the subsets, where the network was asked.
    """
    name = name_html(target, 60)
    found = counted(sum(bool(subset) for subset in spectrum.subsets), "subset")
    if len(spectrum):
        share = percent(spectrum.explained_variance, spectrum.explained_variance_error).replace(" ", "\u00a0")
        headline = (
            f"{found} of {counted(spectrum.n_units, unit)} {'explains' if len(spectrum) == 1 else 'explain'} "
            f"{share} of "
            f"{f'what resampling changes of {name}' if spectrum.evidence == 'resampled' else name}"
        )
        if isfinite(spectrum.singles_explain) and max(map(len, spectrum.subsets)) > 1:
            headline += f"; single {unit}s alone {spectrum.singles_explain:.1%}"
        basis = f"{_joining(spectrum, unit)}{_in_the_network(spectrum, effects, bool(axes))}. "
        if spectrum.settings.get("top") == len(spectrum) > 1:
            basis += f"No more than {len(spectrum):,} were asked for. "
    else:
        why = "is distinguishable from chance"
        if spectrum.exact or spectrum.queries is not None:
            why = "was found"  # no level was set
        elif not spectrum.coverage.examined:
            why = "was examined"
        elif spectrum.coverage.undecided:
            why = "can be told from others that could stand in its place"
        headline = f"No subset of {counted(spectrum.n_units, unit)} {why} for {name}"
        basis = ""
    extent = "" if asking or axes.startswith("spread") else _extent(spectrum, unit)
    if spectrum.queries is not None:
        return headline_html(headline) + _axes(extent) + muted_html(basis + _asked(spectrum))
    if spectrum.exact:
        asked = f"All {spectrum.n_search:,} on/off combinations were asked: the coefficients are exact."
        return headline_html(headline) + _axes(extent) + muted_html(basis + asked)
    coverage = spectrum.coverage
    sizes = "of every size" if coverage.max_degree is None else f"of up to {counted(coverage.max_degree, unit)}"
    draws = "draws" if spectrum.evidence == "resampled" else "samples"
    basis += f"Searched {counted(coverage.examined, 'subset')} {sizes} on {spectrum.n_samples:,} {draws}" + (
        f"; the share of variance is from {spectrum.n_estimate:,} of them, held out." if len(spectrum) else "."
    )
    asked = "In the network the output is " if axes.startswith("spread") else "In the network: "
    measured = asked + html.escape(axes) if axes else ""
    return headline_html(headline) + _axes(measured) + _axes(extent) + muted_html(basis)


def _axes(said):
    return f'<p class="actspec-axes">{said}</p>' if said else ""


_WHERE = {"recorded": "As recorded", "resampled": "By experiment", "uniform": "Over random on/off patterns"}


def _extent(spectrum, unit):
    """Over how many units the list is spread, and its mean degree; never as if it were the network's."""
    found = spectrum.extent()
    if not isfinite(found.mean_degree):
        return ""
    where = "Over all on/off patterns" if spectrum.exact else _WHERE[spectrum.evidence]
    several = any(len(subset) > 1 for subset in spectrum.subsets)
    whole = spectrum.exact and spectrum.explained_variance > 1 - 1e-9
    said = (
        f"{where}, {'the output' if whole else 'this list'} is spread over {found.effective_units:.3g} of "
        f"{counted(spectrum.n_units, unit)}, mean degree {found.mean_degree:.{2 if several else 0}f}"
    )
    if several and not spectrum.joint.any():
        return f"{said}, though none of it is claimed to be joint."
    return said + ("; what a network does can be far from that." if spectrum.evidence == "recorded" else ".")


def _asked(spectrum):
    """What a spectrum of queries rests on."""
    whole = spectrum.coverage.method == "exhaustive"
    judged = "all of them" if whole else f"{spectrum.n_estimate:,} fresh ones"
    asked = f"Asked at {spectrum.queries:,} on/off patterns, each equally likely, not recorded"
    mean = f" The mean is {spectrum.coefficients[spectrum.subsets.index(())]:+.3g}." if () in spectrum.subsets else ""
    return f"{asked}; the share of variance is from {judged}.{mean}"


def _joining(spectrum, unit):
    """How many of the subsets are joint, by their joint parts."""
    joint, several = int(spectrum.joint.sum()), sum(len(s) > 1 for s in spectrum.subsets)
    if len(spectrum) == 1 and not joint:
        return "Nothing joint is claimed of it" if several else f"It is a single {unit}"
    if not several:
        return f"All of them are single {unit}s"
    those = f"the one with several {unit}s" if several == 1 else f"the {several:,} with several {unit}s"
    every = f"{'both' if several == 2 else f'all {several:,}'} with several {unit}s"
    if not joint and several == 1:
        return f"T{those[1:]} is not joint in on/off terms"
    if not joint:
        return f"None of {those} is joint in on/off terms"
    some = those if several == 1 else every if joint == several else f"{joint:,} of {those}"
    who = "it" if len(spectrum) == 1 else some
    if spectrum.evidence == "resampled":
        return f"Changed in the network, {who} {'act' if joint > 1 else 'acts'} jointly"
    where = "As recorded" if spectrum.evidence == "recorded" else "Over random patterns"
    return f"{where}, {who} {'are' if joint > 1 else 'is'} joint in on/off terms"


def _in_the_network(spectrum, effects, measured):
    """How many of the subsets called joint act so far as :func:`.evidence.holds` asks.

    Where only the layer as a whole was ``measured``, that these were not asked about.
    """
    called = spectrum.joint & np.array([len(subset) > 1 for subset in spectrum.subsets], bool)
    ignored = objections(spectrum, None, effects).get("ignored")
    if effects is None and measured and called.any() and spectrum.evidence == "recorded":
        return f"; the network has not been asked about {'it' if called.sum() == 1 else 'them'}"
    if effects is None or ignored is None or not called.any():
        return ""
    if not np.isfinite(effects.of([s for s, yes in zip(spectrum.subsets, called, strict=True) if yes])).all():
        return ""  # of some it is not known
    some = int((called & ~ignored).sum())
    if called.sum() == 1:
        return "; changed in the network, it " + (
            "acts too, with a tenth of that or more" if some else "does not do even a tenth of that"
        )
    if not some:
        return "; changed in the network, none of these does even a tenth of that"
    act = "acts" if some == 1 else "act"
    return f"; changed in the network, {some:,} of these {act} too, with a tenth of that or more"


def coverage_html(spectrum: Spectrum, unit: str) -> str:
    """What the search looked at, and how many units never change."""
    text = str(spectrum.coverage)
    if spectrum.constant_units:
        some = counted(len(spectrum.constant_units), unit)
        text += f" {some} never {'changes' if len(spectrum.constant_units) == 1 else 'change'} in these data."
    return muted_html(html.escape(text))


def empty_html(spectrum: Spectrum) -> str:
    """What to say instead of a figure without bars."""
    if spectrum.queries is not None:
        return f"<p>{html.escape(spectrum.summary())}</p><p>A smaller tau or more queries may show more.</p>"
    advice = "More samples, a lower degree (fewer subsets to correct for) or another threshold rule may show more."
    return f"<p>{html.escape(spectrum.summary())}</p><p>{advice}</p>"


def subset_html(
    spectrum: Spectrum, subset: Subset, target: str, unit: str, columns: int | None, against: str = ""
) -> str:
    """All that is known of one subset; ``columns`` is the width of the image whose pixels are the units.

    ``against`` is the gravest of what :func:`.evidence.objections` has against it: that is said before any number.
    """
    heading = f"<h4>{degree_mark(len(subset))}{label_html(spectrum, subset, 240)}</h4>"
    lines = [_where(subset, columns)] if columns else []
    if subset in spectrum.subsets:
        lines += [_AGAINST[against].format(unit=unit)] if against in _AGAINST else []
        lines += _reported(spectrum, spectrum.subsets.index(subset), name_html(target, 60), unit, bool(against))
    else:
        lines.append(_unreported(spectrum, subset))
    return f'<div role="status">{heading}{"".join(f"<p>{line}</p>" for line in lines)}</div>'


# What the lines about a subset do not say by themselves.
_AGAINST = {
    "not joint": "Does not hold: nothing joint is claimed of it.",
    "binarised": "Does not hold: it is joint only because {unit}s were cut into on and off.",
    "seldom": "Does not hold: it returns in fewer than half of the half-samples.",
    "ignored": "Does not hold: when its {unit}s alone are changed, the network does not follow, or hardly.",
}


def _where(subset, columns):
    places = [f"row {unit // columns}, column {unit % columns}" for unit in subset[:8]]
    more = f" and {len(subset) - 8} more" if len(subset) > 8 else ""
    return f'<span class="actspec-muted">{"; ".join(places)}{more}</span>'


def _reported(spectrum, at, target, unit, falls):
    subset = spectrum.subsets[at]
    if spectrum.queries is not None:
        return _of_random_patterns(spectrum, at, target, unit)
    if spectrum.evidence == "resampled":
        return _by_experiment(spectrum, at, target, unit)
    c, error, mean = (a[at] for a in (spectrum.coefficients, spectrum.standard_errors, spectrum.character_means))
    d = digits_of(c, error)
    signs = spectrum.encoding.kind == "signs"
    character = "its parity" if signs else "its character"
    claimed = bool(spectrum.classes[at])
    number = f"{c:+.{d}f} ± {error:.{d}f}"
    number = f"<b>{number}</b>" if claimed and not falls else number
    lines = [
        f"{number}, {_p_value(spectrum.p_values[at])} after correction for "
        f"{counted(spectrum.coverage.examined, 'subset')} examined.",
        _effect_of_signs(subset, c, d, target, unit) if signs else _effect_of_products(subset, c, d, target, unit),
        f"It adds {spectrum.gains[at]:.2%} of the variance to the {'one' if at == 1 else f'{at:,}'} chosen before it; "
        f"on its own the mean of {target} × {character} is {mean:+.{d}f}."
        if at
        else f"It was chosen first and explains {spectrum.gains[at]:.2%} of the variance; the mean of {target} × "
        f"{character} is {mean:+.{d}f}.",
        _equivalents(spectrum, spectrum.equivalents[at]),
    ]
    if len(subset) > 1:
        lines.insert(1, _joint_part(spectrum, at, unit))
    lines.insert(-1 if claimed else 0, _class(spectrum, at))  # that nothing is claimed is said before any number
    if len(subset) > 1 and spectrum.smallest_cells is not None:
        lines.append(_evidence(spectrum, int(spectrum.smallest_cells[at]), unit))
    return lines


def _by_experiment(spectrum, at, target, unit):
    """The average joint effect: what the units of a subset do when they alone are changed."""
    subset, c, error = spectrum.subsets[at], spectrum.coefficients[at], spectrum.standard_errors[at]
    lines = [f"<b>{with_error(c, error)}</b>, {_p_value(spectrum.p_values[at])} corrected for all that were measured."]
    if len(subset) == 1:
        lines.append(f"Switched on in the network, this {unit} moves {target} by {2 * c:+.3g} on average.")
    else:
        lines.append(_joint_part(spectrum, at, unit))
    if spectrum.superset_importance is not None and isfinite(spectrum.superset_importance[at]):
        most = with_error(spectrum.superset_importance[at], spectrum.superset_errors[at]).lstrip("+")
        lines.append(f"Everything that it takes part in, alone or with other {unit}s, has a variance of {most}.")
    return lines


def _of_random_patterns(spectrum, at, target, unit):
    """A Fourier coefficient: characters are orthogonal there, so nothing stands for anything else."""
    subset, c, error = spectrum.subsets[at], spectrum.coefficients[at], spectrum.standard_errors[at]
    d = digits_of(c, error) if error > 0 else 4
    exact = "exact" if error == 0 else f"± {error:.{d}f}, {_p_value(spectrum.p_values[at])} corrected for all measured"
    lines = [f"<b>{c:+.{d}f}</b> {exact}: the Fourier coefficient over all on/off patterns, each equally likely."]
    if spectrum.joint[at]:
        lines.append(f"Joint in on/off terms: random patterns make {unit}s independent, so only a joint effect shows.")
    lines.append(_effect_of_signs(subset, c, d, target, unit))
    return [
        *lines,
        f"It holds {spectrum.gains[at]:.2%} of the variance over these patterns, most of them never recorded.",
    ]


def _joint_part(spectrum, at, unit):
    """What the product of a subset adds to all that is inside it, and whether that makes a claim."""
    part, error = spectrum.joint_parts[at], spectrum.joint_errors[at]
    if not isfinite(part) or not isfinite(error):
        return f"Its joint part is not estimable: too few samples show each on/off combination of its {unit}s."
    d = digits_of(part, error)
    if spectrum.evidence == "resampled" and spectrum.joint[at]:
        more = f"what its {unit}s do together beyond what they do apart is {part:+.{d}f} ± {error:.{d}f} on average"
        return f"It acts jointly on the output: {more}."
    held = f"beside all smaller subsets of its {unit}s it adds {part:+.{d}f} ± {error:.{d}f}"
    if not spectrum.joint[at]:
        return f"Nothing joint is claimed: {held}, {_p_value(spectrum.joint_p_values[at])}."
    cut = "; with the activations in the model that vanishes, so it comes from binarising"
    return f"Joint in on/off terms: {held}{cut if spectrum.binarisation[at] else ''}."


def _class(spectrum, at):
    """Which subsets the data cannot tell from this one."""
    others = [s for s in spectrum.classes[at] if s != spectrum.subsets[at]]
    if not spectrum.classes[at]:
        return "Nothing is claimed of it: it can be left out, or more than twenty others could stand in its place."
    if not others:
        return "No other subset could stand in its place."
    shown = ", ".join(label_html(spectrum, s, 40) for s in others[:6])
    more = f" and {len(others) - 6} more" if len(others) > 6 else ""
    return f"The data cannot tell which is needed, it or {shown}{more}: the claim is one of these."


def _p_value(p):
    return "p &lt; 1e-15" if p < 1e-15 else f"p = {p:.2g}"


def _effect_of_signs(subset, c, d, target, unit):
    if len(subset) == 1:
        case, other = (f"this {unit} is on", "off") if c > 0 else (f"this {unit} is off", "on")
    elif len(subset) == 2:
        together, apart = f"both or neither of these {unit}s are off", "exactly one is off"
        case, other = (
            (together, apart) if c > 0 else (f"exactly one of these two {unit}s is off", "both or neither are")
        )
    else:
        some, other = ("an even", "odd") if c > 0 else ("an odd", "even")
        case = f"{some} number of these {len(subset)} {unit}s is off"
    return (
        f"With the other subsets held fixed, {target} is {abs(c):.{d}f} higher when {case}, and {abs(c):.{d}f} lower "
        f"when {other}: a swing of {2 * abs(c):.{d}f}."
    )


def _effect_of_products(subset, c, d, target, unit):
    step = (
        f"this {unit} moves up by one standard deviation"
        if len(subset) == 1
        else f"the product of these {len(subset)} standardised {unit}s grows by 1"
    )
    return f"With the other subsets held fixed, {target} changes by {c:+.{d}f} when {step}."


def _evidence(spectrum, rarest, unit):
    recorded = counted(spectrum.n_search + spectrum.n_estimate, "sample")
    if not rarest:
        return (
            f"One of the on/off combinations of its {unit}s never occurs in the {recorded}: these data cannot tell a "
            "joint effect from separate ones."
        )
    few = ": hardly enough to tell a joint effect from separate ones" if rarest < FEWEST else ""
    return f"The rarest on/off combination of its {unit}s occurs in {rarest:,} of the {recorded}{few}."


def _equivalents(spectrum, others):
    if not others:
        return "No equivalent found: no other subset that carries the same information on these data."
    shown = ", ".join(label_html(spectrum, s, 40) for s in others[:6])
    more = f" and {len(others) - 6} more" if len(others) > 6 else ""
    return f"Equivalent on these data: {shown}{more}."


def _unreported(spectrum, subset):
    for chosen, others in zip(spectrum.subsets, spectrum.equivalents, strict=True):
        if subset in others:
            name = label_html(spectrum, chosen, 60)
            return f"Carries the same information as {name}, which is reported in its place."
    if spectrum.queries is not None:
        return "Not among the reported subsets: its coefficient is zero, too small, or not looked at."
    return "Not among the reported subsets: redundant with them, too weak to tell from chance, or not looked at."


def answer(move: UnitMove, name: str, target: str) -> dict[str, Any]:
    """What the picture writes and draws of a unit that was switched on in the network; plain text, not HTML."""
    if not isfinite(move.measured):
        return {"said": f"{tidy(name, 40)} shows one of its states in too few samples to be switched on."}
    d = min(decimals(move.standard_error), 4)
    text = (
        f"Switched on in the network, {tidy(name, 40)} moves {tidy(target, 40)} by {move.measured:+.{d}f} ± "
        f"{move.standard_error:.{d}f} on average; these subsets predict {move.predicted:+.{d}f}."
    )
    return {
        "unit": move.unit, "said": text, "measured": move.measured, "error": move.standard_error,
        "predicted": move.predicted,
    }  # fmt: skip
