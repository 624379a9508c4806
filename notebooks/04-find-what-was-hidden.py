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
# # Find what was hidden: does a search find the truth where we know it?
#
# **After this lesson you can** say why scores of single units cannot see a parity, whatever their name; measure how
# well a search does on problems whose answer is known (precision, recall, F1); estimate how many samples it needs;
# and say what it means when a search finds nothing.
#
# **You need** lesson 3 (parities and their means). 40 minutes; the cells as they stand run in some seconds, without
# internet.
#
# **Conventions.** Units are $x_i = \pm 1$, $\chi_S$ is the product of the units in $S$. A target is a sum of *terms*
# $c_S\,\chi_S$ plus Gaussian noise; we hide the terms and know the truth. Errors (±) are one standard error.

# %%
import math

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from actspec_widgets import activation_spectroscopy, scan, sparse_transform, synthetic
from actspec_widgets.lessons import checks
from actspec_widgets.lessons.claims import what_we_measured

# %% [markdown]
# ## 1. What single units say about a pair
#
# Two units matter, and only together: $f(x) = x_0 x_1$. On its four points, three usual ways to score unit 0:
#
# - *Correlation*: the mean of $f(x)\,x_0$.
# - *Ablation*: how much $f$ falls on average when unit 0 is switched off (set to $-1$).
# - *Shapley value*: switch the units on one by one, from all off ($-1$) to all on ($+1$), in every order; what does
#   unit 0 add on average?
#
# **Predict** the three numbers. There are only four rows and two orders, so you can count by hand.

# %%
my_guess_correlation = ...
my_guess_ablation = ...
my_guess_shapley = ...

# %% [markdown]
# Now with data: eight units, 2,000 samples, noise of standard deviation 0.5 on the target, and only units 0 and 1
# matter. Correlation and ablation are means over the samples; the Shapley values are those of the spectrum that is
# found.

# %%
pair = synthetic.planted(8, [(0, 1)], [1.0], samples=2000, noise=0.5, seed=0)
X, y = pair.patterns.signs().astype(float), pair.target


def f(X):
    return X[:, 0] * X[:, 1]


def switched_off(X, unit):
    changed = X.copy()
    changed[:, unit] = -1
    return changed


def mean_and_error(values):
    return values.mean(axis=0), values.std(axis=0, ddof=1) / len(values) ** 0.5


correlation, correlation_error = mean_and_error(y[:, None] * X)
ablation, ablation_error = mean_and_error(np.column_stack([f(X) - f(switched_off(X, unit)) for unit in range(8)]))
shapley = activation_spectroscopy(pair.patterns, y).shapley_values()

checks.compare_prediction(my_guess_correlation, correlation[0], correlation_error[0])
checks.compare_prediction(my_guess_ablation, ablation[0], ablation_error[0])
checks.compare_prediction(my_guess_shapley, shapley[0])
columns = {"correlation": correlation, "±": correlation_error, "ablation": ablation, "± ": ablation_error}
pd.DataFrame(columns | {"Shapley": shapley}).rename_axis("unit").round(3)


# %% [markdown]
# All three are 0, within two standard errors, for units 0 and 1, *the only ones that matter*, just as for the six that
# do nothing. What a unit adds depends on the other unit, and the cases cancel.
#
# Tools such as SHAP take one sample $x$ at a time, and compare it with the average input instead of with "all off".
#
# **Exercise 1.** For a sum of terms, such Shapley values have a closed form: each term $c_S\,\chi_S(x)$ is shared
# equally by its units. Write it. (The check computes the definition: what a unit adds to those before it, averaged
# over all orders, the units not yet there being random.)


# %% tags=["exercise"]
def my_shapley_values(x, terms):
    """x: (n,) of -1/+1; terms: dict, subset (tuple) -> coefficient -> (n,) one value per unit."""
    return ...


checks.shapley_values(my_shapley_values)

# %% [markdown]
# <details><summary>Hint</summary>Start from zeros. For each subset, add coefficient times parity over the subset's
# size to each of its units.</details>
# <details><summary>Solution</summary>
#
# ```python
# def my_shapley_values(x, terms):
#     values = np.zeros(len(x))
#     for subset, coefficient in terms.items():
#         values[list(subset)] += coefficient * np.prod(x[list(subset)]) / len(subset)
#     return values
#
#
# checks.shapley_values(my_shapley_values)
# ```
# </details>
# <br>
#
# An objection: take *sizes* before averaging. The mean of $|\text{Shapley}|$ is $1/2$ for units 0 and 1 and 0
# elsewhere; any measure of influence is positive there and 0 elsewhere, too. They do flag the two units. But do they
# say that these belong *together*?
#
# **Predict.** Let $f = x_0 x_1 + x_2 x_3$ and $g = x_0 x_2 + x_1 x_3$. Take the mean $|\text{Shapley}|$ of each of
# the four units in $f$ and in $g$. How large is the largest difference between the two lists?

# %%
my_guess_difference = ...

# %%
corners = np.array([[1 - 2 * (row >> i & 1) for i in range(4)] for row in range(16)])
f_terms, g_terms = {(0, 1): 1.0, (2, 3): 1.0}, {(0, 2): 1.0, (1, 3): 1.0}


def mean_size_of_shapley(terms):
    """Mean over all 16 corners of the size of each unit's Shapley value: terms shared equally, as in exercise 1."""
    values = np.zeros((16, 4))
    for subset, coefficient in terms.items():
        values[:, subset] += coefficient * corners[:, subset].prod(axis=1, keepdims=True) / len(subset)
    return np.abs(values).mean(axis=0)


in_f, in_g = mean_size_of_shapley(f_terms), mean_size_of_shapley(g_terms)
checks.compare_prediction(my_guess_difference, np.abs(in_f - in_g).max())
print("in f:", in_f, " in g:", in_g)

print("\nThe five largest character means in the 2,000 samples of section 1:")
scan(pair.patterns, pair.target, max_degree=3, top=5)

# %% [markdown]
# The same holds for every method that gives one number per unit and treats units alike. In $f$ any two units can change
# places (with their partners) and $f$ stays, so all four numbers are equal, and $g$ is $f$ with units 1 and 2 renamed.
# **One number per unit cannot tell $f$ from $g$.** One number per *subset* can, and it is what we search: in the list
# above, the pair stands alone.
#
# ## 2. Hide three, find three
#
# Twenty units, three terms: a single unit, a pair, a triple. The noise is as strong as the strongest term. The method
# sees 1,000 samples and nothing else; it examines all 1,350 subsets of up to three units.
#
# **Predict.** How many of the three does it find? How many others does it report?

# %%
my_guess_found = ...
my_guess_false = ...

# %%
truth = {(0,): 1.0, (1, 2): -0.8, (3, 4, 5): 0.6}
hidden = synthetic.planted(20, list(truth), list(truth.values()), samples=1000, noise=1.0, seed=0)
answer = activation_spectroscopy(hidden.patterns, hidden.target, max_degree=3)
hits = set(answer.subsets) & set(truth)
checks.compare_prediction(my_guess_found, len(hits))
checks.compare_prediction(my_guess_false, len(answer) - len(hits))
answer

# %% [markdown]
# Each coefficient lies within two standard errors of what was hidden. To compare many runs, one number is
# handier. *Precision*: which share of what was reported is true? *Recall*: which share of the truth was reported?
# **F1** is twice the hits over reported plus true: 1 only if both are 1.
#
# **Exercise 2.** Write F1. Only a whole subset counts as a hit.


# %% tags=["exercise"]
def my_f1_score(found, truth):
    """found, truth: lists of subsets (sorted tuples) -> one number, 0 to 1; no hit at all must give 0, not 0/0."""
    return ...


checks.f1_score(my_f1_score)

# %% [markdown]
# <details><summary>Hint</summary>Tuples can be members of a <code>set</code>, and <code>&</code> keeps those in both.
# </details>
# <details><summary>Solution</summary>
#
# ```python
# def my_f1_score(found, truth):
#     hits = set(found) & set(truth)
#     return 2 * len(hits) / (len(found) + len(truth))
#
#
# checks.f1_score(my_f1_score)
# ```
# </details>
#
# ## 3. How many samples does it take?
#
# A short calculation. All $m$ samples are searched, so each mean has a standard error of $\sqrt{V / m}$, where $V$ is
# the variance that the subsets found so far leave unexplained. The largest of $N$ means of *nothing* reaches about
# $\sqrt{2 \ln N}$ such errors. A coefficient $c$ stands out of these when
#
# $$|c| > \sqrt{2 \ln N}\,\sqrt{V / m}.$$
#
# **Exercise 3.** Solve for $m$: the number at which both sides are equal, without rounding.


# %% tags=["exercise"]
def my_needed_samples(examined, coefficient, variance):
    """examined: N, subsets looked at; coefficient: c; variance: V -> m, one number, not rounded."""
    return ...


checks.needed_samples(my_needed_samples)

# %% [markdown]
# <details><summary>Hint</summary>Square both sides. <code>math.log</code> is the natural logarithm.</details>
# <details><summary>Solution</summary>
#
# ```python
# def my_needed_samples(examined, coefficient, variance):
#     return 2 * math.log(examined) * variance / coefficient**2
#
#
# checks.needed_samples(my_needed_samples)
# ```
# </details>
# <br>
#
# Half the coefficient needs four times the samples. The number of subsets comes in by its *logarithm* only: searching a
# thousand times as many costs surprisingly little.
#
# **Predict.** Four triples among 128 units instead of among 16: eight times the units, 500 times the subsets. How
# many times as many samples does it take to find four in five of the triples?

# %%
my_guess_factor = ...

# %% [markdown]
# The answer comes from a table that lies beside this notebook. It is made by
# `python -m actspec_widgets.studies recovery` (with `--quick` in minutes): 20 seeds at each point, noise of
# standard deviation 1, coefficients of random size between 0.5 and 1 and of random sign. Dashed is what the theory
# predicts for the same coefficients.

# %%
from actspec_widgets.studies.curves import crossing, curve, rows_at
from actspec_widgets.studies.recovery import Recovery

table = pd.read_csv("results/recovery.csv")
fig, (left, right) = plt.subplots(1, 2, figsize=(11, 4), layout="constrained", sharey=True)


def draw(axes, rows, name, colour, marker):
    """Recall over samples; dashed, what the theory predicts. Nothing is fitted."""
    measured, predicted = curve(rows, "samples", "recall"), curve(rows, "samples", "predicted_recall")
    axes.errorbar(measured.at, measured.mean, measured.error, color=colour, marker=marker, capsize=2, label=name)
    axes.plot(predicted.at, predicted.mean, color=colour, linestyle="--", linewidth=1)
    return crossing(measured, 0.8), crossing(predicted, 0.8)


most = {}
styles = [("#0072b2", "o"), ("#d55e00", "s"), ("#009e73", "D"), ("#cc79a7", "^"), ("#7f3c8d", "v"), ("#222222", "P")]
by_units = rows_at(table, Recovery, ("n", "samples")).groupby("n")
for (units, rows), style in zip(by_units, styles, strict=False):
    most[units] = draw(left, rows, f"{units} units", *style)
by_degree = rows_at(table, Recovery, ("degree", "samples")).groupby("degree")
for (degree, rows), style in zip(by_degree, styles, strict=False):
    draw(right, rows, f"{degree} unit{'s' if degree > 1 else ''} each", *style)
left.set(xscale="log", xlabel="samples", ylabel="recall", title="four triples, among more and more units")
right.set(xscale="log", xlabel="samples", title="four parities of a size, among 16 units")
left.legend(frameon=False)
right.legend(frameon=False)

factor = math.exp(most[128][0].value - most[16][0].value)
factor_error = factor * math.hypot(most[128][0].error, most[16][0].error)
over_theory = math.exp(most[16][0].value - most[16][1].value)
checks.compare_prediction(my_guess_factor, factor, factor_error, within=0.3)
plain = table[(table["bias"] == 0) & (table["correlation"] == 0) & (table["method"] == "actspec")]
with_wrong = int((plain["wrong_subsets"] > 0).sum())
at = math.exp(most[16][0].value)
print(f"16 units: four in five triples are found at {at:.0f} samples, {over_theory:.2f} times the prediction")
print(f"{with_wrong} of {len(plain):,} runs on balanced independent units report any subset that was not hidden")

# %% [markdown]
# The theory is an idealisation (every mean exactly normal, terms found one after the other, the strongest first), yet
# the measured curves keep close to the dashed ones. Three cautions:
#
# - An **error bar of length zero** means that all 20 runs agreed, not that the error is zero. If each run succeeded
#   with probability $p$, then 20 successes in 20 runs still leave $p = 0.86$ possible ($0.86^{20} = 0.05$).
# - Below its threshold the method reports *little*, not *something else*. It promises that at most one run of twenty
#   reports something false, and the measured share comes close to that.
# - The study is about **our** choice of problems: independent units, Gaussian noise. Lesson 5 drops both.
#
# ## 4. What was not searched
#
# Now a single parity of *five* units among 24, as strong as the noise, with 4,096 samples: plenty, by the formula.
#
# **Predict.** How many subsets does the method report when it searches up to size 3?

# %%
my_guess_lonely = ...

# %%
lonely = synthetic.planted(24, [(2, 5, 11, 17, 20)], [1.0], samples=4096, noise=1.0, seed=0)
blind = activation_spectroscopy(lonely.patterns, lonely.target, max_degree=3)
seeing = activation_spectroscopy(lonely.patterns, lonely.target, max_degree=5)
checks.compare_prediction(my_guess_lonely, len(blind))
print("up to size 3:", blind.coverage, "\n")
print("up to size 5:", seeing.coverage, "\n", seeing, "\n")
print(f"subsets of exactly 5 among 784 units: {math.comb(784, 5):,}")

# %% [markdown]
# A parity is uncorrelated with every other parity, also with parts of itself: no triple gives a hint of the five. **An
# empty answer is about what was searched**, and `coverage` says what that was. With 24 units size 5 is within reach;
# with 784 it is not. (Without noise, Gaussian elimination over the bits would do. With noise, the best method known
# whose *exponent* does not grow with the noise needs about $n^{0.8 k}$ steps for $k$ of $n$ units, times a factor that
# does grow: G. Valiant, FOCS 2012.)
#
# It is easier where one may choose points and *ask* the function for its values there: good questions show, one by one,
# which units a parity contains. Here is a single parity of twelve among 64 units, with noise on every answer:

# %%
twelve = (1, 8, 15, 19, 25, 27, 41, 48, 53, 54, 56, 63)
noise = np.random.default_rng(0)
asked = sparse_transform(
    lambda points: points[:, twelve].prod(axis=1) + noise.normal(size=len(points)), 64, sparsity=4, noise=1.0, seed=0
)
asked

# %% [markdown]
# ## 5. Play: hide something yourself
#
# - Click units 7 and 11, set the coefficient to 0.9, press *Plant*. Found?
# - Lower *Samples* step by step. Which of your subsets goes first? Does your formula from exercise 3 agree?
# - *Start from* "majority of 5 units" with *Largest size* 3, and raise *Samples* until fifteen of its sixteen terms are
#   found. Which one cannot be?
# - Find a setting in which the lab reports something *false*. Was it easy?

# %%
from actspec_widgets.views import RecoveryLab

lab = RecoveryLab()
lab

# %% [markdown]
# ## What we measured

# %%
place = answer.subsets.index((1, 2))
what_we_measured(
    ("a parity fools correlation: unit 0 of the pair (section 1)", correlation[0], correlation_error[0]),
    ("a parity fools ablation", ablation[0], ablation_error[0]),
    ("a parity fools Shapley values from all off to all on", shapley[0]),
    ("f and g differ in single-unit sizes", np.abs(in_f - in_g).max(), "exact"),
    ("the hidden pair's coefficient is -0.8 (section 2)", answer.coefficients[place], answer.standard_errors[place]),
    ("eight times the units need this many times the samples (section 3)", factor, factor_error),
    ("runs that report a wrong subset", f"{with_wrong} of {len(plain):,}"),
    ("a parity of twelve among 64 units, by questions (section 4)", f"found with {asked.queries:,} questions"),
)

# %% [markdown]
# **Read on:** O'Donnell, *Analysis of Boolean Functions* (2014): section 2.2 on influences, 3.4 on learning from random
# examples, 3.5 on the Goldreich–Levin algorithm, which asks questions. Shapley values of games and their terms: L. S.
# Shapley, *A value for n-person games* (1953). The whole study is in the [ledger](ledger.md).
#
# **Open question.** Real networks are not planted: nobody hands us the truth. What would convince you, on a real
# layer, that a reported triple is not an accident of this search?
