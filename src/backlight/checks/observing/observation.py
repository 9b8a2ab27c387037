"""What was seen while a program ran: the contract between observing and recognising.

Plain data. A site is a piece of the source; a place is a variable; an event says that a site had a value,
and which place was read or written. Nothing here runs a program, and nothing here knows what a gradient is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SiteKind = Literal["name", "attribute", "item", "constant", "call", "operation", "store", "argument", "return"]
WRITES = frozenset({"store", "argument"})
"""Kinds of sites that write a place."""
PlaceKind = Literal["name", "attribute", "item"]
EndKind = Literal["finished", "stopped", "exception", "exit", "time", "memory", "output", "killed"]


@dataclass(frozen=True)
class Program:
    r"""A program as it was written: where it is, and its text.

    Parameters
    ----------
    path : str
        Its file.
    text : str
        Lines end in a newline, a notebook's code cells are joined.

    Examples
    --------
    >>> Program("my.py", "a = 1\nb = 2\n").lines
    ('a = 1', 'b = 2')
    """

    path: str
    text: str

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines; line number n is entry n - 1."""
        return tuple(self.text.split("\n")[: self.text.count("\n") + (not self.text.endswith("\n"))])


@dataclass(frozen=True, kw_only=True)
class Site:
    """One expression, or one target of an assignment, in the source.

    Parameters
    ----------
    kind : str
        What stands there; ``store`` is the target of an assignment, ``argument`` a parameter of a function
        that was entered, ``return`` the value that a return statement hands back.
    line, column, end_line, end_column : int
        Lines from 1, columns from 0 in characters.
    source : str
        Its text exactly as in the program.
    name : str
        For store, name, attribute, item and argument: the target as written; else empty.
    scope : str
        Empty at the module's level, ``Net.forward`` in a function.
    parent : int
        The smallest recorded expression around it, -1 where there is none.
    statement : int
        The line where its statement begins.
    """

    kind: SiteKind
    line: int
    column: int
    end_line: int
    end_column: int
    source: str
    name: str = ""
    scope: str = ""
    parent: int = -1
    statement: int = 0


@dataclass(frozen=True, kw_only=True)
class Place:
    """A variable: where values live.

    Parameters
    ----------
    kind : str
        A name, an attribute of an object, or an item of a container.
    owner : int
        For a name the index of its scope in ``Observation.scopes``, else the number of the object.
    key : str
        The name, the attribute, or the subscript (``0``, ``'W1'``, ``0, 1``, ``1:3``).
    text : str
        As it is first written in the source.
    """

    kind: PlaceKind
    owner: int
    key: str
    text: str


@dataclass(frozen=True)
class End:
    """How the run ended, and at which line where that is known (else 0).

    ``stopped`` is normal: enough was seen of a long training. The text is the exception's, or a plain word.
    """

    kind: EndKind
    text: str = ""
    line: int = 0


@dataclass(frozen=True)
class Fact:
    """Something that happened beside the computing, told once for each kind."""

    kind: str
    text: str
    line: int = 0


@dataclass(frozen=True, kw_only=True)
class Observation:
    """Every value that was seen, in the order of evaluation.

    Parameters
    ----------
    site, place, value, object : int32 array, shape (events,)
        Where it was seen; the variable that was read or written (-1 for other expressions); which value; the
        number of the array, list or storage that holds it (-1 for scalars). One number is one object for as
        long as the run lasts; a view has the number of the array that owns its memory.
    values : tuple of array
        float64, float32, int64 or bool; equal contents are kept once. A value that is too large to keep is
        NaN in every entry, its shape is right.
    output : str
        What was printed, the beginning of it.
    gaps : tuple of int
        The events before which some were not recorded, because enough of a loop was seen.
    """

    program: Program
    sites: tuple[Site, ...]
    places: tuple[Place, ...]
    scopes: tuple[str, ...]
    site: NDArray[np.int32]
    place: NDArray[np.int32]
    value: NDArray[np.int32]
    object: NDArray[np.int32]
    values: tuple[NDArray[np.generic], ...]
    ended: End
    facts: tuple[Fact, ...]
    output: str
    gaps: tuple[int, ...] = ()
