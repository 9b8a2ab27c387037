"""The numbers that a program would compute if it were right, and does not."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.checks.judging.causes import Suspects
    from backlight.checks.judging.judge import Judged
    from backlight.checks.placing.scene import Scene
    from backlight.checks.recognising.network import Network

    Array = NDArray[np.floating[Any]]

MOST = 48
"""So many numbers are enough to know a right program by."""
MOST_FORWARD = 60
CLOSE = {"float64": 1e-11, "float32": 4e-7}
"""How near a number must be, relative to its size."""
NEARLY = {"float64": 1e-6, "float32": 1e-2}
"""So far two ratios may be apart that are one number, each of numbers that are rounded."""
LARGE = 0.1
"""Ratios are taken of numbers that are at least such a part of the largest one."""
APART = 20
"""So many times that, it must be from what the program has now."""
ROUNDINGS = 1.5
"""So many times a step may be rounded by the spacing of its numbers."""
MOST_ALONE = 2
FORMS = 4
"""The forms in which a program has all that it computes on the way back: with either sign, of a mean or of a sum."""
PER_PRODUCT, PER_PROGRAM = 6, 1000
"""So many events a forward pass and a backward pass have for each weight and sample; and a program before them."""


@dataclass(frozen=True)
class Wanted:
    """Numbers of right updates.

    Attributes
    ----------
    numbers : array
    close : float
        How near is near enough, relative.
    until : int
        The event by which a right program has computed them.
    own : array
        The parameters that the program itself leads to there.
    own_is_wrong : array of bool
    between : array, shape (numbers, forms)
        What a right program computes on the way, in the forms in which programs keep all of it.
    loss : array
        The loss, as programs print it.
    is_multiple : bool
        Whether the wrong gradients are one number times the right ones.
    some_stay : bool
        Whether some parameters that should move do not.
    of_the_pass : bool
        Whether the numbers are of a forward pass, and not of an update.
    """

    numbers: Array
    close: float
    until: int
    own: Array
    own_is_wrong: NDArray[np.bool_]
    between: Array
    loss: Array
    is_multiple: bool = False
    some_stay: bool = False
    of_the_pass: bool = False


def wanted(suspects: Suspects, scene: Scene) -> Wanted | None:
    """The parameters that the first wrong update would lead to if it were right; None where that is what it leads to."""
    judged, close = suspects.judged, CLOSE[scene.timeline.precision]
    first = judged.first_wrong
    step, truth, rows = judged.steps[first], judged.truths[first], judged.rows[first]
    rate = judged.learning_rate if judged.rates is None else judged.rates.reshape(len(judged.steps), -1)[first]
    if judged.rule is not None and judged.rule.nesterov:
        rate = rate * (1 + judged.rule.momentum)
    with np.errstate(all="ignore"):
        right = step.after + rate * (judged.implied[first] - judged.true_gradients[first])
        moved = np.isfinite(right) & (np.abs(right - step.round.parameters) > APART * close * np.abs(right))
        apart = moved & ~(np.abs(right - step.after) <= APART * close * np.abs(right))
        steady = _is_steady(right, step.round.parameters, close, scene.timeline.precision)
    if not apart.any():
        return None
    if (apart & steady).any():
        apart, moved = apart & steady, moved & steady
    changed = np.flatnonzero(step.after != step.round.parameters)
    own, where = np.unique(step.after[changed], return_index=True)
    some = _spread(len(own), MOST)
    return Wanted(
        numbers=np.concatenate([_some(right[apart], MOST), _some(right[moved & ~apart], MOST // 3)]),
        close=close,
        until=step.round.end,
        own=own[some],
        own_is_wrong=judged.wrong[first][changed[where]][some],
        between=_between(truth.quantities, len(rows)),
        loss=_losses(scene, step.round.parameters, rows),
        some_stay=bool((apart & (step.after == step.round.parameters)).any()),
        is_multiple=is_multiple(judged, scene.timeline.precision),
    )


def _losses(scene: Scene, parameters: Array, rows: Sequence[int]) -> Array:
    """The loss as programs print it: of all samples, their mean or their sum, whole or half; and of a sample alone."""
    whole = float(scene.network.quantities(parameters, rows)["loss"]) * np.array([1, 2, len(rows), 2 * len(rows)])
    alone = [float(scene.network.quantities(parameters, [row])["loss"]) for row in rows[:MOST_ALONE]]
    return np.concatenate([whole, alone if len(rows) > 1 else []])


def _is_steady(right: Array, before: Array, close: float, precision: str) -> NDArray[np.bool_]:
    """Whether a difference is rounded by less than what is near enough: not where a step leads nearly to zero."""
    rounded = ROUNDINGS * float(np.finfo(precision).eps) * (np.abs(before) + np.abs(right - before))
    return np.asarray(rounded <= close * np.abs(right))


def is_multiple(judged: Judged, precision: str) -> bool:
    """Whether the gradients of the first wrong update are one number times the right ones."""
    implied, true = judged.implied[judged.first_wrong], judged.true_gradients[judged.first_wrong]
    with np.errstate(all="ignore"):
        large = np.abs(true) >= LARGE * np.nanmax(np.abs(true), initial=0.0)
        ratios = implied[large] / true[large]
    near = NEARLY[precision] * np.abs(ratios).max(initial=0.0)
    return bool(len(ratios) and np.all(np.isfinite(ratios)) and np.ptp(ratios) <= near)


def wanted_of_the_pass(
    network: Network, parameters: Array, rows: Sequence[int], precision: str, own: Network | None
) -> Wanted:
    """What the first forward pass of a right program gives: of every layer before its activation and behind it.

    With what it gives instead in a program whose own network is known, that is nothing else then.
    """
    right = _of_layers(network, parameters, rows)
    wrong = np.zeros(0) if own is None else _of_layers(own, parameters, rows)
    wrong = wrong[[not np.any(np.abs(right - one) <= APART * CLOSE[precision] * abs(one)) for one in wrong]]
    none = np.zeros(0)
    return Wanted(
        numbers=right[_spread(len(right), MOST_FORWARD)],
        close=CLOSE[precision],
        until=PER_PRODUCT * network.size * network.samples + PER_PROGRAM,
        own=wrong[_spread(len(wrong), MOST)],
        own_is_wrong=np.ones(len(wrong), bool)[_spread(len(wrong), MOST)],
        between=none,
        loss=none,
        of_the_pass=True,
    )


def wanted_of_the_first_update(before: Array, after: Array, until: int, precision: str) -> Wanted:
    """The parameters that the first update of a program would lead to that has none."""
    none = np.zeros(0)
    close = CLOSE[precision]
    steady = _is_steady(after, before, close, precision) & (np.abs(after - before) > APART * close * np.abs(after))
    return Wanted(
        numbers=_some(after[steady] if steady.any() else after, MOST),
        close=close,
        until=until,
        own=none,
        own_is_wrong=none.astype(bool),
        between=none,
        loss=none,
        some_stay=True,
    )


def _of_layers(network: Network, parameters: Array, rows: Sequence[int]) -> Array:
    quantities = network.quantities(parameters, rows)
    found = np.concatenate([np.ravel(array) for name, array in quantities.items() if re.fullmatch(r"[za]\d+", name)])
    return np.unique(_plain(found))


def _some(numbers: Array, most: int) -> Array:
    """So many different ones of all sizes."""
    different = np.unique(numbers)
    return different[_spread(len(different), most)]


def _spread(count: int, most: int) -> NDArray[np.intp]:
    """So many positions of a row at most, the first and the last with them."""
    return np.unique(np.linspace(0, count - 1, most).astype(int)) if count else np.zeros(0, int)


def _between(quantities: Mapping[str, Array], samples: int) -> Array:
    """The numbers of one pass: those of the way back with either sign, and of the sum over the samples or of their mean."""
    forward, back = (
        _some(_plain(np.concatenate([np.ravel(quantities[name]) for name in quantities if re.match(kind, name)])), MOST)
        for kind in (r"[za]\d", r"dL_d[za]\d")
    )
    return np.vstack(
        [
            np.stack([forward] * FORMS, axis=1),
            np.stack([back, -back, samples * back, -samples * back], axis=1),
        ]
    )


def _plain(numbers: Array) -> Array:
    """Without those that are anywhere by chance."""
    return np.asarray(numbers[np.isfinite(numbers) & (numbers != 0) & (np.abs(numbers) != 1)])
