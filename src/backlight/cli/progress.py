"""What a long run shows while it lasts, and that Ctrl-C ends it without losing it."""

from __future__ import annotations

import signal
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

from backlight.language import _

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from rich.progress import Progress, TaskID

SECONDS_OF_SILENCE = 0.5
"""A run shorter than this shows no bar."""


@dataclass
class Watch:
    """What is known of a run that lasts: the bar it moves, and whether Ctrl-C was pressed."""

    bar: ProgressBar
    interrupted: bool = False

    def progress(self, reached: int, last: int) -> None:
        """Move the bar; end the run here, between two iterations, when Ctrl-C was pressed."""
        if self.interrupted:
            raise KeyboardInterrupt
        self.bar(reached, last)


@contextmanager
def watched() -> Iterator[Watch]:
    """Show progress while something lasts, and remember Ctrl-C: the run ends, and what it has is still shown.

    The first Ctrl-C only leaves a mark, because an exception in the middle of an import or of an iteration
    would break it; a second one ends the command itself.
    """
    watch = Watch(ProgressBar())

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        watch.interrupted = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield watch
    finally:
        signal.signal(signal.SIGINT, before)
        watch.bar.close()


class ProgressBar:
    """A bar on standard error, on a terminal only, once a run has lasted a while."""

    def __init__(self) -> None:
        self._since = perf_counter()
        self._shown: tuple[Progress, TaskID] | None = None

    def __call__(self, reached: int, last: int) -> None:
        """Move the bar."""
        if self._shown is None:
            if perf_counter() - self._since < SECONDS_OF_SILENCE or not sys.stderr.isatty():
                return
            self._shown = _start_bar(last)
        bar, task = self._shown
        bar.update(task, completed=reached, total=last)

    def close(self) -> None:
        """Take the bar away."""
        if self._shown is not None:
            self._shown[0].stop()


def _start_bar(last: int) -> tuple[Progress, TaskID]:
    """Make the bar: rich is imported only now."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    bar.start()
    return bar, bar.add_task(_("iteration"), total=last)
