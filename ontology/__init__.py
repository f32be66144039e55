"""Ground floor: what the words mean."""
