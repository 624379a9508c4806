"""What a statement about a subset rests on: samples, errors, and how often something may be falsely called joint."""

# On the rarer side of a character, before anything is said about it; and in the rarest on/off combination of a subset's
# units, before its joint effect can be told from separate ones.
FEWEST = 10
# Errors from which an effect is plainly there. Many, as that of a variance is far from normal where contexts are few.
PLAIN = 8.0


def joint_level(alpha: float, error_rate: str) -> float:
    """Chance of any false joint claim: a list of which a share may be false does not loosen what is called joint."""
    return min(alpha, 0.05) if error_rate == "fdr" else alpha
