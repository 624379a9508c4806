"""What is in a layer: the explorer and the panels that it opens."""
