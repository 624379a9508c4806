"""Every widget with code of its own in the page can be found there, and brings what makes it hear again."""

import anywidget

from actspec_widgets.views import SentenceExplorer, SpectrumExplorer  # noqa: F401  these bring all the others
from actspec_widgets.views.kit.heard import Heard
from actspec_widgets.views.kit.table import SortableTable


def kinds(of=anywidget.AnyWidget):
    for kind in of.__subclasses__():
        yield kind
        yield from kinds(kind)


def test_every_one_of_ours_listens_by_itself_where_it_has_to():
    ours = [kind for kind in kinds() if kind.__module__.startswith("actspec_widgets") and kind is not Heard]
    ours = [kind for kind in ours if isinstance(kind._esm, str)]  # anywidget makes a class of each instance as well
    assert len(ours) >= 5
    for kind in ours:
        assert "function initialize" in kind._esm and "export default { initialize, render }" in kind._esm


def test_the_page_knows_a_widget_by_the_id_that_it_has():
    one, other = SortableTable(), SortableTable()
    assert one.own_id == one.model_id != other.own_id == other.model_id
