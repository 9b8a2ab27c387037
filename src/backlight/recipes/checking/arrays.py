"""The arrays of a recipe as nested lists, and what each of them says about the layers.

Nothing here compares them with network.layers; `shapes` does that for the parameters, `samples` for the data.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from backlight.language import _
from backlight.recipes.reading.written import Tree, layers_of, part
from backlight.recipes.wording.shown import LONGEST, Path, Value, dotted, kind, shown
from backlight.recipes.wording.wrong import Wrong

Row = tuple[Value, ...]
Rows = tuple[Row, ...]

DEPTHS: dict[Path, int] = {
    ("parameters", "weights"): 3,
    ("parameters", "biases"): 2,
    ("data", "inputs"): 2,
    ("data", "targets"): 2,
}
"""How deep the lists of each array are nested."""


@dataclass(frozen=True)
class Arrays:
    """What each part of a recipe says about the layers; None where it says nothing, or nothing clear."""

    tree: Tree

    @cached_property
    def layers(self) -> tuple[int, ...] | None:
        """What network.layers says."""
        return layers_of(self.tree)

    def rows(self, *field: str) -> Rows | None:
        """An array that is nested as it should be; it may be ragged."""
        value: Rows | None = part(self.tree, *field)
        return value if value is not None and misnested(value, DEPTHS[field]) is None else None

    @cached_property
    def layers_of_weights(self) -> tuple[int, ...] | None:
        """The layers that the weights are for, where each matrix goes on from the one before it."""
        sizes = [shape_of(matrix) for matrix in self.rows("parameters", "weights") or ()]
        known = [size for size in sizes if size is not None and min(size) > 0]
        if not known or len(known) < len(sizes) or any(one[1] != other[0] for one, other in pairwise(known)):
            return None
        return (known[0][0], *(units for _inputs, units in known))

    @cached_property
    def likely_layers(self) -> tuple[int, ...]:
        """What network.layers might be, for someone who has not written it right."""
        if self.layers or self.layers_of_weights:
            return self.layers or self.layers_of_weights or ()
        activations = part(self.tree, "network", "activations")
        biases = [len(row) for row in self.rows("parameters", "biases") or () if row]
        hidden = biases[:-1] or [2] * (len(activations) - 1 if isinstance(activations, tuple) else 1)
        outputs = self.width("targets") or (biases[-1] if biases else 2)
        return (self.width("inputs") or 2, *hidden, outputs)

    def width(self, name: str) -> int | None:
        """How many numbers each row of the inputs or targets has, where all have as many."""
        widths = {len(row) for row in self.rows("data", name) or ()}
        return widths.pop() if len(widths) == 1 else None

    def fit(self, layers: tuple[int, ...]) -> bool:
        """Whether nothing else in the recipe speaks against these layers."""
        activations = part(self.tree, "network", "activations")
        biases = self.rows("parameters", "biases")
        said = [
            (self.layers_of_weights, layers),
            (self.width("inputs"), layers[0]),
            (self.width("targets"), layers[-1]),
            (len(activations) if isinstance(activations, tuple) else None, len(layers) - 1),
            (tuple(map(len, biases)) if biases else None, layers[1:]),
        ]
        return min(layers) > 0 and all(says is None or says == fits for says, fits in said)


def misnested(value: Value, depth: int) -> Path | None:
    """Find the first place where lists are not nested as deep as wanted, None where all are.

    Examples
    --------
    >>> misnested(((1, 2), 3), 2), misnested(((1, 2), (3,)), 2)
    ((1,), None)
    """
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
    """Give rows and columns, None where rows differ in length."""
    widths = {len(row) for row in matrix}
    return (len(matrix), widths.pop() if widths else 0) if len(widths) <= 1 else None


def fitted(row: Row, width: int, fill: Value = 0.0) -> Row:
    """Give a row cut or filled to a width, or to one that is too long to be offered: layers may be of any size."""
    width = min(width, LONGEST + 1)
    return (*row, *[fill] * width)[:width]


def wrong_nesting(code: str, field: Path, value: Value, *, wanted: str, fix: str) -> Wrong | None:
    """Tell that an array is nested wrongly, if it is; what is no list at all is of a wrong type."""
    at = misnested(value, DEPTHS[field])
    if at is None:
        return None
    name = dotted(field)
    if isinstance(value, tuple):
        sentence = _("the brackets of {field} are not nested as they should be").format(field=name)
    else:
        code = "R-TYPE-1"
        sentence = _("{field} wants {wanted}, not {kind}").format(field=name, wanted=_("a list"), kind=kind(value))
    return Wrong(
        code=code,
        field=field,
        at=(*field, *at),
        sentence=sentence,
        got=shown(value),
        because=wanted,
        try_this=fix,
    )
