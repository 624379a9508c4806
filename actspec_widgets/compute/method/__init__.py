"""The whole method: search, selection without redundancy, held-out estimates."""
