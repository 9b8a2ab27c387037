"""A JSON document read back as the trace it was written from, bit for bit.

Its members are decoded one after the other, so that only the numbers of one quantity at a time are Python
objects, and so that the numbers of the recipe keep the text their author wrote. What the entries mean and
whether they fit together is checked in `entries`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from math import prod
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

import numpy as np
from pydantic import Field, RootModel

from backlight.recipes.numbers import parsed
from backlight.traces.entries import STRANGE, Entry, check_format, checked, put_together
from backlight.traces.quantities import number_type

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from backlight.traces.trace import Trace

TABLES = ("quantities", "midpoints")
"""Members of the document that hold the numbers."""


class Form(Entry):
    """The type and shape of a quantity."""

    type: Literal["float32", "float64", "int64"]
    shape: list[Annotated[int, Field(ge=0, lt=2**63)]]


class Forms(RootModel[dict[str, Form]]):
    """Of every quantity."""


Decode = Callable[[str, str, int], tuple[Any, int]]
"""Of the text, from a position on, the value of a named member, and where it ends."""


def trace_of(document: str, *, folder: Path) -> Trace:
    """Read a whole document that stands in a folder.

    Raises
    ------
    ValueError
        It is no JSON, or no trace; the reason is said.
    """
    members, end = _members(document, 0, _member)
    if document[end:].strip():
        raise ValueError(f"something follows its end, at character {end}")
    if "quantities" not in members:
        raise ValueError("quantities: missing")
    quantities, midpoints = (members.pop(name, {}) for name in TABLES)
    forms = checked(Forms, members.pop("arrays", {})).root
    if missing := midpoints.keys() - quantities.keys():
        raise ValueError(f"{min(missing)}: a midpoint without a quantity")
    decimals = {name: _listed(quantities[name]) for name in midpoints}
    arrays = {name: _array(name, midpoints.get(name, values), forms.get(name)) for name, values in quantities.items()}
    trace = put_together(members, arrays, decimals, folder=folder)
    return replace(trace, quantities={name: _typed(name, trace, forms) for name in trace})


# ---- one member after the other --------------------------------------------------------------------------

_OPEN = re.compile(r"\s*\{\s*")
_NAME = re.compile(r'\s*("(?:[^"\\]|\\.)*")\s*:\s*')
_NEXT = re.compile(r"\s*([,}])")


def _members(document: str, at: int, decode: Decode) -> tuple[dict[str, Any], int]:
    """Decode an object whose values are decoded by a function, and say where it ends."""
    found: dict[str, Any] = {}
    at = _expect(_OPEN, document, at).end()
    step = _NEXT.match(document, at)
    while not (step and step[1] == "}"):
        name = _expect(_NAME, document, at)
        if (key := json.loads(name[1])) in found:
            raise ValueError(f"{key}: written twice")
        found[key], at = decode(key, document, name.end())
        step = _expect(_NEXT, document, at)
        at = step.end()
    return found, step.end()


def _expect(pattern: re.Pattern[str], document: str, at: int) -> re.Match[str]:
    """What must stand here, or the reason to refuse the document."""
    if match := pattern.match(document, at):
        return match
    if not document[at:].strip():
        raise ValueError(f"it ends too early, after {len(document)} characters")
    raise ValueError(f"no JSON at character {at}: {document[at : at + 20]!r}")


def _no_constant(name: str) -> NoReturn:
    """NaN and Infinity without quotes are no JSON."""
    raise ValueError(f"{name} is no JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A table in which no name stands twice: of two values none is to be believed."""
    table: dict[str, Any] = {}
    for name, value in pairs:
        if name in table:
            raise ValueError(f"{name}: written twice")
        table[name] = value
    return table


_PLAIN = json.JSONDecoder(parse_constant=_no_constant)
WORDS = json.JSONDecoder(parse_constant=_no_constant, parse_float=parsed, object_pairs_hook=_once)
"""For everything but the tables: the numbers of a recipe keep their text."""


def _member(name: str, document: str, at: int) -> tuple[Any, int]:
    """An entry of the document; the numbers of a table become arrays one by one."""
    if name in TABLES:
        return _members(document, at, _numbers)
    value, end = WORDS.raw_decode(document, at)
    if name == "backlight_trace":  # the first of all: what follows may look quite different
        check_format(value)
    return value, end


# ---- numbers ---------------------------------------------------------------------------------------------


def _numbers(name: str, document: str, at: int) -> tuple[Any, int]:
    """An array; nested lists where there are texts between the numbers."""
    values, end = _PLAIN.raw_decode(document, at)
    if document.find("true", at, end) >= 0 or document.find("false", at, end) >= 0:
        raise ValueError(f"{name}: true and false are no numbers")
    if document.find('"', at, end) >= 0:
        return values, end
    return np.array(values), end


def _typed(name: str, trace: Trace, forms: Mapping[str, Form]) -> NDArray[Any]:
    """A quantity in the type that its engine makes in the precision of its recipe, unless another was told."""
    if name in forms:
        return trace[name]
    usual = number_type(name, engine=trace.engine, precision=trace.recipe.numerics.precision)
    with np.errstate(over="ignore"):
        return trace[name].astype(usual, copy=False)


def _array(name: str, values: object, form: Form | None) -> NDArray[Any]:
    """The numbers of a quantity, in the type and shape that the document says they have."""
    numbers = np.asarray(_floats(values))
    if form is None:  # doubles for now, but for the rows of a batch; the recipe says what they become
        form = Form(type="int64" if name == "batch" else "float64", shape=list(numbers.shape))
    if numbers.size and numbers.dtype.kind not in ("i" if form.type == "int64" else "iuf"):
        raise ValueError(f"{name}: something in it is no number of type {form.type}")
    if list(numbers.shape) != form.shape and (numbers.size or prod(form.shape)):
        raise ValueError(f"{name}: shape {list(numbers.shape)}, but arrays says {form.shape}")
    with np.errstate(over="ignore"):
        return numbers.astype(form.type).reshape(form.shape)


def _listed(values: object) -> object:
    """Decimals as they are; where there are none, the array that was made of nothing becomes a list again."""
    return values.tolist() if isinstance(values, np.ndarray) else values


def _floats(values: object) -> object:
    """Nested lists with their numbers that are not finite."""
    if isinstance(values, list):
        return [_floats(value) for value in values]
    if isinstance(values, str) and values not in STRANGE:
        raise ValueError(f"{values!r} is no number")
    return STRANGE[values] if isinstance(values, str) else values
