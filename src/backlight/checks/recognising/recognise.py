"""Which network is this program? Its parameters, samples and passes, as the recipe has them or as its own.

The recipe's initial values and samples are tried first. Then the layers that the program computes are looked for,
whatever numbers are in them: with the recipe's samples, with other samples, with other activations, with other sizes.
What does not agree is told as a fact, and the program is judged at its own values; only a forward pass that is none of
that is called wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.closeness import ROUNDING, all_close
from backlight.checks.recognising.astray import wrong_forward
from backlight.checks.recognising.forward import Wrong, deviation, first_other_activation, wrong_output
from backlight.checks.recognising.functions import IDENTITY
from backlight.checks.recognising.logits import at_the_sums, states_its_loss
from backlight.checks.recognising.network import Network
from backlight.checks.recognising.passes import Training, training
from backlight.checks.recognising.reading import Reading, Readings
from backlight.checks.recognising.reasons import (
    activation_reason,
    facts_of,
    forward_reason,
    network_reason,
    not_followed,
    nothing_seen,
)
from backlight.checks.recognising.single import first_step, only_step
from backlight.checks.recognising.sizes import OtherSizes
from backlight.checks.recognising.slipped import slipped

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.checks.diagnosis import Difference, Kind, Spot
    from backlight.checks.recognising.timeline import Timeline
    from backlight.recipes.recipe import Recipe

    Array = NDArray[np.floating[Any]]


@dataclass(frozen=True, kw_only=True)
class Recognised:
    """What a program turned out to be.

    Attributes
    ----------
    network : Network
        What it runs, with its own samples: the recipe's, or with ``kind`` set another one.
    training : Training or None
        Its passes; None if there are none that could be recognised.
    kind : str or None
        None where it is the recipe's network; ``other_activation``: ``network`` is its own, to be judged as such;
        ``other_network``, ``forward``, ``cannot_tell``: there is nothing to judge.
    reason : str
        Why, one sentence in the language in use.
    first_wrong : Spot or None
        For ``forward``: the first expression that is not what the network asks for.
    mistake : str
        For ``forward``: the entry of the catalogue, with its parameters where they are known.
    facts : tuple of Difference
        What the program has otherwise than the recipe: its samples, its initial values.
    """

    network: Network
    training: Training | None
    kind: Kind | None = None
    reason: str = ""
    first_wrong: Spot | None = None
    mistake: str = ""
    facts: tuple[Difference, ...] = ()


ASKED = 2
"""The strength of a reading whose outputs are the recipe's."""


def recognised(timeline: Timeline, recipe: Recipe) -> Recognised:
    """Find out what a program runs; one that is not the recipe's network may be it with the outputs inside its loss."""
    answer = _Search(timeline, recipe).answer()
    if answer.training is not None and answer.kind is None:
        return answer
    there = inside_its_loss(timeline, recipe)
    stated = there is not None and there.training and states_its_loss(timeline, there.network, there.training)
    return there if there is not None and stated else answer


def inside_its_loss(timeline: Timeline, recipe: Recipe) -> Recognised | None:
    """A program as the recipe's network with the outputs inside its loss; None where it is not that."""
    other = at_the_sums(recipe)
    there = None if other is None else _Search(timeline, other).answer()
    return there if there is not None and there.training is not None and there.kind is None else None


@dataclass(frozen=True)
class _Search:
    """The questions that are asked of a program, one after the other."""

    timeline: Timeline
    recipe: Recipe

    @cached_property
    def _asked(self) -> tuple[Network, Array]:
        return Network.asked(self.recipe)

    @property
    def network(self) -> Network:
        """The recipe's network on the recipe's samples."""
        return self._asked[0]

    @property
    def parameters(self) -> Array:
        """The recipe's initial values."""
        return self._asked[1]

    @cached_property
    def readings(self) -> Readings:
        """The layers of the program."""
        return Readings(self.timeline, self.network)

    @cached_property
    def _others(self) -> OtherSizes:
        return OtherSizes(self.readings)

    def answer(self) -> Recognised:
        """Ask until something is sure."""
        found = training(self.timeline, self.network, self.parameters)
        usual = None if found is None else Reading(self.network, self.parameters, found)
        if usual is not None and usual.training is not None and usual.training.is_complete(self.timeline):
            return (
                self._longer(usual)
                or self._going_on(usual)
                or self._slipping_behind(usual)
                or self._with_its_outputs(usual)
            )
        slip = slipped(self.readings, self.parameters) if self.readings.has_numbers(self.parameters) else None
        if slip is not None:
            return self._forward(slip, self.network)
        own = self._own()
        if own is not None and (usual is None or own.rounds > usual.rounds):
            return self._longer(own) or self._meaning(own)
        if usual is not None:
            return self._with_its_outputs(usual)
        ways = [self._wrong_forward, self._other_network] if self._is_about_it else [self._other_network]
        if not self.readings.has_numbers(self.parameters) or self._others.has_more_than(self.parameters):
            ways.reverse()
        for way in ways:
            answer = way()
            if answer is not None:
                return answer
        return self._nothing(self.network, nothing_seen(self.timeline))

    @property
    def _is_about_it(self) -> bool:
        """Whether a program has the recipe's samples or its initial values: else it is no wrong way to compute it.

        Samples of zeros and ones prove something only as a whole.
        """
        inputs = self.network.inputs
        telling = np.setdiff1d(inputs, (-1.0, 0.0, 1.0))
        numbers, room = self.timeline.all_numbers, ROUNDING[self.timeline.precision]
        return (
            bool(telling.size and numbers.has_each(telling, room * np.abs(telling)).all())
            or (inputs.size > 1 and numbers.has_array(inputs, room * float(np.abs(inputs).max())))
            or self.readings.has_numbers(self.parameters)
        )

    def _going_on(self, usual: Reading) -> Recognised | None:
        """A program whose first pass stands by itself: its training goes on at another place, from the first update on.

        One update that is right is not all that such a program does.
        """
        if usual.training is None or usual.rounds > 1:
            return None
        first = first_step(self.timeline, usual.training)
        own = self._own() if first else None
        if own is None or own.rounds < 2 or own.activations != self.recipe.activations:  # noqa: PLR2004  a training
            return None
        if own.parameters.shape != first[0].after.shape or not all_close(own.parameters, first[0].after):
            return None
        answer = self._with_its_outputs(_behind(usual.training, own))
        return replace(answer, facts=tuple(fact for fact in answer.facts if fact.kind != "initial_values"))

    def _slipping_behind(self, usual: Reading) -> Recognised | None:
        """A program that tries its network once, and trains it with a forward pass that has a slip.

        A pass that is not followed by an update is only a look; the training is where the values move.
        """
        if usual.training is None or usual.rounds > 1 or only_step(self.timeline, usual.training):
            return None
        slip = slipped(self.readings, self.parameters, behind=usual.training.rounds[0].last + 1)
        return None if slip is None else self._forward(slip, self.network)

    def _own(self) -> Reading | None:
        """The program's layers at its own values: those that agree with the recipe first."""
        best: tuple[tuple[bool, bool, int, bool], Reading] | None = None
        for one in self.readings.of_the_recipe():
            strength = self.readings.strength(one)
            plain = all(layer.function.is_plain for layer in one.layers)
            asked = best is not None and best[0][2] == ASKED and best[1].training is not None
            if strength > 0 and (one.rounds > 1 or not (plain or asked)):
                return one
            worth = strength >= 0, one.rounds > 1, strength, plain
            if best is None or worth > best[0]:
                best = worth, one
        return best[1] if best is not None and best[0][0] else None

    def _meaning(self, reading: Reading) -> Recognised:
        """What layers of the recipe's sizes mean."""
        other = self._of_more_layers(reading)
        if other is not None:
            return other
        wrong = deviation(self.readings, reading, self.parameters)
        if wrong is not None:
            return self._forward(wrong, reading.network)
        if reading.activations == self.recipe.activations:
            return self._with_its_outputs(reading)
        return self._other_activation(reading, facts_of(self.timeline, reading, self.network, self.parameters))

    def _other_network(self) -> Recognised | None:
        """A network of other sizes."""
        reading = self._others.followed
        sizes = self._others.seen() if reading is None else reading.network.recipe.layers
        return None if sizes is None else self._of_sizes(sizes)

    def _longer(self, reading: Reading) -> Recognised | None:
        """A network whose first layers are of the recipe's sizes, and that has more of them."""
        sizes = self._others.longer(reading)
        return None if sizes is None else self._of_sizes(sizes)

    def _of_more_layers(self, reading: Reading) -> Recognised | None:
        """On samples of its own, layers that are not activated as they should be may be parts of another network."""
        activated = sum(layer.function != IDENTITY for layer in reading.layers)
        asked = sum(one != IDENTITY for one in self.readings.asked)
        if activated >= asked or reading.network.inputs is self.network.inputs:
            return None
        sizes = self._others.seen(more_than=activated)
        return None if sizes is None else self._of_sizes(sizes)

    def _of_sizes(self, sizes: tuple[int, ...]) -> Recognised:
        reason = network_reason(sizes, self.recipe.layers)
        return Recognised(network=self.network, training=None, kind="other_network", reason=reason)

    @staticmethod
    def _nothing(network: Network, reason: str) -> Recognised:
        return Recognised(network=network, training=None, kind="cannot_tell", reason=reason)

    def _other_activation(self, reading: Reading, facts: tuple[Difference, ...]) -> Recognised:
        """Another activation is told as such where the way back agrees with it, else it is a wrong forward pass."""
        wrong = first_other_activation(self.readings, reading)
        reason = activation_reason(reading.network.recipe, self.recipe)
        if self.readings.is_consistent(reading):
            return _with_another_activation(reading, wrong, reason, facts)
        return self._forward(wrong, reading.network, reason)

    def _with_its_outputs(self, reading: Reading) -> Recognised:
        """The recipe's network; but what it does with the outputs may make another one of it."""
        if reading.training is None:
            return self._nothing(reading.network, not_followed())
        reading = self.readings.with_its_targets(reading)
        facts = facts_of(self.timeline, reading, self.network, self.parameters)
        wrong = wrong_output(self.readings, reading)
        if wrong is not None:
            other = self.readings.with_output(reading, wrong.function)
            if other is not None and self.readings.is_consistent(other):
                reason = activation_reason(other.network.recipe, self.recipe)
                return _with_another_activation(other, wrong, reason, facts)
            if not self.readings.is_consistent(reading):
                return self._forward(wrong, reading.network)
        return Recognised(network=reading.network, training=reading.training, facts=facts)

    def _wrong_forward(self) -> Recognised | None:
        """The first expression of a forward pass that begins as the recipe's and goes on otherwise."""
        wrong = wrong_forward(self.readings, self.parameters)
        return None if wrong is None else self._forward(wrong, self.network)

    def _forward(self, wrong: Wrong, network: Network, reason: str = "") -> Recognised:
        return Recognised(
            network=network,
            training=None,
            kind="forward",
            reason=reason or forward_reason(wrong),
            first_wrong=wrong.spot,
            mistake=wrong.mistake,
        )


def _behind(first: Training, other: Reading) -> Reading:
    """A reading that begins behind the first pass of a program, which is another one."""
    training = None if other.training is None else replace(other.training, before=first)
    return replace(other, training=training)


def _with_another_activation(reading: Reading, wrong: Wrong, reason: str, facts: tuple[Difference, ...]) -> Recognised:
    """A program that is to be judged as the network it really is."""
    return Recognised(
        network=reading.network,
        training=reading.training,
        kind="other_activation",
        reason=reason,
        first_wrong=wrong.spot,
        facts=facts,
    )
