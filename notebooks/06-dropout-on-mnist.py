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
# # Dropout on MNIST: does dropping units in training make the code simpler?
#
# **After this lesson you can** say what dropping units does to a Fourier coefficient, and see it exactly in a real
# network; compare networks trained with and without dropout, with an error that means something; and say for each part
# of a claim ("fewer subsets, smaller ones, more redundancy") whether it holds, and under which reading.
#
# **You need** lesson 3, PyTorch (`make lab` has it), and to know what dropout is: in training each unit is switched off
# at rate $p$, anew in every step. 40 minutes; the cells as they stand run in some seconds, without internet.
#
# **Conventions.** A unit is $x_i = +1$ when active and $-1$ when not; a subset $S$ has the parity
# $\chi_S = \prod_{i \in S} x_i$ and the size (degree) $k = |S|$. $\hat f(S)$ is the coefficient of $\chi_S$ with all
# points of the cube equally likely; $W^k = \sum_{|S| = k} \hat f(S)^2$ is the **weight** of degree $k$. $p$ is the
# dropout rate.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch

from actspec_widgets import Patterns, SubNetwork, activation_spectroscopy, load_mnist, record, walsh_hadamard
from actspec_widgets.datasets import load_digits_family
from actspec_widgets.lessons import checks
from actspec_widgets.lessons.claims import what_we_measured
from actspec_widgets.networks import binarise, family_classifier
from actspec_widgets.studies.dropout import STUDY
from actspec_widgets.studies.dropout.trends import by_seed, product_decay, rows_of
from actspec_widgets.views import DropoutLab

# %% [markdown]
# ## 1. Three units, one dropped
#
# Majority of three is $f = \tfrac12 x_0 + \tfrac12 x_1 + \tfrac12 x_2 - \tfrac12 x_0 x_1 x_2$ (lesson 3). Now each unit
# is dropped with probability $p$, and a dropped unit is *set to its mean*: with on and off equally likely, $x_i = 0$.
# What is left on average over all ways of dropping?
#
# **Predict.** At $p = 0.5$: the coefficient of $\{0\}$, and that of $\{0, 1, 2\}$.

# %%
my_guess_single = ...
my_guess_triple = ...


# %%
def averaged_over_drops(f, p):
    """f at all 2**n points (bit i of the index set where x_i = -1), averaged over drops at rate p."""
    g = np.array(f, float)
    for i in range(g.size.bit_length() - 1):
        pairs = g.reshape(-1, 2, 1 << i)  # the two values of unit i side by side
        g = ((1 - p) * pairs + p * pairs.mean(axis=1, keepdims=True)).ravel()
    return g


points = np.array([[1 - 2 * (row >> i & 1) for i in range(3)] for row in range(8)])
majority = np.sign(points.sum(axis=1)).astype(float)
left = walsh_hadamard(averaged_over_drops(majority, p=0.5))
checks.compare_prediction(my_guess_single, left[0b001])
checks.compare_prediction(my_guess_triple, left[0b111])

# %% [markdown]
# A product survives only if *none* of its units is dropped, with probability $(1-p)^k$; otherwise one factor is 0. So
# **dropping at rate $p$ multiplies every coefficient of degree $k$ by $(1-p)^k$**. This is the **noise operator**
# $T_{1-p}$ (O'Donnell, section 2.4; 8.3 for units that are not balanced). Large subsets fade first: that is the theory
# behind "dropout makes the code simpler".
#
# **Exercise 1.** Write $T_{1-p}$ for coefficients as `walsh_hadamard` gives them.


# %% tags=["exercise"]
def my_noise_operator(f_hat, p):
    """f_hat: (2**n,), bit i of the index says whether unit i is in the subset; p: rate -> (2**n,)."""
    return ...


checks.noise_operator(my_noise_operator)

# %% [markdown]
# <details><summary>Hint</summary>np.bitwise_count(np.arange(len(f_hat))) is the size of each subset.</details>
# <details><summary>Solution</summary>
#
# ```python
# def my_noise_operator(f_hat, p):
#     sizes = np.bitwise_count(np.arange(len(f_hat)))
#     return f_hat * (1 - p) ** sizes
#
#
# checks.noise_operator(my_noise_operator)
# ```
# </details>
#
# ## 2. One real network, its units dropped
#
# Eighteen digit classifiers come with the package: six rates of dropout in two hidden layers of 64 units, three seeds
# each. We take one trained *without* dropout and the ten units of its first hidden layer that matter most to the logit
# of the digit 3. Everything else stays as it is for one digit. That is a function on $2^{10} = 1024$ points, small
# enough to know every coefficient.
#
# **Predict.** Now drop these ten units at $p = 0.5$. Which share of the weight of pairs, $W^2$, is left?

# %%
my_guess_pairs_left = ...

# %%
digits = load_mnist()
pixels = torch.from_numpy(binarise(digits.x_train))
model = family_classifier(dropout=0.0)
activations, logit = record(model, "relu1", pixels, output=3)
patterns = Patterns.from_activations(activations)
singles = activation_spectroscopy(patterns, logit, max_degree=1, top=10)
units = [subset[0] for subset in singles.subsets]

cube = np.repeat(patterns.signs()[:1], 2 ** len(units), axis=0)  # one digit; only the ten units move
for bit, unit in enumerate(units):
    cube[:, unit] = 1 - 2 * (np.arange(len(cube)) >> bit & 1)
f = SubNetwork(model, "relu1", pixels, 3).query(cube)
sizes = np.bitwise_count(np.arange(len(f)))
whole, dropped = (walsh_hadamard(g) for g in (f, averaged_over_drops(f, p=0.5)))
by_size = {"whole": np.bincount(sizes, whole**2), "dropped": np.bincount(sizes, dropped**2)}
weights = pd.DataFrame(by_size).loc[1:5]
weights["left"] = weights["dropped"] / weights["whole"]
checks.compare_prediction(my_guess_pairs_left, weights.loc[2, "left"])
weights.rename_axis("degree k").round(6)

# %% [markdown]
# $(1-p)^{2k}$, to the last digit: a weight is a *squared* coefficient. This is algebra, and it holds for every network
# whose units are dropped while it runs.
#
# ## 3. Another network, trained with dropout
#
# Training with dropout is something else. Units are dropped to 0 and the others scaled up, gradient descent arranges
# the weights accordingly, and afterwards nothing is dropped. Does its weight of degree 2 and more fade as $T_{1-p}$
# would have it?
#
# The study has measured this on 55 classifiers (60,000 digits, hidden layers of 256 and 128 units, five seeds), with
# the units drawn independently at their own frequencies so that the theory applies. Its table lies beside this
# notebook; `python -m actspec_widgets.studies dropout --workers 2` makes it again, in an hour and a half of two cores.
#
# **Predict.** In the first hidden layer, the ratio of higher weight to first-degree weight, $W^{\ge 2} / W^1$, changes
# from $p = 0$ to $p = 0.5$ by a factor. $T_{1-p}$ says: about 0.13 (pairs alone would fall to a quarter, larger subsets
# fall faster). What was measured? (1: no change, above 1: it grows)

# %%
my_guess_factor = ...

# %%
table = pd.read_csv("results/dropout.csv")
# logarithms, a line for each seed, a column for each rate
measured, predicted = product_decay(rows_of(table, "hidden", layer="hidden1"))
factor = np.exp(measured[0.5].mean())
factor_error = factor * measured[0.5].sem()
checks.compare_prediction(my_guess_factor, factor, factor_error, within=0.3)

# %% jupyter={"source_hidden": true}
figure, axes = plt.subplots(figsize=(6, 3.2), layout="constrained")
for grid, name, style in (
    (measured, "measured: another network at each rate", "o-"),
    (predicted, "the noise operator", "s--"),
):
    ratio = np.exp(grid.mean())
    axes.errorbar(grid.columns, ratio, ratio * grid.sem(), fmt=style, capsize=3, label=name)
axes.axhline(1, color="#888888", linewidth=0.8)
axes.set(xlabel="dropout rate in training", ylabel="higher weight / first, against p = 0", yscale="log")
axes.legend()
plt.show()

# %% [markdown]
# It goes the other way: the ratio *grows*. A possible reason, which section 4 supports and does not prove: a network
# that keeps losing half of its units spreads what it knows over many of them, so that they back each other up; and
# "this one or that one or the third" is a function of higher degree, not of lower. The theory is right about one
# network whose units are dropped, and says nothing about the network that training with dropout finds.
#
# Each seed is one network at each rate, so the spread over seeds says how sure a trend is; the spread over digits does
# not.
#
# **Exercise 2.** From one line for each seed: the slope over the rate, its mean, and the standard error of that mean.


# %% tags=["exercise"]
def my_slope_over_seeds(values, rates):
    """values: (seeds, r); rates: (r,) -> [mean of the seeds' slopes, its standard error], (2,)."""
    return ...


checks.slope_over_seeds(my_slope_over_seeds)

# %% [markdown]
# <details><summary>Hint</summary>np.polyfit(rates, row, 1)[0] is the slope of one line; the standard error of a mean of
# n numbers is their standard deviation (ddof=1) over the root of n.</details>
# <details><summary>Solution</summary>
#
# ```python
# def my_slope_over_seeds(values, rates):
#     slopes = np.array([np.polyfit(rates, row, 1)[0] for row in values])
#     return np.array([slopes.mean(), slopes.std(ddof=1) / np.sqrt(len(slopes))])
#
#
# checks.slope_over_seeds(my_slope_over_seeds)
# ```
# </details>
#
# ## 4. What the paper says, layer by layer
#
# Reing, Ver Steeg and Galstyan report that with stronger dropout the information concentrates: fewer subsets carry it,
# they get smaller, and redundancy changes. The study reads this as three claims and tests each in three layers, with
# the rule that a slope counts where it differs from 0 at the 0.01 level.
#
# **Predict**, for hidden units dropped: in how many of the three layers (pixels, first hidden, second hidden) do
# *fewer* subsets explain the same share? In how many are they *smaller*? In how many is there *more redundancy*?

# %%
my_guess_fewer = ...
my_guess_smaller = ...
my_guess_redundant = ...

# %%
kinds = ("Information concentrates in fewer subsets", "Subsets get smaller", "Redundancy grows")
findings = [finding for finding in STUDY.findings(table) if "(hidden units dropped" in finding.claim]
verdicts = pd.DataFrame(index=kinds)
for layer in ("pixels", "hidden1", "hidden2"):
    there = [finding for finding in findings if f"{layer})" in finding.claim]
    verdicts[layer] = [next(f.outcome for f in there if f.claim.startswith(kind)) for kind in kinds]
held = (verdicts == "holds").sum(axis=1)
for guess, kind in zip((my_guess_fewer, my_guess_smaller, my_guess_redundant), kinds, strict=True):
    checks.compare_prediction(guess, held[kind], within=0)

deep = rows_of(table, "hidden", layer="hidden2")
columns = {"test accuracy": "accuracy", "subsets for 70 %": "subsets_for_70", "their mean size": "size_for_70"}
print("second hidden layer, by rate:")
print(pd.DataFrame({name: by_seed(deep, column).mean() for name, column in columns.items()}).T.round(3).to_string())
size = by_seed(deep, "size_for_70")
first_step = size[0.1] - size[0.0]
print(f"mean size from rate 0 to 0.1: {first_step.mean():+.2f} ± {first_step.sem():.2f} (seeds)")
verdicts.rename(columns={"hidden1": "first hidden layer", "hidden2": "second hidden layer"})

# %% [markdown]
# The counts above are of layers where *every* reading of a claim agrees; "holds under this reading" means that some do.
# **Fewer: yes**, for a fixed share of the variance in every layer; the second hidden layer needs little more than half
# of the subsets in the end. By all three readings in none: how evenly the squared coefficients spread over a list stays
# as it is. **Smaller: no.** In the second hidden layer they got *larger*; only one of three readings in one layer
# agrees with the claim. **Redundancy: yes** in the hidden layers, in the first of them without more equivalents, which
# fits the picture of units that back each other up; for pixels, which stay what they are whatever is trained on them,
# no trend can be told.
#
# The printed table shows two more things. At high rates the networks also get *worse*: there, fewer subsets may partly
# mean that there is less to explain. (Most of the fall comes earlier, at the same accuracy.) And the sizes do not move
# one way: at 0.1 they rather fall, by more than two of the seeds' standard errors, and grow from there. Somebody who
# tries only 0 and 0.1 reports the opposite.
#
# All verdicts with their numbers, the pixels dropped included, stand in the [ledger](ledger.md).
#
# ## 5. How to fool yourself with two networks
#
# **Predict.** Somebody trains one network without dropout and one with $p = 0.1$, and counts the subsets of the first
# hidden layer that explain half of the variance (the mean over four targets). With the study's five seeds, five people
# could have done so. How many of them would have found fewer at 0.1?

# %%
my_guess_seeds = ...

# %%
counts = by_seed(rows_of(table, "hidden", layer="hidden1"), "subsets_for_50")
saw_fewer = int((counts[0.1] < counts[0.0]).sum())
checks.compare_prediction(my_guess_seeds, saw_fewer, within=0)
rates = counts.columns.to_numpy(float)
slopes = np.polyfit(rates, counts.to_numpy().T, 1)[0]
slope, slope_error = slopes.mean(), slopes.std(ddof=1) / len(slopes) ** 0.5
print(f"over all rates and seeds: {slope:+.2f} ± {slope_error:.2f} subsets per unit of rate")
counts

# %% [markdown]
# From 0 to 0.1 the seeds disagree; over all rates every seed says the same. A picture of two networks is no finding
# about dropout, however small the error bars from the digits are: those are errors of *these two networks*.
#
# **Exercise 3.** The number in this table, from a spectrum's `gains`: how many subsets, in the order in which they were
# chosen, until a share is reached (met exactly counts)?


# %% tags=["exercise"]
def my_subsets_for(gains, share):
    """gains: (k,), what each subset adds; share: a number -> how many reach it; 0 if all are too few."""
    return ...


checks.subsets_for(my_subsets_for)

# %% [markdown]
# <details><summary>Hint</summary>np.cumsum(gains) says what the first 1, 2, 3, ... explain together; which is the first
# that is large enough?</details>
# <details><summary>Solution</summary>
#
# ```python
# def my_subsets_for(gains, share):
#     reached = np.flatnonzero(np.cumsum(gains) >= share)
#     return reached[0] + 1 if len(reached) else 0
#
#
# checks.subsets_for(my_subsets_for)
# ```
# </details>
#
# ## 6. Play
#
# The eighteen networks of the package, a point for each; a click on a point shows its subsets. Choose another *Layer*,
# another *Digit*, another quantity under *Shown against the rate*. For the effective degree the dashed line is what
# $T_{1-p}$ predicts. Then *Train one more* network at a rate of your choice: where will its point fall? (One point
# counts for little, three at one rate for more.)

# %%
lab = DropoutLab()
lab

# %% [markdown]
# ## What we measured

# %%
family = load_digits_family().members
accuracies = pd.DataFrame([(m.dropout, m.accuracy) for m in family]).groupby(0)[1].mean()
what_we_measured(
    ("dropping at p = 0.5 leaves of the weight of pairs (theory: 1/16)", weights.loc[2, "left"], "exact"),
    ("training with p = 0.5: higher weight over first, times (theory: 0.13)", factor, factor_error),
    *((f"{kind}: layers of three in which it holds", held[kind]) for kind in kinds),
    ("subsets for half of a logit, slope over the rate", slope, slope_error),
    ("seeds of five that see fewer subsets at 0.1", saw_fewer),
    (
        "test accuracy of the package's networks without dropout, and at rate 0.7",
        f"{accuracies[0.0]:.1%}, {accuracies[0.7]:.1%}",
    ),
)

# %% [markdown]
# **Read on:** O'Donnell, *Analysis of Boolean Functions* (2014), sections 2.4 and 8.3; Reing, Ver Steeg and Galstyan,
# *Making Sense Of Distributed Representations With Activation Spectroscopy*, arXiv:2501.15435; Srivastava et al.,
# *Dropout: A Simple Way to Prevent Neural Networks from Overfitting*, JMLR 15 (2014), whose picture is that of units
# which must not rely on each other.
#
# **Open question.** Fewer subsets, but larger ones, in units that repeat each other: is that a *simpler* code? Which
# number would you ask for before you call it so?
