"""Recordings by shards, into a file or on processes: what one pass gives, bit for bit, and nothing is done twice."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest
import torch
from torch import nn

from actspec_widgets import Cancelled, Patterns, record
from actspec_widgets.networks import shards

torch.manual_seed(0)
MODEL = nn.Sequential(nn.Linear(6, 9), nn.ReLU(), nn.Linear(9, 3))
INPUTS = torch.randn(500, 6)
TOKENS = nn.Sequential(nn.Embedding(20, 5), nn.Linear(5, 7), nn.ReLU())


def same(a, b):
    assert a.activations == b.activations
    assert np.array_equal(a.target, b.target)
    for name in ("groups", "positions"):
        one, other = getattr(a, name), getattr(b, name)
        assert (one is None and other is None) or np.array_equal(one, other)
    assert a.layout == b.layout


def text(**settings):
    return {"output": lambda result: result.mean(dim=(1, 2)), "per": "position", "batch_size": 8, **settings}


def test_a_recording_into_a_file_is_that_of_one_pass(tmp_path):
    plain = record(MODEL, "1", INPUTS, output=1, to=0.25, batch_size=10)
    found = record(MODEL, "1", INPUTS, output=1, to=tmp_path / "a", threshold=0.25, batch_size=10)
    same(plain, found)
    assert found.activations.file[0] == str(tmp_path / "a") and Patterns.open(tmp_path / "a") == plain.activations
    assert not (tmp_path / "a.part").exists()
    loader = [INPUTS[at : at + 10] for at in range(0, 500, 10)]
    same(plain, record(MODEL, "1", iter(loader), output=1, to=str(tmp_path / "b"), threshold=0.25))
    ids, mask = torch.randint(0, 20, (90, 4)), np.tril(np.ones((4, 4)))[np.arange(90) % 4]
    plain = record(TOKENS, "2", ids, to=0.0, mask=mask, **text())
    same(plain, record(TOKENS, "2", ids, to=tmp_path / "c", mask=mask, **text()))
    with pytest.raises(ValueError, match="mask has 91 rows for 90 samples"):
        record(TOKENS, "2", ids, to=tmp_path / "d", mask=np.ones((91, 4)), **text())


def test_few_active_units_go_into_the_file_as_lists(tmp_path, monkeypatch):
    wide = nn.Sequential(nn.Linear(6, 1200), nn.ReLU(), nn.Linear(1200, 1))
    plain = record(wide, "1", INPUTS, output=0, to=2.5, batch_size=20)
    found = record(wide, "1", INPUTS, output=0, to=tmp_path / "a", threshold=2.5, batch_size=20)
    same(plain, found)
    assert plain.activations.active is not None and found.activations.active is not None


def seen_by(seen):
    return lambda *now: seen.append(now)


def interrupted(path, inputs=INPUTS, model=MODEL, after=3, **settings):
    """Recording that is cancelled after so many shards."""
    done = []

    def stop(*now):
        done.append(now)
        if len(done) == after:
            raise Cancelled

    with pytest.raises(Cancelled):
        record(model, "1", inputs, to=path, batch_size=10, progress=stop, **{"output": 1, **settings})


def test_an_interrupted_recording_goes_on_where_it_stopped(tmp_path):
    plain = record(MODEL, "1", INPUTS, output=1, to=0.0, batch_size=10)
    for cut, left in ((0, 4), (7, 5)):  # bytes that did not reach the disk; shards of seven to be recorded
        path = tmp_path / f"a{cut}"
        interrupted(path, after=4)
        part = tmp_path / f"a{cut}.part"
        part.write_bytes(part.read_bytes()[: part.stat().st_size - cut])
        seen = []
        found = record(MODEL, "1", INPUTS, output=1, to=path, batch_size=10, progress=seen_by(seen))
        same(plain, found)
        assert len(seen) == left and seen[-1] == (500, 500)


def test_another_recording_in_the_same_place_is_a_sentence(tmp_path):
    interrupted(tmp_path / "a")
    changed = nn.Sequential(nn.Linear(6, 9), nn.ReLU(), nn.Linear(9, 3))
    for model, settings in ((changed, {}), (MODEL, {"output": 2}), (MODEL, {"threshold": 0.1})):
        with pytest.raises(ValueError, match="something else than the beginning of this recording"):
            record(model, "1", INPUTS, to=tmp_path / "a", batch_size=10, **{"output": 1, **settings})
    with pytest.raises(ValueError, match="of other inputs"):
        record(MODEL, "1", INPUTS + 1, to=tmp_path / "a", batch_size=10, output=1)
    (tmp_path / "b.part").write_bytes(b"\x00" * 300)
    with pytest.raises(ValueError, match="something else than the beginning"):
        record(MODEL, "1", INPUTS, to=tmp_path / "b", output=1)
    with pytest.raises(ValueError, match="is one file and there are 2 layers"):
        record(MODEL, ["0", "1"], INPUTS, to=tmp_path / "c", output=1)


def test_a_layer_with_other_units_in_another_batch_is_refused(tmp_path):
    batches = [torch.randn(4, 5, length) for length in (3, 3, 3, 3, 3, 3, 3, 3, 2)]
    model = nn.Sequential(nn.Identity())
    with pytest.raises(ValueError, match="other units in other batches"):
        record(model, "0", batches, output=lambda r: r.mean(dim=(1, 2)), to=tmp_path / "a", pool="flatten")


def test_processes_record_what_one_pass_gives(tmp_path):
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        for to in (None, 0.0):
            plain = record(MODEL, ["0", "1"], INPUTS, output=1, to=to, batch_size=10)
            found = record(MODEL, ["0", "1"], INPUTS, output=1, to=to, batch_size=10, executor=pool)
            for name in plain:
                assert np.array_equal(plain[name].target, found[name].target)
                a, b = plain[name].activations, found[name].activations
                assert a == b if to is not None else np.array_equal(a, b)
        same(plain["1"], record(MODEL, "1", INPUTS, output=1, to=tmp_path / "a", batch_size=10, executor=pool))


def test_shards_hold_every_batch_once_and_their_part_of_the_mask():
    from actspec_widgets.networks.batches import Batches

    mask = np.random.default_rng(0).integers(0, 2, (500, 8)) | np.eye(1, 8, dtype=int)
    cut = list(shards.shards_of(Batches(INPUTS, MODEL, 10), mask))
    assert [shard.before for shard in cut] == list(range(0, 500, 80))
    assert torch.equal(torch.cat([batch.args[0] for shard in cut for batch in shard.batches]), INPUTS)
    assert np.array_equal(np.concatenate([shard.mask for shard in cut]), mask)
    assert len({shard.digest() for shard in cut}) == len(cut)
