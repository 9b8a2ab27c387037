"""Files that cannot be read: why, and which one was meant."""

from __future__ import annotations

from pathlib import Path

from backlight.language import _
from backlight.recipes.wording.nearest import nearest
from backlight.recipes.wording.shown import one_line, printable


def read_text(path: Path) -> str:
    """Read a UTF-8 text; a byte order mark is left out.

    Raises
    ------
    OSError, ValueError
        As Path.read_text; `unreadable` puts them in words.
    """
    return path.read_text(encoding="utf-8-sig")


def unreadable(path: Path, error: Exception) -> tuple[str, str]:
    """Say that a file cannot be read, and why."""
    name = one_line(str(path))
    if isinstance(error, IsADirectoryError):
        return _("{file} is a folder, not a file").format(file=name), _("what is read is one file of text")
    if isinstance(error, FileNotFoundError):
        because = _("it was looked for at {path}").format(path=printable(str(path.absolute())))
        return _("{file} does not exist").format(file=name), because
    if isinstance(error, UnicodeDecodeError):
        because = _("byte {number} of it cannot be read").format(number=error.start)
        return _("{file} is not UTF-8 text").format(file=name), because
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return _("{file} cannot be read").format(file=name), reason


def neighbour(path: Path, ending: str = "") -> str | None:
    """Name the file in the same folder whose name is nearest, None where none is near.

    Parameters
    ----------
    ending : str
        Only files whose name ends so.
    """
    try:
        files = sorted(one.name for one in path.parent.iterdir() if one.is_file() and one.name.endswith(ending))
    except (OSError, ValueError):
        return None
    stems = {Path(name).stem: name for name in files if name != path.name}  # an ending in common says nothing
    close = nearest(path.stem, stems)
    return None if close is None else stems[close]
