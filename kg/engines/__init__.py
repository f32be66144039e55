"""An existing SPARQL server behind the graph seam: a mirror of the published graph that answers."""
