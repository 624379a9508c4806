"""Every coefficient on the whole cube, or on a block of units, by one fast transform."""
