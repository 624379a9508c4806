"""Files that are not whole spectra: a sentence, never anything else."""

import io
import json
import zipfile

import numpy as np
import pytest

from actspec_widgets import Spectrum, activation_spectroscopy, synthetic
from actspec_widgets.results.spectrum_file import read

FILES = 10_000


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A saved spectrum as bytes."""
    problem = synthetic.planted(6, [(0, 1), (3,)], [1.0, -0.5], samples=800, noise=0.5, duplicates=1, seed=0)
    path = tmp_path_factory.mktemp("saved") / "a.npz"
    activation_spectroscopy(problem.patterns, problem.target).save(path)
    return path.read_bytes()


def damaged(whole, rng):
    """Cut off, overwritten in places, or with a stretch doubled or left out."""
    data = bytearray(whole)
    start, stop = sorted(rng.integers(0, len(data) + 1, 2).tolist())
    kind = rng.integers(4)
    if kind == 0:
        return bytes(data[:start])
    if kind == 1:
        return bytes(data[:stop] + data[start:])
    if kind == 2:
        return bytes(data[:start] + data[stop:])
    for at in rng.integers(0, len(data), rng.integers(1, 20)):
        data[at] = rng.integers(0, 256)
    return bytes(data)


def load(data):
    """What happens on loading: the spectrum, or the sentence of a ValueError; anything else comes through."""
    try:
        return Spectrum(**read(io.BytesIO(data), "a.npz"))
    except ValueError as error:
        assert "a.npz" in str(error)
        return str(error)


def test_bytes_damaged_at_random(whole):
    rng = np.random.default_rng(0)
    refused = sum(isinstance(load(damaged(whole, rng)), str) for _ in range(FILES))
    assert refused > 0.9 * FILES  # the rest met bytes that carry nothing, such as a time


def test_damage_that_the_checksums_do_not_show(whole):
    """Entries damaged before they were packed: the text, the arrays and their headers."""
    rng = np.random.default_rng(0)
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    refused = 0
    for _ in range(FILES // 5):
        hit = list(entries)[rng.integers(len(entries))]
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            for name, content in entries.items():
                archive.writestr(name, damaged(content, rng) if name == hit else content)
        refused += isinstance(load(file.getvalue()), str)
    assert refused > 0.7 * FILES // 5  # the rest has another number somewhere


def repacked(whole, edit):
    """The same archive, all checksums right, with the text and arrays that ``edit`` changed in place."""
    with np.load(io.BytesIO(whole)) as archive:
        arrays = {name: archive[name] for name in archive.files}
    text = json.loads(arrays.pop("header").tobytes())
    edit(text, arrays)
    file = io.BytesIO()
    np.savez(file, header=np.frombuffer(json.dumps(text).encode(), np.uint8), **arrays)
    return file.getvalue()


STRANGE = [None, True, -1, 0, 1e300, float("nan"), 10**40, "", "x", [], [[]], [[0]], [["x"]], {}, {"0": 1}, [[10**40]]]
NOT_EXECUTED = b"cos\nsystem\n(S'exit 1'\ntR."  # a pickle that would run a command


def test_whole_archives_with_wrong_contents(whole):
    """Every entry of the text replaced by, or without, each strange value: nothing that loads fails later."""

    def holders(text):
        return [text, text["coverage"]]

    for place in range(2):
        with np.load(io.BytesIO(whole)) as archive:
            keys = list(holders(json.loads(archive["header"].tobytes()))[place])
        for key in keys:
            for value in [*STRANGE, KeyError]:

                def edit(text, arrays, place=place, key=key, value=value):
                    holder = holders(text)[place]
                    if value is KeyError:
                        del holder[key]
                    else:
                        holder[key] = value

                found = load(repacked(whole, edit))
                if not isinstance(found, str):
                    assert str(found.coverage) and repr(found) and found.summary_numbers()


@pytest.mark.parametrize("name", ["coefficients", "gram", "covariance", "smallest_cells"])
@pytest.mark.parametrize("value", [np.zeros(3), np.zeros((2, 3)), np.zeros((2, 2), np.float32), np.array(["a", "b"])])
def test_arrays_of_another_kind_are_refused(whole, name, value):
    def edit(text, arrays):
        arrays[name] = value

    assert "is damaged, truncated or of another kind" in load(repacked(whole, edit))


def test_a_pickle_inside_is_refused_and_not_run(whole):
    file = io.BytesIO(whole)
    with zipfile.ZipFile(file, "a") as archive:
        header = np.lib.format.magic(1, 0)
        text = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".ljust(117) + b"\n"
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("gains.npy", header + len(text).to_bytes(2, "little") + text + NOT_EXECUTED)
    assert "cannot be read as a spectrum (ValueError)" in load(file.getvalue())
    assert "cannot be read as a spectrum" in load(NOT_EXECUTED)


def test_another_kind_of_archive_says_so(whole):
    assert "holds 'a cat', not a spectrum" in load(repacked(whole, lambda text, _: text.update(kind="a cat")))


def test_files_from_before_the_covariance_was_kept(whole):
    def edit(text, arrays):
        del text["redundancy_error"], arrays["covariance"]

    old, new = load(repacked(whole, edit)), load(whole)
    assert old.covariance is None and old.redundancy_error is None
    assert old.subsets == new.subsets and np.array_equal(old.coefficients, new.coefficients)
    assert np.isnan(old.summary_numbers()["entropy"].standard_error)
    bias = old.summary_numbers()["degree_weights"].corrected
    assert np.array_equal(bias, new.summary_numbers()["degree_weights"].corrected)


def test_there_is_no_such_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no file"):
        Spectrum.load(tmp_path / "a.npz")


@pytest.fixture(scope="module")
def products(tmp_path_factory):
    """A saved spectrum of continuous characters as bytes."""
    rng = np.random.default_rng(0)
    A = rng.normal(size=(300, 3))
    path = tmp_path_factory.mktemp("saved") / "a.npz"
    activation_spectroscopy(A, A[:, 0] * A[:, 1], basis="continuous").save(path)
    return path.read_bytes()


def test_files_of_products_damaged_at_random(products):
    rng = np.random.default_rng(0)
    refused = sum(isinstance(load(damaged(products, rng)), str) for _ in range(FILES // 5))
    assert refused > 0.9 * FILES // 5


@pytest.mark.parametrize("name", ["centres", "scales"])
@pytest.mark.parametrize("value", [np.zeros(3), np.ones(2), np.full(3, np.nan), np.ones(3, np.float32), None])
def test_scales_that_do_not_fit_are_refused(products, name, value):
    def edit(text, arrays):
        arrays[name] = value
        if value is None:
            del arrays[name]

    found = load(repacked(products, edit))
    if name == "centres" and value is not None and np.array_equal(value, np.zeros(3)):
        assert not isinstance(found, str)  # a mean may be zero
    else:
        assert "is damaged, truncated or of another kind" in found


@pytest.mark.parametrize("kind", ["signs", "strange", None, 1, ["biased"]])
def test_kinds_that_do_not_fit_are_refused(products, kind):
    found = load(repacked(products, lambda text, _: text.update(basis=kind)))
    assert "is damaged, truncated or of another kind" in found


def test_files_from_before_the_characters_were_kept_are_of_signs(whole):
    old = load(repacked(whole, lambda text, _: text.pop("basis")))
    assert old.encoding.kind == "signs" and old.encoding.n_units is None
