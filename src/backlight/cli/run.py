"""backlight run: one recipe, one engine, every number."""

from __future__ import annotations

import click

from backlight.cli.recipe_options import changed_recipe, form_option, plot_option, recipe_options
from backlight.language import _


@click.command("run", help=_("Run a recipe on an engine and show every number."))
@click.argument("recipe")
@click.option("--engine", default="hand", metavar="ENGINE", help=_("hand, autograd or exact; the default is hand."))
@click.option("--device", default="cpu", metavar="DEVICE", help=_("Where autograd computes, as torch names it."))
@recipe_options
@click.option("--mistake", metavar="SLUG", help=_("Make a named mistake: SLUG or SLUG:layer=1,factor=2."))
@click.option("--record", metavar="WHAT", help=_("all, parameters or loss; all:10 keeps every tenth row."))
@form_option
@plot_option
@click.option("--save", metavar="FILE", help=_("Keep the trace in a .json, .csv or .zarr file."))
def command(
    *,
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
    from backlight.cli.output import check_files, exit_code, keep, show
    from backlight.cli.progress import watched
    from backlight.engines import run

    chosen = changed_recipe(recipe, learning_rate=learning_rate, iterations=iterations, settings=settings)
    check_files(plot=plot, save=save)
    with watched() as watch:
        trace = run(chosen, engine=engine, device=device, mistake=mistake, record=record, progress=watch.progress)
    show(trace, form)
    keep(trace, plot=plot, save=save)
    return exit_code(trace, interrupted=watch.interrupted)
