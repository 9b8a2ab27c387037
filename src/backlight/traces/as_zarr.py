"""A trace as an xarray.Dataset with named axes, and as a Zarr folder that holds one.

A Zarr folder can be opened by any program that reads Zarr version 3. Its chunks carry checksums; a chunk
that is missing would be read as NaN, so their number is checked too.
"""

from __future__ import annotations

from errno import EEXIST
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.faults import missing_extra
from backlight.language import _
from backlight.recipes.labels import unit_labels
from backlight.traces.as_json import text
from backlight.traces.entries import entries, put_together
from backlight.traces.from_json import WORDS
from backlight.traces.quantities import axes
from backlight.traces.whole import whole

if TYPE_CHECKING:
    from types import ModuleType

    import xarray
    import zarr
    from numpy.typing import NDArray

    from backlight.traces.trace import Trace

PLAIN = ("backlight_trace", "engine", "mistake")
"""Entries that are attributes as they are, an empty text for none; all others are attributes in JSON."""


def to_xarray(trace: Trace) -> xarray.Dataset:
    """Give the quantities as a Dataset with named axes.

    Its dimensions are ``iteration`` (with the recorded iterations), ``sample`` (``batch_sample`` where a
    quantity has the rows of a batch) and ``unit0``, ``unit1``, ... (with the labels of the units: x1, h1,
    o1); everything else of the trace is in its attributes.

    Raises
    ------
    MissingExtra [X-EXTRA-1]
        xarray is not installed.

    Examples
    --------
    >>> import backlight as bl
    >>> data = to_xarray(bl.run(bl.recipe("course")))
    >>> round(data["dL_dW1"].sel(iteration=0, unit0="x2", unit1="h1").item(), 8)  # dL_dw3
    -0.00505289
    """
    return _dataset(trace, Path())


def _dataset(trace: Trace, folder: Path) -> xarray.Dataset:
    """The Dataset, for a file in a folder."""
    library = _library("xarray", _("a trace with named axes"))
    in_batches = "batch" in trace.quantities
    named = {name: (axes(name, trace.recipe.layers, in_batches=in_batches), values) for name, values in trace.items()}
    units = {f"unit{layer}": np.array(names, object) for layer, names in enumerate(unit_labels(trace.recipe.layers))}
    data: xarray.Dataset = library.Dataset(named, {"iteration": trace.recorded, **units}, _attributes(trace, folder))
    return data


def write(trace: Trace, folder: Path) -> None:
    """Write the Dataset of a trace as a Zarr folder, complete or not at all."""
    codecs = _library("zarr.codecs", _("a Zarr folder"))
    data = _dataset(trace, folder.parent)
    form = {"compressors": (codecs.ZstdCodec(), codecs.Crc32cCodec()), "write_empty_chunks": True}
    with whole(folder) as draft:
        if folder.is_dir() and not (folder / "zarr.json").exists():
            raise OSError(EEXIST, "a folder that holds something else is in its place")
        data.to_zarr(
            draft,
            mode="w-",
            zarr_format=3,
            consolidated=False,
            encoding=dict.fromkeys((*data.data_vars, "iteration"), form),
        )


def read(folder: Path) -> Trace:
    """Read a trace from a Zarr folder.

    Raises
    ------
    OSError
        There is no such folder.
    ValueError
        It holds no trace, or parts of it are missing or damaged.
    """
    library = _library("zarr", _("a Zarr folder"))
    next(folder.iterdir(), None)  # raises what is wrong with the folder itself
    try:
        group = library.open_group(folder, mode="r")
        found = {name: value if name in PLAIN else WORDS.decode(value) for name, value in group.attrs.items()}
        quantities = {name: _numbers(group[name]) for name in found.pop("quantities")}
        recorded = _numbers(group["iteration"]).tolist()
    except Exception as error:  # noqa: BLE001  what a damaged folder makes the libraries raise has no end
        raise ValueError(f"{type(error).__name__}: {error}") from None
    decimals = found.pop("decimals", {})
    known = found | {"mistake": found["mistake"] or None, "recorded": recorded}
    return put_together(known, quantities, decimals, folder=folder.parent)


def _numbers(array: zarr.Array[Any]) -> NDArray[Any]:
    """All numbers of an array; a missing chunk would silently read as NaN."""
    if array.nchunks_initialized != array.nchunks:
        raise ValueError(f"{array.basename}: {array.nchunks - array.nchunks_initialized} chunks are missing")
    return np.asarray(array[...])


def _attributes(trace: Trace, folder: Path) -> dict[str, Any]:
    """Everything but the numbers, as texts and numbers that every format keeps."""
    written = entries(trace, folder)
    del written["recorded"]
    written |= {"mistake": trace.mistake or "", "quantities": list(trace)}
    if trace.decimals:
        written["decimals"] = dict(trace.decimals)
    return {name: value if name in PLAIN else "".join(text(value)) for name, value in written.items()}


def _library(name: str, purpose: str) -> ModuleType:
    """Import what only this file needs: it takes longer than a whole run."""
    try:
        return import_module(name)
    except ImportError:
        raise missing_extra("study", name.partition(".")[0], purpose) from None
