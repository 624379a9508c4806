"""Tables as people keep them: taken as the numbers they hold, or refused in one sentence that names the way out."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from actspec_widgets import Patterns
from actspec_widgets.patterns.arrays import as_array, as_count, as_groups, column_names
from actspec_widgets.patterns.cube import as_target

A = np.random.default_rng(0).normal(size=(30, 4)).astype(np.float32)
SIGNS = np.where(A > 0, 1, -1)


@pytest.mark.parametrize("mask", [False, True])
@pytest.mark.parametrize(
    "call",
    [
        lambda masked: Patterns.from_signs(masked),
        lambda masked: Patterns.from_activations(masked),
        lambda masked: Patterns.from_batches([SIGNS, masked]),
        lambda masked: Patterns.from_activations(A, threshold=masked[0]),
        lambda masked: as_target(masked[:, 0], 30),
        lambda masked: as_groups(masked[:, 0], 30),
    ],
)
def test_a_masked_array_is_refused_wherever_it_comes(call, mask):
    with pytest.raises(ValueError, match=r"masked array.*\.filled"):
        call(np.ma.MaskedArray(SIGNS, mask=mask))


@pytest.mark.parametrize("kind", ["csr", "csc", "coo", "lil", "bsr"])
def test_sparse_matrices_are_taken(kind):
    some = np.where(A > 0.5, A, 0)
    assert Patterns.from_activations(sparse.csr_array(some).asformat(kind)) == Patterns.from_activations(some)
    assert Patterns.from_signs(sparse.csr_matrix(SIGNS > 0).asformat(kind)) == Patterns.from_signs(SIGNS)


def test_names_of_columns_become_names_of_units():
    frame = pd.DataFrame(A, columns=["edge", "curl", 7, "dot"])
    assert Patterns.from_activations(frame).unit_names == ("edge", "curl", "7", "dot")
    assert Patterns.from_activations(frame, unit_names=list("abcd")).unit_names == tuple("abcd")
    assert Patterns.from_signs(frame > 0) == Patterns.from_signs(SIGNS, unit_names=["edge", "curl", "7", "dot"])
    assert Patterns.from_activations(pd.DataFrame(A)).unit_names is None  # columns that are only counted


def test_batches_of_frames_have_the_same_columns():
    first, second = pd.DataFrame(SIGNS, columns=list("abcd")), pd.DataFrame(SIGNS, columns=list("abdc"))
    assert Patterns.from_batches([first, first]).unit_names == tuple("abcd")
    with pytest.raises(ValueError, match="batch 1 has other names of columns"):
        Patterns.from_batches([first, second])


def test_frames_of_several_kinds_of_columns():
    mixed = pd.DataFrame({"a": [True, False, True], "b": [0.5, -1.0, 2.0], "c": pd.array([1, 2, 3], "Int64")})
    assert as_array(mixed, "the table").tolist() == [[1, 0.5, 1], [0, -1, 2], [1, 2, 3]]
    mixed["d"] = ["x", "y", "z"]
    with pytest.raises(ValueError, match=r"'x' in column 'd'; give real numbers"):
        Patterns.from_activations(mixed)
    with pytest.raises(ValueError, match=r"<NA> in column .c.|nan at sample 1, unit 1"):
        Patterns.from_activations(pd.DataFrame({"a": [1.0, 2.0], "c": pd.array([1, None], "Int64")}))


def test_a_target_from_a_column_of_a_frame():
    assert as_target(pd.Series([1, 2, 3], dtype="Int64"), 3).tolist() == [1, 2, 3]
    with pytest.raises(ValueError, match=r"the target (is nan at sample 1|came with <NA>)"):
        as_target(pd.Series([1, None, 3], dtype="Int64"), 3)
    with pytest.raises(ValueError, match="the target has dtype <U1"):
        as_target(["a", "b", "c"], 3)


def test_tensors_with_gradients_and_bfloat16():
    torch = pytest.importorskip("torch")
    rough = torch.from_numpy(A).to(torch.bfloat16)
    expected = Patterns.from_activations(rough.float().numpy(), 0.1)
    assert Patterns.from_activations(rough, 0.1) == expected
    assert Patterns.from_activations(rough.requires_grad_(), 0.1) == expected
    assert Patterns.from_activations(torch.from_numpy(A).requires_grad_(), 0.1) == Patterns.from_activations(A, 0.1)
    assert Patterns.from_activations(torch.from_numpy(A).to_sparse(), 0.1) == Patterns.from_activations(A, 0.1)
    assert Patterns.from_signs(torch.from_numpy(A) > 0) == Patterns.from_signs(SIGNS)
    logits = [value * 2 for value in torch.from_numpy(A[:, 0]).requires_grad_()]
    assert np.array_equal(as_target(logits, 30), 2 * A[:, 0].astype(float))
    with pytest.raises(ValueError, match=r"the target came as torch.Tensor, which cannot be read as an array"):
        as_target(torch.empty(3, device="meta"), 3)


def test_ragged_lists_are_refused():
    with pytest.raises(ValueError, match=r"came as list, which cannot be read as an array.*inhomogeneous"):
        Patterns.from_activations([[1.0, 2.0], [3.0]])


@given(st.lists(st.sampled_from("abcdef"), min_size=4, max_size=40))
def test_groups_are_numbered_and_keep_their_members(labels):
    largest = max(labels.count(label) for label in labels)
    if len(set(labels)) == 1:
        with pytest.raises(ValueError, match="into one group"):
            as_groups(labels, len(labels))
    elif 2 * largest > len(labels):
        with pytest.raises(ValueError, match="more than half"):
            as_groups(labels, len(labels))
    else:
        codes = as_groups(labels, len(labels))
        assert [sorted(set(labels))[code] for code in codes] == labels


def test_labels_of_groups_may_be_numbers_text_or_a_column():
    wanted = [0, 0, 1, 1, 2, 2]
    for labels in ([3, 3, 5, 5, 9, 9], np.array([0.5, 0.5, 1, 1, 2, 2]), pd.Series(list("aabbcc"))):
        assert as_groups(labels, 6).tolist() == wanted


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        ([1, 2, 3], r"groups have shape \(3,\), the recording holds 6 samples"),
        ([[1], [1], [2], [2], [3], [3]], r"groups have shape \(6, 1\)"),
        ([7] * 6, r"into one group \(7\)"),
        ([7] * 4 + [8, 9], "group 7 holds 4 of 6 samples, more than half"),
        ([1, 1, np.nan, 2, 2, 3], "no label at sample 2"),
        (pd.Series(["a", "a", "b", None, "b", "c"]), "no label at sample 3"),
    ],
)
def test_groups_that_cannot_be_kept_whole_are_refused(labels, sentence):
    with pytest.raises(ValueError, match=sentence):
        as_groups(labels, 6)


@pytest.mark.parametrize("wrong", [2.5, 3.0, "3", None, 0, -1, 11, 10**12])
def test_a_count_is_a_whole_number_within_bounds(wrong):
    with pytest.raises(ValueError, match=r"top=.*; give a whole number from 1 to 10"):
        as_count(wrong, "top", most=10)


def test_counts_of_numpy_are_counts():
    assert as_count(np.int64(3), "top") == 3 and type(as_count(np.int64(3), "top")) is int
    assert column_names(A) is None
