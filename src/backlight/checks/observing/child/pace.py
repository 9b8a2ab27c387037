"""When is enough seen? One rule: **every outermost loop may use half of what is left**, and 300 turns at most.

So reading data, however long, leaves half of the budget to what comes after it, and a training of 10,000 rounds
is seen for a few hundred. When a loop has used its part, nothing more is recorded until it is left: the program
goes on at nearly its own speed. If such a loop learns (a number that lives from turn to turn has changed) and
goes on for half a second, the run is stopped, for all that matters was seen; a loop that only reads may go on.
A loop in a loop belongs to the outer one; comprehensions are loops too, and so are the loops of generators, which
may be forgotten by a turn of the loop that uses them.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

TURNS = 300
SILENCE = 0.5  # seconds that a loop may go on unseen when it learns


class Pace:
    """Follows the loops, and says when to be silent and when to stop.

    Parameters
    ----------
    used : function
        Gives the events and the bytes recorded so far.
    events, size : int
        How many events and bytes may be recorded in all.
    silent, aloud, learns, stop : function
        Stop recording; record again; whether the events between two numbers and the later ones learn; end the run.
    """

    def __init__(
        self,
        used: Callable[[], tuple[int, int]],
        events: int,
        size: int,
        *,
        silent: Callable[[], None],
        aloud: Callable[[], None],
        learns: Callable[[int, int], bool],
        stop: Callable[[], None],
    ) -> None:
        self._used, self._events, self._size = used, events, size
        self._silent, self._aloud, self._learns, self._stop = silent, aloud, learns, stop
        self._stack: list[int] = []
        self._until = (events, size)
        self._starts: list[int] = []  # of the outermost loop's turns, as numbers of events
        self._is_silent = False
        self._stop_at = 0.0

    def enter(self, loop: int) -> None:
        """Begin a loop; the outermost one is given half of what is left."""
        if not self._stack:
            events, size = self._used()
            self._until = events + (self._events - events) // 2, size + (self._size - size) // 2
            self._starts = []
        self._stack.append(loop)

    def turn(self, loop: int) -> None:
        """Begin a turn; loops that began in the turn before are over, however they ended."""
        stack = self._stack
        if not stack:
            return
        if stack[-1] != loop and loop in stack:
            del stack[stack.index(loop) + 1 :]
        if self._is_silent:
            self._stop_if_long()
            return
        events, size = self._used()
        if len(stack) == 1:
            self._starts.append(events)
        if len(self._starts) > TURNS or events > self._until[0] or size > self._until[1]:
            self._be_silent()

    def left(self, loop: int) -> None:
        """End a loop, and whatever was still open in it."""
        if loop in self._stack:
            del self._stack[self._stack.index(loop) :]
        if not self._stack and self._is_silent:
            self._is_silent = False
            self._aloud()

    def each(self, loop: int, iterable: Iterable[Any]) -> Iterator[Any]:
        """Follow a comprehension."""
        self.enter(loop)
        try:
            for item in iterable:
                self.turn(loop)
                yield item
        finally:
            self.left(loop)

    def _be_silent(self) -> None:
        self._is_silent = True
        learns = len(self._starts) < 3 or self._learns(self._starts[-3], self._starts[-2])  # noqa: PLR2004  two whole turns
        self._stop_at = perf_counter() + SILENCE if learns else float("inf")
        self._silent()

    def _stop_if_long(self) -> None:
        if perf_counter() > self._stop_at:
            self._stop()
