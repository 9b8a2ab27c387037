"""What is proven so far: the recorded rows of an exact run, as float64 with radii, and as decimals.

A row that was kept at one precision stays kept when the run begins again with more bits. What makes a row
proven is in `proof`; how one is computed is in `iteration`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import arb, arb_mat, ctx

from backlight.engines.exact.balls import ONE
from backlight.engines.exact.proof import decimal, nearest, radius
from backlight.engines.loop import is_scored, largest_batch, score_names
from backlight.traces.layout import layout
from backlight.traces.quantities import RADIUS
from backlight.traces.record import Recorder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.recipes.recipe import Recipe
    from backlight.recipes.start import Start
    from backlight.traces.record import Recording

    Array = NDArray[np.floating[Any]]

Nested = str | list[Any]

KEPT_BITS = 128
"""Balls are kept with what 17 digits need, not with the thousands of bits they may have been computed with."""
LOSS_SCORE = "held_out_loss"
"""The one score that is a real number with digits to prove; the others count samples."""
NOTHING = arb_mat(0, 0)
"""What is not measured in an iteration."""


class Rows:
    """The rows of one run, in the order of iterations."""

    def __init__(self, recipe: Recipe, start: Start, recording: Recording) -> None:
        batch_size, self.scores = largest_batch(recipe, start), score_names(start)
        self.recipe, self.start, self.recording = recipe, start, recording
        self.layout = layout(recipe, batch_size)
        self.names = self.layout.recorded(recording.what)
        self.midpoints = Recorder(
            recipe, self.layout, recording, batch_size=batch_size, dtype="float64", scores=self.scores
        )
        self.radii = Recorder(
            recipe,
            self.layout,
            recording,
            batch_size=batch_size,
            dtype="float64",
            scores=tuple(name for name in self.scores if name == LOSS_SCORE),
        )
        self.balls: list[dict[str, arb_mat]] = []

    @property
    def last(self) -> int | None:
        """The iteration of the last row."""
        return int(self.recorded()[-1]) if len(self) else None

    def wants(self, iteration: int) -> bool:
        """Whether a row is to be recorded that is not yet kept."""
        return self.midpoints.wants(iteration) and (self.last is None or iteration > self.last)

    def is_scored(self, iteration: int) -> bool:
        """Whether scores are measured in this row, as every engine does it."""
        return bool(self.scores) and is_scored(iteration, self.recipe, self.start, self.recording)

    def to_prove(self, balls: Mapping[str, arb_mat]) -> list[arb]:
        """Every number of an iteration that is recorded with its digits."""
        return [ball for matrix in self.recorded_of(balls).values() for ball in matrix.entries()]

    def recorded_of(self, balls: Mapping[str, arb_mat]) -> dict[str, arb_mat]:
        """What is recorded of everything that an iteration computed."""
        return {name: matrix for name, matrix in balls.items() if name in self.names or name == LOSS_SCORE}

    def keep(
        self,
        iteration: int,
        balls: Mapping[str, arb_mat],
        batch: NDArray[np.intp] | None,
        shares: Mapping[str, float],
    ) -> None:
        """Keep a row: its balls, and the scores that count samples."""
        del self.balls[len(self) :]  # what an interruption may have left behind
        self.radii.kept = len(self)
        self.balls.append({name: rounded(matrix) for name, matrix in self.recorded_of(balls).items()})
        middle, spread = np.full((2, self.layout.width), np.nan)
        for name in self.names:
            first = self.layout.slices[name].start
            numbers, radii = floats(balls[name])
            middle[first : first + len(numbers)] = numbers
            spread[first : first + len(radii)] = radii
        scores, score_radii = dict(shares), {}
        if LOSS_SCORE in balls:
            [scores[LOSS_SCORE]], [score_radii[LOSS_SCORE]] = floats(balls[LOSS_SCORE])
        self.radii.keep(iteration, spread, batch, score_radii)
        self.midpoints.keep(iteration, middle, batch, scores)

    def __len__(self) -> int:
        """How many rows are kept."""
        return self.midpoints.kept

    def recorded(self) -> NDArray[np.int64]:
        """The iterations of the rows."""
        return self.midpoints.recorded()

    def quantities(self, once: Mapping[str, arb_mat]) -> dict[str, NDArray[Any]]:
        """Float64 arrays: what stands once in a trace, then the rows, then the radius of each."""
        self.radii.kept = len(self)
        both = {name: [np.reshape(part, shape_of(m)) for part in floats(m)] for name, m in once.items()}
        middle = {name: parts[0] for name, parts in both.items()} | self.midpoints.quantities()
        spread = {name: parts[1] for name, parts in both.items()} | self.radii.quantities()
        return middle | {RADIUS + name: values for name, values in spread.items() if name != "batch"}

    def decimals(self, once: Mapping[str, arb_mat]) -> Decimals:
        """The same numbers as proven decimals."""
        shapes = {name: self.layout.shapes[name] for name in self.names}
        if LOSS_SCORE in self.radii.quantities():
            shapes[LOSS_SCORE] = ()
        return Decimals(once, self.balls[: len(self)], shapes)


class Decimals(Mapping[str, Nested]):
    """Nested lists of proven decimals by quantity, written when they are asked for."""

    def __init__(
        self, once: Mapping[str, arb_mat], rows: list[dict[str, arb_mat]], shapes: Mapping[str, tuple[int, ...]]
    ) -> None:
        self._once, self._rows, self._shapes = once, rows, shapes

    def __getitem__(self, name: str) -> Nested:
        if name in self._once:
            return nested(self._once[name], shape_of(self._once[name]))
        shape = self._shapes[name]
        return [nested(row.get(name, NOTHING), shape) for row in self._rows]

    def __iter__(self) -> Iterator[str]:
        yield from self._once
        yield from self._shapes

    def __len__(self) -> int:
        return len(self._once) + len(self._shapes)

    def __reduce__(self) -> tuple[type[dict[str, Nested]], tuple[dict[str, Nested]]]:
        return dict, (dict(self),)  # balls cannot be pickled, their decimals can


def nested(matrix: arb_mat, shape: tuple[int, ...]) -> Nested:
    """Write the balls of a matrix as nested lists of decimals, with nan where a short batch has none."""
    texts = [decimal(ball) for ball in matrix.entries()]
    texts += ["nan"] * (prod(shape) - len(texts))
    whole: Nested = np.array(texts, dtype=object).reshape(shape).tolist()
    return whole


def floats(matrix: arb_mat) -> tuple[list[float], list[float]]:
    """The float64 nearest to each ball, and how far the truth may be from it."""
    balls = matrix.entries()
    numbers = [nearest(ball) for ball in balls]
    return numbers, [radius(ball, number) for ball, number in zip(balls, numbers, strict=True)]


def shape_of(matrix: arb_mat) -> tuple[int, int]:
    return matrix.nrows(), matrix.ncols()


def rounded(matrix: arb_mat) -> arb_mat:
    """The same balls, a little larger, with fewer bits."""
    with ctx.workprec(KEPT_BITS):
        return matrix * ONE
