"""Save a trace, load a trace: the ending of the file chooses the form, and every failure is a fault.

What the forms look like stands in `as_json`, `as_csv` and `as_zarr`.
"""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from backlight.faults import Fault, TraceError
from backlight.language import _

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from backlight.traces.trace import Trace

ENDINGS = (".json", ".csv", ".zarr")


def save(trace: Trace, file: str | Path) -> Path:
    """Write a trace; the ending chooses the form: .json, .csv or .zarr.

    JSON and Zarr keep the whole trace and can be loaded; CSV is a table of the numbers for other programs.
    What stood there before is replaced at once when everything is on the disk; a failure leaves it as it was.

    Raises
    ------
    TraceError [T-FILE-1, T-FILE-3]
        The ending is unknown, or the file cannot be written.
    MissingExtra [X-EXTRA-1]
        The form needs a library that is not installed.

    Examples
    --------
    >>> import backlight as bl
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = save(bl.run(bl.recipe("course")), Path(folder) / "course.json")
    ...     load(file).loss[0].item()
    0.2097097937078311
    """
    check_ending(file)
    path = Path(file)
    if path.suffix == ".zarr":
        from backlight.traces.as_zarr import write  # noqa: PLC0415  only the form that is asked for

        write(trace, path)
    elif path.suffix == ".csv":
        from backlight.traces.as_csv import lines  # noqa: PLC0415  only the form that is asked for

        _write(lines(trace), path)
    else:
        from backlight.traces.as_json import pieces  # noqa: PLC0415  only the form that is asked for

        _write(pieces(trace, folder=path.parent), path)
    return path


def check_ending(file: str | Path) -> None:
    """Refuse a file that `save` would refuse for its ending.

    Raises
    ------
    TraceError [T-FILE-1]
        The ending is unknown.
    """
    if Path(file).suffix not in ENDINGS:
        raise TraceError(_unknown_ending(Path(file), ENDINGS))


def load(file: str | Path) -> Trace:
    """Read a trace that was saved as JSON or Zarr: the same trace, bit for bit.

    Parameters
    ----------
    file : path
        What `Trace.save` has written: a ``.json`` file or a ``.zarr`` folder.

    Returns
    -------
    Trace
        Equal to the one that was saved.

    Raises
    ------
    TraceError [T-FILE-1, T-FILE-2, T-FILE-4, T-FILE-5, T-FILE-6]
        The ending is unknown; the file cannot be read; it is damaged or no trace; it is of another version
        of backlight; it is a CSV file, which does not hold a whole trace.
    MissingExtra [X-EXTRA-1]
        The form needs a library that is not installed.

    Examples
    --------
    >>> import backlight as bl
    >>> from tempfile import TemporaryDirectory
    >>> trace = bl.run("course")
    >>> with TemporaryDirectory() as folder:
    ...     file = trace.save(f"{folder}/course.json")
    ...     print(file.name, bl.load(file) == trace)
    course.json True
    """
    path = Path(file)
    if path.suffix == ".csv":
        raise TraceError(_only_a_table(path))
    if path.suffix not in ENDINGS:
        raise TraceError(_unknown_ending(path, (".json", ".zarr")))
    from backlight.traces.entries import OtherFormat  # noqa: PLC0415  only when something is read

    try:
        return _read(path)
    except OSError as error:
        raise TraceError(_unread(path, error)) from None
    except OtherFormat as reason:
        raise TraceError(_damaged(path, str(reason), code="T-FILE-5")) from None
    except (ValueError, RecursionError) as reason:
        raise TraceError(_damaged(path, str(reason), code="T-FILE-4")) from None


def _read(path: Path) -> Trace:
    """Read a form that holds a whole trace."""
    if path.suffix == ".zarr":
        from backlight.traces.as_zarr import read  # noqa: PLC0415  only the form that is asked for

        return read(path)
    from backlight.traces.from_json import trace_of  # noqa: PLC0415  only the form that is asked for

    return trace_of(path.read_text(encoding="utf-8"), folder=path.parent)


def _write(pieces: Iterable[str], path: Path) -> None:
    """Write a text, complete or not at all."""
    from backlight.traces.whole import whole  # noqa: PLC0415  only when something is written

    with whole(path) as draft, draft.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(pieces)


# ---- what can go wrong -----------------------------------------------------------------------------------


def _unknown_ending(path: Path, endings: Sequence[str]) -> Fault:
    return Fault(
        code="T-FILE-1",
        sentence=_("a trace is not kept in a file like {file}").format(file=path.name or path),
        got=path.suffix or _("no ending"),
        because=_("the ending chooses the form: {endings}").format(endings=", ".join(endings)),
        try_this=str(path.with_suffix(".json")) if path.name else "trace.json",
        where=str(path),
    )


def _only_a_table(path: Path) -> Fault:
    return Fault(
        code="T-FILE-6",
        sentence=_("a trace cannot be loaded from CSV"),
        got=path.name,
        because=_("the table holds the numbers, but neither the recipe nor the findings"),
        try_this=_("save it as {file} as well, and load that").format(file=path.with_suffix(".json").name),
        where=str(path),
    )


def _unread(path: Path, error: OSError) -> Fault:
    """Name the system's reason, and a trace beside it with a similar name."""
    beside = [found.name for ending in (".json", ".zarr") for found in path.parent.glob(f"*{ending}")]
    similar = get_close_matches(path.name, beside, n=1)
    return Fault(
        code="T-FILE-2",
        sentence=_("{file} cannot be read").format(file=path.name),
        because=error.strerror or str(error),
        try_this=str(path.with_name(similar[0])) if similar else f"backlight run course --save {path}",
        where=str(path),
    )


def _damaged(path: Path, reason: str, *, code: str) -> Fault:
    sentence = (
        _("{file} was written by another version of backlight")
        if code == "T-FILE-5"
        else _("{file} is no trace, or it is damaged")
    )
    return Fault(
        code=code,
        sentence=sentence.format(file=path.name),
        because=reason,
        try_this=f"backlight run course --save {path}",
        where=str(path),
    )
