"""What was run: title, network, loss, optimizer and engine, each as it was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backlight.language import _
from backlight.language.widths import plain, wrap
from backlight.recipes.functions import LOSSES
from backlight.views.text.tables import facts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlight.recipes.recipe import Recipe
    from backlight.traces.trace import Trace


def heading_lines(trace: Trace) -> Iterator[str]:
    """The title, and under it one line for each choice."""
    if trace.recipe.title:
        yield from wrap(title(trace.recipe))
        yield ""
    yield from facts(choices(trace))


def title(recipe: Recipe) -> str:
    """The title as it may be shown; that of a ready recipe is translated."""
    return plain(_(recipe.title)) if recipe.title else ""


def choices(trace: Trace) -> list[tuple[str, str]]:
    """What was chosen, by name."""
    recipe = trace.recipe
    return [
        (_("network"), network_line(recipe)),
        (_("loss"), loss_line(recipe, len(trace["y"]))),
        ("", LOSSES[recipe.loss.name].formula),
        (_("optimizer"), optimizer_line(recipe)),
        (_("engine"), engine_line(trace)),
    ]


def network_line(recipe: Recipe) -> str:
    """Layers, activations and biases: 2-2-2, sigmoid, no biases."""
    each = [_with_options(choice.name, choice.options) for choice in recipe.activations]
    names = each[:1] if len(set(each)) == 1 else each
    if not recipe.network.biases:
        biases = _("no biases")
    else:
        biases = _("biases") if recipe.parameters.train_biases else _("biases that are not trained")
    return ", ".join(["-".join(map(str, recipe.layers)), *names, biases])


def loss_line(recipe: Recipe, samples: int) -> str:
    """The loss with its formula, and how the samples of a batch are reduced if there are several."""
    loss = LOSSES[recipe.loss.name]
    line = _with_options(loss.name, recipe.loss.options)
    if samples > 1:
        line += ", " + (_("mean over the samples") if recipe.loss.over_samples == "mean" else _("sum over the samples"))
    return line


def optimizer_line(recipe: Recipe) -> str:
    """The optimizer, what was asked of it, and how often it is applied."""
    training = recipe.training
    written = {name: value for name, value in training.options.items() if getattr(training, name) is not None}
    parts = [
        training.optimizer,
        _("learning rate {rate}").format(rate=training.learning_rate),
        *(f"{name} {_option(value)}" for name, value in written.items()),
        _("iterations {iterations}").format(iterations=training.iterations),
    ]
    if training.batch_size is not None:
        parts.append(_("batch size {size}").format(size=training.batch_size))
    if training.shuffle_seed is not None:
        parts.append(_("shuffled with seed {seed}").format(seed=training.shuffle_seed))
    return ", ".join(parts)


def engine_line(trace: Trace) -> str:
    """Who computed it, in what precision, and with which mistake if it was asked for."""
    parts = [trace.engine, trace.recipe.numerics.precision]
    if trace.mistake:
        parts.append(_("with the mistake {mistake}").format(mistake=plain(trace.mistake)))
    return ", ".join(parts)


def _with_options(name: str, options: dict[str, object]) -> str:
    """A name, and its options in parentheses if it has any."""
    inside = ", ".join(f"{option} {_option(value)}" for option, value in options.items())
    return f"{name} ({inside})" if inside else name


def _option(value: object) -> str:
    """An option as it is written in a recipe."""
    return str(value).lower() if isinstance(value, bool) else plain(str(value))
