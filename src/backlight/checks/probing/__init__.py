"""The program again, from other initial values: what its own do not show is seen there."""
