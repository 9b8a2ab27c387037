"""What stands behind backlight check: one program in full, or many with a line each."""
