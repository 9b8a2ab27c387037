"""What to do: recipes, read and checked, and the numbers an engine starts from."""

from backlight.recipes.read import recipe
from backlight.recipes.recipe import Recipe
from backlight.recipes.start import Start, batches, start

__all__ = ["Recipe", "Start", "batches", "recipe", "start"]
