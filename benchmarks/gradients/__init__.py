"""The same right and wrong gradients for every checker of gradients that is at hand."""
