"""How many samples a statement about a subset rests on at least."""

# On the rarer side of a character, before anything is said about it; and in the rarest on/off combination of a subset's
# units, before its joint effect can be told from separate ones.
FEWEST = 10
