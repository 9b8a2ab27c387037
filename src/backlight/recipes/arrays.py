"""The arrays of a recipe as nested lists, and what each of them says about the layers.

Nothing here compares them with network.layers; `shapes` does that for the parameters, `samples` for the data.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from backlight.faults import Fault
from backlight.language import _
from backlight.recipes.rules import Tree, layers_of, part
from backlight.recipes.shown import Path, dotted, kind, shown
from backlight.recipes.wrong import Wrong

Rows = tuple[tuple[Any, ...], ...]


@dataclass(frozen=True)
class Arrays:
    """What each part of a recipe says about the layers; None where it says nothing, or nothing clear."""

    tree: Tree

    @cached_property
    def layers(self) -> tuple[int, ...] | None:
        return layers_of(self.tree)

    @cached_property
    def weights(self) -> tuple[Rows, ...] | None:
        return self._nested("parameters", "weights", 3)

    @cached_property
    def biases(self) -> Rows | None:
        return self._nested("parameters", "biases", 2)

    def samples(self, name: str) -> Rows | None:
        """The inputs or the targets."""
        return self._nested("data", name, 2)

    def _nested(self, section: str, field: str, depth: int) -> Any:
        value = part(self.tree, section, field)
        return value if value is not None and misnested(value, depth) is None else None

    @cached_property
    def layers_of_weights(self) -> tuple[int, ...] | None:
        """The layers for which the weights are, where each matrix goes on from the one before it."""
        sizes = [shape_of(matrix) for matrix in self.weights or ()]
        if not sizes or not all(size and min(size) > 0 for size in sizes):
            return None
        goes_on = all(one[1] == next_[0] for one, next_ in zip(sizes, sizes[1:], strict=False))  # type: ignore[index]
        return (sizes[0][0], *(size[1] for size in sizes)) if goes_on else None  # type: ignore[index]

    def width(self, name: str) -> int | None:
        """How many numbers each input or target has, where all have as many."""
        widths = {len(row) for row in self.samples(name) or ()}
        return widths.pop() if len(widths) == 1 else None

    def fit(self, layers: tuple[int, ...]) -> bool:
        """Whether nothing else in the recipe speaks against these layers."""
        activations = part(self.tree, "network", "activations")
        said = [
            (self.layers_of_weights, layers),
            (self.width("inputs"), layers[0]),
            (self.width("targets"), layers[-1]),
            (len(activations) if isinstance(activations, tuple) else None, len(layers) - 1),
            (tuple(map(len, self.biases)) if self.biases else None, layers[1:]),
        ]
        return min(layers) > 0 and all(says is None or says == fits for says, fits in said)


def misnested(value: Any, depth: int) -> Path | None:
    """The first place where lists are not nested as deep as wanted, None where all are."""
    if not isinstance(value, tuple):
        return ()
    for number, one in enumerate(value):
        if depth == 1:
            if isinstance(one, tuple):
                return (number,)
        elif (inside := misnested(one, depth - 1)) is not None:
            return (number, *inside)
    return None


def shape_of(matrix: Rows) -> tuple[int, int] | None:
    """Rows and columns, None where rows differ in length."""
    widths = {len(row) for row in matrix}
    return (len(matrix), widths.pop() if widths else 0) if len(widths) <= 1 else None


def fitted(row: tuple[Any, ...], width: int, fill: Any = 0.0) -> tuple[Any, ...]:
    """A row cut or filled to a width."""
    return (*row, *[fill] * width)[:width]


def wrong(code: str, field: Path, sentence: str, got: str, because: str, fix: str, at: Path = ()) -> Wrong:
    return Wrong(field, Fault(code=code, sentence=sentence, got=got, because=because, try_this=fix), at)


def wrong_nesting(code: str, field: Path, value: Any, at: Path, wanted: str, fix: str) -> Wrong:
    """An array that is nested wrongly; what is no list at all is of a wrong type."""
    name = dotted(field)
    if not isinstance(value, tuple):
        sentence = _("{field} wants {wanted}, not {kind}").format(field=name, wanted=_("a list"), kind=kind(value))
        return wrong("R-TYPE-1", field, sentence, shown(value), wanted, fix)
    sentence = _("the brackets of {field} are not nested as they should be").format(field=name)
    return wrong(code, field, sentence, shown(value), wanted, fix, at=(*field, *at))
