# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Trace a feature: in what form does one signal pass each layer of a network?
#
# **After this lesson you can** follow an output back through the layers of a network, subset by subset; recognise four
# ways in which a layer can hold the same feature; and tell a subset that *accompanies* an output from one that *drives*
# it, by reaching into the network.
#
# **You need** lesson 3 (parities, character means, a spectrum), PyTorch (`make lab` has it), and to know what a ReLU
# network is. 40 minutes; the cells as they stand run in some seconds, without internet.
#
# **Conventions.** A ReLU unit is *active*, $x_i = +1$, where its activation is above 0, else $x_i = -1$. The parity of
# a subset $S$ of a layer is $\chi_S = \prod_{i \in S} x_i$; `relu2 {0, 1}` means the units 0 and 1 of the layer called
# "relu2". An **edge** of a trace leads from a subset of one layer to what it explains in the next. Its **share** is how
# much of that variance it adds to the edges before it.

# %%
import itertools
from collections import OrderedDict

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

from actspec_widgets import Patterns, SubNetwork, activation_spectroscopy, intervene, load_mnist, record, trace
from actspec_widgets.lessons import checks
from actspec_widgets.lessons.claims import what_we_measured
from actspec_widgets.networks import binarise, family_classifier
from actspec_widgets.studies.problems.encodings import xor_network
from actspec_widgets.views import SpectrumExplorer

# %% [markdown]
# ## 1. Two lamps, by hand
#
# Two lamps are on or off, each half of the time, independently. The answer is $-1$ where exactly one lamp is on, else
# $+1$: the XOR of the lamps. With $c$ the number of lamps that are on, two ReLU units do: $p = \max(c, 0)$ and $q =
# \max(c - 1, 0)$, then $\text{logit} = 1 - 2p + 4q$. The four cases:
#
# | lamps | $c$ | $p$ | $q$ | logit |
# | --- | --- | --- | --- | --- |
# | off, off | 0 | 0 | 0 | $+1$ |
# | off, on | 1 | 1 | 0 | $-1$ |
# | on, off | 1 | 1 | 0 | $-1$ |
# | on, on | 2 | 2 | 1 | $+1$ |
#
# **Predict.** Reduce $p$ and $q$ to on ($+1$) and off ($-1$). What is the character mean of the logit with $p$ alone,
# the mean of $\text{logit} \cdot x_p$ over the four cases? And with the pair, the mean of
# $\text{logit} \cdot x_p\, x_q$?

# %%
my_guess_single = ...
my_guess_pair = ...

# %%
c = np.array([0, 1, 1, 2])
p, q = np.maximum(c, 0), np.maximum(c - 1, 0)
logit = 1 - 2 * p + 4 * q
x_p, x_q = np.where(p > 0, 1, -1), np.where(q > 0, 1, -1)
checks.compare_prediction(my_guess_single, np.mean(logit * x_p))
checks.compare_prediction(my_guess_pair, np.mean(logit * x_p * x_q))

# %% [markdown]
# The two signs differ exactly where one lamp is on, so their product *is* the logit. The lamps themselves do the same:
# $\chi_{\{a, b\}}$ is the logit, too. One feature, two layers, each time a pair. But only the lamps are **joint**: of
# $p$ and $q$ the combination "$q$ without $p$" never occurs, and without it the product is a sum,
# $x_p\,x_q = 1 - x_p + x_q$ in all four cases. There the method answers with the two single units.
#
# To go back one more layer, each parity that was found becomes the **target** for the layer before. That is all that
# `trace` does, layer after layer.
#
# **Exercise 1.** Make the target of the next step: the parity of a subset of ReLU units, from their activations.


# %% tags=["exercise"]
def my_parity_target(H, subset):
    """H: (m, n) activations, 0 or above; subset: tuple of column numbers -> (m,) of -1 and +1."""
    return ...


checks.parity_target(my_parity_target)

# %% [markdown]
# <details><summary>Hint</summary>First the signs of the subset's columns, then their product in each row.</details>
# <details><summary>Solution</summary>
#
# ```python
# def my_parity_target(H, subset):
#     signs = np.where(H[:, list(subset)] > 0, 1, -1)
#     return signs.prod(axis=1)
#
#
# checks.parity_target(my_parity_target)
# ```
# </details>
#
# ## 2. Four ways to hold the same feature
#
# `xor_network` builds networks weight by weight. The logit is always the XOR of two **features**; what differs is how
# the layer "relu1" holds a feature:
#
# - **one-hot**: a feature is one unit;
# - **distributed**: a feature is whether two units *differ*;
# - **superposed**: a feature is that two units are active *together*;
# - **copies**: a feature is one unit with two more that always agree with it.
#
# Each network sees all its input patterns equally often. First the simplest; read it from the top.


# %%
def as_torch(network):
    """The same layers as torch modules, "relu1", "relu2", ... between them."""
    model = nn.Sequential()
    for number, (weights, biases) in enumerate(network.layers, start=1):
        linear = nn.Linear(weights.shape[1], weights.shape[0])
        linear.weight = nn.Parameter(torch.tensor(weights, dtype=torch.float32))
        linear.bias = nn.Parameter(torch.tensor(biases, dtype=torch.float32))
        model.add_module(f"linear{number}", linear)
        if number < len(network.layers):
            model.add_module(f"relu{number}", nn.ReLU())
    return model


def by_hand(encoding):
    """One of the networks, and all its input patterns, equally often."""
    network, _ = xor_network(2, encoding)
    cube = np.array(list(itertools.product([-1, 1], repeat=network.n_inputs)), np.float32)
    return as_torch(network), np.tile(cube, (4096 // len(cube), 1))


def traced(encoding, **settings):
    """Its trace through all its ReLU layers."""
    model, inputs = by_hand(encoding)
    layers = [name for name, _ in model.named_children() if name.startswith("relu")]
    return trace(model, layers, inputs, output=0, max_degree=4, top=20, **settings)


traced("onehot")

# %% [markdown]
# The output is explained completely by two units of the layer "relu3" (our $p$ and $q$). One says "any feature", the
# other "both", and an OR or an AND takes three subsets of "relu2"; those lead to the two units that are the features.
#
# **Predict** for the logit, when the layer "relu1" is asked directly:
#
# - *distributed*: of how many units is the subset that explains the logit?
# - *superposed*: how many subsets (the empty one left out) does the product of two features take? As a function of
#   signs, $\text{AND}(a, b) = -\tfrac12 + \tfrac12 x_a + \tfrac12 x_b + \tfrac12 x_a x_b$, and the two features have no
#   unit in common.
# - *copies*, three units to a feature: how many *other* pairs say the same as the one reported?

# %%
my_guess_distributed = ...
my_guess_superposed = ...
my_guess_copies = ...


# %%
def draw(axes, trace, title):
    """A dot for each subset, a column for each layer, the output last; wide lines explain much."""
    places = {}
    for x, layer in enumerate([*trace.layers, None]):
        nodes = [i for i, node in enumerate(trace.nodes) if node.layer == layer]
        places |= {i: (x, (len(nodes) - 1) / 2 - k) for k, i in enumerate(nodes)}
        label = (layer or "output") + (f"\n{len(nodes)} subsets" if len(nodes) > 1 else "")
        axes.text(x, -0.05, label, transform=axes.get_xaxis_transform(), ha="center", va="top", fontsize=8)
    for edge in trace.edges:
        ends = zip(places[edge.source], places[edge.target], strict=True)
        axes.plot(*ends, color="#0072b2", linewidth=0.4 + 6 * edge.share)
    axes.scatter(*zip(*places.values(), strict=True), s=20, color="#222222", zorder=3)
    axes.set_title(title)
    axes.axis("off")


def logit_from_relu1(encoding):
    """The spectrum of the logit over the units of "relu1"."""
    model, inputs = by_hand(encoding)
    return activation_spectroscopy(*record(model, "relu1", inputs, output=0), max_degree=4)


traces = {encoding: traced(encoding) for encoding in ("onehot", "distributed", "superposed", "copies")}
first = {encoding: logit_from_relu1(encoding) for encoding in traces}
checks.compare_prediction(my_guess_distributed, len(first["distributed"].subsets[0]), within=0)
checks.compare_prediction(my_guess_superposed, len(first["superposed"]), within=0)
checks.compare_prediction(my_guess_copies, len(first["copies"].equivalents[0]), within=0)

# %% jupyter={"source_hidden": true}
figure, panels = plt.subplots(1, 4, figsize=(13, 3), layout="constrained", width_ratios=(4, 5, 4, 4))
for panel, (encoding, t) in zip(panels, traces.items(), strict=True):
    draw(panel, t, encoding)
plt.show()

# %% [markdown]
# *Distributed*: "$a$ differs from $b$" is the parity of $\{a, b\}$, and the XOR of two parities is the parity of all
# four units. No single unit, pair or triple of them tells anything about the logit: a score for units one by one
# sees nothing here. *Superposed*: $4 \times 4 - 1 = 15$ subsets, each with $\tfrac1{16}$ of the mean square. *Copies*:
# $3 \times 3 - 1 = 8$ equivalents, listed and not dropped. So a spectrum does not only find a feature: it tells the
# **form** in which a layer holds it. (The traces pass through the units between, and show what each of those is made
# of.)
#
# ## 3. A failure that is not the method's
#
# So far a unit was active above 0. Now we cut each at its **mean** activation, in the same distributed network.
#
# **Predict.** What share of the logit does its last ReLU layer ($p$ and $q$ again) explain now? It was 1.

# %%
my_guess_cut = ...

# %%
cut = traced("distributed", threshold="mean").nodes[0].spectrum
checks.compare_prediction(my_guess_cut, cut.explained_variance, cut.explained_variance_error, within=0.05)
model, inputs = by_hand("distributed")
p_and_q, xor = record(model, "relu4", inputs, output=0)
names = {"output_names": ["the XOR"], "unit_names": ["p", "q"]}
SpectrumExplorer(activations=p_and_q, outputs=xor, threshold="mean", **names)

# %% [markdown]
# $p$ is 0, 1, 1, 2 with mean 1, so "above its mean" says $c = 2$; and $q$ above its mean says the same. The case
# $c = 0$ can no longer be told from $c = 1$, and what is left explains a third of the variance (the logit is $+1$ where
# $c = 2$, and $-\tfrac13$ on average elsewhere; work it out). The information was lost by the threshold, *before* the
# search. Choose *A unit is on: above zero* in the view, and it is back. A low explained variance therefore asks two
# questions: are subsets missing, or bits?
#
# ## 4. A network that nobody built by hand
#
# It has two hidden layers of 64 units and was trained on MNIST's 60,000 digits with half of the hidden units dropped at
# each step (lesson 6); it comes with the package. We trace its logit of the digit 3 through the second hidden layer
# ("relu2"), the first ("relu1") and the pixels ("input"), with subsets of at most two units, four for each target.
#
# **Predict.** What share of the logit's variance do the four best subsets of "relu2" explain?

# %%
my_guess_share = ...

# %%
digits = load_mnist()
pixels = torch.from_numpy(binarise(np.concatenate([digits.x_train, digits.x_test])))
model = family_classifier(dropout=0.5)
story = trace(model, ["input", "relu1", "relu2"], pixels, output=3, max_degree=2, top=4, max_nodes=6)
top = story.nodes[0].spectrum
checks.compare_prediction(my_guess_share, top.explained_variance, top.explained_variance_error, within=0.1)
for layer, what in (
    (None, "logit from relu2"),
    ("relu2", "parities of relu2 from relu1"),
    ("relu1", "parities of relu1 from pixels"),
):
    there = [node for node in story.nodes if node.layer == layer and node.spectrum]
    print(f"\n{what}, {np.mean([node.spectrum.explained_variance for node in there]):.0%} on average:")
    for node in there:
        edges = story.sources(story.nodes.index(node))
        parts = [f"{{{', '.join(map(str, story.nodes[e.source].subset))}}} {e.share:.0%}" for e in edges]
        print(f"  {node.label}: {node.spectrum.explained_variance:.0%} from", " + ".join(parts))

# %% jupyter={"source_hidden": true}
figure, panel = plt.subplots(figsize=(9, 3.6), layout="constrained")
draw(panel, story, "the logit of 3")
plt.show()

# %% [markdown]
# Now something is left unexplained. The logit is explained well, a parity in the middle by half, one of the first layer
# by more than a third: a unit there weighs hundreds of pixels, and four pairs of them are only the beginning of that
# sum. Branches share subsets (dots with several lines to the right), which a list for each layer would not show. Every
# edge stands out from noise: `trace` shares out its level of 0.05 over all that it looks at, and ends a branch where
# nothing does.
#
# ## 5. Does it drive the logit, or only go along with it?
#
# Everything so far was read off recorded data. Now we reach in. `SubNetwork` is the rest of the network as a function
# of on and off: each unit is set to its mean where it is on, or to its mean where it is off. `intervene` turns a unit
# of a subset over and compares what the logit does with what the spectrum predicts. **Slope 1**: right about the cause
# and its size. **Slope 0**: the units only accompany the cause.
#
# **Predict.** With what slope does the logit follow when the strongest subset of "relu2" is turned over?

# %%
my_guess_slope = ...

# %%
activations, logit = record(model, "relu2", pixels, output=3)
patterns = Patterns.from_activations(activations)
rest = SubNetwork(model, "relu2", pixels, 3)
turned = [intervene(rest.query, top, subset, patterns=patterns, samples=1000, seed=0) for subset in top.subsets]
checks.compare_prediction(my_guess_slope, turned[0].slope, within=0.1)
for one in turned:
    print(one)
two_levels = 1 - np.mean((rest.query(patterns.signs()) - logit) ** 2) / np.var(logit)
print(f"the network with each unit at one of its two levels explains {two_levels:.0%} of the real logit")

# %% [markdown]
# The two levels cost something, but not a factor of sixty. There is another reason: on data, units switch *together*.
# The strongest subset stands for all the units that are on when it is on, and its coefficient is the sum of their work.
# Turn it over alone, and the others stay. (R2 is 1 for a single unit because after "relu2" only a linear layer is left:
# the same change at every digit.)
#
# Now the pairs. What is *joint* in the effect of units $i$ and $j$ at a given point is $\tfrac14 (f_{++} - f_{+-} -
# f_{-+} + f_{--})$: both up, only $i$ up, only $j$ up, none. Averaged over all points of the cube it is the Fourier
# coefficient of the pair (O'Donnell, section 2.2, the derivative taken twice).
#
# **Exercise 2.** Write it down.


# %% tags=["exercise"]
def my_joint_effect(query, point, i, j):
    """query: points (k, n) -> (k,); point: (n,) of -1 and +1; i, j: unit numbers -> one number."""
    return ...


checks.joint_effect(my_joint_effect)

# %% [markdown]
# <details><summary>Hint</summary>np.tile(point, (4, 1)) makes four copies; set their columns i and j, and ask
# once.</details>
# <details><summary>Solution</summary>
#
# ```python
# def my_joint_effect(query, point, i, j):
#     corners = np.tile(point, (4, 1))
#     corners[:, i] = [1, 1, -1, -1]
#     corners[:, j] = [1, -1, 1, -1]
#     return query(corners) @ np.array([1, -1, -1, 1]) / 4
#
#
# checks.joint_effect(my_joint_effect)
# ```
# </details>
#
# **Predict.** On data, several pairs of "relu2" have a significant joint part. How large is the joint effect of the
# strongest of them inside the network, on average over the digits as they come?

# %%
my_guess_joint = ...


# %%
def joint_effects(query, points, i, j):
    """The same at many points, (m, n) -> (m,)."""
    corners = np.repeat(points, 4, axis=0)
    corners[:, i], corners[:, j] = np.tile([1, 1, -1, -1], len(points)), np.tile([1, -1, 1, -1], len(points))
    return query(corners).reshape(-1, 4) @ [1, -1, -1, 1] / 4


joint = {}
for layer in ("relu2", "relu1", "input"):
    activations = record(model, layer, pixels, output=3).activations
    on_off = Patterns.from_activations(activations)
    spectrum = activation_spectroscopy(activations, logit, max_degree=2)
    strongest = max(np.flatnonzero(spectrum.joint), key=lambda k: abs(spectrum.joint_parts[k]))
    pair, on_data = spectrum.subsets[strongest], spectrum.joint_parts[strongest]
    effects = joint_effects(SubNetwork(model, layer, pixels, 3).query, on_off.signs()[::6], *pair).round(6)
    joint[layer] = effects.mean() + 0.0, effects.std(ddof=1) / len(effects) ** 0.5
    print(f"{layer:6} {pair!s:10} joint part on data {on_data:+.2f} ± {spectrum.joint_errors[strongest]:.2f}", end="")
    print("; joint effect in the network {:+.4f} ± {:.4f}".format(*joint[layer]))
    gone = sum(vanished is True for vanished in spectrum.binarisation)
    print(f"       {gone} of {spectrum.joint.sum()} joint parts vanish beside the activations themselves")
checks.compare_prediction(my_guess_joint, joint["relu2"][0], within=0.02)

# %% [markdown]
# Nothing at all in "relu2": after it the logit is a *sum* over units, and a sum has no joint effects. The pair's joint
# part on data is real, and its error is small, but no mechanism is behind it: it is joint *in on/off terms*. A bit does
# not say how strongly a unit is on, and where units go together, a second bit tells more of it; beside the activations
# of the units reported most such parts vanish. In the layers before, a ReLU lies ahead and pairs may interact; on
# average they do so a hundred times more weakly than the joint parts on data say, or not at all. (For pixels on and off
# loses nothing, so the cut cannot be the reason.) Before you call a subset "what the network computes", ask what the
# rest of the network *could* compute, and then ask the network.
#
# An edge inside the network can be asked as well. The query is then the part of the network up to "relu2", and its
# output is the parity there.

# %%
node = next(n for n in story.nodes if n.layer == "relu2" and n.spectrum)
columns = list(node.subset)
children = list(model.named_children())
front = nn.Sequential(OrderedDict(children[: [name for name, _ in children].index("relu2") + 1]))
ask = SubNetwork(front, "relu1", pixels, lambda h: torch.where(h[:, columns] > 0, 1.0, -1.0).prod(dim=1))
before = Patterns.from_activations(record(model, "relu1", pixels, output=3).activations)
print("into", node.label)
edges = [intervene(ask.query, node.spectrum, s, patterns=before, samples=1000, seed=0) for s in node.spectrum.subsets]
for one in edges:
    print("  ", one)

# %% [markdown]
# These edges act in the direction that the trace says, and four to eight times more weakly. A parity is $\pm 1$ and one
# unit alone seldom turns it over, hence the low R2.
#
# **Play.** The layer "relu2" once more. Click a bar. Lower *Redundancy*: which subsets leave first? Raise *Largest
# size* to 3: does the explained variance in the title grow by more than its error? Choose another logit: do the same
# units return?

# %%
explorer = SpectrumExplorer(model=model, layer="relu2", inputs=pixels, logit=3, top=12)
explorer

# %% [markdown]
# ## What we measured

# %%
onehot = traces["onehot"]
in_each = [sum(node.layer == layer for node in onehot.nodes) for layer in onehot.layers]
what_we_measured(
    ("one-hot: subsets in each of the three layers", ", ".join(map(str, in_each))),
    ("distributed: units in the one subset", len(first["distributed"].subsets[0])),
    ("superposed: subsets", len(first["superposed"])),
    ("copies: equivalents of the pair", len(first["copies"].equivalents[0])),
    ("a cut at the mean leaves of the logit", cut.explained_variance, cut.explained_variance_error),
    ("four subsets of relu2 explain of a trained logit", top.explained_variance, top.explained_variance_error),
    ("the strongest drives the logit: slope (1 would be as predicted)", f"{turned[0].slope:.3f}"),
    (f"the first edge into {node.label}: slope", edges[0].slope, edges[0].slope_error),
    ("joint effect of the strongest pair in relu2", joint["relu2"][0], "exact"),
    ("joint effect of the strongest pair of pixels", *joint["input"]),
)

# %% [markdown]
# **Read on:** Reing, Ver Steeg and Galstyan, *Making Sense Of Distributed Representations With Activation
# Spectroscopy*, arXiv:2501.15435; O'Donnell, *Analysis of Boolean Functions* (2014), sections 1.2 and 2.2; Pearl,
# *Causality* (2009), section 3.2 (setting is not seeing); Elhage et al., *Toy Models of Superposition*,
# arXiv:2209.10652.
#
# **Open question.** The trace describes the data, the intervention describes the network, both correctly, and they
# disagree. Which of them would you show to somebody who asks why *this* digit was read as a 3, and what would you add?
