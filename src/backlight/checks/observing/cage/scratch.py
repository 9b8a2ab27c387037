"""The folder in which a program runs: links to its own files, room for a few new ones, and nothing left of it.

What lies in it was made by a stranger: folders in folders without end, folders that may not be read, thousands
of files. Nothing here walks deeper than it must, and nothing follows a link.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager, suppress
from itertools import count, islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LINKS = 500
MOST = 1500
"""Files and folders, links included; more are too many."""


@contextmanager
def scratch(folder: Path) -> Iterator[str]:
    """Make a folder with links to a program's data, so that it finds them by their names; remove it at the end."""
    path = tempfile.mkdtemp(prefix="backlight-")
    try:
        with suppress(OSError):
            for name in islice(sorted(filter(_is_data, os.listdir(folder))), LINKS):
                os.symlink(folder / name, f"{path}/{name}")
        yield path
    finally:
        remove(path)


def _is_data(name: str) -> bool:
    """Whether a file is opened by its name; programs are imported from where they are."""
    return not name.endswith((".py", ".pyc", ".ipynb"))


def is_too_full(path: str, most: int) -> bool:
    """Whether there are too many files in a folder, or too many bytes in them."""
    found = size = 0
    waiting = [path]
    while waiting:
        for entry in _entries(waiting.pop(), MOST + 1):
            found += 1
            if entry.is_dir(follow_symlinks=False):
                waiting.append(entry.path)
            elif not entry.is_symlink():
                size += _size(entry)
            if found > MOST or size > most:
                return True
    return False


def remove(path: str) -> None:
    """Remove a folder and all that is in it.

    Folders in it are moved up to it before they are emptied: however deep they lie, no path becomes too long.
    """
    numbers = count()
    waiting = [path]
    while waiting:
        folder = waiting.pop()
        for entry in _entries(folder):
            with suppress(OSError):
                if entry.is_dir(follow_symlinks=False):
                    above = f"{path}/..{next(numbers)}"
                    os.rename(entry.path, above)
                    waiting.append(above)
                else:
                    os.unlink(entry.path)
        if folder != path:
            with suppress(OSError):
                os.rmdir(folder)
    with suppress(OSError):
        os.rmdir(path)


def _entries(folder: str, most: int | None = None) -> list[os.DirEntry[str]]:
    """List a folder, which was perhaps made so that nobody may."""
    with suppress(OSError):
        os.chmod(folder, 0o700)
        with os.scandir(folder) as entries:
            return list(islice(entries, most))
    return []


def _size(entry: os.DirEntry[str]) -> int:
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return 0
    return getattr(status, "st_blocks", 1 + status.st_size // 512) * 512
