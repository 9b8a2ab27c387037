"""Everything that can be wrong with a recipe, found all at once. `check` begins, each of the others judges one matter."""
