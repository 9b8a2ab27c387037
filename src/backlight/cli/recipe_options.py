"""What run and compare share: a recipe, the changes made to it, and the forms of a result."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from backlight.language import _

if TYPE_CHECKING:
    from backlight.recipes import Recipe

Command = TypeVar("Command", bound=Callable[..., Any])

form_option = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help=_("Form of the result.")
)
plot_option = click.option("--plot", metavar="FILE", help=_("Draw into an .svg, .png or .pdf file."))


def recipe_options(command: Command) -> Command:
    """Add --learning-rate, --iterations and --set."""
    for option in (
        click.option("--set", "settings", multiple=True, metavar="PATH=VALUE", help=_("Change any field.")),
        click.option("--iterations", metavar="N", help=_("Number of updates.")),
        click.option("--learning-rate", "--lr", metavar="X", help=_("Factor on the step.")),
    ):
        command = option(command)
    return command


def changed_recipe(
    source: str, *, learning_rate: str | None, iterations: str | None, settings: tuple[str, ...]
) -> Recipe:
    """Read a recipe with the changes that the command line asks for; only the result is checked."""
    from backlight.recipes import recipe

    changes = asked_changes(learning_rate=learning_rate, iterations=iterations, settings=settings)
    return recipe(source, changes=changes)


def asked_changes(*, learning_rate: str | None, iterations: str | None, settings: tuple[str, ...]) -> dict[str, Any]:
    """Give the fields that the command line asks to change, with their values."""
    from backlight.recipes.settings import setting

    asked = {"training.learning_rate": learning_rate, "training.iterations": iterations}
    texts = [*settings, *(f"{path}={value}" for path, value in asked.items() if value is not None)]
    return dict(setting(text) for text in texts)
