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
# # Bring your own model: what do you record, what do you report, and what do you not conclude?
#
# **After this lesson you can** decide what a unit of *your* layer is and where to cut it; fill in one sheet of numbers
# for any torch model, or for any function of switches; and say which conclusions the sheet does not support.
#
# **You need** lesson 3 and PyTorch (`make lab` has it); lessons 5 and 7 help. A model of your own is welcome and not
# needed: we train two. 40 minutes; the cells as they stand run in some seconds, without internet.
#
# **Conventions.** As before: active is $+1$, inactive $-1$, $\chi_S = \prod_{i \in S} x_i$. "Share" is share of
# variance on samples held out of the search. The steps of the **checklist** are numbered as you meet them:
#
# > **1** unit · **2** cut · **3** search · **4** against something simpler · **5** returns · **6** cause · **7** words

# %%
import numpy as np
import pandas as pd
import torch
from IPython.display import Markdown
from torch import nn

from actspec_widgets import (
    Patterns,
    SubNetwork,
    activation_spectroscopy,
    goldreich_levin,
    intervene,
    load_mnist,
    record,
    sparse_transform,
    stability,
)
from actspec_widgets.lessons import checks
from actspec_widgets.lessons.claims import what_we_measured
from actspec_widgets.networks import binarise
from actspec_widgets.views import SpectrumExplorer

# %% [markdown]
# ## 1. Checklist 1: what is a unit?
#
# In a fully connected layer the answer is plain. In a convolution each **channel** gives a whole map, in a transformer
# or a recurrent network each **feature** gives a number at every step. `record(..., pool=...)` makes one number of
# them: "mean", "max", "first", "last", "flatten" (each position a unit of its own), or a function of yours.
#
# A channel gives this map for one image, after its ReLU: $\begin{pmatrix} 0 & 0 \\ 0 & 3 \end{pmatrix}$.
#
# **Predict.** What number does `pool="mean"` make of it, and what does `pool="max"`? With a cut at 1: in which of the
# two is the unit on?

# %%
my_guess_mean = ...
my_guess_max = ...

# %%
tiny = nn.Sequential(nn.ReLU(), nn.Flatten())
image = torch.tensor([[[[-1.0, -2.0], [-1.0, 3.0]]]])  # (1 sample, 1 channel, 2, 2)
by_mean, by_max = (record(tiny, "0", image, output=3, pool=p, unit_axis=1).activations[0, 0] for p in ("mean", "max"))
checks.compare_prediction(my_guess_mean, by_mean)
checks.compare_prediction(my_guess_max, by_max)

# %% [markdown]
# On for "max", off for "mean": two different units under one name. "max" asks *whether* the channel has found
# something, "mean" *how much* of it there is. Neither is right; the sheet says which it was.
#
# **Exercise 1.** Pool by the mean.


# %% tags=["exercise"]
def my_pooled(maps):
    """maps: (m, channels, rows, columns) -> (m, channels)."""
    return ...


checks.pooled(my_pooled)

# %% [markdown]
# <details><summary>Hint</summary>numpy's mean takes several axes at once.</details>
# <details><summary>Solution</summary>
#
# ```python
# def my_pooled(maps):
#     return maps.mean(axis=(2, 3))
#
#
# checks.pooled(my_pooled)
# ```
# </details>
#
# ## 2. Two models
#
# A convolutional network that sees the digit at once, and a recurrent one (a GRU) that reads it from the top, two rows
# at a time. Both are trained here, on the package's 5,000 digits. A second convolutional network differs in the random
# start and in nothing else; we need it later.

# %%
torch.set_num_threads(1)  # on batches this small, more threads only wait for each other
digits = load_mnist()
x_train, x_test = (torch.from_numpy(binarise(x)).reshape(-1, 28, 28) for x in (digits.x_train, digits.x_test))
y_train = torch.from_numpy(digits.y_train.astype(np.int64))
images = torch.cat([x_train, x_test])


def convolutional():
    return nn.Sequential(
        nn.Unflatten(1, (1, 28)),
        nn.Conv2d(1, 16, 5, stride=2),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, stride=2),
        nn.ReLU(),  # layer "4": 32 channels of 5 x 5
        nn.Flatten(),
        nn.Linear(32 * 5 * 5, 10),
    )


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru, self.logits = nn.GRU(56, 64, batch_first=True), nn.Linear(64, 10)

    def forward(self, images):
        states, _ = self.gru(images.reshape(-1, 14, 56))  # two rows at each step
        return self.logits(states[:, -1])  # the state after the last step


def trained(make, epochs, seed=0):
    torch.manual_seed(seed)
    model = make()
    optimiser = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(epochs):
        for part in torch.randperm(len(x_train)).split(128):
            optimiser.zero_grad()
            nn.functional.cross_entropy(model(x_train[part]), y_train[part]).backward()
            optimiser.step()
    return model.eval()


def accuracy(model):
    with torch.no_grad():
        return np.mean(model(x_test).argmax(1).numpy() == digits.y_test)


conv, rows = trained(convolutional, 4), trained(Recurrent, 5)
other_conv = trained(convolutional, 4, seed=1)
for name, model in {"convolutional": conv, "recurrent": rows, "other convolutional": other_conv}.items():
    print(f"{name}: {accuracy(model):.1%} of 1,000 digits that it has not seen")

# %% [markdown]
# ## 3. Checklist 2: where do you cut?
#
# The rule of the other lessons, "active above 0", is the natural one for a ReLU unit. We apply it to the 32 channels of
# the second convolution, pooled by the mean.
#
# **Predict.** How many of the 32 channels are "on" in more than 99 % of the digits?

# %%
my_guess_always_on = ...

# %%
channels, logit = record(conv, "4", images, output=3, pool="mean")
at_zero = Patterns.from_activations(channels, "zero")
always_on = int((np.mean(channels > 0, axis=0) > 0.99).sum())
checks.compare_prediction(my_guess_always_on, always_on, within=3)
nothing = activation_spectroscopy(at_zero, logit, max_degree=2)
Markdown(nothing.summary())

# %% [markdown]
# A channel is above 0 *somewhere* in nearly every image, so the bit is always 1 and says nothing. The method rightly
# finds next to nothing, and the conclusion "this layer does not know about threes" would be wrong. **An empty answer is
# an answer about bits.** So look at how often units are on *before* you search, and compare with what the activations
# themselves can do, before they were cut.
#
# ## 4. Checklist 3 to 6: one sheet for every model
#
# Everything that a reader of your result needs, from one function. It is short; copy it.
#
# **Predict.** Cut at the median, what share of the logit of 3 do single units and pairs explain: of the convolution's
# 32 pooled channels, and of the recurrent network's last state, 64 features?

# %%
my_guess_conv = ...
my_guess_recurrent = ...


# %%
def share(y, predicted):
    return 1 - np.mean((y - predicted) ** 2) / np.var(y)


def sheet(model, layer, inputs, output, pool, threshold):
    """The numbers to report, and what they were computed from."""
    activations, y = record(model, layer, inputs, output=output, pool=pool)
    query = SubNetwork(model, layer, inputs, output, pool=pool, threshold=threshold)
    patterns = Patterns.from_activations(activations, query.thresholds)
    on = np.mean(patterns.signs() > 0, axis=0)
    spectrum = activation_spectroscopy(activations, y, max_degree=2, threshold=query.thresholds)
    singles = activation_spectroscopy(patterns, y, max_degree=1)
    binarised = sum(vanished is True for vanished in spectrum.binarisation)
    half = np.arange(len(y)) % 2 == 0
    design = np.column_stack([np.ones(len(y)), activations])
    fit = np.linalg.lstsq(design[half], y[half], rcond=None)[0]
    again = stability(patterns, y, spectrum, pairs=3)
    largest = [spectrum.subsets[i] for i in np.argsort(-abs(spectrum.coefficients))[:5]]
    slopes = [intervene(query.query, spectrum, s, patterns=patterns, samples=300).slope for s in largest]
    numbers = {
        "1 units": f"{patterns.n_units}, pooled by {pool}",
        "2 cut": f"{threshold}; on in {on.min():.0%} to {on.max():.0%} of the samples",
        "2 constant units": len(patterns.constant_units()),
        "3 subsets examined": f"{spectrum.coverage.examined:,}, up to two units",
        "3 subsets reported": len(spectrum),
        "3 ... claimed as joint, in on/off terms": int(spectrum.joint.sum()),
        "3 ... of these gone beside the activations": binarised,
        "4 share explained": f"{spectrum.explained_variance:.1%} ± {spectrum.explained_variance_error:.1%}",
        "4 ... by single units": f"{singles.explained_variance:.1%} ± {singles.explained_variance_error:.1%}",
        "4 ... by a line through all activations": f"{share(y[~half], design[~half] @ fit):.1%}",
        "4 ... by the network at two levels": f"{share(y, query(patterns.signs())):.1%}",
        "5 a family returns on disjoint halves": f"{float(again.on_disjoint_halves.value):.0%}",
        "5 ... random subsets": f"{float(again.by_chance.value):.0%}",
        "6 slope of interventions, mean of five": f"{np.mean(slopes):.2f}",
    }
    return numbers, spectrum, patterns, y


conv_sheet, conv_spectrum, conv_patterns, conv_y = sheet(conv, "4", images, 3, "mean", "median")
rows_sheet, rows_spectrum, _, rows_y = sheet(rows, "gru", images, 3, "last", "median")
checks.compare_prediction(my_guess_conv, conv_spectrum.explained_variance, within=0.1)
checks.compare_prediction(my_guess_recurrent, rows_spectrum.explained_variance, within=0.1)
pd.DataFrame({"convolutional": conv_sheet, "recurrent": rows_sheet})

# %% [markdown]
# Read it line by line. Line 3 says what was looked at: every single unit and every pair, nothing larger. *Recurrent*:
# the logit is a sum over the last state, the single units say nearly everything, and pairs hardly add to it.
# *Convolutional*: pairs add some points, and yet more than a third of the logit is out of reach even for a line through
# the activations: pooling has thrown away *where* in the image a channel found something. In both, an intervention on
# single units moves the logit less than predicted.
#
# Note *what* is moved: interventions act on the network with every unit at one of two levels. For the recurrent network
# that stand-in is faithful (the line "by the network at two levels"). For the convolution it explains far less of the
# logit than the subsets do, so its slope says little about the real network.
#
# None of these is visible in the list of subsets alone.
#
# ## 5. Checklist 5: what returns?
#
# **Exercise 2.** Of a first list of subsets: which share does a second list hold, too?


# %% tags=["exercise"]
def my_share_returned(first, second):
    """first, second: lists of tuples -> share of the first, 0 to 1; 0 where the first is empty."""
    return ...


checks.share_returned(my_share_returned)

# %% [markdown]
# <details><summary>Hint</summary>Subsets are tuples, so they can be in a set; mind the empty list.</details>
# <details><summary>Solution</summary>
#
# ```python
# def my_share_returned(first, second):
#     return len(set(first) & set(second)) / len(first) if first else 0
#
#
# checks.share_returned(my_share_returned)
# ```
# </details>
#
# **Predict.** Half of the digits give a list of subsets of the convolutional network. Which share of it returns exactly
# (a) from the *same* network and the other half of the digits, (b) from the *other* network, trained from another
# random start, and all digits?

# %%
my_guess_other_half = ...
my_guess_other_network = ...

# %%
halves = np.arange(0, len(conv_y), 2), np.arange(1, len(conv_y), 2)
one, other = (activation_spectroscopy(conv_patterns.take(rows), conv_y[rows], max_degree=2) for rows in halves)
found = one.subsets
other_sheet, other_network, _, _ = sheet(other_conv, "4", images, 3, "mean", "median")
returns = [len(set(found) & set(again.subsets)) / len(found) for again in (other, other_network)]
checks.compare_prediction(my_guess_other_half, returns[0], within=0.1)
checks.compare_prediction(my_guess_other_network, returns[1], within=0.1)
pd.DataFrame({"this network": conv_sheet, "the other": other_sheet})

# %% [markdown]
# From the same network half of the list returns by *name*. Many subsets say nearly the same, so count *families*: what
# correlates by 0.7 or more with the best member is the same. Line 5 of the sheet does so, beside random subsets; report
# that.
#
# Unit 12 of one network has nothing to do with unit 12 of another: numbers of units are names, and names do not carry
# over. What carries over is the *sheet*: how many subsets, how large, how much they explain. So a claim about
# "convolutional networks" needs several trainings, and its error is the spread among *them* (lesson 6).
#
# ## 6. Any function of switches
#
# No torch? `goldreich_levin` and `sparse_transform` take any function of points $(k, n)$ of $\pm 1$: a network in
# another language, a simulation, a rule.
#
# **Predict.** The function is 1 where the switches 2, 5 and 9 of twelve are *all* on, else 0. How many non-empty
# subsets have a coefficient of 0.1 or more in size?

# %%
my_guess_and = ...


# %%
def all_three(points):
    return (points[:, [2, 5, 9]] > 0).all(axis=1).astype(float)


answer = goldreich_levin(all_three, 12, tau=0.1, seed=0)
values = {subset: value for subset, value in zip(answer.subsets, answer.values, strict=True) if subset}
checks.compare_prediction(my_guess_and, len(values), within=0)
print(f"{answer.queries:,} queries")
for subset, value in values.items():
    print(f"  {subset}: {value:+.3f}")

# %% [markdown]
# An AND of three is *eight* parities of $\tfrac18$ each, the empty one included. "Three units jointly" is not one
# coefficient: ask what kind of joint you mean.
#
# **Exercise 3.** Many programs take one setting at a time. Make a query of such a machine.


# %% tags=["exercise"]
def my_query(machine, points):
    """machine: list of n True (on) or False -> a number; points: (k, n) of -1 and +1 -> (k,)."""
    return ...


checks.query(my_query)

# %% [markdown]
# <details><summary>Hint</summary>(point > 0).tolist() is the list for one point.</details>
# <details><summary>Solution</summary>
#
# ```python
# def my_query(machine, points):
#     return np.array([machine((point > 0).tolist()) for point in points])
#
#
# checks.query(my_query)
# ```
# </details>
#
# ## 7. Yours
#
# Put your own function in, or your own model: `sheet(your_model, "its.layer", your_inputs, output, pool, threshold)`
# with any dotted name from `your_model.named_modules()`; or arrays recorded elsewhere,
# `Patterns.from_activations(A, "median")` and `y`.

# %%
n_switches = 12


def my_function(points):
    """points: int8 (k, n_switches), +1 on and -1 off -> (k,). Put your own here."""
    x = points.T
    return 2.0 * x[0] * x[3] - x[5] + 0.5 * x[1] * x[2] * x[7]


mine = sparse_transform(my_function, n_switches, sparsity=8, seed=0)
print(f"{mine.queries:,} queries")
for subset, value in zip(mine.subsets, mine.values, strict=True):
    print(f"  {subset}: {value:+.3f}")

# %% [markdown]
# **Play.** The recurrent network's last state. Move *A unit is on* to another rule: which subsets stay, and does the
# explained variance follow? Lower *Redundancy* to 0.3: how many subsets are left that say something of their own?

# %%
states = record(rows, "gru", images, output=3, pool="last").activations
explorer = SpectrumExplorer(activations=states, outputs=rows_y, output_names=["logit 3"], threshold="median")
explorer

# %% [markdown]
# ## 8. Checklist 7: which words do the numbers carry?
#
# | you have | say | do not say |
# | --- | --- | --- |
# | a coefficient $c$ | "on these samples, others held fixed, the sides differ by $2c$" | "because of" |
# | a slope | "set by hand, units moved the output so far" | "real inputs would": most such patterns never occur |
# | a slope, two levels that explain little | "in the stand-in of two levels" | "in the network" |
# | a joint part | "joint in on/off terms, on these samples" | "the network combines them" |
# | the subsets examined | "all up to two units; larger ones were not looked at" | "there is no larger one" |
# | a cut, and the share without it | "of these bits", the rule, how often units are on | "the layer does not know" |
# | one trained network | "this network" | "convolutional networks", "models of this size" |
# | an empty list | "nothing stood out, with these samples and this cut" | "there is nothing" |
#
# And three that are not about statistics. A list of subsets is **no safety certificate**: what was not found can still
# be there, and what was found says nothing about inputs of another kind. It is **no judgement of people**: where inputs
# or outputs concern persons, subsets describe a model on a sample, and they explain or justify no decision about
# anybody; say whose data they are, who agreed to that use, how the errors differ between groups, and who can object.
# And a **name for a subset** ("the loop of the three") is a hypothesis of yours: give it with the test that could
# refute it.
#
# ## What we measured

# %%
what_we_measured(
    ("channels that are on in more than 99 % of the digits, cut at 0", f"{always_on} of 32"),
    ("subsets that stand out after that cut", len(nothing)),
    ("convolutional, cut at the median", conv_spectrum.explained_variance, conv_spectrum.explained_variance_error),
    ("recurrent, cut at the median", rows_spectrum.explained_variance, rows_spectrum.explained_variance_error),
    ("subsets that return, by name, on the other half of the digits", f"{returns[0]:.0%} of {len(found)}"),
    ("subsets that return in another training", f"{returns[1]:.0%} of {len(found)}"),
    ("subsets in an AND of three switches, the empty one left out", len(values)),
)

# %% [markdown]
# **Read on:** the cautions in Reing, Ver Steeg and Galstyan, *Making Sense Of Distributed Representations With
# Activation Spectroscopy*, arXiv:2501.15435; Mitchell et al., *Model Cards for Model Reporting*, arXiv:1810.03993;
# Rudin, *Stop Explaining Black Box Machine Learning Models for High Stakes Decisions*, arXiv:1811.10154; Pearl,
# *Causality* (2009).
#
# **Open question.** Which number on your sheet would have to change, and by how much, for you to withdraw what you say
# about your model?
