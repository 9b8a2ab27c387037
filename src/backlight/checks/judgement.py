"""From a recognised program to its diagnosis: is each gradient right, what kind of wrong is it, which mistake?"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.diagnosis import Difference, Explanation, Loss
from backlight.checks.figures import cosine, losses_of, parameters
from backlight.checks.growing import with_grown_biases
from backlight.checks.in_turn import Mended, mended_in_turn
from backlight.checks.judging.differences import differences, divided_out, over_samples
from backlight.checks.judging.held import suspects_of
from backlight.checks.judging.losses import Descent, descent, stated
from backlight.checks.judging.truth import TOLERANCE, truth
from backlight.checks.mending import mended_anywhere, mended_forward
from backlight.checks.observing.facts import ending
from backlight.checks.observing.observation import Program
from backlight.checks.placing.anywhere.search import anywhere, anywhere_unmoved
from backlight.checks.placing.back.demands import Demands
from backlight.checks.placing.doubt import Doubt
from backlight.checks.placing.first import unnamed
from backlight.checks.placing.lines import of_places, seen
from backlight.checks.placing.lost import lost_updates
from backlight.checks.placing.named import named
from backlight.checks.placing.places import MOST_UPDATES, Search
from backlight.checks.placing.scene import Scene
from backlight.checks.placing.telling import Telling
from backlight.checks.placing.trials import Trials
from backlight.checks.placing.witness import of_units
from backlight.checks.probing.assurance import Found, assured, decided, right_from
from backlight.checks.probing.probe import Again, Prober
from backlight.checks.probing.words import shown_elsewhere
from backlight.checks.reading import Read, read_again
from backlight.checks.recognising.reasons import not_followed
from backlight.checks.recognising.single import is_a_look
from backlight.language import _

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from backlight.checks.diagnosis import Diagnosis, Kind, Spot
    from backlight.checks.in_turn import Left
    from backlight.checks.judging.causes import Cause, Suspects
    from backlight.checks.judging.judge import Judged
    from backlight.checks.judging.truth import Truth
    from backlight.checks.observing.observation import Observation
    from backlight.checks.placing.anywhere.search import Repair
    from backlight.checks.recognising.network import Network
    from backlight.checks.recognising.passes import Training
    from backlight.checks.recognising.recognise import Recognised
    from backlight.checks.recognising.timeline import Timeline
    from backlight.recipes.recipe import Recipe

    Array = NDArray[np.floating[Any]]

EVENTS_OF_AN_UPDATE = 3
"""So many times the events up to its first pass a program has up to its first update."""
MOST_EXPLAINED = 3
"""In so many ways to read a program a mistake is looked for."""
KIND_OF = {"updated-weights-in-back-step": "update_order", "stale-forward": "update_order"}
"""Where a mistake says by itself which kind of answer it is."""


def met(observation: Observation) -> tuple[Difference, ...]:
    """What was met while a program ran, and how it ended where that was not by itself."""
    facts = [Difference(kind=fact.kind, text=fact.text) for fact in observation.facts]
    ended = ending(observation.ended)
    return (*facts, Difference(kind="ended", text=ended)) if ended else tuple(facts)


def without_training(answer: Diagnosis, known: Read, left: Left) -> Diagnosis:
    """The diagnosis of a program whose passes could not be recognised."""
    found = known.found
    spot = found.first_wrong
    explained = Explanation(
        mistake=found.mistake.partition(":")[0] or "forward-mistake",
        line=spot.line if spot else None,
        places=(spot,) if spot else (),
    )
    mended = Mended(explained, None)
    if found.kind == "forward" and spot is not None:
        by_places = mended_forward(answer.program, explained, known, left)
        mended = by_places or mended_anywhere(explained, known, left) or mended
    return replace(
        answer,
        verdict="wrong" if found.kind == "forward" else "cannot_tell",
        kind=found.kind or "cannot_tell",
        reason=found.reason,
        first_wrong=spot,
        explanations=(mended.explanation,) if found.kind == "forward" else (),
        seen=of_places(explained.places),
        fixed=mended.fixed,
    )


def judgement(answer: Diagnosis, known: Read, left: Left) -> Diagnosis:
    """The diagnosis of a program whose passes were recognised."""
    asked, again = left.asked, left.again
    found, timeline, network = known.found, known.timeline, known.found.network
    if not known.readings:
        return never_moves(answer, asked, known, again)
    apart = None if known.is_right else with_grown_biases(answer, known, rightly_when_run(asked, again))
    if apart is not None:
        return apart
    training, held, causes = likeliest(network, known.readings, timeline.precision)
    suspects = suspects_of(network, held, timeline.precision)
    prober = Prober(timeline, network, training, again)
    if not held.wrong.any():
        right = not_wrong(answer, asked, found, suspects, prober)
        return right if found.kind != "other_activation" or not by_engine(timeline) else mended_pass(right, known, left)
    if reason := no_training(training, timeline, held, causes):
        return replace(answer, reason=reason)
    answer = with_numbers(answer, asked, timeline, network, training, held)
    if found.kind == "other_activation":
        mended = mended_pass(answer, known, left)
        if mended.explanations:
            return replace(mended, verdict="wrong", kind="forward")
    causes, facts = decided(prober, suspects, causes, asked)
    slugs = [slug for cause in causes[:1] for slug in cause.slugs]
    answer = replace(answer, facts=(*answer.facts, *facts, *divided_out(held, slugs)))
    return wrong(answer, suspects, training, timeline, causes, again, rightly_when_run(asked, again), left)


def no_training(training: Training, timeline: Timeline, held: Judged, causes: list[Cause]) -> str:
    """Why wrong updates are none that could be judged; empty where they are."""
    if training.is_left(timeline) and np.isfinite(held.implied).all():
        return not_followed()
    if not causes and moves_by_turns(held):
        return _("its parameters move a few at a time: that is no training that could be judged")
    return ""


def by_engine(timeline: Timeline) -> bool:
    """Whether a program leaves the way back to an engine, or to layers that each know their own."""
    return bool(re.search(r"\bbackward\(", timeline.observation.program.text))


def mended_pass(answer: Diagnosis, known: Read, left: Left) -> Diagnosis:
    """The diagnosis of a program with another activation, with the one place in its forward pass that mends it all."""
    mended = mended_anywhere(Explanation(mistake="forward-mistake"), known, left)
    if mended is None:
        return answer
    one = mended.explanation
    return replace(answer, explanations=(one,), first_wrong=one.places[0], fixed=mended.fixed)


def moves_by_turns(held: Judged) -> bool:
    """Whether each update moves a few parameters only, and not always the same ones."""
    moves = held.implied != 0
    return bool((2 * moves.sum(axis=1) < moves.shape[1]).all()) and not bool((moves == moves[0]).all())


def with_numbers(  # noqa: PLR0917  the same
    answer: Diagnosis, asked: Recipe, timeline: Timeline, network: Network, training: Training, held: Judged
) -> Diagnosis:
    """The diagnosis with the numbers that were judged."""
    own = stated(timeline, network, training.rounds)
    reduction = over_samples(asked, own) if held.wrong.any() else ()
    return replace(
        answer,
        facts=(*answer.facts, *reduction, *differences(asked, timeline, network, training, held)),
        loss=Loss(stated=None if own is None else own.loss),
        parameters=parameters(network, training, timeline, held),
        iterations=tuple(training.rounds.index(step.round) for step in held.steps),
        losses=losses_of(network, training),
        cosine=cosine(held),
    )


def not_wrong(answer: Diagnosis, asked: Recipe, found: Recognised, suspects: Suspects, prober: Prober) -> Diagnosis:
    """The diagnosis of a program whose gradients are right at its own numbers."""
    network, timeline, held = found.network, prober.timeline, suspects.judged
    numbers = with_numbers(answer, asked, timeline, network, prober.training, held)
    numbers = replace(numbers, seen=seen(scene_of(suspects, prober.training, timeline)))
    factor = 1.0 if held.own_rate is None else held.learning_rate / held.own_rate
    right = replace(numbers, loss=replace(numbers.loss, exact_gradient_of=network.recipe.loss.name, factor=factor))
    if found.kind is not None:
        return replace(right, verdict="wrong", kind=found.kind, reason=found.reason, first_wrong=found.first_wrong)
    sure = assured(prober, suspects, asked)
    if sure.found is not None:
        return wrong_elsewhere(answer, asked, found, sure.found, prober.again)
    if sure.reason:
        return replace(numbers, reason=sure.reason)
    return replace(right, verdict="right", kind="right", facts=(*right.facts, *sure.facts))


def wrong_elsewhere(answer: Diagnosis, asked: Recipe, found: Recognised, there: Found, again: Again) -> Diagnosis:
    """The diagnosis of a program that is wrong, which its own initial values do not show."""
    network, probe = found.network, there.probe
    held, timeline, training = there.suspects.judged, probe.timeline, probe.training
    answer = with_numbers(answer, asked, timeline, network, training, held)
    answer = replace(answer, facts=(*answer.facts, shown_elsewhere(network, training.rounds[0].parameters)))

    def repaired_is_right(program: Program) -> bool:
        known = rightly(asked, program, again)
        return known is not None and right_from(Prober(*known, again), there.begin, asked)

    return wrong(answer, there.suspects, training, timeline, list(there.causes), again, repaired_is_right)


def wrong(  # noqa: PLR0917  everything that is known
    answer: Diagnosis,
    suspects: Suspects,
    training: Training,
    timeline: Timeline,
    causes: list[Cause],
    again: Again,
    is_right: Callable[[Program], bool],
    left: Left | None = None,
) -> Diagnosis:
    """The diagnosis of a program whose gradients are wrong."""
    network, held = suspects.network, suspects.judged
    scene = scene_of(suspects, training, timeline)
    down = descent(network, held, timeline.precision)
    kind = kind_of(network, held, down, causes)
    told = told_of(answer.program, suspects, scene, causes, again, is_right, left)
    if kind == "other_loss" and not told["explanations"]:
        told["explanations"] = (of_another_loss(told["first_wrong"], proof=told["fixed"] is not None),)
    return replace(
        answer,
        verdict="wrong",
        kind=kind,
        loss=replace(answer.loss, exact_gradient_of=down.loss, factor=down.factor) if down else answer.loss,
        **told,
    )


def of_another_loss(place: Spot | None, *, proof: bool) -> Explanation:
    """What explains gradients that are exactly those of a loss that is not the recipe's."""
    places = () if place is None else (place,)
    line = None if place is None else place.line
    return Explanation(mistake="gradient-of-another-loss", line=line, places=places, proof=proof)


def scene_of(suspects: Suspects, training: Training, timeline: Timeline) -> Scene:
    """The first judged updates of a program, with batches of one size where one of them is wrong.

    A smaller batch in between, the last of an epoch, has fewer quantities to be found again.
    """
    judged, updates = suspects.judged, range(suspects.number)
    first = len(judged.rows[0])
    alike = [one for one in updates if len(judged.rows[one]) == first][:MOST_UPDATES]
    chosen = alike if judged.wrong[alike].any() else updates[:MOST_UPDATES]
    return Scene(timeline, suspects.network, judged, training.readers, tuple(chosen))


def never_moves(answer: Diagnosis, asked: Recipe, known: Read, again: Again) -> Diagnosis:
    """The diagnosis of a program whose parameters stay as they are."""
    training = known.found.training
    if training is None or len(training.rounds[0].passes) <= 1:
        return replace(answer, reason=_("it makes no update that could be judged"))
    if is_a_look(known.timeline, training):
        return replace(answer, reason=not_followed())
    network, first = known.found.network, training.rounds[0]
    parameters, rate = first.parameters, float(asked.training.learning_rate)
    rows = first.passes[0] if asked.training.batch_size else range(network.samples)
    true = truth(network, parameters, rows, precision=known.timeline.precision)
    if not would_move(parameters, true, rate, known.timeline.precision):
        return replace(answer, reason=_("its parameters never change, and its gradients are too small to change them"))
    answer = replace(answer, verdict="wrong", kind="never_learns", reason=_("its parameters never change"))
    after, is_right = parameters - rate * true.gradient, rightly_when_run(asked, again)
    explained, fixed = lost_updates(known.timeline, network, parameters, after, is_right) or (None, None)
    if fixed is None:
        until = EVENTS_OF_AN_UPDATE * (first.first + 1) * (len(rows) if len(first.passes[0]) == 1 else 1)
        repair = anywhere_unmoved(known.timeline, parameters, after, until, lambda one: again(one, {}), is_right)
        if repair is not None:
            missing = Explanation(mistake="missing-update", equals=("detached-path",))
            explained, fixed = missing.proved_at(repair.places), repair.fixed
    if explained is None:
        return answer
    places = explained.places
    return replace(answer, explanations=(explained,), first_wrong=places[0], seen=of_places(places), fixed=fixed)


def would_move(parameters: Array, true: Truth, learning_rate: float, precision: str) -> bool:
    """Whether a right program would have changed some parameter, in spite of its roundings: a saturated one would not."""
    sure = np.abs(true.gradient) - TOLERANCE * true.radius
    spacing = np.spacing(np.abs(parameters).astype(precision)).astype(float)
    return bool(np.any(learning_rate * sure > spacing))


def likeliest(
    network: Network, readings: list[tuple[Training, list[Judged]]], precision: str
) -> tuple[Training, Judged, list[Cause]]:
    """The way to read a program in which it is right; else the first one in which a mistake explains the numbers."""
    for training, ways in reversed(readings):
        if not ways[0].wrong.any():
            return training, ways[0], []
    for training, ways in readings[:MOST_EXPLAINED]:
        held, causes = explained(network, ways, precision)
        if causes:
            return training, held, causes
    training, ways = readings[0]
    return training, ways[0], []


def explained(network: Network, ways: list[Judged], precision: str) -> tuple[Judged, list[Cause]]:
    """The way to read the steps for which a mistake explains them, and the mistakes."""
    suspects = [suspects_of(network, held, precision) for held in ways]
    for held, one in zip(ways, suspects, strict=True):
        causes = one.causes()
        if causes:
            return held, causes
    return ways[0], []


def kind_of(network: Network, held: Judged, down: Descent | None, causes: list[Cause]) -> Kind:
    """In which way a program is wrong."""
    if not held.implied.any():
        return "never_learns"
    if down is not None:
        return "constant_factor" if down.loss == network.recipe.loss.name else "other_loss"
    slugs = [slug for cause in causes[:1] for slug in cause.slugs]
    kinds = [KIND_OF[slug] for slug in slugs if slug in KIND_OF]
    return kinds[0] if kinds else "wrong_parameter"  # type: ignore[return-value]


def told_of(  # noqa: PLR0917  the same
    program: Program,
    suspects: Suspects,
    scene: Scene,
    causes: list[Cause],
    again: Again,
    is_right: Callable[[Program], bool],
    left: Left | None,
) -> dict[str, Any]:
    """What explains the numbers, the most specific first; what gives the same numbers is told with it."""

    def run(trial: Program) -> Observation:
        return again(trial, {})

    found = partial(anywhere, suspects, scene, run, is_right)
    if not causes:
        repair = found()
        return unnamed(scene, repair if repair is None or left is None else with_a_name(repair, scene, left))
    first, *others = Telling(scene, suspects).first(causes)
    slug, *also = first.slugs
    equals = () if also else tuple(dict.fromkeys(name for other in others for name in other.slugs if name != slug))
    search = Search(scene, suspects, first, Demands(scene))
    best, fixed = Trials(program, search, run, is_right).proof()
    one = Explanation(
        mistake=slug,
        also=tuple(also),
        equals=equals,
        line=best[0].line if best else None,
        places=best,
        residual=first.residual,
        proof=fixed is not None,
    )
    if also and fixed is None and left is not None:
        one, fixed = mended_in_turn(program, search, causes, left) or (one, None)
    is_open = fixed is None or bool(also) or Doubt(search).of(best)
    repair = found() if is_open else None
    if repair is not None and (fixed is None or len(repair.places) <= len(one.places) - bool(also)):
        one, fixed = one.proved_at(repair.places).called(repair.mistake), repair.fixed
    return {
        "explanations": (one,),
        "first_wrong": one.places[0] if one.places else None,
        "fixed": fixed,
        "seen": seen(scene, search.changed, one.places),
        "units": of_units(scene, one.places),
    }


def with_a_name(repair: Repair, scene: Scene, left: Left) -> Repair:
    """A repair with the mistake that it mends, where what it computes tells."""
    if repair.mistake or len(repair.places) > 1:
        return repair
    known = read_again(Program(scene.timeline.observation.program.path, repair.fixed), left.asked, left.again)
    if not known.is_proof:
        return repair
    training, ways = known.readings[-1]
    suspects = suspects_of(known.found.network, ways[0], known.timeline.precision)
    return repair._replace(mistake=named(scene, scene_of(suspects, training, known.timeline), repair.places[0]))


def rightly_when_run(asked: Recipe, again: Again) -> Callable[[Program], bool]:
    """Whether a program is right, once it is run."""
    return lambda program: rightly(asked, program, again) is not None


def rightly(asked: Recipe, program: Program, again: Again) -> tuple[Timeline, Network, Training] | None:
    """How a program is to be read so that every gradient is right: the proof of a repair; None if there is no such way."""
    one = read_again(program, asked, again)
    if not one.is_proof:
        return None
    return one.timeline, one.found.network, one.readings[-1][0]
