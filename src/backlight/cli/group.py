"""A click group that imports a command when it is used, so that `--help` does not import them all."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import click

from backlight.faults import BacklightError, Fault
from backlight.language import LANGUAGES, _

if TYPE_CHECKING:
    from collections.abc import Mapping


class LazyGroup(click.Group):
    """Commands known by name and one line of help; the module of one holds it as `command`."""

    def __init__(
        self, name: str, *, commands_at: Mapping[str, tuple[str, str]], help_text: str, params: list[click.Parameter]
    ) -> None:
        super().__init__(name, help=help_text, params=params)
        self.commands_at = commands_at

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """Name the commands in the order of a day's work, not of the alphabet."""
        return list(self.commands_at)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  the same
        """Import the module of a command."""
        if cmd_name not in self.commands_at:
            return None
        command: click.Command = import_module(self.commands_at[cmd_name][0]).command
        command.params.extend(option for option in global_options() if option.name not in _names(command))
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is asked for, or say which one was probably meant.

        Raises
        ------
        BacklightError [C-USAGE-1]
            There is no such command.
        """
        if args[0] not in self.commands_at and not args[0].startswith("-"):
            raise BacklightError(_no_such_command(args[0], list(self.commands_at)))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  the same
        """List the commands from the table, importing none."""
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, _(line)) for name, (_module, line) in self.commands_at.items()])


def global_options() -> list[click.Parameter]:
    """--lang and --version, which may stand before or after the verb."""
    return [
        click.Option(
            ["--lang"],
            type=click.Choice(LANGUAGES),
            expose_value=False,
            help=_("Language of all texts; the default is the locale's."),
        ),
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_print_version,
            help=_("Print the version and leave."),
        ),
    ]


def _print_version(context: click.Context, _option: click.Parameter, asked: bool) -> None:  # noqa: FBT001  click's
    """Print the version when it is asked for."""
    if asked:
        import backlight

        click.echo(f"backlight {backlight.__version__}")
        context.exit()


def _no_such_command(name: str, known: list[str]) -> Fault:
    """C-USAGE-1: the nearest name and the list."""
    from backlight.recipes.wording.nearest import nearest
    from backlight.recipes.wording.shown import shown, word

    close = nearest(name, known)
    return Fault(
        code="C-USAGE-1",
        sentence=_("no command is called {name}").format(name=word(name)),
        got=shown(name),
        because=_("the commands are {names}").format(names=", ".join(known)),
        try_this=f"backlight {close} --help" if close else "backlight --help",
    )


def _names(command: click.Command) -> set[str | None]:
    """The options a command has already."""
    return {option.name for option in command.params}
