"""One picture of one result each, with its table and its files."""
