"""What run and compare share: a recipe and the changes made to it on the command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from backlight.language import _

if TYPE_CHECKING:
    from backlight.recipes import Recipe

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def recipe_options(command: Decorated) -> Decorated:
    """Add --learning-rate, --iterations and --set."""
    for option in (
        click.option("--set", "settings", multiple=True, metavar="PATH=VALUE", help=_("Change any field of the recipe.")),
        click.option("--iterations", metavar="N", help=_("Number of updates.")),
        click.option("--learning-rate", "--lr", metavar="X", help=_("Factor on the step.")),
    ):
        command = option(command)
    return command


def changed_recipe(
    source: str, *, learning_rate: str | None, iterations: str | None, settings: tuple[str, ...]
) -> Recipe:
    """Read a recipe and make the changes that the command line asks for."""
    from backlight.recipes import recipe
    from backlight.recipes.settings import setting

    texts = [*settings]
    texts += [f"training.learning_rate={learning_rate}"] if learning_rate is not None else []
    texts += [f"training.iterations={iterations}"] if iterations is not None else []
    base = recipe(source)
    return base.with_(dict(setting(text) for text in texts)) if texts else base
