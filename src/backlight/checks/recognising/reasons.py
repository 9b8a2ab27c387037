"""What is said of a program that is not the recipe's network, or that could not be read: one sentence each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.diagnosis import Difference
from backlight.checks.recognising.functions import Function
from backlight.checks.recognising.reading import Reading, same_up_to_order
from backlight.language import _

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.checks.recognising.forward import Wrong
    from backlight.checks.recognising.network import Network
    from backlight.checks.recognising.timeline import Timeline
    from backlight.recipes.recipe import Recipe

    Array = NDArray[np.floating[Any]]

FEW = 12
"""So many numbers are told; of more only that they are others."""


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
    ended = timeline.observation.ended
    needed = next((one for one in timeline.observation.facts if one.kind == "file"), None)
    if needed is not None:
        return needed.text
    if ended.kind == "exception":
        text = (
            _("it stopped with an exception in line {line}: {exception}")
            if ended.line
            else _("it stopped with an exception: {exception}")
        )
        return text.format(line=ended.line, exception=ended.text)
    if ended.kind in {"time", "memory", "output", "killed"}:
        return ended.text
    return _("no forward pass of a network was seen in it")


def not_followed() -> str:
    """Why a network that was recognised is not judged."""
    return _("its network was recognised, but not where its forward pass reads the parameters")


def facts_of(reading: Reading, asked: Network, start: Array) -> tuple[Difference, ...]:
    """The samples and initial values of a program, where they are not the recipe's."""
    network = reading.network
    found = []
    if network.inputs.shape != asked.inputs.shape or not np.array_equal(network.inputs, asked.inputs):
        text = _("it has its own samples: {own}, the recipe has {asked}")
        found.append(_difference("samples", text, network.inputs, asked.inputs))
    if network.targets.shape != asked.targets.shape or not np.array_equal(network.targets, asked.targets):
        text = _("it has its own targets: {own}, the recipe has {asked}")
        found.append(_difference("targets", text, network.targets, asked.targets))
    if len(reading.parameters) == len(start) and not same_up_to_order(asked, reading.parameters, start, "float32"):
        text = _("it starts from its own initial values: {own}, the recipe from {asked}")
        found.append(_difference("initial_values", text, reading.parameters, start))
    return tuple(found)


def _difference(kind: str, text: str, own: Array, asked: Array) -> Difference:
    return Difference(
        kind=kind,
        text=text.format(own=_numbers(own), asked=_numbers(asked)),
        yours=own.tolist(),
        recipe=asked.tolist(),
    )


def _numbers(array: Array) -> str:
    if array.size > FEW:
        return "x".join(map(str, array.shape))
    return str([float(f"{number:.6g}") for number in array.ravel()]) if array.ndim == 1 else str(array.tolist())
