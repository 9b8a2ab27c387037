"""Starting up, choosing the language, and turning whatever goes wrong into words and an exit code.

Results go to standard output, everything else to standard error. Exit codes: 0 done and right; 1 done, and
what was checked is wrong; 2 could not be done; 3 cannot tell; 130 interrupted. No traceback reaches a user.
"""

from __future__ import annotations

import os
import signal
import sys
from io import TextIOWrapper
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import click

from backlight import language
from backlight.cli.group import LazyGroup, global_options
from backlight.faults import BacklightError, Fault
from backlight.language import _, marked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import FrameType

COULD_NOT_BE_DONE = 2
INTERRUPTED = 130

COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("backlight.cli.run", marked("Run a recipe on an engine and show every number.")),
    "compare": ("backlight.cli.compare", marked("Lay runs side by side: engines, variants, recipes, mistakes.")),
    "check": ("backlight.cli.check", marked("Find the mistake in a hand-written training program, and prove it.")),
    "recipes": ("backlight.cli.recipes", marked("List the ready recipes, or print one to start from.")),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit code."""
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")  # looking for plugins in all that is installed takes 20 ms
    _open_channels()
    signal.signal(signal.SIGTERM, _ended)
    words = list(sys.argv[1:] if arguments is None else arguments) or ["--help"]
    _speak(_language_of(words, os.environ))
    try:
        outcome = _commands().main(words, prog_name="backlight", standalone_mode=False)
        sys.stdout.flush()
        sys.exit(outcome if isinstance(outcome, int) else 0)
    except BacklightError as error:
        _complain(error.faults)
        sys.exit(COULD_NOT_BE_DONE)
    except click.ClickException as error:
        _complain([_usage_fault(error)])
        sys.exit(COULD_NOT_BE_DONE)
    except (KeyboardInterrupt, click.Abort):
        sys.exit(INTERRUPTED)
    except BrokenPipeError:  # the reader of our output, such as `head`, has seen enough
        _give_up_output()
        sys.exit(0)
    except OSError as error:  # files tell their own faults, so this is standard output
        _give_up_output()
        _complain([_unwritable(error)])
        sys.exit(COULD_NOT_BE_DONE)


def _open_channels() -> None:
    """Let no text fail: a letter that an encoding lacks is escaped, and what goes to a closed channel goes nowhere."""
    for name in ("stdout", "stderr"):
        channel = getattr(sys, name)
        if channel is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115  it stays open
        elif isinstance(channel, TextIOWrapper):
            channel.reconfigure(errors="backslashreplace")


def _ended(number: int, _frame: FrameType | None) -> None:
    """Leave by way of every `finally`, so that no draft of a file stays behind and the cursor comes back."""
    sys.exit(128 + number)


def _commands() -> LazyGroup:
    """The group of all commands; none of them is imported before it is asked for."""
    return LazyGroup(
        "backlight",
        commands_at=COMMANDS,
        help_text=_("A laboratory for backpropagation: run a small network and see every number."),
        params=global_options(),
    )


def _language_of(words: Sequence[str], environment: Mapping[str, str]) -> str:
    """--lang wherever it stands, else what the locale says; known before any text is made."""
    for word, following in pairwise([*words, ""]):
        if word == "--lang":
            return following
        if word.startswith("--lang="):
            return word.removeprefix("--lang=")
    return next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "en")


def _speak(chosen: str) -> None:
    """Use a language for our texts and for click's, which asks the process's own gettext."""
    language.use(chosen)
    if language.current() != "en":
        import gettext

        os.environ["LANGUAGE"] = language.current()
        gettext.bindtextdomain("backlight", language.CATALOGUES)
        gettext.textdomain("backlight")


def _complain(faults: Sequence[Fault]) -> None:
    """Print faults to standard error."""
    for fault in faults:
        click.echo(f"backlight: {fault.text()}", err=True)


def _give_up_output() -> None:
    """Let what is still to be printed go nowhere: at the end Python would try once more, and complain itself."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _unwritable(error: OSError) -> Fault:
    """C-OUTPUT-1: standard output takes no more."""
    return Fault(
        code="C-OUTPUT-1",
        sentence=_("the result cannot be written to standard output"),
        got=error.strerror or str(error),
        because=_("the disk may be full; what had been printed before is not the whole result"),
        try_this="df -h",
    )


def _usage_fault(error: click.ClickException) -> Fault:
    """What click refuses, in our form."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "backlight"
    if isinstance(error, click.NoSuchOption) and context is not None:
        options = [name for one in context.command.params for name in one.opts if name.startswith("--")]
        return Fault(
            code="C-USAGE-1",
            sentence=_("{command} has no option {name}").format(command=command, name=error.option_name),
            got=error.option_name,
            because=_("its options are {names}").format(names=", ".join(options)),
            try_this=_nearest_option(error.option_name, options) or f"{command} --help",
        )
    return Fault(code="C-USAGE-1", sentence=error.format_message().rstrip("."), try_this=f"{command} --help")


def _nearest_option(name: str, options: Sequence[str]) -> str | None:
    """The option that was meant, None where none is near."""
    from backlight.recipes.wording.nearest import nearest

    words = {option.lstrip("-").replace("-", "_"): option for option in options}
    close = nearest(name.lstrip("-"), words)
    return None if close is None else words[close]
