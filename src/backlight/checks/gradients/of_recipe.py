"""A gradient written for the network of a recipe: the exact engine says what is true, the catalogue what went wrong.

The exact engine's derivatives are held against differences of the hand engine's loss, so that neither is believed
alone; and where that is too rough, saturated, against differences of the proven loss.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.gradients.arguments import Arguments, Vector
from backlight.checks.gradients.faults import WrongShape, cannot_call, unknown_parameter
from backlight.checks.gradients.subject import DOUBLE, SINGLE, by_argument, same
from backlight.checks.judging.truth import Truth, truth
from backlight.checks.recognising.network import Network
from backlight.engines.mistakes import MISTAKES, mistaken, specificity, variants
from backlight.language import _, marked
from backlight.recipes.start import start
from backlight.traces.layout import layout

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.recipes.recipe import Recipe

    Array = NDArray[np.float64]

SHOWS = 8
"""A mistake shows when it is further than so many radii from the truth in some number."""


@dataclass(frozen=True, eq=False)
class RecipeFunction:
    """The Subject of a recipe's loss, and a gradient that takes its parameters by name: W1, W2, b1, x, y.

    Raises
    ------
    GradientError [C-GRADIENT-1, C-GRADIENT-2, C-GRADIENT-3, C-GRADIENT-7]
        The gradient cannot be called, or asks for something that the recipe has not, or its answer is not clear.
    """

    recipe: Recipe
    gradient: Callable[..., Any]
    method: str = marked("exact arithmetic")
    exact_loss: bool = False

    @cached_property
    def network(self) -> Network:
        """Its samples, all of them at once."""
        begin = start(self.recipe)
        return Network.of(self.recipe, begin.inputs, begin.targets)

    @cached_property
    def start(self) -> Array:  # noqa: D102
        begin = start(self.recipe)
        by_name = {f"W{l}": weights for l, weights in enumerate(begin.weights, 1)}
        by_name |= {f"b{l}": biases for l, biases in enumerate(begin.biases, 1)}
        return np.concatenate([np.ravel(by_name[name]) for name in self.vector.names]).astype(float)

    @cached_property
    def vector(self) -> Vector:  # noqa: D102
        return Vector(tuple(self.network.shapes), tuple(self.network.shapes.values()))

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:  # noqa: D102
        return {**self.network.shapes, "x": self.network.inputs.shape, "y": self.network.targets.shape}

    @property
    def results(self) -> Vector:  # noqa: D102
        return Vector(("loss",), ((),))

    @property
    def bits(self) -> int:  # noqa: D102
        return SINGLE if self.recipe.numerics.precision == "float32" else DOUBLE

    @property
    def constant(self) -> tuple[str, ...]:  # noqa: D102
        return ()

    @cached_property
    def asked(self) -> tuple[str, ...]:
        """What the gradient wants to be given."""
        found = inspect.signature(self.gradient).parameters.values()
        if any(one.kind is one.VAR_KEYWORD for one in found):
            return tuple(self.shapes)
        if unknown := [one.name for one in found if one.name not in self.shapes and one.default is one.empty]:
            raise unknown_parameter(self.gradient, unknown[0], tuple(self.shapes))
        return tuple(one.name for one in found if one.name in self.shapes)

    # ---- between vectors -----------------------------------------------------------------------------

    def rounded(self, x: Array) -> Array:  # noqa: D102
        return x.astype(np.float32 if self.bits == SINGLE else float).astype(float)

    def outputs(self, x: Array) -> Array:  # noqa: D102
        quantities = self.truth_at(x).quantities if self.exact_loss else self.network.quantities(x)
        return np.atleast_1d(quantities["loss"]).astype(float)

    def slopes(self, x: Array, cotangents: Array, directions: Array) -> Array:  # noqa: D102
        return cotangents @ (directions @ self.truth_at(x).gradient)[None, :]

    def radii(self, x: Array) -> Array:  # noqa: D102
        return self.truth_at(x).radius.astype(float)

    def gradients(self, x: Array, cotangents: Array) -> Array:  # noqa: D102
        dtype = np.float32 if self.bits == SINGLE else float
        given = {**self.network.arrays(x), "x": self.network.inputs, "y": self.network.targets}
        names = self.vector.names
        passed = {name: np.array(given[name], dtype) for name in self.asked}
        try:
            answer = self.gradient(**passed)
        except Exception as error:
            raise cannot_call(self.gradient, error) from error
        if isinstance(answer, Mapping):
            answer = {str(name).removeprefix("dL_d"): one for name, one in answer.items()}
        answers = by_argument(
            answer, Arguments(names, tuple(self.network.arrays(x).values()), by_name=True), range(len(names))
        )
        columns = []
        for number, (name, shape) in enumerate(self.network.shapes.items()):
            column = np.asarray(answers.get(number, np.zeros(shape)), float)
            if column.shape != shape:
                raise WrongShape(name, column.shape, shape)
            columns.append(column.ravel())
        found: Array = cotangents @ np.concatenate(columns)[None, :]
        return found

    def finer(self) -> RecipeFunction | None:  # noqa: D102
        return None if self.exact_loss else replace(self, exact_loss=True)

    # ---- the catalogue -------------------------------------------------------------------------------

    def explained(self, verdict: str, places: Sequence[Array]) -> tuple[tuple[str, ...], list[str]]:
        """Name the mistakes that give the wrong numbers; beside right ones say how many would have shown."""
        with np.errstate(all="ignore"):
            if verdict == "wrong":
                return explanations(self, places), []
            shown, hidden = detected(self, places) if verdict == "right" else ([], [])
        notes = []
        if shown:
            of_all = {"shown": len(shown), "all": len(shown) + len(hidden)}
            notes.append(_("{shown} of {all} mistakes of the catalogue would have shown").format(**of_all))
        if hidden:
            notes.append(_("not seen at these points: {slugs}").format(slugs=", ".join(hidden)))
        return (), notes

    @cached_property
    def truth_at(self) -> Callable[[Array], Truth]:
        """The exact engine's answer; the last ones are kept, because they are asked for several times."""

        @lru_cache(maxsize=64)
        def at(numbers: bytes) -> Truth:
            rows = range(self.network.samples)
            return truth(self.network, np.frombuffer(numbers), rows, precision=self.recipe.numerics.precision)

        return lambda x: at(np.ascontiguousarray(x, float).tobytes())


def explanations(subject: RecipeFunction, places: Sequence[Array]) -> tuple[str, ...]:
    """The mistakes of the catalogue that give exactly these numbers at every point, the most specific first."""
    found = [slug for slug, ways in _ways(subject) if any(_reproduces(subject, way, places) for way in ways)]
    return tuple(sorted(found, key=specificity))


def detected(subject: RecipeFunction, places: Sequence[Array]) -> tuple[list[str], list[str]]:
    """The mistakes of the catalogue that would have shown at one of the points, and those that would not."""
    shown: list[str] = []
    hidden: list[str] = []
    for slug, ways in _ways(subject):
        (shown if any(_shows(subject, way, x) for way in ways for x in places) else hidden).append(slug)
    return shown, hidden


def _ways(subject: RecipeFunction) -> Iterator[tuple[str, list[str]]]:
    """Every mistake that one gradient can show, in every way that it can be made in the network."""
    for slug, entry in MISTAKES.items():
        ways = list(variants(slug, subject.network.recipe))
        if ways and entry.step != "update" and not entry.remembers:
            yield slug, ways


def _made(subject: RecipeFunction, way: str, x: Array) -> Array:
    """The gradient of the hand engine with a mistake made on purpose."""
    network = subject.network
    engine = mistaken(way, network.recipe, network.start(x), layout(network.recipe, network.samples))
    engine.forward_and_backward(None)
    return np.concatenate([np.ravel(engine.views[f"dL_d{name}"]) for name in network.shapes]).astype(float)


def _shows(subject: RecipeFunction, way: str, x: Array) -> bool:
    """Whether a mistake is far outside the tolerance at a point."""
    far = np.abs(_made(subject, way, x) - subject.truth_at(x).gradient)
    return not bool(np.all(far <= SHOWS * subject.radii(x)))


def _reproduces(subject: RecipeFunction, way: str, places: Sequence[Array]) -> bool:
    """Whether a mistake gives the gradient that is checked, at every point."""
    for x in places:
        theirs = subject.gradients(x, np.ones((1, 1)))[0]
        numbers = _made(subject, way, x)
        for where in subject.vector.slices:
            size = max(np.max(np.abs(numbers[where])), np.max(np.abs(theirs[where])))
            if not np.all(np.abs(numbers[where] - theirs[where]) <= same(subject.bits) * size):
                return False
    return True
