"""Files: whole or not there, with ordinary permissions, of a known kind; hostile and damaged ones are one sentence."""

import json
import os
import re
import stat

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given
from hypothesis import strategies as st

from actspec_widgets import activation_spectroscopy, synthetic
from actspec_widgets.files import FileKind, cache_folder, replacing, write_whole

KIND = FileKind("actspec_widgets.Thing", "a thing", "Thing.save", versions=(2, 1))
posix = pytest.mark.skipif(os.name != "posix", reason="permissions and links of POSIX systems")


@pytest.fixture
def umask(request):
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


# --- writing


def test_a_file_is_replaced_only_by_a_whole_one(tmp_path):
    path = tmp_path / "a.txt"
    write_whole(path, "é")
    assert path.read_bytes() == "é".encode()
    with pytest.raises(KeyboardInterrupt), replacing(path) as file:
        file.write(b"half")
        raise KeyboardInterrupt
    assert path.read_bytes() == "é".encode() and os.listdir(tmp_path) == ["a.txt"]


@posix
@pytest.mark.parametrize("umask", [0o022, 0o027, 0o077, 0o002], indirect=True)
def test_a_new_file_has_the_permissions_of_any_new_file(tmp_path, umask):
    (tmp_path / "plain").touch()
    write_whole(tmp_path / "whole", b"")
    assert mode(tmp_path / "whole") == mode(tmp_path / "plain") == 0o666 & ~umask


@posix
@pytest.mark.parametrize("umask", [0o022], indirect=True)
def test_a_saved_spectrum_can_be_read_by_others(tmp_path, umask):
    hidden = synthetic.planted(4, [(0, 1)], [1.0], samples=200, noise=0.5, seed=0)
    activation_spectroscopy(hidden.patterns, hidden.target).save(tmp_path / "s.npz")
    assert mode(tmp_path / "s.npz") == 0o644


@posix
def test_a_file_that_is_replaced_keeps_its_permissions_and_a_link_its_target(tmp_path):
    kept, link = tmp_path / "kept", tmp_path / "link"
    kept.write_bytes(b"old")
    kept.chmod(0o640)
    link.symlink_to(kept)
    write_whole(link, b"new")
    assert link.is_symlink() and kept.read_bytes() == b"new" and mode(kept) == 0o640


def test_names_as_long_as_the_system_allows_can_be_written(tmp_path):
    name = "長" * 80 + ".html"  # 245 bytes
    write_whole(tmp_path / name, b"x")
    assert os.listdir(tmp_path) == [name]


@posix
def test_what_can_not_be_replaced_is_a_sentence(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no such folder"):
        write_whole(tmp_path / "gone" / "a", b"")
    for path in (tmp_path, "/dev/null"):
        with pytest.raises(OSError, match="a folder or a device"):
            write_whole(path, b"")


# --- kinds


@given(
    arrays=st.dictionaries(
        st.text(min_size=1, max_size=5).filter(lambda name: name != "__metadata__"),
        st.sampled_from([np.zeros((2, 3), np.float32), np.ones(4, np.float16), np.array(0.5), np.zeros((0, 2))]),
        max_size=4,
    ),
    settings=st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=3),
)
def test_tensor_files_are_those_of_the_safetensors_library(tmp_path_factory, arrays, settings):
    path = tmp_path_factory.mktemp("tensors") / "a.safetensors"
    KIND.save_tensors(path, {"settings": settings}, arrays)
    header, back = KIND.load_tensors(path)
    assert header["settings"] == settings and header["version"] == 2
    theirs = safetensors.numpy.load(path.read_bytes())
    assert set(back) == set(theirs) == set(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(back[name], array)
        np.testing.assert_array_equal(theirs[name], array)
        assert back[name].dtype == array.dtype and not back[name].flags.writeable
    with safetensors.safe_open(path, framework="numpy") as file:
        metadata = file.metadata()
    assert path.read_bytes() == safetensors.numpy.save(arrays, metadata)
    (path.parent / "b").write_bytes(safetensors.numpy.save(arrays, metadata))
    assert KIND.load_tensors(path.parent / "b")[0] == header


@pytest.mark.parametrize("form", ["npz", "tensors"])
def test_every_damage_is_a_sentence(tmp_path, form):
    path = tmp_path / "file"
    save, load = getattr(KIND, f"save_{form}"), getattr(KIND, f"load_{form}")
    save(path, {"settings": {"a": 1}}, {"x": np.arange(20.0), "y": np.ones((2, 3), np.float32)})
    whole, rng = path.read_bytes(), np.random.default_rng(0)
    refused = 0
    for _ in range(500):
        data = bytearray(whole)
        start, stop = sorted(rng.integers(0, len(data) + 1, 2).tolist())
        if rng.integers(2):
            data[start:stop] = b""
        else:
            data[start : start + 3] = rng.bytes(3)
        path.write_bytes(data)
        try:
            load(path)
        except ValueError as error:
            assert str(path) in str(error)
            refused += 1
    assert refused > 400  # the rest met bytes that carry nothing, such as a time


def test_a_mapped_table_is_written_in_rows_and_read_when_it_is_used(tmp_path):
    rows = np.random.default_rng(0).integers(0, 2**63, (5, 700)).astype(np.uint64)
    KIND.save_mapped(tmp_path / "a", {"settings": 1}, {"rows": rows, "more": rows[0]})
    header, tables = KIND.open_mapped(tmp_path / "a")
    back = tables["rows"]
    assert header["settings"] == 1 and isinstance(back, np.memmap) and not back.flags.writeable
    np.testing.assert_array_equal(back, rows)
    np.testing.assert_array_equal(tables["more"], rows[0])
    np.testing.assert_array_equal(safetensors.numpy.load((tmp_path / "a").read_bytes())["rows"], rows)
    assert (tmp_path / "a").stat().st_size == 4096 + rows.nbytes + rows[0].nbytes


def test_a_damaged_header_or_length_of_a_mapped_table_is_a_sentence(tmp_path):
    path = tmp_path / "a"
    KIND.save_mapped(path, {"settings": 1}, {"rows": np.arange(40.0).reshape(4, 10)})
    whole = path.read_bytes()
    said = len(whole[:4096].rstrip())
    for at in range(said):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(ValueError, match=re.escape(str(path))):
            KIND.open_mapped(path)
    for other in (whole[:-1], whole + b"0", whole[:4096], whole[:3], b""):
        path.write_bytes(other)
        with pytest.raises(ValueError, match="cannot be read as a thing"):
            KIND.open_mapped(path)


HOSTILE = [
    b"",
    b"\xff" * 8,
    (2).to_bytes(8, "little") + b"[]",
    (4).to_bytes(8, "little") + b"null",
    (200_000).to_bytes(8, "little") + b"[" * 200_000,
]


@pytest.mark.parametrize("content", HOSTILE, ids=range(len(HOSTILE)))
def test_a_header_that_is_none_is_a_sentence(tmp_path, content):
    (tmp_path / "a").write_bytes(content)
    for load in (KIND.load_tensors, KIND.open_mapped):
        with pytest.raises(ValueError, match="cannot be read as a thing"):
            load(tmp_path / "a")


@pytest.mark.parametrize(
    "entry",
    [
        {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [2], "data_offsets": [-8, 0]},
        {"dtype": "F32", "shape": [2], "data_offsets": [1 << 40, (1 << 40) + 8]},
        {"dtype": "F32", "shape": [-1, -2], "data_offsets": [0, 8]},
        {"dtype": "I8", "shape": [8], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": "22", "data_offsets": [0, 8]},
        {"dtype": "F32"},
        None,
    ],
)
def test_entries_that_do_not_fit_their_bytes_are_a_sentence(tmp_path, entry):
    said = {"actspec_widgets": json.dumps({"kind": KIND.name, "version": 1})}
    text = json.dumps({"__metadata__": said, "x": entry}).encode()
    (tmp_path / "a").write_bytes(len(text).to_bytes(8, "little") + text + bytes(8))
    with pytest.raises(ValueError, match="cannot be read as a thing"):
        KIND.load_tensors(tmp_path / "a")


@pytest.mark.parametrize("form", ["npz", "tensors"])
def test_other_kinds_and_versions_say_so(tmp_path, form):
    def saved(kind):
        getattr(kind, f"save_{form}")(tmp_path / "a", {}, {"x": np.zeros(1)})
        return tmp_path / "a"

    load = getattr(KIND, f"load_{form}")
    with pytest.raises(ValueError, match=r"holds 'a cat', not a thing; give a file written by Thing.save"):
        load(saved(FileKind("a cat", "a cat", "cats")))
    with pytest.raises(ValueError, match="is of version 3, this release reads version 2 and 1; update"):
        load(saved(FileKind(KIND.name, "a thing", "Thing.save", (3,))))
    with pytest.raises(FileNotFoundError, match=r"there is no file .*; give the path of a file written by Thing.save"):
        load(tmp_path / "gone")


# --- the cache


def test_the_cache_is_where_the_variable_says_or_in_the_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("ACTSPEC_CACHE", "~/kept")
    assert cache_folder() == tmp_path / "kept"
    monkeypatch.setenv("ACTSPEC_CACHE", "")
    assert cache_folder().name == "actspec_widgets" and tmp_path in cache_folder().parents
