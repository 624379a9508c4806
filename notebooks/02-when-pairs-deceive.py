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
# # When pairs deceive: which pixels say something about a digit *together*?
#
# **After this lesson you can** read the picture of a recorded network's spectrum: which subsets hold and which do not,
# how much they say, and how sure that is; and tell from one number whether pairs say more than single units.
#
# **You need** lesson 0 (lesson 1 helps). 25 minutes; the cells as they stand run in some seconds, without internet and
# without PyTorch.
#
# **Conventions.** A unit (here: a pixel) is $+1$ when it is active (ink) and $-1$ when it is not. Errors (±) are one
# standard error.

# %%
import numpy as np
from IPython.display import Markdown

from actspec_widgets import Patterns, activation_spectroscopy
from actspec_widgets.datasets import load_example
from actspec_widgets.lessons import checks
from actspec_widgets.lessons.claims import what_we_measured
from actspec_widgets.views import SpectrumExplorer

# %% [markdown]
# ## 1. The picture
#
# The package brings 6,000 handwritten digits and what a small trained network said about each. Which single pixels and
# pairs of pixels carry its logit of "3", that is, how strongly it says "3"? All digits are searched. Then the search is
# repeated on four fifths of them, and the last fifth says how much its answer explains. At most 20 subsets are
# reported. Compare everything you see with the share of single pixels.
#
# **Predict.** Most of the 20 will be *pairs*: two pixels of which it matters whether they agree, both ink or both blank
# (section 2 calls that their parity). How many of these are claimed as *joint*: the two say more than each on its own?

# %%
my_guess_joint = ...

# %%
example = load_example()
names = [f"row {pixel // 28} column {pixel % 28}" for pixel in range(784)]
patterns = Patterns.from_activations(example.pixels(), unit_names=names)  # 6,000 digits, 784 pixels, one bit each
logit = example.logits[:, 3]
spectrum = activation_spectroscopy(patterns, logit, max_degree=2)

pairs, joint = sum(len(subset) == 2 for subset in spectrum.subsets), int(spectrum.joint.sum())
checks.compare_prediction(my_guess_joint, joint, within=2)
print(f"{len(spectrum)} subsets, {pairs} of them pairs, {joint} of these claimed as joint")
Markdown(spectrum.summary())

# %% [markdown]
# The first sentence says how much: the subsets explain hardly more, on digits that were not searched, than single
# pixels alone. The second says how many act jointly, the third which are strongest among those that can be claimed.
# `spectrum.summary(full=True)` says what each claim rests on.
#
# Why are most pairs not called joint? Ink is rare at most pixels, and a sum of rarely active units looks like a
# product: the parity of two such pixels is $-1$ nearly only where *one* of them has ink. So *joint* is said only where
# the product adds to a model that also holds each pixel alone and the rest of the list, and where ten digits or more
# show each on/off combination. It means joint *in on/off terms*, on these digits (lesson 3, sections 5 and 6). The
# picture below asks more: it has also changed these pixels and run the network. So it calls fewer subsets firm than the
# list does: a pair can go with the logit on recorded digits and still not move the network.
#
# Now the picture, one bar for each subset. **Play:**
#
# - The longest bars are pairs of far-off pixels, faint and hatched: **they do not hold**. Click one: its length
#   rests on the few digits, often five or fewer, that show its rarest on/off combination. Then click {318},
#   a single pixel: the network does move with it, a sixth as far as the recorded digits suggest.
# - Drag *Largest size* to 1: single pixels only. Which share do 20 of them explain? Are you surprised?
# - Choose another *Logit*. Do the same pixels come back?

# %%
explorer = SpectrumExplorer(layer="pixels", logit=3)  # a layer of this example, opened by name
explorer

# %% [markdown]
# ## 2. What a bar means: the lamp once more, by hand
#
# The lamp of [lesson 0](00-words-that-act-together.ipynb) burns ($y = +1$) when both switches point the same way, and
# is dark ($y = -1$) when they do not:
#
# | $x_0$ | $x_1$ | $y$ |
# | --- | --- | --- |
# | $+1$ | $+1$ | $+1$ |
# | $-1$ | $+1$ | $-1$ |
# | $+1$ | $-1$ | $-1$ |
# | $-1$ | $-1$ | $+1$ |
#
# **Predict.** Now from a *list of mornings*: the mean of $y\,x_0$ over these four rows, and the mean of $y\,x_0 x_1$?

# %%
my_guess_alone = ...
my_guess_together = ...

# %%
X = np.array([[+1, +1], [-1, +1], [+1, -1], [-1, -1]])
y = np.array([+1, -1, -1, +1])
checks.compare_prediction(my_guess_alone, np.mean(y * X[:, 0]))
checks.compare_prediction(my_guess_together, np.mean(y * X[:, 0] * X[:, 1]))

# %% [markdown]
# As with the clicks: alone nothing, together everything. A search of one unit at a time would throw both away. The
# product of some units is called their **parity**; a bar is about the parity of its pixels.
#
# On recorded data, too, one number comes first: how much do the best single units say without any pair? That was the
# slider in section 1.
#
# **Exercise 1.** The parity of any subset.


# %% tags=["exercise"]
def my_parity(X, subset):
    """X: (m, n) of -1/+1; subset: tuple of column numbers -> (m,) the product of these columns."""
    return ...


checks.parity(my_parity)

# %% [markdown]
# <details><summary>Hint</summary><code>X[:, list(subset)]</code> picks the columns; arrays have a method
# <code>prod</code>.</details>
# <details><summary>Solution</summary>
#
# ```python
# def my_parity(X, subset):
#     return X[:, list(subset)].prod(axis=1)
#
#
# checks.parity(my_parity)
# ```
# </details>
# <br>
#
# **Exercise 2.** A bar of length $c$ stands for a term $c \cdot \text{parity}$ of a sum that *predicts* the logit. By
# how much does the *prediction* change when that parity turns from $-1$ to $+1$ and all else stays? (Whether the
# network obeys is another question: lesson 3, section 6, asks it.)


# %% tags=["exercise"]
def my_swing(coefficient):
    """coefficient: c, a number -> how much the prediction rises, a number."""
    return ...


checks.swing(my_swing)

# %% [markdown]
# <details><summary>Hint</summary>What is the term at parity +1, and what at parity -1?</details>
# <details><summary>Solution</summary>
#
# ```python
# def my_swing(coefficient):
#     return 2 * coefficient
#
#
# checks.swing(my_swing)
# ```
# </details>
#
# ## 3. Does it ever say "nothing"?
#
# A method that always finds something is worth nothing. So we shuffle the logits among the digits: now no pixel can
# have anything to do with them.
#
# **Predict.** How many of the 198,765 single pixels and pairs will be reported?

# %%
my_guess_false = ...

# %%
shuffled = np.random.default_rng(0).permutation(logit)
nothing = activation_spectroscopy(patterns, shuffled, max_degree=2)
checks.compare_prediction(my_guess_false, len(nothing))
Markdown(nothing.summary())

# %% [markdown]
# Among so many comparisons some always look good by chance. What counts is whether a subset looks better than the best
# of them would by chance: of a hundred such shuffles, about five or fewer report anything. Lesson 5 explains this.
#
# ## What we measured

# %%
what_we_measured(
    ("one switch alone tells about the lamp (section 2)", np.mean(y * X[:, 0]), "exact"),
    ("both switches together", np.mean(y * X[:, 0] * X[:, 1]), "exact"),
    (
        "20 subsets explain this share of the logit (section 1)",
        spectrum.explained_variance,
        spectrum.explained_variance_error,
    ),
    ("the same with single pixels alone", f"{spectrum.singles_explain:.3f}"),
    ("pairs claimed as joint", f"{joint} of {pairs}"),
    ("subsets reported from shuffled logits (section 3)", f"{len(nothing)} of {nothing.coverage.examined:,} examined"),
)

# %% [markdown]
# **Your own network** is three lines more: `record` a layer, `Patterns.from_activations`, `activation_spectroscopy`
# (lesson 3 does it).
#
# **Go on with** [3: what a spectrum is](03-signs-parities-spectra.ipynb), by hand and then on a layer.
#
# **Read on:** O'Donnell, *Analysis of Boolean Functions* (2014), sections 1.2 and 1.3, write every function of bits as
# a sum of parities.
#
# **Open question.** Single pixels alone explain this logit nearly as well as pairs do. So does the network *use* even
# the joint pairs, or do their pixels just occur together in handwriting? How could you find out? (Lesson 3, section 6.)
