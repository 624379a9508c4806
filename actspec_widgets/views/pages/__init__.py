"""A spectrum as one page that opens without a notebook."""
