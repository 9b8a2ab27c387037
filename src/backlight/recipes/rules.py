"""What a recipe means: names that exist, options that belong to them, numbers in their domain, fields that exclude each other.

The rules read the recipe as it was written, so that they work on one that is wrong elsewhere: what is missing
or of a wrong type is None here, and whoever asks for it keeps silent. Shapes are in `shapes`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from math import inf, isfinite
from typing import Any, NamedTuple

from backlight.faults import Fault
from backlight.language import _
from backlight.recipes.fields import DATASETS
from backlight.recipes.functions import ACTIVATIONS, INITIALIZERS, LOSSES, OPTIMIZERS, Option
from backlight.recipes.numbers import Number
from backlight.recipes.shown import Path, dotted, shown
from backlight.recipes.structure import ARRAYS, no_such, not_finite
from backlight.recipes.suggest import OPTIONS, XAVIER, removal, setting
from backlight.recipes.wrong import Wrong

Tree = dict[str, Any]


def rules(tree: Tree) -> Iterator[Wrong]:
    """Give everything that is wrong with the meaning of a recipe whose fields are known ones."""
    for name in _names(tree):
        yield from _known(name)
        yield from _belonging(name, tree)
        yield from _in_domain(name)
    yield from _uniform(tree)
    yield from _numbers(tree)
    yield from _beyond_float32(tree)
    yield from _start(tree)
    yield from _samples(tree)
    yield from _nesterov(tree)


def part(tree: Tree, section: str, field: str | None = None) -> Any:
    """Give a section (an empty one where there is none) or a field of it (None where there is none)."""
    fields = tree.get(section)
    fields = fields if isinstance(fields, dict) else {}
    return fields if field is None else fields.get(field)


def is_number(value: object) -> bool:
    """Whether a value is a finite number; a bool is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value.bit_length() <= 1023  # noqa: PLR2004  the doubles end at 2^1024
    return isinstance(value, float) and isfinite(value)


# ---- names and their options ---------------------------------------------------------------------------


class _Name(NamedTuple):
    """A name that was chosen, where it stands, and the table of fields its options stand in."""

    path: Path
    name: Any
    noun: str
    default: str
    table: Path
    fields: Tree


def _names(tree: Tree) -> Iterator[_Name]:
    """Every name in a recipe; an optimizer that is not written is sgd, an initializer None."""
    written = part(tree, "network", "activations")
    each = enumerate(written) if isinstance(written, tuple) else [(None, written)]
    for number, one in each:
        path: Path = ("network", "activations") if number is None else ("network", "activations", number)
        if isinstance(one, dict):
            yield _Name((*path, "name"), one.get("name"), "activation", "sigmoid", path, one)
        elif isinstance(one, str):
            yield _Name(path, one, "activation", "sigmoid", path, {})
    for section, field, noun, default in (
        ("parameters", "initializer", "initializer", "xavier_uniform"),
        ("loss", "name", "loss", "half_sum_squared_error"),
        ("training", "optimizer", "optimizer", "sgd"),
    ):
        fields = part(tree, section)
        name = fields.get(field, "sgd" if noun == "optimizer" else None)
        yield _Name((section, field), name, noun, default, (section,), fields)
    yield _Name(("data", "dataset"), part(tree, "data", "dataset"), "dataset", "digits", ("data",), {})


_KNOWN: dict[str, dict[str, Any]] = {
    "activation": dict(ACTIVATIONS),
    "initializer": dict(INITIALIZERS),
    "loss": dict(LOSSES),
    "optimizer": dict(OPTIMIZERS),
    "dataset": dict(DATASETS),
}


def _known(name: _Name) -> Iterator[Wrong]:
    """R-NAME-1: nothing is called that."""
    if isinstance(name.name, str) and name.name not in _KNOWN[name.noun]:
        yield no_such(name.path, name.name, list(_KNOWN[name.noun]), default=name.default)


def _options(name: _Name) -> dict[str, Option]:
    """The options that may stand in the table of this name, whosever they are."""
    return {option: record for options in OPTIONS.get(name.noun, {}).values() for option, record in options.items()}


def _belonging(name: _Name, tree: Tree) -> Iterator[Wrong]:
    """R-OPTION-1: an option that the chosen name does not have."""
    is_chosen = isinstance(name.name, str) and name.name in _KNOWN[name.noun]
    nothing_chosen = name.noun == "initializer" and name.name is None and "weights" in part(tree, "parameters")
    if not is_chosen and not nothing_chosen:
        return
    own = OPTIONS.get(name.noun, {}).get(name.name, {}) if is_chosen else {}
    for option in _options(name):
        if option in name.fields and option not in own:
            yield _stray(name, option, list(own), is_chosen=is_chosen)


def _stray(name: _Name, option: str, own: list[str], *, is_chosen: bool) -> Wrong:
    owners = [other for other, options in OPTIONS[name.noun].items() if option in options]
    because = _("{option} belongs to {owners}").format(option=option, owners=", ".join(owners))
    if is_chosen:
        sentence = _("{name} has no option {option}").format(name=name.name, option=option)
        of_its_own = _("{name} has {options}") if own else _("{name} has none")
        because += "; " + of_its_own.format(name=name.name, options=", ".join(own))
    else:
        sentence = _("{option} is an option of an initializer, but the weights are written").format(option=option)
    value = name.fields[option]
    fault = Fault(
        code="R-OPTION-1",
        sentence=sentence,
        got=shown(value),
        because=because,
        try_this=removal((*name.table, option), value),
    )
    return Wrong((*name.table, option), fault)


def _in_domain(name: _Name) -> Iterator[Wrong]:
    """R-RANGE-1, R-NAME-1: an option outside its domain."""
    own = OPTIONS.get(name.noun, {}).get(name.name, {}) if isinstance(name.name, str) else {}
    for option, record in own.items():
        path, value = (*name.table, option), name.fields.get(option)
        if record.kind == "word" and isinstance(value, str) and value not in record.choices:
            yield no_such(path, value, list(record.choices))
        if record.kind == "number" and is_number(value) and not record.admits(value):
            yield out_of_domain(path, value, record)
        if record.kind == "pair" and isinstance(value, tuple) and len(value) == 2:
            for number, one in enumerate(value):
                if is_number(one) and not record.admits(one):
                    yield out_of_domain((*path, number), one, record)


def out_of_domain(path: Path, value: Any, record: Option) -> Wrong:
    """R-RANGE-1: a number outside the domain of its field."""
    default = record.default[path[-1]] if isinstance(record.default, tuple) else record.default
    fix = -value if record.admits(-value) else default
    fault = Fault(
        code="R-RANGE-1",
        sentence=_("{field} must lie in {domain}").format(field=dotted(path), domain=record.domain()),
        got=shown(value),
        because=record.meaning and f"{path[-1] if isinstance(path[-1], str) else path[-2]}: {_(record.meaning)}",
        try_this=setting(path, fix),
    )
    return Wrong(path, fault)


# ---- numbers ---------------------------------------------------------------------------------------------

_LEARNING_RATE = Option(default=1.0, low=0.0, meaning="factor on the step")
_HELD_OUT = Option(default=0.2, low=0.0, high=1.0, open_high=True, meaning="share of the samples kept out of training")
MOST_PARAMETERS = 10**9
"""A network with more of them does not fit into the memory of a usual machine (8 GB in float64)."""


def _numbers(tree: Tree) -> Iterator[Wrong]:
    """R-RANGE-1: the numbers that are no option of a name."""
    for path, record in ((("training", "learning_rate"), _LEARNING_RATE), (("data", "held_out"), _HELD_OUT)):
        value = part(tree, *path)
        if is_number(value) and not record.admits(value):
            yield out_of_domain(path, value, record)
    layers = layers_of(tree)
    size = sum(inputs * units for inputs, units in zip(layers or (), (layers or ())[1:], strict=False))
    if size > MOST_PARAMETERS:
        fault = Fault(
            code="R-RANGE-1",
            sentence=_("the network has {size} weights, which is too many").format(size=shown(size)),
            got=shown(layers),
            because=_("more than {most} do not fit into memory").format(most=MOST_PARAMETERS),
            try_this=setting(("network", "layers"), tuple(min(units, 100) for units in layers or ())),
        )
        yield Wrong(("network", "layers"), fault)


def _uniform(tree: Tree) -> Iterator[Wrong]:
    """R-RANGE-1: the ends of a uniform distribution, which must not be infinitely far apart."""
    fields = part(tree, "parameters")
    low, high = fields.get("a", 0.0), fields.get("b", 1.0)
    if fields.get("initializer") != "uniform" or not (is_number(low) and is_number(high)):
        return
    if not 0 <= float(high) - float(low) < inf:
        field: Path = ("parameters", "a" if "a" in fields else "b")
        fix = setting(("parameters", "a"), 0.0 if high >= 0 else Number(float(high) - 1))
        fault = Fault(
            code="R-RANGE-1",
            sentence=_("there are no numbers to draw from {low} to {high}").format(low=shown(low), high=shown(high)),
            got=shown(fields[str(field[1])]),
            because=_("uniform draws from a to b: b must not lie below a, and b - a must be finite"),
            try_this=fix,
        )
        yield Wrong(field, fault)


FLOAT32_OVERFLOWS_AT = 2.0**128 - 2.0**103
"""From here on the nearest float32 is infinite: half a unit in the last place above the largest one."""


def _beyond_float32(tree: Tree) -> Iterator[Wrong]:
    """R-FINITE-1: a number that float32 does not reach, in a recipe that computes in it."""
    if part(tree, "numerics", "precision") != "float32":
        return
    for field in ARRAYS:
        for path, value in _leaves(part(tree, *field), field):
            if is_number(value) and abs(value) >= FLOAT32_OVERFLOWS_AT:
                yield not_finite(path, value, setting(("numerics", "precision"), "float64"), largest="float32, 3.4e38")


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Every number of an array, with its place."""
    if isinstance(value, tuple):
        for number, one in enumerate(value):
            yield from _leaves(one, (*path, number))
    else:
        yield path, value


def layers_of(tree: Tree) -> tuple[int, ...] | None:
    """The layers, None where they are not right."""
    layers = part(tree, "network", "layers")
    is_right = isinstance(layers, tuple) and len(layers) >= 2 and all(type(one) is int and one >= 1 for one in layers)
    return layers if is_right else None


# ---- fields that need or exclude each other ----------------------------------------------------------------


def excluding(field: Path, value: Any, sentence: str, because: str, fix: str) -> Wrong:
    """R-CHOICE-1: a field that cannot stand beside another."""
    return Wrong(field, Fault(code="R-CHOICE-1", sentence=sentence, got=shown(value), because=because, try_this=fix))


def _start(tree: Tree) -> Iterator[Wrong]:
    """Weights are written or drawn, and biases need a network that has them."""
    fields = part(tree, "parameters")
    if "weights" not in fields and "initializer" not in fields and isinstance(tree.get("parameters", {}), dict):
        fault = Fault(
            code="R-FIELD-2",
            sentence=_("there are neither weights nor an initializer"),
            because=_("weights are written in parameters.weights, or drawn by parameters.initializer"),
            try_this=XAVIER,
        )
        yield Wrong(("parameters",), fault)
    if "weights" in fields and "initializer" in fields:
        yield excluding(
            ("parameters", "initializer"),
            fields["initializer"],
            _("the weights are both written and drawn"),
            _("parameters.weights and parameters.initializer exclude each other"),
            removal(("parameters", "initializer"), fields["initializer"]),
        )
    if "biases" in fields and part(tree, "network", "biases") in (None, False):
        yield excluding(
            ("parameters", "biases"),
            fields["biases"],
            _("biases are written for a network without biases"),
            _("network.biases is false unless it is written"),
            setting(("network", "biases"), True),
        )


def _samples(tree: Tree) -> Iterator[Wrong]:
    """Samples are written in the recipe, or in a file, or a dataset: one of them."""
    fields = part(tree, "data")
    inline = [name for name in ("inputs", "targets") if name in fields]
    sources = inline[:1] + [name for name in ("file", "dataset") if name in fields]
    for first, second in combinations(sources, 2):
        yield excluding(
            ("data", second),
            fields[second],
            _("data.{second} stands beside data.{first}").format(first=first, second=second),
            _("samples come from one place: inputs and targets, file, or dataset"),
            removal(("data", second), fields[second]),
        )


def _nesterov(tree: Tree) -> Iterator[Wrong]:
    """As torch.optim.SGD has it: Nesterov looks ahead along a velocity, so there must be one."""
    fields = part(tree, "training")
    momentum = fields.get("momentum", 0.0)
    without = fields.get("optimizer", "sgd") == "sgd" and is_number(momentum) and momentum == 0
    if fields.get("nesterov") is True and without:
        yield excluding(
            ("training", "nesterov"),
            True,
            _("nesterov needs momentum"),
            _("it looks one step ahead along the velocity, and without momentum there is none"),
            setting(("training", "momentum"), 0.9),
        )
