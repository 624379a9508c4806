"""Search over products of standardised units, where characters are floats and not bits."""
