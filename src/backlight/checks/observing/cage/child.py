"""Start a child, hand it a job, and take what it says: so many bytes, for so long, and then it is gone.

The child is killed and its scratch folder removed however this ends. What it says is not looked at here.
"""

from __future__ import annotations

import marshal
from dataclasses import dataclass
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, Any

from backlight.checks.observing.cage.begin import begin
from backlight.checks.observing.cage.readable import listed, readable
from backlight.checks.observing.cage.scratch import is_too_full, scratch

if TYPE_CHECKING:
    from pathlib import Path

    from backlight.checks.observing.cage.begin import Child

_LOOK = 0.05  # seconds between two looks at the scratch folder


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a program may use.

    Parameters
    ----------
    seconds : float
        Of the clock.
    memory : int
        Bytes of memory of its own.
    files : int
        Bytes in its scratch folder, an eighth of it in one file.
    printed : int
        Bytes that it may print; the first 64 kB are kept.
    events, size : int
        Values recorded, and bytes of their contents.
    """

    seconds: float = 10.0
    memory: int = 2 << 30
    files: int = 64 << 20
    printed: int = 256 << 20
    events: int = 200_000
    size: int = 64 << 20

    def of_the_system(self) -> dict[str, int]:
        """The limits that the kernel holds."""
        return {
            "DATA": self.memory,
            "AS": 16 * self.memory,  # torch maps far more than it uses
            "CPU": int(self.seconds) + 3,
            "FSIZE": self.files // 8,
            "NOFILE": 64,
            "CORE": 0,
        }


@dataclass(frozen=True)
class Said:
    """What the child said, and why it was killed: empty where it ended itself."""

    data: bytes
    killed: str


def ask(job: dict[str, Any], folder: Path, *, trust: bool, limits: Limits) -> Said:
    """Run a job in a child.

    Parameters
    ----------
    job : dict
        For `backlight.checks.observing.child.main`; what the cage needs is added here.
    folder : Path
        The program's own, which it may read.
    trust : bool
        Without the cage, but with all limits.
    """
    with scratch(folder) as writable, begin(writable, job["modules"], job["paths"]) as child:
        cage = {"readable": readable(folder), "listed": listed(), "writable": writable, "parent": child.parent}
        whole = {**job, "limits": limits.of_the_system(), "cage": None if trust else cage}
        return _Listener(child, limits).until_the_end(marshal.dumps(whole), writable)


class _Listener:
    """Reads beside the clock, never more than was agreed."""

    def __init__(self, child: Child, limits: Limits) -> None:
        self.child, self.limits = child, limits
        self.most = 2 * limits.size + 200 * limits.events
        self.heard = bytearray()

    def until_the_end(self, job: bytes, writable: str) -> Said:
        """Hand over the job and listen."""
        thread = Thread(target=self._listen, args=(job,), daemon=True)
        thread.start()
        until = monotonic() + self.limits.seconds + 2  # it looks at the clock itself, where it can
        killed = ""
        while thread.is_alive() and not killed:
            thread.join(_LOOK)
            if monotonic() > until:
                killed = "time"
            elif is_too_full(writable, self.limits.files):
                killed = "files"
        self.child.kill()
        thread.join()
        return Said(bytes(self.heard), killed)

    def _listen(self, job: bytes) -> None:
        try:
            self.child.hears.write(job)
            self.child.hears.close()
        except OSError:  # it ended before it read its job
            return
        while len(self.heard) < self.most and (part := self.child.says.read1(1 << 20)):  # type: ignore[attr-defined]  # a buffered reader
            self.heard += part
