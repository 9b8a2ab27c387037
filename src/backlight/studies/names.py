"""What the runs of a comparison are called: as short as tells them apart."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.recipes.reading.sources import Source
from backlight.traces import Trace
from backlight.traces.compare import differing, fields

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backlight.studies.subjects import Subject

LONGEST = 24
"""A longer value or title is no part of a name."""
FEW = 2
"""Recipes without a name of their own are called by the fields in which they differ, if there are so few."""


def subject_names(subjects: Sequence[Subject]) -> list[str]:
    """Name recipes and traces: by ready recipe or file, else by what they differ in, else by title or number."""
    if len(subjects) == 1:
        return [""]
    are_whole = not any(isinstance(one.given, Source) for one in subjects)
    columns = differing([_table(one) for one in subjects]) if are_whole else {}
    few = columns if len(columns) <= FEW else {}
    return [
        one.name
        or ", ".join(value_name(field, values[k], k) for field, values in few.items())
        or _title(one)
        or f"run {k + 1}"
        for k, one in enumerate(subjects)
    ]


def value_name(field: str, value: Any, position: int) -> str:  # noqa: ANN401  whatever a field of a recipe may say
    """Name a variant by a value: `relu`, `learning_rate 10`, or `weights 2` where the value is long.

    Examples
    --------
    >>> value_name("loss.name", "huber", 0), value_name("training.learning_rate", 10, 1)
    ('huber', 'learning_rate 10')
    >>> value_name("network.biases", True, 0), value_name("parameters.weights", [[[0.25] * 6] * 6], 1)
    ('biases true', 'weights 2')
    """
    last = field.rpartition(".")[2]
    value = value.tolist() if isinstance(value, np.ndarray) else value
    word = str(value).lower() if value is None or isinstance(value, bool) else str(value)
    name = word if isinstance(value, str) else f"{last} {word}"
    return name if len(name) <= LONGEST else f"{last} {position + 1}"


def unique(names: Sequence[str]) -> list[str]:
    """Number the names that occur again.

    Examples
    --------
    >>> unique(["course", "course", "xor"])
    ['course', 'course (2)', 'xor']
    """
    seen: Counter[str] = Counter()
    told = []
    for name in names:
        seen[name] += 1
        told.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return told


def _table(subject: Subject) -> dict[str, Any]:
    """What may differ between subjects; a recipe has no engine yet."""
    given = subject.given
    ways = {"engine": given.engine, "mistake": given.mistake} if isinstance(given, Trace) else {}
    return {"engine": None, "mistake": None, **ways, **fields(subject.recipe)}


def _title(subject: Subject) -> str:
    """The beginning of the title, if it is short."""
    if isinstance(subject.given, Source):
        return ""
    title = subject.recipe.title.partition(":")[0].strip()
    return title if len(title) <= LONGEST else ""
