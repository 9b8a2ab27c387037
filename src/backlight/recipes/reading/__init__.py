"""From files and texts to trees of what was written, each field with its line and column; and samples from CSV."""
