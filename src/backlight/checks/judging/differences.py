"""What has a program otherwise than the recipe, in the way it trains: facts, which make nothing wrong.

Where a program was stopped before its end, nobody knows how long it would have trained.
"""

from __future__ import annotations

from statistics import mode
from typing import TYPE_CHECKING

import numpy as np

from backlight.checks.diagnosis import Difference
from backlight.checks.recognising.passes import MOST_ROUNDS
from backlight.checks.recognising.single import earlier
from backlight.derivations.scalars import updates_plainly
from backlight.language import _

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from backlight.checks.judging.judge import Judged
    from backlight.checks.judging.losses import Stated
    from backlight.checks.recognising.network import Network
    from backlight.checks.recognising.passes import Training
    from backlight.checks.recognising.timeline import Timeline
    from backlight.recipes.recipe import Recipe

FACTORS = {"constant-factor", "batch-sum-for-mean", "batch-mean-twice", "wrong-batch-size", "missing-forward-constant"}
SMALL_PART = 1e-2
"""Of steps that differ by less no learning sees anything."""
MOST_TURNS, MOST_EVENTS, MOST_BYTES = 300, 90_000, 8_000_000
"""A program of which less was seen was seen as a whole; see `observing/child/pace`."""


def differences(
    asked: Recipe, timeline: Timeline, network: Network, training: Training, held: Judged
) -> Iterator[Difference]:
    """Tell the learning rate, the samples of an update, the iterations and the precision where they differ."""
    yield from _learning_rate(asked, held)
    if held.rule is None and held.expected is None and not updates_plainly(asked):
        text = _("it updates by plain gradient descent, the recipe asks for {recipe}")
        own = asked.training
        wanted = own.optimizer if own.optimizer != "sgd" else _("sgd with momentum or weight decay")
        yield Difference(kind="optimizer", text=text.format(recipe=wanted), yours="sgd", recipe=wanted)
    yield from _rule(held)
    yield from _optimizer(asked, network)
    yield from _samples_of_an_update(asked, network.samples, held)
    if np.isfinite(held.implied).all():
        yield from _iterations(asked, timeline, training)
    if timeline.precision != asked.numerics.precision:
        yield Difference(
            kind="precision",
            text=_("it computes in {yours}, the recipe asks for {recipe}").format(
                yours=timeline.precision, recipe=asked.numerics.precision
            ),
            yours=timeline.precision,
            recipe=asked.numerics.precision,
        )


def over_samples(asked: Recipe, own: Stated | None) -> Iterator[Difference]:
    """Tell whether the loss that a program computes is the mean over the samples where the recipe has the sum."""
    if own is None or own.loss != asked.loss.name or own.over_samples == asked.loss.over_samples:
        return
    text = {
        "mean": _("its loss is the mean over the samples, the recipe's is the sum"),
        "sum": _("its loss is the sum over the samples, the recipe's is the mean"),
    }[own.over_samples]
    yield Difference(kind="over_samples", text=text, yours=own.over_samples, recipe=asked.loss.over_samples)


def _learning_rate(asked: Recipe, held: Judged) -> Iterator[Difference]:
    rate = float(asked.training.learning_rate)
    own = held.learning_rate if held.rule is None else held.learning_rate / held.rule.share
    if held.own_rate is not None:
        text = _(
            "its learning rate is {yours}, the recipe asks for {recipe}; its gradients are {factor} times those of the "
            "recipe's loss, so that its steps are the recipe's"
        )
        factor = f"{rate / held.own_rate:.6g}"
        said = text.format(yours=f"{held.own_rate:g}", recipe=f"{rate:g}", factor=factor)
        yield Difference(kind="learning_rate", text=said, yours=held.own_rate, recipe=rate)
    elif held.rates is not None:
        numbers = list(dict.fromkeys(held.rates.ravel().tolist()))
        if held.rates.ndim > 1:
            text = _("its learning rates are {yours}, not one for all parameters; the recipe asks for {recipe}")
            said = text.format(yours=", ".join(f"{one:g}" for one in numbers), recipe=f"{rate:g}")
            yield Difference(kind="learning_rate", text=said, yours=numbers, recipe=rate)
            return
        text = _("its learning rate changes from {first} to {last}, the recipe asks for {recipe} all the time")
        said = text.format(first=f"{numbers[0]:g}", last=f"{numbers[-1]:g}", recipe=f"{rate:g}")
        yield Difference(kind="learning_rate", text=said, yours=numbers, recipe=rate)
    elif abs(own - rate) > 1e-9 * rate:
        text = _("its learning rate is {yours}, the recipe asks for {recipe}")
        said = text.format(yours=f"{own:g}", recipe=f"{rate:g}")
        yield Difference(kind="learning_rate", text=said, yours=own, recipe=rate)


def _rule(held: Judged) -> Iterator[Difference]:
    """Momentum and weight decay, where the recipe has none."""
    if held.rule is None:
        return
    if held.rule.momentum:
        text = _("it updates with momentum {yours}, the recipe with none; its gradients are judged without it")
        if held.rule.nesterov:
            text = _(
                "it updates with Nesterov's momentum {yours}, the recipe with none; its gradients are judged without it"
            )
        yours = held.rule.momentum
        yield Difference(kind="momentum", text=text.format(yours=f"{yours:g}"), yours=yours, recipe=0.0)
    if held.rule.decay:
        text = _("it adds weight decay {yours}, the recipe none; its gradients are judged without it")
        yours = max(held.rule.decay)
        yield Difference(kind="weight_decay", text=text.format(yours=f"{yours:g}"), yours=yours, recipe=0.0)


def _optimizer(asked: Recipe, network: Network) -> Iterator[Difference]:
    own, wanted = network.recipe.training, asked.training
    if not updates_plainly(network.recipe) and (own.optimizer, own.options) != (wanted.optimizer, wanted.options):
        text = _("its optimizer is {yours}, the recipe asks for {recipe}; it is judged with its own")
        yours, recipe = own.optimizer, wanted.optimizer
        if yours == recipe:
            yours, recipe = (f"{yours} ({_options(one.options)})" for one in (own, wanted))
        yield Difference(kind="optimizer", text=text.format(yours=yours, recipe=recipe), yours=yours, recipe=recipe)


def divided_out(held: Judged, slugs: Iterable[str]) -> Iterator[Difference]:
    """Tell that an optimizer which divides by the size of gradients makes nearly the same steps of any factor in them."""
    if held.expected is None or not FACTORS.intersection(slugs):
        return
    moves = np.stack([step.change for step in held.steps])
    part = float(np.max(np.abs(moves - held.expected)) / np.max(np.abs(held.expected)))
    if part < SMALL_PART:
        text = _(
            "its optimizer divides by the size of the gradients: with this factor its steps are the right ones but for "
            "{part} of the largest"
        )
        yield Difference(kind="factor", text=text.format(part=f"{part:.1g}"), yours=part)


def _options(options: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in options.items())


def _samples_of_an_update(asked: Recipe, samples: int, held: Judged) -> Iterator[Difference]:
    """The batch size, by most of the updates that were judged: the last batch may be short, an update may be zero."""
    wanted = min(asked.training.batch_size or samples, samples)
    own = mode(len(rows) for rows in held.rows)
    if own == wanted:
        return
    if own == 1:
        text = _("it updates after each sample, the recipe after every {recipe} samples")
    elif wanted == 1:
        text = _("it updates after every {yours} samples, the recipe after each one")
    else:
        text = _("it updates after every {yours} samples, the recipe after every {recipe}")
    yield Difference(kind="batch_size", text=text.format(yours=own, recipe=wanted), yours=own, recipe=wanted)


def _iterations(asked: Recipe, timeline: Timeline, training: Training) -> Iterator[Difference]:
    """How often the parameters change; whether they change once more behind the last pass is left open."""
    own, wanted = _rounds(timeline, training), asked.training.iterations
    if timeline.observation.ended.kind != "finished" or own is None or wanted in {own - 1, own}:
        return
    text = _("its number of iterations is {yours}, the recipe asks for {recipe}")
    yield Difference(kind="iterations", text=text.format(yours=own, recipe=wanted), yours=own, recipe=wanted)


def _rounds(timeline: Timeline, training: Training) -> int | None:
    """How many rounds there are, where all of them were seen: what lasts longer is not followed to its end."""
    evaluated = max(len(timeline.of_site[training.site]), len(training.rounds))  # updates may have one pass for all
    kept = sum(value.nbytes for value in timeline.values)
    if evaluated >= MOST_TURNS or len(timeline) >= MOST_EVENTS or kept >= MOST_BYTES:
        return None
    if len(training.rounds) < MOST_ROUNDS:
        before = earlier(timeline, training)
        return None if before is None else len(before) + len(training.rounds)
    passes = {len(one.passes) for one in training.rounds}
    each = passes.pop()
    return evaluated // each if not passes and evaluated % each == 0 else None
