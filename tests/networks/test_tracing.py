"""Traces of networks whose encoding is built by hand: the planted path comes back, nothing else does."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

import naive  # noqa: E402
from actspec_widgets import Cancelled, Patterns, SubNetwork, intervene, record, trace  # noqa: E402
from actspec_widgets.compute.method.parts import split_samples  # noqa: E402
from actspec_widgets.datasets import binarise, load_mnist  # noqa: E402
from actspec_widgets.networks import family_classifier  # noqa: E402
from actspec_widgets.patterns.thresholds import thresholds  # noqa: E402


def linear(weight, bias=0.0):
    weight = torch.tensor(weight, dtype=torch.float32)
    layer = nn.Linear(weight.shape[1], weight.shape[0])
    with torch.no_grad():
        layer.weight.copy_(weight)
        layer.bias.copy_(torch.as_tensor(bias, dtype=torch.float32).expand(weight.shape[0]))
    return layer


def signs(samples, n, seed=0):
    return np.random.default_rng(seed).choice(np.array([-1, 1], np.float32), (samples, n))


def paths(found):
    """Edges as (source, target) labels."""
    return {(found.nodes[e.source].label, found.nodes[e.target].label) for e in found.edges}


def same(a, b):
    numbers = ("source", "target", "coefficient", "standard_error", "share", "share_error", "p_value")
    return [[getattr(e, n) for n in numbers] for e in a.edges] == [[getattr(e, n) for n in numbers] for e in b.edges]


def parity_code():
    """x0 x1 held jointly by hidden units 0 and 1 (neither tells it alone), and by the one unit of layer "2".

    Units 0 to 2 of layer "1" are relu(x0), relu(x1) and relu(x2), the last of them unused.
    """
    first = linear([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]])
    agree = nn.Sequential(linear([[1, 1, 0], [-1, -1, 0]], [-1.0, 1.0]), nn.ReLU(), linear([[2, 2]], -1))
    return nn.Sequential(first, nn.ReLU(), agree, linear([[3.0]], 1))  # agree: +1 where x0 = x1, else -1


def test_samples_that_informative_thresholds_were_chosen_on_take_no_part():
    x, (choosing, used) = signs(1000, 4), split_samples(1000, 0.5, 0)
    found = trace(parity_code(), ["input", "1"], x, output=0, threshold={"1": "informative"})
    activations, target = record(parity_code(), "1", x, output=0)
    cuts = thresholds(activations[choosing], "informative", target[choosing])
    assert same(found, trace(parity_code(), ["input", "1"], x[used], output=0, threshold={"1": cuts}))
    assert found.n_samples == 500
    assert paths(found) == {("1 {0, 1}", "output"), ("input {0, 1}", "1 {0, 1}")}
    assert found.settings["threshold"]["1"] == "informative"


def test_a_distributed_parity_code_is_followed_to_the_inputs():
    found = trace(parity_code(), ["input", "1", "2"], signs(1000, 4), output=0)
    assert paths(found) == {("2 {0}", "output"), ("1 {0, 1}", "2 {0}"), ("input {0, 1}", "1 {0, 1}")}
    assert [node.ending for node in found.nodes] == [None, None, None, "first"]
    assert [node.weight for node in found.nodes] == pytest.approx([1, 1, 1, 1])
    by_source = {found.nodes[e.source].label: e for e in found.edges}
    assert by_source["2 {0}"].coefficient == pytest.approx(3)
    assert by_source["1 {0, 1}"].coefficient == pytest.approx(1)
    assert by_source["input {0, 1}"].coefficient == pytest.approx(1)
    for edge in found.edges:
        assert edge.share == pytest.approx(1) and edge.share_error < 1e-6 and edge.p_value < 1e-9
    assert found.cut() == ()
    assert found.layers == ("input", "1", "2") and found.n_samples == 1000


def test_a_one_hot_code_is_followed_to_the_inputs():
    """Hidden unit 0 fires for x0 = x1 = +1 only: its sign is (-1 + x0 + x1 + x0 x1) / 2, three equal parts."""
    corners = [[a, b, 0] for a in (1, -1) for b in (1, -1)]
    model = nn.Sequential(linear(corners, -1), nn.ReLU(), linear([[2.0, 0, 0, 0]]))
    found = trace(model, ["input", "1"], signs(6000, 3), output=0)
    into = ["input {0}", "input {1}", "input {0, 1}"]
    assert paths(found) == {("1 {0}", "output"), *((name, "1 {0}") for name in into)}
    for edge in found.sources(1):
        assert edge.coefficient == pytest.approx(0.5)
        assert abs(edge.share - 1 / 3) < 0.05
    assert found.nodes[1].spectrum.explained_variance == pytest.approx(1)


def test_redundant_copies_are_one_node_with_equivalents():
    model = nn.Sequential(linear([[1, 0, 0], [2, 0, 0], [-1, 0, 0], [0, 0, 1]]), linear([[1.0, 1, -1, 0]]))
    found = trace(model, ["input", "0"], signs(800, 3), output=0)
    assert paths(found) == {("0 {0}", "output"), ("input {0}", "0 {0}")}
    assert found.nodes[1].equivalents == ((1,), (2,))


def test_features_in_superposition_are_told_apart():
    """Three input features in two hidden units, read from both: sums that no single unit holds."""
    model = nn.Sequential(linear([[2, 1, 0], [0, 1, 2]]), linear([[1.0, 0], [0, 1]]), linear([[1.0, 1]]))
    found = trace(model, ["input", "0"], signs(4000, 3), output=0)
    # unit 0 is active where x0 is, unit 1 where x2 is; x1 adds to the output through both and decides neither
    assert {edge for edge in paths(found) if edge[1] != "output"} == {("input {0}", "0 {0}"), ("input {2}", "0 {1}")}


class Bypassed(nn.Module):
    """The head reads ``left``, which sees x0 and x1, and ``right``, which sees x2 alone."""

    def __init__(self):
        super().__init__()
        self.left, self.right = linear([[1, 0, 0], [0, 1, 0]]), linear([[0, 0, 1]])
        self.both, self.head = nn.Identity(), linear([[1.0, 0, 2]])

    def forward(self, x):
        return self.head(self.both(torch.cat([self.left(x), self.right(x)], 1)))


def test_a_branch_that_bypasses_the_layer_before_ends_in_noise():
    found = trace(Bypassed(), ["left", "both"], signs(1000, 3), output=0)
    assert paths(found) == {("both {0}", "output"), ("both {2}", "output"), ("left {0}", "both {0}")}
    assert [node.label for node in found.cut()] == ["both {2}"]
    assert "both {2}: ends here: no subset of the layer before stands out from noise" in repr(found)
    straight = trace(Bypassed(), ["input", "both"], signs(1000, 3), output=0)
    assert straight.cut() == () and ("input {2}", "both {2}") in paths(straight)


def test_an_untouched_output_gives_no_edge():
    generator = torch.Generator().manual_seed(0)
    found = trace(nn.Identity(), ["input"], signs(1000, 5), output=lambda y: torch.randn(len(y), generator=generator))
    assert found.edges == () and found.nodes[0].ending == "noise"


def test_noise_hides_part_of_a_share_and_the_error_covers_it():
    """Of a unit sign(x0 + noise) the input explains (2 q - 1)^2, q the chance that they agree."""
    x = np.column_stack([signs(20_000, 3), np.random.default_rng(1).normal(size=20_000).astype(np.float32)])
    model = nn.Sequential(linear([[1.0, 0, 0, 1]]), nn.Identity())
    found = trace(model, ["input", "0"], x, output=0, threshold={"input": [0, 0, 0, 9.0]})
    (edge,) = found.sources(1)
    truth = 0.6826894921**2  # q = Phi(1)
    assert abs(edge.share - truth) <= 6 * edge.share_error and 1e-3 < edge.share_error < 0.02


def test_nodes_shared_by_targets_are_one_and_the_limit_is_said():
    model = nn.Sequential(linear(np.eye(3)), linear([[1, 0, 0], [1, 1, 1], [0, 0, 1]]), linear([[3.0, 2, 1]]))
    whole = trace(model, ["0", "1"], signs(4000, 3), output=0)
    labels = [node.label for node in whole.nodes]
    assert len(labels) == len(set(labels)) and len(whole.edges) > len(labels) - 1
    assert whole.nodes[labels.index("0 {0}")].weight == max(
        whole.nodes[e.target].weight * e.share for e in whole.edges if whole.nodes[e.source].label == "0 {0}"
    )
    few = trace(model, ["0", "1"], signs(4000, 3), output=0, max_nodes=1)
    endings = [node.ending for node in few.nodes if node.layer == "1"]
    assert endings.count("limit") == len(endings) - 1 >= 1
    assert "not traced: beyond max_nodes" in repr(few)


def test_the_numbers_are_those_of_the_parities():
    model, x = parity_code(), signs(500, 4)
    found = trace(model, ["input", "1"], x, output=0)
    parity = [naive.chi((0, 1), row) for row in x]
    assert found.nodes[1].mean == pytest.approx(naive.mean(parity))
    spectrum = found.nodes[1].spectrum
    assert spectrum.subsets == ((0, 1),) and spectrum.settings["alpha"] == pytest.approx(0.05 / 2)


def test_an_edge_is_checked_by_intervening():
    model, x = parity_code(), signs(1000, 4)
    found = trace(model, ["input", "1", "2"], x, output=0)
    node = next(node for node in found.nodes if node.layer == "1")

    def parity(hidden):
        return (2.0 * (hidden[:, list(node.subset)] > 0) - 1).prod(1)

    query = SubNetwork(model[:2], "input", x, parity)
    check = intervene(query, node.spectrum, (0, 1), patterns=Patterns.from_signs(x))
    assert check.slope == pytest.approx(1) and check.r_squared == pytest.approx(1)


@pytest.mark.compiled
def test_by_experiment_a_distributed_parity_code_is_followed_to_the_inputs():
    x = np.tile(np.array(list(np.ndindex(2, 2, 2, 2)), np.float32) * 2 - 1, (25, 1))  # balanced: no unit acts alone
    found = trace(parity_code(), ["input", "1", "2"], x, output=0, evidence="experiment", draws=2000)
    assert paths(found) == {("2 {0}", "output"), ("1 {0, 1}", "2 {0}"), ("input {0, 1}", "1 {0, 1}")}
    assert [node.ending for node in found.nodes] == [None, None, None, "first"]
    for edge, size in zip(found.edges, (3, 1, 1), strict=True):
        assert edge.coefficient == pytest.approx(size) and edge.p_value < 1e-9
    assert {node.spectrum.evidence for node in found.nodes[:3]} == {"resampled"}
    assert found.settings["evidence"] == "experiment" and found.settings["draws"] == 2000


@pytest.mark.compiled
def test_by_experiment_what_only_goes_along_is_no_edge():
    x = signs(1000, 3)
    x[:, 1] = np.where(np.random.default_rng(1).random(1000) < 0.9, x[:, 0], x[:, 1])  # goes along with x0, is not read
    model = nn.Sequential(linear(np.eye(3)), linear([[1.0, 0, 0.3]]))
    found = trace(model, ["input", "0"], x, output=0, evidence="experiment", draws=2000, max_degree=2)
    assert paths(found) == {
        ("0 {0}", "output"), ("0 {2}", "output"), ("input {0}", "0 {0}"), ("input {2}", "0 {2}")
    }  # fmt: skip
    for edge in found.edges:
        truth = 1 if found.nodes[edge.target].layer else (1 if found.nodes[edge.source].subset == (0,) else 0.3)
        assert abs(edge.coefficient - truth) <= 6 * edge.standard_error + 1e-6


@pytest.mark.compiled
def test_by_experiment_a_branch_that_bypasses_the_layer_before_says_that_nothing_there_moves_it():
    found = trace(Bypassed(), ["left", "both"], signs(400, 3), output=0, evidence="experiment", draws=2000)
    assert paths(found) == {("both {0}", "output"), ("both {2}", "output"), ("left {0}", "both {0}")}
    assert [node.label for node in found.cut()] == ["both {2}"] and found.cut()[0].ending == "unmoved"
    assert "both {2}: ends here: the network does not move it" in repr(found)


@pytest.mark.compiled
def test_by_experiment_units_of_padded_positions_are_read_as_they_are_recorded():
    class Padded(nn.Module):
        """Means over real positions; unit 0 of the last layer is on where the mean of x0 is."""

        def __init__(self):
            super().__init__()
            self.each, self.head = linear([[1, 0], [0, 1]]), linear([[1.0, 0]])

        def forward(self, x, attention_mask):
            there = attention_mask[:, :, None].float()
            return self.head((self.each(x) * there).sum(1) / there.sum(1))

    rng = np.random.default_rng(0)
    mask = np.arange(4) < rng.integers(3, 5, 200)[:, None]
    x = np.where(mask[:, :, None], rng.normal(size=(200, 4, 2)), 100).astype(np.float32)  # padding would decide all
    inputs = {"x": x, "attention_mask": mask.astype(np.int64)}
    found = trace(
        Padded(), ["input", "each"], inputs, output=0, evidence="experiment", draws=1000, max_degree=1,
        pool={"input": "mean"},
    )  # fmt: skip
    assert paths(found) == {("each {0}", "output"), ("input {0}", "each {0}")}
    assert 0.8 < found.edges[1].coefficient < 1  # a longer donor gives its first positions only


@pytest.mark.compiled
def test_the_digits_classifier_is_traced_and_an_edge_points_where_intervening_does():
    data, model = load_mnist(), family_classifier(0.5, 0)
    x = binarise(data.x_train)
    found = trace(model, ["relu1", "relu2"], x, output=3, top=3, max_nodes=6, max_degree=2)
    assert {found.nodes[edge.target].layer for edge in found.edges} == {None, "relu2"}
    for edge in found.edges:
        assert 0 < edge.share < 1 and edge.p_value <= 0.05
        assert edge.share > 2 * edge.share_error
    node = next(node for node in found.nodes if node.layer == "relu2")
    source = node.spectrum.subsets[0]

    def parity(hidden):
        return (2.0 * (hidden[:, list(node.subset)] > 0) - 1).prod(1)

    rest = nn.Sequential(model.relu1, model.hidden2, model.relu2)
    before = model.hidden1(torch.as_tensor(x)).detach().numpy()
    query = SubNetwork(rest, "0", before, parity)
    check = intervene(query, node.spectrum, source, patterns=Patterns.from_activations(before), seed=0)
    assert check.slope > 0


def test_batches_and_a_seed_change_nothing():
    x = signs(900, 4)
    whole = trace(parity_code(), ["input", "1"], x, output=0, seed=3)
    parts = (torch.from_numpy(x[i : i + 200]) for i in range(0, 900, 200))
    assert same(whole, trace(parity_code(), ["input", "1"], parts, output=0, seed=3, batch_size=64))


def test_to_frame_has_a_row_for_each_edge():
    pandas = pytest.importorskip("pandas")
    frame = trace(parity_code(), ["input", "1"], signs(500, 4), output=0).to_frame()
    assert isinstance(frame, pandas.DataFrame)
    assert frame["source"].tolist() == [(0, 1), (0, 1)] and frame["target_layer"].tolist() == ["output", "1"]


@pytest.mark.parametrize(
    "change, error, sentence",
    [
        ({"layers": "1"}, TypeError, "give a list of names"),
        ({"layers": []}, ValueError, "name at least one layer"),
        ({"layers": ["1", "1"]}, ValueError, "names a layer twice"),
        ({"layers": ["1", "input"]}, ValueError, r"not in the order of the forward pass; give \['input', '1'\]"),
        ({"layers": ["hidden"]}, ValueError, "does not exist"),
        ({"threshold": {"2": "zero"}}, ValueError, r"threshold names \['2'\]"),
        ({"max_nodes": 0}, ValueError, "at least one subset"),
        ({"output": lambda y: y.repeat(1, 2)}, ValueError, "trace one of them"),
        ({"output": lambda y: torch.ones(len(y))}, ValueError, "so no subset can explain it"),
        ({"inputs": signs(19, 4)}, ValueError, "record more samples"),
        ({"inputs": []}, ValueError, "no batch at all"),
        ({"alpha": 1.5}, ValueError, "alpha="),
        ({"evidence": "resampled"}, ValueError, "evidence='resampled'"),
    ],
)
def test_refusals(change, error, sentence):
    arguments = {"layers": ["input", "1"], "inputs": signs(100, 4), "output": 0} | change
    with pytest.raises(error, match=sentence):
        trace(parity_code(), **arguments)


def test_progress_rises_to_the_end_and_stops():
    calls = []
    trace(parity_code(), ["input", "1"], signs(500, 4), output=0, progress=lambda *at: calls.append(at))
    done = [at[0] for at in calls]
    assert done == sorted(done) and calls[-1][0] == calls[-1][1]

    def stop(done, total):
        if done > 0.6 * total:
            raise Cancelled

    with pytest.raises(Cancelled):
        trace(parity_code(), ["input", "1"], signs(500, 4), output=0, progress=stop)
