"""What the fields of a recipe mean together: numbers in their domain, fields that need or exclude each other.

Names and options are in `chosen`, shapes in `shapes` and `samples`.
"""

from __future__ import annotations

from itertools import combinations, pairwise
from math import isfinite
from typing import TYPE_CHECKING

from backlight.language import _
from backlight.recipes.checking.arrays import DEPTHS
from backlight.recipes.checking.chosen import out_of_domain
from backlight.recipes.checking.structure import not_finite
from backlight.recipes.functions import Option
from backlight.recipes.reading.written import Tree, is_number, layers_of, leaves, part
from backlight.recipes.wording.shown import Path, Value, shown
from backlight.recipes.wording.suggest import XAVIER, removal, setting
from backlight.recipes.wording.wrong import Wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

NUMBERS = {
    ("training", "learning_rate"): Option(default=1.0, low=0.0, meaning="factor on the step"),
    ("data", "held_out"): Option(default=0.2, low=0.0, high=1.0, open_high=True, meaning="share kept out of training"),
}
"""The numbers that are no option of a name, and their domains."""

MOST_WEIGHTS = 10**9
"""More of them do not fit into the memory of a usual machine: 8 GB in float64, and as much for the gradients."""

FLOAT32_OVERFLOWS_AT = 2.0**128 - 2.0**103
"""From here on the nearest float32 is infinite: half a unit in the last place above the largest one."""


def rules(tree: Tree) -> Iterator[Wrong]:
    """Give everything that is wrong with the meaning of a recipe whose fields are known ones."""
    yield from _numbers(tree)
    yield from _size(tree)
    yield from _beyond_float32(tree)
    yield from _uniform(tree)
    yield from _weights(tree)
    yield from _biases(tree)
    yield from _samples(tree)
    yield from _nesterov(tree)


# ---- numbers ---------------------------------------------------------------------------------------------


def _numbers(tree: Tree) -> Iterator[Wrong]:
    """R-RANGE-1: a number outside its domain."""
    for path, record in NUMBERS.items():
        value = part(tree, *path)
        if is_number(value) and not record.admits(value):
            yield out_of_domain(path, value, record, default=record.default)


def _size(tree: Tree) -> Iterator[Wrong]:
    """R-RANGE-1: a network that no machine holds."""
    layers = layers_of(tree) or ()
    size = sum(inputs * units for inputs, units in pairwise(layers))
    if size > MOST_WEIGHTS:
        field = ("network", "layers")
        yield Wrong(
            code="R-RANGE-1",
            field=field,
            sentence=_("the network has {size} weights, which is too many").format(size=shown(size)),
            got=shown(layers),
            because=_("more than {most} do not fit into memory").format(most=MOST_WEIGHTS),
            try_this=setting(field, tuple(min(units, 100) for units in layers)),
        )


def _beyond_float32(tree: Tree) -> Iterator[Wrong]:
    """R-FINITE-1: a number that float32 does not reach, in a recipe that computes in it."""
    if part(tree, "numerics", "precision") != "float32":
        return
    for field in DEPTHS:
        for path, value in leaves(part(tree, *field), field):
            if is_number(value) and abs(value) >= FLOAT32_OVERFLOWS_AT:
                yield not_finite(path, value, setting(("numerics", "precision"), "float64"), precision="float32")


def _uniform(tree: Tree) -> Iterator[Wrong]:
    """R-RANGE-1: the ends of a uniform distribution, in their order and not infinitely far apart."""
    fields = part(tree, "parameters")
    low, high = fields.get("a", 0.0), fields.get("b", 1.0)
    if fields.get("initializer") != "uniform" or not is_number(low) or not is_number(high):
        return
    spread = float(high) - float(low)
    if spread < 0 or not isfinite(spread):
        field = ("parameters", "a" if "a" in fields else "b")
        is_high_odd = abs(high) > abs(low)
        fix = setting(("parameters", "b"), low + 1) if is_high_odd else setting(("parameters", "a"), high - 1)
        yield Wrong(
            code="R-RANGE-1",
            field=field,
            sentence=_("there are no numbers to draw from {low} to {high}").format(low=shown(low), high=shown(high)),
            got=shown(part(tree, *field)),
            because=_("uniform draws from a to b: b must not lie below a, and b - a must be finite"),
            try_this=fix,
        )


# ---- fields that need or exclude each other ----------------------------------------------------------------


def _excluding(field: Path, value: Value, *, sentence: str, because: str, fix: str) -> Wrong:
    """R-CHOICE-1: a field that cannot stand beside another, or not without it."""
    return Wrong(code="R-CHOICE-1", field=field, sentence=sentence, got=shown(value), because=because, try_this=fix)


def _weights(tree: Tree) -> Iterator[Wrong]:
    """Weights are written or drawn: one of the two."""
    fields = part(tree, "parameters")
    if "weights" in fields and "initializer" in fields:
        field = ("parameters", "initializer")
        yield _excluding(
            field,
            fields["initializer"],
            sentence=_("the weights are both written and drawn"),
            because=_("parameters.weights and parameters.initializer exclude each other"),
            fix=removal(field, fields["initializer"]),
        )
    if not fields.keys() & {"weights", "initializer"} and isinstance(tree.get("parameters", {}), dict):
        yield Wrong(
            code="R-FIELD-2",
            field=("parameters",),
            sentence=_("there are neither weights nor an initializer"),
            because=_("weights are written in parameters.weights, or drawn by parameters.initializer"),
            try_this=XAVIER,
        )


def _biases(tree: Tree) -> Iterator[Wrong]:
    """Biases need a network that has them."""
    biases, has_biases = part(tree, "parameters", "biases"), part(tree, "network", "biases")
    if biases is not None and (has_biases is None or has_biases is False):
        yield _excluding(
            ("parameters", "biases"),
            biases,
            sentence=_("biases are written for a network without biases"),
            because=_("network.biases is false unless it is written"),
            fix="network.biases = true",
        )


def _samples(tree: Tree) -> Iterator[Wrong]:
    """Samples are written in the recipe, or in a file, or a dataset: one of them."""
    fields = part(tree, "data")
    inline = [name for name in ("inputs", "targets") if name in fields]
    sources = inline[:1] + [name for name in ("file", "dataset") if name in fields]
    for first, second in combinations(sources, 2):
        yield _excluding(
            ("data", second),
            fields[second],
            sentence=_("data.{second} stands beside data.{first}").format(first=first, second=second),
            because=_("samples come from one place: inputs and targets, or a file, or a dataset"),
            fix=removal(("data", second), fields[second]),
        )


def _nesterov(tree: Tree) -> Iterator[Wrong]:
    """As torch.optim.SGD has it: Nesterov's step looks ahead along a velocity, so there must be one."""
    fields = part(tree, "training")
    momentum = fields.get("momentum", 0.0)
    stands_still = is_number(momentum) and momentum == 0
    if fields.get("nesterov") is True and fields.get("optimizer", "sgd") == "sgd" and stands_still:
        yield _excluding(
            ("training", "nesterov"),
            fields["nesterov"],
            sentence=_("nesterov needs momentum"),
            because=_("it looks one step ahead along the velocity, and without momentum there is none"),
            fix="training.momentum = 0.9",
        )
