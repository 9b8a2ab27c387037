"""What is true in each update, to be held against any numbers, in whatever form a program may have them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.placing.lines import true_quantities
from backlight.checks.placing.scene import ROW, rows
from backlight.checks.placing.shown import WHOLE, Match, Quantities

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from backlight.checks.placing.scene import Scene, Sight
    from backlight.checks.placing.shown import Form

    Array = NDArray[np.floating[Any]]
    Values = tuple[Array, ...]

ROOM = {"float64": 1e-7, "float32": 2e-3}
"""How near a number must be that was solved for: a small step is the difference of two large parameters."""
TINY = 1e-13
JOINED = re.compile(r"\+1$")


@dataclass(frozen=True)
class Update:
    """The true quantities of the updates looked at: of the passes, of the steps, and the new parameters."""

    scene: Scene

    @cached_property
    def true(self) -> list[dict[str, Array]]:
        """Every quantity by its name, in each update; the data, the parameters and the steps with them."""
        scene, network = self.scene, self.scene.network
        found = []
        for number, data, computed in zip(scene.updates, scene.true, true_quantities(scene), strict=True):
            before, step = scene.judged.steps[number].round.parameters, self._step(number)
            of_parameters = {
                "": network.arrays(before),
                "step_": network.arrays(step),
                "new_": network.arrays(before - step),
                "dL_d": {name: data[f"dL_d{name}"] for name in network.shapes},
            }
            arrays = {
                f"{kind}{name}": array
                for kind, some in of_parameters.items()
                for name, array in (some | scene.with_biases(some)).items()
            }
            found.append({"x": data["x"], "y": data["y"]} | arrays | computed | self._with_ones(data))
        return found

    def _with_ones(self, data: dict[str, Array]) -> dict[str, Array]:
        """What goes into such a layer, with the ones that the biases are multiplied by."""
        found = {}
        for layer, last in self.scene.joined.items():
            name = "x" if layer == 1 else f"a{layer - 1}"
            found[f"{name}{ROW}"] = rows(data[name].T, np.ones((1, len(data[name]))), last=last).T
        return found

    def _step(self, number: int) -> Array:
        """By how much an update with the true gradient moves the parameters."""
        judged = self.scene.judged
        if judged.expected is not None:
            return np.asarray(judged.expected[number], float)
        rate: Any = (
            judged.learning_rate if judged.rates is None else judged.rates.reshape(len(judged.steps), -1)[number]
        )
        return np.asarray(rate * judged.truths[number].gradient, float)

    @cached_property
    def _table(self) -> Quantities:
        return self.scene.quantities(self.true)

    @cached_property
    def _near(self) -> Quantities:
        timeline = self.scene.timeline
        return Quantities(timeline, self.true, self.scene.factors, ROOM[timeline.precision])

    def shown(self, events: Sequence[int]) -> tuple[Match, ...]:
        """Which true quantities some events show; what roundings leave of a zero shows none."""
        if any(value.any() and float(np.max(np.abs(value))) < TINY for value in self.values(events)):
            return ()
        return self._table.shown(events)

    def values(self, events: Sequence[int]) -> Values:
        """What some events show, one in each update."""
        return tuple(self.scene.timeline.value(event) for event in events)

    def named(self, wanted: Values, quantity: str = "") -> Match | None:
        """Which true quantity some numbers are, the plainest one, or whether they are this one; None if none."""
        found = [one for one in self._near.matches(wanted) if quantity in {"", one.quantity}]
        return min(found, key=_plainness, default=None)

    def exactly(self, wanted: Values) -> Values:
        """The numbers of the true quantity that some numbers are nearly."""
        match = self.named(wanted)
        return wanted if match is None else self._in_form(match.quantity, match.form, wanted)

    def _in_form(self, quantity: str, form: Form, shaped: Values) -> Values:
        """A true quantity in a form, in the shapes of some numbers."""
        return tuple(
            np.reshape(form.of(one[quantity]), value.shape) for one, value in zip(self.true, shaped, strict=True)
        )

    def close(self, one: Values, other: Values) -> bool:
        """Whether numbers are the same but for roundings."""
        room = ROOM[self.scene.timeline.precision]
        return all(
            a.size == b.size
            and bool(np.all(np.abs(a.ravel() - b.ravel()) <= room * float(np.max(np.abs(b), initial=0.0))))
            for a, b in zip(one, other, strict=True)
        )

    def of_sizes(self, sizes: Sequence[int]) -> Iterator[Values]:
        """Every true quantity of some size in each update, also turned, as plain rows of numbers."""
        for name, first in self.true[0].items():
            if all(one[name].size == size for one, size in zip(self.true, sizes, strict=True)):
                yield tuple(one[name].ravel() for one in self.true)
                if first.ndim == 2 and min(first.shape) > 1:  # noqa: PLR2004
                    yield tuple(one[name].T.ravel() for one in self.true)
        if set(sizes) == {1}:
            for name, first in self.true[0].items():
                for entry in np.ndindex(first.shape) if 1 < first.size <= MOST_ENTRIES else ():
                    if all(one[name].shape == first.shape for one in self.true):
                        yield tuple(np.reshape(one[name][entry], 1) for one in self.true)

    def around(self, wanted: Values) -> Values | None:
        """The true quantity that has some numbers, where not all are known; of several the one with the fewest zeros."""
        known = [~np.isnan(one) for one in wanted]
        if not any(np.any(one[mine]) for one, mine in zip(wanted, known, strict=True)):
            return None
        found = [
            tuple(factor * np.reshape(row, one.shape) for row, one in zip(rows, wanted, strict=True))
            for rows in self.of_sizes([one.size for one in wanted])
            for factor in self.scene.factors
        ]
        fitting = [
            whole
            for whole in found
            if self.close(
                *(tuple(one[mine] for one, mine in zip(some, known, strict=True)) for some in (whole, wanted))
            )
        ]
        return max(fitting, key=lambda whole: sum(map(np.count_nonzero, whole)), default=None)

    def shares(self, match: Match) -> dict[tuple[str, tuple[int, ...]], Values]:
        """What comes back to a unit from each unit of the next layer, by the weight that it comes through."""
        layer, entry = int(match.quantity[5:]) + 1, match.form.entry
        weights = f"W{layer}"
        if entry is None or weights not in self.true[0]:
            return {}
        sample, unit = entry[:-1], entry[-1]
        return {
            (weights, (unit, k)): tuple(
                match.form.factor * one[weights][unit, k] * one[f"dL_dz{layer}"][(*sample, k)] for one in self.true
            )
            for k in range(self.true[0][weights].shape[1])
        }

    def of_a_unit(self, wanted: Values) -> Match | None:
        """The delta of a layer that is wanted; of one sample it is the gradient of the biases too."""
        match = self.named(wanted)
        layer = None if match is None else re.match(r"dL_d[zb](\d+)", match.quantity)
        return None if layer is None else self.named(wanted, f"dL_dz{layer[1]}")

    def entry(self, wanted: Values, index: tuple[int | slice, ...], events: tuple[int, ...]) -> Values | None:
        """What is wanted of one entry of an array."""
        try:
            found = tuple(np.asarray(one[index]) for one in wanted)
        except IndexError:
            return None
        values = self.values(events)
        return found if all(one.size == value.size for one, value in zip(found, values, strict=True)) else None

    def is_wrong(self, sight: Sight) -> bool:
        """Whether new parameters that the program shows have a wrong one among them."""
        wrong = (self.scene.entries_wrong | self.scene.with_biases(self.scene.entries_wrong))[sight.quantity[4:]]
        return bool((wrong if sight.form.entry is None else wrong[sight.form.entry]).any())

    def wanted_parameters(self) -> Iterator[tuple[Sight, Values]]:
        """Where the program makes its wrong new parameters, with what they should be there; those of the last layer first.

        What is wanted of its delta is known, so it is known before it is asked what comes back from it.
        """
        for sight in sorted((*self.scene.new_parameters, *self.scene.joined_parameters), key=_layer, reverse=True):
            if self.is_wrong(sight) and sight.events[0] > self.scene.judged.steps[0].round.last:
                yield sight, self._in_form(sight.quantity, sight.form, self.values(sight.events))


def _layer(parameter: Sight) -> int:
    return int(parameter.quantity.removesuffix(ROW)[len("new_W") :])


MOST_ENTRIES = 64
"""Of larger arrays no single numbers are tried out."""


def _plainness(match: Match) -> tuple[bool, ...]:
    """Gradients and what is computed before what is given; whole, without a factor; a step of rate 1 is a gradient."""
    form, is_step = match.form, match.quantity.startswith("step_")
    return form.entry is not None, abs(form.factor) != 1, form.factor != 1, match.form != WHOLE, is_step
