"""What is said of a program that is not the recipe's network, or that could not be read: one sentence each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.diagnosis import Difference
from backlight.checks.observing.facts import ending
from backlight.checks.recognising.functions import Function
from backlight.checks.recognising.reading import Reading, same_up_to_order
from backlight.checks.recognising.single import earlier
from backlight.language import _
from backlight.recipes.labels import label

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.checks.observing.observation import Observation
    from backlight.checks.recognising.forward import Wrong
    from backlight.checks.recognising.network import Network
    from backlight.checks.recognising.timeline import Timeline
    from backlight.recipes.recipe import Recipe

    Array = NDArray[np.floating[Any]]

FEW = 4
"""So many numbers of a sample are told."""


def activation_reason(own: Recipe, asked: Recipe) -> str:
    """Which layers have another activation."""
    said = []
    last = len(asked.layers) - 1
    for number, (mine, wanted) in enumerate(zip(own.activations, asked.activations, strict=True), start=1):
        if Function.of(mine) != Function.of(wanted):
            where = _where(number, last)
            text = _("{layer} is {activation}, the recipe asks for {asked}")
            said.append(text.format(layer=where, activation=_shown(mine), asked=_shown(wanted)))
    return "; ".join(said)


def _where(number: int, last: int) -> str:
    if number == last:
        return _("its output layer")
    return _("its hidden layer") if last == 2 else _("its hidden layer {number}").format(number=number)  # noqa: PLR2004


def _shown(choice: Any) -> str:  # noqa: ANN401  an activation of a recipe
    written = Function.of(choice).written
    if isinstance(written, str):
        return written
    options = ", ".join(f"{name} = {value:g}" for name, value in written.items() if isinstance(value, float))
    return f"{choice.name} ({options})"


def network_reason(own: tuple[int, ...], asked: tuple[int, ...]) -> str:
    """Both sizes."""
    return _("its network is {own}, that of the recipe is {asked}").format(
        own="-".join(map(str, own)), asked="-".join(map(str, asked))
    )


def forward_reason(wrong: Wrong) -> str:
    """What is not as it should be in the forward pass."""
    if wrong.how == "bias":
        return _("{quantity} has no bias, the recipe asks for one").format(quantity=wrong.quantity)
    if wrong.how == "extra_bias":
        return _("{quantity} has a bias, the recipe has none").format(quantity=wrong.quantity)
    if wrong.how == "arrangement":
        return _("{quantity} is made with other weights of the recipe than it should be").format(
            quantity=wrong.quantity
        )
    if wrong.how == "function":
        return _("{quantity} is {function} of z, the recipe asks for {asked}").format(
            quantity=wrong.quantity, function=_function(wrong.function), asked=wrong.asked.name
        )
    return _("{quantity} is not what the recipe's network has there, with the values before it being right").format(
        quantity=wrong.quantity
    )


def _function(function: Function) -> str:
    if function.over == "samples":
        return _("softmax over the samples")
    if function.over == "all":
        return _("softmax over all samples and units")
    if function.negative:
        return _("{function} of the negative").format(function=function.name)
    return f"{function.name}({function.within.name})" if function.within else function.name


def nothing_seen(timeline: Timeline) -> str:
    """Why nothing can be said of a program."""
    needed = next((one for one in timeline.observation.facts if one.kind == "file"), None)
    if needed is not None:
        return needed.text
    ended = ending(timeline.observation.ended)
    if ended:
        return ended
    if timeline.observation.ended.kind == "exit":
        text = _("no forward pass of a network was seen in it before it ended itself in line {line}")
        return text.format(line=timeline.observation.ended.line)
    if _calls_nothing(timeline.observation):
        return _("no forward pass of a network was seen in it: it defines functions, and calls none of them")
    return _("no forward pass of a network was seen in it")


def _calls_nothing(observation: Observation) -> bool:
    """Whether a program has functions, and nothing in any of them was evaluated."""
    inside = np.array([bool(site.scope) for site in observation.sites], bool)
    return bool(inside.any()) and not inside[observation.site].any()


def not_followed() -> str:
    """Why a network that was recognised is not judged."""
    return _("its network was recognised, but not where its forward pass reads the parameters")


def unknown_rule() -> str:
    """Why gradients are not judged that were seen as updates only."""
    return _("its update rule is none that is known: what its gradients are cannot be told from its updates")


def facts_of(timeline: Timeline, reading: Reading, asked: Network, start: Array) -> tuple[Difference, ...]:
    """The samples and initial values of a program, where they are not the recipe's."""
    network = reading.network
    found = []
    for kind, own, wanted in (
        ("samples", network.inputs, asked.inputs),
        ("targets", network.targets, asked.targets),
    ):
        if not _same(own, wanted):
            found.append(
                Difference(kind=kind, text=_data(kind, own, wanted), yours=own.tolist(), recipe=wanted.tolist())
            )
    before = [] if reading.training is None else earlier(timeline, reading.training)
    begin = before[0] if before else reading.parameters
    if before is not None and len(begin) == len(start) and not same_up_to_order(asked, begin, start, "float32"):
        text = _initial_values(asked, begin, start)
        own, wanted = begin.tolist(), start.tolist()
        found.append(Difference(kind="initial_values", text=text, yours=own, recipe=wanted))
    return tuple(found)


def _same(own: Array, asked: Array) -> bool:
    """Whether data are the same as they are written, in whichever precision."""
    return own.shape == asked.shape and np.array_equal(own.astype(np.float32), asked.astype(np.float32))


def _data(kind: str, own: Array, asked: Array) -> str:
    """Which samples or targets are others: how many, else the first that differs."""
    if len(own) != len(asked):
        text = (
            _("it has its own samples: {own}, the recipe has {asked}")
            if kind == "samples"
            else _("it has its own targets: {own}, the recipe has {asked}")
        )
        return text.format(own=len(own), asked=len(asked))
    text = (
        _("it has its own samples: sample {number} is {own}, the recipe's is {asked}")
        if kind == "samples"
        else _("it has its own targets: that of sample {number} is {own}, the recipe's is {asked}")
    )
    first = next(row for row in range(len(own)) if own.shape != asked.shape or not _same(own[row], asked[row]))
    return text.format(number=first, own=_numbers(own[first]), asked=_numbers(asked[first]))


def _initial_values(asked: Network, own: Array, start: Array) -> str:
    """The first parameter that begins elsewhere, as an example."""
    number = int(np.argmax(~np.isclose(own, start, rtol=1e-6, atol=0)))
    return _("it starts from its own initial values: {name} begins at {own}, the recipe's at {asked}").format(
        name=label(asked.recipe, *asked.names[number]), own=f"{own[number]:.6g}", asked=f"{start[number]:.6g}"
    )


def _numbers(row: Array) -> str:
    """The numbers of a sample, of many the first ones."""
    shown = ", ".join(f"{number:.6g}" for number in row[:FEW])
    return f"({shown}, ...)" if row.size > FEW else f"({shown})"
