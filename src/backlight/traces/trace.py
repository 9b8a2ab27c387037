"""A Trace says what happened: named arrays with a leading axis iteration.

Row k holds what was computed with the parameters of iteration k; the last row is the forward and backward
pass after the last update. A trace computes nothing and draws nothing; everything else reads it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from json import dumps
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.faults import Fault, TraceError
from backlight.language import _
from backlight.recipes.labels import Place, place, unknown
from backlight.traces.layout import layout
from backlight.traces.quantities import is_once

if TYPE_CHECKING:
    from pathlib import Path

    import xarray
    from numpy.typing import NDArray

    from backlight.recipes.recipe import Recipe


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing a careful person would notice in a run, with the numbers that show it.

    Attributes
    ----------
    name : str
        Stable English name such as ``dead_unit``.
    message : str
        The English sentence with ``{fields}`` of the evidence.
    evidence : mapping
        Plain numbers, texts and lists: what the sentence says, in figures.
    """

    name: str
    message: str
    evidence: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The sentence in the language in use, its numbers filled in."""
        return _(self.message).format(**self.evidence)


@dataclass(frozen=True, kw_only=True, eq=False)
class Trace(Mapping[str, "NDArray[Any]"]):
    """What one run of one recipe on one engine computed.

    Its arrays cannot be written to. Two traces are equal when they say the same of the same run: recipe, engine,
    mistake, rows, findings, notes, and every quantity bit for bit, in which one NaN is like another. Versions and
    decimals do not count.

    Attributes
    ----------
    recipe : Recipe
    engine : str
        hand, autograd, exact or compiled.
    mistake : str or None
        The named mistake the run was made with, as it was asked for.
    versions : mapping of str to str
        backlight, python, numpy and what else computed.
    recorded : array of int, shape (rows,)
        The iterations of the rows: 0, 1, ..., T unless the recording was thinner.
    complete : bool
        False when the run was interrupted, or could not be carried on: `notes` says why.
    quantities : mapping of str to array
        ``loss`` (row); ``z1 a1 dL_da1 dL_dz1`` (row, sample, unit); ``W1 dL_dW1`` (row, input, unit);
        ``b1 dL_db1`` (row, unit); ``x``, ``y`` once; ``batch`` (row, sample); ``p`` (row, sample, unit);
        ``accuracy``, ``held_out_accuracy``, ``held_out_loss`` (row), NaN where they were not measured.
    findings : tuple of Finding
    notes : tuple of str
        What a reader must know of how the run was made.
    decimals : mapping of str to nested lists of str
        Proven decimals of the quantities, from the exact engine only.

    Examples
    --------
    >>> import backlight as bl
    >>> trace = bl.run(bl.recipe("course"))
    >>> round(float(trace.loss[0]), 7), trace["dL_dW1"].shape, round(float(trace["dL_dw5"][0]), 8)
    (0.2097098, (12, 2, 2), 0.03463299)
    """

    recipe: Recipe
    engine: str
    recorded: NDArray[np.int64]
    quantities: Mapping[str, NDArray[Any]]
    mistake: str | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    complete: bool = True
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    decimals: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Let nobody write into the numbers: arrays are views that refuse, of the arrays that were given."""
        object.__setattr__(self, "recorded", _read_only(self.recorded))
        object.__setattr__(
            self, "quantities", MappingProxyType({name: _read_only(array) for name, array in self.quantities.items()})
        )

    def __getstate__(self) -> dict[str, Any]:
        """For a copy or a pickle: a mapping that refuses cannot be copied."""
        return {**vars(self), "quantities": dict(self.quantities)}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        """A copy refuses as well: copied arrays could be written to."""
        vars(self).update(state)
        self.__post_init__()

    @property
    def iterations(self) -> int:
        """How many updates the recipe asks for."""
        return self.recipe.training.iterations

    @property
    def loss(self) -> NDArray[Any]:
        """The loss of every recorded iteration, shape (rows,)."""
        return self.quantities["loss"]

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Give a quantity, or a scalar of it by its label, for every recorded iteration.

        Raises
        ------
        TraceError [T-NAME-1, T-NAME-2]
            There is no such quantity in this network, or it was not recorded.
        """
        if name in self.quantities:
            return self.quantities[name]
        where = self._place(name)
        if where.quantity not in self.quantities:
            raise TraceError(
                Fault(
                    code="T-NAME-2",
                    sentence=_("{name} was not recorded in this run").format(name=name),
                    got=name,
                    because=_("it recorded {names}").format(names=", ".join(self.quantities)),
                    try_this='record="all"',
                )
            )
        values = self.quantities[where.quantity]
        index: tuple[Any, ...] = where.index if is_once(where.quantity) else (slice(None), *where.index)
        try:
            return np.asarray(values[index])
        except IndexError:
            raise TraceError(
                Fault(
                    code="T-NAME-1",
                    sentence=_("{name} lies outside {quantity}").format(name=name, quantity=where.quantity),
                    got=name,
                    because=_("{quantity} has shape {shape}").format(quantity=where.quantity, shape=values.shape),
                    try_this=_first(where.quantity, values),
                )
            ) from None

    def _place(self, name: str) -> Place:
        """Where a quantity or a scalar of this network stands, recorded or not."""
        where = Place(name) if name in self._known else place(self.recipe, name)
        if where.quantity not in self._known:
            raise TraceError(unknown(self.recipe, name, self._known))
        return where

    @cached_property
    def _known(self) -> tuple[str, ...]:
        """The quantities of this network, recorded or not; laid out once, for scalars are asked for one by one."""
        return tuple(dict.fromkeys((*layout(self.recipe, 1).shapes, *self.quantities)))

    def __contains__(self, name: object) -> bool:
        return name in self.quantities

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Trace):
            return NotImplemented
        return (
            self._said() == other._said()
            and _figures(self.findings) == _figures(other.findings)
            and all(_same_bits(values, other.quantities[name]) for name, values in self.quantities.items())
        )

    def __hash__(self) -> int:
        return hash(self._said())

    def _said(self) -> tuple[object, ...]:
        """Everything that counts but the findings and the numbers."""
        names = frozenset(self.quantities)
        return (self.recipe, self.engine, self.mistake, self.recorded.tobytes(), self.complete, self.notes, names)

    def __repr__(self) -> str:
        mistake = f", mistake {self.mistake}" if self.mistake else ""
        state = "" if self.complete else ", not complete"
        return f"<Trace of {self.recipe.title!r} on {self.engine}{mistake}, {len(self.recorded)} rows{state}>"

    def __iter__(self) -> Iterator[str]:
        return iter(self.quantities)

    def __len__(self) -> int:
        return len(self.quantities)

    def save(self, file: str | Path) -> Path:
        """Write the trace; the ending chooses the form: .json, .csv or .zarr.

        Nothing half-written stays behind: the file is there completely, or not at all.

        Returns
        -------
        Path
            The file, or the folder of a .zarr; `backlight.load` reads it, but for .csv.

        Raises
        ------
        TraceError [T-FILE-1, T-FILE-3]
            The ending is unknown, or the file cannot be written.
        MissingExtra [X-EXTRA-1]
            The form needs a library that is not installed.
        """
        from backlight.traces.files import save  # noqa: PLC0415  files use this class

        return save(self, file)

    def to_xarray(self) -> xarray.Dataset:
        """Give the quantities as an xarray.Dataset with named axes.

        Raises
        ------
        MissingExtra [X-EXTRA-1]
            xarray is not installed.

        Examples
        --------
        >>> import backlight as bl
        >>> bl.run("course").to_xarray()["dL_dW2"].dims
        ('iteration', 'unit1', 'unit2')
        """
        from backlight.traces.as_zarr import to_xarray  # noqa: PLC0415  files use this class

        return to_xarray(self)


def _read_only(values: NDArray[Any]) -> NDArray[Any]:
    """The same numbers, seen through a view that cannot be written to."""
    view = values.view()
    view.flags.writeable = False
    return view


def _first(quantity: str, values: NDArray[Any]) -> str:
    """The label of a quantity's first entry."""
    zeros = "0" * (values.ndim if is_once(quantity) else values.ndim - 1)
    return f"{quantity}[{', '.join(zeros)}]" if zeros else quantity


def _same_bits(one: NDArray[Any], other: NDArray[Any]) -> bool:
    """Whether two arrays hold the same bits: 0 is not -0, but any NaN is like any other."""
    if (one.dtype, one.shape) != (other.dtype, other.shape):
        return False
    same = (one == other) & (np.signbit(one) == np.signbit(other))
    return bool(np.all(same | (np.isnan(one) & np.isnan(other))))


def _figures(findings: tuple[Finding, ...]) -> list[str]:
    """What findings say, as a file would: in it a NaN is like another, and a list like a tuple."""
    return [
        dumps([one.name, one.message, dict(one.evidence)], default=lambda number: number.item()) for one in findings
    ]
