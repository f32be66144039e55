"""Questions to the graph, one a file.

A file begins with its title, its theme and what the answer holds, which pages show; after an empty
comment line it may say how the query is written.
"""
