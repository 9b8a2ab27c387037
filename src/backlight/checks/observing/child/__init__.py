"""What runs inside the cage, around a stranger's program. Nothing here judges, and nothing that it says is trusted.

Only the standard library is imported; NumPy and torch are looked at when the program has imported them.
"""
