"""Lock the door from inside: the child gives up its rights, for ever, before the program begins.

Two locks that the kernel holds: Landlock for files, seccomp for everything else. Then a process of the
superuser also gives up its powers. Where one of them is not to be had, `Unavailable` says which; nothing is
ever locked by half.
"""

from __future__ import annotations

import ctypes
import os
import platform
import sys
from typing import TYPE_CHECKING

from backlight.checks.observing.cage.landlock import restrict_files
from backlight.checks.observing.cage.seccomp import restrict_calls

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NO_NEW_PRIVILEGES, DIE_WITH_PARENT, NOT_DUMPABLE = 38, 1, 4  # prctl
_KILL = 9
_CAPABILITIES_3, _READ_ANY_FILE = 0x20080522, 1 << 2  # capset; a folder of another user's stays readable


class Unavailable(Exception):
    """The system cannot isolate a program."""


def limit(limits: Mapping[str, int]) -> None:
    """Set resource limits by their names: DATA, AS, CPU, FSIZE, NOFILE, CORE; a system without them sets none."""
    try:
        import resource  # noqa: PLC0415  not on every system
    except ImportError:
        return
    for name, most in limits.items():
        kind = getattr(resource, f"RLIMIT_{name}", None)
        if kind is not None:
            _soft, hard = resource.getrlimit(kind)
            allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(kind, (allowed, allowed))


def lock(*, readable: Sequence[str], listed: Sequence[str], writable: str, parent: int) -> None:
    """Restrict this process to reading some files and writing into one folder.

    Parameters
    ----------
    readable : sequence of str
        Files and folders with all that is in them.
    listed : sequence of str
        Folders whose names may be seen.
    writable : str
        The scratch folder.
    parent : int
        The process that must be there: without it the child ends.

    Raises
    ------
    Unavailable
        When this system has no Landlock or no seccomp, or is none that is known here.
    """
    if sys.platform != "linux":
        raise Unavailable(f"{platform.system()} has neither Landlock nor seccomp")
    libc = ctypes.CDLL(None, use_errno=True)
    _die_with(parent, libc)
    try:
        libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        restrict_files(libc, readable, listed, writable)
        _give_up_powers(libc)
        restrict_calls(libc, platform.machine())
    except OSError as error:
        raise Unavailable(f"{error.strerror or error}") from error


def _die_with(parent: int, libc: ctypes.CDLL) -> None:
    libc.prctl(DIE_WITH_PARENT, _KILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def _give_up_powers(libc: ctypes.CDLL) -> None:
    """The superuser keeps one power: to read where the owner of a file may."""
    libc.prctl(NOT_DUMPABLE, 0, 0, 0, 0)
    if os.geteuid():
        return
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_3, 0)
    effective_permitted_inheritable = (ctypes.c_uint32 * 6)(_READ_ANY_FILE, _READ_ANY_FILE, 0, 0, 0, 0)
    if libc.capset(ctypes.byref(header), ctypes.byref(effective_permitted_inheritable)):
        raise OSError(ctypes.get_errno(), "the superuser's powers could not be given up")
