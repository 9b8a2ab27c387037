"""Begin a child: on Linux it is forked by a server that has NumPy or torch imported already, else it is a new Python.

A server runs nothing but this package and the installed libraries; the program is run by what it forks, one child at
a time. What a child is told and what it says goes past it, through pipes. When this process ends, so does all of it.
"""

from __future__ import annotations

import atexit
import marshal
import os
import socket
import subprocess
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

SOURCES = str(Path(__file__).parents[4])
"""Where this package is imported from."""
_COMMAND = (
    f"import sys; sys.path.insert(0, {SOURCES!r}); from backlight.checks.observing.child.{{0}} import {{0}}; {{0}}()"
)
FORKS = sys.platform == "linux"
ONE_THREAD = ("OMP", "OPENBLAS", "MKL", "VECLIB_MAXIMUM", "NUMEXPR")
"""Libraries that would start threads of their own, by the first word of their variable."""


@dataclass(frozen=True)
class Child:
    """A child that waits for its job: the pipes to it and from it, the process that must be there, and its end."""

    hears: BinaryIO
    says: BinaryIO
    parent: int
    kill: Callable[[], None]


@contextmanager
def begin(folder: str, modules: Sequence[str], paths: Sequence[str]) -> Iterator[Child]:
    """Begin a child in a folder, kill it at the end.

    Parameters
    ----------
    folder : str
        Where it is to stand.
    modules, paths : sequence of str
        What a server imports for it before, and from where.
    """
    if not FORKS:
        yield from _alone(folder)
        return
    server = _idle.pop() if _idle else _Server()
    try:
        with server.child(folder, modules, paths) as child:
            yield child
    except BaseException:
        server.end()
        raise
    if server.is_there:
        _idle.append(server)
    else:
        server.end()


def prepare(modules: Sequence[str], paths: Sequence[str]) -> None:
    """Have a server import modules for the next child, without waiting for it."""
    if FORKS:
        if not _idle:
            _idle.append(_Server())
        _idle[-1].prepare(modules, paths)


def _python(function: str, folder: str, stdin: int, stdout: int) -> subprocess.Popen[bytes]:
    """Our own interpreter, with nothing of the user's: no environment, no modules, no terminal."""
    needed = {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}  # Windows needs it
    return subprocess.Popen(  # noqa: S603  our own interpreter
        [sys.executable, "-I", "-S", "-B", "-X", "utf8", "-W", "ignore", "-c", _COMMAND.format(function)],
        stdin=stdin,
        stdout=stdout,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env={f"{name}_NUM_THREADS": "1" for name in ONE_THREAD} | needed,
        start_new_session=True,
    )


def _alone(folder: str) -> Iterator[Child]:
    with _python("main", folder, subprocess.PIPE, subprocess.PIPE) as process:
        try:
            yield Child(process.stdin, process.stdout, os.getpid(), process.kill)  # type: ignore[arg-type]  # pipes
        finally:
            process.kill()


class _Server:
    """A process that forks children."""

    def __init__(self) -> None:
        self._door, its_own = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with its_own:
            self._process = _python("serve", "/", its_own.fileno(), subprocess.DEVNULL)

    @contextmanager
    def child(self, folder: str, modules: Sequence[str], paths: Sequence[str]) -> Iterator[Child]:
        its_in, hears = os.pipe()
        says, its_out = os.pipe()
        with os.fdopen(hears, "wb") as job, os.fdopen(says, "rb") as answer:
            try:
                self.prepare(modules, paths)
                self._ask(folder.encode(), its_in, its_out)
            finally:
                os.close(its_in)
                os.close(its_out)
            try:
                yield Child(job, answer, self._process.pid, self._kill)
            finally:
                self._kill()

    def prepare(self, modules: Sequence[str], paths: Sequence[str]) -> None:
        """Import modules, whenever there is time for it."""
        with suppress(OSError):
            self._door.send(marshal.dumps((tuple(modules), tuple(paths))))

    @property
    def is_there(self) -> bool:
        """Whether it can be asked again."""
        return self._process.poll() is None

    def _kill(self) -> None:
        self._ask(b"kill")

    def _ask(self, what: bytes, *pipes: int) -> None:
        """Send a request and wait until it is done; a program without a cage may have killed the server."""
        with suppress(OSError):
            socket.send_fds(self._door, [what], pipes)
            self._door.recv(1)

    def end(self) -> None:
        """Let it go; its child is gone already."""
        self._door.close()
        self._process.kill()
        self._process.wait()


_idle: list[_Server] = []
"""Servers that wait for work: as many as there were threads that observed at the same time."""

os.register_at_fork(after_in_child=_idle.clear)


@atexit.register
def _end_all() -> None:
    while _idle:
        _idle.pop().end()
