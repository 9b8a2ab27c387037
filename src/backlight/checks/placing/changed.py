"""What does a mistake change? Every quantity of each update, as it is and as the mistaken engine has it.

The mistaken engine says in the order of the backward pass which quantity goes wrong first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.judging.judge import parameters_of, set_parameters
from backlight.checks.judging.trials import slug_of
from backlight.checks.placing.numbers import alike, among, in_all, same
from backlight.checks.placing.shown import usual_factors
from backlight.engines.mistakes import MISTAKES, asked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from backlight.checks.judging.causes import Cause, Suspects
    from backlight.checks.placing.scene import Scene

    Array = NDArray[np.floating[Any]]

PARAMETER = re.compile(r"(?:dL_d|step_|new_)([Wb]\d+)(?:@\d+)?")
"""Quantities that belong to an array of parameters."""

OF_OTHER_NUMBERS = {"wrong-input-factor", "wrong-weight", "swapped-gradients"}
"""Mistakes that take one number for another, whose ratio may stay the same."""
BACK = re.compile(r"(?:dL_d[az]|da\d+_dz)(\d+)")
"""What comes back to the units of a layer."""
DELTA = re.compile(r"dL_d[az]\d")


@dataclass(frozen=True)
class Changed:
    """A program, a mistake that gives its numbers, and what the mistake changes."""

    scene: Scene
    suspects: Suspects
    cause: Cause

    @cached_property
    def true(self) -> list[dict[str, Array]]:
        """The true quantities of each update, with slopes, steps, and the gradients of single samples."""
        rate = self.suspects.judged.learning_rate
        found = []
        for number, one in zip(self.scene.updates, self.scene.true, strict=True):
            steps = {f"step_{name}": rate * one[f"dL_d{name}"] for name in self.scene.network.shapes}
            before = self.scene.network.arrays(self.suspects.judged.steps[number].round.parameters)
            news = {f"new_{name}": array - steps[f"step_{name}"] for name, array in before.items()}
            found.append(
                one | steps | news | self._single(number, ()) | {"samples": np.array(float(self.scene.samples))}
            )
        return in_all(self._with_slopes(found))

    @cached_property
    def factors(self) -> tuple[float, ...]:
        """The factors that programs carry along, those of the loss whose gradient is taken among them."""
        recipe, found = self.scene.network.recipe, list(self.scene.factors)
        for text in self.cause.asked:
            if slug_of(text) == "gradient-of-another-loss":
                other = asked(text, recipe).own["of"]
                found += usual_factors(recipe.with_({"loss.name": other}), self.scene.samples)
        return tuple(dict.fromkeys(found))

    @cached_property
    def mistaken(self) -> list[dict[str, Array]]:
        """The same of the mistaken engine."""
        network, judged = self.scene.network, self.suspects.judged
        texts = [one for one in self.cause.asked if not one.startswith("constant-factor:factor=")]
        engine = self.suspects.engine(texts)
        found = []
        with np.errstate(all="ignore"):
            for number in range(self.scene.updates[-1] + 1):
                if self.cause.each:
                    texts = list(self.cause.each[number])
                    engine = self.suspects.engine(texts)
                step, rows = judged.steps[number], judged.rows[number]
                set_parameters(engine, network, step.round.parameters)
                engine.forward_and_backward(np.array(rows))
                made = {name: _of_samples(name, view, len(rows)) for name, view in engine.views.items()}
                engine.update()
                change = network.arrays(step.round.parameters - parameters_of(engine, network))
                made |= {f"step_{name}": array for name, array in change.items()}
                made |= {f"new_{name}": array for name, array in network.arrays(parameters_of(engine, network)).items()}
                if number in self.scene.updates:  # an engine that remembers goes through the others too
                    found.append(made | self._single(number, texts))
        return in_all(self._with_slopes(found))

    def _single(self, number: int, texts: Sequence[str]) -> dict[str, Array]:
        """The gradients of each sample by itself, where the program goes through them one by one."""
        judged, network = self.suspects.judged, self.scene.network
        rows, step = judged.rows[number], judged.steps[number]
        remembers = any(MISTAKES[slug_of(one)].remembers for one in texts)
        if len(rows) == 1 or remembers or all(len(one) > 1 for one in step.round.passes):
            return {}
        engine = self.suspects.engine(texts)
        share = len(rows) if network.recipe.loss.over_samples == "mean" else 1
        found: dict[str, Array] = {}
        with np.errstate(all="ignore"):
            for position, row in enumerate(rows):
                set_parameters(engine, network, step.round.parameters)
                engine.forward_and_backward(np.array([row]))
                for name in network.shapes:
                    found[f"dL_d{name}@{position}"] = engine.views[f"dL_d{name}"] / share
        return found

    def _with_slopes(self, updates: list[dict[str, Array]]) -> list[dict[str, Array]]:
        """With da/dz, where it can be told from what comes back through it."""
        with np.errstate(all="ignore"):
            return [
                one | {f"da{l}_dz{l}": one[f"dL_dz{l}"] / one[f"dL_da{l}"] for l in range(1, self.scene.layers + 1)}
                for one in updates
            ]

    @cached_property
    def order(self) -> list[str]:
        """The quantities in the order of a pass: forward, then back from the last layer, then the steps."""
        names = [name for l in range(1, self.scene.layers + 1) for name in (f"z{l}", f"a{l}")]
        names += ["p"] * self.scene.network.recipe.loss.name.startswith(("softmax_", "sigmoid_"))
        for l in range(self.scene.layers, 0, -1):
            names += [f"dL_da{l}", f"da{l}_dz{l}", f"dL_dz{l}"]
            names += [f"dL_d{kind}{l}@{position}" for position in range(self.scene.samples) for kind in "Wb"]
            names += [f"dL_dW{l}", f"dL_db{l}"]
        names += [
            f"{what}_{kind}{l}" for l in range(self.scene.layers, 0, -1) for kind in "Wb" for what in ("step", "new")
        ]
        return [name for name in names if all(name in one for one in (*self.true, *self.mistaken))]

    @cached_property
    def wrong(self) -> list[str]:
        """What goes wrong, in that order."""
        return [
            name
            for name in self.order
            if self._may_be_wrong(name)
            and any(not alike(one[name], other[name]) for one, other in zip(self.true, self.mistaken, strict=True))
        ]

    def _may_be_wrong(self, name: str) -> bool:
        """A mistake that is made in some parameters only leaves the gradients of the others right.

        Where the gradients of a layer's weights are right, what comes back to its units is right.
        """
        array, back = PARAMETER.fullmatch(name), BACK.fullmatch(name)
        if back is not None:
            return self.arrays_wrong[f"W{back[1]}"]
        return array is None or self.arrays_wrong[array[1]]

    @cached_property
    def turns_a_sign(self) -> bool:
        """Whether some number is wrong by nothing but its sign."""
        with np.errstate(all="ignore"):
            return any(
                bool(np.any((np.abs(one[name] + other[name]) <= 1e-9 * np.abs(one[name])) & (one[name] != 0)))
                for name in self.wrong[:1]
                for one, other in zip(self.true, self.mistaken, strict=True)
            )

    @cached_property
    def factor(self) -> float | None:
        """By which all wrong gradients are too large, if the mistake is one that scales them."""
        own = self.suspects.own_factor if self.cause.slugs[0] not in OF_OTHER_NUMBERS else None
        return float(own.asked[0].rpartition("=")[2]) if own is not None else None

    @cached_property
    def arrays_wrong(self) -> dict[str, bool]:
        """Which arrays of parameters have a wrong gradient."""
        return {name: bool(array.any()) for name, array in self.scene.entries_wrong.items()}

    def is_telling(self, name: str) -> bool:
        """Whether a quantity's numbers are none that stand in every program."""
        numbers = np.unique(np.concatenate([one[name].ravel() for one in self.mistaken]))
        return bool(np.isfinite(numbers).all()) and not np.isin(np.abs(numbers), (0.0, 0.5, 1.0, 2.0)).all()

    def is_right_elsewhere(self, name: str) -> bool:
        """Whether the wrong numbers are right ones of another quantity: W^T d without f' is dL/da."""
        return any(
            other != name
            and any(
                all(
                    same(one[other], wrong[name], factor)
                    or (DELTA.match(name) and DELTA.match(other) and among(wrong[name], one[other], factor))
                    for one, wrong in zip(self.true, self.mistaken, strict=True)
                )
                for factor in self.scene.factors
            )
            for other in self.order
        )


def _of_samples(name: str, view: Array, samples: int) -> Array:
    """A copy of a quantity, without the rows behind the samples."""
    per_sample = name[0] in "zap" or name.startswith(("dL_dz", "dL_da"))
    return view[:samples].copy() if per_sample else view.copy()
