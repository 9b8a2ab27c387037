"""Writing a picture: the ending chooses the form, the same picture gives the same bytes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from backlight.faults import Fault, TraceError
from backlight.language import _
from backlight.traces.whole import whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_WITHOUT_DATES: dict[str, dict[str, Any]] = {
    ".svg": {"Date": None, "Creator": "backlight"},
    ".png": {"Software": "backlight"},
    ".pdf": {"CreationDate": None, "Creator": "backlight", "Producer": "backlight"},
}
"""The endings, each with what the file says of its making: no time, no version."""


def check_ending(file: str | Path) -> str:
    """Give the ending of a picture's file.

    Raises
    ------
    TraceError [T-PLOT-1]
        A picture is none of these.
    """
    path = Path(file)
    ending = path.suffix.lower()
    if ending not in _WITHOUT_DATES:
        raise TraceError(
            Fault(
                code="T-PLOT-1",
                sentence=_("a plot is not written as {file}").format(file=path.name or path),
                got=ending or _("no ending"),
                because=_("the ending chooses the form: {endings}").format(endings=", ".join(_WITHOUT_DATES)),
                try_this=str(path.with_suffix(".svg")) if path.name.strip(".") else "plot.svg",
            )
        )
    return ending


def save(figure: Figure, file: str | Path) -> None:
    """Write a picture completely, or not at all."""
    ending = check_ending(file)
    with whole(file) as draft:
        figure.savefig(draft, format=ending[1:], metadata=_WITHOUT_DATES[ending])
