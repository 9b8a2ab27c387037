"""A file or folder is there completely, or not at all.

What is written goes beside its place first and is moved there when it is done and on the disk, so that a
full disk, an interrupt or a kill leaves what was there before. Traces and plots are both written so.
"""

from __future__ import annotations

import errno
import os
import shlex
import shutil
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from tempfile import gettempdir
from typing import TYPE_CHECKING

from backlight.faults import Fault, TraceError
from backlight.language import _

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def whole(file: str | Path) -> Iterator[Path]:
    """Give a path to write to; when the block ends well, what was written there becomes `file`.

    The path has the ending of `file`. It may become a file or a folder; what has stood at `file` is replaced
    at once. When the block fails, nothing has changed and nothing is left over.

    Raises
    ------
    TraceError [T-FILE-3]
        It cannot be written: the file and the system's reason are named.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     with whole(Path(folder) / "curve.svg") as draft:
    ...         _ = draft.write_text("<svg/>")
    ...     [found.name for found in Path(folder).iterdir()]
    ['curve.svg']
    """
    target = Path(os.path.realpath(file))  # through a link, so that the link stays one
    draft = target.with_name(f".backlight-{token_hex(4)}{target.suffix}")
    try:
        _refuse_place(target)
        yield draft
        _to_disk(draft)
        if target.is_file():
            shutil.copymode(target, draft)
        _move(draft, target)
    except OSError as error:
        raise TraceError(_unwritten(file, error)) from None
    finally:
        _remove(draft)
    with suppress(OSError):  # the file is complete; that its name is on the disk too cannot be asked everywhere
        _flush(target.parent)


def check_place(file: str | Path) -> None:
    """Refuse now what `whole` would refuse at the end of a long run: a place that cannot be written to.

    Raises
    ------
    TraceError [T-FILE-3]
        Nothing can be written there: the file and the system's reason are named.
    """
    with suppress(_OnlyTried), whole(file) as draft:
        draft.touch()
        raise _OnlyTried


class _OnlyTried(Exception):
    """Ends a block of `whole` without a file."""


def _unwritten(file: str | Path, error: OSError) -> Fault:
    """Name the file and the system's reason, and what would work."""
    through_links = Path(os.path.realpath(file))
    missing = [place.parent for place in (Path(file), through_links) if not place.parent.exists()]
    if error.errno == errno.ENOENT and missing:
        way_out = f"mkdir -p {shlex.quote(str(missing[0]))}"
    elif error.errno in {errno.ENOSPC, errno.EFBIG, errno.EDQUOT}:
        way_out = "--record parameters"
    else:
        way_out = str(Path(gettempdir()) / Path(file).name)
    return Fault(
        code="T-FILE-3",
        sentence=_("{file} cannot be written").format(file=Path(file).name),
        got=str(file),
        because=error.strerror or str(error),
        try_this=way_out,
        where=str(file),
    )


def _refuse_place(target: Path) -> None:
    """A folder must be there; and a device or a pipe must not be replaced by a file."""
    target.parent.stat()
    if target.exists() and not target.is_file() and not target.is_dir():
        raise OSError(errno.EINVAL, "not a regular file")


def _to_disk(draft: Path) -> None:
    """Wait until a file, or a folder with all that is in it, is on the disk."""
    for inside in draft.rglob("*") if draft.is_dir() else ():
        _flush(inside)
    _flush(draft)


def _flush(path: Path) -> None:
    """Empty the system's buffers of one file or folder; Windows knows no such thing for folders."""
    if path.is_dir() and os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _move(draft: Path, target: Path) -> None:
    """Put the draft in its place; a file is replaced in one step by every system, a folder is not."""
    if not (draft.is_dir() and target.is_dir()):
        draft.replace(target)
    elif not _exchange(draft, target):
        aside = draft.with_name(draft.name + ".old")
        target.rename(aside)
        try:
            draft.rename(target)
        except OSError:
            aside.rename(target)
            raise
        aside.rename(draft)


def _exchange(one: Path, other: Path) -> bool:
    """Let two folders change places in one step, where the system can: Linux, by renameat2."""
    import ctypes  # noqa: PLC0415  only a folder that replaces one needs it

    here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE of linux/fcntl.h and linux/fs.h
    with suppress(AttributeError, OSError, TypeError):
        return not ctypes.CDLL(None).renameat2(here, os.fsencode(one), here, os.fsencode(other), exchange)
    return False


def _remove(draft: Path) -> None:
    """Leave nothing over."""
    if os.path.isdir(draft):  # noqa: PTH112  says no where a Path would raise
        shutil.rmtree(draft, ignore_errors=True)
    else:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
