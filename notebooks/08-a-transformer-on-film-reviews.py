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
# # A transformer on film reviews: which units say *together* that this is praise?
#
# **After this lesson you can** measure whether a network understands "not good"; find the subsets of feed-forward units
# that carry a transformer's judgement, and weigh them against simpler ones; recognise a pair that only adds up; and
# say why reaching into the network moves its answer far less than the subsets predict.
#
# **You need** lesson 3, PyTorch (`make lab` has it), and to know that a transformer turns words into vectors, lets them
# attend to each other, and sends each through a feed-forward layer. 40 minutes; the cells as they stand run in some
# seconds, without internet.
#
# **Conventions.** A feed-forward unit is *active*, $x_i = +1$, in a sentence where it is above 0 at one word or more,
# else $x_i = -1$. The **logit** is the network's answer: above 0 for praise. $\chi_S = \prod_{i \in S} x_i$. Shares of
# variance are of sentences that neither the weights nor the search has seen, unless said otherwise.

# %%
import itertools

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from actspec_widgets import Patterns, SubNetwork, activation_spectroscopy, intervene
from actspec_widgets.datasets import load_reviews, load_sentiment_example
from actspec_widgets.lessons import checks
from actspec_widgets.lessons.claims import what_we_measured
from actspec_widgets.networks import SentimentTransformer
from actspec_widgets.networks.sentiment import logits, recorded
from actspec_widgets.views import SpectrumExplorer

# %% [markdown]
# ## 1. Four sentences, by hand
#
# "The film is good", "... bad", "... not good", "... not bad". Two bits: $x_0 = +1$ for *good* and $-1$ for *bad*;
# $x_1 = +1$ without *not* and $-1$ with it. Somebody who understands answers $+3, -3, -3, +3$.
#
# **Predict.** What are that person's coefficients of $\{0\}$ and of $\{0, 1\}$? And what is the network's coefficient
# of $\{0, 1\}$: nearer to the person's, or nearer to 0?

# %%
my_guess_person_single = ...
my_guess_person_pair = ...
my_guess_network_pair = ...

# %%
example = load_sentiment_example()
model = SentimentTransformer.load(example.weights)
x0, x1 = np.array([1, -1, 1, -1]), np.array([1, 1, -1, -1])
person = 3 * x0 * x1
checks.compare_prediction(my_guess_person_single, np.mean(person * x0))
checks.compare_prediction(my_guess_person_pair, np.mean(person * x0 * x1))

opposites = "good bad, great dull, funny boring, clever stupid, wonderful terrible"
words = [pair.split() for pair in opposites.split(", ")]
frames = ["the film is {}", "it is {}", "a {} comedy", "this was {}, i think"]
frames += ["the story is {} and the music is too"]
answers = np.array(
    [
        logits(model, [frame.format(word) for word in (good, bad, f"not {good}", f"not {bad}")])
        for frame, (good, bad) in itertools.product(frames, words)
    ]
)
print("the film is good, bad, not good, not bad:", answers[0].round(1))
means = {"{}": answers, "{good}": answers * x0, "{not}": answers * x1, "{good, not}": answers * x0 * x1}
coefficients = {name: values.mean(axis=1) for name, values in means.items()}  # 25 times four sentences
for name, values in coefficients.items():
    print(f"{name:12} {values.mean():+.2f} ± {values.std(ddof=1) / len(values) ** 0.5:.2f}")
pair = coefficients["{good, not}"]
pair_error = pair.std(ddof=1) / len(pair) ** 0.5
checks.compare_prediction(my_guess_network_pair, pair.mean(), pair_error, within=0.3)

# %% [markdown]
# "Not good" is a *parity*: neither word decides alone. The network has found the right sign for the pair and less than
# a tenth of the strength it needs; it mostly adds up words. Keep this in mind when a table of accuracies looks fine.
#
# **Exercise 1.** The four coefficients from the four values.


# %% tags=["exercise"]
def my_four_coefficients(values):
    """values: (4,), at (x0, x1) = ++, -+, +-, -- -> coefficients of {}, {0}, {1}, {0, 1}: (4,)."""
    return ...


checks.four_coefficients(my_four_coefficients)

# %% [markdown]
# <details><summary>Hint</summary>The coefficient of S is the mean of f times the parity of S; write the three parities
# down as rows of four signs.</details>
# <details><summary>Solution</summary>
#
# ```python
# def my_four_coefficients(values):
#     x0, x1 = np.array([1, -1, 1, -1]), np.array([1, 1, -1, -1])
#     return np.array([np.mean(values * parity) for parity in (1, x0, x1, x0 * x1)])
#
#
# checks.four_coefficients(my_four_coefficients)
# ```
# </details>
#
# ## 2. The network, and what we may show of its sentences
#
# It was trained on 8,054 film sentences with human ratings (Hutto and Gilbert 2014). The ratings are free to use (MIT
# licence), the sentences belong to their authors, so they are **not** in this package. What is: the weights, and for
# each sentence which units it switches on, the logit, the rating, and which of the 200 most frequent words it holds.
# With a copy of your own (`ACTSPEC_REVIEWS=file`, or `load_reviews(download=True)`) section 4 also shows sentences.
#
# **Predict.** The network has about 1,000 sentences left that it has never seen. What share does it judge rightly? And
# how much does the old recipe, counts of words and word pairs (TF-IDF) with logistic regression, on the same sentences?

# %%
my_guess_network = ...
my_guess_tfidf = ...

# %%
praise = example.scores > 0
test = example.parts == "test"
right = (example.logits[test] > 0) == praise[test]
accuracy, accuracy_error = right.mean(), right.std() / len(right) ** 0.5
study = pd.read_csv("results/sentiment.csv")  # python -m actspec_widgets.studies sentiment
tfidf, tfidf_error = study["tfidf_accuracy"].mean(), study["tfidf_accuracy_error"].mean()
checks.compare_prediction(my_guess_network, accuracy, accuracy_error)
checks.compare_prediction(my_guess_tfidf, tfidf, tfidf_error)
cells = study[study["blocks"] == 1].drop_duplicates("seed")
print(
    f"the study's larger networks, {len(cells)} seeds: {cells['accuracy'].mean():.1%} ± {cells['accuracy'].sem():.1%}"
)
print(f"always the same answer: {cells['larger_class'].mean():.1%}")

# %% [markdown]
# The transformer does no better than word counts, and perhaps a little worse. The study's larger networks, with twice
# the width and vocabulary, cannot be told apart from word counts: the [ledger](ledger.md) calls it undecided which of
# the two is ahead. So we are about to explain a network that a bag of words can match, as far as anybody can tell. We
# can explain it all the same, but not as a network that *understands* what it reads.
#
# ## 3. The subsets of the feed-forward layer
#
# Nothing goes around the last feed-forward layer of this network: its 128 units are all that the logit sees. We search
# single units and pairs on the training sentences, and predict the sentences that are left.
#
# **Predict.** What share of the logit's variance do 20 subsets or fewer explain there? And how much would *all* 128
# single units, in a linear regression?

# %%
my_guess_subsets = ...
my_guess_linear = ...


# %%
def share(y, predicted):
    """Share of the variance of y, and its standard error over the sentences (delta method)."""
    squared, spread = (y - predicted) ** 2, (y - y.mean()) ** 2
    left = squared.mean() / spread.mean()
    return 1 - left, ((squared - left * spread) / spread.mean()).std() / len(y) ** 0.5


def linear(known, y, new):
    """Least squares with an intercept, fitted on the known, for the new."""
    ones = [np.column_stack([np.ones(len(table)), table]) for table in (known, new)]
    return ones[1] @ np.linalg.lstsq(ones[0], y, rcond=None)[0]


train = example.is_train
units, new = Patterns.from_signs(example.units[train]), Patterns.from_signs(example.units[~train])
y, new_y = example.logits[train].astype(float), example.logits[~train].astype(float)
spectrum = activation_spectroscopy(units, y, max_degree=2)
singles = activation_spectroscopy(units, y, max_degree=1)
by_subsets, by_singles = share(new_y, spectrum.predict(new)), share(new_y, singles.predict(new))
by_all = share(new_y, linear(units.signs(), y, new.signs()))
checks.compare_prediction(my_guess_subsets, *by_subsets, within=0.05)
checks.compare_prediction(my_guess_linear, *by_all, within=0.05)
print("at most 20 single units: {:.1%} ± {:.1%}".format(*by_singles))
pairs = sum(len(subset) == 2 for subset in spectrum.subsets)
print(f"{pairs} of the {len(spectrum)} subsets are pairs, {spectrum.joint.sum()} of these claimed as joint")
SpectrumExplorer(activations=units, outputs=y, output_names=["the logit"])

# %% [markdown]
# Twenty subsets say what the network will answer, about as well as all 128 units. But look at the third number: single
# units alone do nearly as well. Pairs add one or two points; the judgement of this network is **mostly a sum**, spread
# over many units that repeat each other. More than half of the pairs are joint, *in on/off terms*: a bit does not say
# how strongly a unit is on, and may need another bit for that. A list full of pairs is no proof of an interaction in
# the network: set *Largest size* to 1, and see what goes.
#
# **Exercise 2.** The number that all these comparisons stand on.


# %% tags=["exercise"]
def my_share_explained(y, predicted):
    """y, predicted: (m,) -> share of the variance of y; below 0 where the mean would do better."""
    return ...


checks.share_explained(my_share_explained)

# %% [markdown]
# <details><summary>Hint</summary>1 minus (mean squared error over variance of y). It is no squared correlation: a
# prediction that is right but for a constant 2 loses.</details>
# <details><summary>Solution</summary>
#
# ```python
# def my_share_explained(y, predicted):
#     return 1 - np.mean((y - predicted) ** 2) / np.var(y)
#
#
# checks.share_explained(my_share_explained)
# ```
# </details>
#
# ## 4. Sentences that switch a subset
#
# Sentences of our own through the network: its logit, what the subsets predict, and on which side of the three largest
# subsets they are. Put in yours. Can you find one that any reader takes for praise and the network does not?

# %%
mine = [
    "A warm and funny film with a great cast.",
    "A dull and boring mess.",
    "It is not bad at all.",
    "The script is a waste, but the music is lovely.",
    "I laughed once, and that was at the end.",
    "Hard to dislike.",
]
activations, answers = recorded(model, example.layer, mine)
mine_patterns = Patterns.from_activations(activations)
strongest = [spectrum.subsets[i] for i in np.argsort(-abs(spectrum.coefficients))[:3]]
table = pd.DataFrame(
    {"sentence": mine, "logit": answers.round(1), "predicted": spectrum.predict(mine_patterns).round(1)}
)
for subset in strongest:
    table[spectrum.label(subset)] = mine_patterns.signs()[:, subset].prod(axis=1)
try:
    reviews = load_reviews().polar(0.5).part("val", "test")
except (FileNotFoundError, ValueError) as reason:
    print(f"Only our own sentences: {reason}.")
else:
    there, rated_logits = recorded(model, example.layer, reviews.texts)
    sides = Patterns.from_activations(there).signs()
    for subset, side in itertools.product(strongest, (1, -1)):
        on_side = np.flatnonzero(sides[:, subset].prod(axis=1) == side)
        for i in np.random.default_rng(0).permutation(on_side)[:3]:  # drawn, not picked
            print(f"{spectrum.label(subset)} {side:+d}  {rated_logits[i]:+.1f}  {reviews.texts[i]}")
table

# %% [markdown]
# ## 5. A pair that only adds up
#
# Now the units are *words*: $+1$ where a sentence holds the word. The same method, the same logit.
#
# **Predict.** It will report pairs of words. Which share of these pairs (0 to 1) is held *together* by fewer than ten
# of the 8,054 training sentences?

# %%
my_guess_rare = ...

# %%
holds = Patterns.from_signs(example.words[train], unit_names=example.word_names)
by_words = activation_spectroscopy(holds, y, max_degree=2)
together = {s: int(example.words[train][:, s].all(axis=1).sum()) for s in by_words.subsets if len(s) == 2}
rare = sum(count < 10 for count in together.values())
checks.compare_prediction(my_guess_rare, rare / len(together), within=0.1)
print(f"{rare} of {len(together)} pairs; claimed as joint: {by_words.joint.sum()}. The strongest:")
value = dict(zip(by_words.subsets, by_words.coefficients, strict=True))
for subset in sorted(together, key=lambda subset: -abs(value[subset]))[:6]:
    print(f"{by_words.label(subset):22} {value[subset]:+.2f}, held together by {together[subset]} sentences")

# %% [markdown]
# Not one is claimed as joint. Why are they there? The strongest, {too, seems}, has a *positive* coefficient and a small
# error. Does "seems too" make praise? Look at its four cells.
#
# **Exercise 3.** The mean of y in each of the four cells.


# %% tags=["exercise"]
def my_mean_in_cells(a, b, y):
    """a, b: bool (m,); y: (m,) -> means of y: [[neither, only b], [only a, both]], (2, 2)."""
    return ...


checks.mean_in_cells(my_mean_in_cells)

# %% [markdown]
# <details><summary>Hint</summary>y[~a & b].mean() is one of them.</details>
# <details><summary>Solution</summary>
#
# ```python
# def my_mean_in_cells(a, b, y):
#     return np.array([[y[~a & ~b].mean(), y[~a & b].mean()], [y[a & ~b].mean(), y[a & b].mean()]])
#
#
# checks.mean_in_cells(my_mean_in_cells)
# ```
# </details>

# %%
too, seems = (example.words[train][:, example.word_names.index(word)] for word in ("too", "seems"))
print("mean logit of the training sentences (how many)")
for a, b in itertools.product((False, True), repeat=2):
    there = y[(too == a) & (seems == b)]
    print(f"  too: {a!s:5}  seems: {b!s:5}  {there.mean():+.1f} ({len(there):,})")

biased = activation_spectroscopy(holds, y, max_degree=2, basis="biased")
never = [biased.label(s) for s, n in zip(biased.subsets, biased.smallest_cells, strict=True) if n == 0]
by_biased = share(new_y, biased.predict(Patterns.from_signs(example.words[~train])))
print("\nbiased characters explain {:.0%} ± {:.0%} of the unseen logits".format(*by_biased))
print("no training sentence holds both of", ", ".join(never))

# %% [markdown]
# The cell with both words is the *worst*. Both words are rare, so $x_\text{too}\, x_\text{seems}$ is $-1$ where exactly
# one is there, and $+1$ nearly always because *neither* is. On these data the parity says "too **or** seems": a sum of
# rarely active units looks like a product, and gives two single words for the price of one. So twenty such subsets say
# more than twenty single words, and are listed. But three sentences cannot tell what the product adds to the two words
# themselves, so it is not called *joint*.
#
# `basis="biased"` is made for skewed units, and with pairs it does not cure this: it reports pairs that *no*
# training sentence holds, and the few unseen sentences that do hold one upset its whole prediction (see the error). A
# joint effect needs data in the joint cell. A spectrum keeps count: `smallest_cells` is how many samples the emptiest
# cell of each subset holds; with fewer than ten there, its joint part is not estimable and nothing is claimed.
#
# ## 6. Reaching into the network
#
# Back to the feed-forward units. We turn over a unit of each of the six largest subsets in the real network and compare
# with what the spectrum predicts.
#
# **Predict.** The mean slope, measured over predicted? (1: right about the cause and its size.)

# %%
my_guess_slope = ...

# %%
# Each unit at its mean where it is on, at 0 where it is off; what the one sentence says does not matter.
any_sentence = model.tokens(["film"])[:, :1]
levels = {"active": example.active_means, "inactive": "zero"}
rest = SubNetwork(model, example.layer, any_sentence, 0, **levels)
six = [spectrum.subsets[i] for i in np.argsort(-abs(spectrum.coefficients))[:6]]
turned = [intervene(rest.query, spectrum, subset, patterns=units, samples=500, seed=0) for subset in six]
slope = np.mean([one.slope for one in turned])
checks.compare_prediction(my_guess_slope, slope, within=0.1)
for one in turned:
    print(one)
same_way = study.query("blocks == 1 and representation == 'feed_forward' and threshold == 'zero'")
same_way = same_way["causal_slope"]
print(f"the study, {len(same_way)} seeds: mean slope {same_way.mean():.3f} ± {same_way.sem():.3f}")

# %% [markdown]
# On average more than twenty times less than predicted. Two reasons can be told apart: units that always switch
# *together* (turn one over, and the others still say what they said), and the two levels themselves (a unit that is on
# is set to its mean, however strongly a real sentence drives it). So replace not one unit of a sentence by its value in
# another sentence, but 4, 16, ... all 128.

# %%
signs = units.signs()[:2000]
one_sentence, another = signs[:1000], signs[1000:]
start, start_predicted = rest.query(one_sentence), spectrum.predict(Patterns.from_signs(one_sentence))
rng = np.random.default_rng(0)
replaced, slopes, errors = (1, 4, 16, 64, 128), [], []
for count in replaced:
    chosen = rng.permuted(np.tile(np.arange(units.n_units) < count, (len(signs) // 2, 1)), axis=1)
    mixed = np.where(chosen, another, one_sentence)
    moved = rest.query(mixed) - start
    said = spectrum.predict(Patterns.from_signs(mixed)) - start_predicted
    slopes.append((said @ moved) / (said @ said))
    errors.append(np.linalg.norm(said * (moved - slopes[-1] * said)) / (said @ said))

# %% jupyter={"source_hidden": true}
figure, axes = plt.subplots(figsize=(6, 3), layout="constrained")
axes.errorbar(replaced, slopes, errors, fmt="o-", capsize=3)
axes.set(xlabel="units replaced together", ylabel="measured / predicted", xscale="log", ylim=(0, 1))
axes.set_xticks(replaced, replaced)
plt.show()

# %% [markdown]
# Moved together, as in real sentences, the units do seven to ten times more than one by one: that factor is
# **redundancy**. What is still missing from 1 at the right end is what the two levels lose. Both are properties of this
# network and these sentences, not errors of the coefficients. A coefficient says what goes with what, and not what
# happens when one unit is turned.
#
# **Play.** The words as units. Set *Largest size* to 1: which words take the places of the pairs, and how much of the
# explained variance goes? Which words would you have expected, and miss?

# %%
explorer = SpectrumExplorer(activations=holds, outputs=y, output_names=["the logit"])
explorer

# %% [markdown]
# ## What we measured

# %%
what_we_measured(
    ("sentences it has not seen, judged rightly", accuracy, accuracy_error),
    ("the same by TF-IDF and logistic regression", tfidf, tfidf_error),
    ("coefficient of {good, not}; one who understands would need about 3", pair.mean(), pair_error),
    (f"{len(spectrum)} subsets explain of unseen logits", *by_subsets),
    ("at most 20 single units", *by_singles),
    ("all 128 single units", *by_all),
    ("pairs of words that fewer than ten sentences hold together", f"{rare} of {len(together)}"),
    ("biased characters of words and pairs explain of unseen logits", *by_biased),
    ("slope of single interventions, mean of six", f"{slope:.3f}"),
    ("slope when all units move together", slopes[-1], errors[-1]),
)

# %% [markdown]
# **Read on:** Hutto and Gilbert, *VADER: A Parsimonious Rule-based Model for Sentiment Analysis of Social Media Text*,
# ICWSM-14; Vaswani et al., *Attention Is All You Need*, arXiv:1706.03762; Reing, Ver Steeg and Galstyan, *Making Sense
# Of Distributed Representations With Activation Spectroscopy*, arXiv:2501.15435; O'Donnell, *Analysis of Boolean
# Functions* (2014), section 8.4 for units that are not balanced. All verdicts on the transformer: the
# [ledger](ledger.md).
#
# **Open question.** A bag of words judges as well, single units explain nearly as much, and one unit alone moves
# little. What would you have to see to say that this transformer computes something *jointly*, and which sentences
# would you write to see it?
