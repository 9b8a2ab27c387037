"""backlight run: one recipe, one engine, every number."""

from __future__ import annotations

import click

from backlight.cli.progress import Interrupts, progress_bar
from backlight.cli.recipe_options import changed_recipe, recipe_options
from backlight.language import _

INTERRUPTED = 130
CANNOT_TELL = 3


@click.command("run", help=_("Run a recipe on an engine and show every number."))
@click.argument("recipe")
@click.option("--engine", default="hand", metavar="ENGINE", help=_("hand, autograd or exact; the default is hand."))
@click.option("--device", default="cpu", metavar="DEVICE", help=_("Where autograd computes, as torch names it."))
@recipe_options
@click.option("--mistake", metavar="SLUG", help=_("Make a named mistake: SLUG or SLUG:layer=1,factor=2."))
@click.option("--record", metavar="WHAT", help=_("all, parameters or loss; all:10 keeps every tenth row."))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help=_("Form of the result."))
@click.option("--plot", metavar="FILE", help=_("Draw the run into an .svg, .png or .pdf file."))
@click.option("--save", metavar="FILE", help=_("Keep the trace in a .json, .csv or .zarr file."))
def command(
    recipe: str,
    engine: str,
    device: str,
    learning_rate: str | None,
    iterations: str | None,
    settings: tuple[str, ...],
    mistake: str | None,
    record: str | None,
    form: str,
    plot: str | None,
    save: str | None,
) -> int:
    """Run, show, keep; the result is shown before anything is written, so that it is not lost."""
    from backlight.engines import run
    from backlight.traces import files

    chosen = changed_recipe(recipe, learning_rate=learning_rate, iterations=iterations, settings=settings)
    ...
    return 0
