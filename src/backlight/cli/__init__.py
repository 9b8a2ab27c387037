"""The command line: one command per verb. `main` is what the shell starts."""

from backlight.cli.entry import main

__all__ = ["main"]
