"""Keeping the rows of a run: which iterations, which quantities, and that they fit in memory."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.faults import Fault, TraceError
from backlight.language import _

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.recipes.recipe import Recipe
    from backlight.traces.layout import Layout

    Array = NDArray[np.floating[Any]]

COMFORTABLE_BYTES = 256 * 2**20
"""Up to here everything is recorded unless something else is asked for."""
LARGEST_BYTES = 4 * 2**30
"""More than this is refused, with a request that fits."""


@dataclass(frozen=True)
class Recording:
    """What a run keeps: the quantities of `what`, in every `every`-th row, and always the last row.

    Examples
    --------
    >>> Recording.parse("all:10")
    Recording(what='all', every=10)
    """

    what: str = "all"
    every: int = 1

    def __str__(self) -> str:
        return self.what if self.every == 1 else f"{self.what}:{self.every}"

    @classmethod
    def parse(cls, text: str) -> Recording:
        """Read `all`, `parameters` or `loss`, each with `:k` for every k-th row.

        Raises
        ------
        TraceError [T-RECORD-1]
            The text is none of these.
        """
        match = re.fullmatch(r"(all|parameters|loss)(?::([1-9]\d*))?", text)
        if not match:
            raise TraceError(
                Fault(
                    code="T-RECORD-1",
                    sentence=_("nothing is recorded as {text}").format(text=text),
                    got=text,
                    because=_("a run records all, parameters or loss, each with :k for every k-th row"),
                    try_this="all:10",
                )
            )
        return cls(match[1], int(match[2] or 1))

    def rows(self, iterations: int) -> int:
        """How many rows are kept of a run of so many iterations."""
        return -(-iterations // self.every) + 1

    def bytes(self, layout: Layout, iterations: int, itemsize: int) -> int:
        """Memory that the rows take."""
        return self.rows(iterations) * layout.width_of(self.what) * itemsize


def recording(layout: Layout, iterations: int, itemsize: int, asked: str | None = None) -> Recording:
    """Decide what a run records: what was asked, or all that is comfortable.

    Raises
    ------
    TraceError [T-RECORD-1, T-MEMORY-1]
        What was asked is not understood, or does not fit in memory.
    """
    if asked is None:
        for candidate in (Recording("all"), Recording("parameters")):
            if candidate.bytes(layout, iterations, itemsize) <= COMFORTABLE_BYTES:
                return candidate
        return _thinned("parameters", layout, iterations, itemsize)
    chosen = Recording.parse(asked)
    needed = chosen.bytes(layout, iterations, itemsize)
    if needed > LARGEST_BYTES:
        raise TraceError(
            Fault(
                code="T-MEMORY-1",
                sentence=_("recording {asked} of this run does not fit in memory").format(asked=asked),
                got=_("{rows} rows of {width} numbers: {size:.3g} GiB").format(
                    rows=chosen.rows(iterations), width=layout.width_of(chosen.what), size=needed / 2**30
                ),
                because=_("more than {limit:g} GiB is refused").format(limit=LARGEST_BYTES / 2**30),
                try_this=f"--record {_thinned(chosen.what, layout, iterations, itemsize)}",
            )
        )
    return chosen


def _thinned(what: str, layout: Layout, iterations: int, itemsize: int) -> Recording:
    """Every k-th row, with the smallest power of ten that is comfortable."""
    thin = Recording(what, 10)
    while thin.bytes(layout, iterations, itemsize) > COMFORTABLE_BYTES and thin.every < iterations:
        thin = Recording(what, thin.every * 10)
    return thin


class Recorder:
    """Collects the rows of one run.

    Rows are kept by `keep` in the order of iterations; memory is asked for at once but the system gives it
    page by page, so an interrupted run has cost only what it recorded.
    """

    def __init__(
        self,
        recipe: Recipe,
        layout: Layout,
        recording: Recording,
        *,
        batch_size: int,
        dtype: str,
        scores: tuple[str, ...] = (),
    ) -> None:
        self.layout, self.recording = layout, recording
        self.iterations = recipe.training.iterations
        self._width = layout.width_of(recording.what)
        rows = recording.rows(self.iterations)
        self._rows: Array = np.empty((rows, self._width), dtype=dtype)
        self._recorded = np.empty(rows, dtype=np.int64)
        in_batches = recipe.training.batch_size is not None or recipe.training.shuffle_seed is not None
        self._batch = np.full((rows, batch_size), -1) if in_batches and recording.what == "all" else None
        self._scores = {name: np.full(rows, np.nan) for name in scores}
        self.kept = 0

    def wants(self, iteration: int) -> bool:
        """Whether this iteration's row is kept."""
        return iteration % self.recording.every == 0 or iteration == self.iterations

    def keep(
        self, iteration: int, row: Array, batch: NDArray[np.intp] | None = None, scores: dict[str, float] | None = None
    ) -> None:
        """Copy one full row in, with the rows of the data it was computed on and what was scored."""
        self._rows[self.kept] = row[: self._width]
        self._recorded[self.kept] = iteration
        if self._batch is not None and batch is not None:
            self._batch[self.kept, : len(batch)] = batch
        for name, value in (scores or {}).items():
            self._scores[name][self.kept] = value
        self.kept += 1

    def recorded(self) -> NDArray[np.int64]:
        """The iterations of the kept rows."""
        return self._recorded[: self.kept]

    def quantities(self) -> dict[str, NDArray[Any]]:
        """The kept rows as named arrays, leading axis iteration."""
        rows = self._rows[: self.kept]
        named: dict[str, NDArray[Any]] = {
            name: rows[:, self.layout.slices[name]].reshape(self.kept, *self.layout.shapes[name])
            for name in self.layout.recorded(self.recording.what)
        }
        if self._batch is not None:
            named["batch"] = self._batch[: self.kept]
        return named | {name: values[: self.kept] for name, values in self._scores.items()}
