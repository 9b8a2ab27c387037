"""Where a program makes a whole layer's sum in one call: a torch module, or a function that is given weights and biases."""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from backlight.checks.recognising.timeline import Timeline

WHOLE = {"linear": (0, 1, 2), "addmm": (1, 2, 0), "addmv": (2, 1, 0)}
"""Functions that give inputs times weights plus biases, and where these three are among their arguments."""
INPUT, OUTPUT = "(input)", "()"
"""Keys of the variables that hold what a torch module was given and what it gave."""


class Modules:
    """The torch modules of a program that compute inputs times weights plus biases."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        places = timeline.observation.places
        self._parts = {
            (place.owner, place.key): number for number, place in enumerate(places) if place.kind == "attribute"
        }
        self._outputs = {number: place.owner for number, place in enumerate(places) if place.key == OUTPUT}

    def gives(self, place: int) -> bool:
        """Whether a variable is what a module gives."""
        return place in self._outputs

    def layer(self, place: int, event: int) -> tuple[int, int, int | None] | None:
        """The events of inputs, weights and biases of what a module gave; None if it has no weights."""
        given, weights, biases = (
            self._before(self._parts.get((self._outputs[place], key)), event) for key in (INPUT, "weight", "bias")
        )
        return None if given is None or weights is None else (given, weights, biases)

    def _before(self, place: int | None, event: int) -> int | None:
        """The last time before an event that a variable was seen."""
        if place is None:
            return None
        events = self._timeline.of_place[place]
        position = int(np.searchsorted(events, event)) - 1
        return int(events[position]) if position >= 0 else None


@lru_cache(maxsize=4096)
def called_name(source: str) -> str:
    """The name of the function or method that an expression calls; empty if it is no call."""
    try:
        node = ast.parse(f"({source}\n)", mode="eval").body
    except SyntaxError:
        return ""
    return getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
