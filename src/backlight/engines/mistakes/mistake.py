"""What a named mistake is: one step of the hand engine's iteration, done wrong in one way.

An entry of the catalogue is a function that stands in for a step, beside the data that tells of it; the
function's name is the slug. Everything it does not touch stays right. The entries are in files named after
their groups; how one is asked for is in `asked`, how it gets into an engine in `planted`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from backlight.engines.mistakes.parameters import EXCEPT, LAYERS, ONE, UNIT, Parameter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from backlight.recipes.recipe import Recipe

STEPS_OF_A_LAYER = ("output_delta", "hidden_delta", "through_activation", "weight_gradient", "bias_gradient")
"""Their stand-ins take the engine and the layer l, and write what the step writes."""
STEPS_OF_ALL_PARAMETERS = ("backward", "update")
"""Their stand-ins take the engine and `chosen`, a mask over theta: the parameters the mistake is about."""
STEPS = ("forward", "loss", *STEPS_OF_A_LAYER, *STEPS_OF_ALL_PARAMETERS)
"""The methods of `hand.Iteration` that a mistake may replace; those of forward and loss take the engine alone."""
FUNCTIONS = "functions"
"""No method: the activation of a layer or the loss is another one, forward and backward, from the start.
The stand-in is called once for each layer l, and puts another function into the engine."""

NARROWING = ("layer", "unit", "parameter", "except")
"""What may narrow a mistake down."""
NOT_NARROWED = {"": (), "forward": (), "loss": (), FUNCTIONS: ("layer",)}
"""Steps that cannot be narrowed as far."""

Where = Literal["every", "hidden", "output"]
Usually = Literal["all", "last", "hidden", "last_hidden"]


@dataclass(frozen=True, kw_only=True)
class Need:
    """What layer l of a network must be like for a mistake to show there, and why.

    Elsewhere it is refused; or, where ``else_right``, it is made all the same, and the numbers are right.
    """

    met: Callable[[Recipe, int], bool]
    because: str
    else_right: bool = False


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """One mistake: the step it replaces, what is done instead, and what is known of it.

    Texts are English, translated when they are shown.

    Attributes
    ----------
    slug : str
        Its name everywhere.
    instead : str
        What stands where the right thing belongs, in one sentence.
    tempting : str
        Why people make it.
    shows : str
        How it shows in the numbers, or why it does not.
    seen : str
        Where somebody really published it; empty when it is derived, and proved by tests/mistakes.
    step : str
        One of ``STEPS``, or ``FUNCTIONS``; empty when it is check-only.
    wrong : callable, optional
        The stand-in: takes the engine, then ``l`` or ``chosen`` as its step does, then its own parameters.
    check_only : str
        Why no step can stand in for it, so that it is only found in programs; empty where one can.
    layers : {"every", "hidden", "output"}
        Where it can be made.
    usually : {"all", "last", "hidden", "last_hidden"}
        Whether it is made in all of those layers unless one is asked for, in the last of them, or in the
        hidden ones among them, or the last of these.
    parameter : str
        Which parameter it is about unless one is asked for; empty for all of them.
    narrowed_by : tuple of str
        Which of ``layer``, ``unit``, ``parameter`` and ``except`` it takes. A stand-in for a step of all
        parameters that takes none of them gets no ``chosen``.
    remembers : bool
        It keeps something from one iteration to the next: its stand-in takes a dictionary ``memory``.
    wraps : bool
        Its stand-in takes the step it replaces as ``before``, and makes it at another time: another mistake of the
        same step may be in it.
    need : Need, optional
        What a layer must be like.
    own : mapping of str to Parameter
        What it takes beside them.
    works_on : str
        What to write behind ``backlight run`` for a network in which it can be made.
    """

    slug: str
    instead: str
    tempting: str = ""
    shows: str = ""
    seen: str = ""
    step: str = ""
    wrong: Callable[..., None] | None = None
    check_only: str = ""
    layers: Where = "every"
    usually: Usually = "all"
    parameter: str = ""
    narrowed_by: tuple[str, ...] = NARROWING
    remembers: bool = False
    wraps: bool = False
    need: Need | None = None
    own: Mapping[str, Parameter] = field(default_factory=dict)
    works_on: str = "course"

    @property
    def parameters(self) -> dict[str, Parameter]:
        """Everything that may be written behind its slug, with meanings and defaults."""
        one = replace(ONE, default=self.parameter or ONE.default)
        general = {"layer": LAYERS[self.layers, self.usually], "unit": UNIT, "parameter": one, "except": EXCEPT}
        takes = NOT_NARROWED.get(self.step, self.narrowed_by)
        return {name: general[name] for name in takes} | dict(self.own)

    @property
    def command(self) -> str:
        """A command that makes it, or, for one that is check-only, that shows what it is about."""
        return f"backlight run {self.works_on}" + ("" if self.check_only else f" --mistake {self.slug}")

    def possible(self, recipe: Recipe) -> range:
        """Layers of a network in which its step exists, numbered as in W1."""
        last = len(recipe.layers) - 1
        first = last if self.layers == "output" or self.step == "output_delta" else 1
        return range(first, last if self.layers == "hidden" or self.step == "hidden_delta" else last + 1)

    def usual(self, recipe: Recipe) -> range:
        """Those of them in which it is made unless one is asked for."""
        possible = self.possible(recipe)
        among = possible[:-1] or possible if "hidden" in self.usually else possible
        return among[-1:] if "last" in self.usually else among

    def sensible(self, recipe: Recipe) -> list[int]:
        """Those of the possible layers in which it can show."""
        return [l for l in self.possible(recipe) if self.need is None or self.need.met(recipe, l)]

    def allowed(self, recipe: Recipe) -> list[int]:
        """Those of the possible layers in which it may be asked for."""
        return list(self.possible(recipe)) if self.need and self.need.else_right else self.sensible(recipe)


def mistake(
    *,
    step: str,
    instead: str,
    tempting: str = "",
    shows: str = "",
    seen: str = "",
    layers: Where = "every",
    usually: Usually = "all",
    parameter: str = "",
    narrowed_by: tuple[str, ...] = NARROWING,
    remembers: bool = False,
    wraps: bool = False,
    need: Need | None = None,
    own: Mapping[str, Parameter] | None = None,
    works_on: str = "course",
) -> Callable[[Callable[..., None]], Mistake]:
    """Make a catalogue entry of the function below; see `Mistake` for the fields.

    Examples
    --------
    >>> @mistake(step="bias_gradient", instead="the bias is left out")
    ... def no_bias_at_all(net, l):
    ...     net.dL_db[l][:] = 0
    >>> no_bias_at_all.slug
    'no-bias-at-all'
    """

    def entry(wrong: Callable[..., None]) -> Mistake:
        return Mistake(
            slug=wrong.__name__.replace("_", "-"),
            instead=instead,
            tempting=tempting,
            shows=shows,
            seen=seen,
            step=step,
            wrong=wrong,
            layers=layers,
            usually=usually,
            parameter=parameter,
            narrowed_by=narrowed_by,
            remembers=remembers,
            wraps=wraps,
            need=need,
            own=own or {},
            works_on=works_on,
        )

    return entry
