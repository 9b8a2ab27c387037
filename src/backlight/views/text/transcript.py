"""The transcript: what was run, every number of it, and what is to be noticed, as plain text.

A small network shows each gradient of each iteration; a large one shows each array by its norm, and says
so. Nothing is computed here that the trace does not hold, but for such summaries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backlight.language import _
from backlight.views.text.data import data_lines
from backlight.views.text.findings import listed, notes
from backlight.views.text.heading import heading_lines
from backlight.views.text.iterations import iteration_lines
from backlight.views.text.parameters import end_lines, start_lines
from backlight.views.text.sections import joined, section

if TYPE_CHECKING:
    from backlight.traces.trace import Trace


def transcript(trace: Trace) -> str:
    r"""Write down a run for 80 columns, in the language in use.

    Returns
    -------
    str
        Title, network, loss, optimizer and engine; data; parameters at the start; outputs, loss and
        gradients of the iterations; parameters at the end; findings; notes.

    Examples
    --------
    >>> import backlight as bl
    >>> print("\n".join(transcript(bl.run(bl.recipe("course"))).splitlines()[:15]))
    The course exercise: two inputs, two hidden units, two outputs, eight weights
    <BLANKLINE>
    network    2-2-2, sigmoid, no biases
    loss       half_sum_squared_error
               L = sum_k 1/2 (a_k - y_k)^2
    optimizer  sgd, learning rate 1.0, iterations 11
    engine     hand, float64
    <BLANKLINE>
    inputs and targets
      x1   0.5    x2   0.3
      y1   0.23   y2  -0.07
    <BLANKLINE>
    parameters at the start
      w1   0.2   w2  -0.4   w3   0.5   w4   0.6
      w5   0.1   w6  -0.5   w7  -0.3   w8   0.8
    """
    return joined(
        heading_lines(trace),
        data_lines(trace),
        start_lines(trace),
        iteration_lines(trace),
        end_lines(trace),
        section(_("findings"), listed(finding.text for finding in trace.findings)),
        section(_("notes"), listed(notes(trace))),
    )
