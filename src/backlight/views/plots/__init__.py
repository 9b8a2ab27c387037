"""Pictures of runs, by matplotlib, which is imported when the first one is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backlight.faults import missing_extra
from backlight.language import _

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure

    from backlight.traces.compare import Comparison
    from backlight.traces.trace import Trace

__all__ = ["plot"]


def plot(subject: Trace | Comparison, *, file: str | Path | None = None) -> Figure:
    """Draw a run, or the loss curves of a comparison over each other.

    A run gets its loss, its accuracy where that was measured, its parameters and its gradients over the
    iterations. An axis is logarithmic where what it shows is positive and spans more than a factor of 30.

    Parameters
    ----------
    subject : Trace or Comparison
    file : path, optional
        Where to write the picture: the ending .svg, .png or .pdf chooses the form. The same picture gives
        the same bytes.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    MissingExtra [X-EXTRA-1]
        matplotlib is not installed.
    TraceError [T-PLOT-1, T-FILE-3]
        The file has another ending, or cannot be written.

    Examples
    --------
    >>> import backlight as bl
    >>> figure = bl.plot(bl.run(bl.recipe("course")))
    >>> [axes.get_ylabel() for axes in figure.axes]
    ['loss', 'parameter', 'dL/dw']
    """
    try:
        from backlight.views.plots.picture import picture  # noqa: PLC0415  matplotlib takes 400 ms to import
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] != "matplotlib":
            raise
        raise missing_extra("plot", "matplotlib", _("a plot")) from None
    return picture(subject, file)
