"""Notice: what a careful person would see in a run, the most important thing first.

Each kind of finding is one function from the facts to a finding or to nothing; a kind is told once, with all
units, parameters or samples it concerns in its evidence. A run in which there is nothing to see gives none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backlight.findings.depth import gradient_through_depth
from backlight.findings.facts import Facts
from backlight.findings.parameters import learning_rate_zero, parameters_never_move
from backlight.findings.progress import divergence, loss_rises, oscillation, stall
from backlight.findings.scores import chance_accuracy, overfitting
from backlight.findings.symmetry import symmetric_units, zero_start
from backlight.findings.targets import (
    improper_target,
    loss_without_minimum,
    outputs_not_probabilities,
    unreachable_target,
)
from backlight.findings.units import cancellation, dead_unit, saturated_unit

if TYPE_CHECKING:
    from backlight.traces.trace import Finding, Trace

IN_ORDER_OF_IMPORTANCE = (
    # what makes the numbers meaningless
    divergence,
    outputs_not_probabilities,
    improper_target,
    loss_without_minimum,
    # what training cannot overcome
    unreachable_target,
    learning_rate_zero,
    dead_unit,
    parameters_never_move,
    symmetric_units,
    zero_start,
    # what slows or disturbs it
    oscillation,
    stall,
    loss_rises,
    saturated_unit,
    gradient_through_depth,
    cancellation,
    # what it was worth
    overfitting,
    chance_accuracy,
)


def notice(trace: Trace) -> tuple[Finding, ...]:
    """Say what a careful person would notice in a trace.

    Parameters
    ----------
    trace : Trace
        Of any engine, recorded in any way, complete or not; what was not recorded cannot be noticed.

    Returns
    -------
    tuple of Finding
        At most one of each kind, the most important first.

    Examples
    --------
    >>> import backlight as bl
    >>> for finding in notice(bl.run(bl.recipe("course"))):
    ...     print(finding.text)
    the target y2 = -0.07 lies outside (0, 1), all that sigmoid can give: the loss cannot fall to 0.00245, only come near it
    """
    if not len(trace.recorded):
        return ()
    facts = Facts(trace)
    with np.errstate(all="ignore"):  # a diverged run is full of infinities
        found = [look(facts) for look in IN_ORDER_OF_IMPORTANCE]
    return tuple(finding for finding in found if finding is not None)


def outcome(trace: Trace) -> str:
    """Class a run: diverged, dead, oscillating, converged, stalled or still_falling.

    See `backlight.findings.outcomes.classify` for what each means; mini-batches are judged by means over
    whole epochs.

    Examples
    --------
    >>> import backlight as bl
    >>> outcome(bl.run(bl.recipe("course")))
    'still_falling'
    """
    with np.errstate(all="ignore"):
        return Facts(trace).outcome if len(trace.recorded) else "still_falling"
