"""Why an exact run came to its end, in words, and how many bits to try next."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from backlight.engines.exact.proof import NEEDED_BITS
from backlight.language import _, marked

MOST_BITS = 8192
"""A number that only looks like 0 shows itself with 1100 bits; the others are for long runs and chaos."""
SPARE_BITS = 32


class Why(Enum):
    """The reasons, each with its note."""

    DONE = marked("every digit is proven, with {bits} bits")
    UNDEFINED = marked(
        "every digit is proven, with {bits} bits, up to iteration {iteration}: its loss is no real number "
        "(a logarithm of 0 or less), and real arithmetic ends there"
    )
    DIVISION = marked(
        "every digit is proven, with {bits} bits, up to iteration {iteration}: its update divides by exactly 0 "
        "(eps is 0), and real arithmetic ends there"
    )
    TOO_LARGE = marked(
        "every digit is proven, with {bits} bits, up to iteration {iteration}: its update makes a parameter "
        "larger than 10^(10^15), and the run ends there"
    )
    UNPROVEN = marked(
        "every digit is proven up to iteration {proven}: the next recorded row would take more than {bits} bits, "
        "the most that are tried"
    )
    NOTHING = marked(
        "only certain digits are written: {bits} bits, the most that are tried, do not prove all of iteration {iteration}"
    )
    WORK = marked(
        "every digit is proven, with {bits} bits, up to iteration {proven}: the rest is more work than the exact "
        "engine takes on"
    )
    INTERRUPTED = marked("every digit is proven, with {bits} bits, up to iteration {proven}: there it was interrupted")
    EARLY = marked("nothing is proven: it was interrupted before, at {bits} bits")


@dataclass(frozen=True)
class Stop:
    """The end of an attempt; ``accuracy`` are the certain bits of its worst number, 0 or less where none is."""

    why: Why
    iteration: int = 0
    accuracy: int = 0

    def note(self, *, bits: int, proven: int | None) -> str:
        """Tell a reader of the trace."""
        return _(self.why.value).format(bits=bits, iteration=self.iteration, proven=proven)

    def more_bits(self, bits: int, last: int) -> int:
        """Guess what will prove the last iteration: at least twice the bits, at most eight times.

        Every iteration loses about as many bits as those before it, because a ball that passes through the
        same formulas grows by about the same factor. A wrong guess costs time, never truth.
        """
        guess = 0
        if self.accuracy > 0:  # else nothing is known of the loss, and the bits are doubled
            lost_so_far = bits - self.accuracy
            rest = (last - self.iteration) / max(1, self.iteration)
            guess = NEEDED_BITS + SPARE_BITS + lost_so_far + round(lost_so_far * rest)
        return min(MOST_BITS, max(2 * bits, min(guess, 8 * bits)))
