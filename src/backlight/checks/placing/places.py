"""On which lines is a mistake made? Where the program first shows what a mistaken engine computes and a true one does not.

The mistaken engine says in the order of the backward pass which quantity goes wrong first; the program's own events say
where that number was made. A quantity that the program never has by itself is looked for one step further on.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.judging.judge import parameters_of, set_parameters
from backlight.checks.placing.scene import Scene, Sight
from backlight.checks.placing.shown import Form
from backlight.engines.mistakes import MISTAKES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.checks.judging.causes import Cause, Suspects

    Array = NDArray[np.floating[Any]]

COMPUTED = {"operation", "call", "return"}
DEEPEST = 8
"""So many variables, arguments and returns may lie between where a number is made and where it is used."""
MOST_UPDATES = 3
"""So many judged updates are looked at: what agrees by chance in one of them does not agree in all."""
PARAMETER = re.compile(r"(?:dL_d|step_|new_)([Wb]\d+)(?:@\d+)?")
"""Quantities that belong to an array of parameters."""
NEARBY = 12
"""So many events may lie between the updates of two parameters."""
OF_THE_ARGUMENT = {
    "activation-applied-twice-in-derivative",
    "derivative-form-of-pre-activation",
    "derivative-of-gradient",
    "derivative-of-wrong-unit",
    "derivative-of-wrong-layer",
}
"""Where a derivative is right in itself, but taken of the wrong thing: the place is where it is called."""
OF_THE_SLOPE = {"wrong-activation-derivative", "missing-relu-mask", "inverted-relu-mask"}
"""Where it is the derivative that is wrong, though its numbers may be zeros and ones that stand everywhere."""
OF_THE_USE = {"swapped-gradients"}
"""Where a right number is put to the wrong use."""
OF_WHAT_IS_NOT_THERE = {"missing-update", "missing-bias-gradient", "detached-path"}
"""Where a line is missing."""


@dataclass(frozen=True)
class Search:
    """A program, a mistake that gives its numbers, and what the mistake changes."""

    scene: Scene
    suspects: Suspects
    cause: Cause

    def readings(self) -> Iterator[list[Sight]]:
        """Every way to see which expressions are wrong, the likeliest first: a proof may choose."""
        slug = self.cause.slugs[0]
        if slug in OF_WHAT_IS_NOT_THERE:
            yield self._not_there()
        elif self.factor is not None:
            yield self._scaled(self.factor)
        told: set[tuple[int, ...]] = set()
        for places in self._made(slug):
            sites = tuple(sorted(one.site for one in places))
            if sites not in told:
                told.add(sites)
                yield places

    def usual_factor(self, sight: Sight) -> float:
        """The factor that a right program would carry at a place."""
        if self.factor is None or (
            sight.form.factor in self._usual and not sight.quantity.startswith(("dL_d", "step_"))
        ):
            return sight.form.factor
        return sight.form.factor / self.factor

    def computes(self, site: int) -> bool:
        """Whether a place in the source makes a number, and does not only hand it on."""
        return self.scene.kind(site) in COMPUTED or bool(self.scene.timeline.computes[site])

    # ---- what the mistake changes ----------------------------------------------------------------------

    @cached_property
    def true(self) -> list[dict[str, Array]]:
        """The true quantities of each update, with slopes, steps, and the gradients of single samples."""
        rate = self.suspects.judged.learning_rate
        found = []
        for number, one in enumerate(self.scene.true):
            steps = {f"step_{name}": rate * one[f"dL_d{name}"] for name in self.scene.network.shapes}
            before = self.scene.network.arrays(self.suspects.judged.steps[number].round.parameters)
            news = {f"new_{name}": array - steps[f"step_{name}"] for name, array in before.items()}
            found.append(
                one | steps | news | self._single(number, ()) | {"samples": np.array(float(self.scene.samples))}
            )
        return self._with_slopes(found)

    @cached_property
    def mistaken(self) -> list[dict[str, Array]]:
        """The same of the mistaken engine."""
        network, judged = self.scene.network, self.suspects.judged
        asked = [one for one in self.cause.asked if not one.startswith("constant-factor:factor=")]
        engine = self.suspects.engine(asked)
        found = []
        with np.errstate(all="ignore"):
            for number in range(self.scene.number):
                step, rows = judged.steps[number], judged.rows[number]
                set_parameters(engine, network, step.round.parameters)
                engine.forward_and_backward(np.array(rows))
                made = {name: _of_samples(name, view, len(rows)) for name, view in engine.views.items()}
                engine.update()
                change = network.arrays(step.round.parameters - parameters_of(engine, network))
                made |= {f"step_{name}": array for name, array in change.items()}
                made |= {f"new_{name}": array for name, array in network.arrays(parameters_of(engine, network)).items()}
                found.append(made | self._single(number, asked))
        return self._with_slopes(found)

    def _single(self, number: int, asked: Sequence[str]) -> dict[str, Array]:
        """The gradients of each sample by itself, where the program goes through them one by one."""
        judged, network = self.suspects.judged, self.scene.network
        rows, step = judged.rows[number], judged.steps[number]
        remembers = any(MISTAKES[one.partition(":")[0]].remembers for one in asked)
        if len(rows) == 1 or remembers or all(len(one) > 1 for one in step.round.passes):
            return {}
        engine = self.suspects.engine(asked)
        found: dict[str, Array] = {}
        with np.errstate(all="ignore"):
            for row in rows:
                set_parameters(engine, network, step.round.parameters)
                engine.forward_and_backward(np.array([row]))
                for name in network.shapes:
                    found[f"dL_d{name}@{row}"] = engine.views[f"dL_d{name}"] / len(rows)
        return found

    def _with_slopes(self, updates: list[dict[str, Array]]) -> list[dict[str, Array]]:
        """With da/dz, where it can be told from what comes back through it."""
        with np.errstate(all="ignore"):
            return [
                one | {f"da{l}_dz{l}": one[f"dL_dz{l}"] / one[f"dL_da{l}"] for l in range(1, self.scene.layers + 1)}
                for one in updates
            ]

    @cached_property
    def order(self) -> list[str]:
        """The quantities in the order of a pass: forward, then back from the last layer, then the steps."""
        names = [name for l in range(1, self.scene.layers + 1) for name in (f"z{l}", f"a{l}")]
        for l in range(self.scene.layers, 0, -1):
            names += [f"dL_da{l}", f"da{l}_dz{l}", f"dL_dz{l}"]
            names += [f"dL_d{kind}{l}@{row}" for row in self.suspects.judged.rows[0] for kind in "Wb"]
            names += [f"dL_dW{l}", f"dL_db{l}"]
        names += [
            f"{what}_{kind}{l}" for l in range(self.scene.layers, 0, -1) for kind in "Wb" for what in ("step", "new")
        ]
        return [name for name in names if all(name in one for one in (*self.true, *self.mistaken))]

    @cached_property
    def wrong(self) -> list[str]:
        """What goes wrong, in that order."""
        return [
            name
            for name in self.order
            if self._may_be_wrong(name)
            and any(not _alike(one[name], other[name]) for one, other in zip(self.true, self.mistaken, strict=True))
        ]

    def _may_be_wrong(self, name: str) -> bool:
        """A mistake that is made in some parameters only leaves the gradients of the others right."""
        array = PARAMETER.fullmatch(name)
        return array is None or self._arrays_wrong[array[1]]

    # ---- a wrong number is made ------------------------------------------------------------------------

    @cached_property
    def wrong_sights(self) -> dict[str, list[Sight]]:
        """Where the program shows each wrong quantity and not the true one, in its order."""
        found: dict[str, list[Sight]] = {}
        factors = self.scene.factors
        if self._turns_a_sign:
            factors = tuple(one for one in factors if one > 0)
        true = self.scene.quantities([{name: one[name] for name in self.wrong} for one in self.true], factors)
        wrong = self.scene.quantities([{name: one[name] for name in self.wrong} for one in self.mistaken], factors)
        for sight in self.scene.sights(wrong):
            if not self._fits_the_parameter(sight.quantity, sight.form):
                continue
            right = {
                (match.quantity, match.form.entry)
                for match in true.shown(sight.events)
                if self._fits_the_parameter(match.quantity, match.form)
            }
            if (sight.quantity, sight.form.entry) not in right and self._differs(sight):
                found.setdefault(sight.quantity, []).append(sight)
        return found

    @cached_property
    def _turns_a_sign(self) -> bool:
        """Whether some number is wrong by nothing but its sign."""
        with np.errstate(all="ignore"):
            return any(
                bool(np.any((np.abs(one[name] + other[name]) <= 1e-9 * np.abs(one[name])) & (one[name] != 0)))
                for name in self.wrong[:1]
                for one, other in zip(self.true, self.mistaken, strict=True)
            )

    def _entry_is_wrong(self, sight: Sight) -> bool:
        """Whether a gradient that is shown is one of the wrong ones."""
        array = PARAMETER.fullmatch(sight.quantity)
        if array is None:
            return True
        wrong = self._entries_wrong[array[1]]
        return bool(wrong.any() if sight.form.entry is None else wrong[sight.form.entry].any())

    def _fits_the_parameter(self, quantity: str, form: Form) -> bool:
        """Whether a gradient lies as the matrix that it is for; anything else may lie as it likes."""
        array = PARAMETER.fullmatch(quantity)
        if array is None or form.entry is not None or array[1][0] == "b":
            return True
        shape = self.scene.network.shapes[array[1]]
        return shape[0] != shape[1] or form.turned == self.scene.turned[array[1]]

    def _differs(self, sight: Sight) -> bool:
        """Whether the entry shown is one that is wrong."""
        pairs = [
            (one[sight.quantity], other[sight.quantity]) for one, other in zip(self.true, self.mistaken, strict=True)
        ]
        if sight.form.entry is not None:
            entry = sight.form.entry
            pairs = [(one[entry], other[entry]) for one, other in pairs if len(one) > entry[0]]
        return any(not _alike(one, other) for one, other in pairs)

    def _made(  # noqa: C901  one for each way to go wrong
        self, slug: str
    ) -> Iterator[list[Sight]]:
        """Where the first wrong quantity is made that the program has by itself; then the next ones."""
        for telling in (True, False):
            for number, name in enumerate(self.wrong):
                if telling != self._is_telling(name):
                    continue
                seen = [sight for sight in self.wrong_sights.get(name, []) if self._leads_on(sight)]
                if not seen:
                    continue
                first = self._first_of_each(seen)
                if slug in OF_THE_ARGUMENT and re.match(r"da\d", name):
                    if slug != "derivative-form-of-pre-activation" or self._is_right_too(first[0]):
                        yield _once([self._called(sight) for sight in first])
                elif slug in OF_THE_SLOPE and name.startswith("dL_dz") and (slopes := self._slopes_in(seen, name[5:])):
                    yield _once(slopes)
                elif self._is_right_elsewhere(name):
                    if slug == "overwritten-accumulator":
                        yield _once(list(self._overwriting(seen)))
                    used = list(self._as_used(seen, self.wrong[number + 1 :], follow=slug not in OF_THE_USE))
                    if used:
                        yield _once(used)
                yield _once(first)

    def _is_telling(self, name: str) -> bool:
        """Whether a quantity's numbers are none that stand in every program."""
        numbers = np.unique(np.concatenate([one[name].ravel() for one in self.mistaken]))
        return bool(np.isfinite(numbers).all()) and not np.isin(np.abs(numbers), (0.0, 0.5, 1.0, 2.0)).all()

    def _leads_on(self, sight: Sight) -> bool:
        """Whether a number goes on: it is kept, or part of something else that is wrong. A look at the loss is not."""
        around = list(self.scene.ancestors(sight.site))
        return (
            not around
            or any(one in self._wrong_sites for one in around)
            or all(self.scene.kind(one) == "call" for one in around)
        )

    @cached_property
    def _wrong_sites(self) -> set[int]:
        """Every expression that shows something wrong, new parameters among it."""
        sites = {sight.site for sight in self._new_parameters}
        return sites | {sight.site for some in self.wrong_sights.values() for sight in some}

    @cached_property
    def _new_parameters(self) -> list[Sight]:
        """Where the program shows its parameters as each update leaves them."""
        steps = self.suspects.judged.steps[: self.scene.number]
        after = [self.scene.network.arrays(step.after) for step in steps]
        named = [{f"new_{name}": array for name, array in one.items()} for one in after]
        return list(self.scene.sights(self.scene.quantities(named, (1.0,))))

    def _is_right_elsewhere(self, name: str) -> bool:
        """Whether the wrong numbers are right ones of another quantity: W^T d without f' is dL/da."""
        return any(
            other != name
            and any(
                all(_same(one[other], wrong[name], factor) for one, wrong in zip(self.true, self.mistaken, strict=True))
                for factor in self.scene.factors
            )
            for other in self.order
        )

    def _as_used(self, seen: list[Sight], later: list[str], *, follow: bool) -> Iterator[Sight]:
        """Where numbers go on as the wrong quantity: traced back from what is made of them."""
        by_site = {sight.site: sight for sight in seen}
        array = PARAMETER.fullmatch(seen[0].quantity)
        found = False
        for name in later:
            if array is not None and not name.endswith(f"_{array[1]}"):
                continue
            for consumer in self.wrong_sights.get(name, []):
                if self.scene.kind(consumer.site) not in {"operation", "call"}:
                    continue
                for part in self._outermost(consumer.site, by_site):
                    found = True
                    yield self._origin(by_site[part], by_site) if follow else by_site[part]
            if found:
                return

    def _overwriting(self, seen: list[Sight]) -> Iterator[Sight]:
        """Where the gradient of each sample takes the place of the sum: what is done once for each, nearest the update."""
        often = len(self.suspects.judged.steps[0].round.passes)
        for sight in reversed(seen):
            if often > 1 and len(self.scene.windows[0][sight.site]) in {often, often - 1}:
                yield sight
                return

    def _outermost(self, site: int, among: Container[int]) -> Iterator[int]:
        """The largest parts of an expression that are among some."""
        for part in self.scene.timeline.children[site]:
            if part in among:
                yield part
            else:
                yield from self._outermost(part, among)

    def _origin(self, sight: Sight, by_site: dict[int, Sight]) -> Sight:
        """The expression that made a number: back through arguments and returns to where it was assigned."""
        observation = self.scene.timeline.observation
        for _ in range(DEEPEST):
            made = self._made_for(sight.events[0])
            if made is None or int(observation.site[made]) not in by_site:
                return sight
            assigned = self.scene.kind(sight.site) not in {"argument", "call", "return"} and not self._is_given(sight)
            sight = by_site[int(observation.site[made])]
            if assigned and self.scene.kind(sight.site) != "call":
                return sight
        return sight

    def _is_given(self, sight: Sight) -> bool:
        """Whether a variable is an argument of the function that reads it."""
        place = int(self.scene.timeline.observation.place[sight.events[0]])
        writes = self._writes(place, sight.events[0]) if place >= 0 else []
        return bool(writes) and self.scene.kind(int(self.scene.timeline.observation.site[writes[-1]])) == "argument"

    def _writes(self, place: int, before: int) -> list[int]:
        """The events that gave a variable a value."""
        timeline = self.scene.timeline
        return [
            int(one)
            for one in timeline.of_place[place]
            if one < before and self.scene.kind(int(timeline.observation.site[one])) in {"store", "argument"}
        ]

    def _made_for(  # noqa: PLR0911  one for each way to be made
        self, event: int
    ) -> int | None:
        """The event that gave a variable its value, or a call its result; None where it is made here."""
        observation = self.scene.timeline.observation
        site = self.scene.site(int(observation.site[event]))
        value = observation.value[event]
        if site.kind == "call":
            for earlier in range(event - 1, max(event - 4, -1), -1):
                one = self.scene.site(int(observation.site[earlier]))
                if one.kind == "return" and observation.value[earlier] == value and one.scope != site.scope:
                    return earlier
            return None
        if site.kind in {"operation", "constant"}:
            return None
        if site.kind == "return":
            return self._same_before(event, value, site.scope)
        if site.kind == "argument":
            return self._same_before(event, value, None)
        place = int(observation.place[event])
        if place < 0:
            return None
        writes = self._writes(place, event)
        if not writes or observation.value[writes[-1]] != value:
            return None
        if self.scene.kind(int(observation.site[writes[-1]])) == "argument":
            return writes[-1]
        return self._same_before(writes[-1], value, site.scope)

    def _same_before(self, event: int, value: int, scope: str | None) -> int | None:
        """The outermost expression with a value shortly before an event, in a function or in any."""
        observation = self.scene.timeline.observation
        for earlier in range(event - 1, max(event - 12, -1), -1):
            site = self.scene.site(int(observation.site[earlier]))
            if observation.value[earlier] == value and (scope is None or site.scope == scope) and site.kind != "store":
                return earlier
        return None

    def _called(self, sight: Sight) -> Sight:
        """Where the function was called that made a number, if it was one of the program's own."""
        observation = self.scene.timeline.observation
        scope = self.scene.site(sight.site).scope
        if not scope:
            return sight
        events = []
        for event in sight.events:
            value = int(observation.value[event])
            for later in range(event + 1, min(event + 12, len(observation.site))):
                site = self.scene.site(int(observation.site[later]))
                if site.kind == "call" and int(observation.value[later]) == value and site.scope != scope:
                    events.append(later)
                    break
        sites = {int(observation.site[event]) for event in events}
        if len(events) == len(sight.events) and len(sites) == 1:
            return sight._replace(site=sites.pop(), events=tuple(events))
        return sight

    def _is_right_too(self, sight: Sight) -> bool:
        """Whether the same expression gives a true slope at another time: then it is right, but not what it is given."""
        slopes = self.scene.quantities([{n: one[n] for n in one if re.match(r"da\d", n)} for one in self.true], (1.0,))
        return any(
            site == sight.site and events != sight.events and slopes.shown(events) for site, events in self.scene.visits
        )

    def _slopes_in(self, seen: list[Sight], layer: str) -> list[Sight]:
        """The wrong slopes in some expressions; where a function of the program gives them, in the function."""
        slopes = {one.site: one for one in self.wrong_sights.get(f"da{layer}_dz{layer}", [])}
        found = []
        for sight in seen:
            for part in self.scene.timeline.parts(sight.site):
                if part in slopes:
                    one = slopes[part]
                    found.append(self._body(one, slopes) if self.computes(part) else self._origin(one, slopes))
                    break
        return found

    def _body(self, sight: Sight, others: dict[int, Sight]) -> Sight:
        """The expression in a function of the program that its call gave back."""
        observation = self.scene.timeline.observation
        for event in range(sight.events[0] - 1, max(sight.events[0] - 6, 0), -1):
            site = int(observation.site[event])
            if self.scene.kind(site) == "return" and observation.value[event] == observation.value[sight.events[0]]:
                return others.get(site, sight)
        return sight

    def _first_of_each(self, seen: list[Sight]) -> list[Sight]:
        """The expressions that make the numbers, and do not read them from another one; for each entry all of them.

        Where a whole array is made, its entries are not told again.
        """
        computed = [one for one in seen if self.computes(one.site)]
        seen = [one for one in computed if one.form.entry is None] or computed or seen
        sites = {one.site for one in seen}
        found = [
            one
            for one in seen
            if self.computes(one.site) and not sites.intersection(self.scene.timeline.parts(one.site))
        ]
        found = [one for one in found if self.scene.kind(one.site) != "return"] or found
        return found or seen[:1]

    # ---- a number is right but for a factor ------------------------------------------------------------

    @cached_property
    def factor(self) -> float | None:
        """By which all wrong gradients are too large, if by one factor."""
        own = self.suspects.own_factor
        return float(own.asked[0].rpartition("=")[2]) if own is not None else None

    def _scaled(self, factor: float) -> list[Sight]:
        """Where a factor comes in: the furthest up the pass where the numbers have it already."""
        usual = self._usual
        off = tuple(dict.fromkeys(factor * one for one in usual))
        both = self.scene.quantities(self.true, tuple(dict.fromkeys((*usual, *off))))
        seen: dict[str, list[Sight]] = {}
        for sight in self.scene.sights(both):
            seen.setdefault(sight.quantity, []).append(sight)
        arrays = [name for name, wrong in self._arrays_wrong.items() if wrong]
        last = max(int(name[1:]) for name in arrays)
        up = [f"dL_dz{last}", f"dL_da{last}"]
        chains = [[f"step_{name}", f"dL_d{name}", *self._samples_of(name), *up] for name in arrays]
        if factor < 0 and set(self._arrays_of(last)) <= set(arrays):
            chain = chains[0]
            sights = [
                one for name in reversed(chain) for one in seen.get(name, []) if name in up and self.computes(one.site)
            ]
            starts = [one for one in sights if self._goes_on(one)]
            steps = [one for name in chains for one in self._furthest(seen, name[:1], factor)]
            if starts and len({one.site for one in steps}) > len(self._first_of_each(starts)):
                return _once(self._first_of_each([one for one in starts if one.quantity == starts[0].quantity]))
        if set(self._arrays_of(last)) <= set(arrays):
            furthest = self._furthest(seen, chains[0], factor)
            if furthest and furthest[0].quantity in up:
                return _once(furthest)
        found = [sight for chain in chains for sight in self._furthest(seen, chain[: -len(up)], factor)]
        return self._definition(found, factor) or _once(found)

    def _definition(self, places: list[Sight], factor: float) -> list[Sight]:
        """Where a variable got its value that all these expressions divide by, if it should be the number of samples."""
        timeline = self.scene.timeline
        names = [self._steady_names(place) for place in places]
        shared = set.intersection(*map(set, names)) if len(names) > 1 else set()
        for name in sorted(shared):
            event = names[0][name]
            value = timeline.value(event).item()
            if not any(_near(value * one, float(self.scene.samples)) for one in (factor, 1 / factor)):
                continue
            writes = self._writes(int(timeline.observation.place[event]), event)
            made = self.scene.assigned(writes[-1]) if writes else None
            if made is not None:
                events = tuple(timeline.before(made, one) or 0 for one in places[0].events)
                return [Sight(made, events, "samples", Form(1.0, turned=False, entry=None))]
        return []

    def _steady_names(self, place: Sight) -> dict[str, int]:
        """The variables in an expression that never change, each with its last event."""
        timeline = self.scene.timeline
        found = {}
        for part in timeline.parts(place.site):
            event = timeline.before(part, place.events[0])
            named = self.scene.kind(part) == "name" and not timeline.moves[part]
            if named and event is not None and timeline.value(event).size == 1:
                found[self.scene.site(part).source] = event
        return found

    @cached_property
    def _usual(self) -> tuple[float, ...]:
        """The factors that right programs carry along; where the sign is wrong, those with the right one."""
        if self.factor is not None and self.factor < 0:
            return tuple(one for one in self.scene.factors if one > 0)
        return self.scene.factors

    @cached_property
    def _arrays_wrong(self) -> dict[str, bool]:
        return {name: bool(array.any()) for name, array in self._entries_wrong.items()}

    @cached_property
    def _entries_wrong(self) -> dict[str, NDArray[np.bool_]]:
        wrong = np.asarray(self.suspects.judged.wrong.any(axis=0), float)
        return {name: array > 0 for name, array in self.scene.network.arrays(wrong).items()}

    def _arrays_of(self, layer: int) -> list[str]:
        return [name for name in self.scene.network.shapes if int(name[1:]) == layer]

    def _samples_of(self, name: str) -> list[str]:
        return [f"dL_d{name}@{row}" for row in self.suspects.judged.rows[0] if f"dL_d{name}@{row}" in self.true[0]]

    def _furthest(self, seen: dict[str, list[Sight]], chain: list[str], factor: float) -> list[Sight]:
        """Follow a chain from the step upwards as long as the numbers have the factor."""
        best: list[Sight] = []
        doubtful: list[Sight] = []
        usual = self._usual
        for name in chain:
            sights = [one for one in seen.get(name, []) if self.computes(one.site) and self._entry_is_wrong(one)]
            sights = [one for one in sights if (self._updates(one) if name.startswith("step_") else self._goes_on(one))]
            has = [one for one in sights if one.form.factor not in usual]
            if name.startswith("step_"):
                has = [one for one in sights if _near(abs(one.form.factor), abs(factor))] or has
            without = [one for one in sights if one.form.factor in usual and not _near(one.form.factor / factor, usual)]
            scaling = [one for one in sights if name.startswith(("dL_da", "dL_dz")) and self._scales(one, seen, factor)]
            if has or scaling:
                best = self._first_of_each(has or scaling)
            elif without:
                break
            elif sights and not doubtful and not self._adds_up(sights[0]):
                doubtful = self._first_of_each(sights)
        return best if best and not best[0].quantity.startswith("step_") else doubtful or best

    def _scales(self, sight: Sight, seen: dict[str, list[Sight]], factor: float) -> bool:
        """Whether an expression multiplies a delta so that it has just the wrong factor, and no usual one beside it."""
        parts = set(self.scene.timeline.parts(sight.site))
        return _near(sight.form.factor, factor) and any(
            one.site in parts and one.form.entry == sight.form.entry and one.form.factor != sight.form.factor
            for one in seen[sight.quantity]
        )

    def _updates(self, sight: Sight) -> bool:
        """Whether an expression stands in a statement that gives its parameter a new value."""
        array = PARAMETER.fullmatch(sight.quantity)
        return array is not None and (array[1], self.scene.site(sight.site).statement) in self._statements

    @cached_property
    def _statements(self) -> set[tuple[str, int]]:
        """The statements that give each array of parameters new values."""
        return {
            (sight.quantity[4:], self.scene.site(sight.site).statement)
            for sight in self._new_parameters
            if self.scene.kind(sight.site) in {"store", "operation"}
        }

    def _goes_on(self, sight: Sight) -> bool:
        """Whether a number is kept or is part of a kept number that is a gradient, not of the loss."""
        chain = [sight.site, *self.scene.ancestors(sight.site)]
        if PARAMETER.fullmatch(sight.quantity) and len(chain) > 1:
            return self._updates(sight) or self.scene.kind(chain[-1]) == "call"
        return len(chain) == 1 or self.scene.kind(chain[-1]) == "call" or chain[-1] in self._gradient_sites

    @cached_property
    def _gradient_sites(self) -> set[int]:
        factor = self.factor or 1.0
        usual = self.scene.factors
        off = tuple(dict.fromkeys((*usual, *(factor * one for one in usual))))
        sites = {sight.site for sight in self.scene.sights(self.scene.quantities(self.true, off))}
        return sites | self._wrong_sites

    def _adds_up(self, sight: Sight) -> bool:
        """Whether an expression is evaluated several times in an update: a sum over samples that grows."""
        return len(self.scene.windows[0][sight.site]) > 1

    # ---- a line is missing -----------------------------------------------------------------------------

    def _not_there(self) -> list[Sight]:
        """The zeros that stand for a gradient, or the line that updates the parameter's neighbours."""
        arrays = [name for name, wrong in self._arrays_wrong.items() if wrong]
        shown = [one for one in self._new_parameters if self.scene.kind(one.site) in {"store", "operation"}]
        mine = [one for one in shown if one.quantity[4:] in arrays and self._entry_is_wrong(one)]
        sites = {one.site for one in self._new_parameters}
        updates = [
            one
            for one in mine
            if self.scene.kind(one.site) == "operation" and sites.intersection(self.scene.timeline.parts(one.site))
        ]
        if updates:
            zeros = [sight for name in arrays for sight in self._zeros(name)]
            return _once(zeros or updates)
        moving = [one.events[0] for one in shown if not self._entry_is_wrong(one)]
        stores = [one for one in mine if self.scene.kind(one.site) == "store"]
        near = [one for one in stores if any(abs(one.events[0] - other) < NEARBY for other in moving)]
        if near:
            return _once(sorted(near, key=lambda one: min(abs(one.events[0] - other) for other in moving))[:1])
        others = [one for one in shown if not self._entry_is_wrong(one)]
        position = {name: number for number, name in enumerate(self.scene.network.shapes)}

        def distance(sight: Sight) -> tuple[int, float]:
            name, entry = sight.quantity[4:], sight.form.entry
            index = np.ravel_multi_index(entry, self.scene.network.shapes[name]) if entry else 0
            return min(
                (abs(position[name] - position[other]), abs(float(at) - float(index)))
                for other in arrays
                for at in np.flatnonzero(self._entries_wrong[other])
            )

        return _once(sorted(others, key=distance)[:1])

    def _zeros(self, name: str) -> Iterator[Sight]:
        """Calls that make zeros of the shape of a gradient after the forward pass."""
        size = int(np.prod(self.scene.network.shapes[name]))
        timeline = self.scene.timeline
        for site, events in self.scene.visits:
            value = timeline.value(events[0])
            if self.scene.kind(site) == "call" and value.size == size and value.ndim and not value.any():
                yield Sight(site, events, f"dL_d{name}", Form(1.0, turned=False, entry=None))


def _of_samples(name: str, view: Array, samples: int) -> Array:
    """A copy of a quantity, without the rows behind the samples."""
    per_sample = name[0] in "zap" or name.startswith(("dL_dz", "dL_da"))
    return view[:samples].copy() if per_sample else view.copy()


def _alike(one: Array, other: Array) -> bool:
    with np.errstate(all="ignore"):
        size = max(float(np.max(np.abs(one), initial=0.0)), float(np.max(np.abs(other), initial=0.0)))
        return bool(np.all(np.abs(one - other) <= 1e-7 * size))


def _same(one: Array, other: Array, factor: float) -> bool:
    return one.size == other.size and _alike(one.ravel(), factor * other.ravel())


def _near(one: float, others: float | tuple[float, ...]) -> bool:
    some = others if isinstance(others, tuple) else (others,)
    return any(abs(one - other) <= 1e-6 * abs(other) for other in some)


def _once(some: list[Sight]) -> list[Sight]:
    """Each place in the source once."""
    found: dict[int, Sight] = {}
    for sight in some:
        found.setdefault(sight.site, sight)
    return list(found.values())
