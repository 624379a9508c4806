"""Effects: the output of a function asked at activations that are resampled, unit by unit, from recorded ones."""
