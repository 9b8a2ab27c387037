"""Several runs side by side: what they differ in, and where each parts from the reference.

The exact engine's trace is the reference where there is one. Everything is read from the recorded numbers:
what a reader should think of a difference is said by the findings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backlight.traces.parting import TOLERANCE_ULP, Parting, part

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from backlight.recipes.recipe import Recipe
    from backlight.traces.trace import Finding, Trace


@dataclass(frozen=True, kw_only=True, eq=False)
class Comparison:
    """Several runs side by side.

    Attributes
    ----------
    traces : tuple of Trace
    names : tuple of str
        Short and different from one another.
    kind : str
        ``engines``: one recipe in different arithmetic. ``mistakes``: one recipe with and without mistakes.
        ``variants``: different recipes; their curves say more than their distance in ulp.
    varied : mapping of str to tuple
        ``engine``, ``mistake`` and the recipe fields in which the runs differ, with one value for each run.
    partings : tuple of Parting
        One for each run beside the reference whose network has the same layers.
    reference : int
        Position of the run that the others are measured against: the first exact one, else the first.
    findings : tuple of Finding
    notes : tuple of str
        What a reader must know of how the runs were made.
    """

    traces: tuple[Trace, ...]
    names: tuple[str, ...]
    kind: str
    varied: Mapping[str, tuple[Any, ...]]
    partings: tuple[Parting, ...]
    reference: int = 0
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every run reached its last iteration."""
        return all(trace.complete for trace in self.traces)


def side_by_side(traces: Sequence[Trace], names: Sequence[str], *, tolerance: float = TOLERANCE_ULP) -> Comparison:
    """Compare traces, number by number.

    Parameters
    ----------
    traces : sequence of Trace
    names : sequence of str
        One for each trace.
    tolerance : float
        In ulp, how far apart two runs may be before they part.

    Examples
    --------
    >>> import backlight as bl
    >>> course = bl.recipe("course")
    >>> twice_as_fast = side_by_side([bl.run(course), bl.run(course.with_({"training.learning_rate": 2}))], ["1", "2"])
    >>> twice_as_fast.partings[0].apart.label, twice_as_fast.partings[0].apart.iteration
    ('w1', 1)
    """
    reference = next((k for k, trace in enumerate(traces) if trace.engine == "exact"), 0)
    what_differs = varied(traces)
    return Comparison(
        traces=tuple(traces),
        names=tuple(names),
        kind=_kind(what_differs),
        varied=what_differs,
        reference=reference,
        partings=tuple(
            part(traces[reference], trace, names=(names[reference], name), tolerance=tolerance)
            for k, (trace, name) in enumerate(zip(traces, names, strict=True))
            if k != reference and trace.recipe.layers == traces[reference].recipe.layers
        ),
    )


def varied(traces: Sequence[Trace]) -> dict[str, tuple[Any, ...]]:
    """Give what the runs differ in, with one value for each run; titles do not count.

    Examples
    --------
    >>> import backlight as bl
    >>> course = bl.recipe("course")
    >>> varied([bl.run(course), bl.run(course.with_({"training.learning_rate": 10}))])
    {'training.learning_rate': (1.0, 10)}
    """
    return differing([{"engine": one.engine, "mistake": one.mistake, **fields(one.recipe)} for one in traces])


def differing(tables: Sequence[Mapping[str, Any]]) -> dict[str, tuple[Any, ...]]:
    """Give the columns of a table, whose rows have the same names, in which the rows differ."""
    columns = {name: tuple(row[name] for row in tables) for name in tables[0]}
    return {name: values for name, values in columns.items() if any(value != values[0] for value in values)}


def fields(recipe: Recipe) -> dict[str, Any]:
    """Give every field of a recipe by its path, defaults too, without the title."""
    sections = recipe.model_dump(exclude={"title"})
    return {f"{section}.{name}": value for section, table in sections.items() for name, value in table.items()}


def _kind(what_differs: Mapping[str, object]) -> str:
    """What sort of comparison it is, by what the runs differ in."""
    names = {name for name in what_differs if not name.startswith("numerics.")}
    if names <= {"engine"}:
        return "engines"
    return "mistakes" if names <= {"engine", "mistake"} else "variants"
