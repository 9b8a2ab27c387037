"""The names a recipe chooses (activations, initializer, loss, optimizer, dataset) and the options beside them.

A name must be one of ours; an option must belong to the chosen name, and lie in its domain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from backlight.language import _
from backlight.recipes.checking.structure import no_such
from backlight.recipes.fields import DATASETS
from backlight.recipes.functions import ACTIVATIONS, INITIALIZERS, LOSSES, OPTIMIZERS, Option
from backlight.recipes.reading.written import Tree, is_number, part
from backlight.recipes.wording.shown import Path, Value, dotted, shown
from backlight.recipes.wording.suggest import OPTIONS, removal, setting
from backlight.recipes.wording.wrong import Wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

KNOWN: dict[str, tuple[str, ...]] = {
    "activation": tuple(ACTIVATIONS),
    "initializer": tuple(INITIALIZERS),
    "loss": tuple(LOSSES),
    "optimizer": tuple(OPTIMIZERS),
    "dataset": tuple(DATASETS),
}
"""Everything that has a name, by what it is."""

USUAL = {"activation": "sigmoid", "initializer": "xavier_uniform", "loss": "half_sum_squared_error"}
"""What is offered where no name is near."""


class Choice(NamedTuple):
    """A name that was chosen, where it stands, and the table in which its options stand."""

    what: str
    name: Value
    path: Path
    table: Path
    fields: Tree

    @property
    def own(self) -> dict[str, Option]:
        """The options of this name."""
        return dict(OPTIONS.get(self.what, {}).get(self.name, {})) if self.is_known else {}

    @property
    def is_known(self) -> bool:
        """Whether there is something of this name."""
        return isinstance(self.name, str) and self.name in KNOWN[self.what]


def chosen(tree: Tree) -> Iterator[Wrong]:
    """Give everything that is wrong with names and options."""
    for choice in _choices(tree):
        if isinstance(choice.name, str) and not choice.is_known:
            yield no_such(choice.path, choice.name, KNOWN[choice.what], usual=USUAL.get(choice.what))
        # Written weights leave no initializer to choose; its options stand about idly all the same.
        if choice.is_known or (choice.what == "initializer" and "weights" in choice.fields and choice.name is None):
            yield from _strays(choice)
        yield from _outside(choice)


def likely_names(tree: Tree) -> dict[Path, str]:
    """Give for each table of an activation a name that has the options in it."""
    names = {}
    for choice in _choices(tree):
        if choice.what == "activation" and choice.fields:
            options = choice.fields.keys() - {"name"}
            fitting = [name for name, own in OPTIONS["activation"].items() if options <= own.keys()]
            names[choice.path] = "sigmoid" if not options or not fitting else fitting[0]
    return names


def _choices(tree: Tree) -> Iterator[Choice]:
    """Every name in a recipe."""
    written = part(tree, "network", "activations")
    each = enumerate(written) if isinstance(written, tuple) else [(None, written)]
    for number, one in each:
        path: Path = ("network", "activations") if number is None else ("network", "activations", number)
        if isinstance(one, dict):
            yield Choice("activation", one.get("name"), (*path, "name"), path, one)
        else:
            yield Choice("activation", one, path, path, {})
    parameters, loss, training = (part(tree, section) for section in ("parameters", "loss", "training"))
    yield Choice(
        "initializer", parameters.get("initializer"), ("parameters", "initializer"), ("parameters",), parameters
    )
    yield Choice("dataset", part(tree, "data", "dataset"), ("data", "dataset"), ("data",), {})
    yield Choice("loss", loss.get("name"), ("loss", "name"), ("loss",), loss)
    yield Choice("optimizer", training.get("optimizer", "sgd"), ("training", "optimizer"), ("training",), training)


def _strays(choice: Choice) -> Iterator[Wrong]:
    """R-OPTION-1: an option that the chosen name does not have."""
    options = OPTIONS.get(choice.what, {})
    for option in dict.fromkeys(option for own in options.values() for option in own):
        if option not in choice.fields or option in choice.own:
            continue
        because = _("{option} belongs to {names}").format(
            option=option, names=", ".join(name for name, own in options.items() if option in own)
        )
        if choice.name is None:
            sentence = _("{option} is an option of an initializer, but the weights are written").format(option=option)
        else:
            sentence = _("{name} has no option {option}").format(name=choice.name, option=option)
            its_own = _("{name} has {options}") if choice.own else _("{name} has none")
            because += "; " + its_own.format(name=choice.name, options=", ".join(choice.own))
        value = choice.fields[option]
        yield Wrong(
            code="R-OPTION-1",
            field=(*choice.table, option),
            sentence=sentence,
            got=shown(value),
            because=because,
            try_this=removal((*choice.table, option), value),
        )


def _outside(choice: Choice) -> Iterator[Wrong]:
    """R-RANGE-1, R-NAME-1: an option outside its domain."""
    for option, record in choice.own.items():
        path = (*choice.table, option)
        value: Value = choice.fields.get(option)
        if record.kind == "word" and isinstance(value, str) and value not in record.choices:
            yield no_such(path, value, record.choices)
        if record.kind == "number" and is_number(value) and not record.admits(value):
            yield out_of_domain(path, value, record, default=record.default)
        if isinstance(record.default, tuple) and isinstance(value, tuple) and len(value) == len(record.default):
            for number, (one, default) in enumerate(zip(value, record.default, strict=True)):
                if is_number(one) and not record.admits(one):
                    yield out_of_domain((*path, number), one, record, default=default)


def out_of_domain(path: Path, value: Value, record: Option, *, default: Value) -> Wrong:
    """R-RANGE-1: a number outside the domain of its field; often its sign is wrong."""
    name = next(str(step) for step in reversed(path) if isinstance(step, str))
    return Wrong(
        code="R-RANGE-1",
        field=path,
        sentence=_("{field} must lie in {domain}").format(field=dotted(path), domain=record.domain()),
        got=shown(value),
        because=f"{name}: {_(record.meaning)}",
        try_this=setting(path, -value if record.admits(-value) else default),
    )
