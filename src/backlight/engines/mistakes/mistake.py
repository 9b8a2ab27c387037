"""What a named mistake is: one step of the hand engine's iteration, done wrong in one way.

An entry of the catalogue is a function that stands in for a step, beside the data that tells of it; the
function's name is the slug. Everything it does not touch stays right. The entries are in files named after
their groups; how one is asked for is in `asked`, how it gets into an engine in `planted`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from backlight.engines.mistakes.parameters import EXCEPT, LAYERS, ONE, UNIT, Parameter

if TYPE_CHECKING:
    from backlight.recipes.recipe import Recipe

STEPS_OF_A_LAYER = ("output_delta", "hidden_delta", "through_activation", "weight_gradient", "bias_gradient")
"""Their stand-ins take the engine and the layer l, and write what the step writes."""
STEPS_OF_ALL_PARAMETERS = ("backward", "update")
"""Their stand-ins take the engine and `chosen`, a mask over theta: the parameters the mistake is about."""
STEPS = ("forward", "loss", *STEPS_OF_A_LAYER, *STEPS_OF_ALL_PARAMETERS)
"""The methods of `hand.Iteration` that a mistake may replace; those of forward and loss take the engine alone."""


@dataclass(frozen=True, kw_only=True)
class Need:
    """What layer l of a network must be like for a mistake to make sense there, and why."""

    met: Callable[[Recipe, int], bool]
    because: str


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """One mistake: the step it replaces, and what is done instead.

    Attributes
    ----------
    slug : str
        Its name everywhere.
    step : str
        One of ``STEPS``.
    instead : str
        What stands where the right thing belongs, in one sentence; English, translated when it is shown.
    wrong : callable
        The stand-in: takes the engine, then ``l`` or ``chosen`` as its step does, then its own parameters.
    layers : {"every", "hidden", "output"}
        Where it can be made.
    usually : {"all", "last"}
        Whether it is made in all of those layers unless one is asked for, or in the last of them.
    parameter : str
        Which parameter it is about unless one is asked for; empty for all of them.
    need : Need, optional
        What a layer must be like.
    own : mapping of str to Parameter
        What it takes beside ``layer``, ``unit``, ``parameter`` and ``except``.
    """

    slug: str
    step: str
    instead: str
    wrong: Callable[..., None]
    layers: Literal["every", "hidden", "output"] = "every"
    usually: Literal["all", "last"] = "all"
    parameter: str = ""
    need: Need | None = None
    own: Mapping[str, Parameter] = field(default_factory=dict)

    @property
    def parameters(self) -> dict[str, Parameter]:
        """Everything that may be written behind its slug, with meanings and defaults."""
        if self.step in STEPS_OF_A_LAYER:
            return {"layer": LAYERS[self.layers, self.usually], "unit": UNIT, **self.own}
        if self.step in STEPS_OF_ALL_PARAMETERS:
            which = Parameter(meaning=ONE.meaning, default=self.parameter or ONE.default, offers=ONE.offers)
            return {"layer": LAYERS["every", "all"], "unit": UNIT, "parameter": which, "except": EXCEPT, **self.own}
        return dict(self.own)

    def possible(self, recipe: Recipe) -> range:
        """Layers of a network in which its step exists, numbered as in W1."""
        last = len(recipe.layers) - 1
        first = last if self.layers == "output" or self.step == "output_delta" else 1
        return range(first, last if self.layers == "hidden" or self.step == "hidden_delta" else last + 1)

    def usual(self, recipe: Recipe) -> range:
        """Those of them in which it is made unless one is asked for."""
        return self.possible(recipe) if self.usually == "all" else self.possible(recipe)[-1:]


def mistake(
    *,
    step: str,
    instead: str,
    layers: Literal["every", "hidden", "output"] = "every",
    usually: Literal["all", "last"] = "all",
    parameter: str = "",
    need: Need | None = None,
    own: Mapping[str, Parameter] | None = None,
) -> Callable[[Callable[..., None]], Mistake]:
    """Make a catalogue entry of the function below; see `Mistake` for the fields.

    Examples
    --------
    >>> @mistake(step="bias_gradient", instead="the bias is left out")
    ... def missing_bias_gradient(net, l):
    ...     net.dL_db[l][:] = 0
    >>> missing_bias_gradient.slug
    'missing-bias-gradient'
    """

    def entry(wrong: Callable[..., None]) -> Mistake:
        return Mistake(
            slug=wrong.__name__.replace("_", "-"),
            step=step,
            instead=instead,
            wrong=wrong,
            layers=layers,
            usually=usually,
            parameter=parameter,
            need=need,
            own=own or {},
        )

    return entry
