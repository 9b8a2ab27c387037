"""backlight recipes: the ready recipes, and the schema that editors check recipes with."""

from __future__ import annotations

import click

from backlight.faults import RecipeError
from backlight.language import _


@click.command("recipes", help=_("List the ready recipes, or print one to start from."))
@click.argument("name", required=False)
@click.option("--schema", is_flag=True, help=_("Print the JSON Schema of recipes, for an editor."))
def command(*, name: str | None, schema: bool) -> None:
    """List, print one, or print the schema."""
    if schema:
        import json

        from backlight.recipes.schema import schema as of_recipes

        click.echo(json.dumps(of_recipes(), indent=2))
    elif name is not None:
        from backlight.recipes.reading.sources import not_ready
        from backlight.recipes.ready import ORDER, ready_text

        if name not in ORDER:
            raise RecipeError(not_ready(name))
        click.echo(ready_text(name), nl=False)
    else:
        from backlight.recipes.ready import ready
        from backlight.views import recipes_table

        click.echo(recipes_table(ready()))
