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
# # Signs, parities, spectra: what do units say only *together*?
#
# **After this lesson you can** turn a layer into signs, say what a parity of units is and what its mean tells; find the
# subsets of pixels whose parities go with one output of a trained network, with error bars; say whether a code is
# *distributed*, and by which test; and say why the largest number in a long list is not yet a finding.
#
# **You need** Python with numpy and PyTorch (`make lab` has both), and to know what a mean and a standard error are.
# 45 minutes; the cells as they stand run in some seconds, without internet.
#
# **Conventions.** A unit is $x_i = +1$ when it is active and $-1$ when it is not. A subset $S$ is a sorted tuple of
# unit numbers. Its **parity** (or character) is the product $\chi_S(x) = \prod_{i \in S} x_i$; that of the empty
# subset is 1. Errors are one standard error.

# %%
import numpy as np
from IPython.display import Markdown

from actspec_widgets import Patterns, activation_spectroscopy, character_means, load_mnist, record, scan, walsh_hadamard
from actspec_widgets.lessons import checks
from actspec_widgets.lessons.claims import what_we_measured

# %% [markdown]
# ## 1. Three units, by hand
#
# Three voters say $+1$ or $-1$, and the majority wins: $f(x) = \operatorname{sign}(x_0 + x_1 + x_2)$. Its eight values,
# in the order in which bit $i$ of the row number is set where $x_i = -1$:

# %%
points = np.array([[1 - 2 * (row >> i & 1) for i in range(3)] for row in range(8)])
majority = np.sign(points.sum(axis=1)).astype(float)
print(np.column_stack([points, majority]).astype(int))

# %% [markdown]
# The **coefficient** $\hat f(S)$ of a subset is the mean of $f(x)\,\chi_S(x)$ over all eight points, each equally
# likely.
#
# **Predict.** What is the coefficient of $\{0\}$, the mean of $f(x)\,x_0$? And that of the pair $\{0, 1\}$? Count in
# the table above, and write your guesses in place of the `...`.

# %%
my_guess_single = ...
my_guess_pair = ...

# %%
f_hat = walsh_hadamard(majority)  # bit i of the index says whether unit i is in the subset
checks.compare_prediction(my_guess_single, f_hat[0b001])
checks.compare_prediction(my_guess_pair, f_hat[0b011])
for mask, value in enumerate(f_hat):
    print(f"{tuple(i for i in range(3) if mask >> i & 1)!s:10} {value:+.2f}")

# %% [markdown]
# Voter 0 is on the winning side in six of the eight rows: $6/8 - 2/8 = 1/2$. For pairs the rows cancel exactly. But
# the *triple* has $-1/2$: majority is more than the sum of its votes, and the triple is the part that no single voter
# shows.
#
# These eight numbers, the **spectrum**, say everything about $f$. It is their sum, each times its parity:
# $f(x) = \tfrac12 x_0 + \tfrac12 x_1 + \tfrac12 x_2 - \tfrac12 x_0 x_1 x_2$. And their squares add up to the mean of
# $f^2$, here 1 (Parseval's theorem), so a square is the share of $f$ that a subset carries.
#
# **Predict.** What share of the majority's variance do the three single votes carry, without the triple? (0 to 1)
#
# **Play** then: the next cell shows 1,000 random votes of three voters and of three bystanders, units 3 to 5, whose
# votes do not count. Drag *Largest size* from 1 to 2, then to 3, and watch the share in the title: pairs add nothing,
# and the triple adds all that is missing.

# %%
my_guess_share_of_votes = ...

# %%
from actspec_widgets.views import SpectrumExplorer

checks.compare_prediction(my_guess_share_of_votes, sum(f_hat[[0b001, 0b010, 0b100]] ** 2))

rng = np.random.default_rng(0)
votes = rng.choice([-1, 1], (1000, 6))
outcome = np.sign(votes[:, :3].sum(axis=1)).astype(float)
voting = SpectrumExplorer(activations=Patterns.from_signs(votes), outputs=outcome, max_degree=1)
voting

# %% [markdown]
# ## 2. The same numbers from a recorded layer
#
# A real layer differs in two ways. Its units are numbers, not signs: we have to say when a unit counts as active. And
# nobody hands us all $2^n$ points: we have $m$ samples, as the world draws them.
#
# **Exercise 1.** Turn activations into signs. A unit is active *above* its threshold.


# %% tags=["exercise"]
def my_signs(A, threshold):
    """A: float activations, (m, n); threshold: a number -> (m, n) of +1 (active) and -1."""
    return ...


checks.signs(my_signs)

# %% [markdown]
# <details><summary>Hint</summary><code>np.where(condition, a, b)</code> chooses between two values, entry by entry. A
# ReLU unit that is off says exactly 0: it must not count as active at threshold 0.</details>
# <details><summary>Solution</summary>
#
# ```python
# def my_signs(A, threshold):
#     return np.where(A > threshold, 1, -1)
#
#
# checks.signs(my_signs)
# ```
# </details>
# <br>
#
# **Exercise 2.** Over recorded samples, the number to look at is the **character mean**
# $c(S) = \mathbb{E}_{\text{data}}[\,y\,\chi_S(x)\,]$ for a target $y$. Fill in its definition.


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
# <br>
#
# We call it a mean and not a coefficient on purpose: real patterns are not all equally likely, and then parities
# overlap and Parseval's theorem does not hold. For our random votes the two agree, up to chance.
#
# The standard error of a mean of 1,000 numbers that are $+1$ or $-1$ is about $1/\sqrt{1000} = 0.03$.

# %%
character_means(Patterns.from_signs(votes), outcome, [(0,), (0, 1), (0, 1, 2)])

# %% [markdown]
# ## 3. Real digits, a real network
#
# Six thousand handwritten digits come with the package. We make them black and white, so that the network really is a
# function of on/off units, and train a small classifier on five thousand. `record` then runs the network and keeps
# what we ask for: the units of one layer (here the first one, the 28 x 28 = 784 pixels) and one output (here the
# logit of the digit 3: how strongly the network says "3"). `Patterns` holds the signs, one bit each.
#
# **Predict.** How many of the 784 pixels never change over these 5,000 digits?

# %%
my_guess_constant = ...

# %%
from actspec_widgets.networks import accuracy, binarise, train_digits

digits = load_mnist()
x_train = binarise(digits.x_train)  # ink is +1, paper is -1
model = train_digits(seed=0)
score = accuracy(model, digits.x_test, digits.y_test)
print(f"accuracy on {len(digits.x_test):,} digits it has not seen: {score:.1%}")

pixels, logit = record(model, "input", x_train, output=3)
patterns = Patterns.from_activations(pixels)
print(patterns, "- logit from", logit.min().round(1), "to", logit.max().round(1))
checks.compare_prediction(my_guess_constant, len(patterns.constant_units()), within=40)

# %% [markdown]
# A constant pixel added to a subset changes at most its sign: $\chi_{S \cup \{i\}} = \pm\chi_S$. That is the simplest
# case of **redundancy**, the same information under two names. The general case:
#
# **Exercise 3.** Two subsets say the same where their parities agree:
# $\rho(S, T) = \mathbb{E}_{\text{data}}[\chi_S\,\chi_T]$ is near $+1$ or $-1$.


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
# ## 4. The largest number is not a finding
# `scan` ranks all single pixels and all pairs by the size of their character means. Two traps wait here.
#
# With few samples, the largest of 307,720 numbers is large partly by luck. The next cell first lets the scan see only
# 100 digits, and then measures its winner on the 4,900 others. **Predict** in words: what will change?
#
# And with all samples, the list says few things many times: look for the pixel that comes again and again, each time
# with another that hardly ever changes.

# %%
few, rest = np.arange(0, 5000, 50), np.flatnonzero(np.arange(5000) % 50)
winner = scan(patterns.take(few), logit[few], max_degree=2, top=1)
fresh = character_means(patterns.take(rest), logit[rest] - logit[rest].mean(), winner.subsets)
print("the winner", winner.subsets[0])
print(f"on the 100 digits that chose it: {winner.values[0]:+.2f} ± {winner.standard_errors[0]:.2f}")
print(f"on the 4,900 others:             {fresh.values[0]:+.2f} ± {fresh.standard_errors[0]:.2f}")
print("\nAll 5,000 digits, the largest of all singles and pairs:")
scan(patterns, logit, max_degree=2, top=8)

# %% [markdown]
# The first error bar looks honest and is not: it does not know that the subset won a contest. So: **measure on samples
# that took no part**, or **correct the p-value** for the number of subsets that took part in the contest. (Lesson 5 is
# about this.)
#
# ## 5. Activation spectroscopy
#
# `activation_spectroscopy` does all of this: it searches all samples for subsets that explain the target *together*,
# none redundant with the others, and keeps those whose corrected p-value is below 0.05. The share that they explain is
# judged on a fifth of the samples, by a search that has not seen it.
#
# **Predict.** What share of the logit's variance will the 20 best subsets of at most two pixels explain, on digits that
# were not searched? (0 to 1)

# %%
my_guess_share = ...

# %%
spectrum = activation_spectroscopy(patterns, logit, max_degree=2)
checks.compare_prediction(my_guess_share, spectrum.explained_variance, spectrum.explained_variance_error, within=0.1)
Markdown(spectrum.summary())

# %% [markdown]
# A code is **localised** where single units say it, and **distributed** where units say together what none of them says
# alone. (Spread over many units is not enough: each may say its own part.) The lamp of lesson 0 is wholly distributed,
# majority by a quarter: $1 - \tfrac34$ is on the triple.
#
# For data, the summary's share of the squared weight that single units hold is only a *hint*: pairs that overlap with
# single units can stand in for them. The test is whether the best *single* units explain as much.
#
# **Predict.** Is this layer distributed? What share of the variance will the 20 best single pixels explain? (0 to 1)

# %%
my_guess_singles = ...

# %%
singles = activation_spectroscopy(patterns, logit, max_degree=1)
checks.compare_prediction(my_guess_singles, singles.explained_variance, singles.explained_variance_error)
for name, found in (("up to two pixels", spectrum), ("single pixels", singles)):
    print(f"20 subsets, {name}: {found.explained_variance:.1%} ± {found.explained_variance_error:.1%}")

pairs = sum(len(subset) == 2 for subset in spectrum.subsets)
print(f"\n{spectrum.joint.sum()} of the {pairs} pairs are claimed as joint")
by_size = np.argsort(-abs(spectrum.coefficients))
adds = next(i for i in by_size if np.isfinite(spectrum.joint_parts[i]) and not spectrum.joint[i])
joins = max(np.flatnonzero(spectrum.joint), key=lambda i: abs(spectrum.joint_parts[i]))
for name, place in (("a strong pair", adds), ("the strongest joint pair", joins)):
    pair = spectrum.subsets[place]
    ink = patterns.signs()[:, pair]
    print(f"\n{name}, {spectrum.label(pair)}: coefficient {spectrum.coefficients[place]:+.2f}, ", end="")
    print(f"joint part {spectrum.joint_parts[place]:+.2f} ± {spectrum.joint_errors[place]:.2f}")
    for corner, where in zip(((1, 1), (1, -1), (-1, 1), (-1, -1)), ("both", "first", "second", "none"), strict=True):
        cell = logit[(ink == corner).all(axis=1)]
        print(f"  ink at {where:7} mean logit {cell.mean():+.1f}, {len(cell):,} digits")

# %% [markdown]
# They explain as much, within the errors, although single pixels hold a small part of the weight. So, as far as pairs
# go, hardly anything here shows a distributed code: many pixels, and each says its own part.
#
# How can a pair that is *no* joint feature get a large coefficient? Look at the first one's four means. If two pixels
# only add up, then $\tfrac14 (f_{++} - f_{+-} - f_{-+} + f_{--})$, the *joint part*, is 0. Here ink at either pixel
# raises the logit, at both by nearly the sum. Both are rare, so their parity is $-1$ nearly only where *one* of them
# has ink: a sum of rarely active units looks like a product, and one pair does the work of two single pixels.
#
# So a subset is called **joint** only by its joint part: what its product adds to a model that also holds its units
# alone, and all other subsets reported. Where fewer than ten digits show one of the four combinations
# (`spectrum.smallest_cells`), nobody can tell, and nothing is claimed. The second pair passes: how much
# ink at its first pixel raises the logit depends on the second. That is joint *in on/off terms*, on these digits;
# section 6 asks the network.
#
# Now look at the subsets on the digit. **Play:** click a bar and find its pixels on the digit. Choose the logit of
# another digit. Set *Largest size* to 1: how much of the share is left? Set it back and lower *Redundancy* to 0.3:
# which bars go?

# %%
explorer = SpectrumExplorer(model=model, layer="input", inputs=x_train, image_shape=(28, 28), logit=3)
explorer

# %% [markdown]
# `explorer.spectrum` and `explorer.selection` come back as data; `explorer.selection = spectrum.subsets[0]` selects
# from here.
#
# ## 6. Does the network agree?
#
# A coefficient is measured on digits as they come. The network itself can be asked what happens when just one pixel
# of a subset flips: `SubNetwork` is the rest of the network, from this layer to this logit.
#
# **Predict.** The spectrum predicts how far the logit then moves. How much of the predicted move will the network make?
# (1: all of it; 0: none.)

# %%
my_guess_factor = ...

# %%
from actspec_widgets import SubNetwork, intervene

network = SubNetwork(model, "input", x_train, 3)
largest = sorted(range(len(spectrum)), key=lambda i: -abs(spectrum.coefficients[i]))[:5]
flips = [
    intervene(network.query, spectrum, spectrum.subsets[i], patterns=patterns, kind="flip", seed=0) for i in largest
]
checks.compare_prediction(my_guess_factor, np.mean([flip.slope for flip in flips]), within=0.1)
print("flip one pixel of a subset: how much of the predicted move the logit makes")
for i, flip in zip(largest, flips, strict=True):
    print(f"  {spectrum.label(spectrum.subsets[i]):10} {flip.slope:.3f} ± {flip.slope_error:.3f}")

# %% [markdown]
# A factor near 1 would mean that flipping one of its pixels does what the coefficient says; near 0, that the subset
# stands for other pixels that usually go along with it. Neighbouring pixels are drawn by the same stroke: on data, one
# of them tells about all of them.
#
# ## What we measured

# %%
what_we_measured(
    ("majority of three: a single vote (section 1)", f_hat[0b001], "exact"),
    ("a pair of votes", f_hat[0b011], "exact"),
    ("the triple, which no single vote shows", f_hat[0b111], "exact"),
    (
        "winner of a long contest, on the 100 digits that chose it (section 4)",
        winner.values[0],
        winner.standard_errors[0],
    ),
    ("the same on 4,900 others", fresh.values[0], fresh.standard_errors[0]),
    (
        "share of a logit that 20 subsets explain (section 5)",
        spectrum.explained_variance,
        spectrum.explained_variance_error,
    ),
    ("share that 20 single pixels explain", singles.explained_variance, singles.explained_variance_error),
    ("pairs claimed as joint", f"{spectrum.joint.sum()} of {pairs}"),
    (
        "joint part of a strong pair; 0 where two pixels only add up",
        spectrum.joint_parts[adds],
        spectrum.joint_errors[adds],
    ),
    ("joint part of the strongest joint pair", spectrum.joint_parts[joins], spectrum.joint_errors[joins]),
    (
        "a pixel of the largest subset flips: share of the predicted move (section 6)",
        flips[0].slope,
        flips[0].slope_error,
    ),
)

# %% [markdown]
# **Read on:** O'Donnell, *Analysis of Boolean Functions* (2014): section 1.2 has the expansion of majority, 1.3 the
# parities, 1.4 Parseval's theorem, 2.1 majority as a voting rule. The method: Reing, Ver Steeg and Galstyan, *Making
# Sense Of Distributed Representations With Activation Spectroscopy*, arXiv:2501.15435.
#
# **Open question.** Majority is distributed by a quarter, the lamp wholly, this layer hardly. Which number would you
# report for a layer of your own, so that nobody mistakes two single units for a pair?
