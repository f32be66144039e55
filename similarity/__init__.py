"""First floor: how alike two profiles are."""
