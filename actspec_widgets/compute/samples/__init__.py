"""Subsets of any size from recorded samples: best-first with a certificate, and a beam."""
