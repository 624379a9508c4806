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
# # When it breaks: which findings should you distrust?
#
# **After this lesson you can** say what a p-value means after a search, and what it does not; foresee what noise,
# misread signs, constant and duplicated units do to an answer; tell "nothing there" from "too few samples"; and
# notice when skewed units change what a coefficient means.
#
# **You need** lesson 3 (section 2 of lesson 4 helps), and to know what a p-value is without a search: how often chance
# alone would give something at least as extreme. 40 minutes; the cells as they stand run in some seconds, without
# internet.
#
# **Conventions.** As before: units $x_i = \pm 1$, parities $\chi_S$, targets that are sums of $c_S\,\chi_S$ and
# Gaussian noise. $N$ is the number of subsets examined, $m$ the number of samples. Errors (±) are one standard error.

# %%
import itertools

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import Markdown
from scipy import stats

from actspec_widgets import Patterns, activation_spectroscopy, character_means, scan, synthetic
from actspec_widgets.lessons import checks
from actspec_widgets.lessons.claims import what_we_measured
from actspec_widgets.studies.problems import make_problem

# %% [markdown]
# ## 1. What a p-value means after a search
#
# Twenty people each test one subset of units that has nothing to do with the target. Each calls it a finding if
# $p < 0.05$.
#
# **Predict.** What is the chance that at least one of the twenty reports a finding? (0 to 1)

# %%
my_guess_twenty = ...

# %%
trials = np.random.default_rng(0).random((100_000, 20))  # of nothing, p is equally likely anywhere between 0 and 1
checks.compare_prediction(my_guess_twenty, (trials < 0.05).any(axis=1).mean(), within=0.05)

# %% [markdown]
# **Exercise 1.** The formula behind it, for any number of independent comparisons.


# %% tags=["exercise"]
def my_chance_of_a_false_find(examined, alpha):
    """examined: N comparisons of nothing; alpha: level -> chance that any p-value lies below alpha."""
    return ...


checks.chance_of_a_false_find(my_chance_of_a_false_find)

# %% [markdown]
# <details><summary>Hint</summary>The chance that one is above alpha is 1 - alpha; that all are, that to the power N.
# </details>
# <details><summary>Solution</summary>
#
# ```python
# def my_chance_of_a_false_find(examined, alpha):
#     return 1 - (1 - alpha) ** examined
#
#
# checks.chance_of_a_false_find(my_chance_of_a_false_find)
# ```
# </details>
# <br>
#
# A search *is* many people testing, and it shows you only the luckiest. Let us search pure noise: 40 units, 500
# samples, a target of random numbers. On one half, take the largest of all $N = 10{,}700$ subsets of up to three
# units; then measure this winner once more on the other half. Two hundred times over.
#
# **Predict.** In what share of the 200 runs is the winner's p-value below 0.05 on the half that chose it? And on the
# other half?

# %%
my_guess_chosen = ...
my_guess_fresh = ...


# %%
def t_of_the_winner(rng, samples=500, units=40):
    """The winner's mean over its standard error: on the half that chose it, and on the other."""
    patterns = Patterns.from_signs(rng.choice([-1, 1], (samples, units)))
    target = rng.normal(size=samples)  # has nothing to do with the patterns
    half, other = np.arange(samples // 2), np.arange(samples // 2, samples)
    winner = scan(patterns.take(half), target[half], max_degree=3, top=1)
    again = character_means(patterns.take(other), target[other] - target[other].mean(), winner.subsets)
    sign = np.sign(winner.values[0])
    return sign * winner.values[0] / winner.standard_errors[0], sign * again.values[0] / again.standard_errors[0]


examined = 40 + 40 * 39 // 2 + 40 * 39 * 38 // 6
rng = np.random.default_rng(0)
chosen, fresh = np.array([t_of_the_winner(rng) for _ in range(200)]).T
p_chosen, p_fresh = (2 * stats.t.sf(np.abs(t), df=249) for t in (chosen, fresh))


def share_and_error(hits):
    return hits.mean(), np.sqrt(hits.mean() * (1 - hits.mean()) / len(hits))


fig, axes = plt.subplots(figsize=(8, 3.2), layout="constrained")
bins = np.arange(-4, 6, 0.25)
axes.hist(chosen, bins, color="#d55e00", label="on the half that chose it")
axes.hist(fresh, bins, color="#0072b2", hatch="//", label="on the other half")
axes.axvline(0, color="black", linewidth=1)
axes.set(xlabel="the winner's mean, in standard errors", ylabel="runs", title="200 winners, nothing there to win")
axes.legend(frameon=False)
checks.compare_prediction(my_guess_chosen, *share_and_error(p_chosen < 0.05))
checks.compare_prediction(my_guess_fresh, *share_and_error(p_fresh < 0.05))

# %% [markdown]
# On the half that chose it, every winner is about four standard errors from zero: it has won a contest among 10,700, so
# it *must* be. On the other half it looks like any other subset. Two remedies follow. Measure on samples that took no
# part in the choice; or correct for the contest: multiply the p-value by the number of comparisons (**Bonferroni**).
# The first costs half of the samples, the second costs none.
#
# **Exercise 2.** Write the p-value as Bonferroni corrects it.


# %% tags=["exercise"]
def my_corrected_p(p, examined):
    """p: of one comparison; examined: N -> a probability."""
    return ...


checks.corrected_p(my_corrected_p)

# %% [markdown]
# <details><summary>Hint</summary>What must not happen for p = 0.03 and N = 10,700?</details>
# <details><summary>Solution</summary>
#
# ```python
# def my_corrected_p(p, examined):
#     return min(1.0, p * examined)
#
#
# checks.corrected_p(my_corrected_p)
# ```
# </details>
# <br>
#
# `activation_spectroscopy` does the second, with all samples and over all that it has examined. (A held-out part only
# judges the share of variance.) How often does it report anything from pure noise? Here up to pairs, which is quicker.

# %%
corrected = np.minimum(1, p_chosen * examined)
rng = np.random.default_rng(0)
reports = np.zeros(200, dtype=bool)
for seed in range(200):
    noise_only = Patterns.from_signs(rng.choice([-1, 1], (500, 40)))
    reports[seed] = len(activation_spectroscopy(noise_only, rng.normal(size=500), max_degree=2)) > 0
at_most = stats.binomtest(int(reports.sum()), len(reports)).proportion_ci(0.95).high
print(f"{(p_chosen < 0.05).sum():3} of 200 winners have a p-value below 0.05")
print(f"{(corrected < 0.05).sum():3} of 200 still do when it is multiplied by {examined:,} (10 are to be expected)")
print(f"{reports.sum():3} of 200 searches by the whole method report anything (95 % sure: at most {at_most:.1%} do)")

# %% [markdown]
# Read a reported p-value of 0.01, which is a corrected one, like this: *if no subset at all had to do with the target,
# a search as long as this one would report something this extreme in at most 1 % of data sets.* It does not say that
# the subset is real with probability 99 %, nor that it is the cause, nor that it would be found again in another layer,
# or with another seed.
#
# ## 2. Noise on the target
#
# Six parities of one to three units among 12 units, seen in 2,000 samples; together they have a standard deviation of
# about 1.9. Noise of growing strength is added. We compare with other methods that people use (largest character
# means; Lasso and orthogonal matching pursuit on all products of up to three units; FAST, pairs only). *They are told
# that there are six subsets*, and name six; ours is told nothing and may be silent.
#
# The table of this study lies beside this notebook: `python -m actspec_widgets.studies noise` makes it (with
# `--quick` in minutes), 20 seeds at each point.
#
# **Predict.** With noise of 8, four times as strong as the signal: what will our F1 be? And our precision, the share of
# reported subsets that are true?

# %%
my_guess_f1 = ...
my_guess_precision = ...

# %%
from actspec_widgets.studies.curves import curve, mean_of

table = pd.read_csv("results/noise.csv")
STYLES = {
    "actspec": ("ours", "#0072b2", "o"),
    "scan": ("largest means", "#d55e00", "s"),
    "lasso": ("Lasso", "#009e73", "D"),
    "omp": ("matching pursuit", "#cc79a7", "^"),
    "fast": ("FAST (pairs)", "#7f3c8d", "v"),
}


def draw_scores(disturbance, label):
    """F1 and precision of each method as one thing gets worse: means over 20 seeds with standard errors."""
    panels = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained", sharey=True)[1]
    for method, (name, colour, marker) in STYLES.items():
        rows = table[(table["disturbance"] == disturbance) & (table["method"] == method)]
        for axes, score in zip(panels, ("f1", "precision"), strict=True):
            at, mean, error = curve(rows, "level", score)
            axes.errorbar(at, mean, error, color=colour, marker=marker, capsize=2, label=name)
            axes.set(xlabel=label, ylim=(-0.05, 1.05), title="F1" if score == "f1" else "precision")
    return panels


panels = draw_scores("noise", "standard deviation of the noise")
panels[0].legend(frameon=False, fontsize=9)
strongest = table[(table["disturbance"] == "noise") & (table["level"] == 8)]
ours = strongest[strongest["method"] == "actspec"]
checks.compare_prediction(my_guess_f1, *mean_of(ours, "f1"), within=0.1)
checks.compare_prediction(my_guess_precision, *mean_of(ours, "precision"), within=0.05)
reported = int(ours["found_subsets"].sum())
precision = f"{reported - int(ours['wrong_subsets'].sum())} of {reported} reported subsets are true"
print(f"noise of 8: {precision}, 120 are hidden")

# %% [markdown]
# By F1 the method is level with the best of the others, without being told that there are six, and everything that it
# reports in these runs is true. A part of what they name is wrong, and nothing says which part. What our list lacks is
# the price of its guarantee. (FAST stops at pairs, so a third of its six is wrong from the start.)
#
# ## 3. Misread signs
#
# Now the *units* are noisy: each sign is recorded wrongly with probability $p$. One unit by hand: instead of $x$ we
# read $-x$ in a share $p$ of the samples, so of its coefficient remains $(1-p) - p = 1 - 2p$.
#
# **Predict.** With $p = 0.1$, what remains of the coefficient 1 of a *triple*?

# %%
my_guess_triple = ...

# %%
clean = synthetic.planted(12, [(0,), (1, 2), (3, 4, 5)], [1.0, 1.0, 1.0], samples=5000, noise=0.5, seed=0)
signs = clean.patterns.signs()
misread = np.where(np.random.default_rng(1).random(signs.shape) < 0.1, -signs, signs)
found = activation_spectroscopy(Patterns.from_signs(misread), clean.target)
triple = found.subsets.index((3, 4, 5))
checks.compare_prediction(my_guess_triple, found.coefficients[triple], found.standard_errors[triple])
found

# %% [markdown]
# **Exercise 3.** What remains of a coefficient on any number of units?


# %% tags=["exercise"]
def my_shrunk(coefficient, size, flips):
    """coefficient; size: number of units; flips: p, share of signs misread -> what a search can still measure."""
    return ...


checks.shrunk(my_shrunk)

# %% [markdown]
# <details><summary>Hint</summary>The units are misread independently of each other, so their factors
# multiply.</details>
# <details><summary>Solution</summary>
#
# ```python
# def my_shrunk(coefficient, size, flips):
#     return coefficient * (1 - 2 * flips) ** size
#
#
# checks.shrunk(my_shrunk)
# ```
# </details>
# <br>
#
# So noise in the units hides *large* subsets first, and makes a network look simpler than it is. A threshold in the
# wrong place can do the same. (In the books this is the noise operator: it multiplies what has degree $k$ by
# $\rho^k$.)
#
# ## 4. Units that add nothing: constants and duplicates
#
# A pixel that is always white, a unit that copies another: they change nothing about the function, only about its
# *names*.
#
# **Predict.** The unit 0 matters on its own. Two constant units, 12 and 13, are added. Under how many names does the
# same feature (a number) now stand in a list of all subsets of up to three units? By hand: $\{0\}$, ...

# %%
my_guess_names = ...

# %%
truth, weights = [(0,), (1, 2), (3, 4, 5)], [1.0, -0.8, 0.6]
constants = synthetic.planted(12, truth, weights, samples=2000, noise=0.5, constants=2, seed=0)
listed = scan(constants.patterns, constants.target, max_degree=3, top=20)
checks.compare_prediction(my_guess_names, sum(set(subset) - {12, 13} == {0} for subset in listed.subsets))
print("two constants, the largest eight:  ", *listed.subsets[:8])

messy = synthetic.planted(12, truth, weights, samples=2000, noise=0.5, constants=4, duplicates=4, seed=0)
print("four constants and four duplicates:", *scan(messy.patterns, messy.target, max_degree=3, top=8).subsets, "\n")
answer = activation_spectroscopy(messy.patterns, messy.target)
for subset, equivalents in zip(answer.subsets, answer.equivalents, strict=True):
    print(f"reported once: {subset!s:10} also known as: {' '.join(map(str, equivalents)) or '-'}")
print("constants, said once for all subsets:", answer.constant_units)

# %% [markdown]
# A plain ranking fills its first places with one feature. `activation_spectroscopy` reports it once, under its
# simplest name. Duplicates are listed as *equivalents*: the data cannot tell which of them the network uses.
# (`intervene` can: lesson 3.) Constants are not spelled out, as each would double the list:
# `answer.constant_units` names them once for all subsets.
#
# ## 5. Too few samples
#
# The same three subsets, seen in 60 samples, with noise of 2. Is nothing there?

# %%
few = synthetic.planted(12, truth, weights, samples=60, noise=2.0, seed=0)
Markdown(activation_spectroscopy(few.patterns, few.target).summary())

# %% [markdown]
# The answer is empty *and says what that is worth*: how much of the variance a subset must explain to be reported at
# all. Before you write "the layer has no joint features", read that line.
#
# ## 6. Skewed units
#
# Real units are seldom balanced. Let eight units be active in 90 % of the samples, so that each has the mean
# $\mu = 0.8$, and let the target be the pair $x_0 x_1$ and nothing else.
#
# **Predict.** What is the character mean of unit 0 *alone*, $\mathbb{E}[(y - \bar y)\,x_0]$? For balanced units it
# was 0. (By hand: $x_0^2 = 1$, so $y\,x_0 = x_1$; and $\bar y = \mu^2$.)

# %%
my_guess_skewed = ...

# %%
skewed = synthetic.planted(8, [(0, 1)], [1.0], samples=4000, noise=0.5, bias=0.8, seed=0)
means = scan(skewed.patterns, skewed.target, max_degree=2, top=100)
alone = means.subsets.index((0,))
checks.compare_prediction(my_guess_skewed, means.values[alone], means.standard_errors[alone])
print("largest means:", *means.subsets[:7], "\n")
print("signs: ", activation_spectroscopy(skewed.patterns, skewed.target, max_degree=2), "\n")
print("biased:", activation_spectroscopy(skewed.patterns, skewed.target, max_degree=2, basis="biased"))

rows = []
for mean, samples, seed in itertools.product((0.8, 0.9), (256, 1024), range(20)):
    problem, hidden = make_problem("parity", samples=samples, noise=1.0, bias=mean, seed=seed)
    answer = activation_spectroscopy(problem.patterns, problem.target)
    claims = [group for group in answer.classes if group]
    wrong_names = len(set(answer.subsets) - set(hidden))
    wrong_claims = sum(not set(group) & set(hidden) for group in claims)
    rows.append((mean, samples, len(answer), wrong_names, len(claims), wrong_claims))
columns = ["mean of the units", "samples", "reported", "wrong names", "claims", "wrong claims"]
skew = pd.DataFrame(rows, columns=columns).groupby(columns[:2]).sum()
skew

# %% [markdown]
# Single units that do nothing on their own, and pairs with units that do nothing at all, get large means: over skewed
# data parities overlap, and a *mean* mixes what overlaps. Fitted jointly, as "signs" shows, the pair is found alone.
#
# But look at the third answer. **Biased characters** measure each unit from its own mean,
# $\varphi_i = (x_i - \mu)/\sigma$, and then
# $x_0 x_1 = \mu^2 + \mu\sigma(\varphi_0 + \varphi_1) + \sigma^2 \varphi_0 \varphi_1$: mostly single units! Both are
# right. With units that are nearly always on, most of what the pair does is done when *one* of them is off, and that
# looks like a single unit's doing. **How distributed a code is depends on the inputs it meets**; say which characters
# you used.
#
# Skewed units also make *names* uncertain. The table counts the answers to 20 problems a row, four triples among 16
# units in each. With units of mean 0.9 and 256 samples, four in ten of the names are wrong, as a triple's parity then
# hardly ever differs from that of its parts. The method says so: a **claim** is "one of these", the members in
# `answer.classes`, and none is made where the data cannot tell more than twenty apart. Hardly any of the *claims* is
# wrong. With more samples the names are right again.
#
# ## 7. Play: what breaks it first?
#
# - Choose *What gets worse*: signs misread. Which method falls first? Press *Keep to compare*, then raise *Samples*.
# - Duplicated units: what happens to "scan", and why?
# - Set *Score* to precision. Can you make ours fall below 0.9?

# %%
from actspec_widgets.views import NoiseLab

lab = NoiseLab(seeds=4)
lab

# %% [markdown]
# ## What we measured

# %%
worst = skew.loc[(0.9, 256)]
what_we_measured(
    ("winners of a search of pure noise with p < 0.05 (section 1)", f"{(p_chosen < 0.05).sum()} of 200"),
    ("the same winners, on samples that did not choose them", *share_and_error(p_fresh < 0.05)),
    (
        "pure noise, whole method: searches that report anything",
        f"{reports.sum()} of 200; 95 % sure: at most {at_most:.1%}",
    ),
    ("our F1 with noise of 8 (section 2)", *mean_of(ours, "f1")),
    ("our precision there", precision),
    (
        "left of a triple, 10 % misread; 0.512 expected (section 3)",
        found.coefficients[triple],
        found.standard_errors[triple],
    ),
    (
        "a unit that does nothing alone, skewed; 0.288 expected (section 6)",
        means.values[alone],
        means.standard_errors[alone],
    ),
    ("wrong names, units of mean 0.9, 256 samples", f"{worst['wrong names']} of {worst['reported']}"),
    ("wrong claims there", f"{worst['wrong claims']} of {worst['claims']}"),
)

# %% [markdown]
# **Read on:** O'Donnell, *Analysis of Boolean Functions* (2014): section 2.4 on noise stability, 8.4 on skewed
# ("p-biased") units. On many comparisons: O. J. Dunn, *Multiple comparisons among means*, J. Am. Stat. Assoc. 56
# (1961); on measuring with other samples than one has searched: D. R. Cox, *A note on data-splitting for the
# evaluation of significance levels*, Biometrika 62 (1975). All claims about robustness with their verdicts, also
# where they do not hold: the [ledger](ledger.md).
#
# **Open question.** Our guarantee is about *false* reports. For your own use of a network, which is worse: a feature
# that is not there, or one that you were not told about? What would you change in the method for the other answer?
