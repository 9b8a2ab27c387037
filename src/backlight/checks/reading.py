"""A program read and held against the truth, in every way it can be read until it is right in one of them.

Nobody is accused while there is a way to read a program in which it is right.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from backlight.checks.judging.held import Known, readings_of, suspects_of
from backlight.checks.judging.optimizers import (
    divides_by_a_root,
    is_divided_by_a_root,
    with_optimizer,
    with_other_optimizers,
)
from backlight.checks.probing.apart import is_ambiguous, read_apart
from backlight.checks.recognising.factors import Factors
from backlight.checks.recognising.reasons import unknown_rule
from backlight.checks.recognising.recognise import inside_its_loss, recognised
from backlight.checks.recognising.timeline import Timeline
from backlight.derivations import updates_plainly

if TYPE_CHECKING:
    from backlight.checks.judging.held import Readings
    from backlight.checks.observing.observation import Program
    from backlight.checks.probing.probe import Again
    from backlight.checks.recognising.network import Network
    from backlight.checks.recognising.recognise import Recognised
    from backlight.recipes.recipe import Recipe


@dataclass(frozen=True)
class Read:
    """What a program turned out to be, and its updates."""

    timeline: Timeline
    found: Recognised
    readings: Readings
    shared: Known

    @property
    def is_right(self) -> bool:
        """Whether there is a way to read it in which every gradient is right."""
        return bool(self.readings) and not self.readings[-1][1][0].wrong.any()

    @property
    def is_proof(self) -> bool:
        """Whether it computes the network of the recipe, and every gradient is right: so a repair is proved.

        Not where it breaks off after one update.
        """
        breaks_off = self.timeline.observation.ended.kind == "exception"
        return self.found.kind is None and self.is_right and not (breaks_off and self._updates == 1)

    @property
    def _updates(self) -> int:
        return len(self.readings[-1][1][0].steps)


def read(timeline: Timeline, recipe: Recipe, again: Again) -> Read:
    """Read a program; if it is not right, as one that never computes its outputs, or whose initial values differ."""
    found = recognised(timeline, recipe)
    first = _held(timeline, found, recipe)
    if found.kind == "forward":
        inside = inside_its_loss(timeline, recipe)
        if inside is not None and inside.training is not None:
            without = _held(timeline, inside, recipe)
            return without if without.is_right else first
    if first.is_right:
        return first
    under = _under_its_optimizer(first, recipe)
    if under.is_right or not is_ambiguous(timeline, found, recipe):
        return under
    apart = read_apart(timeline, found, recipe, again)
    if apart is None:
        return under
    timeline, found = apart
    other = _held(timeline, found, recipe)
    return _under_its_optimizer(other, recipe) if other.readings else under


def read_again(program: Program, recipe: Recipe, again: Again) -> Read:
    """Run a program, as one in which something is mended, and read it."""
    return read(Timeline(again(program, {})), recipe, again)


def _held(timeline: Timeline, found: Recognised, recipe: Recipe, known: Known | None = None) -> Read:
    """What was recognised, held against the truth."""
    known = Known(Factors(timeline)) if known is None else known
    return Read(timeline, found, readings_of(timeline, found.network, found.training, recipe, known), known)


def _under_its_optimizer(known: Read, recipe: Recipe) -> Read:
    """The same under the optimizer that the program has, where it is not the recipe's; as it was if that is no other.

    Where its gradients are wrong, it is the one of each kind that comes nearest under which a mistake explains them. Where it has one that is not known, its gradients cannot be told from its updates.
    """
    found, timeline = known.found, known.timeline
    if known.is_right or not known.readings or found.training is None:
        return known
    plain = None if updates_plainly(found.network.recipe) else _plainly(known, recipe)
    if plain is not None:
        return plain
    ways = [_read_with(known, one, recipe) for one in with_other_optimizers(timeline, found.network, found.training)]
    ways = [one for one in ways if one.readings]
    best = min(ways, key=_wrong_in, default=known)
    before = next(held for held in known.readings[0][1] if held.rule is None)
    if best.is_right:
        return best
    by_a_root = is_divided_by_a_root(timeline, found.network, before.steps)
    if not by_a_root or (known.readings[0][1][0].rule is not None and _has_causes(known)):
        return known
    kinds: dict[str, Read] = {}
    for one in sorted(ways, key=_wrong_in):
        kinds.setdefault(one.found.network.recipe.training.optimizer, one)
    for one in kinds.values():
        held = one.readings[-1][1][0]
        if held.wrong.mean() <= before.wrong.mean() and _has_causes(one):
            return one
    return Read(timeline, replace(found, training=None, kind="cannot_tell", reason=unknown_rule()), [], known.shared)


def _plainly(known: Read, recipe: Recipe) -> Read | None:
    """The same by plain gradient descent, where that is what a program does under a recipe with another optimizer.

    Without a root it cannot be one that divides by it; of a velocity, and where roots are beside the updates, the
    mistake decides, if only one of the two ways to read it has one.
    """
    found, timeline = known.found, known.timeline
    plain = _read_with(known, with_optimizer(found.network, "sgd", {}), recipe)
    if plain.is_right:
        return plain
    if divides_by_a_root(timeline):
        if is_divided_by_a_root(timeline, found.network, known.readings[0][1][0].steps):
            return None
        return plain if _has_causes(plain) and not _has_causes(known) else None
    has_another = bool(plain.readings) and found.network.recipe.training.optimizer != "sgd"
    return plain if has_another or (_has_causes(plain) and not _has_causes(known)) else known


def _has_causes(known: Read) -> bool:
    if not known.readings:
        return False
    held = known.readings[-1][1][0]
    return bool(suspects_of(known.found.network, held, known.timeline.precision).causes())


def _wrong_in(known: Read) -> int:
    return int(known.readings[-1][1][0].wrong.sum())


def _read_with(known: Read, network: Network, recipe: Recipe) -> Read:
    """The same passes of a network with another optimizer; its true gradients are the same."""
    return _held(known.timeline, replace(known.found, network=network), recipe, known.shared)
