"""Whether the network's lists fit its layers: activations, weights and biases.

Where weights and data agree with each other and not with network.layers, that is one fault, not several: the
fault of the weights tells it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from backlight.language import _
from backlight.recipes.arrays import Arrays, Rows, fitted, misnested, shape_of, wrong, wrong_nesting
from backlight.recipes.rules import part
from backlight.recipes.shown import Path, shown
from backlight.recipes.suggest import XAVIER, removal, setting
from backlight.recipes.wrong import Wrong


def shapes(arrays: Arrays) -> Iterator[Wrong]:
    """Give everything that does not fit the layers of a recipe whose fields are known ones."""
    yield from _activations(arrays)
    yield from _weights(arrays)
    yield from _biases(arrays)


# ---- network.activations --------------------------------------------------------------------------------


def _activations(arrays: Arrays) -> Iterator[Wrong]:
    """R-SHAPE-4: one activation for each layer after the inputs."""
    written, layers = part(arrays.tree, "network", "activations"), arrays.layers
    if not isinstance(written, tuple) or layers is None or len(written) == len(layers) - 1:
        return
    if arrays.weights and len(arrays.weights) == len(written):
        return  # then the layers are the odd one out, and the fault of the weights says so
    field = ("network", "activations")
    yield wrong(
        "R-SHAPE-4",
        field,
        _("there are {layers} layers after the inputs, but {activations} activations").format(
            layers=len(layers) - 1, activations=len(written)
        ),
        shown(written),
        _("network.layers = {layers} wants {wanted}, or a single name for all").format(
            layers=shown(layers), wanted=len(layers) - 1
        ),
        setting(field, fitted(written, len(layers) - 1, written[-1]) if written else "sigmoid"),
    )


# ---- parameters -----------------------------------------------------------------------------------------

_WEIGHTS: Path = ("parameters", "weights")
_BIASES: Path = ("parameters", "biases")


def _weights(arrays: Arrays) -> Iterator[Wrong]:
    """R-SHAPE-1: a matrix for each layer after the inputs, of shape (inputs, units)."""
    written, layers = part(arrays.tree, *_WEIGHTS), arrays.layers
    if written is None:
        return
    at = misnested(written, 3)
    if at is not None:
        wanted = _("weights are a list of matrices, one for each layer after the inputs: [[[...], [...]], ...]")
        yield wrong_nesting("R-SHAPE-1", _WEIGHTS, written, at, wanted, _unnested_weights(arrays, written))
        return
    ragged = [layer for layer, matrix in enumerate(written) if shape_of(matrix) is None]
    yield from (_ragged(written[layer], layer) for layer in ragged)
    if layers is None:
        return
    if len(written) != len(layers) - 1:
        yield _wrong_number(arrays, written, layers)
        return
    wants = list(zip(layers, layers[1:], strict=False))
    unfit = [layer for layer, matrix in enumerate(written) if layer not in ragged and shape_of(matrix) != wants[layer]]
    # Weights that go on from each other are for other layers altogether: one fault, not one for each matrix.
    for layer in unfit[:1] if arrays.layers_of_weights else unfit:
        yield _unfit(arrays, written[layer], layer, wants[layer])


def _layers_or_initializer(arrays: Arrays) -> str:
    """Other layers where all the rest agrees on them, else other weights."""
    layers = arrays.layers_of_weights
    return setting(("network", "layers"), layers) if layers and arrays.fit(layers) else XAVIER


def _unnested_weights(arrays: Arrays, written: Any) -> str:
    """The same numbers with one pair of brackets more, where that is all that is missing."""
    layers = arrays.layers
    more = (written,)
    if layers and len(layers) == 2 and misnested(more, 3) is None and shape_of(more[0]) == layers:
        return setting(_WEIGHTS, more) or XAVIER
    return XAVIER


def _ragged(matrix: Rows, layer: int) -> Wrong:
    lengths = [len(row) for row in matrix]
    odd = next(number for number, length in enumerate(lengths) if length != lengths[0])
    return wrong(
        "R-SHAPE-1",
        (*_WEIGHTS, layer),
        _("the rows of the weights of layer {layer} have different lengths").format(layer=layer + 1),
        _("rows of {lengths} numbers").format(lengths=", ".join(map(str, lengths[:8])) + ", ..." * (len(lengths) > 8)),
        _("a matrix has a row for each input of its layer, each with a number for every unit"),
        XAVIER,
        at=(*_WEIGHTS, layer, odd),
    )


def _wrong_number(arrays: Arrays, written: tuple[Rows, ...], layers: tuple[int, ...]) -> Wrong:
    return wrong(
        "R-SHAPE-1",
        _WEIGHTS,
        _("there are {layers} layers after the inputs, but weights for {matrices}").format(
            layers=len(layers) - 1, matrices=len(written)
        ),
        _("{number} matrices").format(number=len(written)),
        _("network.layers = {layers} wants {wanted}").format(layers=shown(layers), wanted=len(layers) - 1),
        _layers_or_initializer(arrays),
    )


def _unfit(arrays: Arrays, matrix: Rows, layer: int, wanted: tuple[int, int]) -> Wrong:
    """A matrix of a wrong shape."""
    inputs, units = wanted
    found = shape_of(matrix) or (0, 0)
    if found[1] != units:
        sentence = _("layer {layer} has {wanted} units, but its weights are for {found}")
        sentence = sentence.format(layer=layer + 1, wanted=units, found=found[1])
    else:
        sentence = _("layer {layer} has {wanted} inputs, but its weights are for {found}")
        sentence = sentence.format(layer=layer + 1, wanted=inputs, found=found[0])
    because = _("network.layers = {layers} wants weights of shape {shape}")
    because = because.format(layers=shown(arrays.layers), shape=wanted)
    fix = _layers_or_initializer(arrays)
    if found == (units, inputs) and inputs != units:
        because += "; " + _("this is the transpose: z = x @ W + b")
        fix = setting((*_WEIGHTS, layer), tuple(zip(*matrix, strict=True))) or fix
    got = _("a {shape} matrix for layer {layer}").format(shape=found, layer=layer + 1)
    return wrong("R-SHAPE-1", _WEIGHTS, sentence, got, because, fix, at=(*_WEIGHTS, layer))


def _biases(arrays: Arrays) -> Iterator[Wrong]:
    """R-SHAPE-2: a row of biases for each layer after the inputs, one bias for each unit."""
    written, layers = part(arrays.tree, *_BIASES), arrays.layers
    if written is None:
        return
    none = removal(_BIASES, written)
    at = misnested(written, 2)
    if at is not None:
        wanted = _("biases are a list of rows, one for each layer after the inputs: [[...], ...]")
        yield wrong_nesting("R-SHAPE-2", _BIASES, written, at, wanted, none)
        return
    if layers is None:
        return
    fix = setting(
        _BIASES,
        tuple(fitted(row, units) for row, units in zip(fitted(written, len(layers) - 1, ()), layers[1:], strict=True)),
    )
    because = _("network.layers = {layers} wants {wanted} biases").format(
        layers=shown(layers), wanted=", ".join(map(str, layers[1:]))
    )
    if len(written) != len(layers) - 1:
        sentence = _("there are {layers} layers after the inputs, but biases for {rows}").format(
            layers=len(layers) - 1, rows=len(written)
        )
        yield wrong("R-SHAPE-2", _BIASES, sentence, shown(written), because, fix or none)
        return
    if arrays.layers_of_weights and tuple(map(len, written)) == arrays.layers_of_weights[1:]:
        return  # weights and biases agree: the fault of the weights says that the layers do not
    for layer, (row, units) in enumerate(zip(written, layers[1:], strict=True), start=1):
        if len(row) != units:
            sentence = _("layer {layer} has {wanted} units, but {found} biases").format(
                layer=layer, wanted=units, found=len(row)
            )
            yield wrong("R-SHAPE-2", _BIASES, sentence, shown(row), because, fix or none, at=(*_BIASES, layer - 1))
