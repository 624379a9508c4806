"""What a search has looked at, and what it cannot have seen."""

from __future__ import annotations

from dataclasses import dataclass


def count_in_words(count: int) -> str:
    """A number of subsets: with separators while a reader can take it in, else as a power of two or ten."""
    if count < 10**12:
        return f"{count:,}"
    if (count + 1).bit_count() == 1:
        return f"2^{(count + 1).bit_length() - 1} - 1"
    return f"about 10^{count.bit_length() * 0.30103:.0f}"


EVERY_ANSWER = "every answer"  # of the function was asked: coefficients have no error


@dataclass(frozen=True)
class Coverage:
    """The part of the lattice of subsets that a search covered.

    Attributes
    ----------
    method : str
        "exhaustive", "bucket tree", "hashing", ...
    n_units : int
        Units that took part; a search that folds constants and duplicates counts each class once.
    max_degree : int or None
        Largest subset size looked at; None for every size.
    examined : int
        Number of subsets that could have been reported: what p-values are corrected for.
    complete : bool
        Whether every subset in the range was looked at, or excluded by a proof.
    missed_bound : float or None
        No unreported coefficient in the range is larger in size than this; None where nothing is known.
    notes : tuple of str
        Sentences for people: why this search, what it left out.
    complete_degree : int or None
        Where the search is not complete: every subset up to this size was looked at; None where nothing is known.
    undecided : int
        Subsets that passed their test and are not reported, as each is less probable than not (``error_rate="fdr"``).
    """

    method: str
    n_units: int
    max_degree: int | None
    examined: int
    complete: bool
    missed_bound: float | None = None
    notes: tuple[str, ...] = ()
    complete_degree: int | None = None
    undecided: int = 0

    def __str__(self) -> str:
        sizes = "every size" if self.max_degree is None else f"up to degree {self.max_degree}"
        scope = "all subsets" if self.complete else "some subsets"
        text = f"{self.method.capitalize()} search over {scope} of {self.n_units:,} units, {sizes}: "
        text += f"{count_in_words(self.examined)} examined."
        if self.missed_bound is not None:
            text += f" No unreported one in that range is larger than {self.missed_bound:.4g}."
        return " ".join([text, *self.notes])
