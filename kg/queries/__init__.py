"""Questions to the graph, one a file."""
