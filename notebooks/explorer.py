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
# # Which pixels say something about a digit *together*?
#
# Each bar is a subset of pixels whose **parity** goes with the network's output: a single pixel, or the product of
# several. Its length is the coefficient with its standard error. A bar of several pixels is not yet a *joint* effect,
# as a sum of rarely active units looks like a product. Click a bar to see where the subset lies; turn a setting to ask
# again.

# %%
from actspec_widgets.views import SpectrumExplorer

SpectrumExplorer(layer="pixels")

# %% [markdown]
# A large coefficient on recorded data is an association, not a cause, and what was not searched is not absent: the
# line below the picture says what was looked at.
#
# For your own network, give the explorer its `model`, a `layer` and `inputs`, or recorded `activations` and
# `outputs`. To serve this notebook as a page without code, for anybody with its address:
#
# ```text
# voila notebooks/explorer.ipynb --theme=dark --MappingKernelManager.cull_idle_timeout=600
# ```
#
# Voila does not notice that a page was closed; the last option stops a page's kernel when nothing has happened in it
# for ten minutes.
