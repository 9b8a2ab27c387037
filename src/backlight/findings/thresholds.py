"""Every number that a finding or an outcome is decided by, in one table, each with its reason.

"Excess" below is the loss above the least value it can have (`floors`), 0 for most losses. "The end" of a
run is its last quarter. The sweeps class their runs by the same table.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """The table. Shares are dimensionless."""

    # ---- outcomes of a run -----------------------------------------------------------------------------
    end: float = 0.25
    """The last quarter of a run is its end: long enough to average out a few steps, short enough to be past
    the fast fall of the beginning."""

    end_steps: int = 4
    """The end has at least so many steps, as far as there are any: with fewer a zigzag looks like a trend."""

    blocks: int = 16
    """Mini-batches are judged by means over epochs, and many epochs are taken together to so many equal parts of
    the run: the end is then four numbers, each over enough batches to calm the noise of sampling. With fewer
    epochs than this nothing is said of ups and downs, or of a stall."""

    grown: float = 10.0
    """diverged: the excess is more than ten times what it was at the start. A run that only jumps to a worse
    place of a bounded loss stays below; one that grows geometrically passes any such factor soon."""

    visible: float = 0.01
    """oscillating: at the end the loss climbs by more than a hundredth of its first excess; on a plot of the
    whole curve that is a pixel or two, smaller steps back cannot be seen."""

    visible_in_batches: float = 0.1
    """... of mini-batches by more than a tenth: the order of the batches alone moves the means over epochs of a small
    data set by several hundredths, at a learning rate that nobody would call too large."""

    undone: float = 0.5
    """oscillating: at least half of the largest fall at the end is lost again; a zigzag on a falling curve
    loses less."""

    reached: float = 0.01
    """converged: 99 % of what could be gained is gained."""

    settled: float = 0.001
    """stalled: the end lowers the excess by less than a thousandth, so that the run would have to be repeated
    about 250 times to get rid of it."""

    slowed: float = 0.001
    """converged, where the least loss is not reached: the steps of the loss have shrunk to a thousandth of
    their largest, as they do around a minimum ..."""

    progress: float = 0.5
    """... and the run gained at least half of what could be gained: a plateau at the height of the start is
    no minimum worth the name."""

    # ---- units -----------------------------------------------------------------------------------------
    saturated: float = 0.01
    """A unit is saturated where its slope is below a hundredth of the steepest slope of its activation:
    |z| > 6 for sigmoid, |z| > 3 for tanh."""

    saturated_share: float = 0.9
    """... for at least nine of ten samples: a unit that is sure of some samples is how classification works."""

    wrong_side: float = 0.1
    """A saturated output matters where it is off its nearest reachable target by a tenth of its range; a
    confident right answer is no fault."""

    digits_lost: float = 0.5
    """Cancellation is told from where half of the digits of a gradient are gone: what is left is single
    precision in a double."""

    # ---- gradients, targets, scores --------------------------------------------------------------------
    depth_ratio: float = 1000.0
    """Gradients vanish (or explode) where dL/dz of the first layer and of the last differ by this factor: with
    one learning rate for all, one layer learns a thousand times slower than another."""

    depth_layers: int = 3
    """... in networks of at least so many layers of weights; in fewer there is no depth to speak of."""

    outside: float = 1e-6
    """A target is outside its domain when it is so by more than this: decimals rounded to float32 are off by
    6e-8, and ten of them summed by some 1e-7."""

    small_gradient: float = 0.1
    """A stall is blamed on short steps where the gradient is still a tenth of its first size."""

    overfit: float = 0.05
    """The held-out loss has risen by more than five per cent above its least: less is noise of a small part."""


THRESHOLDS = Thresholds()
