"""From a `Study` to quads."""
