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
# # Layers that act together: which units of a network do, and how do you find out?
#
# **After this lesson you can** find a pair of units that was built into a network to act only together; say by one
# number how far the units of a layer act together; and say why a list of pairs from recorded data cannot show that, and
# what can.
#
# **You need** lesson 0, and PyTorch (`make lab` has it). 30 minutes; the cells as they stand run in some seconds,
# without internet.
#
# **Conventions.** A unit is $x_i = +1$ when it is on and $-1$ when it is off. A coefficient is the mean of the answer
# times the product of the signs of a subset's units. Errors (±) are one standard error.

# %%
import numpy as np
import torch
from torch import nn

from actspec_widgets import (
    Patterns,
    SubNetwork,
    activation_spectroscopy,
    distributedness,
    experiment,
    load_mnist,
    record,
)
from actspec_widgets.lessons import checks
from actspec_widgets.lessons.claims import what_we_measured
from actspec_widgets.networks import binarise, family_classifier
from actspec_widgets.views import SpectrumExplorer

torch.set_num_threads(1)  # on batches this small, more threads only wait for each other

# %% [markdown]
# ## 1. A network into which an XOR was built
#
# The lamp of lesson 0 burns when its switches agree. An **XOR** is 1 when two inputs differ, and 0 when they agree. A
# network can compute it with ReLU units, $\max(\cdot, 0)$.
#
# **Exercise 1.** The XOR of two inputs that are 0 or 1, by sums and `np.maximum(..., 0)`.


# %% tags=["exercise"]
def my_xor(a, b):
    """a, b: (m,) of 0.0 or 1.0 -> (m,) 1.0 where exactly one of the two is 1, else 0.0."""
    return ...


checks.xor(my_xor)

# %% [markdown]
# <details><summary>Hint</summary>The sum is right except where both are 1. Which ReLU unit is 1 there, and 0
# elsewhere?</details>
# <details><summary>Solution</summary>
#
# ```python
# def my_xor(a, b):
#     both = np.maximum(a + b - 1, 0)
#     return a + b - 2 * both
#
#
# checks.xor(my_xor)
# ```
# </details>
# <br>
#
# Here is such a network. It has eight inputs, A to H. Three of them, A, B and C, add something to the answer by
# themselves. E and G count only together: their XOR is added.
#
# **Predict.** What is the coefficient of E alone? And that of {E, G}? (An XOR is $\tfrac12 - \tfrac12 x_E x_G$.)

# %%
my_guess_alone = ...
my_guess_pair = ...


# %%
def network_with_xor(first, second):
    """Eight inputs of 0 or 1 -> half of A, less a quarter of B, plus a quarter of C, plus the XOR of two of them."""
    gates, answer = nn.Linear(8, 9), nn.Linear(9, 1, bias=False)
    with torch.no_grad():
        gates.weight[:8], gates.bias[:8] = torch.eye(8), 0.0  # units 0 to 7: the inputs as they are
        gates.weight[8], gates.bias[8] = 0.0, -1.0
        gates.weight[8, [first, second]] = 1.0  # unit 8: 1 where both are on
        answer.weight[:] = torch.tensor([0.5, -0.25, 0.25, 0, 0, 0, 0, 0, -2.0])
        answer.weight[0, [first, second]] += 1.0
    network = nn.Sequential()
    network.add_module("gates", gates)
    network.add_module("relu", nn.ReLU())
    network.add_module("answer", answer)
    return network


letters = "ABCDEFGH"
built = network_with_xor(letters.index("E"), letters.index("G"))
inputs = torch.tensor(np.random.default_rng(0).integers(0, 2, (2000, 8)), dtype=torch.float32)

explorer = SpectrumExplorer(
    model=built,
    layer="input",
    layers=["input", "relu"],
    inputs=inputs,
    unit_names=list(letters),
    output_names=["answer"],
)
explorer.wait()
found = dict(zip(explorer.spectrum.subsets, explorer.spectrum.coefficients, strict=True))
checks.compare_prediction(my_guess_alone, found.get((4,), 0.0))
checks.compare_prediction(my_guess_pair, found[4, 6])
explorer

# %% [markdown]
# No input and no pair was named to the search, and it finds the built-in one. E alone and G alone are not reported:
# each of them tells nothing.
#
# **Play.**
#
# - Hover the bar of {E, G}. Below the picture of the units stand the means of four groups: both on, only one, neither.
#   Compute the coefficient from them, as in lesson 0.
# - Click the unit E: the network is asked, and its move stands beside the prediction.
# - Change *Layer* to "relu". The same answer is computed from these nine units. What does the title say now, and why?
#   (The ReLU unit 8 holds "both", and the answer *adds up* what the units hold.)
# - Build the XOR into two other inputs: change the letters in the cell above, and run it again.
#
# So whether units act together is a question about a *layer*, not about a network.
#
# ## 2. One number for a layer
#
# In a network that nobody built by hand, ask this first: does anything act together in this layer? The **joint share**
# of lesson 0 answers it. With 64 units nobody can read all $2^{64}$ points, so `distributedness` estimates it: it gives
# units the values that they have in *other* samples, each unit from a sample of its own, and looks at how the answer
# moves. There is no on and off in it, and no search.
#
# **Predict.** The joint share of the network that you have just seen, at its inputs and at its ReLU units?
# And in a classifier of handwritten digits, for the logit of "3", at its first and its second (last) hidden layer?

# %%
my_guess_built_inputs, my_guess_built_relu = ..., ...
my_guess_first, my_guess_second = ..., ...

# %%
classifier, digits = family_classifier(dropout=0.0), binarise(load_mnist().x_train)
layers = {
    "built, inputs": SubNetwork(built, "input", inputs, 0),
    "built, ReLU units": SubNetwork(built, "relu", inputs, 0),
    "digits, first hidden layer": SubNetwork(classifier, "relu1", digits, 3),
    "digits, second hidden layer": SubNetwork(classifier, "relu2", digits, 3),
}
shares = {name: distributedness(rest).joint_share for name, rest in layers.items()}
guesses = my_guess_built_inputs, my_guess_built_relu, my_guess_first, my_guess_second
for guess, (name, share) in zip(guesses, shares.items(), strict=True):
    print(f"{name}: joint share {abs(share.value):.3f} ± {share.standard_error:.3f}")
    checks.compare_prediction(guess, abs(share.value), share.standard_error, within=0.02)

# %% [markdown]
# Two of the four are 0, and not by chance: the answer is a *weighted sum* of the units of a network's last hidden
# layer, so no two of them can act together. In the first hidden layer of the classifier units do act together, a
# little. Only there it is worth asking which ones.
#
# ## 3. Recorded pairs are a trap
#
# Usually one has only a recording: what the units did on the data, and what came out. To see what a recording can show,
# take a layer of which the truth is known: the second hidden layer, where nothing acts together.
#
# **Exercise 2.** Two units $i$ and $j$ add up in a function $f$ if changing both does as much as changing each alone:
# the second difference, from a point $a$ towards a point $b$, is 0.


# %% tags=["exercise"]
def my_second_difference(f, a, b, i, j):
    """f: function of an (n,) array; a, b: (n,); i, j: units -> f(both) - f(i alone) - f(j alone) + f(a)."""
    return ...


checks.second_difference(my_second_difference)

# %% [markdown]
# <details><summary>Hint</summary>Make copies of a, and put <code>b[i]</code>, <code>b[j]</code> or both into
# them.</details>
# <details><summary>Solution</summary>
#
# ```python
# def my_second_difference(f, a, b, i, j):
#     one, other, both = a.copy(), a.copy(), a.copy()
#     one[i] = both[i] = b[i]
#     other[j] = both[j] = b[j]
#     return f(both) - f(one) - f(other) + f(a)
#
#
# checks.second_difference(my_second_difference)
# ```
# </details>
# <br>
#
# **Predict.** Units are cut into on and off, and the recording is searched for singles and pairs. How many pairs will
# be called joint, where the truth is 0?

# %%
my_guess_recorded = ...

# %%
activations, logit = record(classifier, "relu2", digits, output=3)
recorded = activation_spectroscopy(Patterns.from_activations(activations), logit, max_degree=2)
joint_recorded = int(recorded.joint.sum())
checks.compare_prediction(my_guess_recorded, joint_recorded, within=1)
for at in np.flatnonzero(recorded.joint)[:4]:
    print(
        f"{recorded.label(recorded.subsets[at]):9} joint part {recorded.joint_parts[at]:+.2f} "
        f"± {recorded.joint_errors[at]:.2f}"
    )

# %% [markdown]
# The errors are right, and so are the p-values: on these digits, *in on/off terms*, the pairs do say more than their
# parts. Two things cause this. On/off forgets how strongly a unit is active, and units go along with each other, so the
# state of one tells how strong the other is. Neither of them is something that the network does.
#
# ## 4. The experiment is the way out
#
# Ask the network: `experiment` gives units the values that they have in other digits, as section 2 did, and records how
# the answer changes. Now subsets are looked for in *that*.
#
# **Predict.** How many pairs will be called joint in the second hidden layer? And in the first?

# %%
my_guess_asked_second, my_guess_asked_first = ..., ...

# %%
asked = {
    name: activation_spectroscopy(experiment(layers[name], draws=20_000), max_degree=2)
    for name in ("digits, second hidden layer", "digits, first hidden layer")
}
joint_asked = {name: int(spectrum.joint.sum()) for name, spectrum in asked.items()}
for guess, joint in zip((my_guess_asked_second, my_guess_asked_first), joint_asked.values(), strict=True):
    checks.compare_prediction(guess, joint, within=0)
first = asked["digits, first hidden layer"]
single = max(abs(c) for s, c in zip(first.subsets, first.coefficients, strict=True) if len(s) == 1)
largest = float(np.abs(first.joint_parts[first.joint]).max())
print(f"first hidden layer: the strongest single unit {single:.2f}, the strongest joint pair {largest:.2f}")

# %% [markdown]
# There is none in the layer where nothing can act together. In the first hidden layer there are pairs, each weak beside
# single units. Many weak pairs add up to the joint share of section 2, and another seed puts other pairs on the list.
# (At most 20 subsets are reported.)
#
# So: **first one number** (does anything act together here?), **then the subsets**, and those from an experiment. A
# recording alone says which units *go with* the output. That is another question; lessons 2 to 5 examine it.
#
# ## What we measured

# %%
what_we_measured(
    ("the built-in XOR: E alone (section 1)", found.get((4,), 0.0)),
    ("{E, G} together", found[4, 6]),
    *((f"joint share, {name} (section 2)", abs(share.value), share.standard_error) for name, share in shares.items()),
    ("pairs called joint in a weighted sum, on recorded digits (section 3)", f"{joint_recorded}; the truth is 0"),
    ("the same by experiment (section 4)", f"{joint_asked['digits, second hidden layer']}"),
    ("pairs called joint in the first hidden layer, by experiment", f"{joint_asked['digits, first hidden layer']}"),
)

# %% [markdown]
# **Go on with** [lesson 2](02-when-pairs-deceive.ipynb): the pixels of a digit, where pairs deceive;
# [lesson 3](03-signs-parities-spectra.ipynb): spectra by hand.
#
# **Read on:** Liu and Owen (2006), *Estimating mean dimensionality of analysis of variance decompositions*: the joint
# share of numbers in the place of bits. O'Donnell, *Analysis of Boolean Functions* (2014), section 2.2: what a unit
# does when it is changed.
#
# **Open question.** The classifier's joint share is 0 in its last hidden layer for every logit. Is it 0 for the
# *probability* of a "3"? Which of the two would you ask about?
