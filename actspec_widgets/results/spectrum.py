"""The answer of the whole method: the subsets of units that matter jointly."""

from __future__ import annotations

import html
import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..patterns import Patterns
from ..patterns.cube import Subset, as_subsets
from . import indices, spectrum_file, weights
from .coverage import EVERY_ANSWER, Coverage
from .encoding import Encoding
from .estimates import Estimates, frozen_array
from .evidence import PLAIN, joint_level
from .family import Family
from .measures import Measure, measures
from .summary import summarise

if TYPE_CHECKING:
    import pandas
    import shapiq

_UNKNOWN = np.empty(0)  # in the place of numbers that were not computed


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Subsets that a target depends on, with what can be claimed of each.

    Everything is from all samples, except the shares of variance explained, which are from samples held out.

    Attributes
    ----------
    subsets : tuple of tuples of int
        Those asked for first, then the strongest.
    coefficients, standard_errors : ndarray, shape (k,)
        Joint least squares of the target on the subsets' characters and an intercept, with robust errors (HC3; CR2
        where samples are in groups); units of the target. An error is infinite where the coefficient leans on a sample
        that is alone in its combination of the subsets. For "signs" the
        target changes by twice a coefficient when the subset's parity turns over. "biased" and "continuous"
        characters are products of standardised units: a single unit's coefficient is what the target changes by
        when the unit moves by one standard deviation; where units are independent, squared coefficients add up to
        the explained variance, whatever the units' means.
    character_means : ndarray, shape (k,)
        ``E[y chi_S]``; units of the target.
    p_values : ndarray, shape (k,)
        Two-sided, for a coefficient of zero, corrected for the number of subsets examined; with
        ``error_rate="fdr"`` for that number over the number of subsets reported.
    gains : ndarray, shape (k,)
        Share of the variance that each subset adds to those before it.
    equivalents : tuple of tuples of subsets
        For each subset, others that carry the same information on these data.
    explained_variance, explained_variance_error : float
        Share of the target's variance on held-out samples that the same search explains, with the other samples to go
        by, and its standard error.
    intercept : float
    gram : ndarray, shape (k, k), or None
        ``E[chi_S chi_T]``, the characters brought to mean square 1: how redundant the
        subsets are with each other. None where it was not kept: of 100,000 subsets it would take 80 GB.
    coverage : Coverage
        What the search looked at.
    n_units, n_search, n_estimate : int
        Units; samples that the share of variance was searched on and judged on, which together are all samples.
    unit_names : tuple of str or None
    constant_units : tuple of int
        Units that never change in these data; they take no part.
    settings : dict
        The arguments that reproduce this answer.
    covariance : ndarray, shape (k, k), or None
        Robust covariance of the coefficients, squared units of the target; ``standard_errors`` are the roots of its
        diagonal. None where it was not kept.
    redundancy_error : float or None
        Standard error of the mean size of the entries of ``gram`` off its diagonal.
    encoding : Encoding
        Which characters these are, with the thresholds, means and scales that predictions for other data need.
    duplicate_units : int or None
        How many units always equal an earlier one, or always its negation; None where that was not looked at.
    relations : int or None
        How many independent products of several distinct units never change, duplicates aside.
    smallest_cells : ndarray of int, shape (k,), or None
        How many samples of the recording show the rarest of the ``2^|S|`` on/off combinations of each subset's
        units, its smallest cell. Where it is 0, the subset's character is a linear combination of those of its proper
        subsets on these data, and nothing in them tells a joint effect from separate ones; where it is small, little
        does. None where activations are not binarised or the cells were not counted.

    joint_parts, joint_errors : ndarray, shape (k,)
        What the product of a subset of two or more units adds to a model that also holds all its proper subsets and the
        other subsets of the answer: its coefficient there, with its robust error; units of the target. NaN for single
        units, and where it is not estimable, because fewer than ten samples show one of the on/off combinations.
    joint_p_values : ndarray, shape (k,)
        Two-sided, for a joint part of zero, corrected for the number of subsets examined, whatever the error rate of
        the list; 1 where it is not estimable, NaN for single units.
    classes : tuple of tuples of subsets
        For each subset those that the data cannot tell from it, itself first: the claim is "one of these". Empty where
        nothing is claimed, more than twenty being possible or none needed.
    intervals : ndarray, shape (k, 2)
        95 % intervals of the coefficients, given that they were found significant.
    binarisation : tuple of bool or None
        For each subset with a significant joint part, whether that vanishes once the activations themselves are columns
        of the model; None where it was not tested.
    singles_explain : float
        Held-out share of variance that the same search explains with single units alone; NaN where not looked at.
    n_groups : int or None
        Groups that the samples are in.
    evidence : {"recorded", "resampled", "uniform"}
        Where the patterns come from: the data as they are (a coefficient is an association), units resampled in an
        experiment (an effect), or all patterns equally likely. With "uniform" coefficients are Fourier coefficients,
        the empty subset, where listed, is the mean of the output, which ``intercept`` then leaves out, and what is said
        of samples is of the points asked; where all were asked (:attr:`exact`), errors are 0 and p-values NaN. With
        "resampled" a coefficient is the average over the recorded contexts of what the units of the subset do jointly
        when they alone are changed; what is said above of samples is of draws, and ``explained_variance`` of the
        changed output.
    effects, effect_errors : ndarray, shape (k,), or None
        What the units of each subset do jointly when they alone are changed, on average over recorded contexts, and its
        error; for one unit half of what switching it changes. Beside coefficients that are recorded associations once
        :func:`actspec_widgets.by_experiment` has measured them. NaN where a unit shows one state only.
    superset_importance, superset_errors : ndarray, shape (k,), or None
        By experiment: the variance, units resampled independently, of all that the units of the subset do jointly in
        whatever context, signs never cancelling (squared units of the target), and its error. NaN where not measured.
    queries : int or None
        Evaluations of the function that were spent, where :func:`actspec_widgets.goldreich_levin` or
        :func:`actspec_widgets.sparse_transform` asked for them.
    error : Exception or None
        What stopped their search early, when something did; what had been found until then is kept. Not
        in the file, whose ``coverage`` names it.
    families : tuple of Family
        Subsets that say nearly the same, and in what share of half-samples each family returns. Those that
        :func:`actspec_widgets.stability` finds can stand in their place (:meth:`with_families`).

    Examples
    --------
    >>> from actspec_widgets import activation_spectroscopy, synthetic
    >>> hidden = synthetic.planted(10, [(0,), (1, 2)], [1.0, -0.5], samples=2000, noise=0.5, seed=0)
    >>> spectrum = activation_spectroscopy(hidden.patterns, hidden.target, max_degree=2)
    >>> spectrum.subsets
    ((0,), (1, 2))
    >>> bool((abs(spectrum.coefficients - [1.0, -0.5]) < 4 * spectrum.standard_errors).all())
    True
    """

    subsets: tuple[Subset, ...]
    coefficients: NDArray[np.float64]
    standard_errors: NDArray[np.float64]
    character_means: NDArray[np.float64]
    p_values: NDArray[np.float64]
    gains: NDArray[np.float64]
    equivalents: tuple[tuple[Subset, ...], ...]
    explained_variance: float
    explained_variance_error: float
    intercept: float
    gram: NDArray[np.float64] | None
    coverage: Coverage
    n_units: int
    n_search: int
    n_estimate: int
    unit_names: tuple[str, ...] | None = None
    constant_units: tuple[int, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    covariance: NDArray[np.float64] | None = None
    redundancy_error: float | None = None
    encoding: Encoding = field(default_factory=Encoding)
    duplicate_units: int | None = None
    relations: int | None = None
    smallest_cells: NDArray[np.int64] | None = None
    joint_parts: NDArray[np.float64] = field(default_factory=lambda: _UNKNOWN)
    joint_errors: NDArray[np.float64] = field(default_factory=lambda: _UNKNOWN)
    joint_p_values: NDArray[np.float64] = field(default_factory=lambda: _UNKNOWN)
    classes: tuple[tuple[Subset, ...], ...] = ()
    intervals: NDArray[np.float64] = field(default_factory=lambda: _UNKNOWN)
    binarisation: tuple[bool | None, ...] = ()
    singles_explain: float = float("nan")
    n_groups: int | None = None
    evidence: str = "recorded"
    effects: NDArray[np.float64] | None = None
    effect_errors: NDArray[np.float64] | None = None
    superset_importance: NDArray[np.float64] | None = None
    superset_errors: NDArray[np.float64] | None = None
    families: tuple[Family, ...] = ()
    queries: int | None = None
    error: Exception | None = None

    def __post_init__(self) -> None:
        k = len(self.subsets)
        for name in ("coefficients", "standard_errors", "character_means", "p_values", "gains"):
            array = frozen_array(getattr(self, name))
            if array.shape != (k,):
                raise ValueError(f"{name} has shape {array.shape} for {k} subsets")
            object.__setattr__(self, name, array)
        for name in ("gram", "covariance"):
            table = getattr(self, name)
            if table is not None:
                object.__setattr__(self, name, frozen_array(np.reshape(table, (k, k))))
        defaults: dict[str, Any] = dict.fromkeys(("joint_parts", "joint_errors", "joint_p_values"), np.full(k, np.nan))
        reach = 1.96 * self.standard_errors
        defaults["intervals"] = np.column_stack([self.coefficients - reach, self.coefficients + reach])
        for name, default in defaults.items():
            given = getattr(self, name)
            array = default if given is _UNKNOWN else np.reshape(given, default.shape)
            object.__setattr__(self, name, frozen_array(array))
        object.__setattr__(self, "classes", self.classes or tuple((subset,) for subset in self.subsets))
        object.__setattr__(self, "binarisation", self.binarisation or (None,) * k)
        if not len(self.classes) == len(self.binarisation) == k:
            raise ValueError(f"{len(self.classes)} classes came for {k} subsets")
        if self.smallest_cells is not None:
            counts = np.reshape(self.smallest_cells, k)
            object.__setattr__(self, "smallest_cells", frozen_array(counts, np.int64))
        if len(self.equivalents) != k:
            raise ValueError(f"{len(self.equivalents)} lists of equivalents came for {k} subsets")
        if self.encoding.n_units not in (None, self.n_units):
            raise ValueError(f"the encoding is for {self.encoding.n_units} units, the spectrum has {self.n_units}")

    def __len__(self) -> int:
        return len(self.subsets)

    @property
    def n_samples(self) -> int:
        """All samples, which subsets, coefficients, errors and p-values are from."""
        return self.n_search + self.n_estimate

    @property
    def exact(self) -> bool:
        """Whether every answer of the function was asked: errors are 0, and there are no p-values."""
        return self.coverage.method == EVERY_ANSWER

    @property
    def values(self) -> NDArray[np.float64]:
        """The coefficients, by the name that they have in :class:`Estimates`."""
        return self.coefficients

    @property
    def joint(self) -> NDArray[np.bool_]:
        """Which subsets are claimed to act jointly, in on/off terms, shape (k,).

        Those of two or more units whose joint part is significant, and whose class holds no single unit; of an exact
        answer all of two or more units. That any claim is false has a chance of at most ``alpha``, and of the longer
        list (``error_rate="fdr"``) of at most 0.05.
        """
        level = joint_level(self.settings.get("alpha", 0.05), self.settings.get("error_rate", "fwer"))
        several = np.array([len(subset) > 1 for subset in self.subsets], bool)
        if self.exact:
            return several
        named = [bool(group) and min(map(len, group)) > 1 for group in self.classes]
        with np.errstate(invalid="ignore"):
            return several & (self.joint_p_values <= level) & np.array(named, bool)

    @property
    def acting(self) -> NDArray[np.bool_]:
        """Which subsets of two or more units act jointly by experiment, on average or in some contexts, shape (k,).

        Errors allow for the number of subsets, at the level of the spectrum; all False where nothing was measured.
        """
        if self.evidence == "resampled":
            return self.joint
        several = np.array([len(subset) > 1 for subset in self.subsets], bool)
        limit = NormalDist().inv_cdf(1 - self.settings.get("alpha", 0.05) / (2 * max(int(several.sum()), 1)))
        found = np.zeros(len(self), bool)
        pairs = (self.effects, self.effect_errors, limit), (self.superset_importance, self.superset_errors, PLAIN)
        with np.errstate(invalid="ignore"):
            for values, errors, least in pairs:
                if values is not None and errors is not None:
                    found |= np.abs(values) > least * errors
        return several & found

    def degree_weights(self, max_degree: int | None = None) -> NDArray[np.float64]:
        """Sum of squared coefficients by subset size; the index is the size, up to ``max_degree`` (the largest).

        Each is of the character that :attr:`encoding` names, so spectra of different kinds do not compare.
        """
        return weights.degree_weights(self.subsets, self.coefficients, max_degree)

    def influences(self) -> NDArray[np.float64]:
        """Sum of squared coefficients over the subsets that hold each unit, shape (n_units,).

        For "signs" it is the influence (O'Donnell 2014, section 2.2), for "biased" that of section 8.4, where the
        units are independent; for "continuous" its counterpart for standardised activations.
        """
        return weights.influences(self.subsets, self.coefficients, self.n_units)

    def concentration(self) -> weights.Concentration:
        """How few subsets carry the squared weight."""
        return weights.concentration(self.coefficients)

    def extent(self) -> weights.Extent:
        """Over how many units this list is spread, and its mean degree: of the list, not of the network.

        The network's own are in :func:`actspec_widgets.distributedness`.
        """
        return weights.extent(self.subsets, self.coefficients)

    def summary_numbers(self) -> dict[str, Measure]:
        """The numbers that sum up the collection, each with its standard error.

        Returns
        -------
        dict of str to Measure
            ``degree_weights`` and ``influences`` (arrays, squared units of the target), ``effective_degree``,
            ``locality``, ``entropy`` (nats), ``effective_number``, ``subsets_for`` (array: subsets to 50, 80 and
            90 % of the squared weight) and ``redundancy``; :mod:`actspec_widgets.results.weights` defines each.

        Notes
        -----
        Errors are by the delta method from ``covariance``: a number g has variance ``g' V g'`` with g' its
        gradient (van der Vaart, *Asymptotic Statistics*, 1998, chapter 3). Counts have no gradient; theirs are
        standard deviations over draws of the coefficients from the normal distribution around their values. The
        error of the redundancy is that of a mean over the held-out samples.

        They are errors of the collection that was found and say nothing of subsets that were not. Squared
        coefficients are those of the fitted polynomial; where units depend on each other they do not add up to the
        explained variance. Where a slope is zero (as the entropy's where all coefficients
        are equally strong) the first order that the delta method keeps vanishes and the error comes out too small.

        A squared estimate is too large by its error variance on average; ``corrected`` subtracts it, without bias
        for degree weights and influences, and as a ratio of unbiased sums for effective degree and locality. What
        reporting only significant subsets adds to the weight of those just past the level is not corrected.
        """
        return measures(self)

    def shapley_values(self) -> NDArray[np.float64]:
        """Shapley values of the units in the fitted polynomial, shape (n_units,); see :meth:`interactions`."""
        self._need_signs("shapley_values")
        return indices.shapley_values(self.subsets, self.coefficients, self.n_units)

    def interactions(self, index: str = "SII", order: int = 2) -> Estimates:
        """Shapley, Banzhaf or Moebius interactions in the fitted polynomial, with errors from ``covariance``.

        Parameters are those of :func:`actspec_widgets.results.indices.interactions`. Errors are NaN where the
        covariance was not kept.

        Notes
        -----
        The game is the sum of the reported subsets at every pattern, also at those that the data never show. An
        equivalent carries the same information on these data and would give other values in its subset's place.

        Raises
        ------
        ValueError
            If the characters are not signs: the formulas are of products of signs.
        """
        self._need_signs("interactions")
        k = len(self)
        covariance = self.covariance
        if covariance is None and not self.exact:
            covariance = np.full((k, k), np.nan)
        return indices.interactions(self.subsets, self.coefficients, self.n_units, index, order, covariance=covariance)

    def to_shapiq(self, index: str = "k-SII", order: int = 2) -> shapiq.InteractionValues:
        """The interactions as an object of the package shapiq, for its plots.

        Parameters are those of :meth:`interactions`. Its baseline is the fitted value with all units inactive.

        Raises
        ------
        ImportError
            If shapiq is not installed.
        """
        self._need_signs("to_shapiq")
        try:
            from shapiq import InteractionValues
        except ImportError as error:
            raise ImportError("to_shapiq hands over to shapiq, which is not here; pip install shapiq") from error
        found = self.interactions(index, order)
        signs = [(-1) ** len(subset) for subset in self.subsets]
        return InteractionValues(
            dict(zip(found.subsets, found.values.tolist(), strict=True)),
            index=index,
            max_order=order,
            min_order=1,
            n_players=self.n_units,
            baseline_value=float(self.intercept + np.dot(self.coefficients, signs)),
        )

    def predict(self, patterns: Patterns | ArrayLike) -> NDArray[np.float64]:
        """The target that the subsets predict for other samples of the same units, shape (m,).

        Parameters
        ----------
        patterns : Patterns, or array of activations, shape (m, n_units)
            Patterns for "signs" and "biased", activations for "continuous". Where the spectrum was computed from
            activations, "signs" and "biased" take activations too, with the thresholds found then.

        Raises
        ------
        ValueError
            If there is another number of units, or what was given does not tell what the characters need.
        """
        recorded = self.encoding.read(patterns, self.n_units)
        result = np.full(len(recorded), self.intercept)
        for subset, coefficient in zip(self.subsets, self.coefficients, strict=True):
            result += coefficient * self.encoding.values(recorded, subset).prod(axis=0)
        return result

    def _need_signs(self, what: str) -> None:
        if self.encoding.kind != "signs":
            raise ValueError(
                f"{what} is for products of signs, and this spectrum has basis={self.encoding.kind!r}; "
                "compute it with basis='signs'"
            )

    def with_families(self, families: Iterable[Family]) -> Spectrum:
        """The same answer with the families that :func:`actspec_widgets.stability` found, for its summary and its file.

        Raises
        ------
        ValueError
            If a family has a unit that this spectrum has not.
        """
        kept = tuple(families)
        for family in kept:
            as_subsets((family.best, *family.members), self.n_units)
        return replace(self, families=kept)

    def label(self, subset: Iterable[int]) -> str:
        """A subset in words: ``{3, 17}``, or with the units' names where they have any."""
        names = self.unit_names
        return "{" + ", ".join(str(i) if names is None else names[i] for i in subset) + "}"

    def to_frame(self) -> pandas.DataFrame:
        """A pandas table with one row per subset."""
        import pandas

        columns: dict[str, Any] = {
            "subset": self.subsets,
            "units": [self.label(s) for s in self.subsets],
            "degree": [len(s) for s in self.subsets],
            "coefficient": self.coefficients,
            "standard_error": self.standard_errors,
            "p_value": self.p_values,
            "gain": self.gains,
            "character_mean": self.character_means,
            "equivalents": self.equivalents,
        }
        columns["joint"] = self.joint
        columns["joint_part"], columns["joint_error"] = self.joint_parts, self.joint_errors
        columns["class"] = self.classes
        if self.smallest_cells is not None:
            columns["smallest_cell"] = self.smallest_cells
        for name in ("effects", "effect_errors", "superset_importance", "superset_errors"):
            if getattr(self, name) is not None:
                columns[name.replace("effects", "effect")] = getattr(self, name)
        return pandas.DataFrame(columns)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write everything to one ``.npz`` file (no pickle); an existing file is replaced only when done."""
        spectrum_file.save(self, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Spectrum:
        """Read a file written by :meth:`save`.

        Raises
        ------
        FileNotFoundError, ValueError
            If there is no such file, or it is damaged, of another kind, or of a newer version.
        """
        return cls(**spectrum_file.load(path))

    def summary(self, language: str = "en", *, full: bool = False) -> str:
        """The findings in three plain sentences, or all of them, in English ("en") or Japanese ("ja").

        ``full`` adds what each claim rests on: corrections, classes, families, redundancy, and what was searched.
        """
        return summarise(self, language, full)

    def __repr__(self) -> str:
        rows = [f"  {self.label(s)}  {c:+.4f} ± {e:.4f}" for s, c, e in self._head()]
        more = [f"  ... {len(self) - 20} more"] if len(self) > 20 else []
        return "\n".join([f"Spectrum: {self._headline()}", *rows, *more])

    def _repr_html_(self) -> str:
        cells = "".join(
            f"<tr><td>{html.escape(self.label(s))}</td><td>{c:+.4f} ± {e:.4f}</td></tr>" for s, c, e in self._head()
        )
        head = "<tr><th>units</th><th>coefficient</th></tr>"
        return f"<p>{html.escape(self._headline())}</p><table>{head}{cells}</table>"

    def _head(self):
        return list(zip(self.subsets, self.coefficients, self.standard_errors, strict=True))[:20]

    def _headline(self):
        subsets = f"{len(self)} subset{'s' * (len(self) != 1)} of {self.n_units} units"
        if self.exact:
            return f"{subsets}, exact, from all {self.n_search:,} answers"
        share = f"{self.explained_variance:.1%} ± {self.explained_variance_error:.1%} of the target's variance"
        if self.queries is not None:
            spent = f"{self.queries:,} queries" + ("" if self.error is None else f", stopped early: {self.error}")
            return f"{subsets}, {share} over random patterns, {spent}"
        return f"{subsets}, {share} on {self.n_estimate:,} held-out samples"
