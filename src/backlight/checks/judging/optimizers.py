"""A program whose update rule is an optimizer with a memory of squares: Adam, RMSprop, Adagrad.

What such a rule makes of a gradient cannot be taken out again, so each of them is tried with the program's own numbers:
its gradients are right if one of them moves every parameter as the program does. Where an update divides by a root and
none of them is the rule, nothing is said of its gradients.
"""

from __future__ import annotations

import re
from itertools import combinations, islice
from typing import TYPE_CHECKING, Any

from backlight.checks.judging.rules import shares
from backlight.checks.recognising.factors import Factors
from backlight.checks.recognising.rates import Rates

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from backlight.checks.recognising.network import Network
    from backlight.checks.recognising.passes import Training
    from backlight.checks.recognising.steps import Step
    from backlight.checks.recognising.timeline import Timeline

ROOT = re.compile(r"sqrt|\*\*\s*\(?\s*0?\.5|\*\*\s*\(\s*1\s*/\s*2|pow(?:er)?\([^()]*,\s*0?\.5")
OTHER = re.compile(
    r"optim\.(?:[A-Z]\w*|lr_scheduler)|(?<![\w.])(Adam\w*|RMSprop|Adagrad|Adadelta|NAdam|RAdam|Adamax|LBFGS|Rprop|ASGD)\s*\("
)
DAMPED = re.compile(r"dampening\s*=\s*0?\.\d")
MOST_PAIRS = 12
SMALL = 1e-3
"""What is added to a root is smaller."""


def divides_by_a_root(timeline: Timeline) -> bool:
    """Whether a program takes roots, or has an optimizer of torch that is no plain gradient descent."""
    text = timeline.observation.program.text
    called = [one.group(0) for one in OTHER.finditer(text)]
    return bool(ROOT.search(text)) or any(not one.endswith(("SGD", "lr_scheduler")) for one in called)


def is_divided_by_a_root(timeline: Timeline, network: Network, made: Sequence[Step]) -> bool:
    """Whether an update is made with a root, or by an optimizer of torch that is no plain gradient descent."""
    called = [one.group(0) for one in OTHER.finditer(timeline.observation.program.text)]
    if any(not one.endswith(("SGD", "lr_scheduler")) for one in called if one.startswith("optim.")):
        return True
    if DAMPED.search(timeline.observation.program.text):
        return True
    if not ROOT.search(timeline.observation.program.text):
        return False
    return any(ROOT.search(text) for text in Rates(Factors(timeline), network, made, 1.0).texts())


def with_other_optimizers(timeline: Timeline, network: Network, training: Training) -> Iterator[Network]:
    """The same network with each optimizer that the program may have."""
    if not divides_by_a_root(timeline):
        return
    round_ = training.rounds[0]
    numbers = shares(timeline, round_)
    small = sorted({one for one in numbers if one < SMALL}) or [0.0]
    weights = [one for one in numbers if one > SMALL]
    for name, options in _options(weights, small):
        yield with_optimizer(network, name, options)


def with_optimizer(network: Network, name: str, options: dict[str, Any]) -> Network:
    """The same network with another optimizer, whatever the options of its own are."""
    before = {f"training.{key}": None for key in network.recipe.training.options}
    return network.with_({**before, "training.optimizer": name, **{f"training.{key}": options[key] for key in options}})


def _options(weights: list[float], small: list[float]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Names of optimizers and their options, from the numbers of a program and as torch has them."""
    likely = sorted(combinations(sorted(weights), 2), key=lambda pair: abs(pair[0] - 0.9) + abs(pair[1] - 0.999))
    for eps in dict.fromkeys([*small, 1e-8]):
        for betas in dict.fromkeys([*islice(likely, MOST_PAIRS), (0.9, 0.999)]):
            yield "adam", {"betas": list(betas), "eps": eps}
            yield "adamw", {"betas": list(betas), "eps": eps}
        for alpha in dict.fromkeys([*weights, 0.99]):
            yield "rmsprop", {"alpha": alpha, "eps": eps}
    for eps in dict.fromkeys([*small, 1e-10]):
        yield "adagrad", {"eps": eps}
