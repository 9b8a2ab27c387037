"""Which update rule does a program itself show, where its gradients are wrong? By its numbers, or by the call that asks for it.

The rule is taken out of the updates so that a mistake can be looked for in what is left. It excuses nothing: where
gradients are right under a rule, `rules` has found it already.
"""

from __future__ import annotations

import ast
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.closeness import RELATIVE
from backlight.checks.judging.rules import DIGITS, FEWEST, SMALLEST, Rule, shares

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from backlight.checks.recognising.network import Network
    from backlight.checks.recognising.steps import Step
    from backlight.checks.recognising.timeline import Timeline

    Array = NDArray[np.floating[Any]]

LOOKED_AT = 3
"""Updates in which the numbers of a rule are looked for."""
OPTIONS = ("momentum", "weight_decay", "nesterov")
MOST_RULES = 4
ROOM = 1e-12
WITHOUT_MEANING = ("params", "lr", "foreach", "fused", "differentiable")
KEPT = 0.5
"""Of weights that decay more than this is kept."""


def shown_rules(
    timeline: Timeline, network: Network, made: Sequence[Step], rates: Sequence[float]
) -> Iterator[tuple[Rule, float]]:
    """The rules that a program shows, each with its learning rate.

    Moves that are all the same have any number for a share, and the learning rate is none.
    """
    if len(made) < FEWEST or np.allclose(made[0].change, made[1].change, rtol=SMALLEST, atol=0):
        return
    asked = _asked_for(timeline, network)
    moving = next(_moving(timeline, network, made, rates), None) if asked is None else asked
    found = _decaying(timeline, network, made, rates[0]) if moving is None else [moving]
    for rule in dict.fromkeys(islice(found, MOST_RULES)):
        yield rule, rates[0]


def _moving(timeline: Timeline, network: Network, made: Sequence[Step], rates: Sequence[float]) -> Iterator[Rule]:
    """Momentum: a number of the program times the last move is among its values; of Nesterov's, the velocity is."""
    steady = _steady(timeline, made[0])
    for momentum in [one for one in shares(timeline, made[0].round) if one not in rates]:
        averaged = any(abs(1 - momentum - one) <= ROOM for one in steady)
        for rate in (1.0, *rates):
            pairs = pairwise(made[:LOOKED_AT])
            if all(_is_seen(timeline, network, now, momentum * before.change / rate) for before, now in pairs):
                yield Rule(momentum, averaged=averaged)
        rule = Rule(momentum, nesterov=True)
        velocity, velocities = np.zeros_like(made[0].change), []
        for step in rule.without(made[:LOOKED_AT], 1.0):
            velocity = momentum * velocity + step.change
            velocities.append(velocity)
        for rate in (1.0, *rates):
            some = list(zip(made, velocities, strict=False))[1:]
            if all(_is_seen(timeline, network, step, one / rate) for step, one in some):
                yield rule


def _decaying(timeline: Timeline, network: Network, made: Sequence[Step], rate: float) -> Iterator[Rule]:
    """Weight decay: a number of the program times an array of weights is among its values; biases may have none."""
    some = made[:LOOKED_AT]
    numbers = [one for one in _steady(timeline, made[0]) if one != rate]
    ways = [way for share in numbers for way in _amounts(share, rate, len(made[0].round.rows)) if way[0] != 1]
    for times, decay in dict.fromkeys(ways):
        decays = {
            name: decay * all(_is_array_seen(timeline, one, name, network, times) for one in some)
            for name in network.slices
        }
        if all(amount for name, amount in decays.items() if name[0] == "W"):
            yield Rule(decay=tuple(np.repeat([*decays.values()], _sizes(network)).tolist()))


def _steady(timeline: Timeline, step: Step) -> list[float]:
    """The numbers between 0 and 1 that a program has in a round and never changes, computed ones too."""
    sites = timeline.observation.site[step.round.first : step.round.end]
    numbers = timeline.scalars[step.round.first : step.round.end]
    steady = ~timeline.moves[sites] & (numbers > 0) & (numbers < 1)
    return sorted({float(one) for one in numbers[steady]}, reverse=True)


def _amounts(share: float, rate: float, samples: int) -> Iterator[tuple[float, float]]:
    """What weights may be multiplied with for a number that a program has, and how much decay that is."""
    if share > KEPT:
        yield share, float(f"{(1 - share) / rate:.{DIGITS}g}")
    for decay in dict.fromkeys((share, 2 * share, share / samples)):
        yield decay, decay
        yield rate * decay, decay


def _sizes(network: Network) -> list[int]:
    return [mine.stop - mine.start for mine in network.slices.values()]


def _is_array_seen(timeline: Timeline, step: Step, name: str, network: Network, times: float) -> bool:
    """Whether an array of parameters times a number is computed in a round."""
    array = network.arrays(step.round.parameters)[name]
    if not np.any(array):
        return False
    numbers = timeline.numbers(step.round.first, step.round.end)
    wanted, room = times * array, RELATIVE[timeline.precision] * np.abs(times * array)
    return bool(numbers.has_array(wanted, room) or numbers.has_each(wanted, room).all())


def _is_seen(timeline: Timeline, network: Network, step: Step, wanted: Array) -> bool:
    """Whether some numbers are computed in the round of an update, each array of them, up to the sign."""
    numbers = timeline.numbers(step.round.first, step.round.end)
    for array in network.arrays(wanted).values():
        room = np.maximum(RELATIVE[timeline.precision] * np.abs(array), 2 * float(step.room.max()))
        if not any(numbers.has_array(one, room) or numbers.has_each(one, room).all() for one in (array, -array)):
            return False
    return True


def _asked_for(timeline: Timeline, network: Network) -> Rule | None:
    """What a program asks of torch's SGD, where the numbers stand in the call."""
    try:
        tree = ast.parse(timeline.observation.program.text)
    except SyntaxError:
        return None
    calls = [one for one in ast.walk(tree) if isinstance(one, ast.Call) and ast.unparse(one.func).endswith("SGD")]
    given = {one.arg: _value(timeline, one.value) for call in calls for one in call.keywords if one.arg in OPTIONS}
    others = {one.arg for call in calls for one in call.keywords} - {*OPTIONS, *WITHOUT_MEANING}
    if len(calls) != 1 or others or None in given.values() or not any(given.values()):
        return None
    momentum, decay, nesterov = (float(given.get(name) or 0.0) for name in OPTIONS)
    return Rule(momentum, nesterov=bool(nesterov), decay=(decay,) * network.size if decay else ())


def _value(timeline: Timeline, node: ast.expr) -> float | None:
    """The number that stands in a call, or that a variable in it had; None where it is neither."""
    if isinstance(node, ast.Constant):
        return float(node.value) if isinstance(node.value, int | float) else None
    sites = timeline.observation.sites
    shown = [
        float(timeline.scalars[event])
        for number, site in enumerate(sites)
        if isinstance(node, ast.Name) and site.kind == "name" and site.source == node.id
        for event in timeline.of_site[number]
    ]
    return shown[0] if len(set(shown)) == 1 else None
