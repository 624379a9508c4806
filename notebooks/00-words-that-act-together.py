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
# # Words that act together: what does a network hear in "not bad"?
#
# **After five minutes you have** clicked a lamp and a sentence whose parts say something only together (sections 1 and
# 2). **After the lesson you can** tell units that act together from units that add up, by clicking; compute both from a
# handful of answers; and say by one number how far a network's words act together.
#
# **You need** a little Python and the package: `make lab` in a clone of its repository has installed all of it; so does
# `pip install ".[torch,lab]"` there, into an environment of your own (this lesson, 2, 4 and 5 run without torch; the
# others need it). No internet. 30 minutes; the cells as they stand run in some seconds.
#
# **Conventions.** A unit is $x_i = +1$ where it is there (a word is read, a switch is up) and $-1$ where it is not. The
# coefficient $\hat f(S)$ of a subset $S$ is the mean of $f(x) \prod_{i \in S} x_i$ over all $2^n$ points, each equally
# likely. Press Shift+Enter to run a cell; where you see `...`, it is your turn.

# %%
import matplotlib.pyplot as plt
import numpy as np

from actspec_widgets import walsh_hadamard
from actspec_widgets.datasets import load_sentence_example
from actspec_widgets.lessons import checks
from actspec_widgets.lessons.claims import what_we_measured
from actspec_widgets.views import SentenceExplorer

# %% [markdown]
# ## 1. The lamp
#
# A lamp has two switches, upstairs and downstairs. It burns when both point the same way. Its answer is $+1$ when it
# burns and $-1$ when it does not.
#
# **Predict.** How well does the upper switch *alone* tell whether the lamp burns? Its coefficient is the mean of the
# answer times $x_{\text{upstairs}}$ over the four ways to set the switches: $+1$ would say "always the same", $-1$
# "always the opposite", $0$ "no better than a coin". And the coefficient of the pair?

# %%
my_guess_alone = ...
my_guess_pair = ...


# %%
def lamp(texts):
    """Texts that name the switches that are up -> +1 where the lamp burns, else -1."""
    return [-1.0 if len(text.split()) == 1 else 1.0 for text in texts]


stairs = SentenceExplorer(
    "upstairs downstairs", lamp, network="lamp", unit="switch", target="lamp", poles=("dark", "burning")
)
checks.compare_prediction(my_guess_alone, stairs.exact.f_hat[0b01])
checks.compare_prediction(my_guess_pair, stairs.exact.f_hat[0b11])
stairs

# %% [markdown]
# **Play.** Click a switch, then the other. Can you say what *one* switch does, without saying where the other is?
# Each alone tells nothing, the two together tell everything: the pair holds the whole of the variance. Such a code is
# **distributed**. Where single units say it, the code is **localised**.
#
# ## 2. A sentence
#
# The same picture for a trained network. A sentence encoder (MiniLM) with a linear probe says whether a film sentence
# is praise: its logit is above 0 for praise. Each word can be there or dropped, so "this is not a bad film" has $2^6 =
# 64$ versions. All of them were read, so the bars are exact.
#
# **Predict.** Which two words of it act together most? Guess the coefficient of that pair, sign and size.

# %%
my_guess_not_bad = ...

# %%
explorer = SentenceExplorer("this is not a bad film")
not_bad = explorer.exact.f_hat[0b010100]  # bit i of the index says whether word i is in the subset
checks.compare_prediction(my_guess_not_bad, not_bad, within=0.3)
explorer

# %% [markdown]
# **Play.**
#
# - Drop *not*, then put it back and drop *bad*, then drop both. Each alone makes the logit fall; both together make it
#   rise. No list of single words can say that.
# - Choose "i could not stop laughing" and "slow but beautiful". Which words does a thick arc join, and which none?
# - Change *Network* to the small transformer, and go through the list. Which network hears the negation?
#
# **Exercise 1.** Below the bars stand the means of four groups: with both words, with only the first, with only the
# second, with neither. Compute the pair's coefficient from them.


# %% tags=["exercise"]
def my_pair_coefficient(both, first, second, neither):
    """four mean answers -> the coefficient of the pair, a number."""
    return ...


checks.pair_coefficient(my_pair_coefficient)

# %% [markdown]
# <details><summary>Hint</summary>The coefficient is the mean of the answer times the product of the two signs. That
# product is +1 for both and for neither, and −1 for the other two groups.</details>
# <details><summary>Solution</summary>
#
# ```python
# def my_pair_coefficient(both, first, second, neither):
#     return (both - first - second + neither) / 4
#
#
# checks.pair_coefficient(my_pair_coefficient)
# ```
# </details>
# <br>
#
# ## 3. One number for a sentence, and for a network
#
# Squared coefficients add up to the variance of the answers (Parseval's theorem). So the share of the squares that lies
# on subsets of two or more words says how far the words act together: the **joint share**. 0: they add up. 1: none of
# them says anything alone.
#
# **Exercise 2.** The joint share from all coefficients.


# %% tags=["exercise"]
def my_joint_share(f_hat):
    """f_hat: (2^n,), bit i of the index says whether word i is in the subset -> a number from 0 to 1."""
    return ...


checks.joint_share(my_joint_share)

# %% [markdown]
# <details><summary>Hint</summary><code>int(index).bit_count()</code> is the size of the subset at an index. Leave out
# the empty subset: it is the mean.</details>
# <details><summary>Solution</summary>
#
# ```python
# def my_joint_share(f_hat):
#     sizes = np.array([int(index).bit_count() for index in range(len(f_hat))])
#     squares = f_hat**2
#     return squares[sizes > 1].sum() / squares[sizes > 0].sum()
#
#
# checks.joint_share(my_joint_share)
# ```
# </details>
# <br>
#
# **Predict.** Twenty sentences, most of them with a negation or a contrast, and two networks. Which joint share does
# the encoder have in the middle of the list (the median)? And the small transformer, which learnt from the same
# ratings?

# %%
my_guess_encoder = ...
my_guess_transformer = ...

# %%
example = load_sentence_example()
shares = {}
for network, tables in example.answers.items():
    shares[network] = []
    for answers in tables:
        squares = walsh_hadamard(answers) ** 2
        single = sum(squares[1 << i] for i in range(answers.size.bit_length() - 1))
        shares[network].append(1 - single / squares[1:].sum())
medians = {network: np.median(values) for network, values in shares.items()}
checks.compare_prediction(my_guess_encoder, medians["sentence encoder"], within=0.05)
checks.compare_prediction(my_guess_transformer, medians["small transformer"], within=0.02)

# %% [markdown]
# The picture of it (click the blue bar at its left, or the three dots, to see its code):

# %% jupyter={"source_hidden": true}
order = np.argsort(shares["sentence encoder"])
figure, axis = plt.subplots(figsize=(8, 5))
for network, marker in (("sentence encoder", "o"), ("small transformer", "D")):
    axis.plot(np.array(shares[network])[order], range(20), marker, label=network)
axis.set(yticks=range(20), yticklabels=[example.texts[i] for i in order], xlabel="joint share", xlim=(0, None))
axis.legend()
figure.tight_layout()
plt.show()

# %% [markdown]
# The encoder hears "not bad" as one thing. The small transformer mostly adds words up; a table of accuracies would not
# show it. Two limits: the sentences were chosen to show both kinds, so the medians hold for these twenty only; and not
# every joint effect is a negation. The transformer takes a mean over the words that are left, so each word counts for
# less the more words there are. The pair {best, year} in the last sentence comes from that, and not from what the words
# mean.
#
# ## What we measured

# %%
what_we_measured(
    ("the lamp: one switch alone (section 1)", stairs.exact.f_hat[0b01], "exact"),
    ("both switches together", stairs.exact.f_hat[0b11], "exact"),
    ('{not, bad} in "this is not a bad film" (section 2)', not_bad, "exact"),
    ("joint share of that sentence", explorer.exact.joint_share, "exact"),
    ("median joint share of 20 sentences, sentence encoder (section 3)", medians["sentence encoder"], "exact"),
    ("the same, small transformer", medians["small transformer"], "exact"),
)

# %% [markdown]
# **Go on with** [1: layers that act together](01-layers-that-act-together.ipynb), where you build such a pair into a
# network and find it; [2: when pairs deceive](02-when-pairs-deceive.ipynb), the pixels of a digit;
# [3: what a spectrum is](03-signs-parities-spectra.ipynb), [4: does it find what we
# hid?](04-find-what-was-hidden.ipynb), [5: when does it break?](05-when-it-breaks.ipynb); then, in any order,
# [6: dropout](06-dropout-on-mnist.ipynb), [7: from layer to layer](07-trace-a-feature.ipynb),
# [8: the small transformer](08-a-transformer-on-film-reviews.ipynb), [9: your own
# model](09-bring-your-own-model.ipynb).
#
# **Read on:** O'Donnell, *Analysis of Boolean Functions* (2014), sections 1.2 to 1.4: coefficients, parities (the lamp
# is the parity of two bits), Parseval's theorem.
#
# **Open question.** A dropped word leaves a sentence that nobody would write. What else could stand in its place, and
# would the arcs stay?
