"""Second floor: the graph and its life."""
