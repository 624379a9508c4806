"""The fewest samples that a statement about a subset may rest on."""

# On the rarer side of a character, before anything is said about it; and in the rarest on/off combination of a subset's
# units, before its joint effect can be told from separate ones.
FEWEST = 10
