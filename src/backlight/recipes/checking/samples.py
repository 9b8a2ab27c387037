"""Whether a recipe has samples, and whether they fit its layers.

This is about samples that are written in the recipe, about which datasets fit, and whether a data file is
there; what stands in the file is checked when it is read.
"""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import TYPE_CHECKING

from backlight.language import _
from backlight.recipes.checking.arrays import Arrays, Row, Rows, fitted, misnested, wrong_nesting
from backlight.recipes.fields import DATASETS
from backlight.recipes.reading.files import neighbour, unreadable
from backlight.recipes.reading.written import part
from backlight.recipes.wording.shown import Path, Value, counted, dotted, shown
from backlight.recipes.wording.suggest import setting
from backlight.recipes.wording.wrong import Wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlight.faults import Fault

FILE: Path = ("data", "file")
ENDS = {"inputs": 0, "targets": -1}
"""Which layer inputs and targets belong to."""


def samples(arrays: Arrays) -> Iterator[Wrong]:
    """Give everything that is wrong with the samples of a recipe whose fields are known ones."""
    yield from _dataset(arrays)
    yield from _presence(arrays)
    yield from _written(arrays, "inputs")
    yield from _written(arrays, "targets")
    yield from _pairs(arrays)


def _dataset(arrays: Arrays) -> Iterator[Wrong]:
    """R-SHAPE-3: a dataset has as many inputs and targets as it has."""
    name, layers = part(arrays.tree, "data", "dataset"), arrays.layers
    if not isinstance(name, str) or name not in DATASETS or layers is None:
        return
    inputs, targets = DATASETS[name]
    if (layers[0], layers[-1]) != (inputs, targets):
        fields = {"dataset": name, "inputs": inputs, "targets": targets, "first": layers[0], "last": layers[-1]}
        yield Wrong(
            code="R-SHAPE-3",
            field=("network", "layers"),
            sentence=_("{dataset} has {inputs} inputs and {targets} targets, the network {first} and {last}").format(
                **fields
            ),
            got=shown(layers),
            because=_("data.dataset = {dataset} wants layers that begin with {inputs} and end with {targets}").format(
                dataset=shown(name), inputs=inputs, targets=targets
            ),
            try_this=setting(("network", "layers"), (inputs, *layers[1:-1], targets)),
        )


# ---- are there samples? ------------------------------------------------------------------------------------


def _presence(arrays: Arrays) -> Iterator[Wrong]:
    """R-FIELD-2: no samples, or only half of them."""
    fields = part(arrays.tree, "data")
    if not isinstance(arrays.tree.get("data", {}), dict) or "file" in fields or "dataset" in fields:
        return
    missing = [name for name in ENDS if name not in fields]
    if len(missing) == len(ENDS):
        yield Wrong(
            code="R-FIELD-2",
            field=("data",),
            sentence=_("there is no data"),
            because=_("samples are written in data.inputs and data.targets, or stand in data.file or data.dataset"),
            try_this=_zeros(arrays),
        )
    elif missing:
        field = ("data", missing[0])
        yield Wrong(
            code="R-FIELD-2",
            field=field,
            sentence=_("{field} is missing").format(field=dotted(field)),
            because=_("every sample has inputs and targets"),
            try_this=setting(field, _rows(arrays, missing[0])),
        )


def no_file(file: str, folder: FilePath, error: Exception, arrays: Arrays) -> Wrong:
    """R-FILE-1: the data file cannot be read."""
    sentence, because = unreadable(folder / file, error)
    other = neighbour(folder / file, ".csv")
    return Wrong(
        code="R-FILE-1",
        field=FILE,
        sentence=sentence,
        got=shown(file),
        because=because,
        try_this=setting(FILE, str(FilePath(file).with_name(other))) if other else _zeros(arrays),
    )


def present(arrays: Arrays, folder: FilePath) -> Iterator[Wrong]:
    """R-FILE-1: the data file of a recipe is not there, or is a folder; it is not opened."""
    file = part(arrays.tree, *FILE)
    if not isinstance(file, str):
        return
    try:
        if (folder / file).is_dir():
            raise IsADirectoryError
        (folder / file).stat()
    except (OSError, ValueError) as error:
        yield no_file(file, folder, error, arrays)


def likely_samples(arrays: Arrays) -> dict[str, Rows]:
    """Give a sample that fits the network, to begin with."""
    return {name: (fitted((), arrays.likely_layers[end]),) for name, end in ENDS.items()}


def _zeros(arrays: Arrays) -> str:
    """A sample in place of all data; where that would be too long, the name of a file to be written."""
    return setting(("data",), likely_samples(arrays)) or setting(FILE, "points.csv")


def _rows(arrays: Arrays, name: str) -> Rows:
    """Zeros as wide as the network wants them, as many as there are of the other half."""
    other = part(arrays.tree, "data", "targets" if name == "inputs" else "inputs")
    samples = len(other) if isinstance(other, tuple) and other else 1
    return (fitted((), arrays.likely_layers[ENDS[name]]),) * samples


# ---- do they fit? ------------------------------------------------------------------------------------------


def _written(arrays: Arrays, name: str) -> Iterator[Wrong]:
    """R-SHAPE-3, R-RANGE-1: a row for each sample, each as wide as the network wants."""
    field, layers, end = ("data", name), arrays.layers, ENDS[name]
    written = part(arrays.tree, *field)
    if written is None:
        return
    wanted = _("{field} is a list of samples, each a list of numbers: [[...], ...]").format(field=dotted(field))
    nesting = wrong_nesting("R-SHAPE-3", field, written, wanted=wanted, fix=_with_brackets(arrays, name))
    if nesting is not None:
        yield nesting
    elif not written:
        yield Wrong(
            code="R-RANGE-1",
            field=field,
            sentence=_("{field} has no samples").format(field=dotted(field)),
            got=shown(written),
            because=_("there is nothing to train on"),
            try_this=setting(field, _rows(arrays, name)),
        )
    elif layers and (width := arrays.width(name)) is not None:
        of_weights = arrays.layers_of_weights or layers
        told_by_weights = len(of_weights) == len(layers) and of_weights[end] == width
        if width != layers[end] and not told_by_weights:
            yield _unfit(arrays, name, width, layers)
    else:
        wanted_width = layers[end] if layers else len(written[0])
        odd = [number for number, row in enumerate(written) if len(row) != wanted_width]
        yield from (_odd(name, number, written[number], wanted_width) for number in odd)


def _with_brackets(arrays: Arrays, name: str) -> str:
    """The same numbers with the brackets put right where that is possible, else zeros."""
    written, zeros = part(arrays.tree, "data", name), _rows(arrays, name)
    candidates: list[Value] = [(written,)]
    if isinstance(written, tuple) and written:
        candidates += [tuple((one,) for one in written), written[0]]
    for rows in candidates:
        if misnested(rows, 2) is None and {len(row) for row in rows} == {len(zeros[0])}:
            return setting(("data", name), rows)
    return setting(("data", name), zeros)


def _unfit(arrays: Arrays, name: str, width: int, layers: tuple[int, ...]) -> Wrong:
    """All samples have another width than the network."""
    rows, wanted = arrays.rows("data", name) or (), layers[ENDS[name]]
    if name == "inputs":
        sentence = _("the network has {wanted}, but the samples have {found}")
        nouns, other_layers = (_("1 input"), _("{number} inputs")), (width, *layers[1:])
    else:
        sentence = _("the network has {wanted}, but the targets have {found}")
        nouns, other_layers = (_("1 output"), _("{number} outputs")), (*layers[:-1], width)
    other = setting(("network", "layers"), other_layers)
    same = setting(("data", name), tuple(fitted(row, wanted) for row in rows))
    return Wrong(
        code="R-SHAPE-3",
        field=("data", name),
        at=("data", name, 0),
        sentence=sentence.format(wanted=counted(wanted, *nouns), found=width),
        got=shown(rows[0]),
        because=_("network.layers = {layers} wants {wanted} in each row").format(
            layers=shown(layers), wanted=counted(wanted, _("1 number"), _("{number} numbers"))
        ),
        try_this=other if arrays.fit(other_layers) else same or (other if width else ""),
    )


def _odd(name: str, number: int, row: Row, wanted: int) -> Wrong:
    """One sample is not like the others."""
    return Wrong(
        code="R-SHAPE-3",
        field=("data", name, number),
        sentence=_("sample {number} has {found} in {field}, not {wanted}").format(
            number=number,
            found=counted(len(row), _("1 number"), _("{number} numbers")),
            field=f"data.{name}",
            wanted=wanted,
        ),
        got=shown(row),
        because=_("every sample has as many numbers as the network wants; samples are counted from 0"),
        try_this=setting(("data", name, number), fitted(row, wanted)),
    )


def _pairs(arrays: Arrays) -> Iterator[Wrong]:
    """R-SHAPE-3: as many inputs as targets."""
    inputs, targets = arrays.rows("data", "inputs"), arrays.rows("data", "targets")
    if not inputs or not targets or len(inputs) == len(targets):
        return
    field = ("data", "inputs" if len(inputs) > len(targets) else "targets")
    rows = max(inputs, targets, key=len)
    nouns = _("1 sample"), _("{number} samples")
    yield Wrong(
        code="R-SHAPE-3",
        field=field,
        sentence=_("the inputs are those of {inputs}, the targets those of {targets}").format(
            inputs=counted(len(inputs), *nouns), targets=counted(len(targets), *nouns)
        ),
        got=shown(rows),
        because=_("every sample has inputs and targets, in the same order"),
        try_this=setting(field, rows[: min(len(inputs), len(targets))]),
    )


def missing_file(file: str, folder: FilePath, error: Exception, layers: tuple[int, ...]) -> Fault:
    """R-FILE-1 for a checked recipe whose file cannot be read any more, or not as text."""
    arrays = Arrays({"network": {"layers": layers}})
    return no_file(file, folder, error, arrays).fault(dotted(FILE))
