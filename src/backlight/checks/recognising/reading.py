"""Ways to read a program as a network: its layers, put together and followed through its training."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.closeness import ROUNDING, all_close
from backlight.checks.recognising.functions import IDENTITY, Function
from backlight.checks.recognising.layers import Layer, Layers
from backlight.checks.recognising.passes import Training, training
from backlight.checks.recognising.samples import (
    are_held,
    are_seen,
    held_against,
    own_samples,
    rows_of,
    targets_beside,
)
from backlight.checks.recognising.steps import steps
from backlight.checks.recognising.sums import Sums

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.checks.recognising.network import Network
    from backlight.checks.recognising.timeline import Timeline
    from backlight.recipes.fields import ActivationChoice

    Array = NDArray[np.floating[Any]]

WINDOWS = (1_500, 6_000, 20_000)
"""So many events are looked at, one after the other, until layers are found among them."""
MOST_CHAINS = 24
AFTER = 200
"""So many events behind a pass its outputs are held against the targets, if it is soon."""
MOST_COMPARED = 3
"""So many steps are held against the gradient of another network."""


@dataclass(frozen=True)
class Reading:
    """A network that a program may be, with its parameters at the first pass.

    Attributes
    ----------
    network : Network
    parameters : array
    training : Training or None
        None where its passes do not go on like this.
    layers : tuple of Layer
        As they were found; empty for the recipe's own start.
    """

    network: Network
    parameters: Array
    training: Training | None
    layers: tuple[Layer, ...] = ()

    @property
    def rounds(self) -> int:
        """How many rounds there are."""
        return len(self.training.rounds) if self.training is not None else 0

    @property
    def activations(self) -> tuple[ActivationChoice, ...]:
        """Of each layer."""
        return self.network.recipe.activations


class _Windows(Sequence[Layers]):
    """Layers among ever more events, each looked for when it is asked for."""

    def __init__(self, timeline: Timeline, ends: list[int], *, biased: bool) -> None:
        self._timeline, self._ends, self._biased = timeline, ends, biased
        self._known: dict[int, Layers] = {}

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, number: Any) -> Any:  # noqa: ANN401  a number or a slice, as of every sequence
        if isinstance(number, slice):
            return [self[one] for one in range(len(self))[number]]
        end = self._ends[number]
        if end not in self._known:
            self._known[end] = Layers(Sums(self._timeline, end), biased=self._biased)
        return self._known[end]


class Readings:
    """All ways to read one program beside one recipe."""

    def __init__(self, timeline: Timeline, network: Network) -> None:
        self.timeline = timeline
        self.network = network
        self.recipe = network.recipe
        self.asked = tuple(Function.of(choice) for choice in self.recipe.activations)

    @cached_property
    def windows(self) -> Sequence[Layers]:
        """The layers among the first events: of ever more of them."""
        ends = [end for end in WINDOWS if end < len(self.timeline)]
        ends = [*ends, len(self.timeline)] if len(ends) < len(WINDOWS) else ends
        return _Windows(self.timeline, ends, biased=self.recipe.network.biases)

    # ---- readings ------------------------------------------------------------------------------------

    def of_the_recipe(self) -> Iterator[Reading]:
        """Networks of the recipe's sizes: on the recipe's samples, and if there are none on others."""
        for inputs in self.inputs():
            found = False
            for layers in self.windows:
                for chain in islice(layers.chains(inputs, self.recipe.layers, self.asked), MOST_CHAINS):
                    one = self._of_chain(layers, chain, own=inputs is None)
                    if one is not None:
                        found = True
                        yield one
                if found or layers.begins(inputs, self.recipe.layers[0]):
                    break
            if found:
                return

    def inputs(self) -> list[Array | None]:
        """The recipe's samples where the program multiplies them, else any."""
        begun = any(layers.begins(self.network.inputs, self.recipe.layers[0]) for layers in self.windows)
        return [self.network.inputs] if begun else [None]

    def has_numbers(self, parameters: Array) -> bool:
        """Whether a program has all of these numbers somewhere, one by one or in arrays."""
        numbers = self.timeline.all_numbers
        arrays = self.network.arrays(parameters).values()
        room = ROUNDING[self.timeline.precision]
        return all(
            bool(numbers.has_each(array, room * np.abs(array)).all())
            or (array.size > 1 and numbers.has_array(array, room * float(np.abs(array).max())))
            for array in arrays
        )

    def strength(self, reading: Reading) -> int:
        """What speaks for the last layer: 2 the recipe's activation, 1 or 0 another one, -1 none that is used.

        Another activation has to be what is held against the targets, if anything is; nothing at all has to be so.
        """
        layer, asked = reading.layers[-1], self.asked[-1]
        if layer.function == asked:
            return 2
        network = reading.network
        targets = network.targets[rows_of(network.inputs, layer_inputs(reading))]
        held = [one for layers in self.windows[:1] for one in held_against(layers.sums, targets, 0)]
        used = any(is_equal(one, layer.a, ROUNDING[self.timeline.precision]) for one in held)
        if layer.function == IDENTITY:
            return 0 if used else -1
        return 1 if used or not held else -1

    def _of_chain(self, layers: Layers, chain: list[Layer], *, own: bool) -> Reading | None:
        """A network of the recipe's sizes with the functions, the parameters and the samples that were found."""
        network: Network | None = self.network
        if own and all(layer.function == IDENTITY for layer in chain) and any(one != IDENTITY for one in self.asked):
            return None
        if own:
            network = self._with_samples(layers, chain)
        if network is None:
            return None
        parameters = parameters_of(network, chain)
        if not all(layer.function.is_plain for layer in chain) or not self.is_biased_as_asked(chain):
            return Reading(network, parameters, None, tuple(chain))
        if [layer.function for layer in chain] != list(self.asked):
            network = network.with_({"network.activations": [layer.function.written for layer in chain]})
        found = self.trained(network, parameters, chain)
        return self._biased(found) or found

    def trained(self, network: Network, parameters: Array, chain: Sequence[Layer]) -> Reading:
        """The network at the first parameters of its training, or where it was found if it has none."""
        passes = training(self.timeline, network, parameters)
        first = parameters if passes is None else passes.rounds[0].parameters
        return Reading(network, first, passes, tuple(chain))

    def _biased(self, reading: Reading) -> Reading | None:
        """The same with biases, which are 0 at first and trained, where the recipe has none; None if it is not so."""
        if self.recipe.network.biases or reading.rounds > 1 or not any(layer.biased for layer in reading.layers):
            return None
        network = reading.network.with_({"network.biases": True})
        parameters = parameters_of(network, list(reading.layers))
        found = self.trained(network, parameters, reading.layers)
        return found if found.rounds > 1 else None

    def is_biased_as_asked(self, chain: list[Layer]) -> bool:
        """Whether biases are where the recipe has them."""
        if self.recipe.network.biases:
            return all(layer.biased for layer in chain)
        return not any(np.any(layer.biases) for layer in chain)

    def _with_samples(self, layers: Layers, chain: list[Layer]) -> Network | None:
        """The network on the program's own samples; None where its targets are not found."""
        found = own_samples(layers, chain)
        return None if found is None else replace(self.network, inputs=found[0], targets=found[1])

    def with_its_targets(self, reading: Reading) -> Reading:
        """The same with the targets that the program has, where they are not the recipe's.

        Nothing but zeros are none where the recipe's are at hand: they were forgotten.
        """
        network = reading.network
        if network.targets is not self.network.targets or reading.training is None:
            return reading
        first = reading.training.rounds[0]
        rows = np.array(first.passes[0])
        outputs = network.outputs(reading.parameters)[rows]
        layers = self.window(first.last)
        held = are_held(layers.sums, network.targets[rows], outputs)
        if held or (held is None and are_seen(self.timeline, network.targets)):
            return reading
        found = targets_beside(layers.sums, network.inputs, outputs, rows)
        if found is not None and not found.any() and are_seen(self.timeline, network.targets):
            return reading
        return reading if found is None else replace(reading, network=replace(network, targets=found))

    def window(self, event: int) -> Layers:
        """The smallest window with an event and what follows it soon."""
        return next((one for one in self.windows if one.sums.end > event + AFTER), self.windows[-1])

    def with_output(self, reading: Reading, function: Function) -> Reading | None:
        """The same with another activation at the outputs."""
        if not function.is_plain:
            return None
        written = [Function.of(choice).written for choice in reading.activations[:-1]]
        network = reading.network.with_({"network.activations": [*written, function.written]})
        found = training(self.timeline, network, reading.parameters)
        return None if found is None else replace(reading, network=network, training=found)

    # ---- what a reading is worth -------------------------------------------------------------------------

    def is_consistent(self, reading: Reading) -> bool:
        """Whether the first steps are one positive number times the gradient of this network, for all parameters."""
        if reading.training is None:
            return False
        made = steps(self.timeline, reading.training.rounds)[:MOST_COMPARED]
        if self.recipe.training.optimizer != "sgd" or any(self.recipe.training.options.values()):
            return bool(made)
        trained = np.array(
            [name[0] == "W" or self.recipe.parameters.train_biases for name, _i in reading.network.names]
        )
        every = tuple(range(reading.network.samples))
        for choose in (lambda one: one.rows, lambda one: one.passes[-1], lambda _one: every):
            ratios = [
                _ratio(
                    step.change[trained],
                    self._gradient(reading, step.round, choose(step.round))[trained],
                    step.room[trained],
                )
                for step in made
            ]
            if ratios and None not in ratios:
                return True
        return False

    def _gradient(self, reading: Reading, one: Any, rows: tuple[int, ...]) -> Array:  # noqa: ANN401  a round
        found = reading.network.quantities(one.parameters, sorted(set(rows)))
        return np.concatenate([found[f"dL_d{name}"].ravel() for name in reading.network.shapes])


def layer_inputs(reading: Reading) -> Array:
    """The samples with which the layers were found."""
    return reading.layers[0].inputs


def is_equal(one: Array, other: Array, room: float) -> bool:
    """Whether two arrays of one shape are the same up to a part of the largest number."""
    return one.shape == other.shape and bool(np.all(np.abs(one - other) <= room * np.abs(other).max()))


def _ratio(change: Array, gradient: Array, room: Array) -> float | None:
    """The positive number by which a step is the gradient; None if it is not."""
    with np.errstate(all="ignore"):
        ratio = float(change @ gradient / (gradient @ gradient))
        gap = np.abs(change - ratio * gradient)
        most = 4 * room + 1e-6 * np.abs(ratio) * np.abs(gradient).max()
    return ratio if ratio > 0 and bool(np.all(gap <= most)) else None


def parameters_of(network: Network, chain: list[Layer]) -> Array:
    """The parameters of some layers in the order of a network's."""
    arrays = [layer.weights.ravel() for layer in chain]
    if network.recipe.network.biases:
        arrays += [layer.biases.ravel() for layer in chain]
    return np.concatenate(arrays)


def same_up_to_order(network: Network, one: Array, other: Array, precision: str) -> bool:
    """Whether two sets of parameters are the same network with its hidden units in another order."""
    mine, theirs = network.arrays(one), network.arrays(other)
    last = len(network.recipe.layers) - 1
    order = np.arange(network.recipe.layers[0])
    for l in range(1, last + 1):
        weights, bias = mine[f"W{l}"][order], mine.get(f"b{l}", np.zeros(mine[f"W{l}"].shape[1]))
        wanted, theirs_bias = theirs[f"W{l}"], theirs.get(f"b{l}", np.zeros(mine[f"W{l}"].shape[1]))
        columns = np.vstack([weights, bias]).T
        targets = np.vstack([wanted, theirs_bias]).T
        if l == last:
            return all_close(columns, targets, precision)
        order = _matching(columns, targets, precision)
        if order is None:
            return False
    return False


def _matching(columns: Array, targets: Array, precision: str) -> Any:  # noqa: ANN401  an order, or None
    left = list(range(len(columns)))
    order = []
    for target in targets:
        fit = next((one for one in left if all_close(columns[one], target, precision)), None)
        if fit is None:
            return None
        left.remove(fit)
        order.append(fit)
    return np.array(order)
