import numpy as np
import pytest

from actspec_widgets import Patterns, Spectrum, activation_spectroscopy, synthetic
from actspec_widgets.files import FileKind
from actspec_widgets.results import Family


@pytest.fixture(scope="module")
def spectrum():
    problem = synthetic.planted(6, [(0, 1), (3,)], [1.0, -0.5], samples=800, noise=0.5, duplicates=1, seed=0)
    names = ["<b>&\"'", "ユニット", *"cdefg"][: problem.patterns.n_units]
    patterns = Patterns(problem.patterns.planes, 800, names)
    return activation_spectroscopy(patterns, problem.target)


def test_a_round_trip_is_exact(spectrum, tmp_path):
    spectrum.save(tmp_path / "a.npz")
    back = Spectrum.load(tmp_path / "a.npz")
    for name in spectrum.__dataclass_fields__:
        a, b = getattr(spectrum, name), getattr(back, name)
        same = np.array_equal(a, b, equal_nan=a.dtype.kind == "f") if isinstance(a, np.ndarray) else a == b
        assert same or a != a, name


def test_the_file_holds_no_pickle(spectrum, tmp_path):
    spectrum.save(tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz", allow_pickle=False) as archive:
        assert all(archive[name].dtype != object for name in archive.files)


def test_nothing_half_written_stays(spectrum, tmp_path, monkeypatch):
    path = tmp_path / "a.npz"
    spectrum.save(path)
    whole = path.read_bytes()

    def fail(*args, **kwargs):
        raise OSError("no space left on device")

    monkeypatch.setattr(np, "savez_compressed", fail)
    with pytest.raises(OSError, match="no space"):
        spectrum.save(path)
    assert path.read_bytes() == whole and [p.name for p in tmp_path.iterdir()] == ["a.npz"]


def test_a_newer_file_says_so(spectrum, tmp_path, monkeypatch):
    save = FileKind.save_npz
    monkeypatch.setattr(FileKind, "save_npz", lambda kind, *content: save(kind, *content, version=99))
    spectrum.save(tmp_path / "a.npz")
    with pytest.raises(ValueError, match="is of version 99, this release reads version 3"):
        Spectrum.load(tmp_path / "a.npz")


def test_words_hold_the_numbers(spectrum):
    text = spectrum.summary(full=True)
    assert f"{spectrum.explained_variance:.1%}" in text and "held-out" in text
    assert f"{spectrum.coverage.examined:,} subsets examined" in text
    assert "ユニット" in spectrum.summary("ja", full=True) and "分散" in spectrum.summary("ja", full=True)
    with pytest.raises(ValueError, match="language='fr'"):
        spectrum.summary("fr")


def test_names_are_escaped_in_html(spectrum):
    shown = spectrum._repr_html_()
    assert "<b>" not in shown and "&lt;b&gt;&amp;&quot;&#x27;" in shown
    assert spectrum.label((0, 1)) == "{<b>&\"', ユニット}"


def test_the_table_has_a_row_for_each_subset(spectrum):
    frame = spectrum.to_frame()
    assert frame["subset"].tolist() == list(spectrum.subsets)
    assert frame["coefficient"].tolist() == spectrum.coefficients.tolist()


def test_patterns_of_another_layer_are_refused(spectrum):
    with pytest.raises(ValueError, match="the patterns have 2 units, this spectrum 7"):
        spectrum.predict(Patterns.from_signs([[1, 1]]))


def test_numbers_are_read_only(spectrum):
    with pytest.raises(ValueError, match="read-only"):
        spectrum.coefficients[0] = 1.0


def test_a_gram_matrix_too_large_to_keep_is_left_out_everywhere(tmp_path):
    from views.spectra import make

    spectrum = make([(0,), (1, 2)], gram=None)
    spectrum.save(tmp_path / "s.npz")
    again = Spectrum.load(tmp_path / "s.npz")
    assert spectrum.gram is None and again.gram is None and again.subsets == spectrum.subsets
    assert np.isnan(spectrum.summary_numbers()["redundancy"].value) and "2 subsets" in spectrum.summary(full=True)


def test_families_come_back_from_a_file_and_fit_the_units(spectrum, tmp_path):
    families = (Family(spectrum.subsets[0], ((0, 2), (1,)), 0.95, 20), Family((2,), (), 0.5, 10))
    spectrum.with_families(families).save(tmp_path / "a.npz")
    assert Spectrum.load(tmp_path / "a.npz").families == families
    with pytest.raises(ValueError, match="has a unit outside"):
        spectrum.with_families([Family((10_000,), (), 1.0, 10)])
