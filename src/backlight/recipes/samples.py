"""Whether a recipe has samples, and whether they fit its layers.

This is about samples that are written in the recipe, and about which datasets fit; a CSV file is checked when
it is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from backlight.language import _
from backlight.recipes.arrays import Arrays, Rows, fitted, misnested, wrong, wrong_nesting
from backlight.recipes.fields import DATASETS
from backlight.recipes.rules import part
from backlight.recipes.shown import dotted, shown
from backlight.recipes.suggest import setting
from backlight.recipes.wrong import Wrong


def samples(arrays: Arrays) -> Iterator[Wrong]:
    """Give everything that is wrong with the samples of a recipe whose fields are known ones."""
    yield from _dataset(arrays)
    yield from _presence(arrays)
    yield from _samples(arrays, "inputs")
    yield from _samples(arrays, "targets")
    yield from _pairs(arrays)


def _dataset(arrays: Arrays) -> Iterator[Wrong]:
    """R-SHAPE-3: a dataset has as many inputs and targets as it has."""
    name, layers = part(arrays.tree, "data", "dataset"), arrays.layers
    inputs, targets = DATASETS.get(name, (0, 0)) if isinstance(name, str) else (0, 0)
    if layers and inputs and (layers[0], layers[-1]) != (inputs, targets):
        yield wrong(
            "R-SHAPE-3",
            ("network", "layers"),
            _("{dataset} has {inputs} inputs and {targets} targets, the network {layers}").format(
                dataset=name,
                inputs=inputs,
                targets=targets,
                layers=_("{first} and {last}").format(first=layers[0], last=layers[-1]),
            ),
            shown(layers),
            _("data.dataset = {dataset} wants layers from {inputs} to {targets}").format(
                dataset=shown(name), inputs=inputs, targets=targets
            ),
            setting(("network", "layers"), (inputs, *layers[1:-1], targets)),
        )


def _presence(arrays: Arrays) -> Iterator[Wrong]:
    """R-FIELD-2: no samples, or only half of them."""
    fields = part(arrays.tree, "data")
    if not isinstance(arrays.tree.get("data", {}), dict) or "file" in fields or "dataset" in fields:
        return
    missing = [name for name in ("inputs", "targets") if name not in fields]
    if len(missing) == 2:
        both = {name: _rows(arrays, name, 1) for name in missing}
        yield wrong(
            "R-FIELD-2",
            ("data",),
            _("there is no data"),
            "",
            _("samples are written in data.inputs and data.targets, or stand in data.file or data.dataset"),
            setting(("data",), both) or setting(("data", "file"), "points.csv"),
        )
    elif missing:
        (name,) = missing
        other = fields["targets" if name == "inputs" else "inputs"]
        rows = _rows(arrays, name, len(other) if isinstance(other, tuple) and other else 1)
        yield wrong(
            "R-FIELD-2",
            ("data", name),
            _("{field} is missing").format(field=f"data.{name}"),
            "",
            _("every sample has inputs and targets"),
            setting(("data", name), rows),
        )


def _rows(arrays: Arrays, name: str, samples: int) -> Rows:
    """As many samples as wanted, all zero, as wide as the network wants them."""
    layers = arrays.layers or arrays.layers_of_weights or (2, 2)
    return ((0.0,) * layers[0 if name == "inputs" else -1],) * samples


def _samples(arrays: Arrays, name: str) -> Iterator[Wrong]:
    """R-SHAPE-3, R-RANGE-1: a row for each sample, each as wide as the network wants."""
    field, layers = ("data", name), arrays.layers
    written = part(arrays.tree, *field)
    if written is None:
        return
    end = 0 if name == "inputs" else -1
    at = misnested(written, 2)
    if at is not None:
        wanted = _("{field} is a list of samples, each a list of numbers: [[...], ...]").format(field=dotted(field))
        yield wrong_nesting("R-SHAPE-3", field, written, at, wanted, _unnested(arrays, name, written))
    elif not written:
        rows = _rows(arrays, name, len(arrays.samples("targets" if name == "inputs" else "inputs") or ()) or 1)
        yield wrong(
            "R-RANGE-1",
            field,
            _("{field} has no samples").format(field=dotted(field)),
            "[]",
            _("there is nothing to train on"),
            setting(field, rows),
        )
    elif layers and (width := arrays.width(name)) is not None:
        of_weights = arrays.layers_of_weights
        told = of_weights and len(of_weights) == len(layers) and of_weights[end] == width  # by the weights' fault
        if width != layers[end] and not told:
            yield _unfit_samples(arrays, name, width, layers[end])
    else:
        wanted_width = layers[end] if layers else len(written[0])
        odd = [number for number, row in enumerate(written) if len(row) != wanted_width]
        yield from (_odd_sample(name, number, written[number], wanted_width) for number in odd)


def _unnested(arrays: Arrays, name: str, written: Any) -> str:
    """The same numbers with the brackets put right where that is possible, else zeros."""
    field, width = ("data", name), len(_rows(arrays, name, 1)[0])
    one_sample, one_number_each = (written,), tuple((one,) for one in written) if isinstance(written, tuple) else ()
    inside = written[0] if isinstance(written, tuple) and written else ()
    for rows in (one_sample, one_number_each, inside):
        if rows and misnested(rows, 2) is None and {len(row) for row in rows} == {width}:
            return setting(field, rows)
    other = arrays.samples("targets" if name == "inputs" else "inputs")
    return setting(field, _rows(arrays, name, len(other or ()) or 1))


def _unfit_samples(arrays: Arrays, name: str, width: int, wanted: int) -> Wrong:
    """All samples have another width than the network."""
    layers = arrays.layers or ()
    if name == "inputs":
        sentence = _("the network has {wanted} inputs, but the samples have {found}")
        other_layers = (width, *layers[1:])
    else:
        sentence = _("the network has {wanted} outputs, but the targets have {found}")
        other_layers = (*layers[:-1], width)
    rows = arrays.samples(name) or ()
    fix = setting(("network", "layers"), other_layers)
    if not arrays.fit(other_layers):
        fix = setting(("data", name), tuple(fitted(row, wanted) for row in rows)) or (fix if width else "")
    return wrong(
        "R-SHAPE-3",
        ("data", name),
        sentence.format(wanted=wanted, found=width),
        shown(rows[0]),
        _("network.layers = {layers} wants {wanted} numbers in each row").format(layers=shown(layers), wanted=wanted),
        fix,
        at=("data", name, 0),
    )


def _odd_sample(name: str, number: int, row: tuple[Any, ...], wanted: int) -> Wrong:
    """One sample is not like the others."""
    return wrong(
        "R-SHAPE-3",
        ("data", name, number),
        _("sample {number} has {found} numbers in {field}, not {wanted}").format(
            number=number, found=len(row), field=f"data.{name}", wanted=wanted
        ),
        shown(row),
        _("every sample has as many numbers as the network wants; samples are counted from 0"),
        setting(("data", name, number), fitted(row, wanted)),
    )


def _pairs(arrays: Arrays) -> Iterator[Wrong]:
    """R-SHAPE-3: as many inputs as targets."""
    inputs, targets = arrays.samples("inputs"), arrays.samples("targets")
    if not inputs or not targets or len(inputs) == len(targets):
        return
    name = "inputs" if len(inputs) > len(targets) else "targets"
    rows = (inputs if name == "inputs" else targets)[: min(len(inputs), len(targets))]
    yield wrong(
        "R-SHAPE-3",
        ("data", name),
        _("there are {inputs} inputs, but {targets} targets").format(inputs=len(inputs), targets=len(targets)),
        shown(part(arrays.tree, "data", name)),
        _("every sample has inputs and targets, in the same order"),
        setting(("data", name), rows),
    )
