"""The life of a server: import what programs need, and fork a child for each of them.

A child has the server's imports and nothing else of it: neither its way to the parent, nor anything of the child before.
"""

from __future__ import annotations

import gc
import marshal
import os
import signal
import socket
import sys
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

from backlight.checks.observing.child.main import main

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST = 1 << 16
KILL, GONE = b"kill", b""
"""What is asked for; nothing where the parent is gone."""


def serve() -> NoReturn:
    """Do what standard input asks for: fork a child that stands in a folder, kill it, or import modules."""
    door = socket.socket(fileno=os.dup(0))
    child = 0
    while True:
        asked, pipes, _flags, _address = socket.recv_fds(door, LONGEST, 2)
        if asked not in {KILL, GONE} and not pipes:
            _import(*marshal.loads(asked))  # noqa: S302  from the parent
            continue
        if child:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            child = 0
        if asked == GONE:
            os._exit(0)
        if pipes:
            child = os.fork()
            if not child:
                _live(asked.decode(), pipes, door)
        for pipe in pipes:
            os.close(pipe)
        door.send(b"1")


def _import(modules: Sequence[str], paths: Sequence[str]) -> None:
    before = sys.path[:]
    sys.path += paths
    for module in modules:
        with suppress(Exception):  # the program will meet it itself
            import_module(module)
    sys.path[:] = before
    gc.freeze()


def _live(folder: str, pipes: Sequence[int], door: socket.socket) -> NoReturn:
    try:
        door.close()
        os.setsid()
        os.chdir(folder)
        for standard, pipe in enumerate(pipes):
            os.dup2(pipe, standard)
            os.close(pipe)
        main()
    finally:
        os._exit(1)
