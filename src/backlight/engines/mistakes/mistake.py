"""What a named mistake is: one step of the hand engine's iteration, done wrong in one way.

An entry of the catalogue is a function that stands in for a step, beside the data that tells of it; the
function's name is the slug. Everything it does not touch stays right. The entries are in files named after
their groups; how one is asked for is in `asked`, how it gets into an engine in `planted`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING, Any, Literal

from backlight.language import marked
from backlight.recipes.labels import Place, parameter_labels

if TYPE_CHECKING:
    from backlight.recipes.recipe import Recipe

STEPS_OF_A_LAYER = ("output_delta", "hidden_delta", "through_activation", "weight_gradient", "bias_gradient")
"""Their stand-ins take the engine and the layer l, and write what the step writes."""
STEPS_OF_ALL_PARAMETERS = ("backward", "update")
"""Their stand-ins take the engine and `chosen`, a mask over theta: the parameters the mistake is about."""
STEPS = ("forward", "loss", *STEPS_OF_A_LAYER, *STEPS_OF_ALL_PARAMETERS)
"""The methods of `hand.Iteration` that a mistake may replace; those of forward and loss take the engine alone."""


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """Something that may be written behind the slug: a word that the network offers, or a number.

    ``default`` is what happens when it is not written. ``offers`` lists the words for a network and the
    layers the mistake is made in; without it any finite number but 1 is allowed.
    """

    meaning: str
    default: str
    read: Callable[[str], Any] = str
    offers: Callable[[Recipe, Sequence[int]], Sequence[str]] | None = None

    def admits(self, text: str, words: Sequence[str] | None) -> bool:
        """Tell whether a text is one of the words, or a number that changes what it multiplies."""
        if words is not None:
            return text in words
        try:
            return isfinite(float(text)) and float(text) != 1
        except ValueError:
            return False


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


# ---- what may be asked of many mistakes ------------------------------------------------------------


def units_of(recipe: Recipe, layers: Sequence[int]) -> list[str]:
    """Numbers of the units that each of these layers has, from 0."""
    return [str(unit) for unit in range(min(recipe.layers[l] for l in layers))]


def units_behind(recipe: Recipe, layers: Sequence[int]) -> list[str]:
    """Numbers of the units that each of the next layers has, from 0."""
    return units_of(recipe, [l + 1 for l in layers])


def named_parameters(recipe: Recipe) -> dict[str, Place]:
    """Names of parameters and their places: w1 or b_h1, an array W1 or b1, an entry W1[0,1]."""
    scalars = parameter_labels(recipe)
    arrays = {at.quantity: Place(at.quantity) for at in scalars.values()}
    entries = {f"{at.quantity}[{','.join(map(str, at.index))}]": at for at in scalars.values()}
    return scalars | arrays | entries


def _numbers_of(recipe: Recipe, layers: Sequence[int]) -> list[str]:
    """The layers themselves."""
    return [str(l) for l in layers]


def _names_of_parameters(recipe: Recipe, layers: Sequence[int]) -> list[str]:
    """Every parameter of the network."""
    return list(named_parameters(recipe))


def _layers(default: str) -> Parameter:
    """The parameter that every mistake in a layer has."""
    return Parameter(
        meaning=marked("the layer that comes out wrong, numbered as in W1"),
        default=default,
        read=int,
        offers=_numbers_of,
    )


LAYERS = {
    ("every", "all"): _layers(marked("every layer")),
    ("hidden", "all"): _layers(marked("every hidden layer")),
    ("hidden", "last"): _layers(marked("the last hidden layer")),
    ("output", "all"): _layers(marked("the last layer")),
}
UNIT = Parameter(
    meaning=marked("the unit of that layer that comes out wrong, the first is 0"),
    default=marked("every unit"),
    read=int,
    offers=units_of,
)
ONE = Parameter(
    meaning=marked("the parameter, or array of parameters, that it is about: w1, W1[0,1], W1, b_h1"),
    default=marked("every parameter"),
    offers=_names_of_parameters,
)
EXCEPT = Parameter(
    meaning=marked("a parameter, or array of parameters, that stays right"), default=marked("none"), offers=ONE.offers
)
