"""What is claimed from recorded data: the search, its tests, joint parts, classes and groups (method, section 7)."""
