"""A click group that imports a command when it is used, so that `--help` does not import them all."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import click

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


def _names(command: click.Command) -> set[str | None]:
    """The options a command has already."""
    return {option.name for option in command.params}
