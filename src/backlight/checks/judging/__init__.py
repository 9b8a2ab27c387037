"""Is each step the one that the gradient asks for, and if not, which mistake makes the same numbers?"""
