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
# # From pixels to subsets: what does a digit classifier look at *jointly*?
#
# **After this lesson you can** say what a parity of units is and what its character mean tells; find the subsets
# of pixels that matter to one output of a trained network, with error bars; and say why the largest number in a
# long list is not yet a finding.
#
# **You need** Python with numpy, and to know what a mean and a standard error are. Half an hour; the cells as they
# stand run in about a minute, without network.
#
# **Conventions.** A unit (here: a pixel) is $x_i = +1$ when active (ink) and $-1$ when not. A subset $S$ is a sorted
# tuple of unit numbers. Its *parity* or *character* is $\chi_S(x) = \prod_{i \in S} x_i$. Over recorded data,
# $c(S) = \mathbb{E}_{\text{data}}[\,y\,\chi_S(x)\,]$ is its **character mean** for a target $y$.

# %%
import numpy as np

from actspec_widgets import Patterns, activation_spectroscopy, character_means, load_mnist, record, scan, walsh_hadamard
from actspec_widgets.lessons import checks

# %% [markdown]
# ## 1. Three units, by hand
#
# Majority of three: $f(x) = \operatorname{sign}(x_0 + x_1 + x_2)$. Its eight values, in the order in which bit $i$ of
# the row number is set where $x_i = -1$:

# %%
points = np.array([[1 - 2 * (row >> i & 1) for i in range(3)] for row in range(8)])
majority = np.sign(points.sum(axis=1)).astype(float)
print(np.column_stack([points, majority]).astype(int))

# %% [markdown]
# **Predict.** With all eight points equally likely, what is the coefficient of $\{0\}$: the mean of
# $f(x)\,x_0$? And of the pair $\{0, 1\}$? Write your guesses in place of the `...`.

# %%
my_guess_single = ...
my_guess_pair = ...

# %%
f_hat = walsh_hadamard(majority)  # bit i of the index says whether unit i is in the subset
checks.compare_prediction(my_guess_single, f_hat[0b001])
checks.compare_prediction(my_guess_pair, f_hat[0b011])
for mask, value in enumerate(f_hat):
    print([i for i in range(3) if mask >> i & 1], value)

# %% [markdown]
# Six of eight points have $x_0$ on the winning side: $6/8 - 2/8 = 1/2$. Pairs cancel exactly. But the *triple* has
# $-1/2$: majority is more than the sum of its votes, and the triple is the part that no single unit shows.
# (O'Donnell, *Analysis of Boolean Functions*, section 1.2.)
#
# ## 2. The same number from recorded data
#
# On real data nobody hands us all $2^n$ points: we have $m$ samples, drawn as the world draws them.
#
# **Exercise 1.** Fill in the definition of the character mean.


# %% tags=["exercise"]
def my_character_mean(X, y, subset):
    """X: (m, n) of -1/+1; y: (m,); subset: tuple of column numbers -> one number."""
    return ...


checks.character_mean(my_character_mean)

# %% [markdown]
# <details><summary>Hint</summary>Multiply the subset's columns, multiply by y, take the mean.</details>
# <details><summary>Solution</summary>
#
# ```python
# def my_character_mean(X, y, subset):
#     return np.mean(y * X[:, list(subset)].prod(axis=1))
#
#
# checks.character_mean(my_character_mean)
# ```
# </details>
#
# ## 3. Real digits, a real network
#
# Six thousand handwritten digits come with the package. We make them black and white, so that the network really is
# a function of on/off units, and train a small classifier on five thousand.

# %%
from actspec_widgets.networks import accuracy, binarise, train_digits

digits = load_mnist()
x_train = binarise(digits.x_train)  # ink is +1, paper is -1
model = train_digits(seed=0)
score = accuracy(model, digits.x_test, digits.y_test)
print(f"accuracy on {len(digits.x_test):,} digits it has not seen: {score:.1%}")

# %% [markdown]
# `record` runs the network and keeps what we ask for: the units of one layer (here the input: the pixels) and one
# output (here the logit of the digit 3: how strongly the network says "3").

# %%
pixels, logit = record(model, "input", x_train, output=3)
patterns = Patterns.from_activations(pixels)
print(patterns, "- logit from", logit.min().round(1), "to", logit.max().round(1))

# %% [markdown]
# **Predict.** A digit is drawn in a square of 28 x 28 = 784 pixels. How many of them never change over these
# 5,000 digits?

# %%
my_guess_constant = ...

# %%
checks.compare_prediction(my_guess_constant, len(patterns.constant_units()), within=40)

# %% [markdown]
# A constant pixel added to a subset changes at most its sign: $\chi_{S \cup \{i\}} = \pm\chi_S$. That is the simplest
# case of **redundancy**, the same information under two names.
#
# ## 4. The longest list is not a finding
#
# All single pixels and all pairs, the largest first:

# %%
found = scan(patterns, logit, max_degree=2, top=1000)
found

# %% [markdown]
# Look at the subsets, not only at the numbers: many share a pixel, or hold neighbours. How many *different* things
# does this list say?
#
# **Exercise 2.** Two subsets say the same where their parities agree: $\rho(S, T) =
# \mathbb{E}_{\text{data}}[\chi_S\,\chi_T]$ is near $+1$ or $-1$.


# %% tags=["exercise"]
def my_agreement(X, S, T):
    """X: (m, n) of -1/+1; S, T: tuples of column numbers -> the mean of chi_S chi_T."""
    return ...


checks.agreement(my_agreement)

# %% [markdown]
# <details><summary>Hint</summary>chi_S chi_T is itself a parity: which units are left once pairs cancel?</details>
# <details><summary>Solution</summary>
#
# ```python
# def my_agreement(X, S, T):
#     left = sorted(set(S) ^ set(T))
#     return np.mean(X[:, left].prod(axis=1))
#
#
# checks.agreement(my_agreement)
# ```
# </details>
#
# And a second trap: with too few samples the largest of 307,720 numbers is large by luck. Here the same
# scan sees only 100 digits; then we measure its winner on the 4,900 others.

# %%
few, rest = patterns.take(np.arange(0, 5000, 50)), patterns.take(np.flatnonzero(np.arange(5000) % 50))
winner = scan(few, logit[::50], max_degree=2, top=1)
centred = logit[np.arange(5000) % 50 != 0] - logit[np.arange(5000) % 50 != 0].mean()
fresh = character_means(rest, centred, winner.subsets)
print("the winner", winner.subsets[0])
print(f"on the 100 digits that chose it: {winner.values[0]:+.2f} ± {winner.standard_errors[0]:.2f}")
print(f"on the 4,900 others:             {fresh.values[0]:+.2f} ± {fresh.standard_errors[0]:.2f}")

# %% [markdown]
# The first error bar looks honest and is not: it does not know that the subset won a contest. So: **search on one part,
# measure on the other**, and correct the p-value for the number of subsets that took part in the contest.
#
# ## 5. Activation spectroscopy
#
# `activation_spectroscopy` does all of this: it searches on half of the samples, keeps subsets that are large *and* not
# redundant with those kept before, and measures them on the other half.
#
# **Predict.** What share of the logit's variance will the 20 best subsets of at most two pixels explain, on digits that
# were not searched? (0 to 1)

# %%
my_guess_share = ...

# %%
spectrum = activation_spectroscopy(patterns, logit, max_degree=2)
checks.compare_prediction(my_guess_share, spectrum.explained_variance, spectrum.explained_variance_error, within=0.1)
print(spectrum.summary())

# %%
spectrum.to_frame()[["subset", "degree", "coefficient", "standard_error", "p_value", "gain"]].round(4)

# %% [markdown]
# Now look at them where they live. Click a bar; move the sliders; choose another digit.

# %%
from actspec_widgets.views import SpectrumExplorer

explorer = SpectrumExplorer(model=model, layer="input", inputs=x_train, image_shape=(28, 28))
explorer

# %% [markdown]
# `explorer.spectrum` and `explorer.selection` come back as data; `explorer.selection = spectrum.subsets[0]` selects
# from here.
#
# ## 6. Does the network agree?
#
# A coefficient is measured on digits as they come. The network itself can be asked what happens when just one pixel
# of a subset flips: `SubNetwork` is the rest of the network, from this layer to this logit.

# %%
from actspec_widgets import SubNetwork, intervene

network = SubNetwork(model, "input", x_train, 3)
points = patterns.signs()[:1000]
assert np.allclose(network.query(points), logit[:1000], atol=1e-4)  # the digits themselves: the same logit

for subset in spectrum.subsets[:5]:
    found = intervene(network.query, patterns, spectrum, subset, kind="flip", samples=1000, seed=0)
    print(f"flip a pixel of {subset}: the logit moves {found.slope:+.3f} ± {found.slope_error:.3f} as far as predicted")

# %% [markdown]
# A factor near 1 would mean that the subset is the *cause*; near 0, that it stands for other pixels that usually go
# along with it. Neighbouring pixels are drawn by the same stroke: on data, one of them speaks for all.
#
# ## What we measured
#
# | claim | here |
# | --- | --- |
# | majority of three has weight on single units and on the triple, none on pairs | section 1, exactly |
# | the winner of a long contest is overrated on the data that chose it | section 4: compare the two lines |
# | a few non-redundant subsets explain most of a logit | section 5: `explained_variance` with its error |
# | a large coefficient on data is not yet a cause | section 6: the factors |
#
# **Read on:** O'Donnell, *Analysis of Boolean Functions* (2014), chapters 1 to 3; Reing, Ver Steeg and Galstyan,
# *Making Sense Of Distributed Representations With Activation Spectroscopy*, arXiv:2501.15435.
#
# **Open question.** The same logit could be explained by single pixels alone. By what right do we call a *pair* a
# feature? What would you measure to decide?
