"""What the program prints: the beginning is kept, the rest is only counted."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

KEPT = 65_536
"""Bytes."""


class Printed(io.RawIOBase):
    """A stream that keeps the beginning of what is written to it.

    Parameters
    ----------
    most : int
        Bytes after which ``too_much`` is called.
    """

    def __init__(self, most: int, too_much: Callable[[], None]) -> None:
        super().__init__()
        self._kept = bytearray()
        self._size = 0
        self._most, self._too_much = most, too_much

    def writable(self) -> bool:
        """It is made for writing."""
        return True

    def write(self, data: Any, /) -> int:
        """Keep what fits."""
        size = len(data)
        self._kept += bytes(data[: max(0, KEPT - len(self._kept))])
        self._size += size
        if self._size > self._most:
            self._too_much()
        return size

    @property
    def text(self) -> str:
        """What was kept."""
        return self._kept.decode(errors="ignore")

    @property
    def is_cut(self) -> bool:
        """Whether more was printed than kept."""
        return self._size > KEPT


def stream(kept: Printed) -> io.TextIOWrapper:
    """Make a text stream of it, as print and sys.stdout.buffer want one."""
    return io.TextIOWrapper(kept, encoding="utf-8", errors="backslashreplace", write_through=True)  # type: ignore[arg-type]  # a raw stream will do where each write goes through
