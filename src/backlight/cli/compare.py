"""backlight compare: runs side by side - engines, variants, mistakes, recipes."""

from __future__ import annotations

import click

from backlight.cli.recipe_options import asked_changes, form_option, plot_option, recipe_options
from backlight.language import _


@click.command("compare", help=_("Lay runs side by side: engines, variants, mistakes, recipes, saved traces."))
@click.argument("recipes", nargs=-1, required=True, metavar="RECIPE...")
@click.option("--engines", metavar="A,B,...", help=_("The same recipe on several engines: hand,autograd,exact."))
@click.option(
    "--vary",
    multiple=True,
    metavar="PATH=A,B,...",
    help=_("The same recipe with several values of a field; may be given several times."),
)
@click.option("--mistake", "mistakes", multiple=True, metavar="SLUG", help=_("The truth beside a named mistake."))
@recipe_options
@click.option("--record", metavar="WHAT", help=_("all, parameters or loss; all:10 keeps every tenth row."))
@form_option
@plot_option
def command(
    *,
    recipes: tuple[str, ...],
    engines: str | None,
    vary: tuple[str, ...],
    mistakes: tuple[str, ...],
    learning_rate: str | None,
    iterations: str | None,
    settings: tuple[str, ...],
    record: str | None,
    form: str,
    plot: str | None,
) -> int:
    """Run all of them, lay them side by side, show what is to be noticed."""
    from backlight.cli.output import check_files, exit_code, keep, show
    from backlight.cli.progress import watched
    from backlight.recipes.settings import settings_list
    from backlight.studies import compare

    changes = asked_changes(learning_rate=learning_rate, iterations=iterations, settings=settings)
    in_all_runs = {path: [value] for path, value in changes.items()}
    varied: dict[str, list[object]] = {}
    for path, values in map(settings_list, vary):  # a field that is given again has more values
        varied[path] = varied.get(path, []) + values
    check_files(plot=plot)
    with watched() as watch:
        comparison = compare(
            *recipes,
            engines=None if engines is None else [name.strip() for name in engines.split(",")],
            vary=in_all_runs | varied or None,
            mistakes=mistakes or None,
            record=record,
            progress=watch.progress,
        )
    show(comparison, form)
    keep(comparison, plot=plot)
    return exit_code(comparison, interrupted=watch.interrupted)
