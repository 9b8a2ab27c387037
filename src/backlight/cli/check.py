"""backlight check: is a hand-written program right, and if not, where is it wrong?"""

from __future__ import annotations

import click

from backlight.cli.recipe_options import form_option
from backlight.language import _


@click.command("check", help=_("Find the mistake in a hand-written training program, and prove it."))
@click.argument("programs", nargs=-1, required=True, metavar="PROGRAM...")
@click.option("--recipe", metavar="RECIPE", help=_("What the program should do: a file, or a ready recipe's name."))
@form_option
@click.option("--fix", metavar="FILE", help=_("Write the program with the mistake replaced, where that is proved."))
@click.option("--trust", is_flag=True, help=_("Run it without isolation: only what is your own."))
@click.option("--summary", metavar="FILE.csv", help=_("Keep a table with a line for each program."))
def command(
    *, programs: tuple[str, ...], recipe: str | None, form: str, fix: str | None, trust: bool, summary: str | None
) -> int:
    """Refuse first what could not be done at the end, then ask, show, keep."""
    from backlight.cli.checking.before import check_files, chosen_recipe
    from backlight.cli.checking.one import check_one
    from backlight.cli.checking.several import check_several

    chosen = chosen_recipe(recipe, programs)
    check_files(programs, recipe=chosen, fix=fix, summary=summary)
    if len(programs) == 1:
        return check_one(programs[0], recipe=chosen, form=form, fix=fix, trust=trust, summary=summary)
    return check_several(programs, recipe=chosen, form=form, trust=trust, summary=summary)
