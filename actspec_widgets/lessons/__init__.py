"""What the notebooks need beyond the toolkit itself."""
