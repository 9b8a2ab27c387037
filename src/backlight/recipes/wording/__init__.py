"""How the faults of a recipe are put: what was written, what was meant, what would work, and where it stands."""
