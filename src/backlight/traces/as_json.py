"""A trace as a JSON document, and back, bit for bit.

The document is English but for its `text` fields. Numbers are the shortest decimals that name the same
float; those that are not finite are the strings "nan", "inf" and "-inf". It is written and read one quantity
at a time, so that a long run needs little more memory than it has.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.recipes.numbers import Number
from backlight.traces.entries import entries
from backlight.traces.quantities import number_type

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.traces.trace import Trace

ROWS = 4096
"""So many rows of an array are Python numbers at a time while it is written."""

OPEN = 2
"""Objects down to this depth are laid out over several lines."""


def to_json(trace: Trace) -> dict[str, Any]:
    """Give the document of a trace as dictionaries, lists, numbers and texts.

    Examples
    --------
    >>> import backlight as bl
    >>> document = to_json(bl.run(bl.recipe("course")))
    >>> document["backlight_trace"], document["engine"], document["recorded"][:3], document["quantities"]["W2"][0]
    (1, 'hand', [0, 1, 2], [[0.1, -0.5], [-0.3, 0.8]])
    """
    whole: dict[str, Any] = json.loads("".join(pieces(trace, folder=Path())))
    return whole


def pieces(trace: Trace, *, folder: Path) -> Iterator[str]:
    """Give the document of a trace, for a file in a folder, as pieces of text: never all of it at once."""
    yield from text(document(trace, folder))
    yield "\n"


def document(trace: Trace, folder: Path) -> dict[str, Any]:
    """Lay out the document of a trace; its arrays stay arrays.

    The quantities of the exact engine are their proven decimals, whose float64 midpoints follow. ``arrays``
    says what neither the entries nor lists of numbers can: the shape of an empty quantity, a type that its
    engine does not make.
    """
    written = entries(trace, folder)
    after: dict[str, Any] = {name: written.pop(name) for name in ("findings", "notes") if name in written}
    proven = {name: trace.decimals[name] for name in trace if name in trace.decimals}
    return {
        **written,
        "quantities": {**trace.quantities, **proven},
        **({"midpoints": {name: trace[name] for name in proven}} if proven else {}),
        **after,
        **({"arrays": unusual} if (unusual := _unusual(trace)) else {}),
    }


def _unusual(trace: Trace) -> dict[str, Any]:
    """The type and shape of the quantities that are not known without being told."""
    engine, precision = trace.engine, trace.recipe.numerics.precision
    return {
        name: {"type": str(values.dtype), "shape": values.shape}
        for name, values in trace.items()
        if not values.size or str(values.dtype) != number_type(name, engine=engine, precision=precision)
    }


def text(value: object, depth: int = 0) -> Iterator[str]:
    """Write a value as JSON, in pieces; the members of the two outer objects stand on lines of their own."""
    if isinstance(value, Mapping):
        line = "\n" if depth < OPEN else ""
        yield "{" + line
        for k, (name, member) in enumerate(value.items()):
            yield f"{f',{line or chr(32)}' if k else ''}{json.dumps(name, ensure_ascii=False)}: "
            yield from text(member, depth + 1)
        yield line + "}"
    elif isinstance(value, list | tuple):
        yield "["
        for k, member in enumerate(value):
            yield ", " if k else ""
            yield from text(member, depth + 1)
        yield "]"
    elif isinstance(value, np.ndarray):
        yield "["
        for first in range(0, len(value), ROWS):
            yield ", " if first else ""
            yield json.dumps(_plain(value[first : first + ROWS]))[1:-1]
        yield "]"
    else:
        yield _one(value)


def _one(value: object) -> str:
    """A text, a number, true, false or null; a number of a recipe is written as its author wrote it."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        value = str(float(value))
    return value.text if isinstance(value, Number) else json.dumps(value, ensure_ascii=False)


def _plain(values: NDArray[Any]) -> list[Any]:
    """An array as lists of numbers; the strange ones by name."""
    numbers = shortest(values)
    finite = np.isfinite(numbers)
    if not finite.all():
        numbers, strange = numbers.astype(object), numbers[~finite]
        numbers[~finite] = strange.astype(str)
    nested: list[Any] = numbers.tolist()
    return nested


def shortest(values: NDArray[Any]) -> NDArray[Any]:
    """Give numbers whose shortest decimals as doubles are those of these numbers: 0.1 for float32(0.1).

    Readers of decimals read a double first. The shortest decimal of one float, 7.038531e-26, lies so near the
    middle between two floats that this way gives its neighbour: it keeps all its digits.

    Examples
    --------
    >>> shortest(np.array([0.1, 1 / 3], dtype=np.float32)).tolist()
    [0.1, 0.33333334]
    """
    if values.dtype != np.float32:
        return values
    doubles = values.astype(str).astype(np.float64)
    same = (doubles.astype(np.float32) == values) | np.isnan(values)
    return np.where(same, doubles, values)
