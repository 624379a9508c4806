"""Large coefficients of a function that may be queried: Goldreich-Levin and hashing."""
