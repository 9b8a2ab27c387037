"""A program's network, where it is none of the recipe's sizes: its own ones, and that it trains."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from backlight.checks.recognising.functions import IDENTITY
from backlight.checks.recognising.network import Network
from backlight.checks.recognising.reading import MOST_CHAINS, Reading, Readings, parameters_of
from backlight.checks.recognising.samples import beside, own_samples
from backlight.faults import RecipeError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from backlight.checks.recognising.layers import Layer, Layers

    Array = NDArray[np.floating[Any]]

MOST_SIZED = 6


class OtherSizes:
    """Ways to read a program as a network of other sizes than the recipe's."""

    def __init__(self, readings: Readings) -> None:
        self.readings = readings

    def followed(self) -> Iterator[Reading]:
        """Complete networks of other sizes, whose outputs are held against something and change."""
        for layers, chain, sizes in self._of_any_size():
            one = None if sizes == self.readings.recipe.layers[: len(sizes)] else self._sized(layers, chain, sizes)
            if one is not None and one.rounds > 1:
                yield one
                return

    def seen(self, more_than: int = 0) -> tuple[int, ...] | None:
        """The sizes of a network with a hidden layer that is computed again and again with other weights.

        It could not be followed; of what it is this is enough. It has more activated layers than so many.
        """
        best: tuple[tuple[int, bool, tuple[int, ...]], tuple[int, ...]] | None = None
        for layers, whole, _sizes in self._of_any_size(MOST_CHAINS):
            chain = _as_far_as_activated(whole)
            sizes = (chain[0].weights.shape[0], *(one.weights.shape[1] for one in chain))
            activated = sum(one.function != IDENTITY for one in chain)
            is_other = len(chain) > 1 and sizes != self.readings.recipe.layers[: len(sizes)]
            if activated > more_than and is_other and _trains(layers, chain):
                worth = activated, next(beside(layers.sums, chain[-1].a), None) is not None, sizes[1:-1]
                best = max(best, (worth, sizes)) if best is not None else (worth, sizes)
        return None if best is None else best[1]

    def longer(self, reading: Reading) -> tuple[int, ...] | None:
        """The sizes of a network that goes on where a reading ends, if what it ends with is held against nothing."""
        rows = list(reading.training.rounds[0].passes[0]) if reading.training is not None else []
        outputs = reading.network.outputs(reading.parameters)[rows]
        layers = self.readings.window(reading.training.rounds[0].last if reading.training is not None else 0)
        if not rows or next(beside(layers.sums, outputs), None) is not None:
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
                        yield layers, chain, (chain[0].weights.shape[0], *(one.weights.shape[1] for one in chain))
                if layers.begins(inputs, None):
                    break

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


def _as_far_as_activated(chain: list[Layer]) -> list[Layer]:
    """Layers up to the last one that is activated; where there is but one, with what follows it."""
    activated = next((number for number, one in enumerate(chain) if one.function == IDENTITY), len(chain))
    return chain[: max(activated, 2)]


def _trains(layers: Layers, chain: list[Layer]) -> bool:
    """Whether the last sums of some layers are computed several times, and not always the same."""
    site = int(layers.timeline.observation.site[chain[-1].events[0]])
    return bool(layers.timeline.moves[site])


def _is_sure(chain: list[Layer]) -> bool:
    """Whether layers are no chance: every hidden one has an activation that was seen."""
    return all(layer.function != IDENTITY and layer.function.is_plain for layer in chain[:-1])
