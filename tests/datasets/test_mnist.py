"""The digits: what is bundled, and the full set from files."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from actspec_widgets.datasets import binarise, load_mnist
from actspec_widgets.datasets.mnist import FILES
from actspec_widgets.datasets.mnist_files import ARRAYS, IDX_NAMES

SHARED = Path(__file__).parents[3] / "shared" / "data" / "mnist.npz"
needs_full = pytest.mark.skipif(
    not SHARED.is_file(), reason="the full MNIST lies only beside the project's own checkout"
)


@pytest.fixture(autouse=True)
def no_mnist_of_the_user(monkeypatch):
    monkeypatch.delenv("ACTSPEC_MNIST", raising=False)


def write_idx(folder, arrays, *, end=".gz"):
    for name, stem in IDX_NAMES.items():
        array = arrays[name]
        raw = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()
        (folder / (stem + end)).write_bytes(gzip.compress(raw, 1) if end.endswith(".gz") else raw)


def test_bundled_digits_are_balanced():
    data = load_mnist()
    assert data.x_train.shape == (5000, 28, 28) and data.x_test.shape == (1000, 28, 28)
    assert data.x_train.dtype == np.uint8
    assert np.bincount(data.y_train).tolist() == [500] * 10
    assert np.bincount(data.y_test).tolist() == [100] * 10


def test_digits_are_read_only():
    with pytest.raises(ValueError, match="read-only"):
        load_mnist().x_train[0, 0, 0] = 1


def test_licence_and_authors_travel_with_the_digits():
    text = (FILES / "LICENSE-mnist.txt").read_text()
    for name in ("CC BY-SA 3.0", "LeCun", "Cortes", "Burges", "mnist_small.npz"):
        assert name in text


def test_binarise_puts_ink_at_plus_one_from_128_on():
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, 1, 2], image[0, 0, 3] = 128, 127
    points = binarise(image)
    assert points.dtype == np.float32 and points.shape == (1, 784)
    assert np.flatnonzero(points[0] == 1).tolist() == [28 + 2]
    assert (points == -1).sum() == 783


@pytest.mark.parametrize(
    ("images", "sentence"),
    [
        (np.zeros((2, 28, 28)), "dtype float64"),
        (np.zeros((28, 28), np.uint8), r"image\[None\]"),
        (np.zeros((2, 27, 28), np.uint8), "shape"),
    ],
)
def test_binarise_refuses_what_is_no_grey_image(images, sentence):
    with pytest.raises(ValueError, match=sentence):
        binarise(images)


def test_unknown_set_is_refused():
    with pytest.raises(ValueError, match=r'"small" .* or "full"'):
        load_mnist("medium")


def test_small_set_takes_no_path():
    with pytest.raises(ValueError, match=r'load_mnist\("full"'):
        load_mnist(path="mnist.npz")


@needs_full
def test_full_set_from_a_file_begins_with_the_known_digits():
    data = load_mnist("full", path=SHARED)
    assert data.x_train.shape == (60000, 28, 28) and data.x_test.shape == (10000, 28, 28)
    assert data.y_train[:5].tolist() == [5, 0, 4, 1, 9]
    small = load_mnist()
    for digit in range(10):
        np.testing.assert_array_equal(data.x_train[data.y_train == digit][:500], small.x_train[small.y_train == digit])


@needs_full
def test_full_set_from_the_folder_in_the_environment(monkeypatch):
    monkeypatch.setenv("ACTSPEC_MNIST", str(SHARED.parent))
    assert len(load_mnist("full").y_train) == 60000


@needs_full
@pytest.mark.parametrize("end", [".gz", ""])
def test_full_set_from_four_idx_files(tmp_path, end):
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    with np.load(SHARED) as archive:
        arrays = {name: archive[name] for name in ARRAYS}
    write_idx(raw, arrays, end=end)
    np.testing.assert_array_equal(load_mnist("full", path=tmp_path).x_test, arrays["x_test"])

    (raw / f"train-labels-idx1-ubyte{end}").rename(tmp_path / "elsewhere")
    with pytest.raises(FileNotFoundError, match=r"lacks train-labels-idx1-ubyte; put all four"):
        load_mnist("full", path=tmp_path)


@needs_full
def test_one_changed_pixel_is_noticed(tmp_path):
    with np.load(SHARED) as archive:
        arrays = {name: archive[name] for name in ARRAYS}
    arrays["x_test"] = arrays["x_test"].copy()
    arrays["x_test"][7, 14, 14] ^= 1
    np.savez(tmp_path / "mnist.npz", **arrays)
    with pytest.raises(ValueError, match="other values in x_test than the original"):
        load_mnist("full", path=tmp_path)


@needs_full
@pytest.mark.parametrize("kept", [0, 10, 5_000_000, -1])
def test_truncated_file_gets_a_sentence(tmp_path, kept):
    path = tmp_path / "digits.npz"
    path.write_bytes(SHARED.read_bytes()[:kept])
    with pytest.raises(ValueError, match=r"digits\.npz cannot be read as the \.npz file .*; copy the original again"):
        load_mnist("full", path=path)


def test_small_set_does_not_pass_for_the_full_one():
    with pytest.raises(ValueError, match=r"\(5000, 28, 28\) .* MNIST has \(60000, 28, 28\)"):
        load_mnist("full", path=FILES / "mnist_small.npz")


def test_other_archive_does_not_pass(tmp_path):
    np.savez(tmp_path / "mnist.npz", x_train=np.zeros(3))
    with pytest.raises(ValueError, match="no array y_train, x_test, y_test"):
        load_mnist("full", path=tmp_path / "mnist.npz")


def test_pickles_and_plain_arrays_do_not_pass(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros(3))
    np.save(tmp_path / "b.npy", np.array([{}], dtype=object))
    for name in ("a.npy", "b.npy"):
        with pytest.raises(ValueError, match="cannot be read"):
            load_mnist("full", path=tmp_path / name)


@pytest.mark.parametrize("raw", [b"", b"\x1f\x8b broken", struct.pack(">HBBI", 0, 8, 1, 60000) + b"short"])
def test_damaged_idx_file_gets_a_sentence(tmp_path, raw):
    for stem in IDX_NAMES.values():
        (tmp_path / stem).write_bytes(raw)
    with pytest.raises(ValueError, match="train-images-idx3-ubyte cannot be read as the IDX file"):
        load_mnist("full", path=tmp_path)


def test_one_idx_file_alone_is_told_to_name_its_folder(tmp_path):
    (tmp_path / "t10k-images-idx3-ubyte.gz").write_bytes(b"")
    with pytest.raises(ValueError, match="name the folder"):
        load_mnist("full", path=tmp_path / "t10k-images-idx3-ubyte.gz")


def test_absent_file_is_named_with_who_named_it(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError, match=r"nothing at .*gone\.npz \(path\)"):
        load_mnist("full", path=tmp_path / "gone.npz")
    monkeypatch.setenv("ACTSPEC_MNIST", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"\(ACTSPEC_MNIST\) holds neither"):
        load_mnist("full")
