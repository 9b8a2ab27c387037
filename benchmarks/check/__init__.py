"""Hand-written programs in many styles, right ones and wrong ones, and what a check must say of each."""
