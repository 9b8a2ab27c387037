"""Read what the child said, with mistrust: a stranger's program may have written it.

Every count, index and size is checked before it is used. What does not fit is no answer.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from backlight.checks.observing.facts import ENDS, FACTS, end, fact
from backlight.checks.observing.observation import End, EndKind, Fact, Place, PlaceKind
from backlight.recipes.wording.shown import printable

if TYPE_CHECKING:
    from backlight.checks.observing.instrument import Instrumented

Value = NDArray[np.generic]

FRACTION, WHOLE = -1, -2
"""As in `backlight.checks.observing.child.answer`: a child is not asked what it means."""

_KINDS: tuple[PlaceKind, ...] = ("name", "attribute", "item")
_TYPES = {"f8": np.float64, "f4": np.float32, "i8": np.int64, "b1": np.bool_}
_LONGEST = 200  # characters of a key
_MOST_DIMENSIONS = 16
_PRINTED = 65_536


class Garbled(Exception):
    """What the child said is not an answer."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What was said, checked."""

    places: tuple[Place, ...]
    columns: tuple[NDArray[np.int32], ...]  # site, place, value, object
    values: tuple[Value, ...]
    ended: End
    facts: tuple[Fact, ...]
    output: str
    gaps: tuple[int, ...]


def read_answer(data: bytes, told: Instrumented) -> Answer:
    """Read an answer to the program that tells.

    Raises
    ------
    Garbled
        When it is none.
    """
    try:
        return _read(data, told)
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, RecursionError, MemoryError) as error:
        raise Garbled(str(error)) from error


def _read(data: bytes, told: Instrumented) -> Answer:
    size = int.from_bytes(data[:8], "big")
    header = json.loads(data[8 : 8 + size])
    rest = _Rest(data, 8 + size)
    events = header["events"]
    site, place, value, thing = (rest.take(np.int32, events) for _ in range(4))
    fractions, wholes = rest.take(np.float64, header["fractions"]), rest.take(np.int64, header["wholes"])
    contents = [rest.contents(*one) for one in header["contents"]]
    rest.must_be_empty()
    places = (*told.places, *(_place(told, one) for one in header["places"]))
    _within(site, 0, len(told.sites))
    _within(place, -1, len(places))
    _within(value, WHOLE, len(contents))
    _within(thing, -1, 2**31 - 1)
    numbered, values = _values(value, fractions, wholes, contents)
    kind, text, line = header["ended"]
    return Answer(
        places=places,
        columns=(site, place, numbered, thing),
        values=values,
        ended=_end(kind, text, line),
        facts=tuple(fact(_known(FACTS, kind), _text(detail), _line(line)) for kind, detail, line in header["facts"]),
        output=_text(header["output"])[:_PRINTED],
        gaps=tuple(_event(one, events) for one in header["gaps"]),
    )


class _Rest:
    """The raw numbers behind the header, taken one after the other."""

    def __init__(self, data: bytes, start: int) -> None:
        self.data, self.start = data, start

    def take(self, kind: type[np.generic], count: int) -> NDArray[Any]:
        """Take so many numbers."""
        if type(count) is not int or not 0 <= count <= len(self.data):
            raise Garbled("a count is none")
        taken = np.frombuffer(self.data, kind, count, self.start)
        self.start += taken.nbytes
        return taken

    def contents(self, code: str, shape: list[int], kept: bool) -> Value:  # noqa: FBT001  as it is in the header
        """Take the numbers of one value; where they were not kept, NaN in its shape."""
        if len(shape) > _MOST_DIMENSIONS or not all(type(one) is int and one >= 0 for one in shape):
            raise Garbled("a shape is none")
        if not kept:
            return np.broadcast_to(np.array(np.nan), shape)
        return self.take(_TYPES[code], math.prod(shape)).reshape(shape)

    def must_be_empty(self) -> None:
        """Nothing may be left."""
        if self.start != len(self.data):
            raise Garbled("there is more than was said")


def _values(
    value: NDArray[np.int32], fractions: NDArray[np.float64], wholes: NDArray[np.int64], contents: list[Value]
) -> tuple[NDArray[np.int32], tuple[Value, ...]]:
    """Number the values: first the floats, then the integers, each once, bit for bit; then the contents."""
    numbered = value + 0
    values: list[Value] = []
    for mark, numbers in ((FRACTION, fractions), (WHOLE, wholes)):
        bits, which = np.unique(numbers.view(np.int64), return_inverse=True)
        numbered[value == mark] = which + len(values)  # of another length: no answer
        different = bits.view(numbers.dtype)
        values += [different[number, ...] for number in range(len(different))]
    numbered[value >= 0] += len(values)
    return numbered, (*values, *contents)


def _place(told: Instrumented, said: list[Any]) -> Place:
    """A variable that is no name: its text is the source where it was seen first."""
    kind, owner, key, suffix, site = said
    if type(owner) is not int or not 0 <= owner < 2**31 or type(site) is not int or site < 0:
        raise Garbled("a place is none")
    text = told.sites[site].source + (f".{_text(suffix)}" if suffix else "")
    return Place(kind=_KINDS[kind], owner=owner, key=_text(key)[:_LONGEST], text=text[: 2 * _LONGEST])


def _within(numbers: NDArray[np.int32], least: int, beyond: int) -> None:
    if numbers.size and not (least <= numbers.min() and numbers.max() < beyond):
        raise Garbled("a number leads nowhere")


def _end(kind: str, text: str, line: int) -> End:
    if kind != "exception":
        _known(ENDS, kind)
    return end(cast("EndKind", kind), _text(text), _line(line))


def _known(table: dict[str, str], kind: str) -> str:
    if kind not in table:
        raise Garbled("a word is not known")
    return kind


def _event(number: int, events: int) -> int:
    if type(number) is not int or not 0 <= number <= events:
        raise Garbled("an event is none")
    return number


def _line(line: int) -> int:
    if type(line) is not int or not 0 <= line < 2**31:
        raise Garbled("a line is none")
    return line


def _text(text: str) -> str:
    """A text that steers no terminal; lines stay lines."""
    if type(text) is not str:
        raise Garbled("a text is none")
    return "\n".join(map(printable, text[:_PRINTED].split("\n")))
