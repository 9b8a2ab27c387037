"""Whether the network's lists fit its layers: activations, weights and biases.

Where weights and data agree with each other and not with network.layers, that is one fault, not several: the
fault of the weights tells it.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from backlight.language import _
from backlight.recipes.checking.arrays import Arrays, Rows, fitted, shape_of, wrong_nesting
from backlight.recipes.reading.written import part
from backlight.recipes.wording.shown import Path, counted, shown
from backlight.recipes.wording.suggest import XAVIER, removal, setting
from backlight.recipes.wording.wrong import Wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

ACTIVATIONS: Path = ("network", "activations")
WEIGHTS: Path = ("parameters", "weights")
BIASES: Path = ("parameters", "biases")


def shapes(arrays: Arrays) -> Iterator[Wrong]:
    """Give everything that does not fit the layers of a recipe whose fields are known ones."""
    yield from _activations(arrays)
    yield from _weights(arrays)
    yield from _biases(arrays)


def _activations(arrays: Arrays) -> Iterator[Wrong]:
    """R-SHAPE-4: one activation for each layer after the inputs."""
    written, layers = part(arrays.tree, *ACTIVATIONS), arrays.layers
    if not isinstance(written, tuple) or layers is None or len(written) == len(layers) - 1:
        return
    if len(arrays.rows(*WEIGHTS) or ()) == len(written) > 0:
        return  # then the layers are the odd one out, and the fault of the weights says so
    wanted = len(layers) - 1
    yield Wrong(
        code="R-SHAPE-4",
        field=ACTIVATIONS,
        sentence=_("{layers} after the inputs, but {activations}").format(
            layers=counted(wanted, _("there is 1 layer"), _("there are {number} layers")),
            activations=counted(len(written), _("1 activation"), _("{number} activations")),
        ),
        got=shown(written),
        because=_("network.layers = {layers} wants one for each layer after the inputs, or a single name").format(
            layers=shown(layers)
        ),
        try_this=setting(ACTIVATIONS, fitted(written, wanted, written[-1]) if written else "sigmoid"),
    )


# ---- weights ---------------------------------------------------------------------------------------------


def _weights(arrays: Arrays) -> Iterator[Wrong]:
    """R-SHAPE-1: a matrix for each layer after the inputs, of shape (inputs, units)."""
    written, layers = part(arrays.tree, *WEIGHTS), arrays.layers
    if written is None:
        return
    wanted = _("weights are a list of matrices, one for each layer after the inputs: [[[...], [...]], ...]")
    nesting = wrong_nesting("R-SHAPE-1", WEIGHTS, written, wanted=wanted, fix=_with_brackets(arrays))
    if nesting is not None:
        yield nesting
        return
    ragged = [layer for layer, matrix in enumerate(written) if shape_of(matrix) is None]
    yield from (_ragged(written[layer], layer) for layer in ragged)
    if layers is None:
        return
    if len(written) != len(layers) - 1:
        yield _wrong_number(arrays, len(written), layers)
        return
    wants = list(pairwise(layers))
    unfit = [layer for layer, matrix in enumerate(written) if layer not in ragged and shape_of(matrix) != wants[layer]]
    # Weights that go on from each other are for other layers altogether: one fault, not one for each matrix.
    for layer in unfit[:1] if arrays.layers_of_weights else unfit:
        yield _unfit(arrays, written[layer], layer, wants[layer])


def _other_layers(arrays: Arrays) -> str:
    """Offer other layers where all the rest agrees on them, else other weights."""
    layers = arrays.layers_of_weights
    return setting(("network", "layers"), layers) if layers and arrays.fit(layers) else XAVIER


def _with_brackets(arrays: Arrays) -> str:
    """The same numbers with one pair of brackets more, where that is all that is missing."""
    more = (part(arrays.tree, *WEIGHTS),)
    corrected = Arrays(arrays.tree | {"parameters": part(arrays.tree, "parameters") | {"weights": more}})
    fits = arrays.layers is not None and corrected.layers_of_weights == arrays.layers
    return (fits and setting(WEIGHTS, more)) or XAVIER


def _ragged(matrix: Rows, layer: int) -> Wrong:
    """A matrix that is none."""
    lengths = [len(row) for row in matrix]
    odd = next(number for number, length in enumerate(lengths) if length != lengths[0])
    return Wrong(
        code="R-SHAPE-1",
        field=(*WEIGHTS, layer),
        at=(*WEIGHTS, layer, odd),
        sentence=_("the rows of layer {layer}'s weights have different lengths").format(layer=layer + 1),
        got=_("rows of {first} and {other} numbers").format(first=lengths[0], other=lengths[odd]),
        because=_("a matrix has a row for each input of its layer, and in it a number for each unit"),
        try_this=XAVIER,
    )


def _wrong_number(arrays: Arrays, matrices: int, layers: tuple[int, ...]) -> Wrong:
    """Weights for another number of layers."""
    return Wrong(
        code="R-SHAPE-1",
        field=WEIGHTS,
        sentence=_("{layers} after the inputs, but weights for {matrices}").format(
            layers=counted(len(layers) - 1, _("there is 1 layer"), _("there are {number} layers")), matrices=matrices
        ),
        got=counted(matrices, _("1 matrix"), _("{number} matrices")),
        because=_("network.layers = {layers} wants a matrix for each layer after the inputs").format(
            layers=shown(layers)
        ),
        try_this=_other_layers(arrays),
    )


def _unfit(arrays: Arrays, matrix: Rows, layer: int, wanted: tuple[int, int]) -> Wrong:
    """A matrix of a wrong shape."""
    found = shape_of(matrix) or (0, 0)
    if found[1] != wanted[1]:
        has, weights_for = counted(wanted[1], _("1 unit"), _("{number} units")), found[1]
    else:
        has, weights_for = counted(wanted[0], _("1 input"), _("{number} inputs")), found[0]
    because = _("network.layers = {layers} wants weights of shape {shape}")
    because = because.format(layers=shown(arrays.layers), shape=wanted)
    fix = _other_layers(arrays)
    if found == wanted[::-1] != wanted:
        because += "; " + _("this is the transpose: z = x @ W + b")
        fix = setting((*WEIGHTS, layer), tuple(zip(*matrix, strict=True))) or fix
    return Wrong(
        code="R-SHAPE-1",
        field=WEIGHTS,
        at=(*WEIGHTS, layer),
        sentence=_("layer {layer} has {units}, but its weights are for {found}").format(
            layer=layer + 1, units=has, found=weights_for
        ),
        got=_("a {shape} matrix for layer {layer}").format(shape=found, layer=layer + 1),
        because=because,
        try_this=fix,
    )


# ---- biases ----------------------------------------------------------------------------------------------


def _biases(arrays: Arrays) -> Iterator[Wrong]:
    """R-SHAPE-2: a row of biases for each layer after the inputs, one bias for each unit."""
    written, layers = part(arrays.tree, *BIASES), arrays.layers
    if written is None:
        return
    wanted = _("biases are a list of rows, one for each layer after the inputs: [[...], ...]")
    nesting = wrong_nesting("R-SHAPE-2", BIASES, written, wanted=wanted, fix=removal(BIASES, written))
    if nesting is not None:
        yield nesting
    elif layers is not None and len(written) != len(layers) - 1:
        sentence = _("{layers} after the inputs, but biases for {rows}").format(
            layers=counted(len(layers) - 1, _("there is 1 layer"), _("there are {number} layers")), rows=len(written)
        )
        yield _unfit_biases(written, layers, sentence, shown(written), BIASES)
    elif layers is not None and tuple(map(len, written)) != (arrays.layers_of_weights or layers)[1:]:
        for layer, (row, units) in enumerate(zip(written, layers[1:], strict=True)):
            sentence = _("layer {layer} has {units}, but {biases}").format(
                layer=layer + 1,
                units=counted(units, _("1 unit"), _("{number} units")),
                biases=counted(len(row), _("1 bias"), _("{number} biases")),
            )
            if len(row) != units:
                yield _unfit_biases(written, layers, sentence, shown(row), (*BIASES, layer))


def _unfit_biases(written: Rows, layers: tuple[int, ...], sentence: str, got: str, at: Path) -> Wrong:
    """Biases of a wrong shape; without them they start at zero."""
    rows = fitted(written, len(layers) - 1, ())
    fix = setting(BIASES, tuple(fitted(row, units) for row, units in zip(rows, layers[1:], strict=True)))
    return Wrong(
        code="R-SHAPE-2",
        field=BIASES,
        at=at,
        sentence=sentence,
        got=got,
        because=_("network.layers = {layers} wants a bias for each unit: {units}").format(
            layers=shown(layers), units=", ".join(map(str, layers[1:]))
        ),
        try_this=fix or removal(BIASES, written),
    )
