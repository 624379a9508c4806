"""The table: what is sorted, shown, chosen and written to a file."""

import csv
import io

import numpy as np
import pytest

from actspec_widgets.views.kit.drawn import spectrum_table
from actspec_widgets.views.kit.table import MOST_ROWS, Column, SortableTable, Table
from actspec_widgets.views.kit.twin import TextTwin
from views.spectra import make

SPECTRUM = make([(0,), (1, 2), (0, 3, 4)], [0.25, -1.0, 0.5])


@pytest.fixture
def table():
    return SortableTable(spectrum_table(SPECTRUM, [1, 2, 0]))


def column(table, at=0):
    return [cells[at] for cells in table.content["cells"]]


def test_rows_come_in_the_order_given_until_a_header_is_asked_for(table):
    assert column(table) == ["{1, 2} ◆", "{0, 3, 4} ▲", "{0} ●"]
    assert column(table, 2) == ["-1.000", "+0.500", "+0.250"]
    table.sort_by = 2
    assert column(table, 2) == ["-1.000", "+0.250", "+0.500"]
    table.descending = True
    assert column(table, 2) == ["+0.500", "+0.250", "-1.000"]
    table.sort_by = 0
    assert column(table) == ["{1, 2} ◆", "{0, 3, 4} ▲", "{0} ●"]


def test_selection_goes_both_ways_and_survives_sorting(table):
    table.chosen = 0  # what a click in the browser sets
    assert table.selection == (1, 2)
    table.sort_by, table.descending = 2, True
    assert (table.chosen, table.selection) == (2, (1, 2))
    table.selection = (0,)
    assert table.chosen == 1
    table.selection = (5, 6)
    assert (table.chosen, table.selection) == (-1, (5, 6))
    table.chosen = 0
    table.chosen = -1
    assert table.selection is None


def test_a_new_table_keeps_the_order_and_the_selection(table):
    table.sort_by, table.selection = 1, (0,)
    table.table = spectrum_table(make([(1, 2, 3), (0,)]), [0, 1])
    assert column(table, 1) == ["1", "3"] and table.chosen == 0


def test_long_tables_are_cut_and_the_rest_is_said():
    many = SortableTable(Table((Column("n", np.arange(5000)),)))
    assert len(many.content["cells"]) == MOST_ROWS
    assert many.rest == "The first 200 of 5,000 rows in this order; the CSV file has all."
    many.sort_by, many.descending = 0, True
    assert column(many)[0] == "4999"
    assert len(many.table.csv().splitlines()) == 5001


def test_file_holds_numbers_in_full_and_whole_names():
    long = "w" * 10_000
    spectrum = make([(0,)], [-1 / 3], n_units=1, unit_names=(long,))
    rows = list(csv.DictReader(io.StringIO(spectrum_table(spectrum, [0]).csv())))
    assert rows[0]["units"] == "{" + long + "}"
    assert float(rows[0]["coefficient"]) == -1 / 3


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1"])
def test_text_never_becomes_a_formula(text):
    written = Table((Column("unit", [text]), Column("w", np.array([-1.0])))).csv()
    name, number = list(csv.reader(io.StringIO(written, newline="")))[1]
    assert name == "'" + text and number == "-1.0"


def test_hostile_text_reaches_the_page_as_data():
    names = ("<script>", "quo\"te'", "שלום", "😀", "a\nb")
    table = SortableTable(spectrum_table(make([(0, 1), (2, 3), (4,)], n_units=5, unit_names=names), [0, 1, 2]))
    assert column(table)[0].startswith("{<script>, quo\"te'}")
    assert column(table)[2] == "{a b} ●"


def test_twin_fills_its_table_only_while_it_is_open_and_the_file_always():
    made = []
    twin = TextTwin("coefficients")
    twin.tell(lambda: made.append(1) or spectrum_table(SPECTRUM, [0]))
    assert not made
    sent = []
    twin.downloads.send = lambda content, buffers=None: sent.append((content, buffers))
    twin.downloads._handle_custom_msg("csv", [])
    assert sent[0][0] == {} and sent[0][1][0].startswith(b"units,size,coefficient")
    twin.button.value = True
    twin.selection = (0,)
    assert twin.table.chosen == 0
    twin.table.chosen = -1
    assert twin.selection is None


def test_a_file_that_fails_is_a_sentence():
    twin = TextTwin("coefficients")
    sent = []
    twin.downloads.send = lambda content, buffers=None: sent.append(content)

    def broken():
        raise ValueError("the numbers are gone")

    twin.tell(broken)
    twin.downloads._handle_custom_msg("csv", [])
    assert sent == [{"error": "the numbers are gone"}]
