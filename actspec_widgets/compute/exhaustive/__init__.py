"""Every subset up to a degree, screened by popcounts and decided in float64."""
