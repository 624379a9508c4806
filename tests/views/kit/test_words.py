"""Names and labels: as wide as there is room for, and never in the way of what stands beside them."""

import pytest

from actspec_widgets.views.kit import words
from views.spectra import make


def test_label_of_few_units_is_complete_and_of_many_is_counted():
    spectrum = make([(0,)], n_units=100)
    assert words.label(spectrum, (4, 17, 30)) == "{4, 17, 30}"
    many = words.label(spectrum, tuple(range(50)), 30)
    assert many.startswith("{0, 1, 2") and many.endswith("}") and words.breadth(many) <= 36
    shown, left = many[1:-1].rsplit(", +", 1)
    assert len(shown.split(", ")) + int(left) == 50


def test_long_names_are_cut_to_the_width_asked_for():
    spectrum = make([(0,)], n_units=2, unit_names=("w" * 10_000, "x" * 10_000))
    assert words.breadth(words.label(spectrum, (0, 1), 24)) <= 26


@pytest.mark.parametrize(
    "name",
    ["encoder.layers.0.linear1[{}]", "a rather long name of a unit, number {}", "{} units from the left hand side"],
)
def test_names_that_are_alike_at_one_end_stay_apart(name):
    names = [name.format(i) for i in range(8)]
    spectrum = make([(0,)], unit_names=tuple(names))
    assert len({words.tidy_name(n, 12) for n in names}) == len({words.label(spectrum, (i,), 12) for i in range(8)}) == 8
    pair = words.label(spectrum, (0, 1), 30)
    assert "+1" not in pair and len(set(pair[1:-1].split(", "))) == 2
    assert words.breadth(pair) <= 31


def test_a_name_cut_in_the_middle_keeps_letters_and_their_accents_together():
    cut = words.tidy_name("a" * 20 + "e\u0301" * 20, 10)
    assert cut == "aaa…" + "e\u0301" * 5 and words.breadth(cut) <= 10
    assert words.tidy_name("short", 10) == "short"
    assert words.breadth(words.tidy_name("w" * 10_000, 12)) <= 12


def test_names_cannot_reorder_or_break_the_line():
    spectrum = make([(0,)], n_units=2, unit_names=("a\n\tb\u202ec", "שלום"))
    assert words.label(spectrum, (0,), 30) == "{\u2068a b\ufffdc\u2069}"
    assert words.label(spectrum, (1,), 30) == "{\u2068שלום\u2069}"


def test_digits_follow_the_error():
    assert [words.decimals(e) for e in (0.0123, 0.5, 3.0, 250.0, 0.0)] == [3, 2, 1, 0, 4]


def test_stacked_accents_and_nameless_units_do_not_disturb_their_neighbours():
    assert words.tidy("Z" + "\u0301" * 200 + "o", 10) == "Z\u0301\u0301o"
    assert words.tidy("na\u0308he", 4) == "na\u0308he"
    spectrum = make([(0, 1), (2,)], unit_names=("", "  ", "c", *"defgh"))
    assert [words.label(spectrum, subset) for subset in spectrum.subsets] == ["{0, 1}", "{c}"]


def test_names_that_cutting_makes_equal_keep_their_numbers():
    names = [f"{front} of the same long ending" for front in ("the first", "the second", "the third", "x")]
    spectrum = make([(0, 1), (2,)], n_units=4, unit_names=names)
    labels = [words.unit_label(spectrum, unit, 10) for unit in range(4)]
    assert len(set(labels)) == 4 and all(len(label) <= 12 for label in labels), labels
    pair = words.label(spectrum, (0, 1), 22)
    assert pair.count("#0") == pair.count("#1") == 1
    short = make([(0, 1)], n_units=2, unit_names=["alpha", "beta"])
    assert words.label(short, (0, 1), 22) == "{alpha, beta}"  # nothing is cut
