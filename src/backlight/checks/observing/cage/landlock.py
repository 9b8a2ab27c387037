"""Landlock: which files a process may still touch, decided by the kernel (Linux 5.13 and later).

Source: Documentation/userspace-api/landlock.rst of the Linux kernel. Everything that this kernel can restrict
is restricted; then reading is given back beneath some folders, and writing beneath one.
"""

from __future__ import annotations

import ctypes
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same number on every architecture
_VERSION, _PATH_BENEATH = 1, 1

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, REMOVE_DIR, REMOVE_FILE = (1 << bit for bit in range(6))
MAKE_CHAR, MAKE_DIR, MAKE_REG, MAKE_SOCK, MAKE_FIFO, MAKE_BLOCK, MAKE_SYM, REFER, TRUNCATE, IOCTL = (
    1 << bit for bit in range(6, 16)
)
FIRST = (1 << 13) - 1
"""What the first version can restrict; later ones add REFER (2), TRUNCATE (3) and IOCTL (5)."""

NETWORK = 0b11  # bind and connect with TCP, version 4
SCOPES = 0b11  # abstract sockets and signals to processes outside, version 6

READING = READ_FILE | READ_DIR
WRITING = READING | WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | MAKE_SYM | REFER | TRUNCATE
_ONLY_FOLDERS = READ_DIR | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | MAKE_SYM | REFER


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def restrict_files(libc: ctypes.CDLL, readable: Sequence[str], listed: Sequence[str], writable: str) -> None:
    """Leave this process reading beneath some paths, listing some folders and writing beneath one.

    Raises
    ------
    OSError
        When the kernel has no Landlock, or it is switched off.
    """
    version = libc.syscall(CREATE_RULESET, None, 0, _VERSION)
    if version < 1:
        raise OSError(ctypes.get_errno(), "this Linux has no Landlock, or it is switched off")
    handled = _files(version)
    ruleset = _checked(libc.syscall(CREATE_RULESET, *_ruleset(version, handled), 0))
    for path in readable:
        _allow(libc, ruleset, path, READING & handled)
    for path in listed:
        _allow(libc, ruleset, path, READ_DIR & handled)
    _allow(libc, ruleset, writable, WRITING & handled)
    _checked(libc.syscall(RESTRICT_SELF, ruleset, 0))
    os.close(ruleset)


def _files(version: int) -> int:
    later = (REFER if version >= 2 else 0) | (TRUNCATE if version >= 3 else 0) | (IOCTL if version >= 5 else 0)  # noqa: PLR2004  versions
    return FIRST | later


def _ruleset(version: int, handled: int) -> tuple[object, int]:
    """The structure, and how much of it this version knows."""
    rules = _Ruleset(handled, NETWORK if version >= 4 else 0, SCOPES if version >= 6 else 0)  # noqa: PLR2004  versions
    size = 24 if version >= 6 else 16 if version >= 4 else 8  # noqa: PLR2004
    return ctypes.byref(rules), size


def _allow(libc: ctypes.CDLL, ruleset: int, path: str, rights: int) -> None:
    """Give rights beneath a path; what is not there needs none."""
    try:
        folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        is_folder = os.path.isdir(path)  # noqa: PTH112  pathlib is slow to import
        rule = _PathBeneath(rights if is_folder else rights & ~_ONLY_FOLDERS, folder)
        _checked(libc.syscall(ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0))
    finally:
        os.close(folder)


def _checked(answer: int) -> int:
    if answer < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"Landlock: {os.strerror(code)}")
    return answer
