"""Which network is it? The values are held against everything that a forward pass computes."""
