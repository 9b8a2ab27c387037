"""The judged updates of a program as they went: for every place in the source, what it showed in each of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from backlight.checks.placing.numbers import in_all
from backlight.checks.placing.operations import Operations
from backlight.checks.placing.shown import WHOLE, Form, Quantities, usual_factors
from backlight.checks.placing.statements import Statements
from backlight.recipes.labels import label

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from backlight.checks.judging.judge import Judged
    from backlight.checks.observing.observation import Site
    from backlight.checks.recognising.network import Network
    from backlight.checks.recognising.readers import Readers
    from backlight.checks.recognising.steps import Step
    from backlight.checks.recognising.timeline import Timeline

    Array = NDArray[np.floating[Any]]


MOST_VISITS = 100
"""An expression that is evaluated more often in an update is looked at in order only."""
ROW = "+1"
"""Behind the name of an array that has a row for the biases too."""
BACKWARD = re.compile(r"\.backward\(\)$")


class Sight(NamedTuple):
    """A place in the source that shows a quantity in the same form in every update looked at.

    ``events`` has one event for each of them.
    """

    site: int
    events: tuple[int, ...]
    quantity: str
    form: Form


@dataclass(frozen=True)
class Scene:
    """Some of the first updates of a program, one after the other, with what is true in each.

    ``updates`` are their positions among those that are judged.
    """

    timeline: Timeline
    network: Network
    judged: Judged
    readers: Readers
    updates: tuple[int, ...]

    def site(self, number: int) -> Site:
        """A place in the source."""
        return self.timeline.observation.sites[number]

    def kind(self, number: int) -> str:
        """What stands there."""
        return self.site(number).kind

    @property
    def number(self) -> int:
        """How many updates are looked at."""
        return len(self.updates)

    @property
    def steps(self) -> list[Step]:
        """The steps of the updates."""
        return [self.judged.steps[one] for one in self.updates]

    @property
    def samples(self) -> int:
        """How many samples the updates have."""
        return len(self.judged.rows[0])

    @property
    def layers(self) -> int:
        """How many layers have parameters."""
        return len(self.network.recipe.layers) - 1

    @cached_property
    def factors(self) -> tuple[float, ...]:
        """The factors that right programs carry along."""
        return usual_factors(self.network.recipe, self.samples)

    @cached_property
    def true(self) -> list[dict[str, Array]]:
        """The true quantities of each update; the names of the data with them."""
        return in_all([dict(self.judged.truths[one].quantities) for one in self.updates])

    @cached_property
    def after(self) -> list[dict[str, Array]]:
        """The parameters as each update leaves them."""
        return [self.network.arrays(step.after) for step in self.steps]

    @cached_property
    def entries_wrong(self) -> dict[str, NDArray[np.bool_]]:
        """The verdict, entry by entry of each array of parameters."""
        wrong = self.judged.wrong.any(axis=0).astype(float)
        return {name: array > 0 for name, array in self.network.arrays(wrong).items()}

    def label(self, quantity: str, entry: tuple[int, ...]) -> str:
        """The label of a scalar; where there is one sample, without its number."""
        found = label(self.network.recipe, quantity, entry)
        return found.partition("@")[0] if self.samples == 1 else found

    def quantities(self, updates: Sequence[dict[str, Array]], factors: tuple[float, ...] = ()) -> Quantities:
        """Numbers to be found again in the program."""
        return Quantities(self.timeline, updates, factors or self.factors)

    @cached_property
    def new_parameters(self) -> list[Sight]:
        """Where the program shows its parameters as each update leaves them."""
        named = [{f"new_{name}": array for name, array in one.items()} for one in self.after]
        return list(self.sights(self.quantities(named, (1.0,))))

    @cached_property
    def joined(self) -> dict[int, bool]:
        """The layers whose biases are kept in one array with their weights, and whether they come last in it."""
        slices, readers = self.network.slices, self.readers
        found = {}
        for layer in range(1, self.layers + 1):
            if f"b{layer}" in slices:
                weights, biases = slices[f"W{layer}"], slices[f"b{layer}"]
                size = weights.stop - weights.start + biases.stop - biases.start
                both = {int(readers.events[mine.start]) for mine in (weights, biases)}
                if all(self.timeline.value(event).size == size for event in both):
                    found[layer] = bool(readers.entries[biases.start] > readers.entries[weights.start])
        return found

    def with_biases(self, arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """Weights and biases in one array, as the program keeps them."""
        return {
            f"W{layer}{ROW}": rows(arrays[f"W{layer}"], arrays[f"b{layer}"][None], last=last)
            for layer, last in self.joined.items()
        }

    @cached_property
    def joined_parameters(self) -> list[Sight]:
        """Where it shows weights and biases in one array as each update leaves them."""
        named = [{f"new_{name}": array for name, array in self.with_biases(one).items()} for one in self.after]
        return list(self.sights(self.quantities(named, (1.0,)))) if self.joined else []

    @cached_property
    def updated(self) -> list[Sight]:
        """Where it shows new parameters, those that are kept in one array each by itself."""
        apart = [
            one._replace(quantity=f"new_{kind}{one.quantity[len('new_W') : -len(ROW)]}", form=WHOLE)
            for one in self.joined_parameters
            if one.form.entry is None
            for kind in "Wb"
        ]
        return [*self.new_parameters, *apart]

    @cached_property
    def turned(self) -> dict[str, bool]:
        """Which matrices of weights the program keeps with a row for each unit: as it updates them, or as it reads them."""
        found = {}
        for name, mine in self.network.slices.items():
            entries = self.readers.entries[mine]
            found[name] = len(self.network.shapes[name]) > 1 and len(entries) > 1 and entries[1] - entries[0] != 1
        updated: dict[str, bool] = {}
        for sight in self.new_parameters:
            is_matrix = self.timeline.value(sight.events[0]).ndim == 2  # noqa: PLR2004
            if is_matrix and sight.form.entry is None and self.kind(sight.site) in {"operation", "store"}:
                updated.setdefault(sight.quantity[4:], sight.form.turned)
        return found | {name: turned for name, turned in updated.items() if len(self.network.shapes[name]) > 1}

    def _until(self, step: Step) -> int:
        """Where an update ends: the first of its parameters is read for the next pass."""
        next_pass = step.round.end
        first = self.readers.first(self.timeline, next_pass, step.round.last)
        return first if step.round.last < first <= next_pass else next_pass

    @cached_property
    def windows(self) -> list[dict[int, list[int]]]:
        """For each update the events from its first forward pass on, by their place in the source."""
        found = []
        for step in self.steps:
            by_site: dict[int, list[int]] = {}
            begin = self.readers.first(self.timeline, step.round.first, step.round.begin)
            for event in range(begin, self._until(step)):
                by_site.setdefault(int(self.timeline.observation.site[event]), []).append(event)
            found.append(by_site)
        return found

    @cached_property
    def statements(self) -> Statements:
        """What is written in the program."""
        return Statements(self.timeline.observation.program)

    @cached_property
    def operations(self) -> Operations:
        """The operations among the program's own functions."""
        return Operations(self.timeline)

    @cached_property
    def visits(self) -> list[tuple[int, tuple[int, ...]]]:
        """Every place evaluated in each update, with its events; the first evaluated comes first.

        Where one is evaluated more often in some update, to look at how the training goes, its first events are taken.
        What a function is made of that is an operation by another name is left out.
        """
        first, *others = self.windows
        visits = []
        for site, events in first.items():
            if self.operations.has(site):
                continue
            rows = [events, *(window.get(site, []) for window in others)]
            visits += [(some[0], site, some) for some in zip(*rows, strict=False)]
        return [(site, some) for _time, site, some in sorted(visits)]

    def sights(self, quantities: Quantities) -> Iterator[Sight]:
        """Everything of these quantities that the program shows, in its order."""
        for site, events in self.visits:
            matches = quantities.shown(events)
            for match in matches:
                yield Sight(site, events, match.quantity, match.form)
            if not matches and self.backward_calls and 1 < len(self.windows[0][site]) <= MOST_VISITS:
                yield from self._in_any_order(site, events[0], quantities)

    def _in_any_order(self, site: int, event: int, quantities: Quantities) -> Iterator[Sight]:
        """What one visit in the first update shows, if some visit in each other update shows it as well."""
        others = [window.get(site, []) for window in self.windows[1:]]
        for match, events in quantities.shown_in_any_order(event, others):
            yield Sight(site, (event, *events), match.quantity, match.form)

    @cached_property
    def backward_calls(self) -> list[int]:
        """The calls `loss.backward()` of an engine that differentiates by itself.

        Such an engine goes through its graph in an order that may be another one in each update.
        """
        sites = self.timeline.observation.sites
        return [number for number, one in enumerate(sites) if one.kind == "call" and BACKWARD.search(one.source)]

    def ancestors(self, site: int) -> Iterator[int]:
        """The expressions around a place, the smallest first."""
        while (site := self.site(site).parent) >= 0:
            yield site

    def sign_of(self, store: int) -> int:
        """1 for ``+=``, -1 for ``-=``, 0 for any other assignment."""
        here = self.site(store)
        written = self.timeline.observation.program.lines[here.end_line - 1][here.end_column :].lstrip()
        return {"+=": 1, "-=": -1}.get(written[:2], 0)

    def assigned(self, store: int) -> int | None:
        """The outermost expression whose value an assignment stored: the last one before it in the same statement."""
        observation = self.timeline.observation
        target = self.site(int(observation.site[store]))
        for event in range(store - 1, max(store - 40, -1), -1):
            site = self.site(int(observation.site[event]))
            if site.statement != target.statement or site.kind == "store" or site.parent >= 0:
                continue
            if not _is_inside(site, target):
                return int(observation.site[event])
        return None


def rows(weights: NDArray[Any], biases: NDArray[Any], *, last: bool) -> NDArray[Any]:
    """Weights and biases in one array, the biases last or first."""
    return np.concatenate([weights, biases] if last else [biases, weights])


def _is_inside(site: Site, target: Site) -> bool:
    """Whether an expression stands in what is assigned to: an index."""
    first, last = (target.line, target.column), (target.end_line, target.end_column)
    return first <= (site.line, site.column) and (site.end_line, site.end_column) <= last
