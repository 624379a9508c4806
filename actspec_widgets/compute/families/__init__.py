"""Consensus over halves of the samples: families of subsets, and how often each returns."""
