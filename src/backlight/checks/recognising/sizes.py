"""A program's network, where it is none of the recipe's sizes: its own ones, and that it trains."""

from __future__ import annotations

from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.closeness import ROUNDING
from backlight.checks.recognising.functions import IDENTITY
from backlight.checks.recognising.network import Network
from backlight.checks.recognising.reading import MOST_CHAINS, Reading, Readings, parameters_of
from backlight.checks.recognising.samples import beside, own_samples
from backlight.faults import RecipeError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from backlight.checks.recognising.layers import Layer, Layers

    Array = NDArray[np.floating[Any]]

MOST_SIZED = 6


class OtherSizes:
    """Ways to read a program as a network of other sizes than the recipe's."""

    def __init__(self, readings: Readings) -> None:
        self.readings = readings

    @cached_property
    def followed(self) -> Reading | None:
        """A complete network of other sizes, whose outputs are held against something and change.

        Where it is no other one, it may be a line through points.
        """
        found = self._followed(self._of_any_size())
        if found is not None or self._seen(0) is not None:
            return found
        line = self._followed(self._lines())
        return line if line is not None and self._is_given_at_all(line) else None

    def _is_given_at_all(self, line: Reading) -> bool:
        """Whether points and weights were seen before anything was multiplied: a step of an update is no line."""
        layers = self.readings.windows[0]
        begin = min(pair[0] for _event, some in layers.candidates for term in some.terms for pair in [term.events])
        numbers = np.concatenate([line.network.inputs.ravel(), line.network.targets.ravel(), line.parameters[:1]])
        return _is_given(layers, begin, numbers)

    def _followed(self, ways: Iterator[tuple[Layers, list[Layer], tuple[int, ...]]]) -> Reading | None:
        """The first network that trains on samples that were there before its first pass."""
        own = self.readings.recipe.layers
        for layers, chain, sizes in ways:
            is_first_part = sizes == own[: len(sizes)]
            one = None if is_first_part and len(chain) > 1 else self._sized(layers, chain, sizes)
            if (
                one is None
                or one.rounds <= 1
                or not _is_moved(one)
                or not _is_given(layers, chain[0].first, one.network.inputs)
            ):
                continue
            if len(chain) > 1 or (
                _is_given(layers, chain[0].first, one.network.arrays(one.parameters)["W1"])
                and (not is_first_part or _ends_there(layers, chain))
            ):
                return one
        return None

    def seen(self, more_than: int = 0) -> tuple[int, ...] | None:
        """The sizes of a network with a hidden layer that is computed again and again with other weights.

        It could not be followed; of what it is this is enough. It has more activated layers than so many.
        """
        found = self._seen(more_than)
        return None if found is None else _sizes(found[1])

    def has_more_than(self, start: Array) -> bool:
        """Whether a network of other sizes has weights beside the recipe's numbers: then it is no wrong way to compute it."""
        own = self.readings.network
        known = np.concatenate([start, own.inputs.ravel(), own.targets.ravel()])
        reading = self.followed
        if reading is not None:
            arrays = reading.network.arrays(reading.parameters).items()
            return not bool(
                np.isin(np.concatenate([one.ravel() for name, one in arrays if name[0] == "W"]), known).all()
            )
        found = self._seen(0)
        if found is None:
            return False
        layers, chain = found
        weights = np.concatenate([one.weights.ravel() for one in chain])
        return _is_given(layers, chain[0].first, weights) and not self._are_among(weights, known)

    def _are_among(self, numbers: Array, known: Array) -> bool:
        room = ROUNDING[self.readings.timeline.precision] * np.abs(numbers)
        return bool(np.all(np.abs(numbers[:, None] - known[None, :]).min(axis=1) <= room))

    def _seen(self, more_than: int) -> tuple[Layers, list[Layer]] | None:
        best: tuple[tuple[bool, int, bool, tuple[int, ...]], tuple[Layers, list[Layer]]] | None = None
        for layers, whole, _all in self._of_any_size(MOST_CHAINS):
            chain = _as_far_as_activated(whole)
            sizes = _sizes(chain)
            activated = sum(one.function != IDENTITY for one in chain)
            is_other = len(chain) > 1 and sizes != self.readings.recipe.layers[: len(sizes)]
            if activated > more_than and is_other and _trains(layers, chain):
                given = all(_is_given(layers, chain[0].first, one.weights) for one in chain)
                worth = given, activated, next(beside(layers.sums, chain[-1].a), None) is not None, sizes[1:-1]
                if best is None or worth > best[0]:
                    best = worth, (layers, chain)
        return None if best is None else best[1]

    def longer(self, reading: Reading) -> tuple[int, ...] | None:
        """The sizes of a network that goes on where a reading ends, if what it ends with is held against nothing."""
        rows = list(reading.training.rounds[0].passes[0]) if reading.training is not None else []
        outputs = reading.network.outputs(reading.parameters)[rows]
        layers = self.readings.window(reading.training.rounds[0].last if reading.training is not None else 0)
        if not rows or next(beside(layers.sums, outputs), None) is not None or not layers.goes_on(outputs):
            return None
        own = self.readings.recipe.layers
        for some, chain, sizes in self._of_any_size():
            if len(sizes) > len(own) and sizes[: len(own)] == own:
                one = self._sized(some, chain, sizes)
                if one is not None and one.rounds >= reading.rounds > 1:
                    return sizes
        return None

    def _of_any_size(self, most: int = MOST_SIZED) -> Iterator[tuple[Layers, list[Layer], tuple[int, ...]]]:
        """Networks of any sizes, with those of their layers: on the recipe's samples, then on others."""
        given = self.readings.inputs()
        for inputs in given if given[0] is None else [*given, None]:
            for layers in self.readings.windows:
                for chain in islice(layers.chains(inputs, None, self.readings.asked), most):
                    if _is_sure(_as_far_as_activated(chain) if most > MOST_SIZED else chain):
                        yield layers, chain, _sizes(chain)
                if layers.begins(inputs, None):
                    break

    def _lines(self) -> Iterator[tuple[Layers, list[Layer], tuple[int, ...]]]:
        """One unit with one input that is activated by nothing."""
        for layers in self.readings.windows[:1]:
            for layer in islice(layers.layers(None, (1, 1), [IDENTITY], -1), MOST_CHAINS):
                if next(beside(layers.sums, layer.a), None) is not None:
                    yield layers, [layer], (1, 1)

    def _sized(self, layers: Layers, chain: list[Layer], sizes: tuple[int, ...]) -> Reading | None:
        """A network of other sizes."""
        if not all(layer.function.is_plain for layer in chain):
            return None
        found = own_samples(layers, chain)
        if found is None:
            return None
        inputs, targets = found
        biased = any(layer.biased for layer in chain)
        found_so = [self._of_size(chain, sizes, inputs, targets, biased=one) for one in {biased: 0, True: 0}]
        return max((one for one in found_so if one is not None), key=lambda one: one.rounds, default=None)

    def _of_size(
        self, chain: list[Layer], sizes: tuple[int, ...], inputs: Array, targets: Array, *, biased: bool
    ) -> Reading | None:
        """The same with biases or without: biases of 0 may be added where none were seen."""
        changes = {
            "network.layers": list(sizes),
            "network.activations": [layer.function.written for layer in chain],
            "network.biases": biased,
            "parameters": {"weights": [layer.weights.tolist() for layer in chain]}
            | ({"biases": [layer.biases.tolist() for layer in chain]} if biased else {}),
            "data": {"inputs": inputs.tolist(), "targets": targets.tolist()},
        }
        try:
            network = Network.of(self.readings.recipe.with_(changes), inputs, targets)
        except RecipeError:
            return None
        parameters = parameters_of(network, chain)
        return self.readings.trained(network, parameters, chain)


def _sizes(chain: list[Layer]) -> tuple[int, ...]:
    return (chain[0].weights.shape[0], *(one.weights.shape[1] for one in chain))


def _ends_there(layers: Layers, chain: list[Layer]) -> bool:
    """Whether the outputs of a layer are held against something, and no sum of products is made of them."""
    last = chain[-1]
    held = next(beside(layers.sums, last.a), None) is not None
    return held and not any(layers.units(last.a, (last.a.shape[1], 1), last.event))


def _as_far_as_activated(chain: list[Layer]) -> list[Layer]:
    """Layers up to the last one that is activated; where there is but one, with what follows it."""
    activated = next((number for number, one in enumerate(chain) if one.function == IDENTITY), len(chain))
    return chain[: max(activated, 2)]


def _is_moved(reading: Reading) -> bool:
    """Whether every layer has weights that change: what stays as it is are samples, whichever way a product is read."""
    rounds = [] if reading.training is None else reading.training.rounds
    moved = np.any([one.parameters != rounds[0].parameters for one in rounds], axis=0)
    return all(bool(np.any(array)) for name, array in reading.network.arrays(moved).items() if name[0] == "W")


def _is_given(layers: Layers, begin: int, numbers: Array) -> bool:
    """Whether some numbers were seen before a first pass: what is computed again and again is none that is given."""
    values = layers.timeline.observation.value[:begin]
    before = [layers.timeline.values[one].ravel() for one in np.unique(values)]
    return bool(np.isin(numbers, np.unique(np.concatenate(before or [np.zeros(0)]))).all())


def _trains(layers: Layers, chain: list[Layer]) -> bool:
    """Whether the last sums of some layers are computed several times, and not always the same."""
    site = int(layers.timeline.observation.site[chain[-1].events[0]])
    return bool(layers.timeline.moves[site])


def _is_sure(chain: list[Layer]) -> bool:
    """Whether layers are no chance: every hidden one has an activation that was seen."""
    return all(layer.function != IDENTITY and layer.function.is_plain for layer in chain[:-1])
