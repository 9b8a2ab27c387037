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


def serve() -> NoReturn:
    """Fork a child for each request on standard input that has pipes; each request kills the child before it."""
    door = socket.socket(fileno=os.dup(0))
    child = 0
    while True:
        asked, pipes, _flags, _address = socket.recv_fds(door, LONGEST, 2)
        if child:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            child = 0
        if not asked:
            os._exit(0)
        if pipes:
            folder, modules, paths = marshal.loads(asked)  # noqa: S302  from the parent
            _import(modules, paths)
            child = os.fork()
            if not child:
                _live(folder, pipes, door)
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
