"""The updates of a program that was read, held against the truth."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.closeness import close
from backlight.checks.judging.causes import Suspects
from backlight.checks.judging.judge import MOST_JUDGED, Judged, chosen, expected_changes, judged, samples_of, truths_of
from backlight.checks.judging.rules import rules
from backlight.checks.judging.shown_rules import shown_rules
from backlight.checks.recognising.factors import Factors
from backlight.checks.recognising.rates import Rates
from backlight.checks.recognising.single import followed, followed_to_the_last_pass, only_step
from backlight.checks.recognising.steps import Step, rooms, steps
from backlight.derivations import updates_plainly

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from backlight.checks.judging.truth import Truth
    from backlight.checks.recognising.network import Network
    from backlight.checks.recognising.passes import Training
    from backlight.checks.recognising.timeline import Timeline
    from backlight.recipes.recipe import Recipe

    Array = NDArray[np.floating[Any]]

LARGE = 1e100
"""Gradients up to this size leave numbers behind."""


@dataclass
class Known:
    """What is known of a program, however it is read: the factors of its expressions, and what is true of its passes."""

    factors: Factors
    truths: dict[tuple[bytes, tuple[int, ...]], Truth] = field(default_factory=dict)


Readings = list[tuple["Training", list[Judged]]]
"""Each way to read a program, with its updates held against the truth; where one is right, it is the last."""


def readings_of(
    timeline: Timeline, network: Network, training: Training | None, asked: Recipe, known: Known | None = None
) -> Readings:
    """A program held against the truth in every way it can be read, until it is right in one of them.

    What is true of this network, however it is trained, is taken from what is known, and added to it.
    """
    known = Known(Factors(timeline)) if known is None else known
    training = None if training is None else followed(timeline, training)
    if training is None or not steps_of(timeline, network, training):
        return []
    readings: Readings = []
    done = set()
    for one in _ways_to_read(timeline, network, training):
        made = chosen(steps_of(timeline, network, one), network)
        same = tuple((step.round.parameters.tobytes(), step.after.tobytes(), step.round.passes) for step in made)
        if not made or same in done:
            continue
        done.add(same)
        readings.append((one, held_against_the_truth(timeline, network, made, asked, known)))
        if readings[-1][1][0].wrong.any():
            ruled = under_its_rule(timeline, network, steps_of(timeline, network, one), asked, known)
            readings[-1] = one, [*ruled, *readings[-1][1]]
        if not readings[-1][1][0].wrong.any():
            break
    return readings


def _ways_to_read(timeline: Timeline, network: Network, training: Training) -> Iterator[Training]:
    """A program as it is read, as one with a single pass before that, with updates between two passes, and otherwise."""
    yield training
    if training.before is not None:
        yield followed(timeline, training.before)
    between = followed_to_the_last_pass(timeline, training)
    if between is not None:
        yield between
    yield from training.read_otherwise(timeline, network)


def steps_of(timeline: Timeline, network: Network, training: Training) -> tuple[Step, ...]:
    """The updates of a program; of one that makes a single one, what it wrote last."""
    last = lost(timeline, network, training)
    return (*steps(timeline, training.rounds), *last) or only_step(timeline, training)


def lost(timeline: Timeline, network: Network, training: Training) -> tuple[Step, ...]:
    """The update that leaves parameters that are no numbers, where right ones would be: behind it there is no pass."""
    before, evaluated = training.rounds[-1], timeline.of_site[training.site]
    turns = [-1, *(int(np.searchsorted(evaluated, one.first)) for one in training.rounds[-2:])]
    turn = 2 * turns[-1] - turns[-2]
    after = training.readers.read(timeline, int(evaluated[turn])) if turn < len(evaluated) else None
    if after is None or np.isfinite(after).all():
        return ()
    true = network.quantities(before.parameters, list(before.rows))
    if not all(np.all(np.abs(true[f"dL_d{name}"]) < LARGE) for name in network.shapes):
        return ()
    with np.errstate(all="ignore"):
        return (Step(before, after, before.parameters - after, rooms(before.parameters, after, timeline.precision)),)


def held_against_the_truth(
    timeline: Timeline, network: Network, made: tuple[Step, ...], asked: Recipe, known: Known
) -> list[Judged]:
    """The steps beside the truth, for all samples that they may be the gradient of, the likeliest first."""
    found: list[Judged] = []
    if not made:
        return found
    wanted = float(asked.training.learning_rate)
    rates = Rates(known.factors, network, made, wanted)
    for rows in samples_of(made, network):
        truths = truths_of(made, rows, network, timeline.precision, known.truths)
        found.append(_judged(network, made, rows, truths, rates))
        if found[-1].wrong.any() and not close(found[-1].learning_rate, wanted, timeline.precision):
            found += _made_up_for(found[-1], wanted, expected_changes(network, made, rows, wanted))
        if not found[-1].wrong.any():
            break
    return sorted(found, key=lambda held: int(held.wrong.sum()))


def _made_up_for(held: Judged, wanted: float, expected: Array | None) -> list[Judged]:
    """The steps at the recipe's learning rate, if all are right there: a multiple of the loss, and less of each step."""
    there = judged(held.steps, held.rows, held.truths, wanted, expected=expected)
    return [] if there.wrong.any() else [replace(there, own_rate=held.learning_rate)]


def under_its_rule(
    timeline: Timeline, network: Network, made: tuple[Step, ...], asked: Recipe, known: Known
) -> list[Judged]:
    """The first updates without what the program's update rule adds to the gradient, in every way it may be read."""
    made = made[: min(len(chosen(made, network)), MOST_JUDGED)]
    if not made or not updates_plainly(network.recipe):
        return []
    rates = Rates(known.factors, network, made, float(asked.training.learning_rate)).candidates()
    for rows in samples_of(made, network):
        truths = truths_of(made, rows, network, timeline.precision, known.truths)
        for rule, rate in rules(network, made, [one.gradient for one in truths], rates):
            held = judged(rule.without(made, rate), rows, truths, rate * rule.share)
            if not held.wrong.any():
                return [replace(held, rule=rule)]
    found = []
    for rule, rate in shown_rules(timeline, network, made, rates):
        rows = samples_of(made, network)[0]
        truths = truths_of(made, rows, network, timeline.precision, known.truths)
        found.append(replace(judged(rule.without(made, rate), rows, truths, rate * rule.share), rule=rule))
    return found


def _judged(
    network: Network,
    made: tuple[Step, ...],
    rows: Sequence[tuple[int, ...]],
    truths: Sequence[Truth],
    known: Rates,
) -> Judged:
    """The steps beside the truth at the program's learning rate, or at those it has where it has several."""
    gradients = [one.gradient for one in truths]
    rate = known.rate(gradients)
    expected = expected_changes(network, made, rows, rate)
    held = judged(made, rows, truths, rate, expected=expected)
    if expected is not None and held.wrong.any():
        plain = judged(made, rows, truths, rate)
        return held if plain.wrong.any() else plain
    if not held.wrong.any():
        return held
    rates = known.schedule(gradients)
    if rates is None:
        rates = known.by_array(gradients)
    if rates is None:
        rates = known.likely()
    return held if rates is None else judged(made, rows, truths, float(rates.flat[0]), rates=rates)


def suspects_of(network: Network, held: Judged, precision: str) -> Suspects:
    """The mistakes that could explain the steps, made at the program's own learning rate."""
    own = network.with_({"training.learning_rate": held.learning_rate})
    return Suspects(own, held, precision)
